"""The catalogue is complete in both languages, and numbers are written as each language writes them."""

from __future__ import annotations

import re
import string
from datetime import datetime
from pathlib import Path

import pytest

import nspl_opt.plan.words as words_module
from nspl_opt.plan.words import Words, catalogue, read_messages


def _fields(text):
    parts = text if isinstance(text, list) else [text]
    return {name for part in parts for _, name, _, _ in string.Formatter().parse(part) if name}


def test_every_message_is_there_in_swedish_and_english_with_the_same_fields():
    for key, pair in catalogue().items():
        assert set(pair) == {"sv", "en"}, key
        assert pair["sv"] and pair["en"] and type(pair["sv"]) is type(pair["en"]), key
        assert _fields(pair["sv"]) == _fields(pair["en"]), key


def test_a_message_that_stands_twice_is_refused(tmp_path):
    (tmp_path / "messages.toml").write_text('[care]\nbed = { sv = "plats", en = "bed" }\n', encoding="utf-8")
    (tmp_path / "messages_care.toml").write_text('[care]\nbed = { sv = "säng", en = "bed" }\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"care\.bed"):
        read_messages(tmp_path)


def test_every_key_that_the_program_and_templates_use_is_in_the_catalogue():
    root = Path(words_module.__file__).parents[1]
    files = [*(root / "report").rglob("*.html"), *(root / "report").glob("*.py"), *(root / "plan").glob("*.py")]
    sections = {key.split(".")[0] for key in catalogue()}
    pattern = re.compile(rf"""["']((?:{"|".join(sorted(sections))})\.[a-z_]+)["'](?!\s*~)""")
    used = {key for file in files for key in pattern.findall(file.read_text(encoding="utf-8")) if not key.endswith("_")}
    used = {key for key in used if not key.endswith((".csv", ".html"))}
    assert used - set(catalogue()) - _rule_names() == set()


def _rule_names():
    """Names of rules look like keys (``staff.region``) but are none."""
    return {"staff.region", "table.html", "map.html", "curves.html"}


def test_no_message_calls_a_recommendation_a_decision():
    for key, pair in catalogue().items():
        assert not re.search(r"\b(order|beordr|beslutat)\b", str(pair["sv"]).lower()), key


def test_numbers_follow_the_language():
    assert Words("sv").number(12345.67, 1) == "12\N{NARROW NO-BREAK SPACE}345,7"
    assert Words("en").number(12345.67, 1) == "12,345.7"
    assert Words("sv").number(-0.01, 1) == "0,0"
    assert Words("sv").quantity(3, whole=True) == "3"
    assert Words("sv").quantity(2.37) == "≈\N{NO-BREAK SPACE}2,4"
    assert Words("sv").percent(0.205, 1) == "20,5\N{NO-BREAK SPACE}%"


def test_one_patient_is_not_patients():
    assert Words("sv").count("patient", 1) == "1\N{NO-BREAK SPACE}patient"
    assert Words("sv").count("patient", 2) == "2\N{NO-BREAK SPACE}patienter"
    assert Words("en").count("patient", 1.2, whole=False) == "≈\N{NO-BREAK SPACE}1.2\N{NO-BREAK SPACE}patients"


def test_times_are_short_and_midnight_is_the_end_of_the_day():
    words = Words("sv")
    assert words.when("2026-11-24T06:00:00") == "tis 24 nov 06:00".replace(" ", "\N{NO-BREAK SPACE}")
    assert words.span(datetime(2026, 11, 24, 18), datetime(2026, 11, 25)).endswith("18:00–24:00")
    assert words.duration(205) == "3 h 25 min".replace(" ", "\N{NO-BREAK SPACE}")
    assert words.duration(0) == "0\N{NO-BREAK SPACE}min"


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="sv, en"):
        Words("de")
