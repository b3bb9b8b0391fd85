"""The benchmark instances: every one can be written and read, and the same seed gives the same patients."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.instances import CASES, write_case, write_reference
from nspl_opt.reference.package import load_reference
from nspl_opt.scenario.read import read_scenario
from nspl_opt.scenario.resolve import resolve


@pytest.fixture(scope="module")
def countries(tmp_path_factory):
    """Number of sites asked for -> reference package."""
    folder = tmp_path_factory.mktemp("countries")
    first = {case.sites: case for case in CASES.values()}
    return {sites: load_reference(write_reference(case, folder)) for sites, case in first.items()}


@pytest.mark.parametrize("name", CASES)
def test_every_bad_week_can_be_written_and_has_nothing_wrong_in_it(name, tmp_path, countries):
    case = CASES[name]
    situation = resolve(countries[case.sites], read_scenario(write_case(case, tmp_path)), None)
    assert sum(situation.block_hours) == 24 * case.days
    assert (situation.level, len(situation.categories)) == (case.level, 6)
    assert situation.arrivals_micro.sum() > 0


def test_tomorrow_has_two_hundred_hospitals_and_not_a_bed_or_nurse_more_than_today(countries):
    today, tomorrow = countries[0], countries[200]
    assert (len(today.sites), len(tomorrow.sites)) == (72, 200)
    for stock, kind in {"beds": "staffed", "staff": "people", "surge": "beds"}.items():
        amount = [sum(getattr(row, kind) for row in getattr(country, stock)) for country in (today, tomorrow)]
        assert amount[0] == amount[1]
    assert all(stock.planned <= stock.staffed for stock in tomorrow.beds)


def test_the_same_seed_gives_the_same_patients_and_another_seed_others(tmp_path):
    case = CASES["region-week"]
    again, other = replace(case, name="again"), replace(case, name="other", seed=1)
    told = [(write_case(one, tmp_path) / "demand.csv").read_bytes() for one in (case, again, other)]
    assert told[0] == told[1] != told[2]


def test_a_country_of_hospitals_is_written_byte_for_byte_the_same_twice(tmp_path):
    case = CASES["sites-200"]
    first, second = (write_reference(case, tmp_path / name) for name in ("one", "two"))
    assert {p.name: p.read_bytes() for p in first.iterdir() if p.is_file()} == {
        p.name: p.read_bytes() for p in second.iterdir() if p.is_file()
    }


def test_the_rules_written_a_second_time_as_arrays_give_the_same_matrix():
    # Times of builders are only worth comparing while they build the same.
    root = Path(__file__).resolve().parent.parent.parent
    words = [sys.executable, "benchmarks/builders.py", "region-3x40", "--runs", "1", "--no-optimum"]
    path = os.pathsep.join([str(root), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(words, cwd=root, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    cells = [line.split(" | ") for line in done.stdout.splitlines() if not line.startswith("|---")]
    lines = {line[1]: line for line in cells}
    assert lines["ours"][7] == "yes", done.stdout
    assert lines["ours"][2:5] == lines["arrays"][2:5]
