r"""What each region pays of a shared budget: a fixed part alike for all, the rest by population.

.. math:: share_r = B \left( \frac{f}{n} + (1 - f) \frac{p_r}{\sum_q p_q} \right)

with budget :math:`B`, fixed share :math:`f`, number of regions :math:`n`, population :math:`p_r`.
Computed in whole öre (hundredths of the currency) with exact fractions: each contribution is
rounded down, and the öre that remain go one each to the largest remainders, ties by region code.
So the contributions sum to the budget exactly, and none is more than one öre from its exact value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path

from nspl_opt.problems import InvalidInput, Problem
from nspl_opt.reference.reference import Population

DEFAULT_FIXED_SHARE = Fraction(34, 100)
LARGEST_BUDGET_ORE = 10**17
LARGEST_POPULATION = 10**10


@dataclass(frozen=True, slots=True)
class Contribution:
    """One region's contribution. ``fixed`` and ``variable`` [öre] are exact, ``total_ore`` [öre] is whole."""

    region: str
    inhabitants: int
    fixed: Fraction
    variable: Fraction
    total_ore: int


def share_costs(
    budget_ore: int, population: Mapping[str, int], fixed_share: Fraction = DEFAULT_FIXED_SHARE
) -> tuple[Contribution, ...]:
    """The regions' contributions, sorted by region code; they sum to ``budget_ore`` exactly.

    Parameters
    ----------
    budget_ore
        What is to be shared [öre], 0 or more.
    population
        Region code -> inhabitants; at least one region, at least one inhabitant in all.
    fixed_share
        Part of the budget that all regions pay alike, 0 to 1.

    Raises
    ------
    InvalidInput
        ``U301`` budget, ``U302`` fixed share, ``U303`` population; all that is wrong at once.
    """
    problems = list(_problems(budget_ore, population, fixed_share))
    if problems:
        raise InvalidInput("cost-share", problems)
    regions = sorted(population)
    inhabitants = sum(population.values())
    fixed = budget_ore * Fraction(fixed_share) / len(regions)
    variable = {r: budget_ore * (1 - Fraction(fixed_share)) * population[r] / inhabitants for r in regions}
    exact = {r: fixed + variable[r] for r in regions}
    whole = {r: exact[r].numerator // exact[r].denominator for r in regions}
    left = budget_ore - sum(whole.values())
    for region in sorted(regions, key=lambda r: (whole[r] - exact[r], r))[:left]:
        whole[region] += 1
    return tuple(Contribution(r, population[r], fixed, variable[r], whole[r]) for r in regions)


def _problems(budget_ore: int, population: Mapping[str, int], fixed_share: Fraction) -> Iterable[Problem]:
    if not 0 <= budget_ore <= LARGEST_BUDGET_ORE:
        yield Problem("U301", "--budget", f"{format_ore(budget_ore)} lies outside 0 to 10^15", "give an amount in SEK")
    if not 0 <= fixed_share <= 1:
        yield Problem("U302", "--fixed-share", f"{float(fixed_share)} lies outside 0 to 1", "give a share such as 0.34")
    if not population:
        yield Problem("U303", "population", "there are no regions", "give one row per region")
    elif sum(population.values()) <= 0:
        yield Problem("U303", "population", "nobody lives in the regions", "give inhabitants above 0")
    for region, people in sorted(population.items()):
        if not 0 <= people <= LARGEST_POPULATION:
            yield Problem("U303", f"population, region {region}", f"{people} inhabitants", "give 0 to 10^10")


def parse_amount(text: str) -> int:
    """An amount in kronor ("10000000", "10 000 000", "1234,50") as whole öre.

    Raises ``InvalidInput`` ``U301`` for anything else, a third decimal included.
    """
    compact = text.replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace("_", "").replace(",", ".")
    if compact.isascii() and len(compact) <= 40 and compact.count(".") <= 1 and compact.replace(".", "").isdigit():
        ore = Decimal(compact) * 100
        if ore == ore.to_integral_value():
            return int(ore)
    what = f"'{text[:60]}' is not an amount in SEK with at most two decimals"
    raise InvalidInput("cost-share", [Problem("U301", "--budget", what, "write for example 10000000 or 1234.50")])


def parse_share(text: str) -> Fraction:
    """A share ("0.34", "0,34", "17/50") as an exact fraction between 0 and 1; else ``InvalidInput`` ``U302``."""
    try:
        if len(text) > 40 or not text.isascii() or "e" in text.lower() or "_" in text:
            raise ValueError(text)
        share = Fraction(text.strip().replace(",", "."))
        if 0 <= share <= 1:
            return share
    except (ValueError, ZeroDivisionError, InvalidOperation):
        pass
    what = f"'{text[:60]}' is not a share between 0 and 1"
    raise InvalidInput("cost-share", [Problem("U302", "--fixed-share", what, "write for example 0.34")])


def population_on(population: Iterable[Population], date: str | None = None) -> tuple[str, dict[str, int]]:
    """The date and region code -> inhabitants of a reference package on ``date``, by default its latest.

    Raises ``InvalidInput`` ``U304`` for a date the package does not hold.
    """
    rows = tuple(population)
    dates = sorted({row.date for row in rows})
    if date is None and dates:
        date = dates[-1]
    if date not in dates:
        remedy = f"known dates: {', '.join(dates)}; or give a file with --population" if dates else "give --population"
        raise InvalidInput("cost-share", [Problem("U304", "--population-date", f"no population of '{date}'", remedy)])
    return str(date), {row.region: row.inhabitants for row in rows if row.date == date}


def read_population(path: Path) -> dict[str, int]:
    """Region code -> inhabitants from a CSV file with the columns ``region`` and ``inhabitants``.

    Other columns are left alone. Raises ``InvalidInput`` ``U305`` with every bad row.
    """
    import csv

    name, problems, population = path.name, [], {}

    def refuse(where: str, what: str, remedy: str) -> None:
        problems.append(Problem("U305", f"{name}{where}", what, remedy))

    try:
        if not path.is_file():
            raise OSError("is not a file")
        if path.stat().st_size > 1_000_000:
            raise OSError("is larger than 1 MB")
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines(), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        refuse("", f"cannot be read: {reason}", "give a CSV file in UTF-8 with the columns region,inhabitants")
        raise InvalidInput("cost-share", problems) from None
    if rows and not {"region", "inhabitants"} <= set(rows[0]):
        known = ", ".join(str(key) for key in rows[0])[:120]
        refuse(", row 1", f"has the columns {known}", "name the columns region,inhabitants")
        rows = []
    elif not rows:
        refuse("", "holds no rows", "give one row per region: region,inhabitants")
    for number, row in enumerate(rows, start=2):
        region, people = (row["region"] or "").strip(), (row["inhabitants"] or "").strip()
        if not region or region in population:
            refuse(f", row {number}, column region", f"'{region}' is empty or comes twice", "give each region once")
        elif not (people.isascii() and people.isdigit() and len(people) <= 10):
            refuse(f", row {number}, column inhabitants", f"'{people[:40]}' is not a whole number", "give 0 or more")
        else:
            population[region] = int(people)
    if problems:
        raise InvalidInput("cost-share", problems)
    return population


def format_ore(ore: int) -> str:
    """Whole öre as kronor with two decimals: 170367595 -> "1703675.95"."""
    sign = "-" if ore < 0 else ""
    return f"{sign}{abs(ore) // 100}.{abs(ore) % 100:02d}"
