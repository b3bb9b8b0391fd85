"""Wishes that cannot all be kept: what must give way is what was put in their way, and a plan shows it."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

import pytest

from nspl_opt.formulation.families.catalogue import FAMILIES
from nspl_opt.formulation.spec import model_from_dict
from nspl_opt.pipeline import plan_situation
from nspl_opt.plan.why_all import conflict_lines, reason_parts
from nspl_opt.plan.words import catalogue
from nspl_opt.reasons import conflicts
from nspl_opt.reasons.conflicts import find_conflict
from nspl_opt.reasons.groups import DROPS
from nspl_opt.reasons.make import with_reasons

from ..formulation.small import model, solve_here
from .conflict_cases import SEEDED, five

BY_NAME = {one.name: one for one in SEEDED}


def test_there_are_forty_seeded_conflicts_and_more():
    assert len(BY_NAME) == len(SEEDED) >= 40


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_the_seeded_cause_is_found_and_a_plan_without_it_is_verified(name):
    seeded, found = BY_NAME[name], BY_NAME[name].found()
    assert found is not None and found.confirmed and found.complete
    assert {way.groups for way in found.ways} == set(seeded.ways)
    for way in found.ways:  # each was planned and checked; the wishes that stayed are kept
        # Where nothing is agreed any more, there is no goal of what is broken.
        assert all(way.goals.get(goal, 0.0) <= limit + 1e-6 for goal, limit in seeded.wishes.items()
                   if f"wish:{goal}" not in way.groups)  # fmt: skip
    assert set(found.together) & set(found.ways[0].groups), "what leaves no plan has a part in what must give way"


def test_wishes_that_can_be_kept_are_no_conflict():
    case = five()
    with patch("nspl_opt.pipeline.solve", solve_here):
        spec = model_from_dict(model(("beds",), [{"name": "unmet_care", "at_most": 0.0}]))
        assert find_conflict(case.situation, case.travel, spec) is None


def test_what_leaves_no_plan_together_is_no_larger_than_it_must_be():
    found = BY_NAME["border_and_journey"].found()
    assert found.together == ("wish:unmet_care", "travel_time")


def test_without_time_for_all_sets_one_is_given_and_it_is_said(monkeypatch):
    monkeypatch.setattr(conflicts, "MOST", 3)
    found = BY_NAME["two_apart"].found()
    assert not found.complete
    assert len(found.ways) == 1


def test_a_wish_beyond_every_plan_is_told_with_the_bound_that_proves_it():
    found = BY_NAME["offered_too_little"].found()  # two of five stay without a bed
    assert found.confirmed and found.bounds == {"unmet_care": pytest.approx(480)}
    for language, said in (
        ("sv", "Bevis: Vård som inte ges är minst 480"),
        ("en", "Proof: Unmet care is at least 480"),
    ):
        assert said in conflict_lines(found, {}, language)[1].replace("\N{NO-BREAK SPACE}", " ")


def test_wishes_that_clash_are_each_within_reach():
    found = BY_NAME["care_and_loans"].found()
    assert found.confirmed and not found.bounds


def test_without_time_for_any_set_nothing_is_said_of_what_helps():
    found = replace(BY_NAME["two_apart"].found(), ways=(), together=(), complete=False)
    assert "Tiden räckte inte för att pröva" in conflict_lines(found, {})[-1]
    unsure = replace(found, confirmed=False, bounds={})
    assert conflict_lines(unsure, {}, "en")[0] == "No plan was found that keeps all the wishes."


def broken(seconds=60.0):
    """Two are accepted across a border that is closed: a plan breaks them, and its reasons say why."""
    seeded = BY_NAME["agreed_over_border"]
    case = seeded.case()
    with patch("nspl_opt.pipeline.solve", solve_here):
        goals = [{"name": "agreements_broken"}, {"name": "unmet_care"}]
        made = plan_situation(case.situation, case.travel, model(seeded.families, goals))
        return with_reasons(made, seconds), case


def test_where_a_plan_breaks_what_is_agreed_its_reasons_say_what_must_give_way():
    made, case = broken()
    assert {tuple(way["groups"]) for way in made.plan.provenance["conflict"]["ways"]} == {
        ("wish:agreements_broken",), ("agreement:T1",), ("areas.border",)
    }  # fmt: skip
    assert made.plan.provenance["reasons"]["conflict"] == {"asked": 1, "reached": 1}
    for language, said in (("sv", "regeln att områdesgränserna är stängda"), ("en", "area borders are closed")):
        (part,) = (one for one in reason_parts(made.plan, case.situation, language) if one.topic == "kept")
        assert said in " ".join(part.lines)


def test_without_time_to_look_for_what_must_give_way_it_is_said():
    made, case = broken(seconds=1e-6)
    assert "conflict" not in made.plan.provenance
    (part,) = (one for one in reason_parts(made.plan, case.situation) if one.topic == "kept")
    assert part.lines == (catalogue()["notes.reasons.conflict_cut"]["sv"],)


def test_the_same_conflict_is_found_every_time():
    one, other = (BY_NAME["care_and_loans"].found() for _ in range(2))
    assert one == other


def test_what_may_give_way_is_an_option_of_its_family_with_a_value_it_can_have():
    for name, family, options in DROPS:
        assert options is None or FAMILIES[family].options.model_validate(options), name


def test_what_may_give_way_has_words_in_both_languages():
    kinds = [name for name, _, _ in DROPS]
    kinds += ["wish", "agreement", "closure", "offers.answers", "external.send", "surge.lead", "staff.crisis"]
    for kind in kinds:
        words = catalogue()[f"conflict.{kind.replace('.', '_')}"]
        assert words["sv"] and words["en"]
