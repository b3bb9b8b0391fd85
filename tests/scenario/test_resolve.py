"""From scenario and reference to a situation: numbers worked out by hand in the toy country."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nspl_opt.problems import InvalidInput
from nspl_opt.scenario.injects import without_inject
from nspl_opt.scenario.resolve import resolve
from nspl_opt.scenario.situation import Situation, discharge_micro

HEAD = "from_h,to_h,place,category,patients,origin_class\n"
DEMAND = '\n[[demand]]\nfile = "demand.csv"\nbasis = "invented"\nsource = "test"\n'
ARRAYS = (
    "beds", "surge_beds", "planned_beds", "staff", "planned_staff", "arrivals_micro", "initial_micro", "pool_quantity",
)  # fmt: skip


def at(situation: Situation, array: str, kind: str, site: str) -> list[int]:
    """One row of an array: (bed type, profession or category) x site."""
    kinds = [item.code for item in (*situation.bed_types, *situation.professions, *situation.categories)]
    if array.startswith(("arrivals", "initial")):
        kinds = [item.code for item in situation.categories]
    elif "staff" in array:
        kinds = [item.code for item in situation.professions]
    sites = [item.code for item in situation.sites]
    return getattr(situation, array)[kinds.index(kind), sites.index(site)].tolist()


def test_periods_join_into_staff_blocks_of_a_day_or_more(given, toy):
    situation = resolve(toy, given())
    assert [period.start_h for period in situation.periods] == [0, 6, 12, 18, 24, 36]
    assert [period.block for period in situation.periods] == [0, 0, 0, 0, 1, 1]
    assert situation.block_hours == (24, 24)


def test_a_region_is_taken_as_one_site_at_its_largest_hospital(given, toy):
    site = resolve(toy, given(), "region").sites[0]
    assert (site.code, site.place, site.level, site.hospitals) == ("01", "alfa", "county", ("alfa", "beta"))
    assert resolve(toy, given(folder="again"), "region").sites[1].capabilities == ("burns",)


def test_the_scenario_says_at_which_level_it_plays_unless_told_otherwise(given, toy):
    scenario = given('level = "hospital"\n')
    assert [site.code for site in resolve(toy, scenario).sites] == ["alfa", "beta", "delta", "gamma"]
    assert len(resolve(toy, scenario, "region").sites) == 3
    with pytest.raises(InvalidInput, match="S106"):
        resolve(toy, scenario, "county")


def test_a_regions_patients_are_shared_by_beds_among_hospitals_that_can_take_them(given, toy):
    rows = "0,6,01,icu,9,\n0,6,01,vent,4,\n0,6,03,burns,1,\n0,6,beta,vent,2,\n"
    situation = resolve(toy, given(DEMAND, demand=HEAD + rows), "hospital")
    # 6 and 3 icu beds share nine; only alfa has the level for vent; delta must send its burns on.
    assert at(situation, "arrivals_micro", "icu", "alfa") == [6_000_000, 0, 0, 0, 0, 0]
    assert at(situation, "arrivals_micro", "icu", "beta") == [3_000_000, 0, 0, 0, 0, 0]
    assert at(situation, "arrivals_micro", "vent", "alfa")[0] == 4_000_000
    assert at(situation, "arrivals_micro", "vent", "beta")[0] == 2_000_000
    assert at(situation, "arrivals_micro", "burns", "delta")[0] == 1_000_000


def test_patients_come_evenly_over_their_window_whatever_the_periods(given, toy):
    situation = resolve(toy, given(DEMAND, demand=HEAD + "3,33,03,icu,10,\n"))
    # 30 hours: 3 + 6 + 6 + 6 + 9 of them, a third of a patient each hour.
    assert at(situation, "arrivals_micro", "icu", "03") == [1_000_000, 2_000_000, 2_000_000, 2_000_000, 3_000_000, 0]


def test_no_millionth_of_a_patient_is_lost_in_sharing(given, toy):
    situation = resolve(toy, given(DEMAND, demand=HEAD + "1,48,01,icu,0.000007,\n5,12,01,ward,1,\n"), "hospital")
    assert situation.arrivals_micro.sum() == 1_000_007


def test_splitting_a_row_in_two_changes_nothing(given, toy):
    one = resolve(toy, given(DEMAND, demand=HEAD + "1,48,01,icu,7,civilian\n"), "hospital")
    two = resolve(
        toy,
        given(DEMAND, folder="two", demand=HEAD + "1,48,01,icu,5,civilian\n1,48,01,icu,2,military\n"),
        "hospital",
    )
    assert one.arrivals_micro.tolist() == two.arrivals_micro.tolist()


def test_everyday_care_keeps_its_share_of_the_beds_on_any_grid(given, toy):
    ordinary = '\n[[ordinary]]\ncategory = "icu"\noccupancy_share = 0.6\nbasis = "invented"\nsource = "test"\n'
    situation = resolve(toy, given(ordinary), "hospital")
    # alfa: 6 staffed less 1 planned, times 0.6 = 3 patients.
    assert at(situation, "initial_micro", "icu", "alfa") == 3_000_000
    census = 3_000_000
    for period, came in zip(situation.periods, at(situation, "arrivals_micro", "icu", "alfa"), strict=True):
        census += came - round(census * discharge_micro(48, period.length_h) / 1e6)
        assert census == 3_000_000
    assert came == pytest.approx(3e6 * (1 - math.exp(-12 / 48)), abs=2)


def test_everyday_care_goes_on_only_where_it_can_be_given(given, toy):
    entry = '\n[[ordinary]]\ncategory = "vent"\noccupancy_share = 1\nbasis = "invented"\nsource = "test"\n'
    situation = resolve(toy, given(entry), "hospital")
    assert at(situation, "initial_micro", "vent", "beta") == 0
    assert at(situation, "initial_micro", "vent", "gamma") == 10_000_000


def test_patients_already_there_come_from_their_file(given, toy):
    entry = '\n[[initial]]\nfile = "now.csv"\nbasis = "invented"\nsource = "test"\n'
    situation = resolve(toy, given(entry, now="place,category,patients\n01,icu,6\ndelta,ward,2.5\n"), "hospital")
    assert at(situation, "initial_micro", "icu", "alfa") == 4_000_000
    assert at(situation, "initial_micro", "icu", "beta") == 2_000_000
    assert at(situation, "initial_micro", "ward", "delta") == 2_500_000


def test_surge_beds_open_when_their_lead_time_has_passed_at_the_periods_start(given, toy):
    change = '\n[[surge_changes]]\nbed_type = "icu"\nstage = 1\nlead_h = 12\nplaces = ["01"]\n'
    assert at(resolve(toy, given()), "surge_beds", "icu", "01") == [0, 2, 2, 2, 6, 6]
    assert at(resolve(toy, given(change, folder="faster")), "surge_beds", "icu", "01") == [0, 2, 6, 6, 6, 6]


def test_vehicles_count_from_the_period_whose_middle_comes_after_their_mobilisation(given, toy):
    # 600 minutes: the middle of the second period is hour 9, of the third hour 15.
    quantity = resolve(toy, given()).pool_quantity.tolist()
    assert quantity == [[5] * 6, [0, 0, 3, 3, 3, 3]]
    change = '\n[[mobilisation_changes]]\nvehicle_type = "plane"\nmobilisation_min = 0\n'
    assert resolve(toy, given(change, folder="ready")).pool_quantity.tolist()[1] == [3] * 6


def test_the_scenario_says_when_vehicles_are_mobilised(given, toy):
    change = '\n[[mobilisation_changes]]\nvehicle_type = "plane"\nmobilisation_min = 77\n'
    before, after = (
        {kind.code: kind.mobilisation_min for kind in resolve(toy, given(text, folder=f"m{len(text)}")).vehicle_types}
        for text in ("", change)
    )
    assert after == before | {"plane": 77}


def test_a_category_takes_the_scenarios_own_figures(given, toy):
    change = '\n[[category_changes]]\ncategory = "icu"\nmean_stay_h = 72\nbasis = "estimate"\nsource = "test"\n'
    category = resolve(toy, given(change)).categories[1]
    assert (category.code, category.mean_stay_h, category.longest_journey_min) == ("icu", 72, 240)


def test_only_the_categories_of_the_scenario_are_in_the_situation(given, toy, written):
    from nspl_opt.scenario.read import read_scenario

    base = (written(folder="base") / "scenario.toml").read_text(encoding="utf-8")
    path = written(base=base.replace('["burns", "icu", "vent", "ward"]', '["ward", "icu"]'))
    assert [category.code for category in resolve(toy, read_scenario(path)).categories] == ["icu", "ward"]


INJECTS = """
[[injects]]
name = "stromavbrott"
from_h = 6
to_h = 15
beds_factor = { place = "01", bed_type = "icu", factor = 0.7 }

[[injects]]
name = "smitta"
from_h = 0
to_h = 24
staff_factor = { factor = 0.9 }

[[injects]]
name = "flyg"
from_h = 12
to_h = 24
fleet_factor = { vehicle_type = "plane", factor = 0.5 }

[[injects]]
name = "vag"
from_h = 24
to_h = 36
arrivals_factor = { place = "03", category = "icu", factor = 1.5 }

[[injects]]
name = "landning"
from_h = 6
to_h = 12
arrivals = { file = "more.csv", basis = "invented", source = "test" }
"""


@pytest.fixture()
def hit(given):
    rows = HEAD + "0,48,03,icu,8,\n"
    return given(DEMAND + INJECTS, demand=rows, more=HEAD + "6,12,gamma,ward,70,allied\n")


def test_injects_patch_beds_staff_fleets_and_arrivals(hit, toy):
    situation = resolve(toy, hit, "hospital")
    # Whole beds at each hospital: 6 x 0.7 = 4.2; half of the third period is hit: 6 x 0.85 = 5.1.
    assert at(situation, "beds", "icu", "alfa") == [6, 4, 5, 6, 6, 6]
    assert at(situation, "surge_beds", "icu", "alfa") == [0, 1, 1, 2, 6, 6]
    assert at(situation, "staff", "nurse", "alfa") == [90, 90, 90, 90, 101, 101]
    assert situation.pool_quantity.tolist()[1] == [0, 0, 1, 1, 3, 3]
    assert at(situation, "arrivals_micro", "icu", "delta") == [10**6, 10**6, 10**6, 10**6, 3 * 10**6, 2 * 10**6]
    assert at(situation, "arrivals_micro", "ward", "gamma") == [0, 70_000_000, 0, 0, 0, 0]


def test_injects_can_be_taken_back_one_by_one_until_nothing_is_left(hit, given, toy):
    calm = resolve(toy, given(DEMAND, folder="calm", demand=HEAD + "0,48,03,icu,8,\n"), "hospital")
    for name in ("stromavbrott", "smitta", "flyg", "vag", "landning"):
        hit = without_inject(hit, name)
    again = resolve(toy, hit, "hospital")
    for array in ARRAYS:
        assert getattr(again, array).tobytes() == getattr(calm, array).tobytes()


def test_the_order_of_injects_and_rows_does_not_matter(toy, written):
    from nspl_opt.scenario.read import read_scenario

    lines = [f"{hour},{hour + 7},{place},{kind},{hour + 0.123456},civilian\n" for hour in range(0, 40, 5)
             for place in ("01", "02", "gamma") for kind in ("icu", "ward")]  # fmt: skip
    blocks = INJECTS.split("\n\n")
    more = HEAD + "6,12,gamma,ward,70,allied\n"
    one = written(DEMAND + INJECTS, demand=HEAD + "".join(lines), more=more)
    other = written(
        "\n\n".join(reversed(blocks)) + "\n" + DEMAND, folder="other", demand=HEAD + "".join(reversed(lines)), more=more
    )
    for level in ("region", "hospital"):
        a, b = (resolve(toy, read_scenario(path), level) for path in (one, other))
        for array in ARRAYS:
            assert getattr(a, array).tobytes() == getattr(b, array).tobytes()


def test_both_levels_have_the_same_beds_people_and_patients(hit, toy):
    region, hospital = resolve(toy, hit, "region"), resolve(toy, hit, "hospital")
    for array in ARRAYS[:-1]:
        assert getattr(region, array).sum(axis=1).tolist() == getattr(hospital, array).sum(axis=1).tolist()
    assert at(region, "beds", "icu", "01") == [9, 6, 7, 9, 9, 9]


def test_the_numbers_of_a_situation_cannot_be_changed(given, toy):
    situation = resolve(toy, given())
    for array in ARRAYS:
        values = getattr(situation, array)
        assert values.dtype == np.int64
        with pytest.raises(ValueError, match="read-only"):
            values[...] = 1
    assert not situation.departures["f1"].flags.writeable


def test_every_file_that_was_read_is_hashed(given, toy):
    hashes = resolve(toy, given(DEMAND, demand=HEAD)).input_hashes
    assert list(hashes) == ["scenario/demand.csv", "scenario/scenario.toml"]
    assert all(len(digest) == 64 for digest in hashes.values())
