"""A family adds to the rules and goals of another, and says which families it needs."""

from dataclasses import replace

import numpy as np
import pyomo.environ as pyo
import pytest

from nspl_opt.formulation import build
from nspl_opt.formulation.arrays import Columns, Index
from nspl_opt.formulation.build import arc_rules, build_model, solver_notes
from nspl_opt.formulation.extra import add_entries, add_right, add_terms
from nspl_opt.formulation.families.catalogue import FAMILIES
from nspl_opt.formulation.family import Family, NoOptions, Term
from nspl_opt.formulation.goal import sum_of
from nspl_opt.formulation.spec import model_from_dict
from nspl_opt.instance.derive import derive_instance
from nspl_opt.problems import InvalidInput

from .small import model, small

ONE = {"norr": "n"}


def tents(block, m, inst, options):
    """A tent holds two beds; to put it up counts as an hour without care, to have none there halves the beds."""
    block.up = Columns(Index([0]), [0], 3, whole=True, roundable=True)
    add_terms(m, "beds.capacity", lambda: [Term(-2.0, block.up, (0, 0, 0), follows=True)])
    add_right(m, "beds.capacity", lambda: -inst.free_beds / 2)
    add_entries(m, "goals.unmet_care", lambda: [sum_of(block.up, 1.0)])


TENTS = Family("tents", "Tält", "Tents", NoOptions, tents, requires=("beds",))


def built(monkeypatch, order):
    families = {name: TENTS if name == "tents" else FAMILIES[name] for name in order}
    monkeypatch.setattr(build, "FAMILIES", families)
    case = small(ONE, beds={("icu", "norr"): 4}, initial={("icu", "norr"): 5})
    plain = model_from_dict(model(("beds",), [{"name": "unmet_care"}]))
    spec = plain.model_copy(update={"families": {**plain.families, "tents": NoOptions()}})
    inst = derive_instance(case.situation, case.travel, arc_rules(plain, case.situation))
    return build_model(spec, inst, case.travel), spec


def test_beds_count_what_a_family_before_them_adds(monkeypatch):
    m, spec = built(monkeypatch, ("tents", "beds"))
    row = m.beds.capacity[0, 0, 0]
    assert pyo.value(row.upper) == 2
    assert "tents.up[0]" in str(row.body)
    assert "tents.up[0]" in str(m.goal.unmet_care.expr)
    notes = solver_notes(m, spec)
    assert m.tents.up in notes["roundable"] and m.tents.up not in notes["lazy"]


def test_a_family_that_comes_too_late_to_add_is_refused(monkeypatch):
    with pytest.raises(RuntimeError, match="built already"):
        built(monkeypatch, ("beds", "tents"))


def test_what_is_added_is_read_anew_each_time(monkeypatch):
    m, _ = built(monkeypatch, ("tents", "beds"))
    m.inst.free_beds[...] = 8
    _, _, upper = m.writers["beds.capacity"].said()
    assert np.all(upper == 4)


def test_a_family_without_the_families_that_it_needs_is_told_so(monkeypatch):
    monkeypatch.setitem(FAMILIES, "areas", replace(FAMILIES["areas"], requires=("beds",)))
    goals = [{"name": "unmet_care"}]
    model_from_dict(model(("areas", "beds"), goals))
    with pytest.raises(InvalidInput) as told:
        model_from_dict(model(("areas",), goals))
    assert [(problem.code, problem.where) for problem in told.value.problems] == [("M108", "model: families.areas")]
    assert "[families.beds]" in told.value.problems[0].remedy
