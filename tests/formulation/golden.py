"""Rows of one family as text, compared with a file that somebody has looked through.

``NSPL_GOLDEN=write`` writes the files anew: read what changed, row by row, before keeping it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pyomo.environ as pyo

from nspl_opt.formulation.build import arc_rules, build_model
from nspl_opt.formulation.spec import model_from_dict
from nspl_opt.instance.derive import derive_instance

from ..solver.same_form import same_form
from .rows import columns_of, rows_by_block
from .small import Case, model

MORE = Path(__file__).with_name("golden") / "more"


def built(case: Case, families: Any, goals: Iterable[Any] = ()) -> pyo.ConcreteModel:
    """The model of a case, not solved."""
    spec = model_from_dict(model(families, goals))
    inst = derive_instance(case.situation, case.travel, arc_rules(spec, case.situation))
    return build_model(spec, inst, case.travel)


def golden(
    name: str,
    m: pyo.ConcreteModel,
    axes: Mapping[str, str] = {},
    also: Iterable[str] = (),
    read: Mapping[str, Callable[[Any], str]] = {},
) -> None:
    """Compare the columns and rows of block ``name``, and the goal of that name, with ``golden/more/NAME.txt``.

    Parameters
    ----------
    axes
        A letter per axis for each rule (``family.rule``) and variable (``family.variable``): k category, i site,
        b bed type, c profession, r region, p pool, q run, t period, d staff block, n the number itself.
        A variable left out is shown by its numbers.
    also
        Other rules or goals that the family adds terms to, such as ``beds.capacity`` or ``goals.unmet_care``.
    read
        More letters, and how their numbers are shown.
    """
    same_form(m)
    blocks = rows_by_block(m, axes, read)
    here = m.component(name)
    parts = [columns_of(here, axes, read)] if here is not None else []
    parts.append(blocks.get(name, ""))
    for other in (*([f"goals.{name}"] if m.goal.component(name) is not None else []), *also):
        block, _, rule = other.partition(".")
        wanted = f"{rule}\n" if block == "goals" else f"{other} "
        parts += [f"{row}\n" for row in _rows(blocks[block]) if f"{row}\n".startswith(wanted)]
    text = "".join(part for part in parts if part.strip())
    file = MORE / f"{name}.txt"
    if os.environ.get("NSPL_GOLDEN") == "write":
        file.write_text(text, encoding="utf-8")
    assert file.is_file(), f"{file.name} is not there: NSPL_GOLDEN=write writes it"
    assert text.splitlines() == file.read_text(encoding="utf-8").splitlines()


def _rows(text: str) -> list[str]:
    """The rows in a block's text: a line that is not indented begins one."""
    found: list[list[str]] = []
    for line in text.splitlines():
        if line.startswith(" "):
            found[-1].append(line)
        else:
            found.append([line])
    return ["\n".join(lines) for lines in found]
