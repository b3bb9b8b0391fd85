"""Offers and answers: what is agreed is kept, what is declined is not asked for again, offers are not exceeded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.arrays import Columns, Index
from nspl_opt.formulation.family import Family, Options, RuleText, Said, Symbol, Term, rule
from nspl_opt.formulation.lines import (
    Lines,
    blocks_in,
    categories_of,
    departs_in,
    patient_lines,
    sites_in,
    staff_lines,
)
from nspl_opt.formulation.stages import AGREED
from nspl_opt.instance.arc_rules import Offer
from nspl_opt.instance.instance import Instance
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.parts import RegionOffer
from nspl_opt.scenario.situation import Situation

KEPT = AGREED | {"offered", "countered"}
"""States of lines whose journeys and loans are offered however far they go."""


class OfferOptions(Options):
    """What of the scenario's lines and offers binds."""

    limits: bool = Field(True, description="what regions offer to give and take is not exceeded")
    answers: bool = Field(
        True, description="what is accepted or directed is kept, declined is not offered, countered not exceeded"
    )
    add_to_accepted: bool = Field(False, description="more may be moved or lent than what is accepted or directed")


def build(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, options: OfferOptions) -> None:
    """What of each agreement cannot be kept; the rules of what is agreed, and those of offers."""
    situation = inst.situation
    block.patients = tuple(some for some in patient_lines(inst) if options.answers and some.binds)
    block.staff = tuple(some for some in staff_lines(m, inst) if options.answers and some.binds)
    block.broken = _broken(block.patients, np.arange(len(inst.hours)))
    block.broken_staff = _broken(block.staff, inst.block_start)
    if block.patients:
        _keep_patients(block, m, options)
    if block.staff:
        _keep_staff(block, m, options)
    if options.limits and situation.offers:
        _limit(block, m, inst)
    if not (options.limits and situation.offers) and not (options.answers and situation.agreements):
        m.notes.append("offers.nothing")


def _broken(some: Sequence[Lines], first: np.ndarray) -> Columns:
    """What cannot be kept of each: settled when its window ends. ``first``: the first period of each time."""
    last = [int(first[one.times[-1]]) if len(one.times) else 0 for one in some]
    return Columns(Index(np.arange(len(some))), np.array(last, dtype=np.int64), [one.agreed for one in some])


def _spread(some: Sequence[Lines]) -> tuple[np.ndarray, np.ndarray]:
    """Number of the lines and number of a column of theirs, for every such column."""
    number = np.repeat(np.arange(len(some)), [len(one.at) for one in some])
    return number, np.concatenate([one.at for one in some]).astype(np.int64)


def _bound(some: Sequence[Lines], options: OfferOptions) -> list[int]:
    """Numbers of the lines beyond which nothing may be done: more than a party has countered never."""
    return [n for n, one in enumerate(some) if one.countered or not options.add_to_accepted]


def _keep_patients(block: pyo.Block, m: pyo.ConcreteModel, options: OfferOptions) -> None:
    agreed, all_of_them = (np.array([getattr(one, what) for one in block.patients]) for what in ("agreed", "all"))
    number, cell = _spread(block.patients)
    lines = Index(np.arange(len(block.patients)))

    @rule(block, lines, "patients")
    def kept(a: np.ndarray) -> Said:
        r"""Patients agreed upon are moved as agreed, or it is told how many cannot be.

        .. math:: \sum_{e \in E_a} x_{et} + \beta_a \ge q_a
        """
        return [Term(-1.0, m.move, (number,), cell), Term(-1.0, block.broken, (a,))], "<=", -agreed

    if bound := _bound(block.patients, options):
        there = np.isin(number, bound)

        @rule(block, Index(np.array(bound)), "patients")
        def no_more(a: np.ndarray) -> Said:
            r"""No more patients are moved than the lines for the same journeys amount to.

            .. math:: \sum_{e \in E_a} x_{et} \le \bar q_a
            """
            return [Term(1.0, m.move, (number[there],), cell[there])], "<=", all_of_them[a]


def _keep_staff(block: pyo.Block, m: pyo.ConcreteModel, options: OfferOptions) -> None:
    agreed, all_of_them = (np.array([getattr(one, what) for one in block.staff]) for what in ("agreed", "all"))
    number, loan = _spread(block.staff)
    loans = m.component("staff_loans")
    away = [] if loans is None else [(loans.away, (number, loans.away.axes[3][loan]), loan)]
    line = np.repeat(np.arange(len(block.staff)), [len(one.times) for one in block.staff])
    when = np.concatenate([one.times for one in block.staff]).astype(np.int64)
    times = Index(line, when)

    @rule(block, times, "people")
    def kept_staff(a: np.ndarray, d: np.ndarray) -> Said:
        r"""People agreed upon are lent throughout as agreed, or it is told how many cannot be.

        .. math:: L_{ad} + \beta_a \ge q_a
        """
        lent = [Term(-1.0, columns, key, at) for columns, key, at in away]
        return [*lent, Term(-1.0, block.broken_staff, (a, d), a)], "<=", -agreed[a]

    if away and (bound := _bound(block.staff, options)):
        there = np.isin(line, bound)

        @rule(block, Index(line[there], when[there]), "people")
        def no_more_staff(a: np.ndarray, d: np.ndarray) -> Said:
            r"""No more people are lent than the lines for the same loans amount to.

            .. math:: L_{ad} \le \bar q_a
            """
            return [Term(1.0, columns, key, at) for columns, key, at in away], "<=", all_of_them[a]


def _limit(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance) -> None:
    """At most what a region offers, of patients over its border and of people away at once."""
    offers = inst.situation.offers
    amount = np.array([offer.amount_micro / MICRO for offer in offers])
    crossing = [_crossing(inst, offer) for offer in offers]
    offer = np.repeat(np.arange(len(offers)), [len(cells) for cells in crossing])
    cell = np.concatenate(crossing).astype(np.int64)

    @rule(block, Index(np.arange(len(offers))), "patients")
    def limit(o: np.ndarray) -> Said:
        r"""No region sends or takes more patients than it offers.

        .. math:: \sum_{e \in E_o} x_{et} \le q_o
        """
        return [Term(1.0, m.move, (offer,), cell)], "<=", amount

    loans = m.component("staff_loans")
    if loans is None:
        return
    lent = [_lent(inst, offer, loans.away.axes) for offer in offers]
    which, loan = np.repeat(np.arange(len(offers)), [len(some) for some in lent]), np.concatenate(lent).astype(np.int64)
    d = loans.away.axes[3][loan]

    @rule(block, Index(*(axis.ravel() for axis in np.indices((len(offers), len(inst.block_hours))))), "people")
    def limit_staff(o: np.ndarray, d_: np.ndarray) -> Said:
        r"""No region lends or borrows more people at once than it offers.

        .. math:: \sum_{(c,r,q) \in o} L_{crqd} \le q_o
        """
        return [Term(1.0, loans.away, (which, d), loan)], "<=", amount[o]


def _crossing(inst: Instance, offer: RegionOffer) -> np.ndarray:
    """Numbers of the cells that an offer of patients is about."""
    situation, moves = inst.situation, inst.moves
    beds = np.array([category.bed_type == offer.what for category in situation.categories], dtype=bool)
    wanted = categories_of(situation, offer.what) | beds
    home = np.array([site.region == offer.region for site in situation.sites], dtype=bool)
    leaves, comes = home[moves.origin], home[moves.destination]
    over = leaves & ~comes if offer.side == "give" else comes & ~leaves
    then = departs_in(situation, offer.from_h, offer.to_h)
    return np.flatnonzero(wanted[moves.category] & over & then[moves.period])


def _lent(inst: Instance, offer: RegionOffer, axes: tuple[np.ndarray, ...]) -> np.ndarray:
    """Numbers of the columns of people away that an offer of staff is about."""
    situation, (c, r, q, d) = inst.situation, axes
    wanted = np.array([profession.code == offer.what for profession in situation.professions], dtype=bool)
    home = [region.code for region in situation.regions].index(offer.region)
    then = blocks_in(situation, offer.from_h, offer.to_h)
    return np.flatnonzero(wanted[c] & ((r if offer.side == "give" else q) == home) & then[d])


def _offers(situation: Situation, options: OfferOptions) -> Offer | None:
    """What is agreed or asked stays on offer however far; what is declined does not."""
    lines = [line for line in situation.agreements if line.kind == "patients"]
    if not options.answers or not lines:
        return None
    vehicles = {vehicle.code: v for v, vehicle in enumerate(situation.vehicle_types)}
    keep, ways = set(), set()
    for line in lines:
        if line.state in KEPT:
            pairs = _triples(situation, line)
            keep |= pairs
            ways |= {(*pair, vehicles[line.vehicle_type]) for pair in pairs if line.vehicle_type}
    declined: dict[tuple[int, int, int], np.ndarray] = {}
    for line in lines:
        if line.state == "declined":
            then = departs_in(situation, line.from_h, line.to_h)
            for pair in _triples(situation, line):
                declined[pair] = declined.get(pair, False) | then

    def refuse(k: int, i: int, j: int, t: int) -> str:
        return "declined" if (k, i, j) in declined and declined[k, i, j][t] else ""

    return Offer(refuse_cell=refuse if declined else None, keep=frozenset(keep), ways=frozenset(ways))


def _triples(situation: Situation, line) -> set[tuple[int, int, int]]:
    """(category, origin, destination) that a line is about."""
    some = (
        categories_of(situation, line.what),
        sites_in(situation, line.from_sites),
        sites_in(situation, line.to_sites),
    )
    k, i, j = (np.flatnonzero(one).tolist() for one in some)
    return {(a, b, c) for a in k for b in i for c in j if b != c}


def agreed_pairs(situation: Situation) -> set[tuple[str, str]]:
    """Lender and borrower of each line of staff that is agreed or asked."""
    lines = (line for line in situation.agreements if line.kind == "staff" and line.state in KEPT)
    return {(line.from_region, line.to_region) for line in lines}


def declined_loans(situation: Situation) -> np.ndarray:
    """(profession, lender, borrower, block) bool: what is declined."""
    regions = [region.code for region in situation.regions]
    found = np.zeros((len(situation.professions), len(regions), len(regions), len(situation.block_hours)), dtype=bool)
    for line in situation.agreements:
        if line.kind == "staff" and line.state == "declined":
            wanted = [line.what in ("all", profession.code) for profession in situation.professions]
            ends = ([end in ("", region) for region in regions] for end in (line.from_region, line.to_region))
            then = blocks_in(situation, line.from_h, line.to_h)
            found |= np.einsum("c,r,q,d->crqd", *(np.array(some, dtype=bool) for some in (wanted, *ends, then)))
    return found


FAMILY = Family(
    "offers",
    "Erbjudanden och svar",
    "Offers and answers",
    OfferOptions,
    build,
    (
        RuleText(
            "offers.declined", "What has been declined is not asked for again.",
            r"x_{et} = 0,\ L_{crqd} = 0 \quad \mathrm{where\ declined}", "patients",
        ),
    ),
    symbols=(
        Symbol(r"a", "lines for the same journeys or loans, one at least accepted, directed or countered", "", "data"),
        Symbol(r"E_a", "transfers and periods of departure that the lines a are about", "", "data"),
        Symbol(r"q_a", "what of a is accepted or directed", "patients or people", "data"),
        Symbol(r"\bar q_a", "the same and what is countered, offered or proposed for them", "both", "data"),
        Symbol(r"\beta_a", "of q_a, what is not kept", "patients or people", "variable"),
        Symbol(r"L_{ad}", "people of the profession lent by the one region to the other", "people", "variable"),
        Symbol(r"o, E_o, q_o", "an offer of a region, the transfers it is about, its amount", "both", "data"),
    ),
    notes=(
        "A line of patients is about the transfers of its category (its stages and groups too) from its places to its "
        "places, by its vehicle type where it names one, that depart in periods whose middle lies in its window. Lines "
        "with the same places, category, vehicle and window are added up; kept is first what is directed, then what "
        "is accepted, countered, offered, proposed, each by code. The scenario is refused (S437) where two lines "
        "overlap in part.",
        "**kept** Σ_{e∈E_a} x_e + β_a ≥ q_a; β_a ≤ q_a. A line about transfers that are not offered at all keeps "
        "β_a = q_a, and the table of agreements says why.",
        "**no_more** Σ_{e∈E_a} x_e ≤ q̄_a; with `add_to_accepted` only where a line of a is countered: a party has said "
        "that it does no more than that, and has promised none of it.",
        "**kept_staff**, **no_more_staff** likewise for people away, in each staff block of the window; β_a is "
        "the most that is wanting in any of them.",
        "**declined** no transfer of the category (or of any, when all is declined) between the places in the window, "
        "by any vehicle; no loan of the profession in a staff block that starts in the window. Loans that must last "
        "longer cannot begin shortly before.",
        "**limit** the patients of the category or bed type who leave (give) or enter (take) the region in the window, "
        "judged by the middle of the period of departure, are at most the amount. **limit_staff** people of the "
        "profession away (give) or borrowed (take) at once in each staff block that starts in the window.",
        "Destinations and loans that are accepted, directed, countered or offered are offered however far they are and "
        "whatever other vehicles could do, but never beyond the longest journey or over a closed border.",
    ),
    offers=_offers,
)  # fmt: skip
