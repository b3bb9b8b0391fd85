"""What the command line says, Swedish and English, from ``texts.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path


@cache
def _texts() -> dict[str, dict[str, str]]:
    raw = tomllib.loads((Path(__file__).parent / "texts.toml").read_text(encoding="utf-8"))
    flat = {name: pair for name, pair in raw.items() if set(pair) == {"sv", "en"}}
    for section, pairs in raw.items():
        if section not in flat:
            flat.update({f"{section}.{name}": pair for name, pair in pairs.items()})
    return flat


def say(key: str, language: str, default: str | None = None, **values: object) -> str:
    """The message of this key with its fields filled in; ``default`` when there is none, else KeyError."""
    pair = _texts().get(key)
    if pair is None:
        if default is None:
            raise KeyError(key)
        return default
    return pair[language].format(**values) if values else pair[language]


def call_it(kind: str, code: str, language: str) -> str:
    """What reports call a ``goal`` or ``status`` of this code; the code itself where they have no word."""
    from nspl_opt.plan.words import Words

    return Words(language).known(kind, code)


def keys() -> tuple[str, ...]:
    """Every key, sorted."""
    return tuple(sorted(_texts()))
