"""Reasons of a whole plan in words: if we say no, what one more is worth, prices, conflicts, what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from nspl_opt.plan.facts import names_of, period_span
from nspl_opt.plan.lines_of_help import line_labels
from nspl_opt.plan.plan import Plan
from nspl_opt.plan.why import LEAST_HOURS, thing_words
from nspl_opt.plan.words import Words
from nspl_opt.scenario.situation import Situation

PRICES_SHOWN = 12
WHOLE = 1e-6


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the reasons: ``topic`` is stable, ``title`` and ``lines`` are for people."""

    topic: str
    title: str
    lines: tuple[str, ...]


def reason_parts(plan: Plan, situation: Situation, language: str = "sv") -> tuple[Part, ...]:
    """If we say no, values, prices, what must give way for agreements; nothing when reasons were not asked for."""
    if "if_no" not in plan.tables:
        return ()
    words = Words(language)
    left_out = {note: words.known("notes", note) for note in plan.notes if note.startswith("reasons.")}
    told = (
        ("refusal", _refusals(plan, situation, words), "reasons.if_no_cut"),
        ("worth", _values(plan, situation, words), "reasons.values_cut"),
        ("price", _prices(plan, situation, words), "reasons.prices_cut"),
        ("kept", _agreed(plan, situation, language), "reasons.conflict_cut"),
    )
    return tuple(
        Part(topic, words(f"{topic}.title"), (*lines, *([left_out[cut]] if cut in left_out else [])))
        for topic, lines, cut in told
        if lines or cut in left_out
    )


def _refusals(plan: Plan, situation: Situation, words: Words) -> tuple[str, ...]:
    names, lines, idle = names_of(situation, words), [], 0
    table = plan.table("if_no")
    known = [(-_number(row.hours_change), -_number(row.most_change), row.region, row) for row in table.itertuples()]
    order = [row for *_, row in sorted(known, key=lambda one: one[:3])]
    for row in order:
        region = names.regions[row.region]
        if row.received < LEAST_HOURS and row.lent < LEAST_HOURS and _number(row.hours_change) < LEAST_HOURS:
            idle += 1
            continue
        lines.append(" ".join([_refused(row, region, words), *_broken(row, words), *_helps(row, region, words)]))
    if idle:
        lines.append(words("refusal.others", number=words.number(idle)))
    unit = words.known("unit", "severity-weighted_patient-hours")
    return (*lines, words("refusal.note", unit=unit)) if lines else ()


def _broken(row: Any, words: Words) -> list[str]:
    """What is agreed and can then not be kept."""
    change = _number(row.broken_change)
    whole = abs(change - round(change)) < WHOLE
    return [words("refusal.broken", amount=words.quantity(change, whole))] if change >= LEAST_HOURS else []


def _helps(row: Any, region: str, words: Words) -> list[str]:
    """What the region does for others in the plan."""
    text = []
    if row.received >= LEAST_HOURS:
        patients = words.count("patient", row.received, whole=abs(row.received - round(row.received)) < 1e-6)
        text.append(words("refusal.part", region=region, patients=patients))
    if row.lent >= LEAST_HOURS:
        text.append(words("refusal.lent", region=region, days=words.number(row.lent, 1)))
    return text


def _refused(row: Any, region: str, words: Words) -> str:
    if _missing(row.hours_change):
        if _missing(row.most_change):
            return words("refusal.unsolved", region=region)
        return words("refusal.at_most", region=region, most=words.number(max(row.most_change, 0.0), 1))
    if row.hours_change < LEAST_HOURS:
        return words("refusal.none", region=region)
    hours, own = (words.number(max(value, 0.0), 1) for value in (row.hours_change, row.own_change))
    weighted = words("refusal.weighted", weighted=words.number(max(row.unmet_change, 0.0), 1))
    sure = _sure(words, row.least_change, row.most_change, row.exact)
    return f"{words('refusal.change', region=region, hours=hours, own=own)} {weighted} {sure}"


def _sure(words: Words, least: float, most: float, exact: bool) -> str:
    if exact:
        return words("worth.exact")
    return words("worth.between", least=words.number(max(least, 0.0), 1), most=words.number(max(most, 0.0), 1))


def _values(plan: Plan, situation: Situation, words: Words) -> tuple[str, ...]:
    names, lines = names_of(situation, words), []
    table = plan.table("values")
    for row in sorted(table.itertuples(), key=lambda row: (-_number(row.gain), row.kind, row.place, row.what)):
        start, end = (situation.start + timedelta(hours=int(hour)) for hour in (row.from_h, row.to_h))
        kinds = {"beds": names.bed_types, "staff": names.professions, "vehicles": names.vehicles}
        place = names.sites.get(row.place) or names.regions.get(row.region, row.region)
        if row.kind == "vehicles":
            place = names.regions.get(row.region, row.region)
        what = kinds[row.kind].get(row.what, row.what).lower()
        thing = words(f"worth.{row.kind}", what=what, place=place, when=words.span(start, end))
        if _missing(row.gain):
            lines.append(words("worth.unsolved", thing=thing))
            continue
        if row.gain < LEAST_HOURS:
            text = words("worth.gain_none", thing=thing)
        else:
            text = words("worth.gain", thing=thing, gain=words.number(row.gain, 1))
            if row.kind == "vehicles":
                rate = words.number(row.gain / max(row.to_h - row.from_h, 1), 2)
                text += " " + words("worth.per_hour", rate=rate)
        lines.append(f"{text} {_sure(words, row.least_gain, row.most_gain, row.exact)}")
    nothing = not len(plan.table("prices")) and "reasons.prices_cut" not in plan.notes
    return tuple(lines) or ((words("worth.nothing"),) if nothing else ())


def _prices(plan: Plan, situation: Situation, words: Words) -> tuple[str, ...]:
    names = names_of(situation, words)
    table = plan.table("prices")
    if not len(table):
        return ()
    rows = sorted(table.itertuples(), key=lambda row: (-row.price, row.rule, row.period, row.place, row.what))
    lines = []
    for row in rows[:PRICES_SHOWN]:
        thing = thing_words(row, situation, names, words)
        place = names.sites.get(row.place) or names.regions.get(row.place, row.place)
        thing = f"{place}: {thing}" if place else thing[:1].upper() + thing[1:]
        unit = words.known("price", row.unit.replace(" ", "_"), row.unit)
        when = words.span(*period_span(situation, int(row.period)))
        lines.append(words("price.line", thing=thing, when=when, price=words.number(row.price, 1), unit=unit))
    if len(rows) > PRICES_SHOWN:
        lines.append(words("price.more", number=words.number(len(rows) - PRICES_SHOWN)))
    return (*lines, words("price.label"))


def _agreed(plan: Plan, situation: Situation, language: str) -> tuple[str, ...]:
    """What must give way for all that is agreed to be kept; nothing where it is kept, or was not looked for."""
    told = plan.provenance.get("conflict")
    if told is None:
        return ()
    words = Words(language)
    if not told:
        return (words("conflict.kept"),)
    ways = [SimpleNamespace(groups=tuple(way["groups"]), goals=way["goals"]) for way in told["ways"]]
    conflict = SimpleNamespace(**{**told, "ways": ways})
    return conflict_lines(conflict, line_labels(situation, language), language)


def conflict_lines(conflict: Any, labels: Mapping[str, str], language: str = "sv") -> tuple[str, ...]:
    """A conflict (``reasons.conflicts.Conflict``) in sentences; ``labels`` are codes with names."""
    words = Words(language)

    def called(group: str) -> str:
        kind, _, about = group.partition(":")
        if kind == "wish":
            goal = words.known("goal", about).lower()
            return words("conflict.wish", goal=goal, limit=words.number(conflict.wishes[about], 1))
        return words(f"conflict.{kind.replace('.', '_')}", code=labels.get(about, about))

    text = [words("conflict.title" if conflict.confirmed else "conflict.title_unsure"), *_proofs(conflict, words)]
    if not conflict.confirmed:
        text.append(words("conflict.not_confirmed"))
    if not conflict.ways:
        return (*text, words("conflict.none" if conflict.complete else "conflict.not_tried"))
    size = len(conflict.ways[0].groups)
    text.append(words("conflict.one") if size == 1 else words("conflict.several", number=words.number(size)))
    for way in conflict.ways:
        groups = words.listing([called(group) for group in way.groups])
        goals = words.listing(_reached(way.goals, conflict.wishes, words))
        text.append(words("conflict.way", groups=groups, goals=goals))
    if conflict.together:
        groups = words.listing([called(group) for group in conflict.together])
        text.append(words("conflict.together", groups=groups))
    if not conflict.complete:
        text.append(words("conflict.not_complete"))
    return (*text, words("conflict.verified", tried=words.number(conflict.tried)))


def _proofs(conflict: Any, words: Words) -> list[str]:
    """Goals of which more is wished than any plan can reach, with the bound that proves it."""
    return [
        words("conflict.bound", goal=words.known("goal", name), bound=words.number(bound, 1),
              limit=words.number(conflict.wishes[name], 1))
        for name, bound in sorted(conflict.bounds.items())
    ]  # fmt: skip


def _reached(goals: Mapping[str, float], wishes: Mapping[str, float], words: Words) -> list[str]:
    return [
        words("conflict.goal", name=words.known("goal", name).lower(), value=words.number(goals[name], 1),
              limit=words.number(limit, 1))
        for name, limit in wishes.items() if name in goals
    ]  # fmt: skip


def _missing(value: Any) -> bool:
    return value is None or value != value


def _number(value: Any) -> float:
    return 0.0 if _missing(value) else float(value)
