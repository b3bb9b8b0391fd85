"""The last look at what leaves: nothing goes to an audience it was not made for, nothing foreign to a region.

Independent of the filters in SQL: it looks at the answer itself. What it finds is a fault of the service.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from .answers.base import Answer, Reply


class Leak(Exception):
    """An answer that must not leave. Says which model, never what is in it."""


def check_outgoing(reply: Reply, audience: str, region: str | None) -> None:
    """Look at every model in the answer.

    Raises
    ------
    Leak
        A model was not made for the audience, holds another region's matters, or bytes go to a region unlooked at.
    """
    if isinstance(reply.content, bytes):
        if audience != "secretariat" and not reply.rows and reply.content:
            raise Leak("bytes")
        parts: Iterable[Any] = reply.rows
    else:
        parts = (reply.content,)
    for one in _models(parts):
        if audience not in one.audiences:
            raise Leak(type(one).__name__)
        if audience == "region" and not (region and one.may_see(region)):
            raise Leak(type(one).__name__)


def _models(value: Any) -> Iterator[Answer]:
    if isinstance(value, Answer):
        yield value
        for name in type(value).model_fields:
            yield from _models(getattr(value, name))
    elif isinstance(value, dict):
        for one in value.values():
            yield from _models(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _models(one)
