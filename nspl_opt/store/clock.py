"""The one clock of a store, and how its times are written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the time now, aware, in UTC."""

_FORM = "%Y-%m-%dT%H:%M:%S.%fZ"


def utc_now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


def time_text(moment: datetime) -> str:
    """A time as it is stored: UTC, microseconds, always 27 characters, so that text order is order in time.

    Raises
    ------
    ValueError
        When ``moment`` has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a time without a time zone cannot be stored")
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def time_of(text: str) -> datetime:
    """The time that ``time_text`` wrote."""
    return datetime.strptime(text, _FORM).replace(tzinfo=UTC)
