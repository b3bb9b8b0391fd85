"""Errors in one shape: RFC 9457 ``application/problem+json``. What was sent is never repeated."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from starlette.responses import Response

WORDS = Path(__file__).parent / "words.toml"
MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 50


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a request: where, which rule, what to do."""

    field: str
    rule: str
    remedy: str = ""


class Refusal(Exception):
    """A request that is refused. ``code`` is one of ``words.toml``, or the store's own, with its words and status."""

    def __init__(
        self,
        code: str,
        faults: Iterable[Fault] = (),
        headers: Mapping[str, str] | None = None,
        *,
        sv: str = "",
        en: str = "",
        kind: str | None = None,
    ) -> None:
        self.code, self.faults = code, tuple(faults)
        self.headers, self.sv, self.en = dict(headers or {}), sv, en
        self.kind = kind or code
        super().__init__(code)

    @property
    def status(self) -> int:
        """HTTP status."""
        return _words()[self.kind]["status"]


@cache
def _words() -> Mapping[str, Any]:
    with open(WORDS, "rb") as stream:
        return tomllib.load(stream)


def known_codes() -> Mapping[str, Any]:
    """Every code with its status and words."""
    return _words()


def language_of(accept: str) -> str:
    """``sv`` or ``en``, whichever ``Accept-Language`` names first; Swedish where it names neither."""
    for part in accept[:200].lower().split(","):
        tag = part.split(";")[0].strip()[:2]
        if tag in ("sv", "en"):
            return tag
    return "sv"


def problem_body(refusal: Refusal, language: str, incident: str = "") -> dict[str, Any]:
    """The members of the problem. ``incident`` names the line in the log where the cause stands."""
    words = _words()[refusal.kind]
    body: dict[str, Any] = {
        "type": f"urn:nspl-opt:problem:{refusal.code}",
        "title": words[language],
        "status": refusal.status,
    }
    detail = refusal.sv if language == "sv" else refusal.en
    if detail:
        body["detail"] = detail
    if incident:
        body["instance"] = f"urn:nspl-opt:incident:{incident}"
    if refusal.faults:
        shown = refusal.faults[:MOST_ERRORS]
        body["errors"] = [{"field": one.field, "rule": one.rule, "remedy": one.remedy} for one in shown]
    return body


def problem_response(refusal: Refusal, language: str, incident: str = "") -> Response:
    """The refusal as an answer."""
    text = json.dumps(problem_body(refusal, language, incident), ensure_ascii=False, separators=(",", ":"))
    headers = {"Content-Language": language, "Cache-Control": "no-store", **refusal.headers}
    return Response(text.encode(), refusal.status, headers, MEDIA_TYPE)
