"""What a plan's lines say of other beds, extra hours, who waits and the crisis standard."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nspl_opt.plan.explain import explain_plan

from ..formulation.small import ICU, planned, small
from ..plan.spoils.care import sound

SAID = {
    "sv": ("vårdplatser för annan vård", "Extra arbetstid motsvarar", "väntar ≈", "Krisstandard, som en människa"),
    "en": ("in beds for other care", "Extra hours are worth", "wait for a municipal", "The crisis standard, which"),
}  # fmt: skip


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_lines_tell_of_care_that_is_given_otherwise_than_usual(language):
    plan, situation, _ = sound()
    lines = explain_plan(plan, situation, language)
    assert len(lines) == 10
    assert [sum(words in line for line in lines) for words in SAID[language]] == [1, 1, 1, 1]


def test_the_lines_say_nothing_of_it_where_care_is_as_usual():
    case = small({"norr": "n"}, beds={("icu", "norr"): 2}, initial={("icu", "norr"): 1})
    text = "\n".join(explain_plan(planned(case).made.plan, case.situation, "en"))
    assert not any(words in text for words in SAID["en"])


def test_stages_of_a_stay_are_told_as_the_stay():
    stages = [
        replace(ICU, code=f"icu.s{n}", name_sv=f"Vård (steg {n} av 2)", parent="icu", stage=(n, 2)) for n in (1, 2)
    ]
    initial = {("icu.s1", "norr"): 2, ("icu.s2", "norr"): 3}
    case = small({"norr": "n"}, categories=stages, initial=initial)
    line = next(line for line in explain_plan(planned(case).made.plan, case.situation) if "vård)" in line)
    assert "120 h (vård)" in line.replace("\N{NO-BREAK SPACE}", " ")
