"""How many requests are worked at at once: who comes on top is told so, instead of waiting behind all the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, move_on_after
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .limits import wait_header
from .problems import Refusal, language_of, problem_response

T = TypeVar("T")

DOORS, WAIT_S = 4, 5.0
"""Requests that are let in, or answered from what is kept, at once; longest wait for that [s]."""


class Doors:
    """Threads for the look at the key that every request begins with.

    They are few: Python runs one thread at a time, and what a thread must wait for its turn grows with their number.
    With forty of them, those who write waited seconds in a rush and the loop itself stood still for ten (measured);
    with four, half a second and not at all.
    """

    def __init__(self, wait_s: float = WAIT_S) -> None:
        self._free, self._wait_s = CapacityLimiter(DOORS), wait_s

    async def run(self, function: Callable[..., T], *args: object) -> T:
        """What ``function`` gives, called in a thread.

        Raises
        ------
        Refusal
            ``busy``: no thread was free in time.
        """
        with move_on_after(self._wait_s):  # a thread that has begun is not cancelled
            return await run_sync(function, *args, limiter=self._free)
        raise Refusal("busy", headers=wait_header(1))


class Crowd:
    """At most ``most`` requests between their arrival and the beginning of their answer; streams count until then.

    Whether the service is alive is answered always: it is alive.
    """

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app, self.most, self.inside = app, most, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == "/health":
            await self.app(scope, receive, send)
            return
        if self.inside >= self.most:
            language = language_of(Request(scope).headers.get("accept-language", ""))
            await problem_response(Refusal("busy", headers=wait_header(1)), language)(scope, receive, send)
            return
        self.inside += 1
        counted = True

        def leave() -> None:
            nonlocal counted
            self.inside -= counted
            counted = False

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                leave()
            await send(message)

        try:
            await self.app(scope, receive, sent)
        finally:
            leave()
