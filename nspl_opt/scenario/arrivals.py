"""Patients: who comes to which hospital in which period, and who is there when it all begins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from nspl_opt.reference.reference import MICRO, CareCategory
from nspl_opt.scenario.check import holders
from nspl_opt.scenario.fields import exact
from nspl_opt.scenario.geography import Geography
from nspl_opt.scenario.injects import arrival_factors, known_rows, scale
from nspl_opt.scenario.scenario import Arrivals, Scenario
from nspl_opt.scenario.shares import half_even, overlap, share_out
from nspl_opt.scenario.situation import Period, discharge_micro
from nspl_opt.scenario.subjects.courses import everyday_micro


def arrivals_by_hospital(
    scenario: Scenario, geography: Geography, categories: Sequence[CareCategory], periods: Sequence[Period]
) -> np.ndarray:
    """(category, hospital, period) patients who come [patients / 1e6]: demand, injects, everyday care.

    Patients of a row come evenly over its window. First the row is shared over hospitals, then each
    hospital's part over periods, both by largest remainder: not one millionth is lost.
    """
    rows = {category.code: index for index, category in enumerate(categories)}
    columns = {site.code: index for index, site in enumerate(geography.hospitals)}
    arrivals = np.zeros((len(rows), len(columns), len(periods)), dtype=np.int64)
    for (category, place, from_h, to_h), total in _gathered(known_rows(scenario)):
        k = rows[category]
        hours = [overlap(from_h, to_h, period.start_h, period.start_h + period.length_h) for period in periods]
        reception = geography.reception(place, categories[k])
        parts = share_out(total, [weight for _, weight in reception])
        for (hospital, _), part in zip(reception, parts, strict=True):
            arrivals[k, columns[hospital], :] += np.array(share_out(part, hours), dtype=np.int64)
    ordinary = ordinary_by_hospital(scenario, geography, categories)
    stays = {stay.category: stay for stay in scenario.file.stays}
    for k, category in enumerate(categories):
        stay = stays.get(category.code)
        for period in periods:
            hours = period.length_h
            share = everyday_micro(stay, hours) if stay else discharge_micro(category.mean_stay_h, hours)
            for h in range(len(columns)):
                arrivals[k, h, period.index] += _rounded_share(int(ordinary[k, h]), share)
    codes = [category.code for category in categories]
    scale(arrivals, arrival_factors(scenario, geography, codes, periods), nearest=True)
    return arrivals


def _gathered(rows: Iterable[Arrivals]) -> list[tuple[tuple[str, str, int, int], int]]:
    """Rows of one kind, place and window added up, sorted: splitting a row changes nothing."""
    totals: dict[tuple[str, str, int, int], int] = {}
    for row in rows:
        key = (row.category, row.place, row.from_h, row.to_h)
        totals[key] = totals.get(key, 0) + row.patients_micro
    return sorted(totals.items())


def _rounded_share(census: int, share_micro: int) -> int:
    """census x share / 1e6, rounded half to even, as discharges are."""
    quotient, rest = divmod(census * share_micro, MICRO)
    up = 2 * rest > MICRO or (2 * rest == MICRO and quotient % 2 == 1)
    return quotient + up


def ordinary_by_hospital(scenario: Scenario, geography: Geography, categories: Sequence[CareCategory]) -> np.ndarray:
    """(category, hospital) patients of everyday care at any time, while all are cared for [patients / 1e6].

    Share x (staffed beds - beds of planned care). As many come in each period as leave it, so the
    census stays the same on a grid of any period lengths.
    """
    rows = {category.code: index for index, category in enumerate(categories)}
    columns = {site.code: index for index, site in enumerate(geography.hospitals)}
    census = np.zeros((len(rows), len(columns)), dtype=np.int64)
    for entry in sorted(scenario.file.ordinary, key=lambda entry: (entry.category, entry.places)):
        category = categories[rows[entry.category]]
        for hospital in holders(geography, category, entry.places):
            key = (hospital, category.bed_type)
            beds = geography.staffed[key] - geography.planned.get(key, 0)
            census[rows[entry.category], columns[hospital]] += half_even(exact(entry.occupancy_share) * beds * MICRO)
    return census


def initial_by_hospital(scenario: Scenario, geography: Geography, categories: Sequence[CareCategory]) -> np.ndarray:
    """(category, hospital) patients present and cared for at the start [patients / 1e6]."""
    rows = {category.code: index for index, category in enumerate(categories)}
    columns = {site.code: index for index, site in enumerate(geography.hospitals)}
    census = ordinary_by_hospital(scenario, geography, categories)
    totals: dict[tuple[str, str], int] = {}
    for row in scenario.initial:
        totals[row.category, row.place] = totals.get((row.category, row.place), 0) + row.patients_micro
    for (category, place), total in sorted(totals.items()):
        reception = geography.reception(place, categories[rows[category]])
        parts = share_out(total, [weight for _, weight in reception])
        for (hospital, _), part in zip(reception, parts, strict=True):
            census[rows[category], columns[hospital]] += part
    return census
