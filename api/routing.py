"""Routes made from ``permissions.toml``: every operation there has a function here, and no function is without one.

Who may do what is judged here, before a handler, its parameters or its body are looked at.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import inspect
import logging
import pkgutil
import secrets
import traceback
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from nspl_opt.store import audit, idempotency
from nspl_opt.store.clock import time_text

from . import routes
from .answers.base import Reply, marked
from .body import read_json
from .calls import Call, kept_reply
from .faults import refusal_of
from .gate import check_query, let_in, note_denied
from .limits import read_body
from .outgoing import check_outgoing
from .permissions import Operation, load_operations
from .polls import Poll, tag_of
from .problems import Refusal, language_of, problem_response
from .services import Services

log = logging.getLogger("nspl_opt.api")


async def _call_of(request: Request) -> Call:
    return request.state.call


CallDep = Annotated[Call, Depends(_call_of)]


def functions() -> dict[str, Callable[..., Any]]:
    """Every public function of the modules in ``routes``, by name."""
    found: dict[str, Callable[..., Any]] = {}
    for info in sorted(pkgutil.iter_modules(routes.__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{routes.__name__}.{info.name}")
        for name, value in vars(module).items():
            if inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_"):
                found[name] = value
    return found


def add_routes(app: FastAPI, services: Services) -> None:
    """Add a route for every operation.

    Raises
    ------
    ValueError
        An operation without a function, or a function without an operation.
    """
    operations, found = load_operations(), functions()
    if odd := set(operations) ^ set(found):
        raise ValueError(f"permissions.toml and routes differ: {', '.join(sorted(odd))}")
    for operation in operations.values():
        function = found[operation.name]
        app.router.routes.append(_route(operation, function, services))


def _route(operation: Operation, function: Callable[..., Any], services: Services) -> APIRoute:
    model = inspect.signature(function, eval_str=True).return_annotation
    plain = isinstance(model, type) and issubclass(model, Reply | Response | inspect.Signature.empty)
    documented = getattr(function, "documented", {}) if plain else {200: {"model": model}}
    return _guarded(operation, services)(
        operation.path,
        _answering(function),
        methods=[operation.method],
        name=operation.name,
        operation_id=operation.name,
        summary=operation.en,
        description=f"{operation.sv}.\n\n{inspect.getdoc(function) or ''}",
        tags=[operation.path.split("/")[2] if operation.path.startswith("/v1/") else "service"],
        response_model=None,
        status_code=min(documented, default=200),
        responses=documented,
    )


def _answering(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function as FastAPI calls it: what it gives becomes a response that has passed the last look."""

    def finish(call: Call, given: Any) -> Response:
        if isinstance(given, Response):
            return given
        reply = given if isinstance(given, Reply) else Reply(given)
        if not reply.kept:
            check_outgoing(reply, call.audience, call.region)
        noted = call.operation.leaves_row(call.region, getattr(reply.content, "state", ""))
        if noted:
            detail = {"format": call.format} if call.format else {}
            call.services.store.note(call.who, call.operation.name, "/".join(call.parameters.values()), "ok", detail)
        body, headers = _sent(reply, call.services.realm), dict(reply.headers)
        if reply.holds is not None and not noted:  # what is kept is given again without coming here
            headers["ETag"] = tag_of(body)
            call.services.polls.keep(call.asked, Poll(call.seq, reply.holds, body, headers["ETag"]))
        return Response(body, reply.status, headers, reply.media_type)

    @functools.wraps(function)
    def answer(call: Call, **given: Any) -> Response:
        return finish(call, function(call, **given))

    @functools.wraps(function)
    async def answer_at_once(call: Call, **given: Any) -> Response:
        return finish(call, await function(call, **given))

    signature = inspect.signature(function, eval_str=True)
    first, *rest = signature.parameters.values()
    found = answer_at_once if inspect.iscoroutinefunction(function) else answer
    found.__signature__ = signature.replace(parameters=[first.replace(annotation=CallDep), *rest])
    found.__annotations__ = {}
    return found


class _Read(Request):
    """A request whose body has been read and judged already."""

    def __init__(self, request: Request, raw: bytes, value: Any) -> None:
        super().__init__(request.scope, request.receive)
        self._raw, self._value = raw, value

    async def body(self) -> bytes:
        return self._raw

    async def json(self) -> Any:
        return self._value


def _guarded(operation: Operation, services: Services) -> type[APIRoute]:
    class Guarded(APIRoute):
        """A route that judges first and answers every outcome in one shape."""

        def get_route_handler(self) -> Callable[[Request], Any]:
            inner = super().get_route_handler()
            known = {field.alias for field in self.dependant.query_params}
            takes_body = self.body_field is not None
            body = self.body_field.field_info.annotation if takes_body else None

            async def handle(request: Request) -> Response:
                language = language_of(request.headers.get("accept-language", ""))
                try:
                    response = await _handled(request, operation, services, inner, known, takes_body)
                except Exception as error:
                    refusal = refusal_of(error, body)
                    response = await _refused(error, refusal, request, operation, services, language)
                response = _conditional(request, response)
                services.counters.count(operation.name, response.status_code)
                return response

            return handle

    return Guarded


async def _handled(
    request: Request, operation: Operation, services: Services, inner: Any, known: set[str], takes_body: bool
) -> Response:
    if operation.anyone:
        let_in(request, operation, services)  # nothing is looked up: no thread is waited for
    elif (known_answer := await services.doors.run(_let_in_or_answer, request, operation, services)) is not None:
        return known_answer
    call: Call = request.state.call
    check_query(request, known)
    raw = b""
    if operation.method == "POST":
        raw = await read_body(request, services.settings.body_limit, services.settings.body_time_s)
    value = None
    if takes_body:
        if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
            raise Refusal("media_type")
        value = read_json(raw)
    if call.token:
        call.body_sha256 = hashlib.sha256(raw).hexdigest()
        if (kept := await run_in_threadpool(_kept, call)) is not None:
            return kept
    return await inner(_Read(request, raw, value))


def _let_in_or_answer(request: Request, operation: Operation, services: Services) -> Response | None:
    """Let the call in; at once the answer to the same question, where one is kept that still holds."""
    call, store = let_in(request, operation, services), services.store
    if operation.method != "GET":
        return None

    def since(seq: int) -> frozenset[str]:
        return store.run_read(lambda read: audit.changes_since(read, seq))

    poll = services.polls.find(call.asked, call.seq, time_text(store.now()), since)
    return None if poll is None else Response(poll.content, 200, {"ETag": poll.tag}, "application/json")


def _kept(call: Call) -> Response | None:
    """The answer to the same request before; what comes twice at once is found in the transaction (``Call.change``)."""
    found = call.services.store.run_read(lambda read: idempotency.replay(read, call.request))
    if found is None:
        return None
    reply = kept_reply(found)
    return Response(_sent(reply, call.services.realm), reply.status, dict(reply.headers), reply.media_type)


def _sent(reply: Reply, realm: str) -> bytes:
    body = reply.rendered()
    return marked(body, realm) if reply.media_type == "application/json" else body


async def _refused(
    error: Exception, refusal: Refusal, request: Request, operation: Operation, services: Services, language: str
) -> Response:
    """Any error as a problem. What is our fault stands in the log by its incident, without what was sent."""
    incident = ""
    if refusal.status >= 500:
        incident = secrets.token_hex(8)
        where = "".join(traceback.format_tb(error.__traceback__)[-3:]).replace("\n", " | ")
        log.error("incident %s in %s: %s at %s", incident, operation.name, type(error).__name__, where)
    call: Call | None = getattr(request.state, "call", None)
    if refusal.status == 404 and call is not None and call.region is not None:
        try:
            await run_in_threadpool(note_denied, services, call.who, operation.name, "", "object")
        except Exception as failed:
            refusal = refusal_of(failed)
    return problem_response(refusal, language, incident)


def _conditional(request: Request, response: Response) -> Response:
    """ETag on what was read; 304 where the caller has it already."""
    if request.method != "GET" or response.status_code != 200 or not isinstance(getattr(response, "body", None), bytes):
        return response
    tag = response.headers.get("ETag") or tag_of(response.body)
    response.headers["ETag"] = tag
    response.headers.setdefault("Cache-Control", "private, no-cache")
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "")[:4000].split(",")]
    if tag in known or "*" in known:
        return Response(None, 304, {name: response.headers[name] for name in ("etag", "cache-control")})
    return response
