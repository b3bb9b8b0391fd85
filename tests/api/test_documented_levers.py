"""The what-ifs of docs/api.md can be asked: every lever has an example, and each is understood."""

import json
import re
from pathlib import Path

from api.routes.what_ifs import WhatIfWanted
from nspl_opt.reference.package import load_reference
from nspl_opt.scenario.what_if_text import FORMS, Known, parse_what_ifs

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"


def test_every_lever_has_an_example_that_is_understood():
    found = [json.loads(text) for text in re.findall(r"`(\{\"lever\".*?\})`", PAGE.read_text(encoding="utf-8"))]
    assert sorted(one["lever"] for one in found) == sorted(FORMS)
    wanted = WhatIfWanted(base_plan="plan-l-" + "0" * 32, changes=found)
    reference = load_reference()
    sites, regions = ([one.code for one in things] for things in (reference.sites, reference.regions))
    known = Known(
        [*sites, *regions], sites, regions, *([one.code for one in things] for things in (
            reference.bed_types, reference.professions, reference.categories, reference.pools,
            (*reference.links, *reference.ferries))),
        {},
    )  # fmt: skip
    assert len(parse_what_ifs([(one.lever, one.as_text()) for one in wanted.changes], known)) == len(FORMS)
