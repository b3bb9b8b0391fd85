"""A plan and what lies next to it: every decision stands but one, and the one is asked about.

A question closes some transfers. What may take their place is freed: other transfers of the same care category
from the same place, in the same staff block or the next, and the trips they would ride on. Those may only be
added to what the plan has, and no more than were closed; who is cared for is decided anew. So the answer is a
plan that could be carried out, and a new plan made without those transfers need not cost more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from nspl_opt.instance.instance import Instance
from nspl_opt.living import Living
from nspl_opt.solver import highs as hs
from nspl_opt.solver.fixed import Answer, FixedPlan, Question

BLOCKS_AFTER = 1
"""Staff blocks after that of the transfer in which others may take its place."""


@dataclass(frozen=True)
class Taken:
    """What a question came to beside the plan: by how much each transfer of the sender's category changes.

    ``change`` (cell,) patients more than in the plan; ``stay`` patients who are then not moved near in time;
    ``goals`` (goal,) change of each goal; ``hours`` change of patient-hours without a bed, not weighted; ``transit``
    of patient-hours travelled [h]; ``costs`` what answers are compared by. ``limited`` as in ``solver.fixed.Answer``.
    """

    change: np.ndarray
    stay: float
    goals: np.ndarray
    hours: float
    transit: float
    costs: float
    limited: str


class Neighbourhood:
    """The plan of a living instance and what is near it. Not to be shared between threads.

    Raises
    ------
    ValueError
        The plan is none of this model.
    SolverFault
        The relaxation of the plan could not be solved in ``seconds``.
    """

    def __init__(
        self, living: Living, plan: np.ndarray, seconds: float, stopped: Callable[[], bool] = lambda: False
    ) -> None:
        if len(plan) != len(living.compiled.columns):
            raise ValueError(f"a plan of {len(plan)} columns is none of a model of {len(living.compiled.columns)}")
        self.living, self.inst = living, living.inst
        settings, parts = living.spec.solver.model_dump(), living.parts()
        decided = parts["lazy"].astype(bool)  # transfers and trips, expected ones too
        self.fixed = FixedPlan(parts, settings, plan, decided, hs.now() + seconds, stopped)

    @property
    def plan(self) -> np.ndarray:
        """(columns,) the plan."""
        return self.fixed.plan

    @property
    def base(self) -> Answer:
        """The plan with the best care for those who are there."""
        return self.fixed.base

    @cached_property
    def cell_columns(self) -> np.ndarray:
        """(cell,) column of each possible transfer, -1 where the matrix has none."""
        return self._columns(self.living.m.move)

    @cached_property
    def trip_columns(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Column, run and period of every trip that has a column; none where the model has no transports."""
        block = self.living.m.component("transports")
        if block is None:
            return (np.zeros(0, dtype=np.int64),) * 3
        (own,) = block.trips.axes
        columns, made = self._columns(block.trips), self.inst.made
        there = np.flatnonzero(columns >= 0)
        return columns[there], made.run[own[there]], made.period[own[there]]

    @cached_property
    def moved(self) -> np.ndarray:
        """(cell,) patients moved by the plan."""
        return np.where(self.cell_columns >= 0, self.plan[self.cell_columns], 0.0)

    def cell_of(self, transfer: Any) -> int:
        """The cell behind a row of the table of transfers. KeyError when there is none."""
        return self._cells[
            transfer.category, transfer.from_site, transfer.to_site, transfer.vehicle_type, int(transfer.period)
        ]

    def without(self, cells: np.ndarray, seconds: float) -> Taken | None:
        """What the plan comes to without these transfers, all of one sender and category; None without answer.

        There is none when other whole decisions hang on them, or time runs out.
        """
        until = hs.now() + seconds
        answer = self.fixed.ask(self._question(cells), until)
        if answer.point is None:  # who does not come cannot be sent on
            answer = self.fixed.ask(self._question(cells, onward=True), until)
        if answer.point is None or answer.goals is None:
            return None
        change = self._moved(answer.point) - self._moved(self.base.point)
        mine = self._alike(cells[0])
        weight = self.inst.weight[:, None]
        hours = ((self.living.unmet(answer.point) - self.living.unmet(self.base.point)) / weight).sum()
        goals, transit = answer.goals - self.base.goals, float(change @ self.inst.moves.minutes / 60)
        return Taken(
            np.where(mine, change, 0.0), float(-change[mine].sum()), goals, float(hours), transit,
            float(self.fixed.costs @ answer.point), answer.limited,
        )  # fmt: skip

    def with_nothing_instead(self, closed: np.ndarray, region: int, seconds: float) -> np.ndarray | None:
        """(goal,) by how much goals change if these columns are at 0 and nothing takes their place; None: no answer.

        Who would have come to the region is not sent on from there. All else that is decided stands: a plan with
        no choice left but who is cared for, so one made anew is as good or better.
        """
        inst, moves = self.inst, self.inst.moves
        onward = (inst.site_region[moves.origin] == region) & (self.moved > 0)
        gone = np.isin(self.cell_columns, closed) & (self.moved > 0)
        fewer = np.setdiff1d(self.cell_columns[onward], closed)
        away = self._untouched(onward | gone)
        stands, nothing = self.base.point[away], np.zeros(len(closed))
        columns, lower = np.concatenate([closed, fewer, away]), [nothing, np.zeros(len(fewer)), stands]
        question = Question(columns, np.concatenate(lower), np.concatenate([nothing, self.plan[fewer], stands]))
        answer = self.fixed.ask(question, hs.now() + seconds)
        return None if answer.goals is None or answer.limited else answer.goals - self.base.goals

    def goal(self, goals: np.ndarray, name: str) -> float:
        """The value of a goal among (goal,) values; 0 where the model has no such goal."""
        found = [n for n, stage in enumerate(self.living.spec.stages(self.living.situation)) if stage.label == name]
        return float(goals[found[0]]) if found else 0.0

    @cached_property
    def rows(self) -> sparse.csr_array:
        """The rows of the matrix."""
        parts = self.fixed.parts
        return sparse.csr_array((parts["data"], parts["indices"], parts["indptr"]), shape=tuple(parts["shape"]))

    def care_columns(self, category: int, site: int, period: int) -> np.ndarray:
        """Columns of those cared for of a category at a site in a period, by any standard."""
        cared, number = self.living.m.cared, self._number
        keys = [(g, category, site, period) for g in self.living.m.standards]
        return np.array([number.get(id(cared[key]), -1) if key in cared else -1 for key in keys], dtype=np.int64)

    def _moved(self, point: np.ndarray) -> np.ndarray:
        return np.where(self.cell_columns >= 0, point[self.cell_columns], 0.0)

    def _alike(self, cell: int) -> np.ndarray:
        """(cell,) whether it is of the same category and sender."""
        moves = self.inst.moves
        return (moves.category == moves.category[cell]) & (moves.origin == moves.origin[cell])

    def _question(self, cells: np.ndarray, onward: bool = False) -> Question:
        """The closed transfers at 0; what may take their place from the plan upwards, no more than they were.

        With ``onward`` transfers of the category from the receivers may be fewer.
        """
        inst, moves, parts, plan = self.inst, self.inst.moves, self.fixed.parts, self.plan
        blocks = inst.block[moves.period[cells]]
        near = inst.block[moves.period]
        near = (near >= blocks.min()) & (near <= blocks.max() + BLOCKS_AFTER) & self._alike(cells[0])
        near &= self.cell_columns >= 0
        near[cells] = False
        less = np.isin(np.arange(len(near)), cells) & (self.cell_columns >= 0)
        if onward:
            less |= np.isin(moves.origin, moves.destination[cells]) & (moves.category == moves.category[cells[0]])
            less &= (self.moved > 0) & ~near
        own, others = self.cell_columns[cells], self.cell_columns[near]
        fewer = np.setdiff1d(self.cell_columns[less], own)
        trips, runs, periods = self.trip_columns
        rides, of_cells = runs * len(inst.hours) + periods, moves.run * len(inst.hours) + moves.period
        empty, ridden = np.isin(rides, of_cells[less]), np.isin(rides, of_cells[near])
        trips, empty, ridden = (some[empty | ridden] for some in (trips, empty, ridden))
        lower = [np.zeros(len(own)), plan[others], np.zeros(len(fewer)), np.where(empty, 0.0, plan[trips])]
        upper = [
            np.zeros(len(own)), parts["col_upper"][others], plan[fewer],
            np.where(ridden, parts["col_upper"][trips], plan[trips]),
        ]  # fmt: skip
        away = self._untouched(near | less)
        stands = self.base.point[away]
        most = float(plan[others].sum() + plan[own].sum())
        columns = np.concatenate([own, others, fewer, trips, away])
        return Question(columns, np.concatenate([*lower, stands]), np.concatenate([*upper, stands]), others, most)

    def _untouched(self, cells: np.ndarray) -> np.ndarray:
        """Columns of who is present and cared for in regions that none of these transfers leaves or reaches."""
        inst, moves = self.inst, self.inst.moves
        ends = np.concatenate([moves.origin[cells], moves.destination[cells]])
        touched = np.isin(inst.site_region, np.unique(inst.site_region[ends]))
        columns, sites = self._care
        return columns[~touched[sites]]

    @cached_property
    def _care(self) -> tuple[np.ndarray, np.ndarray]:
        """Column and site of everybody present and cared for."""
        m = self.living.m
        columns = np.concatenate([self._columns(m.present), self._columns(m.cared)])
        sites = np.concatenate([m.present.axes[1], m.cared.axes[2]])
        return columns[columns >= 0], sites[columns >= 0]

    def _columns(self, variables: Any) -> np.ndarray:
        number = self._number
        return np.array([number.get(id(variable), -1) for variable in variables.values()], dtype=np.int64)

    @cached_property
    def _number(self) -> dict[int, int]:
        return {id(column): number for number, column in enumerate(self.living.compiled.columns)}

    @cached_property
    def _cells(self) -> dict[tuple[str, str, str, str, int], int]:
        situation, inst = self.living.situation, self.inst
        return {named(situation, inst, n): n for n in range(len(inst.cells))}


def named(situation: Any, inst: Instance, cell: int) -> tuple[str, str, str, str, int]:
    """Category, sending site, receiving site, vehicle type and period of departure of a cell, by code."""
    one = inst.cells[cell]
    arc = inst.arcs[one.arc]
    return (
        situation.categories[arc.category].code,
        situation.sites[arc.origin].code,
        situation.sites[arc.destination].code,
        situation.vehicle_types[arc.vehicle_type].code,
        one.period,
    )
