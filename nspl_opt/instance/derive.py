"""From a situation and its travel times to an instance."""

from __future__ import annotations

import numpy as np

from nspl_opt.instance.arc_rules import ArcRules
from nspl_opt.instance.arcs import offer_transfers
from nspl_opt.instance.instance import Instance
from nspl_opt.network.travel import TravelTimes
from nspl_opt.reference.reference import HOSPITAL_LEVELS, MICRO
from nspl_opt.scenario.situation import Situation


def derive_instance(situation: Situation, travel: TravelTimes, rules: ArcRules) -> Instance:
    """Sets and numbers of the model, in the situation's canonical order.

    ``rules`` says which transfers are offered at all; what they leave out is counted in
    ``Instance.pruned``.
    """
    region_index = {region.code: index for index, region in enumerate(situation.regions)}
    site_region = np.array([region_index[site.region] for site in situation.sites], dtype=np.int64)
    beds = [bed.code for bed in situation.bed_types]
    able = _capable(situation)
    can_care = able if rules.need_capability else np.ones_like(able)
    arcs, cells, runs, trips, pruned, why_not = offer_transfers(situation, travel, rules, can_care)
    hours = np.array([period.length_h for period in situation.periods], dtype=np.int64)
    amounts = amounts_of(
        situation.beds,
        situation.surge_beds,
        situation.planned_beds[:, :, None],
        situation.arrivals_micro,
        situation.pool_quantity,
        hours,
    )
    return Instance(
        situation=situation,
        site_region=site_region,
        region_sites=tuple(
            tuple(int(i) for i in np.flatnonzero(site_region == r)) for r in range(len(situation.regions))
        ),
        bed_of=np.array([beds.index(category.bed_type) for category in situation.categories], dtype=np.int64),
        weight=np.array([category.severity_weight for category in situation.categories], dtype=np.int64),
        discharge=situation.leaves() / MICRO,
        initial=situation.initial_micro / MICRO,
        can_care=can_care,
        hours=hours,
        block=np.array([period.block for period in situation.periods], dtype=np.int64),
        block_hours=np.array(situation.block_hours, dtype=np.int64),
        arcs=arcs,
        cells=cells,
        runs=runs,
        trips=trips,
        pruned=pruned,
        steps=rules.steps,
        why_not=why_not,
        **amounts,
    )


def amounts_of(
    beds: np.ndarray,
    surge_beds: np.ndarray,
    planned_beds: np.ndarray,
    arrivals_micro: np.ndarray,
    pool_quantity: np.ndarray,
    hours: np.ndarray,
) -> dict[str, np.ndarray]:
    """The arrays of an instance that a what-if can change, by name: shapes and units as in ``Instance``."""
    planned = np.minimum(planned_beds, beds)
    return {
        "arrivals": arrivals_micro / MICRO,
        "free_beds": beds + surge_beds - planned,
        "planned_beds": planned,
        "pool_hours": pool_quantity * hours[None, :].astype(float),
    }


def _capable(situation: Situation) -> np.ndarray:
    """(category, site) whether the site has the category's capability and least level."""
    rank = {level: index for index, level in enumerate(HOSPITAL_LEVELS)}
    return np.array(
        [
            [
                (not category.capability or category.capability in site.capabilities)
                and rank[site.level] >= rank[category.minimum_level]
                for site in situation.sites
            ]
            for category in situation.categories
        ],
        dtype=bool,
    )
