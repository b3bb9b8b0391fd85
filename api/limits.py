"""How much one caller may ask for: token buckets that are refilled by the clock, and how bodies are read."""

from __future__ import annotations

import asyncio
import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import ClientDisconnect, Request

from .problems import Fault, Refusal

MOST_BUCKETS = 10_000


@dataclass
class _Bucket:
    """What is left, and when it was counted last [s]."""

    left: float
    at: float


class Buckets:
    """Token buckets by name. ``rate`` tokens per second, at most ``burst`` saved up. Safe between threads.

    The bucket that was not used for longest is forgotten when there are too many: it was full by then or nearly so.
    """

    def __init__(self, rate: float, burst: float, now: Callable[[], float]) -> None:
        self.rate, self.burst, self._now = rate, burst, now
        self._found: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, name: str) -> float:
        """Take one token: 0 when there was one, else the seconds until there will be [s]."""
        with self._lock:
            bucket = self._counted(name)
            if bucket.left >= 1:
                bucket.left -= 1
                return 0.0
            return (1 - bucket.left) / self.rate

    def _counted(self, name: str) -> _Bucket:
        now = self._now()
        bucket = self._found.pop(name, None) or _Bucket(self.burst, now)
        bucket.left = min(self.burst, bucket.left + max(now - bucket.at, 0.0) * self.rate)
        bucket.at = now
        self._found[name] = bucket
        while len(self._found) > MOST_BUCKETS:
            self._found.popitem(last=False)
        return bucket


def wait_header(seconds: float) -> dict[str, str]:
    """``Retry-After`` in whole seconds, at least one."""
    return {"Retry-After": str(max(1, math.ceil(seconds)))}


async def read_body(request: Request, largest: int, longest_s: float) -> bytes:
    """The body, never more than ``largest`` bytes and never waited for longer than ``longest_s`` seconds.

    Raises
    ------
    Refusal
        ``too_large`` or ``body_timeout``.
    """
    told = request.headers.get("content-length", "")
    if told.isascii() and told.isdigit() and len(told) < 20 and int(told) > largest:
        raise _too_large(largest)
    parts, size = [], 0
    try:
        async with asyncio.timeout(longest_s):
            async for part in request.stream():
                size += len(part)
                if size > largest:
                    raise _too_large(largest)
                parts.append(part)
    except TimeoutError:
        raise Refusal("body_timeout", headers={"Connection": "close"}) from None
    except ClientDisconnect:
        raise Refusal("body_timeout") from None
    return b"".join(parts)


def _too_large(largest: int) -> Refusal:
    return Refusal("too_large", [Fault("body", f"is larger than {largest} bytes", "send less at a time")])
