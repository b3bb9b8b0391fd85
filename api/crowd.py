"""How many requests are worked at at once: who comes on top is told so, instead of waiting behind all the others."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .limits import wait_header
from .problems import Refusal, language_of, problem_response


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
