"""A line of help that lacks a millionth is kept: what a solver may be out by is no broken promise."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from nspl_opt.formulation.lines import Lines
from nspl_opt.plan.checks.lines import Together
from nspl_opt.plan.parts.agreements import _agreed_kept, _beyond, _parts

TWO = tuple(SimpleNamespace(code=code, state=state, amount_micro=amount) for code, state, amount in (
    ("a", "accepted", 4_000_000), ("b", "proposed", 2_000_000),
))  # fmt: skip


@pytest.mark.parametrize(
    "moved, parts, beyond",
    [
        (3_999_999, [4_000_000, 0], 0),
        (3_999_900, [3_999_900, 0], 0),
        (5_999_950, [4_000_000, 2_000_000], 0),
        (6_000_001, [4_000_000, 2_000_000], 0),
        (6_500_000, [4_000_000, 2_000_000], 500_000),
        (0, [0, 0], 0),
    ],
)
def test_less_than_a_ten_thousandth_of_a_patient_breaks_nothing_and_adds_nothing(moved, parts, beyond):
    lines, judged = Lines(TWO, np.zeros(0), np.zeros(0)), Together(TWO, moved)
    assert _parts(lines, moved) == [part for _, part in judged.parts()] == parts
    assert _beyond(lines, moved) == judged.beyond == beyond
    assert _agreed_kept(lines, moved) == parts[0]
