"""Tables that follow from other tables: load per region, and what each region gives and receives.

Sums are made in whole millionths, so that they are exact and do not depend on the order of rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from nspl_opt.plan.columns import those_in
from nspl_opt.plan.plan import TABLES
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.situation import Situation


def load_table(
    situation: Situation,
    model: Mapping[str, Any],
    census: pd.DataFrame,
    postponed: pd.DataFrame,
    bed_use: pd.DataFrame | None = None,
    ready: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The ``load`` table: need, care and beds per period, region and bed type.

    ``staffed`` is the staffed beds less those of planned care that is not postponed; a postponed
    step frees ``step / steps * largest_share`` of a site's planned beds, of every bed type alike.
    ``free_share`` is missing where there is no bed. ``model`` is ``Plan.model``. Rows are sorted by
    period, region, bed type; every combination has a row. ``bed_use`` and ``ready`` are the tables of those names,
    None without their families: beds lent to other care and borrowed from it, beds of who is ready for discharge.
    """
    regions = _region_index(situation)
    present = _by_region(situation, census, census["present"], regions)
    cared = _by_region(situation, census, cared_for(census), regions)
    # Rounded once, after summing: thirds of many sites' planned care do not add up when each is rounded.
    staffed = np.rint(_to_regions(_open_beds(situation, model, postponed), situation, regions) * MICRO).astype(np.int64)
    surge = _to_regions(situation.surge_beds, situation, regions)
    more = _other_use(situation, bed_use, ready, regions)
    starts = _starts(situation)
    rows = []
    for period in situation.periods:
        t = period.index
        for region in situation.regions:
            r = regions[region.code]
            for b, bed_type in enumerate(situation.bed_types):
                beds = int(staffed[b, r, t]) + int(surge[b, r, t]) * MICRO
                others = {name: int(amounts[b, r, t]) for name, amounts in more.items()}
                used = int(cared[b, r, t]) + sum(-n if name == "borrowed" else n for name, n in others.items())
                free = round(1 - used / beds, 6) if beds > 0 else np.nan
                present_here, cared_here = present[b, r, t] / MICRO, cared[b, r, t] / MICRO
                beds_here = (staffed[b, r, t] / MICRO, int(surge[b, r, t]), *(n / MICRO for n in others.values()))
                rows.append((t, starts[t], region.code, bed_type.code, present_here, cared_here, *beds_here, free))
    return pd.DataFrame(rows, columns=[column.name for column in those_in(TABLES["load"], more)])


def _other_use(
    situation: Situation, bed_use: pd.DataFrame | None, ready: pd.DataFrame | None, regions: dict[str, int]
) -> dict[str, np.ndarray]:
    """Column of the load -> (bed_type, region, period) beds [millionths], of the families that are on."""
    beds = {bed_type.code: index for index, bed_type in enumerate(situation.bed_types)}
    bed_of = {category.code: category.bed_type for category in situation.categories}
    found = {}
    if bed_use is not None:
        found["lent"] = (bed_use, bed_use["bed_type"], bed_use["beds"])
        found["borrowed"] = (bed_use, bed_use["used_by"], bed_use["patients"])
    if ready is not None:
        found["housed"] = (ready, ready["category"].map(bed_of), ready["housed"])
    result = {}
    for name, (table, bed, amount) in found.items():
        result[name] = np.zeros((len(beds), len(regions), len(situation.periods)), dtype=np.int64)
        where = (bed.map(beds), table["region"].map(regions), table["period"])
        np.add.at(result[name], tuple(one.to_numpy(dtype=np.int64) for one in where), _micro(amount))
    return result


def ledger_table(
    situation: Situation,
    transfers: pd.DataFrame,
    loans: pd.DataFrame,
    census: pd.DataFrame,
    postponed: pd.DataFrame,
) -> pd.DataFrame:
    """The ``ledger`` table: one row per region, what it gives, receives and goes without.

    Transfers inside a region are not counted. Hours are those of the periods and staff blocks.
    """
    hours = {period.index: period.length_h for period in situation.periods}
    block_hours = np.array(situation.block_hours, dtype=np.int64)
    between = transfers[transfers["from_region"] != transfers["to_region"]]
    moved = _micro(between["patients"])
    unmet_hours = _micro(census["unmet"]) * census["period"].map(hours).to_numpy(dtype=np.int64, na_value=0)
    away = loans.assign(hours=_hours_away(loans, block_hours))
    person_hours = away["persons"].to_numpy(dtype=np.int64) * away["hours"].to_numpy(dtype=np.int64) * MICRO
    freed = _micro(postponed["beds_freed"]) * block_hours[postponed["block"].to_numpy(dtype=np.int64)]
    sums = {
        "patients_sent": _sum_per(between["from_region"], moved),
        "patients_received": _sum_per(between["to_region"], moved),
        "patient_hours_unmet": _sum_per(census["region"], unmet_hours),
        "staff_days_lent": _sum_per(loans["from_region"], person_hours),
        "staff_days_borrowed": _sum_per(loans["to_region"], person_hours),
        "bed_hours_postponed": _sum_per(postponed["region"], freed),
    }
    rows = []
    for region in situation.regions:
        row: list[Any] = [region.code]
        for name, per_region in sums.items():
            divisor = 24 * MICRO if name.startswith("staff_days") else MICRO
            row.append(round(per_region.get(region.code, 0) / divisor, 6))
        rows.append(row)
    return pd.DataFrame(rows, columns=[column.name for column in TABLES["ledger"]])


def cared_for(census: pd.DataFrame) -> pd.Series:
    """Patients cared for, all standards together; the crisis standard is there only where it may be used."""
    return census["conventional"] + census["contingency"] + census.get("crisis", 0.0)


def _region_index(situation: Situation) -> dict[str, int]:
    return {region.code: index for index, region in enumerate(situation.regions)}


def _starts(situation: Situation) -> list[str]:
    return [(situation.start + timedelta(hours=period.start_h)).isoformat() for period in situation.periods]


def _micro(column: pd.Series) -> np.ndarray:
    return np.rint(column.to_numpy(dtype=np.float64) * MICRO).astype(np.int64)


def _sum_per(keys: pd.Series, micro: np.ndarray) -> dict[str, int]:
    totals: dict[str, int] = {}
    for key, value in zip(keys, micro, strict=True):
        totals[key] = totals.get(key, 0) + int(value)
    return totals


def _hours_away(loans: pd.DataFrame, block_hours: np.ndarray) -> list[int]:
    pairs = zip(loans["first_block"], loans["last_block"], strict=True)
    return [int(block_hours[int(first) : int(last) + 1].sum()) for first, last in pairs]


def _by_region(situation: Situation, census: pd.DataFrame, column: pd.Series, regions: dict[str, int]) -> np.ndarray:
    """(bed_type, region, period) sums of a census column, in millionths."""
    bed_index = {bed_type.code: index for index, bed_type in enumerate(situation.bed_types)}
    bed_of = {category.code: bed_index[category.bed_type] for category in situation.categories}
    total = np.zeros((len(bed_index), len(regions), len(situation.periods)), dtype=np.int64)
    where = (
        census["category"].map(bed_of).to_numpy(dtype=np.int64),
        census["region"].map(regions).to_numpy(dtype=np.int64),
        census["period"].to_numpy(dtype=np.int64),
    )
    np.add.at(total, where, _micro(column))
    return total


def open_beds_micro(situation: Situation, model: Mapping[str, Any], postponed: pd.DataFrame) -> np.ndarray:
    """(bed_type, site, period) staffed beds less planned care in force, never below 0, in millionths."""
    return np.rint(_open_beds(situation, model, postponed) * MICRO).astype(np.int64)


def _open_beds(situation: Situation, model: Mapping[str, Any], postponed: pd.DataFrame) -> np.ndarray:
    share = float(model.get("families", {}).get("elective", {}).get("largest_share", 0.0))
    site_index = {site.code: index for index, site in enumerate(situation.sites)}
    kept = np.ones((len(situation.sites), len(situation.block_hours)))
    for row in postponed.itertuples():
        kept[site_index[row.site], row.block] = 1 - share * row.step / row.steps
    block_of = [period.block for period in situation.periods]
    planned = situation.planned_beds[:, :, None] * kept[:, block_of][None]
    return np.maximum(0.0, situation.beds - planned)


def _to_regions(per_site: np.ndarray, situation: Situation, regions: dict[str, int]) -> np.ndarray:
    total = np.zeros((per_site.shape[0], len(regions), per_site.shape[2]), dtype=per_site.dtype)
    for index, site in enumerate(situation.sites):
        total[:, regions[site.region], :] += per_site[:, index, :]
    return total
