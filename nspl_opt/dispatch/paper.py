"""What the checker of a dispatch reads, and whether the names in it mean anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nspl_opt.dispatch.reading import Away, Ride, Unplaced
from nspl_opt.network.journeys import Journey
from nspl_opt.network.travel import TravelTimes
from nspl_opt.plan.checks.report import Tally
from nspl_opt.plan.plan import Plan
from nspl_opt.reference.reference import Reference
from nspl_opt.scenario.situation import Situation


@dataclass(frozen=True)
class Paper:
    """What the rules read."""

    plan: Plan
    situation: Situation
    travel: TravelTimes
    reference: Reference
    hours: int
    rides: tuple[Ride, ...]
    unplaced: tuple[Unplaced, ...]
    away: tuple[Away, ...]
    trips: Mapping[str, Any]
    transfers: Mapping[str, Any]

    def named(self, what: str) -> Mapping[str, Any]:
        """Code -> one of the situation's vehicle_types, pools, categories or sites."""
        return {one.code: one for one in getattr(self.situation, what)}

    def minutes(self, period: int) -> tuple[int, int]:
        """From and up to, in minutes after the start."""
        one = self.situation.periods[period]
        return 60 * one.start_h, 60 * (one.start_h + one.length_h)

    def journey(self, row: Any) -> Journey:
        """The journey of a transfer of the plan."""
        state = self.situation.periods[int(row.period)].network_state
        return self.travel.journey(state, row.vehicle_type, row.from_site, row.to_site)


def rows_within(plan: Plan, situation: Situation, table: str, hours: int) -> dict[str, Any]:
    rows = plan.tables[table].itertuples(index=False)
    return {row.id: row for row in rows if situation.periods[int(row.period)].start_h < hours}


def check_names(paper: Paper, tally: Tally) -> None:
    """Every row that is named exists, and a run is about what its row of the plan is about."""
    runs = {ride.run: ride for ride in paper.rides}
    for ride in paper.rides:
        where = ("dispatch", "run", ride.run)
        main = runs.get(ride.serves) if ride.serves else ride
        feeds = ride.kind in ("to_terminal", "from_terminal")
        tally.equal((*where, "serves"), feeds, main is not ride)
        tally.holds((*where, "serves"), main is not None and not main.serves, "a trip or a sailing", ride.serves)
        if not feeds:
            row = paper.trips.get(ride.trip)
            tally.holds((*where, "trip"), row is not None, "a trip of the plan", ride.trip)
            if row is not None:
                stated = (ride.period, ride.vehicle_type, ride.pool, ride.line, ride.from_place, ride.to_place)
                names = ("period", "vehicle_type", "pool", "line", "from_terminal", "to_terminal")
                tally.equal(where, tuple(getattr(row, name) for name in names), stated)
        for one in ride.boarded:
            row = paper.transfers.get(one.transfer)
            tally.holds((*where, "transfer"), row is not None, "a transfer of the plan", one.transfer)
            if row is not None and main is not None:
                names = ("category", "from_site", "to_site", "period", "vehicle_type", "line")
                stated = (one.category, one.from_site, one.to_site, main.period, main.vehicle_type, main.line)
                tally.equal((*where, one.transfer), tuple(getattr(row, name) for name in names), stated)
                if not feeds:
                    ends = (row.from_terminal, row.to_terminal)
                    tally.equal((*where, one.transfer), ends, (ride.from_place, ride.to_place))
    for one in paper.unplaced:
        known = paper.trips if one.what == "trips" else paper.transfers
        tally.holds(("dispatch_unplaced", one.id), one.id in known, "a row of the plan", one.id)
