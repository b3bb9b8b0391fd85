"""What there is at each hospital in each period: beds, surge beds, people; and vehicles in each pool."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nspl_opt.reference.reference import Pool, Reference, VehicleType
from nspl_opt.scenario.geography import Geography
from nspl_opt.scenario.injects import bed_factors, fleet_factors, scale, staff_factors
from nspl_opt.scenario.scenario import Scenario
from nspl_opt.scenario.situation import Period


def beds_by_hospital(
    scenario: Scenario, geography: Geography, bed_types: Sequence[str], periods: Sequence[Period]
) -> np.ndarray:
    """(bed_type, hospital, period) staffed beds, injects applied [beds]."""
    beds = np.zeros((len(bed_types), len(geography.hospitals), len(periods)), dtype=np.int64)
    for b, bed_type in enumerate(bed_types):
        for h, site in enumerate(geography.hospitals):
            beds[b, h, :] = geography.staffed.get((site.code, bed_type), 0)
    scale(beds, bed_factors(scenario, geography, bed_types, periods))
    return beds


def planned_beds_by_hospital(geography: Geography, bed_types: Sequence[str]) -> np.ndarray:
    """(bed_type, hospital) beds that planned care holds [beds]."""
    return np.array(
        [[geography.planned.get((site.code, kind), 0) for site in geography.hospitals] for kind in bed_types],
        dtype=np.int64,
    ).reshape(len(bed_types), len(geography.hospitals))


def surge_by_hospital(
    reference: Reference,
    scenario: Scenario,
    geography: Geography,
    bed_types: Sequence[str],
    periods: Sequence[Period],
) -> np.ndarray:
    """(bed_type, hospital, period) surge beds whose lead time has passed when the period begins [beds]."""
    leads = lead_times(scenario, geography)
    columns = {site.code: index for index, site in enumerate(geography.hospitals)}
    rows = {code: index for index, code in enumerate(bed_types)}
    beds = np.zeros((len(bed_types), len(columns), len(periods)), dtype=np.int64)
    for stage in reference.surge:
        lead_h = leads.get((stage.site, stage.bed_type, stage.stage), stage.lead_h)
        for period in periods:
            if lead_h <= period.start_h:
                beds[rows[stage.bed_type], columns[stage.site], period.index] += stage.beds
    scale(beds, bed_factors(scenario, geography, bed_types, periods))
    return beds


def lead_times(scenario: Scenario, geography: Geography) -> dict[tuple[str, str, int], int]:
    """(hospital, bed type, stage) -> lead time [h]. A change for named places beats one for everywhere."""
    leads: dict[tuple[str, str, int], int] = {}
    for change in sorted(scenario.file.surge_changes, key=lambda entry: (bool(entry.places), entry.places)):
        for site in geography.hospitals_of_all(change.places):
            leads[site.code, change.bed_type, change.stage] = change.lead_h
    return leads


def staff_by_hospital(
    reference: Reference,
    scenario: Scenario,
    geography: Geography,
    professions: Sequence[str],
    periods: Sequence[Period],
) -> tuple[np.ndarray, np.ndarray]:
    """(profession, hospital, period) people, injects applied; (profession, hospital) in planned care."""
    columns = {site.code: index for index, site in enumerate(geography.hospitals)}
    rows = {code: index for index, code in enumerate(professions)}
    people = np.zeros((len(professions), len(columns), len(periods)), dtype=np.int64)
    planned = np.zeros((len(professions), len(columns)), dtype=np.int64)
    for stock in reference.staff:
        people[rows[stock.profession], columns[stock.site], :] += stock.people
        planned[rows[stock.profession], columns[stock.site]] += stock.planned
    scale(people, staff_factors(scenario, geography, professions, periods))
    return people, planned


def pool_quantities(
    pools: Sequence[Pool], vehicle_types: Sequence[VehicleType], scenario: Scenario, periods: Sequence[Period]
) -> np.ndarray:
    """(pool, period) vehicles that may be used: none before the type is mobilised, injects applied.

    A type counts from the first period whose middle, where journeys start, comes at or after its
    mobilisation: an ambulance that rolls within minutes is there from the first period.
    """
    mobilised = {vehicle.code: vehicle.mobilisation_min for vehicle in vehicle_types}
    quantity = np.zeros((len(pools), len(periods)), dtype=np.int64)
    for index, pool in enumerate(pools):
        for period in periods:
            if mobilised[pool.vehicle_type] <= 60 * period.start_h + 30 * period.length_h:
                quantity[index, period.index] = pool.quantity
    scale(quantity, fleet_factors(scenario, pools, periods))
    quantity.setflags(write=False)
    return quantity
