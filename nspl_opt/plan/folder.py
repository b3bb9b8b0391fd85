"""The folder of a plan: ``plan.json``, one CSV per table, the inputs it was made from, a manifest.

Written beside its place first and moved there when it is whole, so nobody ever meets half a plan.
``manifest.json`` holds the SHA-256 of every file but itself and ``timing.json``, which is all that
may differ between two runs of the same input.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from nspl_opt.files import read_bytes
from nspl_opt.plan.folder_text import (
    canonical_json,
    parse_plan,
    parse_table,
    plan_json,
    table_text,
    timing_json,
)
from nspl_opt.plan.plan import ALWAYS, TABLES, Plan
from nspl_opt.problems import InvalidInput, Problem
from nspl_opt.reference.package import load_reference
from nspl_opt.reference.reference import Reference
from nspl_opt.scenario.grid import pairs_of
from nspl_opt.scenario.read import read_scenario
from nspl_opt.scenario.resolve import resolve
from nspl_opt.scenario.situation import Situation
from nspl_opt.scenario.steps import extend

MANIFEST, PLAN, TIMING, INPUTS = "manifest.json", "plan.json", "timing.json", "inputs"
LARGEST = 200_000_000
"""Bytes of one file of a plan that are read at all."""


def write_plan(plan: Plan, out: Path, scenario_dir: Path, reference_dir: Path, force: bool = False) -> Path:
    """Write the folder of a plan; an earlier plan in the same place is replaced when the new one is whole.

    Parameters
    ----------
    out
        A new or empty folder, or one that holds a plan. ``force`` allows any folder to be replaced.
    scenario_dir, reference_dir
        Where the files named in ``plan.provenance["inputs"]`` (``scenario/...``, ``reference/...``)
        are copied from; each must still have the hash it had when it was read.

    Raises
    ------
    InvalidInput
        P102 no place for a plan, P103 an input is missing or has changed, P104 the disk refuses,
        P105 a table does not fit its contract. Nothing is left behind.
    """
    target, problems = Path(out).absolute(), []
    _check_place(target, force, problems)
    files = {PLAN: plan_json(plan).encode(), TIMING: timing_json(plan).encode()}
    for name in (name for name in TABLES if name in ALWAYS or name in plan.tables):
        files[f"{name}.csv"] = table_text(name, plan.tables[name], problems).encode()
    roots = {"scenario": Path(scenario_dir), "reference": Path(reference_dir)}
    files |= _inputs(plan.provenance.get("inputs", {}), roots, problems)
    if problems:
        raise InvalidInput(str(out), problems)
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items() if name != TIMING}
    files[MANIFEST] = canonical_json({"files": hashes}).encode()
    beside = target.parent / f".{target.name}.{secrets.token_hex(4)}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _write_files(beside, files)
        _put_in_place(beside, target)
    except OSError as error:
        what = f"cannot be written: {(error.strerror or str(error)).lower()}"
        raise InvalidInput(str(out), [Problem("P104", str(out), what, "give a folder with room to write")]) from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return target


def _check_place(target: Path, force: bool, problems: list[Problem]) -> None:
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        problems.append(Problem("P102", str(target), "is not a folder", "give the name of a new folder"))
    elif target.is_dir() and not force and not is_plan(target) and any(target.iterdir()):
        problems.append(Problem("P102", str(target), "holds other files than a plan", "give a new or empty folder"))


def is_plan(folder: Path) -> bool:
    """Whether the folder looks like a plan: it has the two files that every plan has."""
    return (folder / PLAN).is_file() and (folder / MANIFEST).is_file()


def _inputs(named: Mapping[str, str], roots: Mapping[str, Path], problems: list[Problem]) -> dict[str, bytes]:
    found = {}
    for name, digest in sorted(named.items()):
        part, _, rest = name.partition("/")
        if part not in roots or not _stays_inside(rest):
            problems.append(Problem("P103", name, "is no name of an input", "read the inputs anew"))
            continue
        root = roots[part]
        content = read_bytes(root / rest, problems, f"{part}: {rest}", "P", root, LARGEST)
        if content is None:
            continue
        if hashlib.sha256(content).hexdigest() != digest:
            problems.append(Problem("P103", f"{part}: {rest}", "has changed since it was read", "make the plan anew"))
        found[f"{INPUTS}/{name}"] = content
    return found


def _stays_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(name) and not path.is_absolute() and ".." not in path.parts and "\\" not in name and "\0" not in name


def _write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in sorted(files.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    for path in sorted({folder, *(one for one in folder.rglob("*") if one.is_dir())}):
        _sync_folder(path)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _put_in_place(new: Path, target: Path) -> None:
    """Rename; what stood there steps aside and comes back if the rename fails."""
    aside = target.parent / f"{new.name}.old"
    earlier = target.exists()
    if earlier:
        os.rename(target, aside)
    try:
        os.rename(new, target)
    except OSError:
        if earlier:
            os.rename(aside, target)
        raise
    _sync_folder(target.parent)
    shutil.rmtree(aside, ignore_errors=True)


def read_plan(folder: Path) -> Plan:
    """The plan in a folder, just as it was written.

    Raises
    ------
    InvalidInput
        With every problem: P201 no plan here, P202 a file is missing, P203 a file has changed,
        P205 ``plan.json`` is unsound, P206 a table has other columns, P207 a cell has another type.
    """
    folder, problems = Path(folder), []
    if not is_plan(folder):
        what = "holds no plan (plan.json and manifest.json)"
        raise InvalidInput(str(folder), [Problem("P201", str(folder)[:200], what, "give a folder that nspl-opt wrote")])
    contents = _read_listed(folder, problems)
    timing: Any = {}
    if (folder / TIMING).is_file():
        raw = read_bytes(folder / TIMING, problems, TIMING, "P", folder, LARGEST)
        timing = _json(TIMING, raw, problems) if raw is not None else {}
    tables = {
        name: parse_table(name, _text(f"{name}.csv", contents[f"{name}.csv"], problems), problems)
        for name in TABLES
        if f"{name}.csv" in contents
    }
    data = _json(PLAN, contents[PLAN], problems) if PLAN in contents else None
    plan = parse_plan(data, timing, tables, problems) if data is not None else None
    if problems or plan is None:
        raise InvalidInput(str(folder), problems)
    return plan


def _read_listed(folder: Path, problems: list[Problem]) -> dict[str, bytes]:
    """Every file of the manifest, with its hash checked; the plan's own files must be among them."""
    raw = read_bytes(folder / MANIFEST, problems, MANIFEST, "P", folder, LARGEST)
    listed = _json(MANIFEST, raw, problems) if raw is not None else None
    hashes = listed.get("files") if isinstance(listed, dict) else None
    if not isinstance(hashes, dict):
        if not problems:
            problems.append(Problem("P205", MANIFEST, "lists no files", "write the plan anew"))
        return {}
    contents: dict[str, bytes] = {}
    for name in sorted({*hashes, PLAN, *(f"{table}.csv" for table in ALWAYS)}):
        if name not in hashes:
            problems.append(Problem("P202", name, "is not in the manifest", "write the plan anew"))
        elif not _stays_inside(name):
            problems.append(Problem("P205", MANIFEST, f"'{name[:100]}' leads out of the folder", "write the plan anew"))
        elif not (folder / name).is_file():
            problems.append(Problem("P202", name, "is missing", "copy the whole folder again"))
        else:
            content = read_bytes(folder / name, problems, name, "P", folder, LARGEST)
            if content is None:
                continue
            if hashlib.sha256(content).hexdigest() != hashes[name]:
                what = "has changed since the plan was written"
                problems.append(Problem("P203", name, what, "copy the folder again, or make the plan anew"))
            contents[name] = content
    return contents


def _text(name: str, content: bytes, problems: list[Problem]) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        problems.append(Problem("P206", name, "is not UTF-8", "write the plan anew"))
        return ""


def _json(name: str, content: bytes, problems: list[Problem]) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        problems.append(Problem("P205", name, "is no JSON", "copy the folder again, or make the plan anew"))
        return None


def read_inputs(folder: Path, level: str | None = None, grid: Sequence[int] = ()) -> tuple[Reference, Situation]:
    """Reference and situation read again from the copies that a plan carries.

    ``level`` and ``grid`` are those of the plan (``Plan.level``, ``Plan.grid``), which may have been made on others
    than the scenario's own.

    Raises
    ------
    InvalidInput
        With the problems of the copies (``R..``, ``S..``).
    """
    inputs = Path(folder) / INPUTS
    reference = load_reference(inputs / "reference")
    scenario = read_scenario(inputs / "scenario")
    if grid:
        scenario = scenario.on_grid(",".join(f"{length}x{number}" for length, number in pairs_of(grid)))
    reference = extend(reference, scenario)
    return reference, resolve(reference, scenario, level)
