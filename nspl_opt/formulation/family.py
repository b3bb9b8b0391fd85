"""What a constraint family is: options, rules, and how a rule is written down.

A rule is a function with a docstring: its first line is the sentence that plans and conflict
reports print, its math block is the equation of the documentation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pyomo.environ as pyo
from pydantic import BaseModel, ConfigDict
from pyomo.core.expr.numeric_expr import LinearExpression


class Options(BaseModel):
    """Options of a family or goal: frozen, an unknown key is an error, and ``"3"`` is no number."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)


class NoOptions(Options):
    """A family that has nothing to choose."""


@dataclass(frozen=True, slots=True)
class Family:
    """One constraint family: its name in model files, what it is for, its options and its builder.

    ``says`` are rules that it keeps without rows: by what is offered, by bounds on columns.
    """

    name: str
    title_sv: str
    title_en: str
    options: type[Options]
    build: Callable[[pyo.Block, pyo.ConcreteModel, Any, Any], None]
    says: tuple[RuleText, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleText:
    """The words of a rule: name ``family.rule``, sentence, LaTeX equation, unit of its slack."""

    name: str
    sentence: str
    equation: str
    unit: str


Terms = list[tuple[float, Any]]


@dataclass(frozen=True, slots=True)
class Writer:
    """The function behind a rule and the rows it wrote. Asked again after the numbers of the instance
    have changed, it says what a row must say now: so it reads them when called, and keeps no copy."""

    function: Callable[..., tuple[Terms, str, float] | None]
    component: pyo.Constraint


def linear(terms: Terms) -> LinearExpression:
    """The sum of coefficient times variable, built without walking an expression tree."""
    return LinearExpression(linear_coefs=[term[0] for term in terms], linear_vars=[term[1] for term in terms])


def rule(block: pyo.Block, index: Iterable[tuple], unit: str) -> Callable[[Callable], Callable]:
    """Write a function down as the constraint of its name on ``block``.

    The function gets one element of ``index`` and returns ``(terms, sense, right side)`` with sense
    ``"<="`` or ``"=="``, or None where the rule has nothing to say (no variable could break it).
    """

    def write(function: Callable) -> Callable:
        text = rule_text(block.name, function, unit)

        def body(_: pyo.Block, *key: Any) -> Any:
            said = function(*key)
            if said is None or not said[0]:
                return pyo.Constraint.Skip
            terms, sense, right = said
            return (None, linear(terms), right) if sense == "<=" else (right, linear(terms), right)

        constraint = pyo.Constraint(pyo.Set(initialize=list(index), ordered=True), rule=body, doc=text.sentence)
        block.add_component(function.__name__, constraint)
        model = block.model()
        model.rule_texts.append(text)
        model.writers[text.name] = Writer(function, constraint)
        return function

    return write


def rule_text(family: str, function: Callable, unit: str) -> RuleText:
    """The sentence and the equation in a rule's docstring."""
    return text_of(f"{family}.{function.__name__}", function.__doc__ or "", unit)


def text_of(name: str, doc: str, unit: str) -> RuleText:
    """The sentence (first paragraph) and the equation (math block) of a docstring."""
    if not doc.strip():
        raise TypeError(f"{name}: a rule needs a docstring")
    maths = re.search(r"\.\. math::(.*)", doc, re.DOTALL)
    equation = " ".join(maths.group(1).split()) if maths else ""
    return RuleText(name, " ".join(doc.strip().split("\n\n")[0].split()), equation, unit)
