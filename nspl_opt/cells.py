"""One cell of a table: from the text somebody wrote to a value of the kind its column promises."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Any

from nspl_opt.problems import did_you_mean

KINDS = ("code", "text", "whole", "number", "flag", "date", "code_list")
MAX_CELL = 4_000
"""Longest cell [characters]."""
LARGEST = 1e12
"""Largest size of any number. Infinite capacity is written by leaving the row out, never as a number."""

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_WHOLE = re.compile(r"[+-]?[0-9]{1,30}(\.0{1,30})?")
_NUMBER = re.compile(r"[+-]?([0-9]{1,30}(\.[0-9]{0,30})?|\.[0-9]{1,30})([eE][+-]?[0-9]{1,4})?")
_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_SPACED = re.compile(r"[+-]?[0-9]{1,3}([\s'\u00a0\u202f][0-9]{3})+([.,][0-9]+)?")
_BROKEN_UTF8 = re.compile("\u00c3[\u00a5\u00a4\u00b6\u0085\u0084\u0096\u2026\u201e\u2013]|\ufffd")
_PERSON = re.compile(r"(?<![0-9])((?:19|20)?[0-9]{2})(0[1-9]|1[0-2])([0-9]{2})([-+]?)([0-9]{4})(?![0-9])")


class Complaint(Exception):
    """Why a cell is refused: the number of the rule's code, the rule, the remedy."""

    def __init__(self, number: int, rule: str, remedy: str) -> None:
        super().__init__(number, rule, remedy)
        self.number, self.rule, self.remedy = number, rule, remedy


def parse_cell(text: str, field: Any) -> Any:
    """The value of a cell that is not empty, by the ``kind``, range and choices of its ``Field``.

    code and text give ``str`` (text in NFC), whole ``int``, number ``float``, flag ``bool``,
    date an ISO ``str``, code_list a tuple of ``str`` in the written order.

    Raises
    ------
    Complaint
        When the cell breaks a rule.
    """
    text = tidy_text(text)
    value = _PARSERS[field.kind](text)
    if field.kind in ("code", "text", "code_list"):
        refuse_person(text)
    if field.choices is not None:
        for item in value if isinstance(value, tuple) else (value,):
            if item not in field.choices:
                raise Complaint(911, "not one of the allowed values", choices_remedy(item, field.choices))
    if field.kind in ("whole", "number"):
        _within(value, field)
    return value


def tidy_text(text: str) -> str:
    """Text in NFC without surrounding space; refuses what cannot be seen or was garbled on the way."""
    if len(text) > MAX_CELL:
        raise Complaint(907, f"{len(text)} characters; at most {MAX_CELL} fit a cell", "shorten the text")
    if text.isascii() and text.isprintable():
        return text.strip()
    for char in text:
        kind = unicodedata.category(char)
        if kind in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") and char != "\u200d":
            label = unicodedata.name(char, "control character")
            raise Complaint(907, f"invisible character U+{ord(char):04X} ({label.lower()})", "remove the character")
    text = unicodedata.normalize("NFC", text).strip()
    if _BROKEN_UTF8.search(text):
        raise Complaint(907, "letters were garbled by a wrong encoding", "write å, ä, ö afresh and save as UTF-8")
    return text


def refuse_person(text: str) -> None:
    """Refuse what looks like a Swedish personal identity or coordination number."""
    for match in _PERSON.finditer(text):
        year, month, day, sign, end = match.groups()
        day_of_month = int(day) - (60 if int(day) > 60 else 0)
        if 1 <= day_of_month <= 31 and (sign or _luhn(year[-2:] + month + day + end)):
            raise Complaint(916, "looks like a personal identity number", "remove it; no personal data belongs here")


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * (2 - index % 2) for index, digit in enumerate(digits))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def _code(text: str) -> str:
    if text[:1] in "=+-@":
        raise Complaint(908, "a code must not start like a formula (= + - @)", "start it with a letter or digit")
    if not _CODE.fullmatch(text):
        raise Complaint(
            908,
            "a code has 1 to 64 of a-z, 0-9, '_', '.', '-' and starts with a letter or digit",
            "use the code, not the name; codes have no spaces and no å, ä, ö",
        )
    return text


def _code_list(text: str) -> tuple[str, ...]:
    items = tuple(_code(item.strip()) for item in text.split(";"))
    if len(set(items)) < len(items):
        raise Complaint(908, "the list names a code twice", "name each code once, separated by ';'")
    return items


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise _number_complaint(text, "a whole number")
    return int(text.split(".")[0])


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise _number_complaint(text, "a number")
    value = float(text)
    if not math.isfinite(value):
        raise Complaint(909, "the number is not finite", "write a finite number, or leave the row out")
    return value + 0.0


def _number_complaint(text: str, wanted: str) -> Complaint:
    rule = f"not {wanted}"
    if _COMMA.fullmatch(text):
        point = "write whole units" if wanted == "a whole number" else f"use a point: {text.replace(',', '.')}"
        return Complaint(909, f"{rule}: decimal comma", point)
    if _SPACED.fullmatch(text):
        plain = re.sub(r"[\s'\u00a0\u202f]", "", text)
        return Complaint(909, f"{rule}: the thousands are separated", f"write {plain}")
    if text.lower().strip("+-") in ("nan", "inf", "infinity", "na", "n/a", "null", "none"):
        return Complaint(909, f"{rule}: not finite or not known", "write a finite number, or leave the row out")
    if text.lower() in ("true", "false", "sant", "falskt", "yes", "no", "ja", "nej"):
        return Complaint(909, f"{rule}: a yes or no", "write 1 or 0 if that is what is meant")
    if len(text) > 60:
        return Complaint(909, f"{rule}: {len(text)} characters", "write a number of ordinary length")
    if any(char.isdigit() and not char.isascii() for char in text):
        return Complaint(909, f"{rule}: digits of another script", "write it with the digits 0-9")
    if wanted == "a whole number" and _NUMBER.fullmatch(text):
        return Complaint(909, rule, "write it with digits only, without decimals or exponent")
    return Complaint(909, rule, f"write {wanted} with the digits 0-9, without unit")


def _flag(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise Complaint(912, "neither true nor false", "write true or false")
    return text.lower() == "true"


def _date(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or len(text) != 10 or not text.isascii() or not 1900 <= day.year <= 2200:
        raise Complaint(912, "not a date between 1900 and 2200", "write it as YYYY-MM-DD, for example 2026-11-22")
    return text


def _within(value: float, field: Any) -> None:
    least = -LARGEST if field.minimum is None else field.minimum
    most = LARGEST if field.maximum is None else field.maximum
    if not least <= value <= most:
        unit = f" {field.unit}" if field.unit else ""
        raise Complaint(910, f"outside {least:g} to {most:g}{unit}", "correct the figure or its unit")


def choices_remedy(word: Any, choices: tuple[Any, ...]) -> str:
    """The nearest allowed value, or all of them."""
    return did_you_mean(str(word), [str(choice) for choice in choices])


def shown(value: Any) -> str:
    """A value in quotation marks, shortened to 40 characters."""
    text = str(value)
    return ascii_safe(text if len(text) <= 40 else f"{text[:37]}...")


def ascii_safe(text: str) -> str:
    """Text in quotation marks; what cannot be printed is escaped, å ä ö stay."""
    return "'" + "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text) + "'"


_PARSERS: dict[str, Callable[[str], Any]] = {
    "code": _code,
    "text": str,
    "whole": _whole,
    "number": _number,
    "flag": _flag,
    "date": _date,
    "code_list": _code_list,
}
