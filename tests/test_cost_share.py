"""Cost shares: exact, whole öre, summing to the budget."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nspl_opt.cost_share import format_ore, parse_amount, parse_share, population_on, read_population, share_costs
from nspl_opt.problems import InvalidInput
from nspl_opt.reference.reference import Population

NATIONAL, STOCKHOLM = 10_587_710, 2_473_307
"""Inhabitants on 31 December 2024, Statistics Sweden."""
OTHERS_2023 = {
    "03": 404589, "04": 301944, "05": 472298, "06": 368856, "07": 203686,
    "08": 246667, "09": 61029, "10": 157973, "12": 1421781, "13": 343746,
    "14": 1767016, "17": 283548, "18": 308116, "19": 280813, "20": 287253,
    "21": 285642, "22": 242148, "23": 132572, "24": 278729, "25": 248480,
}  # fmt: skip
"""The other regions a year before (31 December 2023)."""


def country_of_2024() -> dict[str, int]:
    """The known figures of 2024; the other regions grow in step to the known rest, whole people.

    Stockholm's exact share, 1 703 675.9475 SEK, does not depend on the others. Whether its last öre is
    rounded up does: the remainders compete. With real proportions among the others it is.
    """
    rest = NATIONAL - STOCKHOLM
    grown = share_costs(rest, OTHERS_2023, Fraction(0))
    return {"01": STOCKHOLM, **{c.region: c.total_ore for c in grown}}


def test_stockholm_pays_1_703_675_95_of_ten_million():
    shares = {c.region: c for c in share_costs(10_000_000_00, country_of_2024())}
    assert format_ore(shares["01"].total_ore) == "1703675.95"
    assert sum(country_of_2024().values()) == NATIONAL
    assert sum(c.total_ore for c in shares.values()) == 10_000_000_00


def test_stockholms_share_does_not_depend_on_how_the_others_are_spread():
    lopsided = {f"{code:02d}": 1 for code in range(2, 22)}
    lopsided["02"] = NATIONAL - STOCKHOLM - 19
    shares = {c.region: c for c in share_costs(10_000_000_00, {"01": STOCKHOLM, **lopsided})}
    exact = shares["01"].fixed + shares["01"].variable
    assert abs(shares["01"].total_ore - exact) < 1
    assert exact == 10_000_000_00 * (Fraction(34, 100) / 21 + Fraction(66, 100) * STOCKHOLM / NATIONAL)


@given(
    budget=st.integers(0, 10**15),
    people=st.lists(st.integers(0, 10**8), min_size=1, max_size=40).filter(any),
    share=st.fractions(0, 1, max_denominator=1000),
)
def test_contributions_sum_to_the_budget_and_stay_within_one_ore(budget, people, share):
    shares = share_costs(budget, {f"{i:02d}": n for i, n in enumerate(people)}, share)
    assert sum(c.total_ore for c in shares) == budget
    assert all(abs(c.total_ore - c.fixed - c.variable) < 1 for c in shares)
    assert [c.region for c in shares] == sorted(c.region for c in shares)


def test_the_odd_ore_goes_to_the_first_region_by_code():
    shares = share_costs(100, {"c": 5, "a": 5, "b": 5})
    assert [(c.region, c.total_ore) for c in shares] == [("a", 34), ("b", 33), ("c", 33)]


def test_a_budget_that_is_all_fixed_is_shared_alike():
    assert {c.total_ore for c in share_costs(4_200, {"a": 1, "b": 99}, Fraction(1))} == {2_100}


@pytest.mark.parametrize(
    ("text", "ore"),
    [("10000000", 1_000_000_000), ("10 000 000", 1_000_000_000), ("1234,50", 123_450), ("0.1", 10), ("0", 0)],
)
def test_an_amount_is_read_exactly(text, ore):
    assert parse_amount(text) == ore


@pytest.mark.parametrize("text", ["", "ten", "1.234", "-5", "1e9", "nan", "inf", "1.2.3", "٣", "9" * 5000])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(InvalidInput, match="U301"):
        parse_amount(text)


@pytest.mark.parametrize("text", ["", "1.5", "-0.1", "nan", "1/0", "1e-3", "a", "1_0"])
def test_what_is_no_share_is_refused(text):
    with pytest.raises(InvalidInput, match="U302"):
        parse_share(text)


def test_a_share_keeps_its_decimals_exactly():
    assert parse_share("0,34") == parse_share("17/50") == Fraction(34, 100)


def test_every_bad_row_of_a_population_file_is_told(tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("region,inhabitants\n01,5\n01,6\n02,-1\n03,many\n,4\n", encoding="utf-8")
    with pytest.raises(InvalidInput) as refused:
        read_population(file)
    assert [p.where.split(", ")[1] for p in refused.value.problems] == ["row 3", "row 4", "row 5", "row 6"]


@pytest.mark.parametrize("content", [b"", b"region,people\n01,3\n", b"\xff\xfe\x00", b"region,inhabitants\n"])
def test_a_file_that_is_no_population_is_refused(tmp_path, content):
    file = tmp_path / "people.csv"
    file.write_bytes(content)
    with pytest.raises(InvalidInput, match="U305"):
        read_population(file)


def test_a_population_file_may_hold_more_columns(tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("\ufeffregion,name,inhabitants\n01,Stockholm,5\n", encoding="utf-8")
    assert read_population(file) == {"01": 5}


def test_the_latest_population_is_used_unless_a_date_is_given():
    rows = [Population("01", "2022-12-31", 3), Population("01", "2023-12-31", 4)]
    assert population_on(rows) == ("2023-12-31", {"01": 4})
    assert population_on(rows, "2022-12-31") == ("2022-12-31", {"01": 3})
    with pytest.raises(InvalidInput, match="known dates: 2022-12-31, 2023-12-31"):
        population_on(rows, "2021-12-31")


def test_nothing_to_share_by_is_refused():
    with pytest.raises(InvalidInput, match="U303"):
        share_costs(100, {})
    with pytest.raises(InvalidInput, match="U303"):
        share_costs(100, {"a": 0})
