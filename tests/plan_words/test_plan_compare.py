"""Plans side by side."""

from __future__ import annotations

import dataclasses

import pytest

from nspl_opt.plan.compare import compare_plans


@pytest.fixture(scope="session")
def other(plan):
    table = plan.tables["transfers"].copy()
    table.loc[0, "patients"] = 9.0
    table = table.drop(index=1)
    extra = table.iloc[[2]].assign(id="zz|new")
    import pandas as pd

    tables = {**plan.tables, "transfers": pd.concat([table, extra], ignore_index=True)}
    return dataclasses.replace(plan, tables=tables, goals=plan.goals[:1])


def test_a_plan_does_not_differ_from_itself(plan):
    comparison = compare_plans([("a", plan), ("b", plan)])
    assert comparison.changes == ((), ())
    assert comparison.unmet_hours[0] == comparison.unmet_hours[1] > 0


def test_added_removed_and_changed_transfers_are_found(plan, other):
    kinds = sorted(change.kind for change in compare_plans([("a", plan), ("b", other)]).changes[1])
    assert kinds == ["added", "changed", "removed"]


def test_a_goal_that_one_plan_lacks_is_a_dash(plan, other):
    rows = compare_plans([("a", plan), ("b", other)]).as_rows("en")
    row = next(row for row in rows if row[0] == "Patients across area borders")
    assert row[2] == "–"


@pytest.mark.parametrize("language", ["sv", "en"])
def test_rows_are_a_table_with_one_column_per_plan(plan, other, language):
    comparison = compare_plans([("a", plan), ("b", other), ("c", plan)])
    rows = comparison.as_rows(language)
    assert {len(row) for row in rows} == {4}
    assert rows[0][1:] == ["a", "b", "c"]
    assert len(comparison.as_text(language).splitlines()) == len(rows)


def test_no_plan_at_all_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        compare_plans([])
