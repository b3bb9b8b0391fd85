"""Lists of pairs: transfers only between the places on a list, or only between others."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.family import Family, Options, RuleText, Symbol
from nspl_opt.formulation.lines import categories_of, sites_in
from nspl_opt.instance.arc_rules import Offer
from nspl_opt.instance.instance import Instance
from nspl_opt.scenario.situation import Situation


class AllowedPairsOptions(Options):
    """What the scenario's list of pairs means."""

    list: Literal["allow", "forbid"] = Field(
        "allow", description="allow: only pairs on the list are offered; forbid: only pairs that are not on it"
    )


def build(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, options: AllowedPairsOptions) -> None:
    """Nothing to add: the family acts by what is offered. Without a list it says so."""
    if not inst.situation.pairs:
        m.notes.append("allowed_pairs.no_list")


def _offers(situation: Situation, options: AllowedPairsOptions) -> Offer | None:
    """Refuse who is not on the list, or who is."""
    if not situation.pairs:
        return None
    listed = _listed(situation)
    wanted = options.list == "allow"
    return Offer(refuse=lambda k, i, j: "" if bool(listed[k, i, j]) == wanted else "pair not allowed")


def _listed(situation: Situation) -> np.ndarray:
    """(category, sending site, receiving site) whether some row of the list names them."""
    count = len(situation.sites)
    listed = np.zeros((len(situation.categories), count, count), dtype=bool)
    for pair in situation.pairs:
        ends = sites_in(situation, pair.from_sites), sites_in(situation, pair.to_sites)
        listed |= np.einsum("k,i,j->kij", categories_of(situation, pair.category), *ends)
    return listed


FAMILY = Family(
    "allowed_pairs",
    "Tillåtna par",
    "Allowed pairs",
    AllowedPairsOptions,
    build,
    (
        RuleText(
            "allowed_pairs.listed", "Patients are moved only between places that the list of pairs allows.",
            r"x_{et} = 0 \quad \mathrm{unless\ } (k, i, j) \in P", "patients",
        ),
    ),
    symbols=(Symbol(r"P", "category, sending and receiving site that the scenario's list allows", "", "data"),),
    notes=(
        '**listed** no transfer of k from i to j unless some row of the scenario\'s `pairs` names k (its category, or '
        '"all") and both places; with `list = "forbid"`, unless none does. A region stands for all sites in it; a '
        "category for its stages and groups too. An empty list changes nothing, and the plan notes it. Staff loans "
        "are not transfers.",
    ),
    offers=_offers,
)  # fmt: skip
