"""Transports and journeys: ambulances carry one, buses three lying, planes two in intensive care."""

from dataclasses import replace

import pytest

from nspl_opt.formulation.spec import model_from_dict

from .small import ICU, WARD, by_air, by_sea, model, planned, small

TWO = {"norr": "n", "syd": "s"}
NINE = {"beds": {("icu", "syd"): 9}, "initial": {("icu", "norr"): 9}}
WARDS = {"categories": (WARD,), "beds": {("ward", "syd"): 9}, "initial": {("ward", "norr"): 9}}


def rules(**options):
    return {
        "beds": {},
        "transports": {"trips_whole_until_h": "all", "patients_whole_until_h": "all", "duty_share": 1.0} | options,
    }


def test_one_ambulance_makes_six_trips_of_four_hours_in_a_day():
    plan = planned(small(TWO, **NINE, fleet={"amb-n": 1}), rules())
    assert plan.moved() == 6
    assert plan.rows("trips")[["pool", "trips", "minutes"]].to_numpy().tolist() == [["amb-n", 6.0, 240]]


def test_a_vehicle_is_manned_only_a_share_of_the_day():
    assert planned(small(TWO, **NINE, fleet={"amb-n": 1}), rules(duty_share=0.6)).moved() == 3  # 14.4 hours of 4


def test_the_day_of_a_crew_is_shared_by_the_periods_of_the_block():
    case = small(TWO, hours=(6, 6, 12), **NINE, fleet={"amb-n": 2})
    # Two ambulances: 12 hours make 3 trips in the first six hours; the day's 24 of 48 hours make 6.
    plan = planned(case, rules(duty_share=0.5))
    assert plan.moved(period=0) == 3
    assert plan.moved() == 6


def test_a_trip_longer_than_the_period_takes_all_of_it():
    case = small(TWO, hours=(6, 18), **NINE, fleet={"amb-n": 2}, trips={("amb-n", "norr", "syd"): 540})
    # Nine hours a trip: within six hours each ambulance starts one; of the day's 48 hours five trips can be made.
    plan = planned(case, rules())
    assert plan.moved(period=0) == 2
    assert plan.moved() == 5


def test_ambulances_of_both_ends_may_drive():
    assert planned(small(TWO, **NINE, fleet={"amb-n": 1, "amb-s": 1}), rules()).moved() == 9
    assert planned(small(TWO | {"ost": "o"}, **NINE, fleet={"amb-o": 3}), rules()).moved() == 0


def test_patients_who_lie_share_a_bus_by_threes_in_whole_trips():
    case = small(TWO, **WARDS, fleet={"bus-n": 1}, trips={("bus-n", "norr", "syd"): 600})
    plan = planned(case, rules())
    assert plan.moved() == 6  # two trips of ten hours in a day, three patients each
    assert plan.rows("trips")["trips"].tolist() == [2]


def test_trips_further_ahead_are_expected_values():
    case = small(TWO, **WARDS, fleet={"bus-n": 1}, trips={("bus-n", "norr", "syd"): 600})
    plan = planned(case, rules(trips_whole_until_h=0, patients_whole_until_h=0))
    assert plan.moved() == pytest.approx(7.2)  # 2.4 trips
    assert not plan.rows("trips")["whole"].any() and not plan.rows("transfers")["whole"].any()


def test_patients_are_whole_first_and_expected_later():
    case = small(
        TWO, hours=(24, 24), beds={("icu", "syd"): 2.0}, arrivals={("icu", "norr"): (1.5, 0)}, fleet={"amb-n": 9}
    )
    assert [planned(case, rules(patients_whole_until_h=h)).moved(period=0) for h in (0, 24, "all")] == [1.5, 1, 1]
    assert [planned(case, rules(patients_whole_until_h=h)).moved(period=1) for h in (0, 24, "all")] == [0, 0.5, 0]


def test_vehicles_that_come_later_serve_later():
    case = small(TWO, hours=(24, 24), **NINE, fleet={"amb-n": (0, 1)})
    plan = planned(case, rules())
    assert (plan.moved(period=0), plan.moved(period=1)) == (0, 6)


FLOWN = {
    "roads": {},
    "journeys": [by_air("norr", "syd", 120, (90, 0))],
    "trips": {("plane-s", "air-norr", "air-syd"): 480},
}


def test_planes_need_an_ambulance_to_the_airfield():
    plan = planned(small(TWO, **NINE, **FLOWN, fleet={"plane-s": 9, "amb-n": 1}), rules(duty_share=0.5))
    # (2 x 90 + 15) minutes of an ambulance per patient: 12 hours are enough for three.
    assert plan.moved() == 3
    assert planned(small(TWO, **NINE, **FLOWN, fleet={"plane-s": 9}), rules()).moved() == 0


def test_a_plane_takes_two_in_intensive_care():
    plan = planned(small(TWO, **NINE, **FLOWN, fleet={"plane-s": 1, "amb-n": 9}), rules())
    assert plan.moved() == 6  # three trips of eight hours


def test_an_ambulance_on_a_feeder_leg_need_not_be_one_that_the_category_travels_with():
    only_flown = replace(ICU, vehicle_types=("plane",))
    case = small(TWO, **NINE, **FLOWN, categories=(only_flown,), fleet={"plane-s": 9, "amb-n": 9})
    assert planned(case, rules()).moved() == 9


SAILED = {"roads": {}, "journeys": [by_sea("norr", "syd", 240)], "fleet": {}}


def test_the_ferry_takes_two_in_intensive_care_each_time_it_sails():
    case = small(TWO, hours=(24, 24), **NINE, **SAILED, departures=(1, 2))
    plan = planned(case, rules())
    assert (plan.moved(period=0), plan.moved(period=1)) == (2, 4)


def test_no_ferry_without_a_departure():
    case = small(TWO, **NINE, **SAILED, departures=0)
    plan = planned(case, rules())
    assert plan.moved() == 0
    assert plan.made.plan.pruned["no vehicle"] == 1


def test_half_a_ferry_for_one_kind_and_half_for_another():
    case = small(TWO, categories=(ICU, WARD), beds={("icu", "syd"): 9, ("ward", "syd"): 9},
                 initial={("icu", "norr"): 1, ("ward", "norr"): 9}, **SAILED, departures=1)  # fmt: skip
    plan = planned(case, rules())
    assert (plan.moved(category="icu"), plan.moved(category="ward")) == (1, 2)


def test_a_bus_of_a_region_far_away_goes_anywhere_but_only_the_two_nearest_are_asked():
    trips = {(f"bus-{r}", "norr", "syd"): m for r, m in (("n", 480), ("s", 300), ("o", 360))}
    case = small(TWO | {"ost": "o"}, **WARDS, fleet={"bus-n": 1, "bus-o": 1, "bus-s": 1}, trips=trips)
    plan = planned(case, rules(), ["unmet_care"])
    assert set(plan.rows("trips")["pool"]) <= {"bus-o", "bus-s"}


def test_without_the_family_journeys_need_no_vehicles():
    assert planned(small(TWO, **NINE, fleet={})).moved() == 9


def test_without_the_family_a_journey_by_air_is_written_as_one():
    plan = planned(small(TWO, **NINE, **FLOWN, fleet={}))
    assert plan.rows("transfers")["from_terminal"].tolist() == ["air-norr"]


# Travel time and what is offered


def test_no_journey_is_longer_than_the_category_allows_times_the_factor():
    case = small(TWO, **NINE, roads={("norr", "syd"): 500})  # the longest allowed is 480
    limit = {"beds": {}, "travel_time": {"longest_journey_factor": 1.0}}
    assert planned(case).moved() == 9
    assert planned(case, limit).moved() == 0
    assert planned(case, limit | {"travel_time": {"longest_journey_factor": 1.05}}).moved() == 9  # 504


def test_the_factor_is_exact_where_binary_numbers_are_not():
    exact = replace(ICU, longest_journey_min=100)  # 0.29 times 100 is 28.999999999999996 in binary
    case = small(TWO, **NINE, categories=(exact,), roads={("norr", "syd"): 29})
    assert planned(case, {"beds": {}, "travel_time": {"longest_journey_factor": 0.29}}).moved() == 9


STAR = {f"h{n}": f"r{n}" for n in range(6)}
REACH = {"roads": {("h0", f"h{n}"): 60 * n for n in range(1, 6)}, "initial": {("icu", "h0"): 30},
         "beds": {("icu", f"h{n}"): n for n in range(1, 6)}}  # fmt: skip


@pytest.mark.parametrize(
    ("nearest", "largest", "reached"),
    [
        (1, 0, {"h1"}),
        (2, 0, {"h1", "h2"}),
        (1, 1, {"h1", "h5"}),
        (2, 2, {"h1", "h2", "h4", "h5"}),
        (9, 0, set(STAR) - {"h0"}),
    ],
)
def test_the_nearest_and_the_largest_destinations_are_offered(nearest, largest, reached):
    plan = planned(small(STAR, **REACH), {"beds": {}, "travel_time": {"nearest": nearest, "largest": largest}})
    assert set(plan.rows("transfers")["to_site"]) == reached
    assert plan.made.plan.pruned.get("beyond the nearest and largest", 0) == 5 - len(reached)


# Borders

AREAS = {"areas": {"mitt": ("n", "m"), "ost": ("m", "s")}}
THREE = {"norr": "n", "mitt": "m", "syd": "s"}
HELP = {"beds": {("icu", "syd"): 9, ("icu", "mitt"): 2}, "initial": {("icu", "norr"): 9}}


def border(**options):
    return {"beds": {}, "areas": {"grouping": "civil_area", "border": "closed"} | options}


def test_a_closed_border_keeps_patients_in_areas_that_they_share():
    case = small(THREE, **HELP, **AREAS)
    assert planned(case, border(border="open")).moved() == 9
    plan = planned(case, border())
    assert plan.moved(to_site="mitt") == 2
    assert plan.moved() == 2
    assert plan.made.plan.pruned["border closed"] == 1  # north to south; in the north there are no beds to go back to


def test_with_regions_for_areas_nobody_leaves_the_region():
    case = small(THREE | {"nara": "n"}, **{**HELP, "beds": HELP["beds"] | {("icu", "nara"): 1}}, **AREAS)
    assert planned(case, border(grouping="region")).moved() == 1


# Reserve


def floor(**options):
    return {"beds": {}, "reserve": {"grouping": "civil_area", "bed_types": ["icu"], "free_share": 0.2} | options}


def test_others_are_taken_only_while_a_fifth_of_the_beds_stays_free():
    case = small(TWO, beds={("icu", "norr"): 2, ("icu", "syd"): 10}, initial={("icu", "norr"): 20, ("icu", "syd"): 3})
    # Eight of ten beds may be used; three of them by one's own.
    assert planned(case, floor()).moved() == 5
    assert planned(case, floor(free_share=0.5)).moved() == 2
    assert planned(case, floor(bed_types=[])).moved() == 7
    assert planned(case, floor(bed_types=["ward"])).moved() == 7


def test_ones_own_patients_may_always_be_cared_for():
    case = small(TWO, beds={("icu", "norr"): 2, ("icu", "syd"): 10}, initial={("icu", "norr"): 20, ("icu", "syd"): 9})
    plan = planned(case, floor())
    assert plan.moved(to_site="syd") == 0
    assert plan.goal() == 18 * 24 * 10


def test_the_reserve_is_kept_by_the_grouping_named():
    case = small(
        TWO | {"ost": "o"},
        areas={"allt": ("n", "s", "o")},
        beds={("icu", "ost"): 10, ("icu", "syd"): 10},
        initial={("icu", "norr"): 20},
    )
    # All three regions together may use 0.8 of 20 beds for others, or 20 for their own: the sick are their own.
    assert planned(case, floor()).moved() == 20
    assert planned(case, floor(grouping="region")).moved() == 16


def test_each_pool_makes_whole_trips_with_one_patient_while_patients_are_whole():
    trips = {(pool, "norr", "syd"): 270 for pool in ("amb-n", "amb-s")}
    case = small(TWO, hours=(6,), **NINE, fleet={"amb-n": 1, "amb-s": 2}, trips=trips)
    # Four and a half hours a trip: in six hours the one makes 1, the two together 2 (not 1.33 and 2.67).
    plan = planned(case, rules())
    assert plan.rows("trips").groupby("pool")["trips"].sum().to_dict() == {"amb-n": 1, "amb-s": 2}
    assert plan.rows("trips")["whole"].all()
    assert planned(case, rules(patients_whole_until_h=0)).moved() == pytest.approx(4, abs=1e-4)


def test_options_left_out_are_told_as_if_they_had_been_given():
    given = {"trips_whole_until_h": 48, "patients_whole_until_h": 24}
    told = [model_from_dict(model({"transports": options})).as_dict()["families"] for options in ({}, given)]
    assert told[0] == told[1]
