"""The journal of a sweep: one line of JSON per case done, so that a sweep that was ended goes on."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from nspl_opt.solver.change import MatrixChange

SOLVED_BY = ("nspl-opt", "highspy", "numpy")
"""Packages whose version can change a result."""


class Journal:
    """Results by key, kept in a file; without a file only remembered. A torn last line is left out."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._stream: TextIO | None = None
        self.done: dict[str, dict[str, Any]] = {}
        if path is not None and path.is_file():
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                entry = _entry(line)
                if entry is not None:
                    self.done[entry["key"]] = entry["result"]

    def __enter__(self) -> Journal:
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            torn = self._path.is_file() and not self._path.read_bytes().endswith(b"\n")
            self._stream = open(self._path, "a", encoding="utf-8")
            if torn and self._stream.tell():
                self._stream.write("\n")
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()

    def add(self, key: str, case: str, result: dict[str, Any]) -> None:
        """Keep a result; it is on disk when this returns."""
        self.done[key] = result
        if self._stream is not None:
            self._stream.write(json.dumps({"key": key, "case": case, "result": result}, sort_keys=True) + "\n")
            self._stream.flush()


def _entry(line: str) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    sound = isinstance(entry, dict) and isinstance(entry.get("key"), str) and isinstance(entry.get("result"), dict)
    return entry if sound and isinstance(entry["result"].get("status"), str) else None


def digest_of(parts: Mapping[str, np.ndarray], settings: Mapping[str, Any], whole: bool) -> str:
    """What a base is: SHA-256 of its matrix, the solver's settings and versions, and what is asked for."""
    told = json.dumps([dict(settings), whole, {name: version(name) for name in SOLVED_BY}], sort_keys=True, default=str)
    found = hashlib.sha256(told.encode())
    for name in sorted(parts):
        _feed(found, name, parts[name])
    return found.hexdigest()


def key_of(digest: str, change: MatrixChange | None) -> str:
    """What a case is: SHA-256 of its base and its change. The name does not matter; no change is the base."""
    found = hashlib.sha256(digest.encode())
    for field in dataclasses.fields(MatrixChange):
        if field.name != "name" and change is not None and not change.empty:
            _feed(found, field.name, getattr(change, field.name))
    return found.hexdigest()


def _feed(found: Any, name: str, array: np.ndarray) -> None:
    array = np.ascontiguousarray(array)
    found.update(f"{name} {array.dtype} {array.shape}".encode())
    found.update(array.tobytes())
