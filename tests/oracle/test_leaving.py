"""Who is cared for leaves after a fixed stay: the oracle against numbers by hand."""

from __future__ import annotations

import numpy as np
import pytest

from nspl_opt.reference.reference import MICRO

from ..formulation.small import Case, model, small
from .ask import ask
from .plain import as_plain

ON = {"beds": {}, "transports": {"patients_whole_until_h": "all", "duty_share": 1.0}}


def least(case: Case) -> float:
    (answer,) = ask([as_plain(case.situation, case.travel, model(ON))])
    assert answer["status"] == "OPTIMAL"
    return answer["unmet_care"]


def stay(case: Case, share: int) -> Case:
    periods = len(case.situation.periods)
    return case.having(leave_micro=np.full((len(case.situation.categories), periods), share))


@pytest.mark.parametrize(("share", "unmet"), [(0, 2 * 240), (MICRO, 240)])
def test_a_bed_is_free_again_when_all_who_were_cared_for_leave(share, unmet):
    # Three come and find two beds: the third waits a day, or as long as the others stay.
    case = small({"norr": "n"}, hours=(24, 24), beds={("icu", "norr"): 2}, arrivals={("icu", "norr"): (3, 0)})
    assert least(stay(case, share)) == unmet


def test_those_of_the_start_have_left_in_the_first_period():
    case = small({"norr": "n"}, beds={("icu", "norr"): 1}, initial={("icu", "norr"): 4}, arrivals={("icu", "norr"): 2})
    assert least(stay(case, MICRO)) == 240
    assert least(stay(case, 0)) == 5 * 240
