"""Reception limits in a scenario: of regions, of hospitals, and what a region's hospitals say together."""

from __future__ import annotations

import pytest

from nspl_opt.problems import InvalidInput
from nspl_opt.scenario.check import check_scenario
from nspl_opt.scenario.parts import ReceptionLimit
from nspl_opt.scenario.resolve import resolve

NAMED = '[[reception_limits]]\nfile = "limits.csv"\nbasis = "invented"\nsource = "test"\n'
HEAD = "place,bed_type,from_h,to_h,patients_per_day\n"


@pytest.fixture
def limits(given, toy):
    """The limits of a scenario with these rows, at a level."""

    def make(rows: str, level: str = "hospital"):
        return resolve(toy, given(NAMED, folder=level, limits=HEAD + rows), level).reception

    return make


def test_a_hospital_has_its_own_limit_and_a_region_one_for_all_its_hospitals(limits):
    found = limits("gamma,icu,0,48,4\n01,all,0,24,2.5\n")
    assert found == (
        ReceptionLimit(("alfa", "beta"), "all", 0, 24, 2_500_000),
        ReceptionLimit(("gamma",), "icu", 0, 48, 4_000_000),
    )


def test_where_regions_are_the_sites_limits_of_their_only_hospital_are_theirs(limits):
    assert limits("gamma,icu,0,48,4\n01,all,0,24,2\n", "region") == (
        ReceptionLimit(("01",), "all", 0, 24, 2_000_000),
        ReceptionLimit(("02",), "icu", 0, 48, 4_000_000),
    )


def test_limits_of_all_hospitals_of_a_region_add_up_while_they_are_all_in_force(limits):
    found = limits("alfa,icu,0,24,4\nalfa,icu,12,24,1\nbeta,icu,6,48,2\n", "region")
    assert found == (
        ReceptionLimit(("01",), "icu", 6, 12, 6_000_000),
        ReceptionLimit(("01",), "icu", 12, 24, 3_000_000),
    )


def test_a_limit_of_one_hospital_of_two_leaves_the_region_free(limits):
    assert limits("alfa,icu,0,48,4\n", "region") == ()


@pytest.mark.parametrize(
    "row, codes",
    [
        ("gama,icu,0,48,4", ["S440"]),
        ("1,icu,0,48,4", ["S440"]),
        ("gamma,icuu,0,48,4", ["S441"]),
        ("gamma,icu,12,12,4", ["S201"]),
        ("gamma,icu,0,49,4", ["S202"]),
        ("gamma,icu,0,48,-1", ["S910"]),
        ("gamma,icu,0,48,0.1234567", ["S110"]),
        ("gamma,icu,0,48,4\ngamma,icu,0,48,5", ["S914"]),
    ],
)
def test_a_limit_that_means_nothing_is_refused(limits, row, codes):
    with pytest.raises(InvalidInput) as refusal:
        limits(f"{row}\n")
    assert [problem.code for problem in refusal.value.problems] == codes


@pytest.mark.parametrize(
    ("rows", "unfelt"),
    [
        ("alfa,icu,0,48,4\n", ["alfa"]),
        ("alfa,icu,0,24,4\nbeta,icu,24,48,2\n", ["alfa", "beta"]),
        ("alfa,icu,0,24,4\nbeta,icu,12,48,2\n", []),
        ("alfa,icu,0,24,4\nbeta,all,0,24,2\n", ["alfa", "beta"]),
        ("gamma,icu,0,48,4\n01,all,0,24,2\n", []),
    ],
)
def test_the_reader_is_told_of_limits_that_are_not_felt_where_regions_are_the_sites(written, toy, rows, unfelt):
    def told(extra: str, folder: str) -> list[str]:
        found = check_scenario(written(extra + NAMED, folder=folder, limits=HEAD + rows), toy)
        return [notice.en.split("'")[1] for notice in found.warnings if "is not felt where" in notice.en]

    assert told("", "region") == unfelt
    assert told('level = "hospital"\n', "hospital") == []
