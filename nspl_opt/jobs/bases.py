"""Bases of what-ifs, kept: the first what-if about a plan makes its base, the next ones begin with it.

A base is found again by the hash of every number of the matrix, every setting it was solved by and the plan it is
around, so it is never that of another case or plan. Files hold plain arrays, nothing that could be run.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from nspl_opt.jobs.result import replace_file
from nspl_opt.solver.base import Base, solve_base
from nspl_opt.solver.stretch import Optimum

BASES = ".bases"
"""Folder beside the jobs; no id of a job begins with a full stop, and a new supervisor removes it."""
MOST = 6
"""Bases kept, those last used."""


def base_of(
    parts: dict[str, np.ndarray],
    settings: dict[str, Any],
    place: Path,
    plan: str = "",
    at_hand: Callable[[], Base | None] = lambda: None,
) -> Base:
    """The base of these parts and settings: the one kept in ``place``, or made and kept there.

    ``plan`` tells the plan it is to be around, if any, and ``at_hand`` makes that base; None from it and the base is
    solved anew.
    """
    path = place / f"{key_of(parts, settings, plan)}.npz"
    base = read_base(path)
    if base is None:
        base = at_hand() or solve_base(parts, settings)
        if base.plan is not None:
            with suppress(OSError):  # a full disk: it is solved again next time
                keep_base(base, path)
    return base


def key_of(parts: Mapping[str, np.ndarray], settings: Mapping[str, Any], plan: str = "") -> str:
    """The hash of every number and setting, and of what tells the plan."""
    digest = hashlib.sha256(json.dumps([settings, plan], sort_keys=True).encode())
    for name, array in sorted(parts.items()):
        digest.update(f"{name} {array.dtype} {array.shape} ".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def keep_base(base: Base, path: Path) -> None:
    """Write a base; of those in its folder the ones not used for longest go."""
    arrays = {f"parts.{name}": array for name, array in base.parts.items()}
    arrays |= {name: array for name in ("costs", "plan") if (array := getattr(base, name)) is not None}
    for name in ("first", "traced"):
        if (optimum := getattr(base, name)) is not None:
            arrays |= {f"{name}.{field.name}": getattr(optimum, field.name) for field in fields(Optimum)}
    told = {"settings": base.settings, "status": base.status, "bound": float(base.bound), "seconds": base.seconds}
    file = io.BytesIO()
    np.savez(file, told=np.array(json.dumps(told)), **arrays)
    path.parent.mkdir(exist_ok=True, mode=0o700)
    replace_file(path, file.getvalue())
    for old in sorted(path.parent.glob("*.npz"), key=lambda one: -one.stat().st_mtime_ns)[MOST:]:
        old.unlink(missing_ok=True)


def read_base(path: Path) -> Base | None:
    """A base that was kept; None where there is none that can be read."""
    try:
        with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as file:
            told = json.loads(str(file["told"]))
            arrays = {name: file[name] for name in file.files if name != "told"}
        path.touch()
        optima = {name: _optimum(arrays, name) for name in ("first", "traced")}
        parts = {name.removeprefix("parts."): array for name, array in arrays.items() if name.startswith("parts.")}
        return Base(parts=parts, costs=arrays["costs"], plan=arrays.get("plan"), **optima, **told)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None


def _optimum(arrays: Mapping[str, np.ndarray], name: str) -> Optimum | None:
    if f"{name}.order" not in arrays:
        return None
    return Optimum(**{field.name: arrays[f"{name}.{field.name}"] for field in fields(Optimum)})
