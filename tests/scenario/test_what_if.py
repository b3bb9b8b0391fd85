"""What-ifs in words: what they mean, what they do to the amounts, and what is refused."""

from fractions import Fraction

import numpy as np
import pytest

from nspl_opt.problems import InvalidInput
from nspl_opt.reference.package import load_reference
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.read import read_scenario
from nspl_opt.scenario.resolve import resolve
from nspl_opt.scenario.what_if import (
    Amount,
    Amounts,
    Arrivals,
    Beds,
    ClosedLink,
    Declines,
    Detail,
    LostHospital,
    Staff,
    Vehicles,
)
from nspl_opt.scenario.what_if_text import FORMS, Known, parse_what_ifs
from nspl_opt.shipped import shipped_dir


@pytest.fixture(scope="module")
def country():
    return load_reference(None)


@pytest.fixture(scope="module")
def details(country):
    read = read_scenario(shipped_dir("data/scenarios") / "gotland-ovning")
    region, hospital = (resolve(country, read, level) for level in ("region", "hospital"))
    return {"region": Detail(region, hospital), "hospital": Detail(hospital, hospital)}


@pytest.fixture(scope="module")
def known(country, details):
    return Known.of(details["region"].situation, country)


@pytest.mark.parametrize(
    ("sort", "text", "meant"),
    [
        ("beds", "visby:icu=0.7", Beds("visby", "icu", Amount(factor=Fraction(7, 10)))),
        ("beds", "12=-20@24-72", Beds("12", "all", Amount(added=-20), from_h=24, to_h=72)),
        ("staff", "all:nurse=x0.5", Staff("all", "nurse", Amount(factor=Fraction(1, 2)))),
        ("arrivals", "09:burns_major=+4@0-6", Arrivals("09", "burns_major", Amount(added=4), to_h=6)),
        ("vehicles", "amb_12=0", Vehicles("amb_12", Amount(number=0))),
        ("vehicles", "amb_12=x0.5", Vehicles("amb_12", Amount(factor=Fraction(1, 2)))),
        ("lose", "visby", LostHospital("visby", from_h=24)),
        ("lose", "visby@0", LostHospital("visby", from_h=0)),
        ("close-link", "fe_visby__nynashamn@24", ClosedLink("fe_visby__nynashamn", from_h=24)),
        ("decline", "12", Declines("12")),
        ("decline", "12:receive:burns_major", Declines("12", "receive", "burns_major")),
    ],
)
def test_what_is_written_is_what_is_meant(known, sort, text, meant):
    assert parse_what_ifs([(sort, text)], known) == (meant,)


@pytest.mark.parametrize(
    ("sort", "text"),
    [
        ("beds", "visby"), ("beds", "visby=0,7"), ("beds", "visby=nan"), ("beds", "=0.7"), ("beds", "visby=+0.5"),
        ("beds", "visby=0.7@72-24"), ("vehicles", "amb_12=0.5"), ("vehicles", "amb_12:icu=1"), ("lose", "visby=0"),
        ("decline", "12:never"), ("close-link", "a:b"), ("beds", "visby=9999999"), ("beds", ""), ("beds", "x" * 5000),
    ],
)  # fmt: skip
def test_what_is_not_of_its_form_is_told_with_the_form(known, sort, text):
    with pytest.raises(InvalidInput) as refused:
        parse_what_ifs([(sort, text)], known)
    (problem,) = refused.value.problems
    assert problem.code == "W101"
    assert FORMS[sort] in problem.remedy
    assert len(str(problem)) < 400


def test_every_unknown_name_is_told_at_once_with_the_nearest(known):
    with pytest.raises(InvalidInput) as refused:
        parse_what_ifs([("beds", "visbi:icuu=0.7"), ("decline", "Region Gotland"), ("lose", "09")], known)
    problems = refused.value.problems
    assert [problem.code for problem in problems] == ["W102"] * 4
    assert "did you mean 'visby'?" in problems[0].remedy
    assert "did you mean '09'?" in problems[2].remedy


def test_nothing_otherwise_leaves_every_amount(details):
    for detail in details.values():
        same = detail.amounts(())
        for name, array in vars(Amounts.of(detail.situation)).items():
            assert np.array_equal(getattr(same, name), array), name


def test_both_levels_lose_the_same_beds_people_and_patients(details):
    what_ifs = [
        Beds("01", "ward", Amount(factor=Fraction(2, 3)), from_h=9, to_h=40),
        Beds("01", "icu", Amount(added=-7)),
        Staff("01", "nurse", Amount(factor=Fraction(9, 10))),
        Arrivals("01", "all", Amount(added=50), to_h=24),
        LostHospital("visby", from_h=24),
    ]
    one, other = (details[level].amounts(what_ifs) for level in ("region", "hospital"))
    for name in ("beds", "surge_beds", "planned_beds", "staff", "arrivals_micro"):
        assert np.array_equal(getattr(one, name).sum(axis=1), getattr(other, name).sum(axis=1)), name


def test_patients_added_come_to_the_last_millionth(details):
    before, after = (details["region"].amounts(ifs) for ifs in ((), [Arrivals("01", "all", Amount(added=50), to_h=30)]))
    categories = len(before.arrivals_micro)
    assert (after.arrivals_micro - before.arrivals_micro).sum() == categories * 50 * MICRO


def test_vehicles_are_not_there_before_they_are_mobilised(details):
    detail = details["region"]
    for p, pool in enumerate(detail.situation.pools):
        before = detail.situation.pool_quantity[p]
        after = detail.amounts([Vehicles(pool.code, Amount(number=9))]).pool_quantity[p]
        assert np.array_equal(after > 0, before > 0)
        assert set(after[before > 0]) <= {9}
