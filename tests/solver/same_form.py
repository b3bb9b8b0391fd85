"""Our reading of a Pyomo model beside Pyomo's own compiler."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

from nspl_opt.solver.standard_form import StandardForm, standard_form


def same_form(model: Any) -> StandardForm:
    """The arrays of a model, held to be those of Pyomo's compiler up to the order of rows and columns."""
    ours, pyomos = standard_form(model), LinearStandardFormCompiler().write(model, mixed_form=True)
    row, column = ({id(one): n for n, one in enumerate(some)} for some in (ours.rows, ours.columns))
    rows = [row[id(entry.constraint)] for entry in pyomos.rows]
    columns = [column[id(variable)] for variable in pyomos.columns]
    assert sorted(columns) == list(range(len(ours.columns)))
    assert sorted(set(rows)) == list(range(len(ours.rows)))
    assert ours.a.toarray()[np.ix_(rows, columns)] == pytest.approx(pyomos.A.toarray(), rel=1e-12)
    assert ours.c.toarray()[:, columns] == pytest.approx(pyomos.c.toarray(), rel=1e-12)
    assert ours.offset == pytest.approx(np.asarray(pyomos.c_offset, dtype=float))
    kind, sides = np.array([entry.bound_type for entry in pyomos.rows]), np.asarray(pyomos.rhs, dtype=float)
    assert ours.upper[rows][kind >= 0] == pytest.approx(sides[kind >= 0])
    assert ours.lower[rows][kind <= 0] == pytest.approx(sides[kind <= 0])
    assert np.isfinite(ours.lower).sum() + np.isfinite(ours.upper).sum() == len(rows) + (kind == 0).sum()
    return ours
