"""Groups of patients: categories of their own, there from their hour on, whatever their category's stay is."""

from __future__ import annotations

import dataclasses

import pytest

from nspl_opt.problems import InvalidInput
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.parts import PatientGroup
from nspl_opt.scenario.resolve import resolve
from nspl_opt.scenario.summary import summarise

NAMED = '[[groups]]\nfile = "groups.csv"\nbasis = "invented"\nsource = "test"\n'
HEAD = "group,category,place,at_h,patients\n"
FIXED = '[[stays]]\ncategory = "icu"\nkind = "fixed"\nhours = 48\nstages = 2\nbasis = "invented"\nsource = "test"\n'


def situation(given, toy, rows, level="hospital", extra=""):
    return resolve(toy, given(NAMED + extra, groups=HEAD + rows), level)


@pytest.mark.parametrize("level, site", [("hospital", "alfa"), ("region", "01")])
def test_a_group_of_a_region_is_at_its_largest_hospital(given, toy, level, site):
    found = situation(given, toy, "home,icu,01,7,4\n", level)
    assert found.groups == (PatientGroup("home", "icu.home", site, 1, 4 * MICRO),)
    codes = [category.code for category in found.categories]
    assert codes == ["burns", "icu", "icu.home", "vent", "ward"]
    k, i = codes.index("icu.home"), [one.code for one in found.sites].index(site)
    assert found.arrivals_micro[k].sum() == found.arrivals_micro[k, i, 1] == 4 * MICRO
    assert not found.leaves()[k].any()
    assert found.categories[k].bed_type == "icu" and not found.categories[k].takes_arrivals


def test_a_group_of_a_category_with_stages_has_none(given, toy):
    found = situation(given, toy, "home,icu,gamma,0,4\n", extra=FIXED)
    codes = [category.code for category in found.categories]
    assert codes == ["burns", "icu.home", "icu.s1", "icu.s2", "vent", "ward"]
    assert not found.leaves()[1].any()
    assert found.leaves()[2].any()


@pytest.mark.parametrize(
    "rows, codes",
    [
        ("home,icuu,99,48,4\n", ["S424", "S427", "S423"]),
        ("home,icu,01,0,4\nhome,ward,01,0,4\n", ["S914"]),
        ("home,icu,01,0,0\n", ["S910"]),
    ],
)
def test_a_group_that_means_nothing_is_refused(given, toy, rows, codes):
    with pytest.raises(InvalidInput) as refusal:
        situation(given, toy, rows)
    assert [problem.code for problem in refusal.value.problems] == codes


def test_a_group_is_counted_among_those_who_come(given, toy):
    scenario = given(NAMED, groups=HEAD + "home,icu,01,7,4\nboat,icu,gamma,0,3\n")
    found, without = (summarise(toy, one) for one in (scenario, dataclasses.replace(scenario, extra={})))
    assert (found.groups, without.groups) == (2, 0)
    assert found.demand["icu"] == without.demand.get("icu", 0) + 7
