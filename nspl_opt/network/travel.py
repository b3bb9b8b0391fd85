"""How one gets there: journeys of patients and trips of vehicles, with their minutes and paths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Journey:
    """One way for a patient from site to site with one vehicle type, in one network state.

    ``minutes`` [min] is door to door: feeder leg, loading, line haul, unloading, feeder leg.
    A road vehicle runs from door to door: its terminals are the codes of the two sites and both
    feeders are 0. Other vehicles run between terminals (airfield or helipad, station, port);
    then a road vehicle drives the patient ``feeder_from_min`` and ``feeder_to_min`` [min, one way].
    ``line`` is the ferry line, empty for all other modes.
    """

    vehicle_type: str
    origin: str
    destination: str
    minutes: int
    from_terminal: str
    to_terminal: str
    feeder_from_min: int
    feeder_to_min: int
    line: str


@dataclass(frozen=True, slots=True)
class Leg:
    """A part of a path on the map: ``points`` are (lat, lon) from end to end."""

    mode: str
    from_place: str
    to_place: str
    minutes: int
    km: float
    points: tuple[tuple[float, float], ...]


class TravelTimes:
    """All journeys and trips of a situation. Made by ``network.graph.travel_times``."""

    def journeys(self, state: int, vehicle_type: str) -> Iterator[Journey]:
        """Every possible journey between two different sites, sorted by origin, destination."""
        raise NotImplementedError

    def journey(self, state: int, vehicle_type: str, origin: str, destination: str) -> Journey | None:
        """The journey, or None where there is none (no terminal, out of range, closed)."""
        raise NotImplementedError

    def trip_min(self, state: int, pool: str, from_terminal: str, to_terminal: str) -> int | None:
        """Minutes one vehicle of the pool is busy with one trip: from its base and back to it.

        Positioning, loading, line haul, unloading, empty return, turnaround. A pool of scope
        ``region`` stands at the end of the journey that lies in its own region, and serves no
        journey that has neither end there (None).
        """
        raise NotImplementedError

    def path(self, state: int, journey: Journey) -> tuple[Leg, ...]:
        """The legs of a journey in order, for maps and explanations."""
        raise NotImplementedError
