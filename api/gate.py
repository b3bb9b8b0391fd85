"""Who is let in: the key, the operation, the path. In this order, before anything of a handler runs."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping

from starlette.requests import Request

from nspl_opt.problems import did_you_mean
from nspl_opt.store import keys
from nspl_opt.store.actor import Actor
from nspl_opt.store.drafts import NATIONAL
from nspl_opt.store.errors import NotThere

from .calls import Call
from .limits import wait_header
from .permissions import Operation
from .problems import Fault, Refusal, language_of
from .services import Services

PLAIN = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}\Z", re.ASCII)
"""What an id, a code or a table's name in a path looks like; anything else is not there."""
TOKEN = re.compile(r"[!-~]{8,128}\Z", re.ASCII)
FOR_NATIONAL = frozenset({"list_recommendations", "answer_line"})
"""Operations in which ``national`` stands for the vehicles that are no single region's: the secretariat answers."""


def let_in(request: Request, operation: Operation, services: Services) -> Call:
    """The call, when the key may do this. Reads the store; not to be run on the event loop.

    Raises
    ------
    Refusal
        ``unauthorized``, ``too_many``, ``forbidden``, ``not_found``, ``invalid``.
    """
    language = language_of(request.headers.get("accept-language", ""))
    actor, seq = (None, 0) if operation.anyone else _actor(request, operation, services)
    scope = "anyone" if actor is None else operation.scope(actor.role, services.realm)
    parameters = {name: str(value) for name, value in request.path_params.items()}
    target = f"{operation.method} {operation.path}" + "".join(f" {value}" for value in parameters.values())
    if actor is not None:
        if wait := services.rate.take(actor.key_id):
            raise Refusal("too_many", headers=wait_header(wait))
        if scope is None:
            note_denied(services, actor, operation.name, "", "function")
            raise Refusal("forbidden")
    call = Call(
        operation, services, actor, scope or "", language, parameters,
        token=_token(request, operation), if_match=request.headers.get("if-match", "")[:64], target=target,
        query=request.url.query, seq=seq,
    )  # fmt: skip
    request.state.call = call
    _check_path(call)
    return call


def note_denied(services: Services, actor: Actor, action: str, object_id: str, why: str) -> None:
    """Write that something was denied; it is told only when it is written."""
    services.store.note(actor, action, object_id, "denied", {"why": why})


def _actor(request: Request, operation: Operation, services: Services) -> tuple[Actor, int]:
    text, address = _presented(request), request.client.host if request.client else ""
    headers = {"WWW-Authenticate": 'Basic realm="nspl-opt", charset="UTF-8"' if operation.browser else "Bearer"}
    if not text:
        raise Refusal("unauthorized", headers=headers)
    actor, seq = keys.find_at(services.store, text)
    if actor is not None:
        return actor, seq
    if wait := max(services.failures.take(address), services.failures.take(f"key {text[:19]}")):
        raise Refusal("too_many", headers=wait_header(wait))
    raise Refusal("unauthorized", headers=headers)


def _presented(request: Request) -> str:
    """The key that came with the request: ``Bearer``, or the password of ``Basic`` where only something is read."""
    kind, _, rest = request.headers.get("authorization", "")[:2000].partition(" ")
    if kind.lower() == "bearer":
        return rest.strip()
    if kind.lower() == "basic" and request.method == "GET":
        try:
            return base64.b64decode(rest.strip(), validate=True).decode("ascii").partition(":")[2]
        except (binascii.Error, ValueError):
            return ""
    return ""


def _token(request: Request, operation: Operation) -> str:
    token = request.headers.get("idempotency-key")
    if operation.token == "none" or (token is None and operation.token == "taken"):
        return ""
    if token is None:
        raise Refusal("invalid", [Fault("Idempotency-Key", "is missing", "send one of your own for each answer")])
    if not TOKEN.match(token):
        raise Refusal("invalid", [Fault("Idempotency-Key", "must be 8 to 128 plain characters", "send a UUID")])
    return token


def _check_path(call: Call) -> None:
    """What cannot be an id is not there; a region's caller finds only its own region. Both look the same."""
    if any(not PLAIN.match(value) for value in call.parameters.values()):
        raise NotThere("L401")
    region = call.parameters.get("region")
    if region is None:
        return
    if call.scope == "own" and region != call.region:
        raise NotThere("L401")
    if region not in call.services.regions and not _is_national(call, region):
        raise NotThere("L401")


def _is_national(call: Call, region: str) -> bool:
    return region == NATIONAL and call.region is None and call.operation.name in FOR_NATIONAL


def check_query(request: Request, known: set[str]) -> None:
    """Refuse parameters that the operation does not have, and the same one twice."""
    faults, seen = [], set()
    for name, _ in request.query_params.multi_items():
        shown = name if PLAIN.match(name) else "?"
        if name not in known:
            faults.append(Fault(f"query.{shown}", "is not known here", did_you_mean(name[:100], known)))
        elif name in seen:
            faults.append(Fault(f"query.{shown}", "is given twice", "give it once"))
        seen.add(name)
    if faults:
        raise Refusal("invalid", faults)


def headers_of(services: Services) -> Mapping[str, str]:
    """What stands on every answer."""
    found = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "X-Frame-Options": "DENY",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    }
    if services.realm == "exercise":
        found |= {"X-NSPL-Realm": "exercise"}
    return found
