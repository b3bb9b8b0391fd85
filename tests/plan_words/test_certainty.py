"""What is whole and what expected, and what help avoids, told in both languages wherever a plan is told."""

from __future__ import annotations

import dataclasses

import pytest

from nspl_opt.plan.certainty import avoidable_line, share_text, whole_lines, wholeness
from nspl_opt.plan.compare import compare_plans
from nspl_opt.plan.explain import plan_lines
from nspl_opt.plan.plan import Avoidable
from nspl_opt.plan.words import Words

HELPED = Avoidable(1000.0, 990.0, 102.0, 100.0, 0.997778, 0.997753)
NOTHING = Avoidable(100.0, 100.0, 100.0, 99.5, None, None)
LANGUAGES = pytest.mark.parametrize("language", ["sv", "en"])


def test_every_row_of_the_plan_is_counted_as_whole_or_expected(plan):
    found = wholeness(plan)
    table = plan.tables["transfers"]
    assert found.transfers + found.transfers_expected == len(table)
    assert found.patients + found.patients_expected == pytest.approx(table["patients"].sum())
    assert (found.trips, found.trips_expected, found.persons, found.steps) == (1, 0, 12, 1)


@LANGUAGES
def test_the_counts_stand_in_the_sentences(plan, language):
    whole, expected = whole_lines(plan, Words(language))
    found = wholeness(plan)
    assert str(found.transfers) in whole and str(found.transfers_expected) in expected
    assert {"sv": "Väntevärden", "en": "Expected values"}[language] in expected and "≈" in expected


def test_the_share_is_rounded_down_so_that_not_all_is_never_shown_as_all():
    assert share_text(0.99996, Words("en")) == "99.9\N{NO-BREAK SPACE}%"
    assert share_text(1.0, Words("sv")) == "100,0\N{NO-BREAK SPACE}%"
    assert share_text(0.998, Words("en")) == "99.8\N{NO-BREAK SPACE}%"
    assert share_text(None, Words("sv")) == "–"


@LANGUAGES
def test_the_share_is_told_with_the_figures_behind_it(language):
    words = Words(language)
    text = avoidable_line(HELPED, words)
    assert words("certainty.share") in text and words.number(1000, 1) in text and words.number(102, 1) in text


def test_a_share_that_hangs_on_the_bound_without_help_is_told_both_ways():
    loose = dataclasses.replace(HELPED, least_share=0.9)
    assert "At least 90.0" in avoidable_line(loose, Words("en")) and "At least" not in avoidable_line(
        HELPED, Words("en")
    )


@LANGUAGES
def test_where_help_avoids_nothing_no_share_is_told(language):
    text = avoidable_line(NOTHING, Words(language))
    assert "%" not in text and {"sv": "Någon andel räknas därför inte", "en": "no share is computed"}[language] in text


@LANGUAGES
def test_the_share_is_in_the_line_about_proof_and_in_comparisons(plan, situation, language):
    helped = dataclasses.replace(plan, avoidable=HELPED)
    proof = next(line.text for line in plan_lines(helped, situation, language) if line.topic == "proof")
    share = share_text(HELPED.share, Words(language))
    assert share in proof
    rows = compare_plans([("a", plan), ("b", helped)]).as_rows(language)
    label = Words(language)("compare.avoidable")
    assert next(row for row in rows if row[0] == label) == [label, "–", share]
    assert label not in {row[0] for row in compare_plans([("a", plan)]).as_rows(language)}
