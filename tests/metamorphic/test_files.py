"""What must not matter does not: order of rows, hash seed, a row split in two. Plan folders, byte by byte."""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nspl_opt.pipeline import make_plan
from nspl_opt.plan.folder import write_plan

from ..cli.country import small_reference, small_scenario

ROOT = Path(__file__).resolve().parents[2]
DEMAND = """from_h,to_h,place,category,patients
0,12,18,icu_general,40
0,24,18,icu_general,9.5
12,24,17,icu_general,7
0,12,19,icu_general,3
"""
PLAN = """
import sys
from pathlib import Path
from nspl_opt.pipeline import make_plan
from nspl_opt.plan.folder import write_plan
scenario, reference, out = map(Path, sys.argv[1:])
made = make_plan(scenario, reference=reference)
assert made.check.ok, made.check.text("en")
write_plan(made.plan, out, scenario, reference)
"""


@pytest.fixture(scope="module")
def country(tmp_path_factory):
    """Three regions and a scenario in which one of them is overfull."""
    home = tmp_path_factory.mktemp("country")
    small_reference(home / "reference")
    small_scenario(home / "scenario", demand=DEMAND)
    return home


@pytest.fixture(scope="module")
def tables(country, tmp_path_factory):
    """The plan folder as it is without any change: file -> bytes."""
    return made_tables(country / "scenario", country / "reference", tmp_path_factory.mktemp("plan") / "plan")


def made_tables(scenario: Path, reference: Path, out: Path) -> dict[str, bytes]:
    made = make_plan(scenario, reference=reference)
    assert made.check.ok, made.check.text("en")
    write_plan(made.plan, out, scenario, reference)
    return table_bytes(out)


def table_bytes(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(out.glob("*.csv"))}


def rewritten(folder: Path, change) -> None:
    """Every CSV file of a folder with its rows changed."""
    for path in sorted(folder.rglob("*.csv")):
        with open(path, encoding="utf-8", newline="") as stream:
            head, *rows = csv.reader(stream)
        with open(path, "w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([head, *change(path, rows)])


def copied(country: Path, to: Path) -> Path:
    shutil.copytree(country, to)
    return to


def test_there_is_something_to_plan(tables):
    assert {"transfers.csv", "trips.csv", "census.csv"} <= set(tables)
    assert tables["transfers.csv"].count(b"\n") > 3


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_rows_in_no_file_matters(seed, country, tables, tmp_path):
    rng = random.Random(seed)
    home = copied(country, tmp_path / "shuffled")
    rewritten(home, lambda _, rows: rng.sample(rows, len(rows)))
    assert made_tables(home / "scenario", home / "reference", tmp_path / "plan") == tables


def test_demand_split_between_two_files_is_the_same_demand(country, tables, tmp_path):
    home = copied(country, tmp_path / "split")
    rewritten(home / "scenario", lambda _, rows: [[*row[:4], str(float(row[4]) - 1.25)] for row in rows])
    shutil.copy(home / "scenario" / "demand.csv", home / "scenario" / "more.csv")
    text = (home / "scenario" / "scenario.toml").read_text(encoding="utf-8")
    more = '\n[[demand]]\nfile = "more.csv"\nbasis = "invented"\nsource = "exercise"\n'
    (home / "scenario" / "scenario.toml").write_text(text + more, encoding="utf-8")
    (home / "scenario" / "more.csv").write_text(_only(home / "scenario" / "more.csv", "1.25"), encoding="utf-8")
    assert made_tables(home / "scenario", home / "reference", tmp_path / "plan") == tables


def _only(file: Path, patients: str) -> str:
    head, *rows = file.read_text(encoding="utf-8").splitlines()
    return "\n".join([head, *(row.rpartition(",")[0] + "," + patients for row in rows)]) + "\n"


def test_a_row_of_demand_split_in_two_halves_of_its_hours_is_the_same_demand(country, tables, tmp_path):
    home = copied(country, tmp_path / "halves")

    def halves(_: Path, rows: list[list[str]]) -> list[list[str]]:
        split = []
        for start, end, *place, patients in rows:
            middle = str((int(start) + int(end)) // 2)
            half = str(float(patients) / 2)
            split += [[start, middle, *place, half], [middle, end, *place, half]]
        return split

    rewritten(home / "scenario", halves)
    # Where shares leave an odd millionth it may fall to the other period: totals are the same.
    folders = (country / "scenario", home / "scenario")
    one, other = (make_plan(folder, reference=country / "reference").plan for folder in folders)
    assert other.tables["census"]["arrived"].sum() == pytest.approx(one.tables["census"]["arrived"].sum(), abs=1e-9)
    assert [g.value for g in other.goals] == pytest.approx([g.value for g in one.goals], rel=1e-5, abs=1e-3)


def test_the_hash_seed_of_python_does_not_matter(country, tables, tmp_path):
    running = []
    for seed in range(4):
        out = tmp_path / f"plan-{seed}"
        environment = os.environ | {"PYTHONHASHSEED": str(seed), "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", PLAN, *map(str, (country / "scenario", country / "reference", out))]
        running.append((out, subprocess.Popen(command, env=environment, cwd=tmp_path)))
    folders = []
    for out, process in running:
        assert process.wait(timeout=120) == 0
        assert table_bytes(out) == tables
        folders.append({path.name: path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()})
    for folder in folders:
        folder.pop("timing.json")
        assert folder == folders[0]  # plan.json and the manifest too


def test_lists_and_tables_of_the_scenario_may_stand_in_any_order(country, tables, tmp_path):
    home = copied(country, tmp_path / "order")
    file = home / "scenario" / "scenario.toml"
    text = file.read_text(encoding="utf-8")
    top, _, rest = text.partition("[[demand]]")
    lines = [line for line in top.splitlines() if line.strip()]
    file.write_text("\n".join(reversed(lines)) + "\n[[demand]]" + rest, encoding="utf-8")
    assert made_tables(home / "scenario", home / "reference", tmp_path / "plan") == tables


def test_the_plan_says_what_it_was_made_from(country, tables, tmp_path):
    made_tables(country / "scenario", country / "reference", tmp_path / "plan")
    story = json.loads((tmp_path / "plan" / "plan.json").read_text(encoding="utf-8"))
    assert any(name.endswith("demand.csv") for name in story["provenance"]["inputs"])
