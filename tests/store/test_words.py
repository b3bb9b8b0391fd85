"""What the store says no with, in one language at a time."""

import pytest

from nspl_opt.store import tables
from nspl_opt.store.errors import Refused, state_word

STATES = sorted({*tables.HELP_STATES, *tables.LINE_STATES, *tables.RUN_STATES, "answered", "changed"})


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_a_swedish_word_and_an_english_one_without_underscores(state):
    assert state_word(state, "sv") != state.replace("_", " ")
    assert "_" not in state_word(state, "en")


def test_a_refusal_is_in_one_language():
    refused = Refused("L202", found="countered", wanted="answered")
    assert refused.sv == "Det är besvarat med ett motbud och kan inte bli besvarat."
    assert refused.en == "It is answered with a counter-offer and cannot become answered."
    assert refused.values == {"found": "countered", "wanted": "answered"}
