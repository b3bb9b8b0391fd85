"""The service itself: alive, counted, described."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, Literal

from fastapi import FastAPI
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response

from ..answers.base import ANYONE, Answer, gives
from ..calls import Call
from ..manual import entries, forms

PAGES = Path(__file__).parent.parent / "pages"


class Health(Answer):
    """Alive. No version and no counts: anyone may ask."""

    audiences: ClassVar[frozenset[str]] = ANYONE
    status: Literal["ok"] = "ok"


async def health(call: Call) -> Health:
    """Whether the service is alive."""
    return Health()


@gives(200, media_type="text/plain")
def metrics(call: Call) -> Response:
    """Counters in the text form that monitoring reads."""
    lines = ["# HELP nspl_opt_answers_total answers by operation and status", "# TYPE nspl_opt_answers_total counter"]
    for operation, status, count in call.services.counters.rows():
        lines.append(f'nspl_opt_answers_total{{operation="{operation}",status="{status}"}} {count}')
    lines += ["# HELP nspl_opt_alarms_total alarms by kind; see the audit", "# TYPE nspl_opt_alarms_total counter"]
    for kind, count in sorted(call.services.counters.alarms.items()):
        lines.append(f'nspl_opt_alarms_total{{kind="{kind}"}} {count}')
    for name, value in call.services.desk.load().items():
        lines += [f"# TYPE nspl_opt_runs_{name} gauge", f"nspl_opt_runs_{name} {value}"]
    return Response("\n".join([*lines, ""]).encode(), media_type="text/plain; version=0.0.4; charset=utf-8")


@gives(200, media_type="application/json")
def openapi(call: Call, request: Request) -> Response:
    """The description for programs."""
    text = json.dumps(request.app.openapi(), ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode(), media_type="application/json")


@gives(200, media_type="text/html")
def docs(call: Call, request: Request) -> Response:
    """The description for people: one page, no scripts, nothing fetched from elsewhere."""
    page, policy = _page(request.app, call.language, call.services.realm)
    return Response(page.encode(), media_type="text/html; charset=utf-8", headers={"Content-Security-Policy": policy})


@lru_cache(maxsize=4)
def _page(app: FastAPI, language: str, realm: str) -> tuple[str, str]:
    environment = Environment(loader=FileSystemLoader(PAGES), autoescape=True, undefined=StrictUndefined)
    style = (PAGES / "docs.css").read_text(encoding="utf-8")
    described = app.openapi()
    page = environment.get_template("docs.html").render(
        entries=entries(described, language), forms=forms(described, language), language=language, style=style,
        exercise=realm == "exercise",
    )  # fmt: skip
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return page, f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'; base-uri 'none'"
