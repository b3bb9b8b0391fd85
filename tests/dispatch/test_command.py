"""``nspl-opt dispatch`` on a real, small plan."""

import csv
import importlib
import json
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest

from nspl_opt.plan.folder import write_plan


@pytest.fixture(scope="module")
def folder(solved, tmp_path_factory):
    place = tmp_path_factory.mktemp("plans") / "plan"
    return write_plan(solved.plan, place, solved.scenario_dir, solved.reference_dir)


@pytest.fixture
def call(monkeypatch, capsys):
    main = importlib.import_module("nspl_opt.cli").main

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["nspl-opt", "dispatch", *map(str, arguments)])
        monkeypatch.delenv("NSPL_OPT_LANG", raising=False)
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as left:
            code = left.code or 0
        return code, *capsys.readouterr()

    return run


def rows(path):
    with open(path, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_trip_and_patient_of_a_real_plan_is_driven_or_told(folder, call, tmp_path):
    code, out, err = call(folder, "--out", tmp_path, "--json")
    assert code == 0, err
    told = json.loads(out)
    transfers = [row for row in rows(folder / "transfers.csv") if int(row["period"]) < 2]
    driven = [row for row in rows(tmp_path / "dispatch.csv") if not row["serves"]]
    left = [row for row in rows(tmp_path / "dispatch_unplaced.csv") if row["what"] == "patients"]
    assert transfers and told["checks"]["ok"] and told["patients"]["driven"] > 0
    planned = sum(float(row["patients"]) for row in transfers)
    found = sum(int(row["patients"]) for row in driven) + sum(float(row["amount"]) for row in left)
    assert found == pytest.approx(planned) and told["patients"]["planned"] == pytest.approx(planned)


def test_the_tables_stand_beside_the_plan_which_stays_whole(folder, call):
    code, out, err = call(folder)
    assert code == 0, err
    assert "lämnar bas" in out and "körningar" in out
    assert {"dispatch.csv", "dispatch_unplaced.csv", "dispatch_crews.csv"} <= {path.name for path in folder.iterdir()}
    code, english, _ = call(folder, "--lang", "en")
    assert code == 0 and "leaves base" in english


def test_the_same_plan_is_dispatched_the_same_way_twice(folder, call, tmp_path):
    for name in ("one", "two"):
        assert call(folder, "--out", tmp_path / name, "--json")[0] == 0
    for name in ("dispatch.csv", "dispatch_unplaced.csv", "dispatch_crews.csv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_hours_without_sense_and_folders_without_a_plan_are_refused(folder, call, tmp_path):
    assert call(folder, "--hours", 0)[0] == 2
    assert call(tmp_path)[0] == 2
    occupied = tmp_path / "file"
    occupied.write_text("", encoding="utf-8")
    assert call(folder, "--out", occupied)[0] == 2


def test_a_ferry_leaves_a_port_and_who_drives_there_drives_to_the_port(country):
    """Holmen is a hospital and its port: the same code."""
    from nspl_opt.cli.dispatching import _ways

    here = country(departures=(200,))
    made = here.dispatch((0, "ward", "a1", "holmen", "ferry", 1, "", 1))
    towns = tuple(replace(node, name=f"{node.name} hamn") for node in here.reference.nodes)
    stored = SimpleNamespace(reference=replace(here.reference, nodes=towns), situation=here.situation)
    ways = _ways(made.tables["dispatch"], stored, "sv")
    kinds = {row["kind"]: ways[row["run"]] for row in made.tables["dispatch"]}
    named = {site.code: site.name for site in here.situation.sites}
    port = {node.code: f"{node.name} hamn" for node in here.reference.nodes}
    assert kinds["sailing"] == f"{port['alvik']} → {port['holmen']}"
    assert kinds["to_terminal"] == f"{named['a1']} → {port['alvik']}"
