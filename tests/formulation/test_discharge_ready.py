"""Ready for discharge: half of those who leave the ward need a place in the municipality, and two come free a day."""

from __future__ import annotations

import numpy as np

from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.parts import Municipal

from ..register import shows
from .golden import built, golden
from .small import WARD, planned, small

ONE = {"norr": "n"}
READY = {"beds": {}, "discharge_ready": {}}


def ward(beds=20, arrivals=(0, 0, 0), share=0.5, places=2, limited=True, **more):
    """Ten on the ward, who all leave in a day; so do those who come."""
    days = more.pop("hours", (24, 24, 24))
    case = small(
        ONE, hours=days, categories=(WARD,), beds={("ward", "norr"): beds},
        initial={("ward", "norr"): 10}, arrivals={("ward", "norr"): arrivals}, **more,
    )  # fmt: skip
    municipal = Municipal(
        np.array([round(share * MICRO)]), np.array([[round(places * MICRO)] * len(days)]), np.array([limited])
    )
    return case.having(municipal=municipal, leave_micro=np.full((1, len(days)), MICRO))


def waiting(plan):
    return [plan.total("ready", "waiting", period=t) for t in range(3)]


@shows("families.discharge_ready")
def test_who_is_ready_waits_in_a_bed_until_there_is_a_place():
    plan = planned(ward(), READY)
    assert waiting(plan) == [3, 1, 0]
    assert [plan.total("discharges", "patients", period=t) for t in range(3)] == [5 + 2, 2, 1]
    assert plan.total("load", "housed", period=0) == 3
    assert planned(ward(), ("beds",)).total("discharges", "patients", period=0) == 10


def test_who_waits_without_a_bed_goes_without_care():
    plan = planned(ward(beds=2, arrivals=(2, 0, 0)), READY)
    # The two who come and the three who wait want two beds on the first day.
    assert plan.total("ready", "waiting", period=0) + 2 - 2 == 3
    first = plan.total("ready", "waiting", period=0) - plan.total("ready", "housed", period=0)
    assert first + plan.total("census", "unmet", period=0) == 3
    assert planned(ward(beds=2, arrivals=(2, 0, 0)), ("beds",)).goal() == 0


@shows("families.discharge_ready.share_factor", "families.discharge_ready.start_days")
def test_how_many_become_ready_and_how_many_wait_from_the_start_are_options():
    assert planned(ward(), READY | {"discharge_ready": {"share_factor": 0}}).total("ready", "waiting") == 0
    assert waiting(planned(ward(), READY | {"discharge_ready": {"share_factor": 0.8}})) == [2, 0, 0]
    assert waiting(planned(ward(), READY | {"discharge_ready": {"start_days": 1}})) == [5, 3, 1]
    assert waiting(planned(ward(), READY)) == [3, 1, 0]


@shows("families.discharge_ready.staff_share")
def test_who_waits_takes_a_share_of_the_people():
    # Nobody comes and three wait on the first day: at half a nurse each they take .45 of the .25 on duty.
    case = ward(staff=1, on_duty=0.25)
    families = {**READY, "staff": {"contingency": False}}
    first = planned(case, families)
    assert first.total("ready", "housed", period=0) == round(0.25 / 0.15, 6)
    assert planned(case, families | {"discharge_ready": {"staff_share": 0}}).total("ready", "housed", period=0) == 3


def test_where_nothing_is_stated_nobody_waits():
    plan = planned(ward(limited=False), READY)
    assert [plan.total("ready", "waiting"), plan.total("discharges", "patients")] == [0, 10]
    assert plan.made.plan.notes == ("discharge_ready.nothing_stated",)
    assert planned(small(ONE), READY).made.plan.notes == ("discharge_ready.nothing_stated",)


def test_its_rows_are_those_that_were_looked_through():
    case = ward(beds=2, arrivals=(2, 0, 0))
    families = READY | {"discharge_ready": {"start_days": 1}, "staff": {}}
    axes = {f"discharge_ready.{rule}": "kit" for rule in ("waits", "housed", "waiting", "in_bed", "placed")}
    axes["discharge_ready.places"] = "rt"
    golden("discharge_ready", built(case, families), axes, also=("beds.capacity", "staff.region", "goals.unmet_care"))
