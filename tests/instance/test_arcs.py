"""Which transfers are offered, with which vehicles, and how what is left out is counted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nspl_opt.instance.arc_rules import ArcRules, Offer, joined
from nspl_opt.instance.derive import derive_instance
from nspl_opt.network.travel import Journey
from nspl_opt.reference.reference import MICRO, VehicleType
from nspl_opt.scenario.situation import Closure, Period

from ..formulation.small import ICU, WARD, Case, by_air, by_sea, small

TWO = {"norr": "n", "syd": "s"}
BEDS = {("icu", "syd"): 9, ("ward", "syd"): 9}
RULES = ArcRules(
    longest_journey_factor=None, need_capability=True, closed_grouping="", nearest=9, largest=9, vehicles=True
)
BY = "vehicle no quicker and no larger than another"


def derived(case: Case, **rules):
    return derive_instance(case.situation, case.travel, replace(RULES, **rules))


def vehicles(inst) -> list[str]:
    """The vehicle types with which patients may leave the north."""
    return sorted({inst.situation.vehicle_types[arc.vehicle_type].code for arc in inst.arcs})


def with_types(case: Case, *more: VehicleType) -> Case:
    kinds = tuple(sorted((*case.situation.vehicle_types, *more), key=lambda kind: kind.code))
    return case.but(vehicle_types=kinds)


FAST = VehicleType(
    "express",
    "Snabb ambulans",
    "Express ambulance",
    "road",
    {"icu": 1, "stretcher": 1},
    110,
    15,
    15,
    0,
    900,
    "national",
    (),
)
VAN = replace(FAST, code="van", capacity={"stretcher": 2})


def surface(fleet, *kinds):
    journeys = [
        Journey(kind.code, "norr", "syd", 100 if kind is FAST else 150, "norr", "syd", 0, 0, "") for kind in kinds
    ]
    category = replace(WARD, vehicle_types=("amb", "bus", *(kind.code for kind in kinds)))
    return with_types(small(TWO, categories=(category,), beds=BEDS, fleet=fleet, journeys=journeys), *kinds)


def test_of_vehicles_for_one_the_quickest_is_offered_and_of_those_for_several_the_largest():
    fleet = {"amb-n": 1, "express-n": 1, "bus-n": 1, "van-n": 1}
    inst = derived(surface(fleet, FAST, VAN))
    assert vehicles(inst) == ["bus", "express"]
    assert inst.pruned[BY] == 2


def test_a_quicker_vehicle_that_nobody_has_pushes_out_no_other():
    assert vehicles(derived(surface({"amb-n": 1, "express-n": 0, "bus-n": 0, "van-n": 1}, FAST, VAN))) == ["amb", "van"]


def test_a_vehicle_that_comes_later_is_weighed_from_the_beginning():
    case = surface({"amb-n": 1, "express-n": 1, "bus-n": 1}, FAST)
    assert vehicles(derived(case.but(pool_quantity=np.array([[1], [1], [1]])))) == ["bus", "express"]


def test_a_vehicle_of_a_third_region_serves_no_journey_it_has_no_end_of():
    case = small(TWO | {"ost": "o"}, beds=BEDS, fleet={"amb-o": 5}, roads={("norr", "syd"): 60})
    inst = derived(case)
    assert not inst.cells and inst.pruned["no vehicle"] == 1


def test_a_ferry_that_never_sails_pushes_out_no_bus():
    category = replace(WARD, vehicle_types=("bus", "ferry"))
    sea = {"categories": (category,), "beds": BEDS, "fleet": {"bus-n": 1}, "journeys": [by_sea("norr", "syd", 90)]}
    assert vehicles(derived(small(TWO, **sea, departures=0))) == ["bus"]
    assert vehicles(derived(small(TWO, **sea, departures=1))) == ["ferry"]  # four lying instead of three


def test_what_flies_must_be_quicker_than_the_road():
    air = {"beds": BEDS, "fleet": {"amb-n": 1, "plane-n": 1}}
    assert vehicles(derived(small(TWO, **air, journeys=[by_air("norr", "syd", 120)]))) == ["amb"]
    assert vehicles(derived(small(TWO, **air, journeys=[by_air("norr", "syd", 119)]))) == ["amb", "plane"]
    assert vehicles(derived(small(TWO, **air, roads={}, journeys=[by_air("norr", "syd", 400)]))) == ["plane"]


def test_what_is_closed_is_closed_in_its_periods_only():
    case = small(TWO, hours=(24, 24), beds=BEDS, fleet={"amb-n": 1})
    periods = (Period(0, 0, 24, 0, 0), Period(1, 24, 24, 1, 1))
    closed = case.but(periods=periods, closures=(Closure(), Closure(modes=("road",))))
    assert [cell.period for cell in derived(closed).cells] == [0]


@pytest.mark.parametrize(
    ("change", "rules", "reason"),
    [
        (
            {"levels": {"syd": "district"}, "categories": (replace(ICU, minimum_level="county"),)},
            {},
            "receiver lacks capability",
        ),
        ({"beds": {("icu", "norr"): 9}}, {}, "receiver has no such beds"),
        ({"roads": {("norr", "syd"): 481}}, {"longest_journey_factor": 1.0}, "journey too long"),
        ({}, {"closed_grouping": "region"}, "border closed"),
        ({"fleet": {}}, {}, "no vehicle"),
        (
            {"journeys": [by_air("norr", "syd", 60, (30, 0))], "roads": {}, "fleet": {"plane-s": 1}},
            {},
            "no vehicle to the terminal",
        ),
        ({"roads": {("norr", "syd"): 720}}, {}, "ends after the horizon"),
        ({"fleet": {"amb-n": (0,)}}, {}, "no vehicle"),
        ({"hours": (24, 24), "fleet": {"amb-n": (0, 1)}}, {}, "no vehicle in the period"),
    ],
)
def test_what_is_left_out_is_counted_by_its_reason(change, rules, reason):
    case = small(TWO, **({"beds": {("icu", "syd"): 9}} | change))
    assert {name: count for name, count in derived(case, **rules).pruned.items() if count and name != BY}.get(
        reason
    ) == 1


def test_a_journey_that_ends_as_the_horizon_does_is_not_offered_and_one_a_minute_shorter_is():
    assert not derived(small(TWO, beds=BEDS, roads={("norr", "syd"): 720})).cells
    assert derived(small(TWO, beds=BEDS, roads={("norr", "syd"): 719})).cells


def test_a_feeder_leg_counts_out_and_back_and_loading_in_its_own_region():
    case = small(
        TWO,
        beds=BEDS,
        roads={},
        journeys=[by_air("norr", "syd", 60, (30, 10))],
        fleet={"amb-n": 1, "amb-s": 1, "plane-n": 1},
    )
    (cell,) = derived(case).cells
    assert cell.feeder_h == ((0, 75 / 60), (1, 35 / 60))


def test_only_the_two_nearest_of_the_pools_that_go_anywhere_are_offered_ties_by_code():
    trips = {(f"bus-{r}", "norr", "syd"): m for r, m in (("a", 300), ("b", 240), ("c", 300), ("d", 900))}
    sites = TWO | {f"x{r}": r for r in "abcd"}
    case = small(
        sites,
        categories=(WARD,),
        beds=BEDS,
        fleet={f"bus-{r}": 1 for r in "abcd"},
        trips=trips,
        roads={("norr", "syd"): 120},
    )
    inst = derived(case)
    assert [inst.situation.pools[trip.pool].code for trip in inst.trips] == ["bus-b", "bus-a"]


def test_the_first_pool_of_a_vehicle_for_one_drives_what_the_others_leave():
    inst = derived(small(TWO, beds=BEDS, fleet={"amb-n": 1, "amb-s": 1}))
    assert [trip.implied for trip in inst.trips] == [True, False]


def test_the_numbers_of_an_instance_are_those_of_the_situation():
    case = small(
        TWO,
        hours=(6, 24),
        beds={("icu", "norr"): (8, 2)},
        surge={("icu", "norr"): (0, 3)},
        planned={("icu", "norr"): 5},
        initial={("icu", "norr"): 1.5},
        arrivals={("icu", "syd"): (0.25, 0)},
        categories=(replace(ICU, mean_stay_h=96),),
    )
    inst = derived(case, vehicles=False)
    assert inst.free_beds[0, 0].tolist() == [3, 3]  # planned care never holds more than the staffed beds: 2 + 3 - 2
    assert inst.planned_beds[0, 0].tolist() == [5, 2]
    assert inst.discharge.tolist() == [[0.060587, 0.221199]]  # 1 - exp(-6/96), 1 - exp(-24/96)
    assert inst.initial.tolist() == [[1.5, 0]] and inst.arrivals[0, 1].tolist() == [0.25, 0]
    assert inst.block_hours.tolist() == [30] and inst.region_sites == ((0,), (1,))
    assert not inst.trips and inst.cells[0].run == 0
    assert (inst.discharge * MICRO == np.rint(inst.discharge * MICRO)).all()


def test_equal_situations_give_equal_instances_whatever_the_order_of_journeys():
    case = small({f"h{n}": f"r{n % 2}" for n in range(4)}, beds={("icu", f"h{n}"): n for n in range(4)})
    one = derived(case)
    backwards = Case(case.situation, case.travel)
    backwards.travel.by_key = dict(reversed(list(case.travel.by_key.items())))
    other = derived(backwards)
    assert (one.arcs, one.cells, one.runs, one.trips, one.pruned) == (
        other.arcs,
        other.cells,
        other.runs,
        other.trips,
        other.pruned,
    )


def test_a_pair_that_is_refused_is_not_offered_and_counted_by_its_reason():
    case = small({"norr": "n", "syd": "s", "ost": "o"}, beds={("icu", site): 9 for site in ("norr", "ost", "syd")})
    codes = [site.code for site in case.situation.sites]

    def refuse(k: int, i: int, j: int) -> str:
        return "not wanted" if codes[j] == "syd" else ""

    inst = derived(case, offer=Offer(refuse=refuse))
    assert {codes[arc.destination] for arc in inst.arcs} == {"norr", "ost"}
    assert inst.pruned["not wanted"] == 2


def test_a_pair_refused_in_one_period_is_offered_in_the_others():
    case = small(TWO, hours=(24, 24), beds=BEDS)
    inst = derived(case, offer=Offer(refuse_cell=lambda k, i, j, t: "declined" if t == 0 else ""))
    assert {cell.period for cell in inst.cells} == {1}
    assert inst.pruned["declined"] == 1


def test_a_destination_that_is_agreed_is_offered_however_far_it_is():
    roads = {("norr", "ost"): 60, ("norr", "syd"): 180, ("ost", "syd"): 120}
    case = small(
        {"norr": "n", "syd": "s", "ost": "o"}, beds={("icu", "ost"): 9, ("icu", "syd"): 1}, roads=roads
    )  # fmt: skip
    codes = [site.code for site in case.situation.sites]
    k, i, j = 0, codes.index("norr"), codes.index("syd")
    for keep, offered in ((frozenset(), {"ost"}), (frozenset({(k, i, j)}), {"ost", "syd"})):
        inst = derived(case, nearest=1, largest=0, offer=Offer(keep=keep))
        assert {codes[arc.destination] for arc in inst.arcs if arc.origin == i} == offered


def test_of_several_offers_the_first_reason_is_told_and_all_that_is_kept_stays():
    one, other = Offer(refuse=lambda k, i, j: "one" if i else ""), Offer(refuse=lambda k, i, j: "other")
    both = joined([one, other, Offer(keep=frozenset({(0, 0, 1)})), Offer(keep=frozenset({(0, 1, 0)}))])
    assert [both.refuse(0, i, 0) for i in (0, 1)] == ["other", "one"]
    assert both.keep == {(0, 0, 1), (0, 1, 0)} and both.refuse_cell is None
