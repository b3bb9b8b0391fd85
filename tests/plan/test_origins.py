"""Who the patients are: followed through the plan in proportion, and never part of what decides it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nspl_opt.plan.folder_text import table_text
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.parts import CarePath

from ..formulation.small import ICU, WARD, planned, small


def mixed(**more):
    """Six come to norr, two of them military, and one civilian is there; four find a bed in syd."""
    case = small({"norr": "n", "syd": "s"}, hours=(24, 24), beds={("icu", "syd"): 4}, initial={("icu", "norr"): 1},
                 arrivals={("icu", "norr"): 3}, **more)  # fmt: skip
    military = np.zeros_like(case.situation.arrivals_micro)
    military[0, 0, :] = MICRO
    return case, case.having(origin_micro={"civilian": case.situation.arrivals_micro - military, "military": military})


def by_class(plan, period: int, region: str, column: str) -> dict[str, float]:
    rows = plan.rows("origins", period=period, region=region)
    return dict(zip(rows["origin_class"], rows[column], strict=True))


def test_whoever_moves_is_of_the_classes_that_are_there():
    plan = planned(mixed()[1])
    assert by_class(plan, 0, "n", "arrived") == {"civilian": 2, "military": 1}
    assert by_class(plan, 0, "n", "moved_out") == {"civilian": 3, "military": 1}
    assert by_class(plan, 0, "s", "moved_in") == {"civilian": 3, "military": 1}
    assert by_class(plan, 1, "s", "present") == {"civilian": 3, "military": 1}
    assert by_class(plan, 1, "n", "present") == {"civilian": 2, "military": 1}


def test_other_classes_change_nothing_else_of_the_plan():
    plain, classed = (planned(case).made.plan for case in mixed())
    assert set(classed.tables) - set(plain.tables) == {"origins"}
    assert all(table_text(name, plain.tables[name], []) == table_text(name, classed.tables[name], [])
               for name in plain.tables)  # fmt: skip


def test_one_class_alone_needs_no_table():
    case = mixed()[0]
    one = case.having(origin_micro={"civilian": case.situation.arrivals_micro})
    assert "origins" not in planned(one).made.plan.tables


@pytest.mark.parametrize("share", [500_000, 1_000_000])
def test_classes_stay_with_their_patients_from_one_category_of_care_to_the_next(share):
    leaving = replace(ICU, mean_stay_h=40)
    case = small({"norr": "n"}, hours=(24, 24, 24), categories=(leaving, WARD), initial={("icu", "norr"): 1},
                 beds={("icu", "norr"): 9, ("ward", "norr"): 9}, arrivals={("icu", "norr"): [3, 0, 0]})  # fmt: skip
    evacuees = np.zeros_like(case.situation.arrivals_micro)
    evacuees[0, 0, 0] = 2_000_001
    case = case.having(origin_micro={"civilian": case.situation.arrivals_micro - evacuees, "evacuee": evacuees},
                       paths=[CarePath("icu", "ward", share)])  # fmt: skip
    plan = planned(case, {"beds": {}, "care_paths": {}})  # the checker holds the sums against the census
    assert plan.total("origins", "present", period=2, category="ward", origin_class="evacuee") > 0.5 * share / MICRO
