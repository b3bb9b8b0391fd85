"""The card of a line is JSON, whatever could not be found out when the plan was made."""

from types import SimpleNamespace

import pandas as pd
import pytest

from nspl_opt.store import drafts
from nspl_opt.store.canonical import json_text


@pytest.fixture
def plan():
    """A plan in which nobody found what happens without the transfer."""
    nan = float("nan")
    row = {"transfer": "t1", "asked": "transfer", "found": "none", "hours_change": nan, "transit_change": nan}
    tables = {"alternatives": pd.DataFrame([row]), "if_no": pd.DataFrame(), "trips": pd.DataFrame()}
    return SimpleNamespace(table=tables.__getitem__)


def test_a_figure_that_nobody_found_is_told_as_unknown(plan, monkeypatch):
    words = SimpleNamespace(
        sentences=("ord",), minutes=30.0, **dict.fromkeys((*drafts._SENDER, *drafts._RECEIVER), 1.0)
    )
    monkeypatch.setattr(drafts, "explain_in", lambda *_: {"sv": words, "en": words})
    monkeypatch.setattr(drafts, "_trips", lambda *_: iter(()))
    opened = SimpleNamespace(plan=plan, situation=None, travel=None)
    card = drafts._card(opened, SimpleNamespace(id="t1", from_region="17", to_region="18"))
    assert card["no"] == {"found": "none", "unmet_h": None, "transit_h": None}
    assert '"unmet_h":null' in json_text(card)
