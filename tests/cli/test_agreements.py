"""A plan is offered, answered and planned anew: by the command line, from its folder."""

from __future__ import annotations

import csv
import io
import json

TABLE = '\n[[agreements]]\nfile = "agreements.csv"\nbasis = "invented"\nsource = "exercise"\n'


def test_what_a_plan_offers_can_be_read_by_the_next_scenario(planned, place, call, country, tmp_path):
    assert planned.code == 0, planned.err
    folder = country.small_scenario(tmp_path / "next", scenario=country.SCENARIO + TABLE)
    out = folder / "agreements.csv"
    assert call("agreements", place / "plan", "--state", "offered", "--out", out, "--lang", "en").code == 0
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8"))))
    assert rows and {row["state"] for row in rows} == {"offered"}
    assert call("check", folder, "--reference", place / "reference").code == 0
    told = json.loads(call("agreements", place / "plan", "--state", "offered", "--json").out)
    assert [row["id"] for row in told] == [row["id"] for row in rows]


def test_a_file_that_is_there_is_not_written_over(planned, place, call, tmp_path):
    out = tmp_path / "lines.csv"
    assert call("agreements", place / "plan", "--out", out).code == 0
    again = call("agreements", place / "plan", "--out", out)
    assert again.code == 2 and "--force" in again.err
    assert call("agreements", place / "plan", "--out", out, "--force", "--start", 24).code == 0
    assert call("agreements", place / "plan", "--start", -1).code == 2
