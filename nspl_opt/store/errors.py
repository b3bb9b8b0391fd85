"""Why the store says no, in stable codes with words in Swedish and English (``messages.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path


class StoreError(Exception):
    """The store says no. ``code`` is stable; ``sv``, ``en`` say what, ``remedy_sv``, ``remedy_en`` what to do."""

    def __init__(self, code: str, **values: object) -> None:
        self.code, self.values = code, values
        words = messages()[code]
        for name in ("sv", "en", "remedy_sv", "remedy_en"):
            setattr(self, name, words[name].format(**values | _states_in(values, name[-2:])))
        super().__init__(f"{code}: {self.en}")

    sv: str
    en: str
    remedy_sv: str
    remedy_en: str


class Unfit(StoreError):
    """This database cannot be used as it is: another schema, another realm, open to everybody, damaged."""


class Refused(StoreError):
    """A rule forbids it as things stand."""


class Unsound(Refused):
    """What was given can never be stored."""


class BadForm(Unsound):
    """A form with faults. ``faults`` holds pairs of a field, as a path, and the rule it breaks; never a value."""

    def __init__(self, code: str, faults: tuple[tuple[str, str], ...]) -> None:
        self.faults = faults
        super().__init__(code, count=len(faults), first=f"{faults[0][0] or 'body'}: {faults[0][1]}")


class NotThere(StoreError):
    """There is no such thing, or none that the asker may know of."""


class Stale(StoreError):
    """Somebody else was first: the version given is no longer the latest."""


class Busy(StoreError):
    """Not now: the database cannot be reached or is locked. Nothing was changed as far as can be known; try again."""


class Again(Busy):
    """Two transactions met and this one gave way: it may be run again at once."""


class Full(StoreError):
    """The database cannot write: no room, or the disk fails. Nothing was changed."""


def _states_in(values: Mapping[str, object], language: str) -> dict[str, object]:
    return {name: state_word(str(values[name]), language) for name in ("found", "wanted") if name in values}


def state_word(state: str, language: str) -> str:
    """What a state is called in ``sv`` or ``en``; its code, spaced, where it has no word of its own."""
    return _states()[language].get(state, state.replace("_", " "))


@cache
def _states() -> dict[str, dict[str, str]]:
    return tomllib.loads(Path(__file__).with_name("states.toml").read_text(encoding="utf-8"))


@cache
def messages() -> dict[str, dict[str, str]]:
    """Code -> its words: ``sv``, ``en``, ``remedy_sv``, ``remedy_en``."""
    return tomllib.loads(Path(__file__).with_name("messages.toml").read_text(encoding="utf-8"))
