"""Stored plans as the service reads them: tables straight from the archive, and files made from it once."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from nspl_opt import plan as plan_package
from nspl_opt.plan.plan import TABLES
from nspl_opt.store import plans
from nspl_opt.store.errors import NotThere
from nspl_opt.store.store import Store

from .limits import wait_header
from .problems import Refusal
from .rendering import FULL
from .settings import Settings

RENDER_S = 240
"""Longest time for making one file [s]."""
AT_ONCE = threading.BoundedSemaphore(2)
ENDINGS = {"report": "html", "xlsx": "xlsx", "geojson": "geojson", "mps": "mps", "compare": "json"}

Value = str | int | float | bool | None


def _typed(kind: str) -> Callable[[str], Value]:
    if kind == "whole":
        return lambda text: None if text == "" else int(text)
    if kind == "number":
        return lambda text: None if text == "" else float(text)
    if kind == "flag":
        return lambda text: text == "true"
    return lambda text: text


class Archive:
    """One stored plan, read only."""

    def __init__(self, content: bytes) -> None:
        self._zip = zipfile.ZipFile(io.BytesIO(content))
        self._names = set(self._zip.namelist())
        self._lock = threading.Lock()

    def head(self) -> dict[str, Any]:
        """``plan.json``."""
        return json.loads(self._read("plan.json"))

    def tables(self) -> tuple[str, ...]:
        """Names of the tables it has, in the order of the contract."""
        return tuple(name for name in TABLES if f"{name}.csv" in self._names)

    def rows(self, table: str) -> Iterator[dict[str, Value]]:
        """The rows of a table, typed; ``NotThere`` when the plan has no such table."""
        if table not in TABLES or f"{table}.csv" not in self._names:
            raise NotThere("L401")
        kinds = {column.name: _typed(column.kind) for column in TABLES[table]}
        for row in csv.DictReader(io.StringIO(self._read(f"{table}.csv"))):
            yield {name: kinds[name](text) for name, text in row.items()}

    def columns(self, table: str) -> tuple[str, ...]:
        """The columns that a table of this plan has."""
        return tuple(self._read(f"{table}.csv").partition("\n")[0].strip().split(","))

    def _read(self, name: str) -> str:
        with self._lock:
            return self._zip.read(name).decode("utf-8")


def open_archive(store: Store, plan_id: str) -> Archive:
    """The archive of a plan; ``NotThere``. The last few stay open: plans never change."""
    return _opened(store, plan_id)


@lru_cache(maxsize=4)
def _opened(store: Store, plan_id: str) -> Archive:
    return Archive(store.run_read(lambda read: plans.read_archive(read, plan_id)))


def rendered(settings: Settings, store: Store, kind: str, language: str, *plan_ids: str) -> bytes:
    """A page or file of a plan (``rendering.KINDS``), made in a process of its own the first time it is asked for.

    Raises
    ------
    Refusal
        ``busy``, when too many are being made or it takes too long; ``no_room`` for it.
    """
    folder = settings.work_dir / "rendered"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    out = folder / f"{'.'.join(plan_ids)}.{language}.{ENDINGS[kind]}"
    if not out.is_file():
        if not AT_ONCE.acquire(timeout=30):
            raise Refusal("busy", headers=wait_header(30))
        try:
            if not out.is_file():
                _render(settings, store, kind, language, out, plan_ids)
        finally:
            AT_ONCE.release()
    return out.read_bytes()


def _render(settings: Settings, store: Store, kind: str, language: str, out: Path, plan_ids: tuple[str, ...]) -> None:
    place = out.parent / f"at-work-{os.getpid()}-{threading.get_ident()}"
    try:
        folders = []
        for number, plan_id in enumerate(plan_ids):
            content = store.run_read(lambda read, plan_id=plan_id: plans.read_archive(read, plan_id))
            folders.append(str(plans.archive.unpack(content, place / str(number))))
        program, made = Path(__file__).with_name("rendering.py"), place.absolute() / out.name
        ran = subprocess.run(
            [sys.executable, str(program), kind, language, str(made), *folders],
            env=_environment(settings, place.absolute()),
            stdin=subprocess.DEVNULL, capture_output=True, timeout=RENDER_S, check=False,
        )  # fmt: skip
        if ran.returncode == FULL:
            raise OSError(errno.ENOSPC, "no room to make a file of a plan")
        if ran.returncode:
            raise RuntimeError(f"{kind} of {plan_ids[0]}: {ran.stderr[-500:].decode('utf-8', 'replace')}")
        os.replace(made, out)
    except subprocess.TimeoutExpired:
        raise Refusal("busy", headers=wait_header(60)) from None
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _environment(settings: Settings, place: Path) -> dict[str, str]:
    """Ours less what is secret, with the place of ``nspl_opt`` and of what is temporary."""
    root = str(Path(plan_package.__file__).resolve().parents[2])
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("NSPL_OPT_API", "PG"))}
    path = os.pathsep.join([root, *filter(None, [ours.get("PYTHONPATH")])])
    limit = str(settings.memory_limit_mb)
    ours |= {"PYTHONPATH": path, "PYTHONSAFEPATH": "1", "OMP_NUM_THREADS": "1"}
    return ours | {"NSPL_OPT_RENDER_MB": limit, "TMPDIR": str(place)}
