"""The shipped scenarios on the shipped reference package, and a new one to begin from."""

from __future__ import annotations

from pathlib import Path

import pytest

from nspl_opt.problems import InvalidInput
from nspl_opt.reference.package import load_reference
from nspl_opt.scenario.check import check_scenario
from nspl_opt.scenario.folder import find_scenario, list_scenarios, new_scenario
from nspl_opt.scenario.read import read_scenario
from nspl_opt.scenario.resolve import resolve
from nspl_opt.scenario.situation import Situation, discharge_micro

NAMES = [scenario.name for scenario in list_scenarios()]


@pytest.fixture(scope="module")
def sweden():
    return load_reference()


@pytest.fixture(scope="module")
def situations(sweden) -> dict[tuple[str, str], Situation]:
    read = {name: read_scenario(find_scenario(name)) for name in NAMES}
    return {(name, level): resolve(sweden, read[name], level) for name in NAMES for level in ("region", "hospital")}


def if_all_cared_for(situation: Situation, category: str) -> list[float]:
    """Patients of a category in the country at the end of each period, if all were cared for."""
    k = [item.code for item in situation.categories].index(category)
    census, course = situation.initial_micro[k].astype(float), []
    for period in situation.periods:
        share = discharge_micro(situation.categories[k].mean_stay_h, period.length_h) / 1e6
        census = census * (1 - share) + situation.arrivals_micro[k, :, period.index]
        course.append(census.sum() / 1e6)
    return course


def index_of(situation: Situation, bed_type: str) -> int:
    return [item.code for item in situation.bed_types].index(bed_type)


def test_two_scenarios_are_shipped():
    assert {"gotland-ovning", "spring-2020"} <= set(NAMES)
    assert "template" not in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_scenario_states_its_assumptions_in_both_languages(name, sweden):
    summary = check_scenario(find_scenario(name), sweden)
    assert summary.assumptions >= 5
    assert summary.name == name
    assert not [warning for warning in summary.warnings if "populat" not in warning.en]


@pytest.mark.parametrize("name", NAMES)
def test_both_levels_hold_the_same_country(name, situations):
    region, hospital = situations[name, "region"], situations[name, "hospital"]
    assert (len(region.sites), len(hospital.sites)) == (21, 72)
    for array in ("beds", "surge_beds", "planned_beds", "staff", "planned_staff", "arrivals_micro", "initial_micro"):
        whole, parts = getattr(region, array), getattr(hospital, array)
        for number, site in enumerate(region.sites):
            own = [index for index, other in enumerate(hospital.sites) if other.region == site.code]
            assert whole[:, number].tolist() == parts[:, own].sum(axis=1).tolist()


def test_spring_2020_has_the_published_admissions_and_comes_near_the_published_peak(situations):
    situation = situations["spring-2020", "region"]
    assert situation.arrivals_micro[0].sum() == 2_478_000_000
    assert sum(period.length_h for period in situation.periods) == 126 * 24
    course = if_all_cared_for(situation, "icu_covid")
    # Published: 530 to 544 at once, in the second half of April (week 17 begins with period 14).
    assert 530 <= max(course) <= 544
    assert course.index(max(course)) in (14, 15)


def test_spring_2020_opens_from_the_normal_beds_to_about_twice_as_many(situations):
    situation = situations["spring-2020", "region"]
    icu = index_of(situation, "icu")
    open_beds = (situation.beds + situation.surge_beds)[icu].sum(axis=0)
    assert 500 <= open_beds[0] <= 540
    assert 1_050 <= open_beds[-1] <= 1_100
    need = max(if_all_cared_for(situation, "icu_covid")) + max(if_all_cared_for(situation, "icu_general"))
    assert open_beds[0] < need < open_beds[-1]


def test_everyday_care_is_steady_in_both(situations):
    for (name, level), situation in situations.items():
        course = if_all_cared_for(situation, "icu_general")
        assert max(course) - min(course) < 1e-3, (name, level)


def test_gotland_is_an_exercise_and_says_so(situations):
    situation = situations["gotland-ovning", "region"]
    assert situation.marking == "exercise"
    assert situation.title_sv.startswith("ÖVNING")
    assert situation.assumptions_sv[0].startswith("ÖVNING")


def test_gotland_has_180_casualties_in_a_day_most_of_them_early(situations):
    situation = situations["gotland-ovning", "hospital"]
    visby = [site.code for site in situation.sites].index("visby")
    hurt = [k for k, item in enumerate(situation.categories) if item.code not in ("icu_general", "medical_ward")]
    ordinary = situation.arrivals_micro[:, visby, 10]
    came = situation.arrivals_micro[hurt, visby, :] - ordinary[hurt, None]
    assert came.sum() == 180_000_000
    assert came[:, 0].sum() > 110_000_000
    assert came[:, 4:].sum() == 0


def test_gotland_loses_its_airfield_first_and_a_ferry_line_on_the_third_day(situations):
    situation = situations["gotland-ovning", "region"]
    closed = [situation.closures[period.network_state] for period in situation.periods]
    assert [("ESSV" in closure.places) for closure in closed] == [True] * 2 + [False] * 26
    assert [bool(closure.links) for closure in closed] == [False] * 8 + [True] * 4 + [False] * 16
    departures = situation.departures["fe_visby__oskarshamn"]
    assert departures[8:12].sum() == 0 and departures.sum() == 6


def test_vehicles_of_the_forces_come_after_their_mobilisation(situations):
    situation = situations["gotland-ovning", "region"]
    by_type: dict[str, list[int]] = {}
    for pool, row in zip(situation.pools, situation.pool_quantity.tolist(), strict=True):
        by_type[pool.vehicle_type] = [a + b for a, b in zip(by_type.get(pool.vehicle_type, [0] * 28), row, strict=True)]
    assert by_type["military_transport_aircraft"][0] == 0 < by_type["military_transport_aircraft"][1]
    assert by_type["icu_ambulance"][0] > 0
    assert by_type["ambulance_helicopter"][10:12] == [0, 0] != by_type["ambulance_helicopter"][:2]


def test_a_new_scenario_works_at_once_and_bears_the_folders_name(tmp_path, sweden):
    folder = new_scenario(tmp_path / "deep" / "varovning-2027")
    summary = check_scenario(folder, sweden)
    assert (summary.name, summary.marking) == ("varovning-2027", "exercise")
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["varovning-2027"]
    assert len(resolve(sweden, read_scenario(folder), "hospital").sites) == 72


def test_the_notes_in_a_new_scenario_may_be_switched_on(tmp_path, sweden):
    folder = new_scenario(tmp_path / "prov")
    text = (folder / "scenario.toml").read_text(encoding="utf-8")
    (folder / "scenario.toml").write_text(text.replace("active = false", "active = true"), encoding="utf-8")
    summary = check_scenario(folder, sweden)
    assert (summary.injects, summary.closures) == (1, 1)


def test_a_new_scenario_may_take_an_empty_folder_but_no_other(tmp_path):
    (tmp_path / "Tom Mapp").mkdir()
    assert read_scenario(new_scenario(tmp_path / "Tom Mapp")).name == "ny-ovning"
    for path in (tmp_path / "Tom Mapp", tmp_path / "Tom Mapp" / "demand.csv", tmp_path / ("x" * 300), Path("\0")):
        with pytest.raises(InvalidInput, match="S108"):
            new_scenario(path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Tom Mapp"]


def test_a_scenario_is_found_by_its_path_or_its_shipped_name(tmp_path):
    assert find_scenario(tmp_path) == tmp_path
    assert find_scenario("spring-2020").name == "spring-2020"
    for name in ("spring-2021", "../scenarios", "\0", "x" * 300, "template"):
        with pytest.raises(InvalidInput, match="S107"):
            find_scenario(name)
