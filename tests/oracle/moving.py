"""The part of the oracle about transports; see ``cpsat.py``."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import Any

GRID = 80_640
MICRO = 1_000_000


class Moving:
    """Runs, trips, feeders, vehicle hours, departures."""

    c: dict[str, Any]
    m: Any
    families: dict[str, Any]

    def _transports(self) -> None:
        """Runs, the trips of each pool on them, and the hours of each pool."""
        runs = defaultdict(list)
        for e, transfer in enumerate(self.transfers):
            run = (transfer["vehicle_type"], transfer["from_terminal"], transfer["to_terminal"], transfer["line"],
                   transfer["t"])  # fmt: skip
            runs[run].append(e)
        minutes = {tuple(row[:4]): row[4] for row in self.c["trips"]}
        within, full = defaultdict(list), defaultdict(list)
        self.trips = []
        for run, members in sorted(runs.items()):
            vehicle, start, end, line, t = run
            kind = self.kinds[vehicle]
            # Patients are whole in every case, and with them the trips of vehicles for one.
            several = max(kind["capacity"].values()) > 1
            unit = 1 if several or self.families["transports"]["patients_whole_until_h"] == "all" else GRID
            carried = [(Fraction(1, kind["capacity"][self.c["categories"][self.transfers[e]["k"]]["patient_kind"]]),
                        self.x[e]) for e in members]  # fmt: skip
            makers = []
            for pool in self._may_run(run, members, minutes):
                trips = self.m.new_int_var(0, 200 * unit, f"y{run}{pool}")
                busy = minutes.get((self.periods[t]["network_state"], pool, start, end), 0)
                makers.append((Fraction(-1, unit), trips))
                self.trips.append((run, pool, busy, unit, trips))
                hours, length = Fraction(busy, 60 * unit), Fraction(self.periods[t]["length_h"], unit)
                within[pool, t].append((min(hours, length), trips))
                full[pool, t].append((hours, trips))
                if line:
                    self.le([(Fraction(1, unit), trips)], len(self.c["timetables"][line]["sailings_min"][t]))
            self.le([*carried, *makers], 0)
        for e, transfer in enumerate(self.transfers):
            kind = self.c["categories"][transfer["k"]]["patient_kind"]
            for end, leg in (("origin", "feeder_from_min"), ("destination", "feeder_to_min")):
                if transfer[leg] and self.region[transfer[end]] not in self.c["external_regions"]:
                    pool, loading = self._feeder(self.region[transfer[end]], kind)
                    term = (Fraction(2 * transfer[leg] + loading, 60), self.x[e])
                    within[pool, transfer["t"]].append(term)
                    full[pool, transfer["t"]].append(term)
        duty = Fraction(str(self.families["transports"]["duty_share"]))
        for p, pool in enumerate(self.c["pools"]):
            hours = [self.c["pool_quantity"][p][t] * period["length_h"] for t, period in enumerate(self.periods)]
            for t in range(len(self.periods)):
                self.le(within[pool["code"], t], hours[t])
            for d in range(len(self.block_hours)):
                times = [t for t, period in enumerate(self.periods) if period["block"] == d]
                self.le([term for t in times for term in full[pool["code"], t]], duty * sum(hours[t] for t in times))

    def _boards(self, journey: dict, kind: str, t: int) -> bool:
        """Whether a patient who leaves in the period is at the port in time for one of its sailings."""
        if not journey["line"]:
            return True
        begin, table = 60 * self.periods[t]["start_h"], self.c["timetables"][journey["line"]]
        if journey["feeder_from_min"] and self.region[journey["origin"]] not in self.c["external_regions"]:
            pool, loading = self._feeder(self.region[journey["origin"]], kind)
            (vehicle,) = (p["vehicle_type"] for p in self.c["pools"] if p["code"] == pool)
            begin = max(begin, loading + self.kinds[vehicle]["mobilisation_min"])
        return any(begin + journey["feeder_from_min"] <= at - table["loading_min"] for at in table["sailings_min"][t])

    def _may_run(self, run: tuple, members: list[int], minutes: dict) -> list[str]:
        vehicle, start, end, _, t = run
        scope, state = self.kinds[vehicle]["scope"], self.periods[t]["network_state"]
        if scope == "scheduled":
            return [""]
        pools = [
            p for p in self.c["pools"] if p["vehicle_type"] == vehicle and (state, p["code"], start, end) in minutes
        ]
        if scope == "region":
            ends = {self.region[self.transfers[e][side]] for e in members for side in ("origin", "destination")}
            return [p["code"] for p in pools if p["region"] in ends]
        return [code for _, code in sorted((minutes[state, p["code"], start, end], p["code"]) for p in pools)[:2]]
