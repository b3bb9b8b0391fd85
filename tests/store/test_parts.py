"""Small parts: times as text, what drivers say as errors of our own, drafts of loans, of hospitals and of reasons."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pandas as pd
import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnection

from nspl_opt.pipeline import make_plan
from nspl_opt.store import agreements, lines, scenarios
from nspl_opt.store.answers import Answer
from nspl_opt.store.clock import time_of, time_text, utc_now
from nspl_opt.store.drafts import draft_lines
from nspl_opt.store.errors import Again, Busy, Full, NotThere, Stale, Unfit, Unsound
from nspl_opt.store.failures import told
from nspl_opt.store.plans import Opened
from tests.store.small import decision_maker, draft
from tests.store.test_lines import answer


def test_text_order_of_times_is_their_order():
    moments = [
        datetime(1, 1, 1, tzinfo=UTC), datetime(2026, 3, 29, 0, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 3, 29, 3, 0, tzinfo=timezone(timedelta(hours=2))), datetime(9999, 12, 31, tzinfo=UTC),
    ]  # fmt: skip
    texts = [time_text(moment) for moment in moments]
    assert texts == sorted(texts) and {len(text) for text in texts} == {27}
    assert [time_of(text) for text in texts] == moments
    assert utc_now().utcoffset() == timedelta(0)
    with pytest.raises(ValueError, match="time zone"):
        time_text(datetime(2026, 3, 29))


class Said(Exception):
    """What psycopg says."""

    def __init__(self, state):
        super().__init__("server said\nDETAIL: value (secret)")
        self.sqlstate = state


def by_sqlite(code, kind=sqlite3.OperationalError):
    error = kind("it said so")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("said", "kind", "code"),
    [
        (Said("40001"), Again, "L502"), (Said("40P01"), Again, "L502"), (Said("55P03"), Busy, "L502"),
        (Said("57P01"), Busy, "L501"), (Said("08006"), Busy, "L501"), (Said(None), Busy, "L501"),
        (Said("53300"), Busy, "L501"), (Said("53100"), Full, "L503"), (Said("25006"), Full, "L503"),
        (Said("XX001"), Unfit, "L108"), (Said("42P01"), Unfit, "L108"), (Said("P0001"), Unfit, "L110"),
        (Said("22021"), Unsound, "L301"), (Said("23505"), Stale, "L504"), (Said("23503"), NotThere, "L401"),
        (Said("23514"), Unsound, "L301"), (Said("99999"), Busy, "L501"),
        (by_sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT), Busy, "L502"), (by_sqlite(sqlite3.SQLITE_IOERR_WRITE), Full, "L503"),
        (by_sqlite(sqlite3.SQLITE_FULL), Full, "L503"), (by_sqlite(sqlite3.SQLITE_CORRUPT), Unfit, "L108"),
    ],
)  # fmt: skip
def test_what_a_driver_says_becomes_an_error_of_ours_without_values(said, kind, code):
    with pytest.raises(kind) as ended, told():
        raise DBAPIError("SELECT", {}, said)
    assert (type(ended.value), ended.value.code) == (kind, code)
    assert "secret" not in f"{ended.value} {ended.value.sv}"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, Stale), (sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY, NotThere),
        (sqlite3.SQLITE_CONSTRAINT_CHECK, Unsound), (sqlite3.SQLITE_CONSTRAINT_NOTNULL, Unsound),
        (sqlite3.SQLITE_CONSTRAINT_TRIGGER, Unfit),
    ],
)  # fmt: skip
def test_what_a_table_forbids_becomes_an_error_of_ours(code, kind):
    with pytest.raises(kind), told():
        raise IntegrityError("INSERT", {}, by_sqlite(code, sqlite3.IntegrityError))


def test_no_free_connection_and_numbers_beyond_all_bounds_are_told():
    with pytest.raises(Busy, match="L501"), told():
        raise NoConnection
    with pytest.raises(Unsound), told():
        raise OverflowError


def test_a_loan_of_staff_becomes_a_line_without_a_carrier(small):
    opened = small.checked.opened
    names = list(opened.plan.table("loans").columns)
    loan = ("icu_nurse-17-18-0", "icu_nurse", "17", "18", 0, 0, "2027-01-11T06:00", "2027-01-12T06:00", 3)
    loans = pd.DataFrame([dict(zip(names, loan, strict=True))])
    lent = replace(opened.plan, tables={**opened.plan.tables, "loans": loans})
    (line,) = [one for one in draft_lines(replace(opened, plan=lent)) if one.kind == "staff"]
    assert (line.amount, line.carrier, line.card, line.from_region, line.to_region) == (3, "", {}, "17", "18")


def test_vehicles_of_several_regions_or_of_nobody_are_national(small):
    opened = small.checked.opened
    (first, *_) = [one for one in draft_lines(opened) if one.kind == "patients"]
    assert first.carrier not in ("", "national")
    trips = opened.plan.table("trips")
    other = next(pool.code for pool in opened.situation.pools if pool.region != first.carrier)
    for more in (trips.assign(pool=other), trips.assign(pool="")):
        both = replace(opened.plan, tables={**opened.plan.tables, "trips": pd.concat([trips, more])})
        assert draft_lines(replace(opened, plan=both))[0].carrier == "national"
    none = replace(opened.plan, tables={**opened.plan.tables, "trips": trips.iloc[:0]})
    assert draft_lines(replace(opened, plan=none))[0].carrier == "national"


def test_what_a_no_costs_is_told_to_each_without_the_others(small):
    opened = small.checked.opened
    (first, *_) = draft_lines(opened)
    # fmt: off
    no = {"transfer": first.number, "asked": "transfer", "patients": 1.0, "stay": 1.0, "unmet_change": 9.0,
          "hours_change": 6.0, "transit_change": -1.0, "found": "best"}
    refusal = {"region": first.to_region, "received": 1.0, "lent": 0.0, "unmet_change": 3.0, "hours_change": 2.0,
               "own_change": 0.5, "least_change": 0.0, "most_change": 3.0, "broken_change": 0.0, "exact": True}
    # fmt: on
    more = {"alternatives": pd.DataFrame([no]), "if_no": pd.DataFrame([refusal])}
    instead = {"instead": opened.plan.table("instead"), "binding": opened.plan.table("binding")}
    asked = replace(opened.plan, tables={**opened.plan.tables, **instead, **more})
    card = draft_lines(replace(opened, plan=asked))[0].card
    assert card["no"] == {"found": "best", "unmet_h": 6.0, "transit_h": -1.0}
    assert (card["receiver"]["own_h_if_no"], card["receiver"]["country_h_if_no"]) == (0.5, 2.0)
    assert "own_h_if_no" not in card["sender"]


def test_at_the_level_of_hospitals_lines_name_them(tmp_path, small):
    folder = small.folder.parent
    made = make_plan(folder / "scenario", "minimal", level="hospital", reference=folder / "reference", time_limit_s=20)
    found = draft_lines(Opened(made.plan, made.situation, made.travel, None))
    home = {site.code: site.region for site in made.situation.sites}
    assert found
    assert all((home[one.from_site], home[one.to_site]) == (one.from_region, one.to_region) for one in found)


def test_lines_are_moved_to_the_hours_of_a_later_scenario(store, small, plan_id, offer):
    ids = offer(
        draft("past", to_time="2027-01-11T12:00"), draft("running", to_time="2027-01-12T06:00"),
        draft("beyond", from_time="2027-02-01T06:00", to_time="2027-02-02T06:00"),
        draft("part", what="icu_general", sender="17", receiver="19", carrier="17"), draft("gone"),
    )  # fmt: skip
    answer(store, ids[3], decision_maker("17"), Answer("accept", amount=2))
    answer(store, ids[3], decision_maker("19"), Answer("accept", amount=4))
    answer(store, ids[4], decision_maker("18"), Answer("counter", counter={"amount": 1}))
    text = small.scenario.files["scenario.toml"].replace("2027-01-11T06:00:00", "2027-01-11T12:00:00")
    later = scenarios.check_scenario(dict(small.scenario.files) | {"scenario.toml": text})
    with store.read() as connection:
        files = agreements.files_with_lines(connection, plan_id, later)
        none = agreements.files_with_lines(connection, "plan-x-0", later)
    rows = [line.split(",") for line in files[agreements.FILE].splitlines()[1:]]
    assert [(row[0], row[1], row[7], row[8], row[9]) for row in rows] == [
        (ids[1], "offered", "0", "18", "5"), (ids[3], "accepted", "0", "6", "2"),
    ]  # fmt: skip
    promised = none[agreements.FILE].splitlines()[1:]
    assert promised == [",".join(rows[1])]  # what is promised on a line of any plan is told
    with store.read() as connection:
        assert [line.state for line in lines.lines_of_region(connection, "19")] == ["accepted_partial"]


def test_a_counter_offer_is_told_with_its_hours_and_nothing_outside_them(store, small, plan_id, offer):
    ids = offer(draft("later", carrier="19"), draft("other", receiver="19"), draft("none", sender="18", receiver="19"))
    answer(store, ids[0], decision_maker("17"), Answer("accept", amount=3))
    answer(store, ids[0], decision_maker("18"), Answer("counter", counter={"amount": 4, "from_h": 6}))
    answer(store, ids[1], decision_maker("19"), Answer("counter", counter={"what": "no_such_category"}))
    answer(store, ids[2], decision_maker("19"), Answer("counter", counter={"amount": 0}))
    with store.read() as connection:
        files = agreements.files_with_lines(connection, plan_id, small.scenario)
    scenarios.check_scenario(files)
    rows = [line.split(",") for line in files[agreements.FILE].splitlines()[1:]]
    assert [(row[0], row[1], row[6], row[7], row[8], row[9]) for row in rows] == [
        (ids[0], "countered", "", "6", "12", "3"), (f"{ids[0]}-a", "countered", "", "0", "6", "0"),
        (f"{ids[1]}-a", "countered", "icu_ambulance", "0", "12", "0"), (ids[2], "countered", "", "0", "12", "0"),
    ]  # fmt: skip
