"""Load and ledger follow from the primary tables, whatever the order of their rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from nspl_opt.plan.aggregate import ledger_table, load_table
from nspl_opt.plan.plan import TABLES


def test_the_tables_have_the_columns_of_the_contract(plan):
    for name in ("load", "ledger"):
        assert list(plan.tables[name].columns) == [column.name for column in TABLES[name] if not column.optional]


def test_every_region_bed_type_and_period_has_a_load(plan, situation):
    size = len(situation.regions) * len(situation.bed_types) * len(situation.periods)
    assert len(plan.tables["load"]) == size


def test_postponed_care_frees_its_share_of_planned_beds(plan, situation):
    load = plan.tables["load"].set_index(["period", "region", "bed_type"])["staffed"]
    planned = situation.planned_beds[1, 0]
    assert load[0, "01", "ward"] == situation.beds[1, 0, 0] - planned
    assert load[4, "01", "ward"] == pytest.approx(situation.beds[1, 0, 0] - planned * (1 - 2 / 3 * 0.5), abs=1e-6)


def test_free_share_counts_surge_beds(plan):
    row = plan.tables["load"].query("period == 3 and region == '05' and bed_type == 'icu'").iloc[0]
    assert row["free_share"] == pytest.approx(1 - row["cared"] / (row["staffed"] + row["surge"]), abs=1e-6)


def test_what_is_sent_is_received(plan):
    ledger = plan.tables["ledger"]
    assert ledger["patients_sent"].sum() == pytest.approx(ledger["patients_received"].sum())
    assert ledger["staff_days_lent"].sum() == ledger["staff_days_borrowed"].sum() == 24.0


def test_a_loan_counts_the_hours_of_its_blocks(plan, situation):
    loan = plan.tables["loans"].iloc[0]
    hours = sum(situation.block_hours[loan["first_block"] : loan["last_block"] + 1])
    assert plan.tables["ledger"].set_index("region")["staff_days_lent"]["02"] == 12 * hours / 24


def test_the_order_of_rows_does_not_matter(plan, situation):
    shuffled = {name: plan.tables[name].sample(frac=1, random_state=7) for name in plan.tables}
    primary = [shuffled[name] for name in ("transfers", "loans", "census", "postponed")]
    pd.testing.assert_frame_equal(ledger_table(situation, *primary), plan.tables["ledger"])
    pd.testing.assert_frame_equal(
        load_table(situation, plan.model, shuffled["census"], shuffled["postponed"]), plan.tables["load"]
    )


def test_empty_tables_give_a_ledger_of_zeros(plan, situation):
    empty = [plan.tables[name].iloc[:0] for name in ("transfers", "loans", "census", "postponed")]
    ledger = ledger_table(situation, *empty)
    assert len(ledger) == len(situation.regions)
    assert ledger.drop(columns="region").to_numpy().sum() == 0


def test_thirds_of_planned_care_at_many_sites_are_rounded_once(plan, situation):
    first, copies = situation.sites[0], 4
    sites = tuple(replace(first, code=f"{first.code}-{n}") for n in range(copies))
    many = {
        name: np.repeat(getattr(situation, name)[:, :1], copies, axis=1)
        for name in ("beds", "surge_beds", "planned_beds", "staff", "planned_staff", "arrivals_micro", "initial_micro")
    }
    many["planned_beds"] = np.full_like(many["planned_beds"], 2)
    case = replace(situation, sites=sites, **many)
    row = plan.tables["postponed"].iloc[[0]].assign(step=1, steps=3)
    postponed = pd.concat([row.assign(site=site.code) for site in sites])
    model = {"families": {"elective": {"largest_share": 1.0}}}
    load = load_table(case, model, plan.tables["census"].iloc[:0], postponed)
    block = int(row["block"].iloc[0])
    t = next(period.index for period in case.periods if period.block == block)
    found = load.set_index(["period", "region", "bed_type"])["staffed"]
    bed_type = case.bed_types[0].code
    assert found[t, first.region, bed_type] == round(copies * (int(case.beds[0, 0, t]) - 4 / 3), 6)
