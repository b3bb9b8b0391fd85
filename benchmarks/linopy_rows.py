"""The rules of ``rules.py`` written in linopy: one vectorised expression per rule, summed by row.

The model is sparse (``Model(sparse=True)``), linopy's quickest form for sums over uneven groups.
"""

from __future__ import annotations

import warnings
from typing import Any

import linopy
import numpy as np
import pandas as pd
import xarray as xr
from entries import Entries, Part


def linopy_matrix(e: Entries) -> tuple[Any, ...]:
    """Matrix, sides of rows, upper bounds, whole columns, goals, and the number of each column in ``Entries``."""
    linopy.options(semantics="v1")
    model = linopy.Model(sparse=True)
    variables, place, order = _variables(model, e)

    def terms(parts: list[Part]) -> tuple[Any, np.ndarray]:
        """All entries of the parts as one expression over ``entry``, and the row of each."""
        found, rows, count = [], [], 0
        for family, row, column, value in parts:
            whole = e.columns[family][2][column]
            for flag in (False, True):
                here = np.flatnonzero(whole == flag)
                if len(here):
                    variable, coords = variables[family, flag], [pd.RangeIndex(count, count + len(here), name="entry")]
                    picked = variable.isel({variable.dims[0]: xr.DataArray(place[family][column[here]], coords=coords)})
                    found.append((xr.DataArray(value[here], coords=coords) * picked).drop_vars(variable.dims[0]))
                    rows.append(row[here])
                    count += len(here)
        return linopy.merge(found, dim="entry"), np.concatenate(rows)

    lower, upper = [], []
    for rule in e.rules:
        if not len(rule.right):
            continue
        expression, rows = terms(rule.parts)
        group = pd.Series(rows, index=pd.RangeIndex(len(rows), name="entry"), name="row")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            summed = expression.groupby(group).sum()
            right = xr.DataArray(rule.right, coords=[pd.RangeIndex(len(rule.right), name="row")])
            model.add_constraints(summed, rule.sense, right, name=rule.name)
        lower.append(rule.right if rule.sense == "=" else np.full(len(rule.right), -np.inf))
        upper.append(rule.right)
    model.add_objective(terms(e.goals[0])[0].sum())
    x = model.matrices
    goals = np.zeros((len(e.goals), len(x.ub)))
    goals[0] = x.c
    for number, parts in enumerate(e.goals[1:], 1):  # linopy has one objective: the others are expressions
        labels, factors = terms(parts)[0].linear_terms()
        np.add.at(goals[number], model.variables.label_index.label_to_pos[labels], factors)
    return x.A, np.concatenate(lower), np.concatenate(upper), x.ub, x.vtypes == "I", goals, np.concatenate(order)


def _variables(model: linopy.Model, e: Entries) -> tuple[dict, dict[str, np.ndarray], list[np.ndarray]]:
    """Two linopy variables per family, whole and not; where in them its columns are; the columns of each in turn."""
    variables, place, order, at = {}, {}, [], 0
    for family, (lower, upper, whole) in e.columns.items():
        place[family] = np.where(whole, np.cumsum(whole), np.cumsum(~whole)) - 1
        for flag in (False, True):
            chosen = np.flatnonzero(whole == flag)
            if len(chosen):
                name = f"{family}_{'whole' if flag else 'part'}"
                coords = [pd.RangeIndex(len(chosen), name=name)]
                variables[family, flag] = model.add_variables(
                    xr.DataArray(lower[chosen], coords=coords), xr.DataArray(upper[chosen], coords=coords),
                    coords=coords, name=name, integer=flag,
                )  # fmt: skip
                order.append(at + chosen)
        at += len(whole)
    return variables, place, order
