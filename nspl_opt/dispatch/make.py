"""One call from a plan to its dispatch: assembled, as tables, and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nspl_opt.dispatch.assemble import assemble_dispatch
from nspl_opt.dispatch.check import check_dispatch
from nspl_opt.dispatch.rows import most_at_once, to_tables
from nspl_opt.dispatch.tables import Tables
from nspl_opt.dispatch.wishes import Case
from nspl_opt.network.travel import TravelTimes
from nspl_opt.plan.checks.report import CheckReport
from nspl_opt.plan.plan import Plan
from nspl_opt.problems import InvalidInput, Problem
from nspl_opt.reference.reference import MICRO, Reference
from nspl_opt.scenario.situation import Situation


@dataclass(frozen=True)
class Made:
    """A dispatch as tables, what the independent checker found, and which pools are proven best."""

    tables: Tables
    report: CheckReport
    seats_proven: bool
    proven: Mapping[str, bool]
    summary: Mapping[str, Any]


def make_dispatch(plan: Plan, situation: Situation, travel: TravelTimes, reference: Reference, hours: int = 24) -> Made:
    """Assemble and check the vehicle runs of every period that starts within ``hours`` [h].

    Raises
    ------
    InvalidInput
        D101 the plan was made without the family transports, so it has no trips.
    """
    if "transports" not in plan.model.get("families", {}):
        what = "the plan was made without the family transports and has no trips"
        raise InvalidInput("dispatch", [Problem("D101", "plan.json: model", what, "make the plan with transports on")])
    case = Case(plan, situation, travel, reference, hours)
    dispatch = assemble_dispatch(case)
    tables = to_tables(case, dispatch)
    report = check_dispatch(tables, plan, situation, travel, reference, hours)
    return Made(tables, report, dispatch.seats_proven, dispatch.proven, _summary(case, tables))


def _summary(case: Case, tables: Tables) -> dict[str, Any]:
    """Figures: planned and driven, runs, and the most crews and people away at one time."""
    within = {period.index for period in case.situation.periods if period.start_h < case.hours}
    planned = {}
    for what, table, column in (("trips", "trips", "trips"), ("patients", "transfers", "patients")):
        rows = case.plan.tables[table].itertuples(index=False)
        planned[what] = sum(round(getattr(row, column) * MICRO) for row in rows if int(row.period) in within) / MICRO
    main = [row for row in tables["dispatch"] if not row["serves"]]
    return {
        "hours": case.hours,
        "runs": len({row["run"] for row in tables["dispatch"]}),
        "trips": {"planned": planned["trips"], "driven": len({row["run"] for row in main})},
        "patients": {
            "planned": planned["patients"],
            "driven": sum(int(row["patients"]) for row in main),
            "shifted": sum(int(row["patients"]) for row in tables["dispatch"] if row["late_periods"] != "0"),
        },
        "away_at_once": [
            {"region": region, "who": who, "most": float(most)}
            for (region, who), most in most_at_once(tables["dispatch_crews"]).items()
        ],
    }
