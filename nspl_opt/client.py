"""A client of the web service: ``Client(url, key)``, one method per thing to do, answers as plain dictionaries.

Needs httpx, which comes with ``pip install 'nspl-opt[api]'``. The client takes care of pages (lists come whole), of
ETag (what has not changed is not sent twice), of versions (``If-Match`` from what was read) and of repeats: every
change carries a token of its own, so that one that got lost on the way is sent again without being done twice.
"""

from __future__ import annotations

import ipaddress
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

Row = dict[str, Any]
OVER = ("done", "failed", "cancelled", "interrupted")
TRIES = 5
"""How often a request is sent when the service is busy or cannot be reached."""
LONGEST_WAIT_S = 10.0
KEPT = 64
"""Answers kept to be asked for with their ETag."""


class ServiceError(Exception):
    """The service said no, or did not answer.

    ``code`` is the problem's code (``unreachable`` and ``too_slow`` are the client's own), ``words`` its words in the
    language asked for, ``status`` the HTTP status (0 without an answer), ``incident`` names the line in the service's
    log where the cause stands, ``errors`` what was wrong: rows of ``field``, ``rule``, ``remedy``.
    """

    def __init__(self, code: str, words: str, status: int = 0, incident: str = "", errors: Sequence[Row] = ()) -> None:
        self.code, self.words, self.status = code, words, status
        self.incident, self.errors = incident, tuple(errors)
        told = [f"{code}: {words}", *(f"{one['field']} {one['rule']}; {one['remedy']}" for one in self.errors)]
        super().__init__("\n".join([*told, *([f"incident {incident}"] if incident else [])]))


class Client:
    """One caller of one service. Close it, or use it in ``with``.

    ``url`` is https, or http on this machine (else ``ValueError``: a key would go over the network unprotected);
    ``language`` sv or en, for words people read; ``timeout_s`` the longest silence of the service [s]; ``verify`` an
    ``ssl.SSLContext`` where the service has a certificate authority of its own.
    """

    def __init__(self, url: str, key: str, language: str = "sv", timeout_s: float = 30.0, verify: Any = True) -> None:
        place = httpx.URL(url)
        if place.scheme != "https" and not (place.scheme == "http" and _is_own_machine(place.host)):
            raise ValueError("a key goes over https only, or over http on this machine")
        headers = {"Authorization": f"Bearer {key}", "Accept-Language": language}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=timeout_s, verify=verify, trust_env=False)
        self._kept: OrderedDict[str, tuple[str, bytes]] = OrderedDict()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def scenarios(self) -> list[Row]:
        """The latest version of every scenario; for a region the titles of those behind published plans."""
        return self._all("/v1/scenarios", "scenarios")

    def add_scenario(self, name: str, files: Path | Mapping[str, str]) -> Row:
        """Add a scenario, or its next version: a folder, or name -> text of ``scenario.toml`` and its tables."""
        if isinstance(files, Path):
            paths = (one for one in sorted(files.iterdir()) if one.suffix in (".toml", ".csv"))
            files = {one.name: one.read_text(encoding="utf-8") for one in paths}
        return self._post("/v1/scenarios", {"name": name, "files": dict(files)})

    def models(self) -> list[Row]:
        """The latest version of every model file."""
        return self._all("/v1/models", "models")

    def add_model(self, name: str, text: Path | str) -> Row:
        """Add a model file, or its next version: a file, or its text."""
        whole = text.read_text(encoding="utf-8") if isinstance(text, Path) else text
        return self._post("/v1/models", {"name": name, "text": whole})

    def run(
        self, scenario_id: str, model_id: str, progress: Callable[[Row], None] | None = None,
        within_s: float = 86_400.0, **wanted: Any,
    ) -> Row:  # fmt: skip
        """Make a plan and wait for it; the run as it ended, with ``plan_id`` where there is one. See ``start_run``."""
        return self.wait(self.start_run(scenario_id, model_id, **wanted)["id"], progress, within_s)

    def start_run(self, scenario_id: str, model_id: str, **wanted: Any) -> Row:
        """Hand in a run. ``wanted``: ``overrides``, ``level``, ``time_limit_s`` [s], ``based_on`` (a plan's id)."""
        return self._post("/v1/runs", {"scenario_id": scenario_id, "model_id": model_id, **wanted})

    def wait(self, run_id: str, progress: Callable[[Row], None] | None = None, within_s: float = 86_400.0) -> Row:
        """The run when it has ended; ``progress`` gets stage, value, bound, gap and seconds as they come.

        Raises
        ------
        ServiceError
            ``too_slow``: it has not ended within so many seconds; it goes on, and can be waited for again.
        """
        until, seen = time.monotonic() + within_s, 0
        while (shown := self.read_run(run_id))["state"] not in OVER:
            if time.monotonic() > until:
                raise ServiceError("too_slow", f"{run_id} has not ended within {within_s:g} s")
            for news in self._news(run_id, until):
                if progress is not None and news["seq"] > seen:
                    progress(news)
                seen = max(seen, news["seq"])
            time.sleep(0.5)
        return shown

    def read_run(self, run_id: str) -> Row:
        """How far a run has come, and which agreements its plan could not keep."""
        return self.get(f"/v1/runs/{run_id}")

    def cancel(self, run_id: str) -> Row:
        """Ask a run to end; its best plan so far is kept."""
        return self._post(f"/v1/runs/{run_id}/cancel")

    def plans(self) -> list[Row]:
        """Plans, the latest first; for a region those published."""
        return self._all("/v1/plans", "plans")

    def plan(self, plan_id: str) -> Row:
        """One plan in short."""
        return self.get(f"/v1/plans/{plan_id}")

    def table(self, plan_id: str, table: str) -> list[Row]:
        """A table of a plan, row by row; for a region the rows that concern it."""
        found = []
        for page in self._pages(f"/v1/plans/{plan_id}/tables/{table}"):
            names = [column["name"] for column in page.get("columns", ())]
            found += [dict(zip(names, row, strict=True)) if names else row for row in page["rows"]]
        return found

    def compare(self, plan_id: str, other_id: str) -> Row:
        """What differs from the first plan to the other, and why."""
        return self.get(f"/v1/plans/{plan_id}/compare/{other_id}")

    def export(self, plan_id: str, form: str = "json", table: str = "transfers") -> bytes:
        """A plan as a file: json, csv (one table), xlsx, geojson or mps."""
        wanted = {"format": form, **({"table": table} if form == "csv" else {})}
        return self._send("GET", f"/v1/plans/{plan_id}/export", params=wanted).content

    def publish(self, plan_id: str, note: str = "") -> Row:
        """Ask for a plan to be published; the second person's call publishes it."""
        return self._post(f"/v1/plans/{plan_id}/publish", {"note": note})

    def withdraw(self, plan_id: str, note: str = "") -> Row:
        """Ask for a published plan to be withdrawn; the second person's call withdraws it."""
        return self._post(f"/v1/plans/{plan_id}/withdraw", {"note": note})

    def recommendations(self, region: str, open_only: bool = False) -> list[Row]:
        """What is recommended to a region: transfers and loans in and out, with why and until when to answer."""
        return self._all(f"/v1/regions/{region}/recommendations", "lines", {"open_only": str(open_only).lower()})

    def answer(self, region: str, line: Row, answer: str, **more: Any) -> Row:
        """Answer a line as it was read: ``accept``, ``counter``, ``decline`` ...; the line as it stands then.

        ``more``: ``amount``, ``counter``, ``reason``, ``party``, ``legal_basis``. Status 412: somebody else was first,
        so read the line again and look before answering. An operator's answer becomes one of its ``proposals``.
        """
        sent = {"line_id": line["id"], "answer": answer, **more}
        return self._post(f"/v1/regions/{region}/answers", sent, line["version"])

    def state_capacity(
        self, region: str, side: str, what: str, amount: int, from_time: str, to_time: str, confirmed: bool = False
    ) -> Row:
        """State what a region can ``give`` or ``take`` between two local times, as ``2027-01-11T06:00``."""
        sent = {"side": side, "what": what, "amount": amount, "from_time": from_time, "to_time": to_time}
        return self._post(f"/v1/regions/{region}/capacity", {**sent, "confirmed": confirmed})

    def help_requests(self) -> list[Row]:
        """Help requests, the latest first; for a region its own."""
        return self._all("/v1/help-requests", "help_requests")

    def help_request(self, form: Row, submit: bool = True, **more: Any) -> Row:
        """Ask for help with the form filled in; a draft unless it is submitted."""
        return self._post("/v1/help-requests", {"form": form, "submit": submit, **more})

    def step_help_request(self, request: Row, state: str | None = None, **more: Any) -> Row:
        """Take a request, as it was read, to its next ``state``; or write its ``form`` anew."""
        sent = {**({"state": state} if state else {}), **more}
        return self._post(f"/v1/help-requests/{request['id']}/steps", sent, request["version"])

    def what_if(self, base_plan: str, *changes: Row, within_s: float = 300.0) -> Row:
        """Try changes beside a plan and wait for what came of it; a change is ``lever``, ``place``, ``change`` ..."""
        asked = self._post("/v1/what-if", {"base_plan": base_plan, "changes": list(changes)})
        until = time.monotonic() + within_s
        while asked["state"] not in OVER:
            if time.monotonic() > until:
                raise ServiceError("too_slow", f"{asked['id']} has not ended within {within_s:g} s")
            time.sleep(0.5)
            asked = self.get(f"/v1/what-if/{asked['id']}")
        return asked

    def keys(self) -> list[Row]:
        """Keys that were issued, never the keys themselves."""
        return self._all("/v1/keys", "keys")

    def issue_key(self, role: str, holder: str, region: str | None = None, **more: Any) -> Row:
        """Issue a key, shown in the answer and never again. Not sent twice: a lost answer is a key to be revoked."""
        wanted = {"role": role, "holder": holder, **({"region": region} if region else {}), **more}
        return json.loads(self._send("POST", "/v1/keys", tries=1, json=wanted).content)

    def revoke_key(self, key_id: str) -> Row:
        """End a key at once."""
        return self._post(f"/v1/keys/{key_id}/revoke")

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Row:
        """Anything else that the service tells, such as ``/v1/national`` or ``/v1/help-requests/schema``."""
        name = f"{path}?{sorted((params or {}).items())}"
        tag, body = self._kept.get(name, ("", b""))
        answer = self._send("GET", path, params=params, headers={"If-None-Match": tag} if tag else {})
        if answer.status_code != 304:
            body = answer.content
            self._kept[name] = (answer.headers.get("etag", ""), body)
        self._kept.move_to_end(name)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return json.loads(body)

    def _pages(self, path: str, params: Mapping[str, str] | None = None) -> Iterator[Row]:
        wanted = {"limit": "200", **(params or {})}
        while True:
            page = self.get(path, wanted)
            yield page
            if not page["next"]:
                return
            wanted["after"] = page["next"]

    def _all(self, path: str, name: str, params: Mapping[str, str] | None = None) -> list[Row]:
        return [row for page in self._pages(path, params) for row in page[name]]

    def _post(self, path: str, body: Row | None = None, version: int | None = None) -> Row:
        headers = {"Idempotency-Key": str(uuid4())}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return json.loads(self._send("POST", path, json=body or {}, headers=headers).content)

    def _send(self, method: str, path: str, tries: int = TRIES, **given: Any) -> httpx.Response:
        for left in reversed(range(tries)):
            try:
                answer = self._http.request(method, path, **given)
            except httpx.TransportError as error:
                if not left:
                    raise ServiceError("unreachable", f"no answer: {type(error).__name__}") from None
                time.sleep(0.5)
                continue
            if answer.status_code < 400:
                return answer
            wait = answer.headers.get("retry-after", "")
            if answer.status_code not in (429, 503) or not wait.isdigit() or float(wait) > LONGEST_WAIT_S or not left:
                raise _error_of(answer)
            time.sleep(float(wait))
        raise AssertionError("every try ends above")

    def _news(self, run_id: str, until: float) -> Iterator[Row]:
        """News of a run as they come, until it ends, the stream breaks or the time is up: who waits looks again."""
        name = ""
        try:
            with self._http.stream("GET", f"/v1/runs/{run_id}/events") as answer:
                for line in answer.iter_lines() if answer.status_code == 200 else ():
                    name = line[7:] if line.startswith("event: ") else name
                    if line.startswith("data: ") and name == "progress":
                        yield json.loads(line[6:])
                    if time.monotonic() > until:
                        return
        except httpx.TransportError:
            return


def _is_own_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _error_of(answer: httpx.Response) -> ServiceError:
    """The problem in the answer; a proxy's own page is told by its status."""
    try:
        told = answer.json()
        code = told["type"].rpartition(":")[2]
        words = " ".join(told[name] for name in ("title", "detail") if told.get(name))
    except (ValueError, KeyError, TypeError, AttributeError):
        return ServiceError("unreadable", f"status {answer.status_code} without a problem", answer.status_code)
    incident = str(told.get("instance", "")).rpartition(":")[2]
    return ServiceError(code, words, answer.status_code, incident, told.get("errors", ()))
