"""A living case of three hospitals in two regions: whoever is lost, every number can be worked out."""

import pytest

from nspl_opt.formulation.spec import model_from_dict
from nspl_opt.living import Living
from nspl_opt.scenario.what_if import Declines, LostHospital
from nspl_opt.sweep.cases import Case

from ..formulation.small import model, small

ONE_DAY, TWO_DAYS = (24,), (24, 24)


@pytest.fixture(scope="session")
def living():
    """North has 6 patients on 10 + 2 beds, south 4 on 4; nobody recovers, nobody comes."""
    case = small(
        {"norr": "n", "nord": "n", "syd": "s"},
        hours=TWO_DAYS,
        beds={("icu", "norr"): 10, ("icu", "nord"): 2, ("icu", "syd"): 4},
        initial={("icu", "norr"): 6, ("icu", "syd"): 4},
    )
    spec = model_from_dict(model(["beds", "transports"]))
    return Living.of(case.situation, case.situation, case.travel, spec)


@pytest.fixture(scope="session")
def cases():
    """Every hospital lost after a day, and every region declining to help."""
    lost = [Case("hospital", code, code.title(), LostHospital(code, from_h=24)) for code in ("nord", "norr", "syd")]
    return (*lost, *(Case("region", code, f"Region {code}", Declines(code)) for code in ("n", "s")))
