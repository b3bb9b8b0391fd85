"""When hard wishes leave no plan: the smallest set of wishes and rules that must give way, verified by a plan.

A set is tried by taking it away. The relaxation is asked first, for it is quick: without a relaxed plan there is
no whole one. What passes is verified by a whole plan. Sets are tried by size and in the order of the groups, so
the answer is the same every time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
from scipy import sparse

from nspl_opt.formulation.build import arc_rules, build_model, solver_notes
from nspl_opt.formulation.spec import ModelSpec
from nspl_opt.instance.derive import derive_instance
from nspl_opt.pipeline import Made, plan_situation
from nspl_opt.reasons.groups import Case, Group, groups_of
from nspl_opt.reasons.reach import is_beyond, out_of_reach, wishes_of
from nspl_opt.scenario.situation import Situation
from nspl_opt.solver import highs as hs
from nspl_opt.solver.matrix import Matrix, compile_matrix
from nspl_opt.solver.relaxation import DUAL, Relaxation

LARGEST = 3
"""Sets of so many groups are tried at most; beyond that one that cannot be smaller by any one group is given."""
MOST = 400
"""Re-solves in all."""
SURE = "infeasible_confirmed"
WEIGHT, BROKEN = 1000.0, 1e-3
"""What it costs to break a wish by all of it, and what is no breach: a millionth of it."""
VERIFY_S = 30.0
"""Longest time for a plan that verifies a way [s]: it must be there, not be the best."""
LEAST_S = 5.0
"""What such a plan, and a second run, may take though time is up [s]."""


@dataclass(frozen=True)
class Way:
    """One smallest set: the groups that give way, and what each goal comes to then (label -> value)."""

    groups: tuple[str, ...]
    goals: dict[str, float]


@dataclass(frozen=True)
class Conflict:
    """Wishes and rules that leave no plan together.

    ``ways`` are all smallest sets, each verified by a whole plan that the checker accepts; ``together`` a set of
    groups that leaves no plan and would leave one without any one of them. ``complete``: no smaller set and no other
    of that size was left untried. ``confirmed``: two runs agree that there is no plan as it is, or ``bounds`` say so:
    wished goals -> what no plan can be below, where that alone is more than is wished.
    """

    wishes: dict[str, float]
    ways: tuple[Way, ...]
    together: tuple[str, ...]
    confirmed: bool
    complete: bool
    tried: int
    bounds: dict[str, float] = field(default_factory=dict)


@dataclass
class _Search:
    """The case, what was tried, and how much more may be."""

    case: Case
    travel: Any
    travel_of: Callable[[Situation], Any] | None
    until: float
    tell: Callable[[int], None] | None
    relaxed: dict[frozenset[str], bool] = field(default_factory=dict)
    whole: dict[frozenset[str], Made] = field(default_factory=dict)

    @property
    def over(self) -> bool:
        return self.tried >= MOST or time.perf_counter() > self.until

    @property
    def tried(self) -> int:
        return len(self.relaxed) + len(self.whole)

    def leaves_a_plan(self, dropped: Iterable[Group]) -> bool:
        """Whether there is a whole plan without these groups."""
        dropped = tuple(dropped)
        key = frozenset(group.name for group in dropped)
        if key not in self.relaxed:
            self.relaxed[key] = relaxed_plan(*self.without(dropped))
            if self.tell:
                self.tell(self.tried)
        if not self.relaxed[key]:
            return False
        if key not in self.whole:
            situation, travel, spec = self.without(dropped)
            limit = min(float(spec.solver.time_limit_s), VERIFY_S, max(self.until - time.perf_counter(), LEAST_S))
            quick = spec.model_copy(update={"solver": spec.solver.model_copy(update={"time_limit_s": limit})})
            self.whole[key] = plan_situation(situation, travel, quick)
        return _sound(self.whole[key])

    def without(self, dropped: tuple[Group, ...]) -> tuple[Situation, Any, ModelSpec]:
        """Situation, journeys and model without these groups."""
        case = self.case
        for group in dropped:
            case = group.drop(case)
        situation, spec = case
        opened = situation.closures != self.case[0].closures
        travel = self.travel_of(situation) if opened and self.travel_of is not None else self.travel
        return situation, travel, spec


def find_conflict(
    situation: Situation,
    travel: Any,
    spec: ModelSpec,
    travel_of: Callable[[Situation], Any] | None = None,
    seconds: float = 120.0,
    tell: Callable[[int], None] | None = None,
) -> Conflict | None:
    """What must give way for there to be a plan; None when there is one.

    Parameters
    ----------
    travel_of
        Works out the journeys of a situation anew; without it closures cannot give way.
    seconds
        Longest time [s]; what is left untried then is told by ``complete``.
    tell
        Told after each re-solve how many there were.
    """
    groups = groups_of(situation, spec, travel_of is not None)
    search = _Search((situation, spec), travel, travel_of, time.perf_counter() + seconds, tell)
    if search.leaves_a_plan(()):
        return None
    none = not search.relaxed[frozenset()]  # else the wishes together are within reach, but no whole plan was found
    bounds = out_of_reach(situation, travel, spec, hs.now() + seconds) if none else {}
    ways, complete = _smallest(search, groups)
    together = _irreducible(search, groups) if ways else ()
    found = tuple(Way(tuple(group.name for group in way), _goals(search, way)) for way in ways)
    bounds |= _bounds_of_plans(search)
    confirmed = bool(bounds) or _confirmed(search)
    return Conflict(wishes_of(spec), found, together, confirmed, complete, search.tried, bounds)


def _bounds_of_plans(search: _Search) -> dict[str, float]:
    """The same from the plan made without any wish, if there was one: its bound is tighter, by cuts."""
    wishes = wishes_of(search.case[1])
    made = search.whole.get(frozenset(f"wish:{name}" for name in wishes))
    first = made.plan.goals[0] if made is not None and made.plan is not None and made.plan.goals else None
    known = first is not None and first.name in wishes and is_beyond(first.bound, wishes[first.name])
    return {first.name: first.bound} if known else {}


def _confirmed(search: _Search) -> bool:
    """Whether a second run says too that the case has no plan: the relaxation over all columns, or a whole search."""
    made = search.whole.get(frozenset())
    if made is not None:
        return made.status == SURE
    return not relaxed_plan(*search.without(()), every=True, seconds=max(search.until - time.perf_counter(), LEAST_S))


def _smallest(search: _Search, groups: tuple[Group, ...]) -> tuple[list[tuple[Group, ...]], bool]:
    """All smallest sets that leave a plan when they give way, and whether that is sure."""
    for size in range(1, min(LARGEST, len(groups)) + 1):
        found = []
        for chosen in combinations(groups, size):
            if search.over:
                return found or _any(search, groups), False
            if search.leaves_a_plan(chosen):
                found.append(chosen)
        if found:
            return found, True
    found = _any(search, groups)
    for_sure = not found and search.relaxed.get(frozenset(group.name for group in groups)) is False
    return found, for_sure or len(groups) <= LARGEST


def _any(search: _Search, groups: tuple[Group, ...]) -> list[tuple[Group, ...]]:
    """A set that leaves a plan and would not without any one of its groups; none when nothing helps or time is up."""
    if time.perf_counter() > search.until or not search.leaves_a_plan(groups):
        return []
    dropped = list(groups)
    for group in groups:
        rest = [one for one in dropped if one is not group]
        if not search.over and search.leaves_a_plan(rest):
            dropped = rest
    return [tuple(dropped)]


def _irreducible(search: _Search, groups: tuple[Group, ...]) -> tuple[str, ...]:
    """Groups that leave no plan together, and would without any one of them; () when time ran out."""
    dropped: list[Group] = []
    for group in groups:
        if search.over:
            return ()
        if not search.leaves_a_plan([*dropped, group]):
            dropped.append(group)
    return tuple(group.name for group in groups if group not in dropped)


def relaxed_plan(
    situation: Situation, travel: Any, spec: ModelSpec, every: bool = False, seconds: float = np.inf
) -> bool:
    """Whether the relaxation of the case has a plan; when its end is not clear it may have one.

    By how much the wishes are broken at least is made as small as it can be: that has a relaxed plan from the start,
    so it is found as quickly as a goal. ``every``: all columns take part from the start, for a second verdict.
    """
    inst = derive_instance(situation, travel, arc_rules(spec, situation))
    m = build_model(spec, inst, travel)
    compiled = compile_matrix(m, **solver_notes(m, spec))
    wishes = [n for n, row in enumerate(compiled.rows) if row.parent_component().name.startswith("wishes.")]
    if not wishes:
        return True  # with nothing decided there is a plan
    parts = _eased(compiled.matrix, np.array(wishes))
    active = np.ones(parts["shape"][1], dtype=bool) if every else None
    until = hs.now() + min(float(spec.solver.time_limit_s), seconds)
    relaxed = Relaxation(parts, {"random_seed": int(spec.solver.seed)}, lambda: False, active)
    solved = relaxed.settle(until, DUAL)
    return solved.status != "Optimal" or solved.objective <= BROKEN


def _eased(matrix: Matrix, wishes: np.ndarray) -> dict[str, np.ndarray]:
    """The matrix with a column for each wish that takes up what is too much, and the sum of those as its goal."""
    count, columns = len(wishes), matrix.a.shape[1]
    scale = np.maximum(np.abs(matrix.row_upper[wishes]), 1.0)
    shape = matrix.a.shape[0], count
    easing = sparse.csr_array((-np.ones(count), (wishes, np.arange(count))), shape=shape)
    rows = sparse.hstack([matrix.a, easing]).tocsr()
    return {
        "data": rows.data, "indices": rows.indices, "indptr": rows.indptr, "shape": np.array(rows.shape),
        "row_lower": matrix.row_lower, "row_upper": matrix.row_upper,
        "col_lower": np.append(matrix.col_lower, np.zeros(count)),
        "col_upper": np.append(matrix.col_upper, np.full(count, np.inf)),
        "lazy": np.append(matrix.lazy, np.zeros(count, dtype=bool)),
        "goals": np.append(np.zeros(columns), WEIGHT / scale)[None, :],
    }  # fmt: skip


def _sound(made: Made) -> bool:
    return made.plan is not None and made.check is not None and made.check.ok


def _goals(search: _Search, way: tuple[Group, ...]) -> dict[str, float]:
    plan = search.whole[frozenset(group.name for group in way)].plan
    return {goal.name: goal.value for goal in plan.goals}
