"""Tables of pairs, agreements and offers: what is read of them, and what is refused."""

from __future__ import annotations

import pytest

from nspl_opt.problems import InvalidInput
from nspl_opt.scenario.parts import Pair
from nspl_opt.scenario.resolve import resolve

NAMED = '[[{0}]]\nfile = "{0}.csv"\nbasis = "invented"\nsource = "test"\n'


@pytest.fixture
def situation(given, toy):
    """The situation of a scenario with these tables."""

    def make(level: str = "hospital", **tables: str):
        return resolve(toy, given("".join(map(NAMED.format, tables)), folder=level, **tables), level)

    return make


@pytest.fixture
def refused(situation):
    """The codes of what is wrong with such tables."""

    def look(**tables: str):
        with pytest.raises(InvalidInput) as refusal:
            situation(**tables)
        return [problem.code for problem in refusal.value.problems]

    return look


def test_a_pair_of_a_region_stands_for_all_its_hospitals(situation):
    rows = "from,to,category\n01,gamma,icu\n03,all,\n"
    assert situation(pairs=rows).pairs == (
        Pair(("alfa", "beta"), ("gamma",), "icu"),
        Pair(("delta",), ("alfa", "beta", "delta", "gamma"), "all"),
    )
    assert situation("region", pairs=rows).pairs == (
        Pair(("01",), ("02",), "icu"),
        Pair(("03",), ("01", "02", "03"), "all"),
    )


@pytest.mark.parametrize(
    "row, codes",
    [
        ("01,gama,icu", ["S430"]),
        ("1,gamma,icu", ["S430"]),
        ("01,gamma,icuu", ["S431"]),
        ("alfa,alfa,icu", ["S433"]),
        ("99,98,97", ["S430", "S430", "S431"]),
        ("01,02,icu\n01,02,icu", ["S914"]),
    ],
)
def test_a_pair_that_means_nothing_is_refused(refused, row, codes):
    assert refused(pairs=f"from,to,category\n{row}\n") == codes


HEAD = "id,state,kind,from,to,what,vehicle_type,from_h,to_h,amount,reason,legal_basis\n"
GOOD = "T7,accepted,patients,01,gamma,icu,,0,24,3,,cooperation_hsl_7_8\n"


def test_an_agreement_has_its_sites_and_regions(situation):
    rows = HEAD + GOOD + "T8,declined,staff,all,02,all,,12,48,,no_staffed_capacity,\n"
    kept, refused = situation(agreements=rows).agreements
    assert (kept.from_sites, kept.to_sites, kept.from_region, kept.to_region) == (
        ("alfa", "beta"),
        ("gamma",),
        "01",
        "02",
    )
    assert (kept.amount_micro, kept.legal_basis) == (3_000_000, "cooperation_hsl_7_8")
    assert (refused.from_region, refused.to_region, refused.what, refused.reason) == (
        "",
        "02",
        "all",
        "no_staffed_capacity",
    )
    assert situation("region", agreements=rows).agreements[0].to_sites == ("02",)


@pytest.mark.parametrize(
    "row, codes",
    [
        ("T8,accepted,patients,1,99,icu,,0,24,3,,", ["S430", "S430"]),
        ("T8,accepted,patients,01,02,icuu,plan,0,24,3,,", ["S431", "S431"]),
        ("T8,accepted,patients,01,02,nurse,,0,24,3,,", ["S431"]),
        ("T8,accepted,patients,01,02,vent,,0,24,,,", ["S432"]),
        ("T8,accepted,patients,01,03,all,,0,24,3,,", ["S435"]),
        ("T8,accepted,patients,alfa,alfa,icu,,0,24,3,,", ["S433"]),
        ("T8,accepted,staff,01,02,nurse,,0,24,2.5,,", ["S434"]),
        ("T8,accepted,staff,01,gamma,nurse,,0,24,2,,", ["S436"]),
        ("T8,accepted,staff,01,01,nurse,car,0,24,2,,", ["S431", "S433"]),
        ("T8,accepted,patients,01,03,icu,,24,24,3,,", ["S201"]),
        ("T8,accepted,patients,01,03,icu,,0,72,3,,", ["S202"]),
        ("T8,accepted,patients,alfa,02,icu,,12,36,3,,", ["S437"]),
        ("T8,agreed,patients,01,02,icu,,0,24,3,because,law", ["S911", "S911", "S911"]),
    ],
)
def test_an_agreement_that_cannot_be_meant_is_refused(refused, row, codes):
    assert refused(agreements=f"{HEAD}{GOOD}{row}\n") == codes


def test_lines_for_the_same_journeys_are_no_mistake(situation):
    rows = HEAD + GOOD + GOOD.replace("T7", "T8").replace("accepted", "proposed")
    assert len(situation(agreements=rows).agreements) == 2


def test_lines_that_become_one_pair_of_regions_must_share_their_window(situation):
    rows = (
        HEAD + GOOD.replace("01,", "alfa,") + GOOD.replace("T7", "T8").replace("01,", "beta,").replace("0,24", "6,30")
    )
    assert len(situation(agreements=rows).agreements) == 2
    with pytest.raises(InvalidInput, match="S437"):
        situation("region", agreements=rows)


OFFER = "region,side,what,from_h,to_h,amount\n"


def test_an_offer_is_of_a_category_a_bed_type_a_profession_or_all(situation):
    rows = OFFER + "".join(f"01,take,{what},0,24,{n}\n" for n, what in enumerate(("all", "icu", "nurse", "vent")))
    assert [offer.amount_micro for offer in situation(offers=rows).offers] == [0, 1_000_000, 2_000_000, 3_000_000]


@pytest.mark.parametrize(
    "row, codes",
    [
        ("alfa,take,icu,0,24,3", ["S430"]),
        ("01,take,icuu,0,24,3", ["S431"]),
        ("01,keep,icu,0,24,3", ["S911"]),
        ("01,give,icu,24,12,3", ["S201"]),
    ],
)
def test_an_offer_that_means_nothing_is_refused(refused, row, codes):
    assert refused(offers=f"{OFFER}{row}\n") == codes
