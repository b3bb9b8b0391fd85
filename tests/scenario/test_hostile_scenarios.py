"""Whatever a scenario folder holds, it is refused in one clear message, and nothing else is ever raised."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from nspl_opt.problems import InvalidInput
from nspl_opt.reference.package import load_reference
from nspl_opt.scenario.check import check_scenario

_SPEC = importlib.util.spec_from_file_location("hostile_scenarios", Path(__file__).with_name("hostile.py"))
hostile = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(hostile)


@pytest.fixture(scope="module")
def sweden():
    return load_reference()


def test_the_unspoilt_template_is_accepted(tmp_path, sweden):
    folder = hostile.make_hostile(tmp_path / "good", lambda folder: None)
    assert check_scenario(folder, sweden).demand == {"icu_general": 44.0, "medical_ward": 120.0}


def test_there_are_enough_hostile_scenarios():
    names = [name for name, *_ in hostile.HOSTILE]
    assert len(names) == len(set(names)) >= 90


@pytest.mark.parametrize(
    ("name", "code", "words", "change"), hostile.HOSTILE, ids=[case[0] for case in hostile.HOSTILE]
)
def test_a_hostile_scenario_gets_one_clear_message(name, code, words, change, tmp_path, sweden):
    folder = hostile.make_hostile(tmp_path / "prov", change)
    with pytest.raises(InvalidInput) as refusal:
        check_scenario(folder, sweden)
    problems = refusal.value.problems
    assert code in {problem.code for problem in problems}
    assert len(problems) == 1 or name == "toml-empty"
    told = next(problem for problem in problems if problem.code == code)
    assert told.where.startswith(("scenario.toml", "demand.csv", "demnd.csv"))
    assert told.what and told.remedy
    assert any(word in str(told) for word in words.split("|"))
    for line in str(refusal.value).splitlines():
        assert line.isprintable() and len(line) < 500


@pytest.mark.parametrize("part", [number / 40 for number in range(40)])
def test_a_scenario_cut_off_anywhere_is_refused_or_read_as_it_stands(part, tmp_path, sweden):
    folder = hostile.make_hostile(tmp_path / "prov", hostile.truncated(part))
    try:
        assert check_scenario(folder, sweden).name == "ny-ovning"
    except InvalidInput as refusal:
        assert refusal.problems


def test_all_problems_are_told_at_once(tmp_path, sweden):
    def spoil(folder):
        hostile.toml('marking = "exercise"', 'marking = "secret!"')(folder)
        hostile.toml("from_h = 24", "from_h = 24.5")(folder)
        hostile.rows("0,24,18", "x,24,18")(folder)
        hostile.rows("0,72,18,medical_ward,120", "0,72,18,medical_ward,-120")(folder)

    with pytest.raises(InvalidInput) as refusal:
        check_scenario(hostile.make_hostile(tmp_path / "prov", spoil), sweden)
    assert [problem.where for problem in refusal.value.problems] == [
        "scenario.toml: marking",
        "scenario.toml: injects[0].from_h",
        "demand.csv, row 2, column from_h",
        "demand.csv, row 4, column patients",
    ]


@pytest.mark.parametrize("path", ["nowhere", "nowhere/scenario.toml", "\0", "x" * 5000, "/dev/null", "/etc/passwd", ""])
def test_a_path_that_leads_nowhere_is_refused(path, tmp_path, monkeypatch, sweden):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidInput, match="S901"):
        check_scenario(Path(path), sweden)


def test_spreadsheet_habits_are_forgiven(tmp_path, sweden):
    def spoil(folder):
        for name in ("scenario.toml", "demand.csv"):
            content = (folder / name).read_bytes().replace(b"\n", b"\r\n")
            (folder / name).write_bytes(b"\xef\xbb\xbf" + content)

    assert check_scenario(hostile.make_hostile(tmp_path / "prov", spoil), sweden).demand["icu_general"] == 44
