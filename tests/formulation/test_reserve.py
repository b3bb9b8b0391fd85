"""Reserve: regions keep theirs, helpers are filled no more than so far, and own patients are never refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.parts import Municipal

from ..register import shows
from .golden import built, golden
from .small import ICU, NEVER_H, WARD, planned, small

TWO = {"norr": "n", "syd": "s"}
OVER = {"beds": {("icu", "norr"): 0, ("icu", "syd"): 10}, "initial": {("icu", "norr"): 9, ("icu", "syd"): 4}}


def moved(case, **options) -> float:
    return planned(case, {"beds": {}, "reserve": {"bed_types": [], **options}}).moved()


@shows("families.reserve.region_bed_types")
def test_a_region_keeps_its_own_reserve_where_its_area_keeps_none():
    case = small(TWO, **OVER, areas={"all": ("n", "s")})
    assert moved(case) == 6
    assert moved(case, region_bed_types=["icu"]) == 5  # nine of ten beds are used, four by its own
    assert moved(case, region_bed_types=["ward"]) == 6


@shows("families.reserve.region_free_share")
def test_the_share_that_a_region_keeps_free_is_chosen():
    case = small(TWO, **OVER)
    assert moved(case, region_bed_types=["icu"], region_free_share=0.3) == 3
    assert moved(case, region_bed_types=["icu"], region_free_share=1) == 0
    full = small(TWO, beds={("icu", "syd"): 10}, initial={("icu", "syd"): 10})
    plan = planned(full, {"beds": {}, "reserve": {"bed_types": [], "region_bed_types": ["icu"]}})
    assert plan.goal() == 0, "own patients may use the reserve"


@shows("families.reserve.helper_load")
def test_no_helper_ends_above_a_share_of_its_beds():
    case = small(TWO, **OVER)
    assert moved(case, helper_load=0.8) == 4
    assert moved(case, helper_load="off") == 6
    assert moved(case, helper_load=0.3) == 0, "its own four are more than three tenths: they stay, nobody comes"


@shows("families.reserve.helper_bed_types")
def test_helpers_are_limited_in_the_bed_types_that_are_named():
    case = small(TWO, **OVER)
    assert moved(case, helper_load=0.5) == 1
    assert moved(case, helper_load=0.5, helper_bed_types=["ward"]) == 6


def waits(there, come, places=0, days=(24,), **more):
    """Wards: so many at syd, who all leave in a day, half of them for a municipal place; so many come to norr."""
    case = small(
        TWO, hours=days, categories=(WARD,), beds={("ward", "syd"): 10}, initial={("ward", "syd"): there},
        arrivals={("ward", "norr"): come}, **more,
    )  # fmt: skip
    limited, taken = np.array([False, True]), np.array([[0] * len(days), [places] * len(days)]) * MICRO
    leave = np.full((1, len(days)), MICRO)
    return case.having(municipal=Municipal(np.array([MICRO // 2]), taken, limited), leave_micro=leave)


@shows("families.reserve.waiting")
def test_a_bed_in_which_somebody_waits_is_not_free():
    families = {"beds": {}, "discharge_ready": {}}
    used = {}
    for waiting in (False, True):
        plan = planned(waits(6, 20), families | {"reserve": {"bed_types": ["ward"], "waiting": waiting}})
        used[waiting] = [plan.moved(), round(plan.total("ready", "housed"), 3), round(plan.value(), 2)]
    # Eight of ten beds may be used by others, or those who wait too; all are filled, or eight of them.
    assert used == {False: [7, 3, (20 + 3 - 10) * 24], True: [5, 3, (20 + 3 - 8) * 24]}
    region = {"bed_types": [], "region_bed_types": ["ward"], "region_free_share": 0.2, "waiting": True}
    assert planned(waits(6, 20), families | {"reserve": region}).moved() == 5
    helper = {"bed_types": [], "helper_load": 0.8, "helper_bed_types": ["ward"], "waiting": True}
    assert planned(waits(6, 20), families | {"reserve": helper}).moved() == 5


def test_who_waits_at_home_keeps_the_bed_though_the_reserve_is_used():
    families = {"beds": {}, "discharge_ready": {}, "reserve": {"bed_types": ["ward"], "waiting": True}}
    alone = planned(waits(18, 0), families)
    assert [alone.total("ready", "housed"), alone.goal()] == [9, 0]
    # Of nine who wait three are placed each day.
    later = planned(waits(18, 0, places=3, days=(24, 24)), families)
    assert [later.total("ready", "housed", period=t) for t in (0, 1)] == [6, 3] and later.goal() == 0
    assert planned(waits(18, 5), families).moved() == 0


def test_guests_who_have_recovered_leave_room_for_others():
    # Of two guests half have left after a day, whether cared for or not: then one more may come.
    half = replace(ICU, mean_stay_h=35)
    stays = {"beds": {("icu", "norr"): 0, ("icu", "syd"): 4}, "arrivals": {("icu", "norr"): (2, 2)}}
    case = small(TWO, hours=(24, 24), categories=(half,), **stays)
    plan = planned(case, {"beds": {}, "reserve": {"bed_types": [], "helper_load": 0.5}})
    left = 1 - (2 - plan.moved(period=1)) / 2
    assert plan.moved(period=0) == 2
    assert left == pytest.approx(1 - 2.718281828 ** (-24 / 35), abs=1e-4)


def test_a_helper_foresees_its_own_need():
    # Its own three come on the second day: so it takes one on the first, though four beds are free then.
    case = small(
        TWO, hours=(24, 24), beds={("icu", "syd"): 4}, initial={("icu", "norr"): 5}, arrivals={("icu", "syd"): (0, 3)}
    )
    assert moved(case, helper_load=1) == 1


def test_moves_within_a_region_make_no_guests_and_places_abroad_are_no_helpers():
    within = small({"norr": "n", "nord": "n"}, beds={("icu", "nord"): 4}, initial={("icu", "norr"): 4})
    assert moved(within, helper_load=0, region_bed_types=["icu"], region_free_share=0) == 4
    abroad = small(TWO, **OVER).having(external_regions=frozenset("s"))
    closed = {"helper_load": 0, "region_bed_types": ["icu"], "region_free_share": 1}
    assert planned(abroad, {"beds": {}, "external": {}, "reserve": {"bed_types": [], **closed}}).moved() == 6
    areas = planned(abroad, {"beds": {}, "external": {}, "reserve": {"free_share": 1}})
    assert areas.moved() == 6


def test_patients_in_stages_of_a_stay_remain_guests():
    from nspl_opt.scenario.parts import CarePath

    one = replace(ICU, code="icu.s1", mean_stay_h=24)
    two = replace(ICU, code="icu.s2", mean_stay_h=NEVER_H)
    case = small(
        TWO, hours=(24, 24), categories=(one, two), beds={("icu", "syd"): 9},
        arrivals={("icu.s1", "norr"): (3, 3)},
    ).having(paths=[CarePath("icu.s1", "icu.s2", 1_000_000, True)])  # fmt: skip
    m = built(case, {"beds": {}, "reserve": {"helper_load": 0.5}})
    first = m.reserve.guests[0, 1, 0].name
    assert first in str(m.reserve.hosted[1, 1, 1].expr), "who leaves the first stage is a guest in the second"
    assert first not in str(m.reserve.hosted[1, 0, 1].expr)


def test_its_later_rows_are_those_that_were_looked_through():
    case = small(
        TWO, hours=(6, 18), categories=(replace(ICU, mean_stay_h=120), WARD),
        beds={("icu", "norr"): 2, ("icu", "syd"): 10, ("ward", "syd"): 5}, surge={("icu", "syd"): (0, 2)},
        planned={("icu", "syd"): 1}, initial={("icu", "norr"): 5, ("icu", "syd"): 4},
    )  # fmt: skip
    options = {"bed_types": [], "region_bed_types": ["icu", "ward"], "helper_load": 0.8}
    axes = {"reserve.region_floor": "rbt", "reserve.helper": "rbt", "reserve.hosted": "krt", "reserve.guests": "krt"}
    golden("reserve", built(case, {"beds": {}, "reserve": options}), axes)
