"""Groups kept together: four patients who came together, and receivers with room for three and for two."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nspl_opt.plan.checks import verify
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.parts import PatientGroup

from ..register import shows
from .golden import built, golden
from .small import ICU, planned, small

HOME = replace(ICU, code="icu.home", parent="icu")
THREE = {"norr": "n", "syd": "s", "ost": "o"}


def four(hours=(24,), period=0, patients=4, beds=(3, 2), **more):
    """The group comes to norr, where there is no bed."""
    come = [patients if t == period else 0 for t in range(len(hours))]
    case = small(
        THREE, hours=hours, categories=(ICU, HOME), beds={("icu", "syd"): beds[0], ("icu", "ost"): beds[1]},
        arrivals={("icu.home", "norr"): come}, **more,
    )  # fmt: skip
    return case.having(groups=[PatientGroup("home", "icu.home", "norr", period, patients * MICRO)])


def kept(case, **options):
    return planned(case, {"beds": {}, "single_source": options})


@shows("families.single_source")
def test_a_group_goes_whole_where_most_of_it_finds_a_bed():
    plan = kept(four())
    assert plan.goal() == 1 * 24 * 10
    assert plan.moved(to_site="syd") == 4
    assert plan.rows("groups")[["to_site", "period"]].values.tolist() == [["syd", 0]]
    alone = planned(four())
    assert alone.goal() == 0
    assert alone.moved() == 4 and alone.rows("transfers")["to_site"].nunique() == 2
    planned(four(), {"beds": {}, "single_source": {}})


def test_a_group_stays_where_moving_helps_nobody():
    plan = kept(four(beds=(0, 0)))
    assert plan.goal() == 4 * 24 * 10
    assert plan.moved() == 0
    assert plan.rows("groups")["to_site"].tolist() == [""]
    assert plan.rows("groups")["period"].tolist() == [None]


@shows("families.single_source.deadline_h")
def test_a_group_does_not_set_out_after_its_deadline():
    """There are vehicles from the third day on."""
    case = four((24,) * 4, beds=(4, 0), fleet={"amb-n": [0, 0, 9, 9], "amb-s": [0, 0, 9, 9]})
    families = {"beds": {}, "transports": {}}
    late, never = (planned(case, {**families, "single_source": {"deadline_h": hours}}) for hours in (48, 24))
    assert [late.value(), never.value()] == pytest.approx([2 * 4 * 240, 4 * 4 * 240])
    assert late.rows("groups")["period"].tolist() == [2]


def test_a_group_that_has_come_does_not_go_on():
    """The place with beds for all is two journeys away."""
    roads = {("norr", "ost"): 60, ("ost", "syd"): 60}
    case = four((24,) * 3, beds=(4, 1), roads=roads)
    plan = kept(case)
    assert plan.moved(from_site="ost") == 0
    assert planned(case).moved(from_site="ost") > 0
    assert plan.made.plan.pruned["the group has come where it stays"] > 0


def test_others_of_the_category_go_one_by_one():
    case = four(beds=(4, 1), initial={("icu", "norr"): 1})
    plan = kept(case)
    assert plan.goal() == 0
    assert [plan.moved(category=code) for code in ("icu", "icu.home")] == [1, 4]


def test_it_says_so_when_there_are_no_groups():
    plan = kept(small({"norr": "n"})).made.plan
    assert plan.notes == ("single_source.no_groups",)
    assert plan.tables["groups"].empty


def test_the_checker_sees_a_group_that_is_parted_late_or_sent_on():
    case = four()
    made = planned(case).made
    model = dict(made.plan.model)
    model["families"] = {**model["families"], "single_source": {"deadline_h": 48.0}}
    broken = {one.rule for one in verify(replace(made.plan, model=model), case.situation, case.travel).violations}
    assert {"single_source.together", "single_source.one_place"} <= broken


def test_its_rows_are_those_that_were_looked_through():
    m = built(four((24, 24), period=1, fleet={"amb-n": 3, "bus-n": 1}), {"beds": {}, "single_source": {}})
    axes = {"single_source.goes": "gjt", "single_source.together": "gjt", "single_source.one_place": "g"}
    sites, groups = m.inst.situation.sites, m.inst.situation.groups
    golden("single_source", m, axes, read={"g": lambda g: groups[g].code, "j": lambda j: sites[j].code})
