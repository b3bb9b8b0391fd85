"""A plan as a folder: whole or not at all, the same bytes each time, every change noticed."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from nspl_opt.files import sha256_file
from nspl_opt.plan import folder as plan_folder
from nspl_opt.plan.checks import verify
from nspl_opt.plan.columns import columns
from nspl_opt.plan.folder import read_plan, write_plan
from nspl_opt.plan.plan import TABLES, Avoidable
from nspl_opt.problems import InvalidInput

from . import island


@pytest.fixture
def inputs(tmp_path):
    """The files that the plan says it was made from."""
    scenario, reference = tmp_path / "in" / "scenario", tmp_path / "in" / "reference"
    (reference / "geo").mkdir(parents=True)
    scenario.mkdir()
    (scenario / "scenario.toml").write_text("title = 'Ö'\n", encoding="utf-8")
    (scenario / "notes.txt").write_text("not read\n", encoding="utf-8")
    (reference / "geo" / "map.geojson").write_text("{}\n", encoding="utf-8")
    return scenario, reference


@pytest.fixture
def plan(inputs):
    scenario, reference = inputs
    hashes = {
        "reference/geo/map.geojson": sha256_file(reference / "geo" / "map.geojson"),
        "scenario/scenario.toml": sha256_file(scenario / "scenario.toml"),
    }
    return replace(island.plan(), provenance={"inputs": hashes, "seed": 0, "versions": {"python": "3.11"}})


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def codes(caught) -> list[str]:
    return [problem.code for problem in caught.value.problems]


def test_the_grid_and_the_share_avoided_come_back_with_the_plan(plan, inputs, tmp_path):
    told = replace(plan, grid=(6, 6, 12, 24), avoidable=Avoidable(9.0, 8.5, 3.0, 2.0, None, 0.5))
    out = write_plan(told, tmp_path / "plan", *inputs)
    again = read_plan(out)
    assert (again.grid, again.avoidable) == (told.grid, told.avoidable)
    assert json.loads((out / "plan.json").read_text(encoding="utf-8"))["grid"] == [[6, 2], [12, 1], [24, 1]]


@pytest.mark.parametrize("grid", [[[6, 0]], [[0, 6]], [[6]], [["6", 2]], [[6, 10**9]], 7])
def test_a_grid_that_is_none_is_refused(plan, inputs, tmp_path, grid):
    out = write_plan(plan, tmp_path / "plan", *inputs)
    head = json.loads((out / "plan.json").read_text(encoding="utf-8")) | {"grid": grid}
    (out / "plan.json").write_text(json.dumps(head), encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        read_plan(out)
    assert "P205" in codes(caught)


def test_what_is_written_is_what_is_read(plan, inputs, tmp_path):
    out = write_plan(plan, tmp_path / "plan", *inputs)
    again = read_plan(out)
    rounded = tuple(replace(g, value=float(f"{g.value:.12g}"), bound=float(f"{g.bound:.12g}")) for g in plan.goals)
    assert replace(again, tables={}) == replace(plan, tables={}, goals=rounded)
    for name in plan.tables:
        pd.testing.assert_frame_equal(again.tables[name], plan.tables[name])


def test_a_plan_read_from_its_folder_keeps_every_rule(plan, inputs, tmp_path):
    again = read_plan(write_plan(plan, tmp_path / "plan", *inputs))
    situation = replace(island.situation(), input_hashes=plan.provenance["inputs"])
    assert verify(again, situation, island.travel()).ok


def test_two_runs_give_the_same_bytes_but_for_the_timing(plan, inputs, tmp_path):
    slower = replace(plan, timing={"solve": 99.0}, goals=tuple(replace(goal, seconds=7.5) for goal in plan.goals))
    one, other = (files_in(write_plan(p, tmp_path / n, *inputs)) for n, p in (("a", plan), ("b", slower)))
    assert one.pop("timing.json") != other.pop("timing.json")
    assert one == other


def test_a_plan_written_again_from_its_own_copy_is_the_same(plan, inputs, tmp_path):
    first = write_plan(plan, tmp_path / "a", *inputs)
    copies = first / "inputs"
    second = write_plan(read_plan(first), tmp_path / "b", copies / "scenario", copies / "reference")
    assert files_in(first) == files_in(second)


def test_the_folder_holds_the_inputs_and_no_more(plan, inputs, tmp_path):
    out = write_plan(plan, tmp_path / "plan", *inputs)
    names = set(files_in(out))
    assert names == {"plan.json", "manifest.json", "timing.json", "inputs/scenario/scenario.toml",
                     "inputs/reference/geo/map.geojson", *(f"{table}.csv" for table in plan.tables)}  # fmt: skip
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["files"]
    assert set(manifest) == names - {"manifest.json", "timing.json"}


def test_figures_are_written_plainly(plan, inputs, tmp_path):
    out = write_plan(plan, tmp_path / "plan", *inputs)
    text = (out / "transfers.csv").read_bytes().decode("utf-8")
    assert "\r" not in text and text.endswith("\n") and ",2.5,false,75,relief,true" in text
    assert (out / "load.csv").read_text(encoding="utf-8").count("\n") == 1 + len(plan.tables["load"])


def test_an_earlier_plan_is_replaced_whole(plan, inputs, tmp_path):
    out = write_plan(plan, tmp_path / "plan", *inputs)
    (out / "report.sv.html").write_text("old", encoding="utf-8")
    write_plan(replace(plan, status="feasible_gap"), out, *inputs)
    assert read_plan(out).status == "feasible_gap" and not (out / "report.sv.html").exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "plan"]


def test_other_peoples_files_are_left_alone(plan, inputs, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        write_plan(plan, tmp_path / "mine", *inputs)
    assert codes(caught) == ["P102"]
    assert files_in(tmp_path / "mine") == {"thesis.txt": b"years of work"}
    write_plan(plan, tmp_path / "mine", *inputs, force=True)
    assert read_plan(tmp_path / "mine").scenario == "island"


def test_a_file_is_no_place_for_a_plan(plan, inputs, tmp_path):
    (tmp_path / "plan").write_text("", encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        write_plan(plan, tmp_path / "plan", *inputs, force=True)
    assert codes(caught) == ["P102"]


def test_inputs_that_changed_or_vanished_are_all_told(plan, inputs, tmp_path):
    scenario, reference = inputs
    (scenario / "scenario.toml").write_text("title = 'Another'\n", encoding="utf-8")
    (reference / "geo" / "map.geojson").unlink()
    with pytest.raises(InvalidInput) as caught:
        write_plan(plan, tmp_path / "plan", *inputs)
    assert sorted(codes(caught)) == ["P103", "P901"]
    assert not (tmp_path / "plan").exists()


@pytest.mark.parametrize("name", ["scenario/../../secret", "elsewhere/file", "scenario/", "scenario//etc/passwd"])
def test_no_input_is_fetched_from_outside(plan, inputs, tmp_path, name):
    odd = replace(plan, provenance={"inputs": {name: "0" * 64}})
    with pytest.raises(InvalidInput) as caught:
        write_plan(odd, tmp_path / "plan", *inputs)
    assert codes(caught) == ["P103"]


@pytest.mark.parametrize("text", ["=1+1", "+46", "-x", "@here", "\tx", "\rx"])
def test_a_text_that_a_spreadsheet_would_run_is_refused(plan, inputs, tmp_path, text):
    frame = plan.tables["transfers"].copy()
    frame.loc[0, "kind"] = text
    with pytest.raises(InvalidInput) as caught:
        write_plan(replace(plan, tables={**plan.tables, "transfers": frame}), tmp_path / "plan", *inputs)
    assert codes(caught) == ["P105"]
    assert not (tmp_path / "plan").exists()


@pytest.mark.parametrize("fail_at", ["open", "rename"])
def test_a_full_disk_leaves_the_earlier_plan_and_no_half_one(plan, inputs, tmp_path, monkeypatch, fail_at):
    out = write_plan(plan, tmp_path / "plan", *inputs)
    before = files_in(out)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    if fail_at == "open":
        monkeypatch.setattr(plan_folder.os, "fsync", refuse)
    else:
        rename = os.rename
        monkeypatch.setattr(
            plan_folder.os, "rename", lambda a, b: refuse() if Path(b) == out and "old" not in str(a) else rename(a, b)
        )
    with pytest.raises(InvalidInput) as caught:
        write_plan(replace(plan, status="feasible_gap"), out, *inputs)
    assert codes(caught) == ["P104"]
    monkeypatch.undo()
    assert files_in(out) == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "plan"]


def test_every_changed_or_missing_file_is_told_at_once(plan, inputs, tmp_path):
    out = write_plan(plan, tmp_path / "plan", *inputs)
    (out / "loans.csv").unlink()
    with open(out / "transfers.csv", "a", encoding="utf-8") as stream:
        stream.write("one more line\n")
    (out / "inputs" / "scenario" / "scenario.toml").write_text("title = 'x'\n", encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        read_plan(out)
    assert {"P202", "P203", "P206"} <= set(codes(caught))
    assert sum(code == "P203" for code in codes(caught)) == 2


def reseal(out: Path, name: str, content: str) -> None:
    """Change a file and the manifest with it, as a careful forger would."""
    (out / name).write_text(content, encoding="utf-8")
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"][name] = sha256_file(out / name)
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [
        ("census.csv", "period,start", "period,begin", "P206"),
        ("census.csv", "\n1,", "\n1.5,", "P207"),
        ("census.csv", "\n1,", "\n1,1,", "P206"),
        ("transfers.csv", ",true,", ",yes,", "P207"),
        ("loans.csv", ",3\n", ",three\n", "P207"),
        ("load.csv", ",9,", ",inf,", "P207"),
        ("plan.json", '"format"', '"form"', "P205"),
        ("plan.json", "{", "[", "P205"),
        ("plan.json", '"gap": 0.0', '"gap": "small"', "P205"),
    ],
)
def test_a_forged_file_is_refused_in_words(plan, inputs, tmp_path, name, old, new, code):
    out = write_plan(plan, tmp_path / "plan", *inputs)
    text = (out / name).read_text(encoding="utf-8")
    assert old in text
    reseal(out, name, text.replace(old, new, 1))
    with pytest.raises(InvalidInput) as caught:
        read_plan(out)
    assert code in codes(caught)


@pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"files": []}', '{"files": {"../x": "0"}}', "[" * 100_000])
def test_a_broken_manifest_is_refused_in_words(plan, inputs, tmp_path, manifest):
    out = write_plan(plan, tmp_path / "plan", *inputs)
    (out / "manifest.json").write_text(manifest, encoding="utf-8")
    with pytest.raises(InvalidInput):
        read_plan(out)


def test_a_folder_without_a_plan_says_so(tmp_path):
    with pytest.raises(InvalidInput) as caught:
        read_plan(tmp_path)
    assert codes(caught) == ["P201"]


def test_what_a_family_had_nothing_to_act_on_is_kept(plan, inputs, tmp_path):
    noted = replace(plan, notes=("reception.no_limits",))
    assert read_plan(write_plan(noted, tmp_path / "plan", *inputs)).notes == ("reception.no_limits",)
    assert '"notes"' not in (write_plan(plan, tmp_path / "plain", *inputs) / "plan.json").read_text(encoding="utf-8")


def test_a_table_of_a_later_family_is_there_only_when_the_family_is_on(plan, inputs, tmp_path, monkeypatch):
    contract = columns("id|text||name", "to_site|text||receiver|empty", "period|whole||departure|empty")
    monkeypatch.setitem(TABLES, "groups", contract)
    groups = pd.DataFrame({"id": ["a", "b"], "to_site": ["", "huddinge"], "period": pd.Series([None, 3], dtype=object)})
    for name, given in (("off", {}), ("on", {"groups": groups})):
        out = write_plan(replace(plan, tables={**plan.tables, **given}), tmp_path / name, *inputs)
        assert (out / "groups.csv").is_file() == bool(given)
        pd.testing.assert_frame_equal(
            read_plan(out).table("groups"), groups if given else groups[:0], check_dtype=bool(given)
        )
