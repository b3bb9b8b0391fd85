"""The shipped package: what the country has, every figure with basis and source, in any order of rows."""

from __future__ import annotations

import csv
import dataclasses
import json
import pickle
import random
import shutil

import pytest
import shapely

from nspl_opt.problems import InvalidInput
from nspl_opt.reference.columns import BASES
from nspl_opt.reference.contracts import CONTRACTS
from nspl_opt.reference.package import load_reference, reference_hashes
from nspl_opt.reference.records import to_micro, usable
from nspl_opt.reference.reference import HOSPITAL_LEVELS, MICRO, PATIENT_KINDS, STANDARDS
from nspl_opt.shipped import shipped_dir
from nspl_opt.tables import table_schema

FOLDER = shipped_dir("data/reference")
DESCRIPTOR = json.loads((FOLDER / "datapackage.json").read_text(encoding="utf-8"))
FIGURES = [name for name, contract in CONTRACTS.items() if any(item.name == "basis" for item in contract.fields)]


@pytest.fixture(scope="module")
def country():
    return load_reference()


def table(name: str) -> list[dict[str, str]]:
    with open(FOLDER / f"{name}.csv", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_there_are_21_regions_and_72_emergency_hospitals(country):
    assert len(country.regions) == 21 and len(country.sites) == 72
    assert {site.region for site in country.sites} == {region.code for region in country.regions}
    assert "01" in {region.code for region in country.regions}


def test_every_region_lies_in_one_civil_area_and_halland_in_two_healthcare_regions(country):
    assert sorted(country.groupings) == ["civil_area", "healthcare_region"]
    civil, healthcare = (country.groupings[name] for name in sorted(country.groupings))
    assert len(civil) == len(healthcare) == 6
    assert sorted(code for area in civil for code in area.regions) == [region.code for region in country.regions]
    assert [area.code for area in healthcare if "13" in area.regions] == ["sodra", "vastra"]
    assert sum(len(area.regions) for area in healthcare) == 22


def test_523_intensive_care_beds_become_1085_with_surge(country):
    staffed = sum(stock.staffed for stock in country.beds if stock.bed_type in ("icu", "burns"))
    opened = sum(stage.beds for stage in country.surge if stage.bed_type in ("icu", "burns"))
    assert (staffed, staffed + opened) == (523, 1085)


def test_burns_beds_are_in_linkoping_and_uppsala_only(country):
    stock = {item.site: item.staffed for item in country.beds if item.bed_type == "burns"}
    assert stock == {"akademiska": 3, "us_linkoping": 3}
    assert {site.code for site in country.sites if "burns" in site.capabilities} == set(stock)


def test_published_beds_of_a_hospital_add_up(country):
    solna = {item.bed_type: item.staffed for item in country.beds if item.site == "karolinska_solna"}
    assert solna == {"icu": 38, "ward": 596 - 38}


def test_kronoberg_can_open_the_sixteen_beds_of_its_published_plan(country):
    sites = {site.code for site in country.sites if site.region == "07"}
    beds = sum(stock.staffed for stock in country.beds if stock.site in sites and stock.bed_type == "icu")
    surge = sum(stage.beds for stage in country.surge if stage.site in sites and stage.bed_type == "icu")
    assert (beds, beds + surge) == (8, 16)


def test_surge_opens_slowly(country):
    leads = {stage.lead_h for stage in country.surge if stage.bed_type == "icu"}
    assert leads == {12, 168, 504, 840}


def test_planned_care_never_holds_more_than_there_is(country):
    assert all(0 <= stock.planned <= stock.staffed for stock in country.beds)
    assert all(0 <= stock.planned <= stock.people for stock in country.staff)
    wards = [stock for stock in country.beds if stock.bed_type == "ward"]
    assert sum(stock.planned for stock in wards) / sum(stock.staffed for stock in wards) == pytest.approx(0.2, abs=0.01)


def test_five_intensive_care_nurses_are_employed_per_bed_and_one_is_on_duty(country):
    nurses = sum(stock.people for stock in country.staff if stock.profession == "icu_nurse")
    assert nurses == 5 * 523
    assert {profession.on_duty_micro for profession in country.professions} == {MICRO // 5}


def test_each_category_states_whom_it_needs_by_every_standard(country):
    for category in country.categories:
        assert set(category.staff_micro) == set(STANDARDS)
        assert all(category.staff_micro[standard] for standard in STANDARDS)
        assert category.patient_kind in PATIENT_KINDS and category.minimum_level in HOSPITAL_LEVELS
        assert list(category.vehicle_types) == sorted(category.vehicle_types)
    general = next(item for item in country.categories if item.code == "icu_general")
    assert general.staff_micro["conventional"]["icu_nurse"] == 666_667
    assert general.staff_micro["contingency"] == {
        "assistant_nurse": 500_000,
        "icu_nurse": 500_000,
        "nurse": 500_000,
        "physician": 125_000,
    }


def test_a_stretched_standard_needs_no_more_intensive_care_nurses(country):
    for category in country.categories:
        nurses = [category.staff_micro[standard].get("icu_nurse", 0) for standard in STANDARDS]
        assert nurses == sorted(nurses, reverse=True)


def test_covid_patients_stay_a_median_of_twelve_days(country):
    stay = {category.code: category.mean_stay_h for category in country.categories}
    assert stay["icu_covid"] == 415 and stay["icu_ventilated"] == 146


def test_part_of_a_fleet_may_be_used_for_transfers(country):
    pools = {pool.code: pool for pool in country.pools}
    assert pools["amb_01"].quantity == 11  # 15 per cent of 76, rounded down
    assert pools["hems_visby"].quantity == 1  # at least one
    assert usable(20, 0.15) == 3 and usable(100, 0.29) == 29
    scheduled = {kind.code for kind in country.vehicle_types if kind.scope == "scheduled"}
    assert scheduled == {"ropax_ferry"} and not scheduled & {pool.vehicle_type for pool in country.pools}


def test_shares_are_exact_in_millionths():
    assert [to_micro(value) for value in (0.1, 0.29, 1 / 3, 0.0000005, 0.0000015)] == [100_000, 290_000, 333_333, 0, 2]


def test_the_network_has_roads_rails_ferries_and_airfields(country):
    assert len(country.airfields) == 58 and any(field.fixed_wing for field in country.airfields)
    assert {link.mode for link in country.links} == {"road", "rail"}
    assert {line.code: line.departures_min for line in country.ferries} == {
        "fe_visby__nynashamn": (435, 1005),
        "fe_visby__oskarshamn": (600,),
        "fe_visby__vastervik": (),
    }


def test_the_population_adds_up_to_the_national_count(country):
    assert sum(row.inhabitants for row in country.population) == 10_551_707


def test_every_region_has_a_shape_and_neighbours_share_their_border(country):
    raw = json.loads(country.geometry.read_text(encoding="utf-8"))
    shapes = [shapely.geometry.shape(feature["geometry"]) for feature in raw["features"]]
    assert [feature["properties"]["region"] for feature in raw["features"]] == [item.code for item in country.regions]
    assert shapely.coverage_is_valid(shapes) and all(shape.is_valid for shape in shapes)
    assert raw["crs"]["properties"]["name"].endswith("EPSG::3006") and country.geometry.stat().st_size < 120_000


def test_the_package_says_plainly_what_it_is(country):
    assert "Ingen lägesbild" in country.notice_sv and "No operational picture" in country.notice_en
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert country.notice_sv.split(":")[0] in " ".join(readme.replace("**", "").split())
    assert "No operational picture" in readme


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_has_a_basis_and_a_source(name):
    sources = {row["key"] for row in table("sources")}
    for row in table(name):
        assert row["basis"] in BASES, row
        assert row["source"] and set(row["source"].split(";")) <= sources, row


def test_every_source_is_used():
    used = {key for name in FIGURES for row in table(name) for key in row["source"].split(";")}
    assert used == {row["key"] for row in table("sources")}


def test_no_estimate_passes_for_a_published_figure():
    for name in FIGURES:
        for row in table(name):
            estimated = any(key.startswith(("est_", "curat", "recalled_")) for key in row["source"].split(";"))
            assert not (estimated and row["basis"] == "published"), (name, row)


def test_every_source_is_explained_in_the_documentation():
    page = (FOLDER.parent.parent / "docs" / "reference-data.md").read_text(encoding="utf-8")
    estimates = {row["key"] for row in table("sources") if row["key"].startswith(("est_", "curat", "recalled_"))}
    assert sorted(key for key in estimates if f"`{key}`" not in page) == []


@pytest.mark.parametrize("resource", DESCRIPTOR["resources"], ids=lambda resource: resource["name"])
def test_contract_and_descriptor_promise_the_same(resource):
    assert resource["schema"] == json.loads(json.dumps(table_schema(CONTRACTS[resource["name"]])))
    header = (FOLDER / resource["path"]).read_text(encoding="utf-8").splitlines()[0]
    assert header.split(",") == [item["name"] for item in resource["schema"]["fields"]]


def test_rows_and_columns_in_any_order_make_the_same_country(country, tmp_path):
    folder = shutil.copytree(FOLDER, tmp_path / "shuffled")
    rng = random.Random(0)
    for name in CONTRACTS:
        rows = table(name)
        columns = rng.sample(list(rows[0]), len(rows[0]))
        with open(folder / f"{name}.csv", "w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, columns)
            writer.writeheader()
            writer.writerows(rng.sample(rows, len(rows)))
    again = load_reference(folder)
    assert dataclasses.replace(again, geometry=country.geometry) == country


def test_a_country_without_ferries_aircraft_or_surge_is_a_country(tmp_path):
    folder = shutil.copytree(FOLDER, tmp_path / "plain")
    empty = ("surge", "ferries", "airfields", "fleets", "population", "population_national", "care_escorts")
    for name in empty:
        path = folder / f"{name}.csv"
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    plain = load_reference(folder)
    assert plain.surge == plain.ferries == plain.airfields == plain.pools == plain.population == ()


def test_the_country_can_be_sent_to_another_process(country):
    assert pickle.loads(pickle.dumps(country)) == country


def test_the_hash_of_a_file_changes_with_its_content(tmp_path):
    folder = shutil.copytree(FOLDER, tmp_path / "package")
    before = reference_hashes(folder)
    assert before == reference_hashes() and list(before) == sorted(before) and len(before) == len(CONTRACTS) + 2
    (folder / "beds.csv").write_bytes((folder / "beds.csv").read_bytes() + b"\n")
    after = reference_hashes(folder)
    assert [name for name in before if before[name] != after[name]] == ["beds.csv"]


def test_a_missing_file_has_no_hash_but_a_message(tmp_path):
    folder = shutil.copytree(FOLDER, tmp_path / "package")
    (folder / "beds.csv").unlink()
    with pytest.raises(InvalidInput, match="add the file"):
        reference_hashes(folder)
