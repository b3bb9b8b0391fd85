"""Words for people: one catalogue of messages, Swedish and English, and how numbers are written.

``messages.toml`` and ``messages_*.toml`` hold every message as a pair; the program text holds none.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("sv", "en")
APPROX = "≈\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"


@cache
def catalogue() -> Mapping[str, Mapping[str, Any]]:
    """Message key (``section.name``) -> language -> text, or [singular, plural] for counted nouns."""
    return read_messages(Path(__file__).parent)


def read_messages(folder: Path) -> dict[str, Mapping[str, Any]]:
    """The messages of ``messages.toml`` and every ``messages_*.toml`` of a folder. A key twice is a ValueError."""
    found: dict[str, Mapping[str, Any]] = {}
    for path in [folder / "messages.toml", *sorted(folder.glob("messages_*.toml"))]:
        for section, messages in tomllib.loads(path.read_text(encoding="utf-8")).items():
            for name, pair in messages.items():
                key = f"{section}.{name}"
                if key in found:
                    raise ValueError(f"{path.name}: the message {key} stands twice")
                found[key] = pair
    return found


class Words:
    """Messages, numbers and times of one language (``sv`` or ``en``)."""

    def __init__(self, language: str = "sv") -> None:
        if language not in LANGUAGES:
            raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, not {language!r}")
        self.language = language

    def __call__(self, key: str, **values: object) -> str:
        """The message of this key with its fields filled in. KeyError when it is not there."""
        text = catalogue()[key][self.language]
        return text.format(**values) if values else text

    def known(self, section: str, name: str, default: str | None = None) -> str:
        """The message ``section.name`` if the catalogue has it, else ``default`` or the bare name.

        Of a goal's level (``load_levels:2``) the goal is told, then the level; a note's number stands in its text.
        """
        code, _, level = name.partition(":")
        pair = catalogue().get(f"{section}.{code}")
        if pair is None:
            return name if default is None else default
        if section == "notes":
            return pair[self.language].format(number=level)
        return self("line.level", what=pair[self.language], level=level) if level else pair[self.language]

    def pick(self, thing: Any, field: str = "name") -> str:
        """The field of a bilingual object: its ``name_sv`` or ``name_en``."""
        return getattr(thing, f"{field}_{self.language}")

    def number(self, value: float, decimals: int = 0) -> str:
        """A number as people of this language write it: 12 345,6 or 12,345.6."""
        text = f"{abs(value):,.{decimals}f}"
        if self.language == "sv":
            text = text.replace(",", "\N{NARROW NO-BREAK SPACE}").replace(".", ",")
        return MINUS + text if value < 0 and any(c in "123456789" for c in text) else text

    def quantity(self, value: float, whole: bool = False) -> str:
        """Whole things without decimals; expected values with one decimal and the sign for about."""
        return self.number(value) if whole else APPROX + self.number(value, 1)

    def percent(self, share: float, decimals: int = 0) -> str:
        """A share of one in per cent, with a space that does not break."""
        return self.number(100 * share, decimals) + "\N{NO-BREAK SPACE}%"

    def count(self, noun: str, value: float, whole: bool = True) -> str:
        """A counted noun: 1 patient, 2 patienter, about 2,4 patienter."""
        one, many = catalogue()[f"count.{noun}"][self.language]
        word = one if whole and round(value) == 1 else many
        return f"{self.quantity(value, whole)}\N{NO-BREAK SPACE}{word}"

    def when(self, moment: datetime | str, year: bool = False) -> str:
        """A moment, short: ``tis 24 nov 06:00``; with ``year``: ``tis 24 nov 2026 06:00``."""
        moment = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        day = self("time.weekdays").split()[moment.weekday()]
        month = self("time.months").split()[moment.month - 1]
        space = "\N{NO-BREAK SPACE}"
        years = f"{moment.year}{space}" if year else ""
        return f"{day}{space}{moment.day}{space}{month}{space}{years}{moment:%H:%M}"

    def span(self, start: datetime, end: datetime) -> str:
        """A period: ``tis 24 nov 06:00-12:00``, with the day again when it ends on another one."""
        if start.date() == end.date() or (end.hour == end.minute == 0 and (end - start).days == 0):
            stop = "24:00" if end.hour == end.minute == 0 else f"{end:%H:%M}"
            return f"{self.when(start)}–{stop}"
        return f"{self.when(start)} – {self.when(end)}"

    def duration(self, minutes: float) -> str:
        """Minutes as hours and minutes: ``3 h 25 min``."""
        hours, rest = divmod(round(minutes), 60)
        space = "\N{NO-BREAK SPACE}"
        parts = [f"{hours}{space}h"] if hours else []
        return space.join(parts + ([f"{rest}{space}min"] if rest or not hours else []))

    def listing(self, items: list[str]) -> str:
        """Items in running text: a, b och c."""
        if len(items) < 2:
            return "".join(items)
        return f"{', '.join(items[:-1])} {self('time.and')} {items[-1]}"
