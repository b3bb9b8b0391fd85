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

from nspl_opt.formulation.build import arc_rules, build_model, solver_notes
from nspl_opt.formulation.spec import ModelSpec
from nspl_opt.instance.derive import derive_instance
from nspl_opt.pipeline import Made, plan_situation
from nspl_opt.reasons.groups import Case, Group, groups_of
from nspl_opt.scenario.situation import Situation
from nspl_opt.solver import highs as hs
from nspl_opt.solver.matrix import compile_matrix

LARGEST = 3
"""Sets of so many groups are tried at most; beyond that one that cannot be smaller by any one group is given."""
MOST = 400
"""Re-solves in all."""
SURE = "infeasible_confirmed"


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
    of that size was left untried. ``confirmed``: two runs agree that there is no plan as it is.
    """

    wishes: dict[str, float]
    ways: tuple[Way, ...]
    together: tuple[str, ...]
    confirmed: bool
    complete: bool
    tried: int


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
            self.relaxed[key] = _relaxed_plan(*self._without(dropped))
            if self.tell:
                self.tell(self.tried)
        if not self.relaxed[key]:
            return False
        if key not in self.whole:
            situation, travel, spec = self._without(dropped)
            self.whole[key] = plan_situation(situation, travel, spec)
        return _sound(self.whole[key])

    def _without(self, dropped: tuple[Group, ...]) -> tuple[Situation, Any, ModelSpec]:
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
    made = search.whole.get(frozenset()) or plan_situation(situation, travel, spec)
    ways, complete = _smallest(search, groups)
    together = _irreducible(search, groups) if ways else ()
    wishes = {goal.name: float(goal.at_most) for goal in spec.goals if goal.at_most is not None}
    found = tuple(Way(tuple(group.name for group in way), _goals(search, way)) for way in ways)
    return Conflict(wishes, found, together, made.status == SURE, complete, search.tried)


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
    return _any(search, groups), len(groups) <= LARGEST


def _any(search: _Search, groups: tuple[Group, ...]) -> list[tuple[Group, ...]]:
    """A set that leaves a plan and would not without any one of its groups; none when nothing helps."""
    if not search.leaves_a_plan(groups):
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


def _relaxed_plan(situation: Situation, travel: Any, spec: ModelSpec) -> bool:
    """Whether the relaxation of the case has a plan; when its end is not clear it may have one."""
    inst = derive_instance(situation, travel, arc_rules(spec, situation))
    m = build_model(spec, inst, travel)
    matrix = compile_matrix(m, **solver_notes(m, spec)).matrix
    parts = {"data": matrix.a.data, "indices": matrix.a.indices, "indptr": matrix.a.indptr,
             "shape": np.array(matrix.a.shape), "row_lower": matrix.row_lower, "row_upper": matrix.row_upper,
             "col_lower": matrix.col_lower, "col_upper": matrix.col_upper}  # fmt: skip
    highs = hs.new_solver({"random_seed": int(spec.solver.seed)})
    hs.load(highs, parts, np.zeros(len(matrix.col_lower)), 0.0, whole=False)
    return hs.run(highs, float(spec.solver.time_limit_s)).status != "Infeasible"


def _sound(made: Made) -> bool:
    return made.plan is not None and made.check is not None and made.check.ok


def _goals(search: _Search, way: tuple[Group, ...]) -> dict[str, float]:
    plan = search.whole[frozenset(group.name for group in way)].plan
    return {goal.name: goal.value for goal in plan.goals}
