"""The project's own files: locks, floors, and a README that says what is so."""

import re
import subprocess
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
RUN = [*PROJECT["dependencies"], *EXTRAS["api"]]
LOCKS = {"lock.txt": RUN, "lock-test.txt": [*RUN, *(one for one in EXTRAS["test"] if one != "nspl-opt[api]")]}


def pins(lock):
    """Package -> pinned version and number of hashes."""
    found, name = {}, None
    for line in (ROOT / "requirements" / lock).read_text(encoding="utf-8").splitlines():
        if pin := re.match(r"([a-z0-9._-]+)==([^ ;]+)", line):
            name = pin[1]
            assert name not in found, f"{name} is pinned twice: one version for every Python"
            found[name] = (Version(pin[2]), 0)
        if "--hash=sha256:" in line:
            found[name] = (found[name][0], found[name][1] + 1)
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_locked_by_hash_at_a_version_the_project_allows(lock):
    locked = pins(lock)
    assert all(hashes for _, hashes in locked.values())
    for text in LOCKS[lock]:
        wanted = Requirement(text)
        assert locked[wanted.name.lower()][0] in wanted.specifier, text


def test_both_locks_name_the_same_versions():
    run, test = pins("lock.txt"), pins("lock-test.txt")
    assert {name: test[name] for name in run} == run


def test_the_locks_hold_no_address_and_no_option_of_an_index():
    for path in sorted((ROOT / "requirements").iterdir()):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?:|file:|//|--(extra-)?index|--find-links|--trusted", text), path.name


def test_wheels_of_the_solver_are_locked_for_every_supported_python():
    # highspy has a wheel per Python and platform: three Pythons on four platforms at the least.
    assert pins("lock.txt")["highspy"][1] >= 12


def test_the_floors_are_those_of_the_design():
    floors = {Requirement(text).name: str(Requirement(text).specifier) for text in PROJECT["dependencies"]}
    assert floors["pyomo"] == ">=6.10.1" and floors["highspy"] == "<1.16,>=1.15.1"
    assert PROJECT["requires-python"] == ">=3.11"
    assert not [name for name, floor in floors.items() if not floor]


def test_the_readme_names_commands_that_exist():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = set(re.findall(r"^    make (\w+)", text, re.M))
    made = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    assert {"demo", "test"} <= targets <= made
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert (ROOT / link).exists(), link


def test_the_first_screen_has_two_commands_what_came_out_and_what_it_is_not():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    parts = ("# nspl-opt", "make demo", "make test", "## What it is not", "## På svenska")
    order = [text.index(part) for part in parts]
    assert order == sorted(order)
    assert text[: order[3]].count("\n") < 60


def test_the_output_shown_is_that_of_a_plan_of_the_shipped_model_with_every_rule_kept():
    from nspl_opt.cli.texts import call_it
    from nspl_opt.formulation.catalogue import load_model

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = text.split("<!-- make demo gave -->")[1].split("<!-- so far -->")[0]
    nothing_agreed = SimpleNamespace(agreements=(), crisis_open=None)  # nor unlocked, as in the scenario shown
    goals = [call_it("goal", stage.label, "en") for stage in load_model("national").stages(nothing_agreed)]
    assert re.findall("|".join(map(re.escape, goals)), shown) == goals
    assert re.search(r"^    (\d+) of \1 rules hold", shown, re.M)


def test_continuous_integration_calls_the_readmes_test_command():
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert "\nmake test\n" in script.read_text(encoding="utf-8")


@pytest.mark.parametrize("script", ["scripts/make_env.sh", "scripts/demo.sh", ".ci/run"])
def test_every_script_can_be_read_by_its_shell(script):
    shell = "bash" if script == ".ci/run" else "sh"
    done = subprocess.run([shell, "-n", ROOT / script], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr
