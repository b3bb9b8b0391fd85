"""A small client of the service, for examples and scripts: one class over httpx.

office = Client("http://127.0.0.1:8000", key)
run = office.post("/v1/runs", {"scenario_id": ..., "model_id": ...})
run = office.wait(f"/v1/runs/{run['id']}")
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx

OVER = ("done", "failed", "cancelled", "interrupted")


class Problem(Exception):
    """The service says no. ``code`` is stable, ``errors`` lists field, rule and remedy."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        self.status, self.body = status, body
        self.code = str(body.get("type", "")).rpartition(":")[2]
        self.errors = list(body.get("errors", ()))
        rules = "; ".join(f"{one['field']} {one['rule']}" for one in self.errors)
        super().__init__(f"{status} {self.code}: {body.get('detail') or body.get('title', '')} {rules}".strip())


class Client:
    """One caller of one service. Every change carries an idempotency key, so that a repeat has no second effect."""

    def __init__(self, url: str, key: str, *, language: str = "sv", timeout_s: float = 60.0) -> None:
        headers = {"Authorization": f"Bearer {key}", "Accept-Language": language}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=timeout_s)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """Read; ``Problem`` when the service says no."""
        return self._told(self._http.get(path, params=query)).json()

    def file(self, path: str, **query: Any) -> bytes:
        """Read something that is a file: a report, an export."""
        return self._told(self._http.get(path, params=query)).content

    def pages(self, path: str, name: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Every entry of a list, page after page; ``name`` is the list's own, such as ``plans``."""
        after = ""
        while after is not None:
            page = self.get(path, **query, **({"after": after} if after else {}))
            yield from page[name]
            after = page["next"]

    def post(
        self, path: str, body: Any = None, *, version: int | None = None, token: str | None = None
    ) -> dict[str, Any]:
        """Change something. ``version`` is the one that was read; ``token`` makes a repeat the same request."""
        headers = {"Idempotency-Key": token or str(uuid4())}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return self._told(self._http.post(path, json={} if body is None else body, headers=headers)).json()

    def wait(self, path: str, *, every_s: float = 0.5, longest_s: float = 3600.0) -> dict[str, Any]:
        """A run or what-if once it is over. TimeoutError when that takes too long."""
        until = time.monotonic() + longest_s
        while (shown := self.get(path))["state"] not in OVER:
            if time.monotonic() > until:
                raise TimeoutError(f"{path} is {shown['state']} after {longest_s:g} s")
            time.sleep(every_s)
        return shown

    @staticmethod
    def _told(answer: httpx.Response) -> httpx.Response:
        if answer.is_success:
            return answer
        try:
            body = answer.json()
        except ValueError:
            body = {"title": answer.reason_phrase}
        raise Problem(answer.status_code, body if isinstance(body, dict) else {})
