"""Pages of a list: how many, and after which. Totals are not told: they would tell of what one may not see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeVar

from fastapi import Query

T = TypeVar("T")
MOST = 200
LimitQuery = Annotated[int, Query(ge=1, le=MOST, description="entries of a page")]
AfterQuery = Annotated[str, Query(pattern=r"^[0-9]{0,15}$", description="the `next` of the page before")]
AfterIdQuery = Annotated[
    str, Query(pattern=r"^([a-z_]{2,16}-[lx]-[0-9a-f]{32})?$", description="the `next` of the page before")
]


def cut(rows: Sequence[T], limit: int) -> tuple[Sequence[T], bool]:
    """The rows of this page, of one more than a page, and whether there is another page."""
    return rows[:limit], len(rows) > limit
