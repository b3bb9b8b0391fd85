"""Pages of a list: how many, and after which. Totals are not told: they would tell of what one may not see."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, TypeVar

from fastapi import Query

from .problems import Fault, Refusal

T = TypeVar("T")
MOST = 200
LimitQuery = Annotated[int, Query(ge=1, le=MOST, description="entries of a page")]
AfterQuery = Annotated[str, Query(max_length=300, description="the `next` of the page before")]


def place_after(after: str) -> str:
    """What stands in an ``after`` that this service has given out; '' for the first page.

    Raises
    ------
    Refusal
        ``invalid``, when it was not given out here.
    """
    try:
        return base64.b64decode(after.encode("ascii") + b"=" * (-len(after) % 4), b"-_", validate=True).decode("ascii")
    except (ValueError, binascii.Error):
        raise Refusal(
            "invalid", [Fault("query.after", "is no place in a list", "take next of the page before")]
        ) from None


def number_after(after: str) -> int:
    """The same, where places are numbers; 0 for the first page."""
    text = place_after(after)
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise Refusal("invalid", [Fault("query.after", "is no place in a list", "take next of the page before")])
    return int(text)


def mark(place: str | int) -> str:
    """A place as it is given out."""
    return base64.urlsafe_b64encode(str(place).encode("ascii")).decode("ascii").rstrip("=")


def cut(rows: Sequence[T], limit: int) -> tuple[Sequence[T], bool]:
    """The rows of this page, of one more than a page, and whether there is another page."""
    return rows[:limit], len(rows) > limit
