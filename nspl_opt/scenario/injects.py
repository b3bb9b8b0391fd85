"""Injects: dated patches on beds, staff, fleets and arrivals, taken back when their window ends.

A factor f that holds during a share s of a period counts there as 1 + s (f - 1); several at once
are multiplied. Outside its window an inject changes nothing at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

import numpy as np

from nspl_opt.reference.reference import Pool
from nspl_opt.scenario.fields import exact
from nspl_opt.scenario.geography import Geography
from nspl_opt.scenario.scenario import Arrivals, Scenario
from nspl_opt.scenario.schema import EVERYWHERE, Inject
from nspl_opt.scenario.shares import overlap
from nspl_opt.scenario.situation import Period

Factors = dict[tuple[int, ...], Fraction]
"""Cell of an array -> what to multiply it by; cells left out stay as they are."""


def active_injects(scenario: Scenario) -> list[Inject]:
    """The injects in force, by name, so that the order in the file does not matter."""
    return sorted((inject for inject in scenario.file.injects if inject.active), key=lambda inject: inject.name)


def without_inject(scenario: Scenario, name: str) -> Scenario:
    """The same scenario with one inject or closure taken back."""

    def switched(entries: Sequence) -> tuple:
        return tuple(entry.model_copy(update={"active": False}) if entry.name == name else entry for entry in entries)

    return scenario.with_file(injects=switched(scenario.file.injects), closures=switched(scenario.file.closures))


def injected_rows(scenario: Scenario) -> list[Arrivals]:
    """The patients that the injects in force bring, beside the scenario's own demand."""
    return [row for inject in active_injects(scenario) for row in scenario.inject_arrivals.get(inject.name, ())]


def known_rows(scenario: Scenario) -> list[Arrivals]:
    """The patients of demand and injects who are known to come at the scenario's hour ``known_at_h``."""
    return [row for row in [*scenario.demand, *injected_rows(scenario)] if _is_known(scenario, row)]


def unknown_micro(scenario: Scenario) -> int:
    """Patients of demand and injects who are not known of yet [patients / 1e6]: no plan can count on them."""
    rows = [*scenario.demand, *injected_rows(scenario)]
    return sum(row.patients_micro for row in rows if not _is_known(scenario, row))


def _is_known(scenario: Scenario, row: Arrivals) -> bool:
    hour = scenario.file.known_at_h
    return hour is None or row.from_h - row.notice_h <= hour


def scale(array: np.ndarray, factors: Mapping[tuple[int, ...], Fraction], nearest: bool = False) -> None:
    """Multiply cells in place, exactly, then round down to whole units, or to the nearest if asked."""
    for cell in sorted(factors):
        exact_value = int(array[cell]) * factors[cell]
        array[cell] = round(exact_value) if nearest else exact_value.numerator // exact_value.denominator


def bed_factors(
    scenario: Scenario, geography: Geography, bed_types: Sequence[str], periods: Sequence[Period]
) -> Factors:
    """Cells (bed_type, hospital, period) of staffed and surge beds."""
    return _at_places(scenario, geography, bed_types, periods, "beds_factor", "bed_type")


def staff_factors(
    scenario: Scenario, geography: Geography, professions: Sequence[str], periods: Sequence[Period]
) -> Factors:
    """Cells (profession, hospital, period) of people."""
    return _at_places(scenario, geography, professions, periods, "staff_factor", "profession")


def arrival_factors(
    scenario: Scenario, geography: Geography, categories: Sequence[str], periods: Sequence[Period]
) -> Factors:
    """Cells (category, hospital, period) of arrivals."""
    return _at_places(scenario, geography, categories, periods, "arrivals_factor", "category")


def fleet_factors(scenario: Scenario, pools: Sequence[Pool], periods: Sequence[Period]) -> Factors:
    """Cells (pool, period) of vehicles."""
    found: Factors = {}
    for inject in active_injects(scenario):
        if patch := inject.fleet_factor:
            cells = [
                (index,)
                for index, pool in enumerate(pools)
                if patch.pool == pool.code or patch.vehicle_type == pool.vehicle_type
            ]
            _gather(found, inject, exact(patch.factor), cells, periods)
    return found


def _at_places(
    scenario: Scenario, geography: Geography, codes: Sequence[str], periods: Sequence[Period], kind: str, field: str
) -> Factors:
    """Cells (code, hospital, period) that the patches of one kind touch; ``field`` of a patch names the code."""
    found: Factors = {}
    for inject in active_injects(scenario):
        if patch := getattr(inject, kind):
            rows = _indices(codes, getattr(patch, field))
            _gather(found, inject, exact(patch.factor), _cells(rows, geography, patch.place), periods)
    return found


def _indices(codes: Sequence[str], wanted: str) -> list[int]:
    return [index for index, code in enumerate(codes) if wanted in (EVERYWHERE, code)]


def _cells(rows: Sequence[int], geography: Geography, place: str) -> list[tuple[int, ...]]:
    columns = {site.code: index for index, site in enumerate(geography.hospitals)}
    return [(row, columns[site.code]) for row in rows for site in geography.hospitals_of(place)]


def _gather(
    found: Factors, inject: Inject, factor: Fraction, cells: Sequence[tuple[int, ...]], periods: Sequence[Period]
) -> None:
    for index, weight in _weights(inject, factor, periods):
        for cell in cells:
            found[(*cell, index)] = found.get((*cell, index), Fraction(1)) * weight


def _weights(inject: Inject, factor: Fraction, periods: Sequence[Period]) -> Iterator[tuple[int, Fraction]]:
    for period in periods:
        hours = overlap(inject.from_h, inject.to_h, period.start_h, period.start_h + period.length_h)
        if hours:
            yield period.index, 1 + Fraction(hours, period.length_h) * (factor - 1)
