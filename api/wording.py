"""Lines of help in words that a tired person reads: figures rounded, written as the language writes them."""

from __future__ import annotations

import math
from collections.abc import Mapping

from nspl_opt.store.lines import Line

from .names import Both, Names

LANGUAGES = ("sv", "en")
NOTHING_H = 0.05
"""Less than three minutes is no difference [h]."""
OWN = {
    "sender": (
        "Hos er utan flytten: {need_without:patient/patienter} på {beds:plats/platser}; utan plats {unmet_without}, "
        "med flytten {unmet}.",
        "You without it: {need_without:patient/patients}, {beds:bed/beds}; without a bed {unmet_without}, "
        "with it {unmet}.",
    ),
    "receiver": (
        "Hos er: {free_before:ledig plats/lediga platser} av {beds} före, {free_after} efter.",
        "With you: {free_before:free bed/free beds} of {beds} before, {free_after} after.",
    ),
    "carrier": (
        "Er transport: {minutes:minut/minuter}, {trips:tur/turer}.",
        "Your transport: {minutes:minute/minutes}, {trips:trip/trips}.",
    ),
}  # fmt: skip
"""Part -> what the line means at the region's own end."""
LOAN = ("Lån av personal mellan regionerna.", "A loan of staff between the regions.")
REGION_NO = (
    "Om er region inte hjälper någon alls: {own} hos er, {country} i hela landet.",
    "If your region helps nobody at all: {own} with you, {country} in the whole country.",
)
LINE_NO = ("Utan just den här raden: {line} i hela landet.", "Without just this line: {line} in the whole country.")
LINE_HANGS = (
    "Annat i planen hänger på den här raden: vad det kostar utan den visar sig när planen räknas om.",
    "Other parts of the plan hang on this line: what it costs without it shows when the plan is made anew.",
)
UNKNOWN_NO = (
    "Vad ett nej kostar hann inte räknas ut; det betyder inte att det är utan kostnad.",
    "What a no costs was not reckoned in time; that does not mean that it costs nothing.",
)
UNKNOWN = ("inte uträknat i tid", "not reckoned in time")
SAME = ("ingen skillnad", "no difference")
MORE = ("{:patienttimme/patienttimmar} mer utan plats", "{:patient-hour/patient-hours} more without a bed")
LESS = ("{:patienttimme/patienttimmar} mindre utan plats", "{:patient-hour/patient-hours} less without a bed")
PATIENTS = (
    "{amount:patient/patienter} ({what}) från {sender} till {receiver}{way}, {start} till {end}.",
    "{amount:patient/patients} ({what}) from {sender} to {receiver}{way}, {start} to {end}.",
)
WAY = (" med {}", " by {}")
PEOPLE = (
    "Lån av {amount:person/personer} ({what}) från {sender} till {receiver}, {start} till {end}.",
    "A loan of {amount:person/people} ({what}) from {sender} to {receiver}, {start} to {end}.",
)


class Figure:
    """A number in running text: ``{:tur/turer}`` tells it with the word that fits it, ``{}`` alone."""

    def __init__(self, value: float, language: str) -> None:
        shown = rounded(value)
        self.text = shown.replace(".", ",") if language == "sv" else shown

    def __format__(self, words: str) -> str:
        one, _, many = words.partition("/")
        return f"{self.text} {one if self.text == '1' else many}" if words else self.text


def rounded(value: float) -> str:
    """One decimal under a hundred unless it is nought, whole from there on."""
    return f"{round(value, 1 if abs(value) < 100 else 0) + 0.0:.1f}".removesuffix(".0")


def line_words(line: Line, names: Names) -> dict[str, str]:
    """``text_sv`` and ``text_en``: who helps whom, with what and when, in names."""
    found = {}
    for place, language in enumerate(LANGUAGES):
        sentence = (PATIENTS if line.kind == "patients" else PEOPLE)[place]
        found[f"text_{language}"] = sentence.format(
            amount=Figure(line.amount, language),
            what=names.thing(line.what)[place].lower(),
            way=WAY[place].format(names.thing(line.vehicle_type)[place].lower()) if line.vehicle_type else "",
            sender=names.region(line.from_region)[place],
            receiver=names.region(line.to_region)[place],
            start=line.from_time.replace("T", " "),
            end=line.to_time.replace("T", " "),
        )
    return found


def why_words(
    part: str, kind: str, figures: Mapping[str, float], losses: Mapping[str, float | None], first: bool,
    hangs: bool = False,
) -> Both:  # fmt: skip
    """What a line means at the region's own end, and in its ``first`` part what its no costs, in both languages.

    ``hangs``: so much of the plan hangs on the line that only a new plan tells what it is without it.
    """
    told = []
    for place, language in enumerate(LANGUAGES):
        shown = {name: Figure(value, language) for name, value in figures.items()}
        try:
            own = OWN[part][place].format(**shown)
        except KeyError:  # a figure that nobody found
            own = LOAN[place] if kind == "staff" else ""
        no = _no_words(part, losses, place, hangs) if first else ""
        told.append(" ".join(text for text in (own, no) if text))
    return told[0], told[1]


def _no_words(part: str, losses: Mapping[str, float | None], place: int, hangs: bool) -> str:
    """Sentences on what a no costs. A carrier has no patients of its own in it: for it the line alone is told of."""
    own, country, line = (losses.get(name) for name in ("own_h_if_no", "country_h_if_no", "country_h_without_line"))
    told = []
    if part != "carrier" and (own, country) != (None, None):
        told.append(REGION_NO[place].format(own=_hours(own, place), country=_hours(country, place)))
    if line is not None:
        told.append(LINE_NO[place].format(line=_hours(line, place)))
    elif hangs:
        told.append(LINE_HANGS[place])
    return " ".join(told) or UNKNOWN_NO[place]


def _hours(hours: float | None, place: int) -> str:
    if hours is None:
        return UNKNOWN[place]
    if abs(hours) < NOTHING_H:
        return SAME[place]
    return (MORE if hours > 0 else LESS)[place].format(Figure(_two_digits(abs(hours)), LANGUAGES[place]))


def _two_digits(value: float) -> float:
    """As exact as it may be taken for: two digits."""
    return round(value, 1 - math.floor(math.log10(value)))
