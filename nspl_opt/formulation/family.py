"""What a constraint family is: options, rules, and how a rule is written down.

A rule is a function with a docstring: its first line is the sentence that plans and conflict
reports print, its math block is the equation of the documentation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyomo.environ as pyo
from pydantic import BaseModel, ConfigDict

from nspl_opt.formulation.arrays import Columns, Entries, Index, Rows


class Options(BaseModel):
    """Options of a family or goal: frozen, an unknown key is an error, and ``"3"`` is no number."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)


class NoOptions(Options):
    """A family that has nothing to choose."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A symbol of a family's equations: LaTeX, what it means, its unit, what it is ("variable", "data" or "option")."""

    latex: str
    meaning: str
    unit: str
    kind: str


@dataclass(frozen=True, slots=True)
class Family:
    """One constraint family: its name in model files, what it is for, its options and its builder.

    ``says`` are rules that it keeps without rows: by what is offered, by bounds on columns. ``symbols``, ``notes``
    (paragraphs) and ``sources`` are for the page of mathematics. ``offers(situation, options)`` says which transfers
    are offered, or None. ``requires`` are the families without which it has nothing to stand on.
    """

    name: str
    title_sv: str
    title_en: str
    options: type[Options]
    build: Callable[[pyo.Block, pyo.ConcreteModel, Any, Any], None]
    says: tuple[RuleText, ...] = ()
    symbols: tuple[Symbol, ...] = ()
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    offers: Callable[[Any, Any], Any] | None = None
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleText:
    """The words of a rule: name ``family.rule``, sentence, LaTeX equation, unit of its slack."""

    name: str
    sentence: str
    equation: str
    unit: str


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a rule's equation, for all rows at once: ``factor`` times the variables ``columns``.

    ``key`` says in which row each stands: one array (or number) per axis of the rule; a key that is no row is
    passed over. ``at`` are the numbers of the variables (None: all, in order; -1: none), as long as ``key``.
    A term that ``follows`` makes no row: it stands only in rows that other terms make.
    """

    factor: Any
    columns: Columns
    key: tuple[Any, ...]
    at: Any = None
    follows: bool = False


Said = tuple[Sequence[Term], str, Any]
"""Terms, sense ``"<="`` or ``"=="``, right side: one number for all rows or one per row."""


@dataclass(frozen=True, slots=True)
class Writer:
    """The function behind a rule and the rows it wrote. Asked again after the numbers of the instance
    have changed, it says what the rows must say now: so it reads them when called, and keeps no copy."""

    function: Callable[..., Said]
    index: Index
    component: Rows
    numbers: np.ndarray
    """(key of ``index``,) number of its row, -1 where the rule had nothing to say."""

    def said(self) -> tuple[list[Entries], np.ndarray, np.ndarray]:
        """Entries, lower and upper sides of the rows of ``component``, as the numbers are now."""
        terms, sense, right = self.function(*self.index.axes)
        entries = [_renumbered(_entries(term, self.index), self.numbers) for term in terms]
        return entries, *_sides(sense, right, self.numbers)


def rule(block: pyo.Block, index: Index, unit: str, keys: Sequence[Any] = ()) -> Callable[[Callable], Callable]:
    """Write a function down as the constraint of its name on ``block``.

    The function gets the axes of ``index``, an array each, and returns what it has ``Said`` of all of its rows.
    A key in which no term stands makes no row. ``keys`` name the keys where they are not what ``index`` says.
    """

    def write(function: Callable[..., Said]) -> Callable[..., Said]:
        text = rule_text(block.name, function, unit)
        terms, sense, right = function(*index.axes)
        entries = [_entries(term, index) for term in terms]
        stands = np.zeros(index.count, dtype=bool)
        for term, one in zip(terms, entries, strict=True):
            if not term.follows:
                stands[one.row] = True
        numbers = np.where(stands, np.cumsum(stands) - 1, -1)
        named = keys or index.named()
        if not stands.all():
            named = [named[n] for n in np.flatnonzero(stands).tolist()]
            entries = [_renumbered(one, numbers) for one in entries]
        rows = Rows(named, entries, *_sides(sense, right, numbers), doc=text.sentence)
        block.add_component(function.__name__, rows)
        model = block.model()
        model.rule_texts.append(text)
        model.writers[text.name] = Writer(function, index, rows, numbers)
        return function

    return write


def _entries(term: Term, index: Index) -> Entries:
    """The entries of a term, rows numbered as the keys of ``index``."""
    row = index.places(*term.key)
    at = np.arange(len(term.columns)) if term.at is None else np.asarray(term.at, dtype=np.int64)
    row, at, factor = np.broadcast_arrays(row, at, np.asarray(term.factor, dtype=float))
    return _chosen(term.columns, row, at, factor, (row >= 0) & (at >= 0) & (factor != 0))


def _renumbered(entries: Entries, numbers: np.ndarray) -> Entries:
    row = numbers[entries.row]
    return _chosen(entries.columns, row, entries.at, entries.factor, row >= 0)


def _chosen(columns: Columns, row: np.ndarray, at: np.ndarray, factor: np.ndarray, some: np.ndarray) -> Entries:
    return Entries(columns, row, at, factor) if some.all() else Entries(columns, row[some], at[some], factor[some])


def _sides(sense: str, right: Any, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    upper = np.broadcast_to(np.asarray(right, dtype=float), len(numbers))[numbers >= 0]
    return (upper if sense == "==" else np.full(len(upper), -np.inf)), upper


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
