"""What one family adds to the rules and goals of another, without the other knowing of it.

A family that gives stands before the one that asks in the catalogue. What is given is a function that
reads numbers when called, for what-ifs ask again; it is called each time and its answer is never kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyomo.environ as pyo

from nspl_opt.formulation.arrays import Entries
from nspl_opt.formulation.family import Term


def add_terms(m: pyo.ConcreteModel, rule: str, say: Callable[[], list[Term]]) -> None:
    """Let ``family.rule`` have the terms that ``say`` gives. RuntimeError when the rule is built already."""
    _add(m, "terms", rule, say)


def add_right(m: pyo.ConcreteModel, rule: str, say: Callable[[], np.ndarray]) -> None:
    """Let the right side of ``family.rule`` grow by what ``say`` gives: an array of the shape that the right side has
    before the rule picks its keys. RuntimeError when the rule is built already."""
    _add(m, "right", rule, say)


def add_entries(m: pyo.ConcreteModel, goal: str, say: Callable[[], list[Entries]]) -> None:
    """Let ``goals.name`` count the entries that ``say`` gives. RuntimeError when the goals are built already."""
    _add(m, "entries", goal, say)


def terms_for(m: pyo.ConcreteModel, rule: str) -> list[Term]:
    """The terms that other families add to a rule, as the numbers are now."""
    return [term for say in m.given.get(("terms", rule), ()) for term in say()]


def right_for(m: pyo.ConcreteModel, rule: str) -> Any:
    """What other families add to the right side of a rule, as the numbers are now; 0 where nobody adds."""
    return sum(say() for say in m.given.get(("right", rule), ()))


def entries_for(m: pyo.ConcreteModel, goal: str) -> list[Entries]:
    """The entries that families add to a goal."""
    return [one for say in m.given.get(("entries", goal), ()) for one in say()]


def _add(m: pyo.ConcreteModel, kind: str, name: str, say: Callable[[], Any]) -> None:
    if name in m.writers or (kind == "entries" and m.component("goal") is not None):
        raise RuntimeError(f"{name} is built already: the family that adds to it must stand before it")
    m.given.setdefault((kind, name), []).append(say)
