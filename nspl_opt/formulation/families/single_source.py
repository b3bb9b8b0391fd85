"""Single source: a group goes to one place in one period, whole, or it stays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.arrays import Columns, distinct, grid
from nspl_opt.formulation.family import Family, Options, RuleText, Said, Symbol, Term, rule
from nspl_opt.instance.arc_rules import Offer
from nspl_opt.instance.instance import Instance
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.situation import Situation

HAS_COME = "the group has come where it stays"
TOO_LATE = "too early or too late for the group"


class SingleSourceOptions(Options):
    """When a group may move."""

    deadline_h: float = Field(
        48, ge=0, le=500, description="a group sets out within so many hours after it is there, or not at all [h]"
    )


def offers(situation: Situation, options: SingleSourceOptions) -> Offer | None:
    """Groups move from where they came, in time; nothing else is refused."""
    if not situation.groups:
        return None
    return Offer(refuse=_elsewhere(situation), refuse_cell=_late(situation, options.deadline_h))


def _categories(situation: Situation) -> dict[int, int]:
    """Category -> number of its group."""
    codes = {category.code: k for k, category in enumerate(situation.categories)}
    return {codes[group.category]: g for g, group in enumerate(situation.groups)}


def _elsewhere(situation: Situation) -> Callable[[int, int, int], str]:
    group, sites = _categories(situation), [site.code for site in situation.sites]
    home = {k: sites.index(situation.groups[g].site) for k, g in group.items()}
    return lambda k, i, j: HAS_COME if home.get(k, i) != i else ""


def _late(situation: Situation, deadline_h: float) -> Callable[[int, int, int, int], str]:
    group, starts = _categories(situation), [period.start_h for period in situation.periods]

    def said(k: int, i: int, j: int, t: int) -> str:
        if k not in group:
            return ""
        there = situation.groups[group[k]].period
        return "" if there <= t and starts[t] - starts[there] <= deadline_h else TOO_LATE

    return said


def build(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, options: SingleSourceOptions) -> None:
    """Whether a group goes to a place in a period."""
    situation, moves = inst.situation, inst.moves
    if not situation.groups:
        m.notes.append("single_source.no_groups")
        return
    number = np.full(len(situation.categories), -1, dtype=np.int64)
    for k, g in _categories(situation).items():
        number[k] = g
    cells = np.flatnonzero(number[moves.category] >= 0)
    where = number[moves.category[cells]], moves.destination[cells], moves.period[cells]
    index = distinct(*where)
    block.goes = Columns(index, index.axes[2], 1.0, whole=True)
    patients = np.array([group.patients_micro for group in situation.groups]) / MICRO

    @rule(block, index, "patients")
    def together(g: np.ndarray, j: np.ndarray, t: np.ndarray) -> Said:
        r"""A group goes whole or not at all.

        .. math:: \sum_{e \in A_g:\ e \to j} x_{et} = Q_g b_{gjt}
        """
        return [Term(1.0, m.move, where, cells), Term(-patients[g], block.goes, (g, j, t))], "==", 0.0

    @rule(block, grid(len(situation.groups)), "groups")
    def one_place(g: np.ndarray) -> Said:
        r"""A group goes to one place, once.

        .. math:: \sum_j \sum_t b_{gjt} \le 1
        """
        return [Term(1.0, block.goes, (index.axes[0],))], "<=", 1.0


FAMILY = Family(
    "single_source",
    "Grupper som hålls samman",
    "Groups kept together",
    SingleSourceOptions,
    build,
    says=(
        RuleText(
            "single_source.deadline",
            "A group sets out from where it came, in time, and moves once.",
            r"x_{et} = 0 \quad e \in A_g,\ i_e \ne i_g \lor t < t_g \lor \mathrm{start}(t) - \mathrm{start}(t_g) > "
            r"\mathrm{deadline}",
            "patients",
        ),
    ),
    symbols=(
        Symbol(r"b_{gjt}", "1 when group g goes to j in t, else 0 (`goes`)", "groups", "variable"),
        Symbol(r"A_g", "transfers of the group's own category", "transfers", "data"),
        Symbol(r"Q_g", "patients of the group", "patients", "data"),
        Symbol(r"i_g,\ t_g", "where the group comes, and in which period", "", "data"),
    ),
    notes=(
        "A group is a category of its own, with bed type, staff, journeys and weight of its category. Nobody of it "
        "leaves care within the horizon: a group moves whole before anybody leaves it. It may go by several types of "
        "vehicles, to one place in one period. Not moved it stays, cared for or not like anybody else.",
        "**deadline** is kept by what is offered: departures in the period in which the group comes and in later ones "
        "that begin within `deadline_h` of its beginning.",
        "Without this family patients of a group move like others of their category, one by one.",
    ),
    offers=offers,
)  # fmt: skip
