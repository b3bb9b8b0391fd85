"""Spoiled care: other beds, care paths, who may move, who is ready, extra hours, the crisis standard."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from nspl_opt.plan.plan import Plan
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.parts import BedSubstitute, CarePath, Municipal
from nspl_opt.scenario.situation import Situation

from ...formulation.small import ICU, WARD, planned, small
from .making import Spoil, added, changed, dropped, row_of, shifted

MODEL = {
    "beds": {}, "staff": {}, "bed_substitution": {"largest_share": 0.9}, "care_paths": {"share_factor": 0.5},
    "eligibility": {"who": "unmet"}, "discharge_ready": {"staff_share": 0.5},
    "endurance": {"professions": ["nurse"], "work_h": 48, "rest_h": 24},
}  # fmt: skip
DAYS = (24,) * 4


@cache
def sound() -> tuple[Plan, Situation, Any]:
    """North has eight intensive care beds, one on the ward, and few nurses on duty; south has beds to spare."""
    icu = replace(ICU, staff_micro={**ICU.staff_micro, "crisis": {"nurse": MICRO // 4}})
    case = small(
        {"norr": "n", "syd": "s"}, hours=DAYS, categories=(icu, WARD), staff={"norr": 5, "syd": 99},
        beds={("icu", "norr"): 8, ("ward", "norr"): 1, ("ward", "syd"): 2}, initial={("ward", "norr"): 8},
        arrivals={("icu", "norr"): (6, 4, 4, 0)},
    ).having(
        bed_substitutes=[BedSubstitute("icu", "ward", MICRO)], paths=[CarePath("icu", "ward", MICRO)],
        leave_micro=np.array([[MICRO // 2] * 4, [MICRO // 2] * 4]),
        municipal=Municipal(np.array([0, MICRO // 2]), np.array([[MICRO // 2] * 4, [0] * 4]), np.array([True, False])),
        crisis_open=np.array([[False, True, True, True], [False] * 4]),
    )  # fmt: skip
    made = planned(case, MODEL, ["unmet_care", "crisis_standard", "patient_hours_in_transit"]).made
    return made.plan, case.situation, case.travel


def _option(family: str, name: str, value: object) -> Spoil:
    """The model says otherwise than it was planned by."""

    def spoil(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
        families = {**plan.model["families"], family: {**plan.model["families"][family], name: value}}
        return replace(plan, model={**plan.model, "families": families})

    return spoil


def _moved_over(table: str, taken: str, given: str) -> Spoil:
    """Some of one column belong to another."""

    def spoil(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
        frame = plan.tables[table]
        row = row_of(plan, table, rng, frame[taken] > 0)
        part = round(float(frame.loc[row, taken]) * rng.choice((0.5, 1.0)), 6)
        cells = {
            taken: round(float(frame.loc[row, taken]) - part, 6),
            given: round(float(frame.loc[row, given]) + part, 6),
        }
        return changed(plan, table, row, **cells)

    return spoil


def _placed(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
    """Somebody who waits has a place that there is not, from then on."""
    frame = plan.tables["ready"].copy()
    row = row_of(plan, "ready", rng, (frame["waiting"] >= 0.5) & (frame["period"] == frame["period"].max()))
    frame.loc[row, ["placed", "waiting"]] += [0.5, -0.5]
    frame.loc[row, "housed"] = min(frame.loc[row, "housed"], frame.loc[row, "waiting"])
    return replace(plan, tables={**plan.tables, "ready": frame.round(6)})


def _no_longer_unlocked(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
    """Care by crisis standard before it is unlocked."""
    frame = plan.tables["census"]
    row = row_of(plan, "census", rng, (frame["period"] == 0) & (frame["contingency"] > 0))
    return changed(plan, "census", row, contingency=0.0, crisis=float(frame.loc[row, "contingency"]))


def _to_another_bed(plan: Plan, situation: Situation, rng: random.Random) -> Plan:
    return changed(plan, "bed_use", row_of(plan, "bed_use", rng), bed_type="ward")


KINDS_HERE: dict[str, Spoil] = {
    "patients in other beds left out": dropped("bed_use"),
    "more patients in other beds": added("bed_use", "patients", (1.0, 0.5)),
    "other beds than patients": added("bed_use", "beds", (1.0, -0.25)),
    "patients in beds that nobody listed": _to_another_bed,
    "ready for discharge left out": dropped("ready"),
    "another number has become ready": added("ready", "became", (0.5, 1.0)),
    "another number placed": added("ready", "placed", (0.5, -0.5)),
    "another number waiting": added("ready", "waiting", (1.0, 0.25)),
    "more wait in a bed than wait": added("ready", "housed", (9.0, 20.0)),
    "ready at another hour": shifted("ready", "start"),
    "extra hours left out": dropped("extra_hours"),
    "more extra hours": added("extra_hours", "people", (2.0, 10.0)),
    "extra hours at another time": shifted("extra_hours", "start"),
    "more have come from other care": added("census", "stepped_in", (1.0, 0.25)),
    "more have gone on to other care": added("census", "stepped_out", (1.0, 0.25)),
    "gone home instead of on to other care": _moved_over("census", "stepped_out", "discharged"),
    "crisis standard told as usual": _moved_over("census", "crisis", "conventional"),
}
DEEP_HERE: dict[str, tuple[Spoil, str]] = {
    "beds lent by a type that may not": (_option("bed_substitution", "types", ["ward"]), "bed_substitution.listed"),
    "more beds lent than may be": (_option("bed_substitution", "largest_share", 0.1), "bed_substitution.share"),
    "more in other beds than are cared for": (added("bed_use", "patients", (9.0,)), "bed_substitution.needed"),
    "other shares go on": (_option("care_paths", "share_factor", 0.75), "care_paths.steps"),
    "moved without being new": (_option("eligibility", "who", "arrivals"), "eligibility.who"),
    "another share becomes ready": (_option("discharge_ready", "share_factor", 0.5), "discharge_ready.waits"),
    "placed where there is no place": (_placed, "discharge_ready.places"),
    "in a bed to wait without waiting": (added("ready", "housed", (9.0,)), "discharge_ready.housed"),
    "more extra hours than may be worked": (_option("endurance", "extra_share", 0.1), "endurance.limit"),
    "no rest after extra hours": (_option("endurance", "work_h", 12), "endurance.rest"),
    "crisis standard that nobody unlocked": (_no_longer_unlocked, "staff.crisis"),
    "crisis standard although it is off": (_option("staff", "crisis", False), "staff.crisis"),
}
