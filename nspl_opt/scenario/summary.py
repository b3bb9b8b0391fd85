"""What a scenario amounts to, in figures, and what its reader should be warned of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from nspl_opt.reference.reference import MICRO, Reference
from nspl_opt.scenario.extras.groups import GroupRow
from nspl_opt.scenario.extras.reception import unfelt
from nspl_opt.scenario.grid import holds_middle, starts_of
from nspl_opt.scenario.injects import injected_rows, known_rows, unknown_micro
from nspl_opt.scenario.scenario import Scenario

OLD_FIGURE_DAYS = 7
OLD_POPULATION_DAYS = 365


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning: the scenario can be used, but its reader should know this."""

    sv: str
    en: str


@dataclass(frozen=True, slots=True)
class ScenarioSummary:
    """A scenario in figures. ``demand`` and ``initial``: care category -> patients of the CSV files, ``demand`` with
    those of ``groups``, how many groups are kept together."""

    name: str
    title_sv: str
    title_en: str
    marking: str
    level: str
    start: datetime
    periods: int
    horizon_h: int
    regions: int
    hospitals: int
    categories: tuple[str, ...]
    demand: Mapping[str, float]
    initial: Mapping[str, float]
    groups: int
    injects: int
    closures: int
    assumptions: int
    files: tuple[str, ...]
    warnings: tuple[Notice, ...]


def summarise(reference: Reference, scenario: Scenario) -> ScenarioSummary:
    """The figures of a scenario that has passed its checks; injects switched off are not counted."""
    file = scenario.file
    abroad = {region.code for region in reference.regions if region.country}
    home = [site for site in reference.sites if site.region not in abroad and not site.entry]
    return ScenarioSummary(
        name=file.name,
        title_sv=file.title_sv,
        title_en=file.title_en,
        marking=file.marking,
        level=file.level,
        start=file.start,
        periods=len(file.grid),
        horizon_h=file.horizon_h,
        regions=sum(not region.country for region in reference.regions),
        hospitals=len(home),
        categories=tuple(sorted(file.categories)),
        demand=_totals([*known_rows(scenario), *_groups(scenario)]),
        initial=_totals(scenario.initial),
        groups=len(_groups(scenario)),
        injects=sum(inject.active for inject in file.injects),
        closures=sum(closing.active for closing in file.closures),
        assumptions=len(file.assumptions_sv),
        files=tuple(scenario.hashes),
        warnings=(*_ages(reference, scenario), *_effects(scenario), *_unfelt(reference, scenario), *_texts(scenario)),
    )


def _groups(scenario: Scenario) -> tuple[GroupRow, ...]:
    return scenario.extra.get("groups", ())


def _totals(rows: list | tuple) -> dict[str, float]:
    totals: dict[str, int] = {}
    for row in rows:
        totals[row.category] = totals.get(row.category, 0) + row.patients_micro
    return {category: total / MICRO for category, total in sorted(totals.items())}


def _ages(reference: Reference, scenario: Scenario) -> Iterator[Notice]:
    start = scenario.file.start.date()
    for kind in ("demand", "initial", "ordinary"):
        for entry in getattr(scenario.file, kind):
            if entry.as_of and (days := (start - entry.as_of).days) > OLD_FIGURE_DAYS:
                what = getattr(entry, "file", None) or entry.category
                yield Notice(
                    f"{what}: siffrorna är från {entry.as_of}, {days} dygn före start",
                    f"{what}: the figures are of {entry.as_of}, {days} days before the start",
                )
    if dates := sorted({date.fromisoformat(row.date) for row in reference.population}):
        days = (start - dates[-1]).days
        if days > OLD_POPULATION_DAYS:
            yield Notice(
                f"referensdata: folkmängden är från {dates[-1]}, {days // 365} år före start",
                f"reference data: the population is of {dates[-1]}, {days // 365} years before the start",
            )


def _effects(scenario: Scenario) -> Iterator[Notice]:
    file = scenario.file
    starts = starts_of(file.grid)
    for closing in file.closures:
        felt = [
            start
            for start, length in zip(starts, file.grid, strict=True)
            if holds_middle(closing.from_h, closing.to_h, start, length)
        ]
        if closing.active and not felt:
            yield Notice(
                f"avstängningen '{closing.name}' täcker inte mitten av någon period och märks bara i färjetidtabellen",
                f"closure '{closing.name}' covers the middle of no period and is felt in the ferry timetable only",
            )
    if unknown := unknown_micro(scenario) / MICRO:
        yield Notice(
            f"{unknown:g} patienter är ännu inte kända timme {file.known_at_h} och räknas inte",
            f"{unknown:g} patients are not known of at hour {file.known_at_h} and are not counted",
        )
    used = {row.category for row in (*scenario.demand, *scenario.initial, *injected_rows(scenario), *_groups(scenario))}
    used |= {entry.category for entry in file.ordinary}
    for category in sorted(set(file.categories) - used):
        yield Notice(f"kategorin '{category}' får inga patienter", f"category '{category}' has no patients")


def _unfelt(reference: Reference, scenario: Scenario) -> Iterator[Notice]:
    for one in unfelt(reference, scenario.extra.get("reception_limits", ())) if scenario.file.level == "region" else ():
        yield Notice(
            f"{one.where}: gränsen för '{one.place}' märks inte när regioner är platser, för andra sjukhus i regionen "
            "med sådana vårdplatser har ingen gräns samtidigt; ange regionens gräns, eller planera på sjukhusnivå",
            f"{one.where}: the limit of '{one.place}' is not felt where regions are the sites, for other hospitals of "
            "the region with such beds have none at that time; state the region's limit, or plan by hospital",
        )


def _texts(scenario: Scenario) -> Iterator[Notice]:
    file = scenario.file
    if not file.assumptions_sv:
        yield Notice("inga antaganden är angivna", "no assumptions are stated")
    if len(file.assumptions_sv) != len(file.assumptions_en):
        yield Notice(
            "olika antal antaganden på svenska och engelska",
            "the assumptions in Swedish and English differ in number",
        )
