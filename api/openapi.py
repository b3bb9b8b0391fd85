"""The description of the service for programs: FastAPI's, with keys, errors and roles told in it."""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from .permissions import load_operations
from .problems import MEDIA_TYPE, known_codes

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "description": "urn:nspl-opt:problem:CODE"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "names the line in the log, where the fault is ours"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "rule", "remedy"],
                "properties": {name: {"type": "string"} for name in ("field", "rule", "remedy")},
            },
        },
    },
}
MARKED = {"type": "string", "description": "only in a store for exercises, on every answer: it is one"}
ALWAYS = (401, 403, 404, 422, 429, 500, 503, 507)
WITH_BODY = (408, 409, 412, 413, 415, 428)


def describe(app: FastAPI) -> dict[str, Any]:
    """The whole description; the same for equal code, so it can be compared with the file that is committed."""
    if app.openapi_schema:
        return app.openapi_schema
    found = get_openapi(
        title="nspl-opt",
        version=app.version,
        description="Planer för regionernas hjälp till varandra. Plans for help between regions: recommendations only.",
        routes=app.routes,
    )
    parts = found.setdefault("components", {})
    parts["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    parts.setdefault("schemas", {})["Problem"] = PROBLEM
    for unused in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(unused, None)
    operations = load_operations()
    for ways in found["paths"].values():
        for described in ways.values():
            _mark(described, parts["schemas"])
            _complete(described, operations[described["operationId"]])
    app.openapi_schema = found
    return found


def _mark(described: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Tell of the mark on what an exercise answers; see ``marked``."""
    for status, answer in described["responses"].items():
        if not status.startswith("2"):
            continue
        schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
        for one in (schema, *schema.get("anyOf", ())):
            if name := one.get("$ref", "").rpartition("/")[2]:
                schemas[name]["properties"].setdefault("mark", MARKED)


def _complete(described: dict[str, Any], operation: Any) -> None:
    described["responses"].pop("422", None)
    statuses = [500, 503] if operation.anyone else list(ALWAYS)
    if operation.method == "POST":
        statuses += WITH_BODY
    if operation.method == "GET" and not operation.anyone:
        described["responses"]["304"] = {"description": "not changed since If-None-Match"}
    titles = {status: [] for status in statuses}
    for words in known_codes().values():
        titles.setdefault(words["status"], []).append(words["en"])
    for status in sorted(statuses):
        described["responses"][str(status)] = {
            "description": "; ".join(titles[status]),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    if not operation.anyone:
        described["security"] = [{"key": []}]
        described["x-roles"] = dict(operation.may)
    headers = {"required": (True,), "taken": (False,)}.get(operation.token, ())
    described.setdefault("parameters", []).extend(
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": required,
            "schema": {"type": "string", "pattern": "^[!-~]{8,128}$"},
            "description": "one of your own for each change; repeated, it gives the same answer and no second effect",
        }
        for required in headers
    )
    for required in {"required": (True,), "taken": (False,)}.get(operation.version, ()):
        described["parameters"].append(
            {
                "name": "If-Match",
                "in": "header",
                "required": required,
                "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
                "description": "the version that was read, in quotation marks",
            }
        )
    for parameter in described["parameters"]:
        if parameter["in"] == "path":
            parameter["schema"]["pattern"] = "^[0-9A-Za-z][0-9A-Za-z_-]{0,63}$"
    if not described["parameters"]:
        del described["parameters"]


def description_text(app: FastAPI) -> str:
    """The description as it is committed: sorted, one value a line."""
    return json.dumps(describe(app), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
