"""Hostile usage and hostile files, as a user meets them: one clear message, exit code 2, nothing half-written."""

import importlib.util
import os
from pathlib import Path

import pytest


def swap(old, new):
    return lambda text: text.replace(old, new)


def with_text(file, change):
    """Change the text of a file of the scenario."""

    def spoil(folder):
        text = (folder / file).read_text(encoding="utf-8")
        assert change(text) != text
        (folder / file).write_text(change(text), encoding="utf-8")

    return spoil


def with_bytes(file, content):
    return lambda folder: (folder / file).write_bytes(content)


def instead(file, make):
    """Put something that is no file in a file's place."""

    def spoil(folder):
        (folder / file).unlink()
        make(folder / file)

    return spoil


SPOILT = {
    "no scenario file": (instead("scenario.toml", lambda path: None), ["scenario.toml"]),
    "a scenario file of nothing": (with_bytes("scenario.toml", b""), ["scenario.toml"]),
    "binary rubbish": (with_bytes("scenario.toml", bytes(range(256)) * 40), ["scenario.toml"]),
    "UTF-16": (with_bytes("scenario.toml", 'name = "x"'.encode("utf-16")), ["scenario.toml"]),
    "a file cut off": (with_text("scenario.toml", lambda text: text[: len(text) // 2]), ["scenario.toml"]),
    "a key of 50,000 dots": (with_text("scenario.toml", lambda text: "a" + ".a" * 50_000 + "=1\n" + text), ["dots"]),
    "brackets 20,000 deep": (with_text("scenario.toml", lambda text: "x=" + "[" * 20_000), ["scenario.toml"]),
    "a misspelt key": (with_text("scenario.toml", swap("grid =", "grd =")), ["grd", "grid"]),
    "a place that is not there": (with_text("demand.csv", swap(",18,", ",81,")), ["demand.csv", "81", "row 2"]),
    "a category misspelt": (
        with_text("scenario.toml", swap('["icu_general"]', '["icu_genral"]')),
        ["icu_genral", "icu_general"],
    ),
    "patients that are no number": (with_text("demand.csv", swap(",60", ",nan")), ["demand.csv", "row 2", "nan"]),
    "a number of 5,000 digits": (with_text("demand.csv", swap(",60", "," + "9" * 5000)), ["demand.csv", "row 2"]),
    "a folder for a table": (instead("demand.csv", lambda path: path.mkdir()), ["demand.csv"]),
    "a pipe for a table": (instead("demand.csv", os.mkfifo), ["demand.csv"]),
    "a table that never ends": (instead("demand.csv", lambda path: path.symlink_to("/dev/zero")), ["demand.csv"]),
    "a table from elsewhere": (instead("demand.csv", lambda path: path.symlink_to("/etc/passwd")), ["demand.csv"]),
    "three faults at once": (
        with_text("demand.csv", lambda text: text + "12,0,18,icu_general,5\n0,12,18,icu_general,-5\n0,12,99,x,5,6\n"),
        ["row 3", "row 4", "row 5"],
    ),
}


def listing(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def assert_refused(ran, words):
    assert ran.code == 2, (ran.code, ran.err[-400:])
    assert ran.out == "" and "Traceback" not in ran.err and "Internal error" not in ran.err
    assert len(ran.err) < 4000
    assert not [word for word in words if word not in ran.err], ran.err


IN_A_PROCESS_OF_THEIR_OWN = tuple(SPOILT)[:3] + tuple(SPOILT)[5:6] + tuple(SPOILT)[8:9] + tuple(SPOILT)[-6:]


@pytest.mark.parametrize("command", ["check", "plan"])
@pytest.mark.parametrize("case", SPOILT)
def test_a_spoilt_scenario_is_refused_with_its_place_and_remedy(case, command, country, place, tmp_path, shell, call):
    spoil, words = SPOILT[case]
    folder = country.small_scenario(tmp_path / "bad")
    spoil(folder)
    before = listing(tmp_path)
    more = ["--out", tmp_path / "out" / "plan", "--quiet"] if command == "plan" else []
    run = shell if case in IN_A_PROCESS_OF_THEIR_OWN else call
    ran = run(command, folder, "--reference", place / "reference", *more)
    assert_refused(ran, words)
    head, *told = ran.err.splitlines()
    assert head.endswith(" problem") or head.endswith(" problems")
    count = int(head.split()[-2])
    assert len([text for text in told if not text.startswith("      ")]) == count
    assert len([text for text in told if text.startswith("      ") and text.strip()]) >= count, "each has its remedy"
    assert listing(tmp_path) == before


SCENARIOS = Path(__file__).resolve().parents[1] / "scenario" / "hostile.py"
_SPEC = importlib.util.spec_from_file_location("hostile_scenarios", SCENARIOS)
scenarios = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(scenarios)


@pytest.mark.parametrize("command", ["check", "plan"])
@pytest.mark.parametrize(
    ("name", "code", "words", "change"), scenarios.HOSTILE, ids=[case[0] for case in scenarios.HOSTILE]
)
def test_every_hostile_scenario_is_refused_by_both_commands(name, code, words, change, command, tmp_path, call):
    folder = scenarios.make_hostile(tmp_path / "bad", change)
    before = listing(tmp_path)
    ran = call(command, folder, *(["--out", tmp_path / "plan", "--quiet"] if command == "plan" else []))
    assert_refused(ran, [code])
    assert any(word in ran.err for word in words.split("|"))
    assert listing(tmp_path) == before


USAGE = {
    "a command misspelt": (["plna"], ["Did you mean", "plan"]),
    "an option misspelt": (["plan", "gotland-ovning", "--modell", "x"], ["--model"]),
    "no scenario": (["plan", "--out", "p"], ["SCENARIO"]),
    "no place for the plan": (["plan", "gotland-ovning"], ["--out"]),
    "a scenario misspelt": (["check", "gotland-ovnin"], ["did you mean 'gotland-ovning'?"]),
    "a scenario of no name": (["check", ""], ["scenario"]),
    "a scenario's name of 5,000 letters": (["check", "x" * 5000], ["neither"]),
    "a scenario that is a device": (["check", "/dev/null"], ["null"]),
    "a model misspelt": (["plan", "gotland-ovning", "--out", "p", "--model", "natonal"], ["did you mean 'national'?"]),
    "a model that is a folder": (["plan", "gotland-ovning", "--out", "p", "--model", "."], ["model"]),
    "a setting that is none": (["plan", "gotland-ovning", "--out", "p", "--set", "border"], ["--set", "="]),
    "two settings, both wrong": (
        ["plan", "gotland-ovning", "--out", "p", "--set", "families.areas.bordr=x", "--set", "families.nonsense.a=1"],
        ["bordr", "border", "nonsense"],
    ),
    "a level there is not": (["check", "gotland-ovning", "--level", "ward"], ["ward", "hospital"]),
    "a language there is not": (["scenarios", "--lang", "fi"], ["fi"]),
    "a time limit of nan": (["plan", "gotland-ovning", "--out", "p", "--time-limit", "nan"], ["--time-limit"]),
    "a time limit below nought": (["plan", "gotland-ovning", "--out", "p", "--time-limit", "-1"], ["--time-limit"]),
    "a file where the plan should go": (["plan", "gotland-ovning", "--out", "file"], ["file", "not a folder"]),
    "a plan below a file": (["plan", "gotland-ovning", "--out", "file/p"], ["file"]),
    "somebody's folder for the plan": (["plan", "gotland-ovning", "--out", "full", "--force"], ["other files"]),
    "no reference package": (["check", "gotland-ovning", "--reference", "full"], ["datapackage.json"]),
    "a plan that is not there": (["verify", "nowhere"], ["nowhere", "does not exist"]),
    "a folder that is no plan": (["explain", "full"], ["full", "plan"]),
    "a report of a file": (["report", "file"], ["file"]),
    "one plan to compare": (["compare", "full"], ["two or more"]),
    "two plans that are none": (["compare", "full", "nowhere"], ["full", "nowhere"]),
    "models in other words": (["models", "delete", "national"], ["show"]),
    "a model that is not there": (["models", "show", "x"], ["national"]),
    "a new scenario over a file": (["new", "file"], ["file"]),
    "a new scenario where others are": (["new", "full"], ["full"]),
    "no budget": (["cost-share"], ["--budget"]),
    "a budget in words": (["cost-share", "--budget", "ten"], ["--budget", "ten"]),
    "a share above one": (["cost-share", "--budget", "10", "--fixed-share", "34"], ["--fixed-share", "0.34"]),
    "a date without population": (["cost-share", "--budget", "10", "--population-date", "1749-01-01"], ["1749"]),
    "a population that is a folder": (["cost-share", "--budget", "10", "--population", "full"], ["full"]),
    "two populations": (
        ["cost-share", "--budget", "1", "--population", "file", "--population-date", "2023-12-31"],
        ["--population-date"],
    ),
}


@pytest.mark.parametrize("case", USAGE)
def test_wrong_usage_is_refused_and_the_right_one_shown(case, call, tmp_path, monkeypatch):
    arguments, words = USAGE[case]
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine", encoding="utf-8")
    before = listing(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert_refused(call(*arguments), words)
    assert listing(tmp_path) == before and (tmp_path / "file").read_text(encoding="utf-8") == "mine"


def test_a_reader_who_leaves_early_gets_no_traceback():
    import subprocess
    import sys

    from nspl_opt.shipped import shipped_dir

    root = shipped_dir("data").parent
    line = f"{sys.executable} -m nspl_opt models show national | head -n 1"
    ran = subprocess.run(line, shell=True, cwd=root, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0 and ran.stderr == ""


def test_a_terminal_that_cannot_write_swedish_still_gets_its_answer(shell):
    ran = shell("scenarios", PYTHONIOENCODING="ascii")
    assert ran.code == 0 and "gotland-ovning" in ran.out and ran.err == ""
