"""Every error that can come up, as the refusal that is told. Nothing of what was sent is repeated."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from nspl_opt.problems import InvalidInput, did_you_mean
from nspl_opt.store import errors

from .limits import wait_header
from .problems import Fault, Refusal

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})
"""What the system says when nothing can be written, as the store's ``Full``: no room, or the disk fails."""
NO_ROOM_WAIT_S = 30

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}\Z", re.ASCII)
HTTP = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "media_type"}
RULES: Mapping[str, tuple[str, str]] = {
    "missing": ("is missing", "send it"),
    "extra_forbidden": ("is not known here", "leave it out"),
    "int_type": ("must be a whole number", "send a JSON number"),
    "int_from_float": ("must be a whole number", "send a JSON number without decimals"),
    "int_parsing": ("must be a whole number", "send another value"),
    "bool_parsing": ("must be true or false", "send one of them"),
    "float_type": ("must be a number", "send a JSON number"),
    "bool_type": ("must be true or false", "send one of them"),
    "string_type": ("must be text", "send a JSON string"),
    "list_type": ("must be a list", "send a JSON array"),
    "tuple_type": ("must be a list", "send a JSON array"),
    "dict_type": ("must be an object", "send a JSON object"),
    "model_type": ("must be an object", "send a JSON object"),
    "model_attributes_type": ("must be an object", "send a JSON object"),
    "finite_number": ("must be finite", "send another number"),
    "enum": ("is none of the values that are known", "see the description of the service"),
    "literal_error": ("is none of the values that are known", "see the description of the service"),
    "person": ("looks like a personal number", "write no personal data"),
    "string_pattern_mismatch": ("has not the form that is asked for", "send another value"),
}
LIMITS = {
    "greater_than_equal": ("ge", "must be at least {}"),
    "greater_than": ("gt", "must be more than {}"),
    "less_than_equal": ("le", "must be at most {}"),
    "less_than": ("lt", "must be less than {}"),
    "string_too_long": ("max_length", "must have at most {} characters"),
    "string_too_short": ("min_length", "must have at least {} characters"),
    "too_long": ("max_length", "must have at most {} entries"),
    "too_short": ("min_length", "must have at least {} entries"),
}


def refusal_of(error: Exception, body: Any = None) -> Refusal:
    """What is told of an error; ``internal`` of one that nobody foresaw. ``body`` is the model of what may be sent."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, RequestValidationError):
        return Refusal("invalid", list(_told(error.errors(), body)))
    if isinstance(error, InvalidInput):
        found = [
            Fault(_sent(one.where)[:200], f"{one.code}: {one.what[:300]}", one.remedy[:300]) for one in error.problems
        ]
        return Refusal("invalid", found)
    if isinstance(error, HTTPException):
        return Refusal(HTTP.get(error.status_code, "invalid"), headers=dict(error.headers or {}))
    if isinstance(error, errors.StoreError):
        return _of_store(error)
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return refusal_of_disk(error)
    return Refusal("internal")


def refusal_of_disk(error: OSError) -> Refusal:
    """Of a file that could not be written: ``no_room``, or ``busy`` where it is something else."""
    if error.errno in NO_ROOM:
        return Refusal("no_room", headers=wait_header(NO_ROOM_WAIT_S))
    return Refusal("busy", headers=wait_header(5))


def _of_store(error: errors.StoreError) -> Refusal:
    if isinstance(error, errors.NotThere):
        return Refusal("not_found")
    if isinstance(error, errors.Busy):
        return Refusal("busy", headers=wait_header(2))
    if isinstance(error, errors.Full):
        return Refusal("no_room", headers=wait_header(NO_ROOM_WAIT_S))
    if isinstance(error, errors.BadForm):
        found = [Fault(f"body.form.{path}" if path else "body.form", rule, "") for path, rule in error.faults]
        return Refusal(error.code, found, kind="invalid", sv=error.sv, en=error.en)
    if isinstance(error, errors.Unsound):
        values = error.values
        fault = Fault(str(values.get("field", "body")), str(values.get("what", error.en)), error.remedy_en)
        return Refusal(error.code, [fault], kind="invalid", sv=error.sv, en=error.en)
    if isinstance(error, errors.Stale):
        return Refusal(error.code, sv=error.sv, en=error.en, kind="stale")
    if error.code == "L212":
        return Refusal(error.code, sv=error.sv, en=error.en, kind="token_reused")
    if isinstance(error, errors.Refused):
        return Refusal(
            error.code, sv=f"{error.sv} {error.remedy_sv}", en=f"{error.en} {error.remedy_en}", kind="conflict"
        )
    return Refusal("internal")


def _sent(where: str) -> str:
    """The place as it was sent: what the command line takes with ``--set`` stands in ``overrides`` here."""
    return where.replace("--set ", "body.overrides.", 1)


def _told(found: Any, body: Any) -> Iterator[Fault]:
    for one in found:
        kind, told = one["type"], one.get("ctx", {})
        rule, remedy = RULES.get(kind, ("is not as asked for", "see the description of the service"))
        if kind in LIMITS:
            key, words = LIMITS[kind]
            rule, remedy = words.format(told.get(key, "?")), "send another value"
        elif kind in ("enum", "literal_error") and told.get("expected"):
            remedy = f"send one of: {told['expected']}"
        elif kind == "string_pattern_mismatch" and told.get("pattern"):
            rule = f"has not the form {told['pattern']}"
        elif kind == "extra_forbidden" and (known := names_at(body, one["loc"][1:-1])):
            remedy = did_you_mean(str(one["loc"][-1])[:100], known)
        yield Fault(_place(one["loc"]), rule, remedy)


def names_at(model: Any, place: Sequence[int | str]) -> tuple[str, ...]:
    """Names that may be sent at a place inside a model; none where that is no object of ours."""
    for part in place:
        if isinstance(part, str):
            field = getattr(_model_in(model), "model_fields", {}).get(part)
            model = None if field is None else field.annotation
    return tuple(getattr(_model_in(model), "model_fields", ()))


def _model_in(kind: Any) -> Any:
    """The model that an annotation leads to, as in ``list[Line] | None``; None where there is none."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind
    return next((found for part in get_args(kind) if (found := _model_in(part)) is not None), None)


def _place(parts: Any) -> str:
    """Where in the request; names that are none are not repeated."""
    shown = []
    for part in parts:
        plain = isinstance(part, int) or (isinstance(part, str) and NAME.match(part))
        shown.append(str(part) if plain else "?")
    return ".".join(shown) or "body"
