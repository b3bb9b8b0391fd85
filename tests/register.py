"""Claims: which test shows that an option acts, and the proof that it does.

``@shows("families.staff.contingency")`` says that a test makes at least two plans of one case whose models
differ in that option and in nothing else, and that the plans differ. Every plan made while the test runs
is looked at, and the test fails if the claim does not hold. ``tests/test_register.py`` reads the claims of
all tests, without running them, and asks for one per option.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from nspl_opt import pipeline
from nspl_opt.formulation.spec import ModelSpec
from nspl_opt.problems import InvalidInput

TESTS = Path(__file__).resolve().parent
REFUSED = "refused"
TOGETHER = (frozenset({"families.offers", "goals.agreements_broken"}),)
"""What no model may have the one of without the other: switched together."""


@dataclasses.dataclass(frozen=True)
class Seen:
    """One plan that was made, or refused: its model option by option, what it was made for, what came of it."""

    options: Mapping[str, Any]
    case: Any
    answer: Any


def shows(*options: str, bounds: bool = False) -> Callable[[Callable], Callable]:
    """A test that shows what each of ``options`` does: ``families.NAME.OPTION``, ``goals.NAME.OPTION``,
    or ``families.NAME`` and ``goals.NAME`` for on against off.

    With ``bounds`` a value that leaves no plan (refused, infeasible) counts as a plan that differs.
    """

    def mark(test: Callable) -> Callable:
        @pytest.mark.shows(*options)
        @functools.wraps(test)
        def watched(*args: Any, **kwds: Any) -> None:
            with watching() as seen:
                test(*args, **kwds)
            idle = [option for option in options if not acted(option, seen, bounds)]
            assert not idle, f"no two plans of one case show what this does: {', '.join(idle)}"

        return watched

    return mark


@contextmanager
def watching() -> Iterator[list[Seen]]:
    """Every plan made by ``plan_situation`` and ``make_plan`` meanwhile, in order."""
    seen: list[Seen] = []
    make = pipeline._plan

    def look(situation: Any, travel: Any, spec: ModelSpec, *rest: Any, **more: Any) -> Any:
        case = _written(situation), _written(vars(travel)) if hasattr(travel, "by_key") else None
        try:
            made = make(situation, travel, spec, *rest, **more)
        except InvalidInput:
            seen.append(Seen(flat(spec), case, REFUSED))
            raise
        seen.append(Seen(flat(spec), case, REFUSED if made.plan is None else _said(made.plan)))
        return made

    with patch.object(pipeline, "_plan", look):
        yield seen


def flat(spec: ModelSpec) -> dict[str, Any]:
    """A model option by option; a family or goal that is on has an entry of its own."""
    found: dict[str, Any] = {}
    for name, options in spec.families.items():
        found |= {f"families.{name}": True}
        found |= {f"families.{name}.{key}": value for key, value in options.model_dump().items()}
    for goal in spec.goals:
        found |= {f"goals.{goal.name}": True}
        found |= {f"goals.{goal.name}.{key}": value for key, value in goal.model_dump().items() if key != "name"}
    return found | {f"solver.{key}": value for key, value in spec.solver.model_dump().items()}


def acted(option: str, seen: list[Seen], bounds: bool = False) -> bool:
    """Whether two of the plans differ, and their models in this option only."""
    for one, other in itertools.combinations(seen, 2):
        keys = one.options.keys() | other.options.keys()
        apart = {key for key in keys if one.options.get(key, REFUSED) != other.options.get(key, REFUSED)}
        if option not in apart or not (apart == {option} or _switched(option, apart)):
            continue
        if REFUSED in (one.answer, other.answer) and not bounds:
            continue
        if one.case == other.case and _differ(one.answer, other.answer):
            return True
    return False


def _switched(option: str, apart: set[str]) -> bool:
    """Whether a family or goal is on in one and off in the other, and all else is the same."""
    both = next((names for names in TOGETHER if option in names), {option})
    return option.count(".") == 1 and all(any(f"{key}.".startswith(f"{name}.") for name in both) for key in apart)


def _said(plan: Any) -> tuple[dict[str, str], dict[str, float]]:
    return (
        {name: frame.to_csv() for name, frame in plan.tables.items() if len(frame)},
        {goal.name: goal.value for goal in plan.goals},
    )


def _differ(one: Any, other: Any) -> bool:
    if REFUSED in (one, other):
        return (one == REFUSED) != (other == REFUSED)
    (tables, values), (others, reached) = one, other
    # A goal that only one of them has is no difference: that is what was asked, not what came of it.
    return tables != others or any(abs(values[name] - reached[name]) > 1e-6 for name in values.keys() & reached.keys())


def _written(value: Any) -> Any:
    """A value that can be compared with ``==`` all through."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return type(value).__name__, tuple(
            (field.name, _written(getattr(value, field.name))) for field in dataclasses.fields(value)
        )
    if isinstance(value, np.ndarray):
        return value.shape, value.tobytes()
    if isinstance(value, Mapping):
        return tuple((key, _written(one)) for key, one in value.items())
    if isinstance(value, (list, tuple)):
        return tuple(map(_written, value))
    return value


def every_option() -> set[str]:
    """Every option that a model file may set; a goal stands itself besides, and so does a family without options."""
    from nspl_opt.formulation.families.catalogue import FAMILIES
    from nspl_opt.formulation.goals import GOALS
    from nspl_opt.formulation.spec import SolverOptions

    found = {f"solver.{option}" for option in SolverOptions.model_fields}
    for name, family in FAMILIES.items():
        found |= {f"families.{name}.{option}" for option in family.options.model_fields} or {f"families.{name}"}
    for name, goal in GOALS.items():
        found |= {f"goals.{name}", *(f"goals.{name}.{option}" for option in goal.options.model_fields)}
        found -= {f"goals.{name}.name"}
    return found


def claims(goals: Iterable[str]) -> dict[str, list[str]]:
    """Option -> the files whose ``@shows(...)``, ``EFFECTS = {...}`` or ``OF_EVERY_GOAL = (...)`` name it.

    Tests that go through all goals name an option of every goal once: it is claimed for each of ``goals``.
    Nothing is imported.
    """
    found: dict[str, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        named = set(_named_in(ast.parse(path.read_text(encoding="utf-8"))))
        named |= {f"goals.{goal}.{one}" for one in named if "." not in one for goal in goals}
        for option in sorted(one for one in named if "." in one):
            found.setdefault(option, []).append(path.relative_to(TESTS).as_posix())
    return found


def _named_in(tree: ast.Module) -> Iterator[str]:
    """The options named by decorators of tests, by the keys of ``EFFECTS`` and in ``OF_EVERY_GOAL``."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id == "shows":
                    yield from (ast.literal_eval(name) for name in mark.args)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            if node.targets[0].id == "EFFECTS" and isinstance(node.value, ast.Dict):
                yield from (ast.literal_eval(key) for key in node.value.keys if key is not None)
            if node.targets[0].id == "OF_EVERY_GOAL":
                yield from ast.literal_eval(node.value)
