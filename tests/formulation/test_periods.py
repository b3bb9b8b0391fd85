"""Every column knows the first period in which it acts: windows and rounding go by it."""

from __future__ import annotations

import re

import pytest

from nspl_opt.formulation.build import arc_rules, build_model, solver_notes
from nspl_opt.formulation.spec import model_from_dict
from nspl_opt.instance.derive import derive_instance
from nspl_opt.solver.matrix import compile_matrix
from nspl_opt.solver.window import STANDING

from .small import model, small

TWO = {"norr": "n", "syd": "s"}


@pytest.fixture
def told():
    case = small(TWO, hours=(12, 12, 24), initial={("icu", "norr"): 3}, beds={("icu", "syd"): 9}, fleet={"amb-n": 1})
    spec = model_from_dict(model(("elective", "beds", "transports"), ["unmet_care", "worst_region"]))
    m = build_model(spec, derive_instance(case.situation, case.travel, arc_rules(spec, case.situation)), case.travel)
    compiled = compile_matrix(m, **solver_notes(m, spec))
    return m, {column.name: int(first) for column, first in zip(compiled.columns, compiled.matrix.periods, strict=True)}


def test_patients_present_and_cared_for_act_in_their_own_period(told):
    _, periods = told
    own = {name: first for name, first in periods.items() if name.startswith(("present", "cared"))}
    assert len(own) > 6 and all(int(re.findall(r"\d+", name)[-1]) == first for name, first in own.items())


def test_transfers_act_when_they_leave(told):
    m, periods = told
    left = {f"move[{n}]": cell.period for n, cell in enumerate(m.inst.cells)}
    assert len(left) >= 2 and left.items() <= periods.items()


def test_the_load_of_the_worst_region_acts_in_every_period(told):
    _, periods = told
    assert [first for name, first in periods.items() if "overload" in name] == [STANDING]
