"""The rows of planned care: what a step frees stands in the rows of beds."""

from .golden import built, golden
from .small import small


def test_the_rows_of_planned_care_are_those_that_were_looked_through():
    case = small({"norr": "n"}, hours=(24, 24), beds={("icu", "norr"): 8}, planned={("icu", "norr"): 6},
                 initial={("icu", "norr"): 5})  # fmt: skip
    m = built(case, {"beds": {}, "elective": {"steps": 3}}, ["unmet_care", "postponed_care"])
    golden("elective", m, also=("beds.capacity", "goals.postponed_care"))
