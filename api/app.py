"""The application: its routes, its description of itself, and one shape for every error."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nspl_opt.store.store import Store

from .crowd import Crowd
from .desk import Desk
from .faults import refusal_of
from .gate import headers_of
from .openapi import describe
from .problems import language_of, problem_response
from .routing import add_routes
from .services import Services, make_services
from .settings import Settings


def create_app(settings: Settings, store: Store | None = None, services: Services | None = None) -> FastAPI:
    """The service over one store.

    Parameters
    ----------
    store
        An open store; opened from ``settings.database`` and closed at the end where it is left out.
    services
        Put together already, as tests do; then nothing is opened here.

    Raises
    ------
    Unfit
        The store cannot be opened, or belongs to another realm.
    """
    own = store is None and services is None
    if services is None:
        opened = store or Store.open(settings.database, realm=settings.realm)
        services = make_services(settings, opened, Desk(settings, opened))

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(services.desk.start)
        try:
            yield
        finally:
            await run_in_threadpool(services.desk.stop)
            if own:
                await run_in_threadpool(services.store.close)

    app = FastAPI(
        title="nspl-opt", version="1", docs_url=None, redoc_url=None, openapi_url=None, lifespan=running,
        redirect_slashes=False, separate_input_output_schemas=False,
    )  # fmt: skip
    app.state.services = services
    add_routes(app, services)
    app.add_exception_handler(HTTPException, _told)
    app.add_exception_handler(Exception, _told)
    app.add_middleware(Crowd, most=settings.at_once)
    app.add_middleware(_Dressed, services=services)
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]
    return app


async def _told(request: Request, error: Exception) -> Response:
    """What no route answers: unknown paths and methods."""
    refusal = refusal_of(error)
    if refusal.status == 405:
        refusal.headers = {"Allow": ", ".join(sorted(_methods(request)))}
    return problem_response(refusal, language_of(request.headers.get("accept-language", "")))


def _methods(request: Request) -> set[str]:
    """Every method that some route takes on this path."""
    matching = [route for route in request.app.routes if route.matches(request.scope)[0] != Match.NONE]
    return set().union(*(route.methods or () for route in matching))


class _Dressed:
    """Puts the headers of ``headers_of`` on every answer, those of refused requests too."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self.app = app
        self.headers = [(name.lower().encode(), value.encode()) for name, value in headers_of(services).items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = {name for name, _ in message["headers"]}
                more: list[Any] = [pair for pair in self.headers if pair[0] not in there]
                message = {**message, "headers": [*message["headers"], *more]}
            await send(message)

        await self.app(scope, receive, sent if scope["type"] == "http" else send)
