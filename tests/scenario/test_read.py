"""Reading and checking: what is told, under which code, and what a sound scenario amounts to."""

from __future__ import annotations

import json

import pytest

from nspl_opt.problems import InvalidInput
from nspl_opt.scenario.check import check_scenario
from nspl_opt.scenario.read import read_scenario
from nspl_opt.scenario.resolve import resolve
from nspl_opt.scenario.schema import MARKINGS, ScenarioFile, json_schema

HEAD = "from_h,to_h,place,category,patients\n"
DEMAND = '\n[[demand]]\nfile = "demand.csv"\nbasis = "invented"\nsource = "test"\n'
SOURCED = 'basis = "invented"\nsource = "test"\n'


def codes(refusal: pytest.ExceptionInfo[InvalidInput]) -> list[str]:
    return [problem.code for problem in refusal.value.problems]


def test_a_scenario_is_read_from_its_folder_or_from_its_file(written):
    folder = written(DEMAND, demand=HEAD + "0,6,01,icu,3\n")
    one, other = read_scenario(folder), read_scenario(folder / "scenario.toml")
    assert one == other
    assert one.demand[0].patients_micro == 3_000_000
    assert one.demand[0].origin_class == "civilian"


def test_a_scenario_cannot_be_changed_once_read(given):
    scenario = given()
    with pytest.raises(ValueError, match="frozen"):
        scenario.file.marking = "open"
    with pytest.raises(AttributeError):
        scenario.demand = ()


def test_a_grid_may_mix_lengths_and_pairs(written):
    path = written()
    text = (path / "scenario.toml").read_text(encoding="utf-8").replace("[[6, 4], [12, 2]]", "[6, 6, [12, 2], 24]")
    (path / "scenario.toml").write_text(text, encoding="utf-8")
    assert read_scenario(path).file.grid == (6, 6, 12, 12, 24)


def test_every_marking_has_words_in_both_languages():
    allowed = ScenarioFile.model_json_schema()["properties"]["marking"]["enum"]
    assert sorted(allowed) == sorted(MARKINGS)
    assert MARKINGS["exercise"] == ("ÖVNING", "EXERCISE")


def test_the_schema_can_be_exported_and_forbids_unknown_keys():
    schema = json.loads(json.dumps(json_schema()))
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) >= {"name", "title_sv", "marking", "start", "categories"}
    assert schema["oneOf"] == [{"required": ["days"]}, {"required": ["grid"]}]
    assert all(part["additionalProperties"] is False for part in schema["$defs"].values())


def test_the_same_file_may_not_be_counted_twice(written):
    with pytest.raises(InvalidInput) as refusal:
        read_scenario(written(DEMAND + DEMAND, demand=HEAD))
    assert codes(refusal) == ["S203"]


def test_an_injects_patients_come_within_its_window(written):
    inject = '[[injects]]\nname = "x"\nfrom_h = 6\nto_h = 12\n'
    inject += 'arrivals = { file = "more.csv", basis = "invented", source = "t" }\n'
    with pytest.raises(InvalidInput) as refusal:
        read_scenario(written(inject, more=HEAD + "5,12,01,icu,3\n"))
    assert codes(refusal) == ["S206"]


def test_a_region_without_hospitals_can_receive_nobody(written, toy):
    from dataclasses import replace

    island_lost = replace(toy, sites=tuple(site for site in toy.sites if site.region != "03"))
    folder = written(DEMAND, demand=HEAD + "0,6,03,icu,3\n")
    with pytest.raises(InvalidInput) as refusal:
        resolve(island_lost, read_scenario(folder))
    assert codes(refusal) == ["S308"]
    assert len(resolve(island_lost, read_scenario(written(folder="calm"))).sites) == 2


def test_everyday_care_needs_a_hospital_that_can_give_it(written, toy):
    text = '[[ordinary]]\ncategory = "burns"\noccupancy_share = 0.5\nplaces = ["01"]\n' + SOURCED
    with pytest.raises(InvalidInput) as refusal:
        resolve(toy, read_scenario(written(text)))
    assert codes(refusal) == ["S310"]


def test_fifty_problems_of_a_kind_are_enough(written, toy):
    rows = "".join(f"{hour},47,nowhere,icu,3\n" for hour in range(47)) * 1
    more = "".join(f"{hour},46,nowhere,icu,3\n" for hour in range(46))
    with pytest.raises(InvalidInput) as refusal:
        resolve(toy, read_scenario(written(DEMAND, demand=HEAD + rows + more)))
    assert codes(refusal) == ["S302"] * 50 + ["S109"]


def test_a_scenario_without_any_patients_is_a_calm_day(written, toy):
    situation = resolve(toy, read_scenario(written()))
    assert situation.arrivals_micro.sum() == situation.initial_micro.sum() == 0


def test_the_summary_counts_patients_and_warns_of_what_is_old_or_idle(written, toy):
    text = DEMAND + "as_of = 2026-11-01\n"
    text += '[[closures]]\nname = "kort"\nfrom_h = 0\nto_h = 2\nmodes = ["ferry"]\n'
    summary = check_scenario(written(text, demand=HEAD + "0,6,01,icu,3\n0,6,01,vent,2.5\n"), toy)
    assert (summary.marking, summary.periods, summary.horizon_h, summary.hospitals) == ("exercise", 6, 48, 4)
    assert summary.demand == {"icu": 3.0, "vent": 2.5}
    assert [warning.en for warning in summary.warnings] == [
        "demand.csv: the figures are of 2026-11-01, 27 days before the start",
        "closure 'kort' covers the middle of no period and is felt in the ferry timetable only",
        "category 'burns' has no patients",
        "category 'ward' has no patients",
        "no assumptions are stated",
    ]
    assert "27 dygn före start" in summary.warnings[0].sv


def test_words_are_the_same_words_however_their_letters_are_composed(written):
    path = written()
    text = (path / "scenario.toml").read_text(encoding="utf-8").replace("ÖVNING: prov", "O\u0308VNING: prov")
    (path / "scenario.toml").write_text(text, encoding="utf-8")
    assert read_scenario(path).file.title_sv == "ÖVNING: prov"
