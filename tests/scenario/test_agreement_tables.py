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
