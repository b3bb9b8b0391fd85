"""Reasons on the command line: told with a plan, kept in its folder, and instead of a plan when wishes conflict."""

import csv
import json

import pytest

TABLES = ("alternatives", "instead", "binding", "prices", "if_no", "values")


def first_transfer(folder):
    with open(folder / "transfers.csv", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return next((row["id"] for row in rows if row["whole"] == "true"), rows[0]["id"])


def test_a_plan_keeps_its_reasons_and_tells_how_many_were_asked_for(planned, place):
    assert planned.code == 0
    assert all((place / "plan" / f"{name}.csv").is_file() for name in TABLES)
    head = json.loads((place / "plan" / "plan.json").read_text(encoding="utf-8"))
    asked = head["provenance"]["reasons"]
    assert set(asked) == {"alternatives", "prices", "if_no", "values"}
    assert asked["if_no"]["asked"] > 1


def test_a_transfer_is_explained_with_what_else_could_be_done(planned, place, call):
    assert planned.code == 0
    said = call("explain", place / "plan", first_transfer(place / "plan"))
    assert said.code == 0
    assert "Går flytten inte att göra:" in said.out and "Så är alternativen räknade" in said.out
    whole = call("explain", place / "plan", "--lang", "en")
    assert "If we say no" in whole.out


def test_without_reasons_nothing_of_it_is_written(place, tmp_path, call):
    out = tmp_path / "plain"
    options = ("--reference", place / "reference", "--no-reasons", "--no-without-help", "--quiet")
    assert call("plan", place / "scenario", "--out", out, *options).code == 0
    assert not any((out / f"{name}.csv").exists() for name in TABLES)
    assert "alternativ" not in call("explain", out, first_transfer(out)).out


def test_a_transfer_is_left_out_in_earnest_when_asked(planned, place, call):
    assert planned.code == 0
    said = call("explain", place / "plan", first_transfer(place / "plan"), "--exact", "--lang", "en")
    assert said.code == 0, said.err
    assert "The whole case planned anew" in said.out and "Proven: the first goal differs" in said.out
    refused = call("explain", place / "plan", "--exact")
    assert refused.code == 2 and "U106" in refused.err


@pytest.mark.parametrize(("lang", "title"), [("sv", "Kraven går inte ihop"), ("en", "The wishes do not fit together")])
def test_wishes_that_conflict_are_told_with_what_must_give_way(place, tmp_path, call, lang, title):
    out = tmp_path / "wished"
    wish = ("--set", "goals.unmet_care.at_most=0.001", "--set", "goals.patient_hours_in_transit.at_most=0")
    options = ("--reference", place / "reference", "--quiet", "--lang", lang)
    made = call("plan", place / "scenario", "--out", out, *wish, *options)
    assert made.code == 1
    assert title in made.out
    assert not out.exists()
    told = json.loads((tmp_path / "wished.conflict.json").read_text(encoding="utf-8"))
    assert told["ways"] and told["confirmed"]


def test_time_for_reasons_is_a_number_of_seconds(place, tmp_path, call):
    options = ("--reference", place / "reference", "--reasons-time", "0")
    refused = call("plan", place / "scenario", "--out", tmp_path / "x", *options)
    assert refused.code == 2 and "--reasons-time" in refused.err
