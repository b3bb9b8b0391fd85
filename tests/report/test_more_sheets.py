"""Tables that only some plans have: shown where they are, in both languages, and told on a terminal."""

from __future__ import annotations

import pytest

from nspl_opt.plan.explain import plan_lines
from nspl_opt.plan.parts.tables_reasons import TABLES_HERE as REASONS
from nspl_opt.plan.plan import ALWAYS, TABLES
from nspl_opt.plan.words import catalogue
from nspl_opt.report.in_text import sheet_lines
from nspl_opt.report.more_sheets import SECTIONS, more_sections
from nspl_opt.report.sheets import Source
from nspl_opt.scenario.extras.agreements import REASONS as ANSWERS
from nspl_opt.scenario.extras.agreements import STATES
from nspl_opt.scenario.read import ORIGIN_CLASSES

from ..formulation.small import planned
from ..formulation.test_offers import GOALS, five, line
from ..plan.spoils import groups, stocks, surge


def shown(plan, situation, language="en"):
    """Key of a table -> its sheet."""
    source = Source.of(plan, situation, language)
    return {sheet.key: sheet for section in more_sections(source) for sheet in section.sheets}


def agreed():
    """Ost has accepted two, syd has been directed to take four and is too far, ost declines the ward."""
    lines = [line("T1", "accepted", "ost", 2), line("T2", "directed", "syd", 4), line("T3", "proposed", "ost", 1)]
    case = five(*lines, roads={("norr", "ost"): 60, ("norr", "syd"): 500})
    families = {"beds": {}, "travel_time": {}, "offers": {"add_to_accepted": True}, "stability": {}}
    return planned(case, families, GOALS).made.plan, case.situation


def test_every_table_that_only_some_plans_have_is_shown():
    tables = [table for _, tables in SECTIONS for table, _ in tables]
    assert sorted(tables) == sorted(set(TABLES) - set(ALWAYS) - set(REASONS))
    assert all(f"page.section_{key}" in catalogue() for key, _ in SECTIONS)


def test_states_and_answers_have_words():
    assert all(f"state.{state}" in catalogue() for state in STATES)
    assert all(f"answer.{reason}" in catalogue() for reason in ANSWERS)


def test_classes_of_origin_have_words():
    assert all(f"origin.{name}" in catalogue() for name in ORIGIN_CLASSES)


def test_what_is_broken_comes_first_with_its_reason():
    sheets = shown(*agreed())
    rows = sheets["agreements"].rows
    assert [(row[0], row[7] and row[7].value) for row in rows] == [("T2", 4), ("T1", None), ("T3", None)]
    assert rows[0][-1] == catalogue()["pruned.journey_too_long"]["en"]
    assert next((row[0], row[-1]) for row in sheets["changes"].rows) == ("T2", -4)


def test_the_summary_says_what_is_agreed_and_what_has_changed():
    plan, situation = agreed()
    told = {line.topic: line.text for line in plan_lines(plan, situation, "en")}
    said = told["agreements"].replace("\N{NO-BREAK SPACE}", " ")
    assert said.startswith("Of 2 lines accepted or directed 1 cannot be kept in full: T2 ") and "4 of 4" in said
    assert "4.0\N{NO-BREAK SPACE}patients are dropped" in told["changes"]
    case = five(line("T1", "accepted", "ost", 2))
    kept = planned(case, {"beds": {}, "offers": {}}, GOALS).made.plan
    assert {line.topic: line.text for line in plan_lines(kept, case.situation, "en")}["agreements"] == (
        "All that is accepted or directed can be kept (1\N{NO-BREAK SPACE}line)."
    )


def test_a_plan_without_such_tables_has_no_such_sections():
    case = five()
    for families in ({"beds": {}}, {"beds": {}, "offers": {}}):
        goals = GOALS if "offers" in families else []
        assert shown(planned(case, families, goals).made.plan, case.situation) == {}


@pytest.mark.parametrize("module", [stocks, surge, groups])
@pytest.mark.parametrize("language", ["sv", "en"])
def test_stocks_units_and_groups_are_shown_and_told(module, language):
    plan, situation, _ = module.sound()
    source = Source.of(plan, situation, language)
    sheets = [sheet for section in more_sections(source) for sheet in section.sheets]
    assert sheets and all(sheet.rows for sheet in sheets)
    for sheet in sheets:
        lines = sheet_lines(sheet, source.words)
        assert lines[0] == sheet.title and len(lines) >= 3
        assert max(map(len, lines)) < 200
