"""The checker of a dispatch sees every kind of corruption; it never runs the code that made it."""

import pytest

from nspl_opt.dispatch.check import RULES, check_dispatch
from nspl_opt.dispatch.tables import read_tables, write_tables
from nspl_opt.problems import InvalidInput

MOVES = (
    (0, "ward", "a1", "b1", "ambulance", 2, "amb_R1", 2),
    (0, "grave", "a1", "c1", "aeroplane", 1, "air", 1),
    (1, "ward", "a1", "holmen", "ferry", 2, "", 1),
    (0, "ward", "b1", "a1", "bus", 5, "buses", 1),
)


@pytest.fixture(scope="module")
def made(country):
    here = country()
    return here, here.plan(*MOVES), here.dispatch(*MOVES).tables


def judged(made, tables):
    here, plan, _ = made
    return check_dispatch(tables, plan, here.situation, here.travel, here.reference, 24)


def spoiled(made, table, change, **wanted):
    """The tables with every row that is as ``wanted`` changed; dropped where ``change`` is None."""
    rows, hit = [], False
    for row in made[2][table]:
        meant = all(row[name] == value for name, value in wanted.items())
        hit |= meant
        if not meant:
            rows.append(row)
        elif change is not None:
            rows.append(row | change)
    assert hit
    return {**made[2], table: tuple(rows)}


def first(made, kind):
    return next(row for row in made[2]["dispatch"] if row["kind"] == kind)


def test_an_honest_dispatch_keeps_every_rule(made):
    report = judged(made, made[2])
    assert report.ok and len(report.checked) == len(RULES) + 1 and all(report.checked.values())


CORRUPTIONS = {
    "totals": ("dispatch", None, "trip", {"vehicle": "2"}),
    "capacity": ("dispatch", {"patients": "13"}, "trip", {"pool": "buses"}),
    "one_thing_at_a_time": ("dispatch", {"vehicle": "1"}, "trip", {"vehicle": "2"}),
    "minutes": ("dispatch", {"ready": "2026-01-01T03:00"}, "trip", {"vehicle": "2"}),
    "feeders": ("dispatch", None, "to_terminal", {}),
    "periods": ("dispatch", {"late_periods": "5"}, "sailing", {}),
    "departures": ("dispatch", {"depart": "2026-01-01T08:01"}, "sailing", {}),
    "crews": ("dispatch_crews", None, None, {"who": "nurse"}),
}


@pytest.mark.parametrize("rule", sorted(CORRUPTIONS))
def test_a_corruption_of_each_kind_is_refused(made, rule):
    table, change, kind, wanted = CORRUPTIONS[rule]
    if kind:
        wanted = {"kind": kind, **wanted}
    assert f"dispatch.{rule}" in judged(made, spoiled(made, table, change, **wanted)).broken


def test_more_vehicles_than_a_pool_has_are_seen(made):
    """A sixth ambulance would do the work of one that is out."""
    here, plan, tables = made
    from dataclasses import replace

    fewer = here.situation.pool_quantity.copy()
    place = [pool.code for pool in here.situation.pools].index("amb_R1")
    fewer[place] = 1
    situation = replace(here.situation, pool_quantity=fewer)
    report = check_dispatch(tables, plan, situation, here.travel, here.reference, 24)
    assert "dispatch.fleet" in report.broken


def test_a_pool_that_drives_beyond_its_duty_is_seen(made):
    from dataclasses import replace

    here, plan, tables = made
    lazy = replace(plan, model={"families": {"transports": {"duty_share": 0.01}}})
    report = check_dispatch(tables, lazy, here.situation, here.travel, here.reference, 24)
    assert "dispatch.duty" in report.broken


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("dispatch", {"leave": "soon"}),
        ("dispatch", {"patients": "0"}),
        ("dispatch", {"patients": "1.5"}),
        ("dispatch", {"kind": "walk"}),
        ("dispatch", {"period": "99"}),
        ("dispatch", {"transfer": "nobody"}),
        ("dispatch", {"trip": "none"}),
        ("dispatch_crews", {"number": "-1"}),
    ],
)
def test_tables_that_mean_nothing_are_refused_before_any_rule(made, table, change):
    row = made[2][table][0]
    report = judged(made, spoiled(made, table, change, run=row["run"]))
    assert not report.ok and "dispatch.form" in report.broken and "form" in report.left_out.values()


def test_one_patient_more_or_fewer_anywhere_is_seen(made):
    for row in made[2]["dispatch"]:
        change = {"patients": str(int(row["patients"]) + 1)}
        assert not judged(made, spoiled(made, "dispatch", change, run=row["run"])).ok


def test_tables_are_read_back_as_they_were_written(made, tmp_path):
    write_tables(made[2], tmp_path)
    assert read_tables(tmp_path) == made[2]


def test_a_table_with_other_columns_or_cells_is_refused_with_every_problem(made, tmp_path):
    write_tables(made[2], tmp_path)
    (tmp_path / "dispatch.csv").write_text("run,kind\n1,trip\n", encoding="utf-8")
    (tmp_path / "dispatch_crews.csv").write_text(
        (tmp_path / "dispatch_crews.csv").read_text(encoding="utf-8") + "1,2\n", encoding="utf-8"
    )
    (tmp_path / "dispatch_unplaced.csv").unlink()
    with pytest.raises(InvalidInput) as refused:
        read_tables(tmp_path)
    assert [problem.code for problem in refused.value.problems] == ["D202", "D901", "D203"]
