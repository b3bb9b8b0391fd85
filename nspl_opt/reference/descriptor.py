"""``datapackage.json``: what the package is called, what it says of itself, which files it has."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from nspl_opt.cells import Complaint, parse_cell, tidy_text
from nspl_opt.files import decode_text, read_bytes
from nspl_opt.problems import Problem, did_you_mean
from nspl_opt.reference.columns import CODE

FILE_NAME = "datapackage.json"
MAX_DESCRIPTOR_BYTES = 1_000_000
SPOKEN = ("title", "version", "notice_sv", "notice_en")


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What ``datapackage.json`` says. ``lat`` and ``lon`` bound every position, ``extent`` the map.

    ``files`` maps table names to file names; ``extent`` is west, south, east, north in the units of ``crs``.
    """

    name: str
    title: str
    version: str
    notice_sv: str
    notice_en: str
    files: dict[str, str]
    lat: tuple[float, float]
    lon: tuple[float, float]
    geometry: str
    crs: str
    extent: tuple[float, float, float, float]


class _Refused(ValueError):
    """Why a JSON text is refused though it can be parsed."""


def read_json(path: Path, problems: list[Problem], where: str, code: str, limit: int, root: Path) -> Any:
    """The content of a JSON file, or None and one problem. Refuses double keys and numbers that are not finite."""
    content = read_bytes(path, problems, where, root=root, limit=limit)
    text = decode_text(content, problems, where) if content is not None else None
    if text is None:
        return None
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        at, why = f"{where}, row {error.lineno}", f"this is not JSON: {error.msg.lower()}"
        problems.append(Problem(code, at, why, "correct the spelling there, or restore the file"))
    except RecursionError:
        problems.append(Problem(code, where, "the JSON is nested too deeply", "restore the file"))
    except ValueError as error:
        problems.append(Problem(code, where, str(error), "correct the value"))
    return None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) < len(pairs):
        keys = [key for key, _ in pairs]
        double = next(key for key in keys if keys.count(key) > 1)
        raise _Refused(f"the key '{double}' occurs twice in one object")
    return out


def _no_constant(word: str) -> float:
    raise _Refused(f"{word} is not a finite number")


def _finite(word: str) -> float:
    value = float(word)
    if not math.isfinite(value):
        raise _Refused(f"{word[:40]} is not a finite number")
    return value


def read_descriptor(folder: Path, tables: Iterable[str], problems: list[Problem]) -> Descriptor | None:
    """The descriptor of the package in ``folder``, or None and every problem (codes ``R901``, ``R902``, ``R101``)."""
    if not folder.is_dir():
        what = "no such folder" if not folder.exists() else "this is not a folder"
        problems.append(Problem("R901", str(folder), what, "name a folder that holds datapackage.json"))
        return None
    raw = read_json(folder / FILE_NAME, problems, FILE_NAME, "R101", MAX_DESCRIPTOR_BYTES, folder)
    if raw is None:
        return None
    before = len(problems)
    reader = _Reader(raw if isinstance(raw, dict) else {}, problems)
    if not isinstance(raw, dict):
        reader.refuse("", "the file does not hold one JSON object", "start it with {")
        return None
    name = reader.text("name")
    if name:
        try:
            parse_cell(name, CODE)
        except Complaint as complaint:
            reader.refuse("name", f"'{name[:40]}': {complaint.rule}", complaint.remedy)
    spoken = {key: reader.text(key) for key in SPOKEN}
    files = reader.resources(tuple(tables))
    lat = reader.numbers("bounds", "lat", 2)
    lon = reader.numbers("bounds", "lon", 2)
    geometry = reader.file_name("geometry.path", reader.part("geometry", "path"))
    crs = reader.part("geometry", "crs")
    if crs not in ("EPSG:3006", "EPSG:4326"):
        reader.refuse("geometry.crs", f"'{crs}': the map is neither of the two known", "write EPSG:3006 or EPSG:4326")
    extent = reader.numbers("geometry", "bounds", 4)
    if len(problems) > before:
        return None
    return Descriptor(name, files=files, lat=lat, lon=lon, geometry=geometry, crs=crs, extent=extent, **spoken)


class _Reader:
    """Takes values out of the JSON object and notes what is wrong with them."""

    def __init__(self, raw: dict[str, Any], problems: list[Problem]) -> None:
        self.raw, self.problems = raw, problems

    def refuse(self, field: str, what: str, remedy: str) -> None:
        where = f"{FILE_NAME}, field {field}" if field else FILE_NAME
        self.problems.append(Problem("R101", where, what, remedy))

    def text(self, key: str) -> str:
        value = self.raw.get(key)
        if not isinstance(value, str) or not value.strip():
            self.refuse(key, "missing or not text", f"write {key} as text")
            return ""
        try:
            return tidy_text(value)
        except Complaint as complaint:
            self.refuse(key, complaint.rule, complaint.remedy)
            return ""

    def part(self, key: str, sub: str) -> Any:
        value = self.raw.get(key)
        return value.get(sub) if isinstance(value, dict) else None

    def numbers(self, key: str, sub: str, count: int) -> tuple[Any, ...]:
        """``count`` numbers, the first half being the least values and the second half the greatest."""
        value = self.part(key, sub)
        fits = isinstance(value, list) and len(value) == count
        fits = fits and all(isinstance(item, int | float) and not isinstance(item, bool) for item in value)
        if not fits or any(value[index] >= value[index + count // 2] for index in range(count // 2)):
            self.refuse(f"{key}.{sub}", f"not {count} numbers, least before greatest", f"write {count} numbers in []")
            return (0,) * count
        return tuple(value)

    def file_name(self, field: str, value: Any) -> str:
        """A path below the package's folder, with no way out of it."""
        parts = PurePosixPath(value).parts if isinstance(value, str) else ()
        plain = bool(parts) and not any(mark in value for mark in ("\\", ":", "\x00")) and len(value) < 200
        if not plain or ".." in parts or parts[0].startswith("/"):
            self.refuse(
                field, f"{str(value)[:40]!r} does not name a file in the package", "name a file below the folder"
            )
            return ""
        return value

    def resources(self, tables: tuple[str, ...]) -> dict[str, str]:
        """Table name -> file name; every table is listed once."""
        listed = self.raw.get("resources")
        if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
            self.refuse("resources", "missing or not a list of tables", "list every table with name and path")
            return {}
        files: dict[str, str] = {}
        for index, item in enumerate(listed):
            name = item.get("name")
            if name in tables and name not in files:
                files[name] = self.file_name(f"resources[{index}].path", item.get("path"))
            else:
                rule = "listed twice" if name in files else "no table of a reference package"
                self.refuse(
                    f"resources[{index}].name", f"'{str(name)[:40]}' is {rule}", did_you_mean(str(name), tables)
                )
        for name in tables:
            if name not in files and len(listed) < 10_000:
                self.refuse("resources", f"the table {name} is not listed", f"add it, for example with path {name}.csv")
        return files
