"""The story of docs/api.md, word for word: a region asks, the secretariat plans, two regions answer, it plans anew."""

import contextlib
import re
from pathlib import Path

import pytest

from tests.api.served import served

ROOT = Path(__file__).resolve().parents[2]
FORM = {
    "authorised_by": "region_director", "classification": "oppen", "legal_basis": "hsl_16a_2",
    "need_status": "needed_now", "disaster_state": "foreseeable", "cause": "mass_casualty", "contact": "tib-18",
    "own_measures": [{"measure": "surge_beds", "degree_percent": 100}],
    "lines": [{"help_kind": "patient_relief", "what": "icu_general", "quantity": 20, "unit": "patients",
               "earliest": "2027-01-11T06:00", "latest": "2027-01-12T06:00", "divisible": True, "priority": 1}],
}  # fmt: skip
"""A help request, as in the story."""


@pytest.fixture
def told(tmp_path_factory, planned):
    """What the documented lines of Python left behind, run against a real server."""
    tmp_path = tmp_path_factory.mktemp("story")
    (tmp_path / "scenario").mkdir()
    for name, text in planned.files.items():
        (tmp_path / "scenario" / name).write_text(text, encoding="utf-8")
    (tmp_path / "model.toml").write_text(planned.model, encoding="utf-8")
    code = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "api.md").read_text(encoding="utf-8"), re.S)
    with contextlib.chdir(tmp_path), served(tmp_path, planned) as service:
        found = {"url": service.url, "keys": service.keys}
        exec(compile("\n".join(code), "docs/api.md", "exec"), found)
        yield found
        for client in (found["office"], found["colleague"], *found["region"].values()):
            client.close()


def test_the_story_of_the_documentation_comes_out_as_told(told):
    office, again, yes, no = (told[name] for name in ("office", "again", "yes", "no"))
    assert told["asked"]["state"] == "acknowledged" and told["form"] == FORM
    assert (told["first"]["state"], again["state"], again["conflicts"]) == ("done", "done", [])
    assert (told["accepted"]["state"], told["declined"]["state"]) == ("accepted", "declined")
    rows = {name: office.table(again["plan_id"], name) for name in ("agreements", "transfers")}
    agreed = {row["id"]: row for row in rows["agreements"]}
    assert (agreed[yes["id"]]["state"], agreed[yes["id"]]["broken"]) == ("accepted", 0)
    assert agreed[yes["id"]]["kept"] == pytest.approx(yes["amount"])
    assert agreed[no["id"]]["state"] == "declined"
    refused = [no[name] for name in ("from_region", "to_region", "from_time")]
    assert not [row for row in rows["transfers"] if [row["from_region"], row["to_region"], row["depart"]] == refused]
    states = {one["id"]: one["state"] for one in told["changes"]["answers"]}
    assert (states[yes["id"]], states[no["id"]]) == ("accepted", "declined")
    assert "scenario/store_lines.csv" in told["changes"]["comparison"]["causes"]["files"]
    assert office.plan(again["plan_id"])["based_on"] == told["first"]["plan_id"]
