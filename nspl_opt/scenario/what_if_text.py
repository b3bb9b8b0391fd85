"""What-ifs as people write them, ``karlstad:icu=0.7@24-72``, and whether what they name is there."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from nspl_opt.problems import InvalidInput, Problem, did_you_mean
from nspl_opt.reference.reference import Reference
from nspl_opt.scenario.schema import EVERYWHERE
from nspl_opt.scenario.situation import Situation
from nspl_opt.scenario.what_if import (
    SIDES,
    Amount,
    Arrivals,
    Beds,
    ClosedLink,
    Declines,
    LostHospital,
    Staff,
    Vehicles,
    WhatIf,
)

FORMS = {
    "beds": "PLACE[:BED_TYPE]=AMOUNT, for example karlstad:icu=0.7 or 12=-20@24-72",
    "staff": "PLACE[:PROFESSION]=AMOUNT, for example 12:nurse=0.8",
    "arrivals": "PLACE[:CATEGORY]=AMOUNT, for example 01:icu_ventilated=+40@0-24",
    "vehicles": "POOL=NUMBER, for example amb_12=0",
    "lose": "HOSPITAL, for example karlstad@24",
    "close-link": "LINK, for example fe_visby__nynashamn",
    "decline": "REGION[:receive|send|help[:CATEGORY]], for example 12 or 12:receive:burns_major",
}
"""Sort of what-if -> how it is written. AMOUNT is a factor (0.7), or +N or -N; @FROM[-TO] are hours after the start."""

LOST_FROM_H = 24
"""A hospital is lost from here on where nothing else is said [h]."""
MOST_HOURS = 10_000
MOST = 1_000_000


@dataclass(frozen=True)
class Known:
    """Codes that a what-if may name."""

    places: Collection[str]
    hospitals: Collection[str]
    regions: Collection[str]
    bed_types: Collection[str]
    professions: Collection[str]
    categories: Collection[str]
    pools: Collection[str]
    links: Collection[str]
    names: Mapping[str, str]
    """What people call a place, pool or link, in small letters -> its code."""

    @classmethod
    def of(cls, situation: Situation, reference: Reference | None) -> Known:
        """Those of a situation; links and names come from the reference package."""
        hospitals = sorted({code for site in situation.sites for code in site.hospitals})
        regions = sorted({site.region for site in situation.sites})
        ways = () if reference is None else (*reference.links, *reference.ferries)
        places = () if reference is None else (*reference.sites, *reference.regions)
        return cls(
            sorted({*hospitals, *regions}), hospitals, regions, *(
                sorted({getattr(thing, "parent", "") or thing.code for thing in things})
                for things in (situation.bed_types, situation.professions, situation.categories, situation.pools, ways)
            ),
            {thing.name.casefold(): thing.code for thing in (*ways, *places)},
        )  # fmt: skip

    def of_kind(self, kind: str) -> Collection[str]:
        """The codes of a kind: place, hospital, region, bed_type, profession, category, pool, link."""
        return getattr(self, {"category": "categories"}.get(kind, f"{kind}s"))


def parse_what_ifs(texts: Sequence[tuple[str, str]], known: Known) -> tuple[WhatIf, ...]:
    """What-ifs from (sort, text), the sorts and forms of ``FORMS``.

    Raises
    ------
    InvalidInput
        With every text that is not of its form (W101) or names what is not there (W102).
    """
    found: list[WhatIf] = []
    problems: list[Problem] = []
    for sort, text in texts:
        where = f"--{sort} {text if len(text) <= 80 else text[:77] + '...'}"
        one = parse_what_if(sort, text)
        if one is None:
            problems.append(Problem("W101", where, "is not of the form", f"write {FORMS[sort]}"))
        else:
            problems += _unknown(one, where, known)
            found.append(one)
    if problems:
        raise InvalidInput("what-if", problems)
    return tuple(found)


def refuse_unknown(what_ifs: Sequence[WhatIf], known: Known) -> None:
    """Refuse what-ifs that name what is not there: ``InvalidInput`` with every one of them (W102)."""
    problems = [problem for one in what_ifs for problem in _unknown(one, type(one).__name__, known)]
    if problems:
        raise InvalidInput("what-if", problems)


_TEXT = re.compile(
    r"(?P<name>[^:=@]{1,64})(:(?P<kind>[A-Za-z0-9_.-]{1,64})(:(?P<more>[A-Za-z0-9_.-]{1,64}))?)?"
    r"(=(?P<amount>[x+-]?[0-9]{1,7}(\.[0-9]{1,6})?))?(@(?P<from>[0-9]{1,5})(-(?P<to>[0-9]{1,5}))?)?"
)


def parse_what_if(sort: str, text: str) -> WhatIf | None:
    """A what-if from its text, its codes not looked up; None where it is not of the form of its sort."""
    match = _TEXT.fullmatch(text.strip())
    if match is None:
        return None
    name, kind, more, amount = match["name"], match["kind"], match["more"], match["amount"]
    from_h = int(match["from"]) if match["from"] else LOST_FROM_H if sort == "lose" else 0
    to_h = int(match["to"]) if match["to"] else None
    if from_h > MOST_HOURS or (to_h is not None and not from_h < to_h <= MOST_HOURS):
        return None
    window = {"from_h": from_h, "to_h": to_h}
    sized = {"beds": Beds, "staff": Staff, "arrivals": Arrivals}
    size = _amount(amount, sort == "vehicles") if amount else None
    if sort in sized and size and not more:
        return sized[sort](name, kind or EVERYWHERE, size, **window)
    if sort == "vehicles" and size and not kind:
        return Vehicles(name, size, **window)
    if sort == "decline" and not amount and (kind or SIDES[0]) in SIDES:
        return Declines(name, kind or "help", more or EVERYWHERE, **window)
    if sort in ("lose", "close-link") and not amount and not kind:
        return (LostHospital if sort == "lose" else ClosedLink)(name, **window)
    return None


def _amount(text: str, counted: bool) -> Amount | None:
    """A factor, something added, or (vehicles) a number; None when it is out of range or not whole."""
    value = Fraction(text.lstrip("x+-"))
    if value > MOST:
        return None
    if text[0] == "x" or (text[0] not in "+-" and not counted):
        return Amount(factor=value)
    if value.denominator != 1:
        return None
    if text[0] in "+-":
        return Amount(added=int(value) * (-1 if text[0] == "-" else 1))
    return Amount(number=int(value))


PLACES, KINDS = ("place", "hospital", "region", "pool", "link"), ("bed_type", "profession", "category")
"""Fields of what-ifs that hold a code: where, and what of it."""


def unknown_codes(one: WhatIf, known: Known) -> list[tuple[str, str]]:
    """(field, remedy) of each code in a what-if that names nothing that is there."""
    found = []
    for field in (*PLACES, *KINDS):
        value = getattr(one, field, None)
        if value is None or (value == EVERYWHERE and field in ("place", *KINDS)):
            continue
        codes = known.of_kind(field)
        if value not in codes:
            code = known.names.get(value.casefold())
            found.append((field, f"did you mean '{code}'?" if code in codes else did_you_mean(value, codes)))
    return found


def _unknown(one: WhatIf, where: str, known: Known) -> list[Problem]:
    return [
        Problem("W102", where, f"no {field.replace('_', ' ')} '{getattr(one, field)}' here", remedy)
        for field, remedy in unknown_codes(one, known)
    ]
