"""The kinds of value a scenario file may hold, each with its limits and its remedy.

Numbers are what TOML calls numbers: no truth values, no text, nothing that is not finite. Text is
brought to composed form (NFC), so that the same word in two encodings is the same word.
"""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from nspl_opt.cells import Complaint, refuse_person, tidy_text

NAME_PATTERN = r"^[a-z0-9][a-z0-9-]{0,63}$"
FILE_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,63}\.csv$"
MOST_DECIMALS = 6


def exact(value: float) -> Fraction:
    """The number as it was written in decimal: 0.7 is seven tenths, not its binary neighbour."""
    return Fraction(str(value))


def refuse(rule: str, remedy: str) -> PydanticCustomError:
    """An error that carries our own sentence and remedy through pydantic."""
    return PydanticCustomError("rule", "{rule}", {"rule": rule, "remedy": remedy})


def whole(least: int, most: int, unit: str) -> Any:
    """A whole number from ``least`` to ``most``, unit stated. 12.0 counts as 12."""
    rule = f"must be a whole number of {unit} from {least} to {most}"

    def check(value: Any) -> int:
        number = _number(value, rule)
        if not float(number).is_integer() or not least <= number <= most:
            raise refuse(rule, f"write a number from {least} to {most} without decimals")
        return int(number)

    return Annotated[
        int, BeforeValidator(check), WithJsonSchema({"type": "integer", "minimum": least, "maximum": most})
    ]


def number(least: float, most: float, unit: str) -> Any:
    """A number from ``least`` to ``most`` with at most six decimals."""
    rule = f"must be a number ({unit}) from {least:g} to {most:g} with at most {MOST_DECIMALS} decimals"

    def check(value: Any) -> float:
        figure = _number(value, rule)
        if not least <= figure <= most:
            raise refuse(rule, f"write a number from {least:g} to {most:g}, such as {most / 2:g}")
        if (exact(figure) * 10**MOST_DECIMALS).denominator != 1:
            raise refuse(rule, f"round it to {round(figure, MOST_DECIMALS):g}")
        return float(figure)

    return Annotated[
        float, BeforeValidator(check), WithJsonSchema({"type": "number", "minimum": least, "maximum": most})
    ]


def text(longest: int) -> Any:
    """Text of 1 to ``longest`` characters that can be seen, without space at the ends, naming no person."""

    def check(value: Any) -> str:
        if not isinstance(value, str):
            raise refuse("must be text", 'write it in quotes: "..."')
        if len(value) > longest:
            raise refuse(f"must be at most {longest} characters and is {len(value)}", "shorten it")
        try:
            tidy = tidy_text(value)
            refuse_person(tidy)
        except Complaint as complaint:
            raise refuse(complaint.rule, complaint.remedy) from None
        if not tidy or tidy != unicodedata.normalize("NFC", value):
            raise refuse("must not be empty or begin or end with a space", "remove the spaces or fill it in")
        return tidy

    return Annotated[str, BeforeValidator(check), WithJsonSchema({"type": "string", "maxLength": longest})]


def matches(pattern: str, value: str) -> bool:
    """Whether the whole of a text follows a pattern; a line end after it does not count as nothing."""
    return re.fullmatch(pattern.rstrip("$"), value) is not None


def patterned(pattern: str, rule: str, remedy: str) -> Any:
    """Text that must follow a pattern."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or not matches(pattern, value):
            raise refuse(rule, remedy)
        return value

    return Annotated[str, BeforeValidator(check), WithJsonSchema({"type": "string", "pattern": pattern})]


def _number(value: Any, rule: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refuse(rule, "write a number without quotes")
    if isinstance(value, float) and not math.isfinite(value):
        raise refuse(rule, "write a finite number")
    if abs(value) > 1e15:
        raise refuse(rule, "write a smaller number")
    return value


def _moment(value: Any) -> datetime:
    if not isinstance(value, datetime):
        raise refuse("must be a date and a time", "write it without quotes, as 2026-11-28T06:00:00")
    if value.tzinfo is not None:
        raise refuse("must be local time without a zone", "remove Z or the offset at the end")
    if not 2000 <= value.year <= 2100 or value.minute or value.second or value.microsecond:
        raise refuse("must be a whole hour in the years 2000 to 2100", "write it as 2026-11-28T06:00:00")
    return value


def _day(value: Any) -> date:
    if isinstance(value, datetime) or not isinstance(value, date) or not 1990 <= value.year <= 2100:
        raise refuse("must be a date in the years 1990 to 2100", "write it without quotes, as 2026-11-28")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise refuse("must be true or false", "write true or false without quotes")
    return value


Name = patterned(NAME_PATTERN, "must be a name of a-z, 0-9 and -, at most 64 characters", "rename it, as flood-2027")
FileName = patterned(
    FILE_PATTERN,
    "must be the name of a CSV file beside scenario.toml (a-z, 0-9, _ and -, then .csv)",
    "put the file in the scenario's own directory and write its bare name, as demand.csv",
)
Code = text(80)
Line = text(200)
Paragraph = text(2_000)
Hour = whole(0, 9_600, "hours")
Factor = number(0, 100, "factor")
Share = number(0, 1, "share")
Moment = Annotated[datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "local-date-time"})]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Flag = Annotated[bool, BeforeValidator(_flag), WithJsonSchema({"type": "boolean"})]
