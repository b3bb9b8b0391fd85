"""What is not offered is counted, and offering twice as many receivers changes little."""

from __future__ import annotations

import io
import time

import numpy as np
import pytest

from nspl_opt.formulation.build import arc_rules, build_model, column_notes
from nspl_opt.formulation.catalogue import load_model
from nspl_opt.instance.derive import derive_instance
from nspl_opt.network.graph import travel_times
from nspl_opt.reference.package import load_reference
from nspl_opt.scenario.read import read_scenario
from nspl_opt.scenario.resolve import resolve
from nspl_opt.shipped import shipped_dir
from nspl_opt.solver.matrix import compile_matrix
from nspl_opt.solver.relaxation import Relaxation

TOLERANCE = 0.01
"""Of what help between regions can avoid (docs/mathematics.md states it)."""
BEYOND = "beyond the nearest and largest"


@pytest.fixture(scope="module")
def sweden():
    """Gotland's exercise with all 21 regions, without closures: one network state, so transfers can be counted."""
    reference = load_reference(None)
    scenario = read_scenario(shipped_dir("data/scenarios") / "gotland-ovning").on_grid("12x2,24x6")
    situation = resolve(reference, scenario.with_file(closures=()))
    return situation, travel_times(reference, situation)


def relaxed(sweden, **options):
    """The first goal with whole numbers set aside, and the instance."""
    situation, travel = sweden
    spec = load_model("national", {f"families.{name.replace('__', '.')}": str(v) for name, v in options.items()})
    inst = derive_instance(situation, travel, arc_rules(spec, situation))
    m = build_model(spec, inst, travel)
    holds = [(stage.options.slack_share, stage.options.slack) for stage in spec.stages(situation)]
    exact = [1.0] * len(holds)
    matrix = compile_matrix(m, holds, exact, **column_notes(m)).matrix
    file = io.BytesIO()
    matrix.save(file)
    file.seek(0)
    parts = dict(np.load(file))
    value, _, status = Relaxation(parts, {}, lambda: False).solve(0, time.monotonic() + 300)
    assert status == "Optimal"
    return value, inst


def test_twice_as_many_receivers_change_the_first_goal_by_less_than_a_hundredth_of_what_help_avoids(sweden):
    usual, narrow = relaxed(sweden)
    wider, wide = relaxed(sweden, travel_time__nearest=10, travel_time__largest=4)
    without_help, _ = relaxed(sweden, areas__grouping="region", areas__border="closed")
    assert wider <= usual + 1e-4 < without_help
    assert usual - wider < TOLERANCE * (without_help - wider)
    assert len(wide.arcs) > 1.5 * len(narrow.arcs)
    assert narrow.pruned[BEYOND] > wide.pruned[BEYOND] > 0


def test_every_transfer_that_could_be_thought_of_is_offered_or_counted(sweden):
    situation, travel = sweden
    found = set()
    for nearest, largest in ((5, 2), (10, 4), (21, 21)):
        changes = {"families.travel_time.nearest": str(nearest), "families.travel_time.largest": str(largest)}
        inst = derive_instance(situation, travel, arc_rules(load_model("national", changes), situation))
        by_period = ("ends after the horizon", "no sailing in time", "no vehicle in the period")
        found.add(len(inst.arcs) + sum(n for reason, n in inst.pruned.items() if reason not in by_period))
    assert len(found) == 1 and inst.pruned.get(BEYOND, 0) == 0
