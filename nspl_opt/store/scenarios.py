"""Scenarios and model files: what runs are made from, every version kept."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Table, func, insert, select

from nspl_opt.scenario.fields import FILE_PATTERN, NAME_PATTERN, matches
from nspl_opt.scenario.read import SCENARIO_FILE, read_scenario
from nspl_opt.scenario.scenario import Scenario
from nspl_opt.store import tables
from nspl_opt.store.canonical import json_text, sha256_of
from nspl_opt.store.errors import NotThere, Unsound
from nspl_opt.store.store import EXERCISE, Work

MOST_FILES, MOST_CHARACTERS = 100, 20_000_000


@dataclass(frozen=True, slots=True)
class CheckedScenario:
    """A scenario that was read without a problem: what ``add_scenario`` stores."""

    scenario: Scenario
    files: Mapping[str, str]


def check_scenario(files: Mapping[str, str]) -> CheckedScenario:
    """Read a scenario given as name -> text (``scenario.toml`` and the CSV files it names).

    Raises
    ------
    Unsound
        ``L301`` a name that is no file of a scenario, too many files or too much text.
    InvalidInput
        Every problem of the scenario itself (``S..``).
    """
    names = [name for name in files if name != SCENARIO_FILE and not matches(FILE_PATTERN, name)]
    if names or SCENARIO_FILE not in files:
        what = f"must be {SCENARIO_FILE} and CSV files with plain names"
        raise Unsound("L301", field="files", what=what)
    if len(files) > MOST_FILES or sum(map(len, files.values())) > MOST_CHARACTERS:
        raise Unsound("L301", field="files", what=f"are more than {MOST_FILES}, or longer than 20 million characters")
    with tempfile.TemporaryDirectory(prefix="nspl-scenario-") as place:
        _write(files, Path(place))
        return CheckedScenario(read_scenario(Path(place)), dict(files))


def add_scenario(work: Work, name: str, checked: CheckedScenario) -> str:
    """Store a scenario as the next version of its name; the id of the latest one when that is just the same.

    Raises
    ------
    Unsound
        ``L301`` a bad name; an exercise in a live store, or anything else in one for exercises.
    """
    _check_name(name)
    file = checked.scenario.file
    if (file.marking == "exercise") != (work.realm == EXERCISE):
        what = "must be exercise in a store for exercises, and only there"
        raise Unsound("L301", field="scenario.toml: marking", what=what)
    sha256 = sha256_of(json_text(dict(checked.files)))
    head = {"title_sv": file.title_sv, "title_en": file.title_en, "marking": file.marking}
    found, is_new = _next_version(work, tables.scenarios, "scenario", name, sha256, head)
    if is_new:
        rows = [{"scenario_id": found, "name": name, "text": text} for name, text in sorted(checked.files.items())]
        work.connection.execute(insert(tables.scenario_files), rows)
    return found


def add_model(work: Work, name: str, text: str) -> str:
    """Store a model file that was checked (``check_model``) as the next version of its name, as ``add_scenario``."""
    _check_name(name)
    return _next_version(work, tables.model_files, "model", name, sha256_of(text), {"text": text})[0]


def check_model(text: str, overrides: Mapping[str, str] | None = None) -> None:
    """Read a model file; ``InvalidInput`` with every problem (``M..``)."""
    from nspl_opt.formulation.catalogue import load_model

    with tempfile.TemporaryDirectory(prefix="nspl-model-") as place:
        path = Path(place) / "model.toml"
        path.write_text(text, encoding="utf-8", newline="")
        load_model(path, overrides)


def _next_version(
    work: Work, table: Table, kind: str, name: str, sha256: str, more: Mapping[str, Any]
) -> tuple[str, bool]:
    """The id of the version that holds this content, and whether it is new."""
    latest = work.connection.execute(
        select(table.c.id, table.c.version, table.c.sha256)
        .where(table.c.name == name).order_by(table.c.version.desc()).limit(1)
    ).one_or_none()  # fmt: skip
    if latest is not None and latest.sha256 == sha256:
        work.about(latest.id, sha256=sha256, version=latest.version)
        return latest.id, False
    version = latest.version + 1 if latest else 1
    row = {"id": work.new_id(kind), "name": name, "version": version, "sha256": sha256, "at": work.at}
    work.connection.execute(insert(table), [row | {"by": work.actor.key_id} | dict(more)])
    work.about(row["id"], sha256=sha256, version=version)
    return row["id"], True


def find_scenario(connection: Connection, scenario_id: str) -> Row:
    """The row of a scenario; ``NotThere``."""
    return _found(connection, tables.scenarios, scenario_id)


def find_model(connection: Connection, model_id: str) -> Row:
    """The row of a model file, its text included; ``NotThere``."""
    return _found(connection, tables.model_files, model_id)


def _found(connection: Connection, table: Table, row_id: str) -> Row:
    row = connection.execute(select(table).where(table.c.id == row_id)).one_or_none()
    if row is None:
        raise NotThere("L401")
    return row


def scenario_files(connection: Connection, scenario_id: str) -> dict[str, str]:
    """Name -> text of a scenario's files; ``NotThere``."""
    find_scenario(connection, scenario_id)
    files = tables.scenario_files
    rows = connection.execute(select(files.c.name, files.c.text).where(files.c.scenario_id == scenario_id))
    return {row.name: row.text for row in sorted(rows)}


def write_scenario(connection: Connection, scenario_id: str, folder: Path, **replaced: str) -> Path:
    """Write a scenario back into a new folder; ``replaced`` gives other texts by name less its ending (``.csv``)."""
    files = scenario_files(connection, scenario_id)
    folder.mkdir(parents=True, mode=0o700)
    _write(files | {f"{name}.csv": text for name, text in replaced.items()}, folder)
    return folder


def latest_versions(connection: Connection, table: Table = tables.scenarios) -> list[Row]:
    """The latest version of each name, by name: of scenarios, or of ``tables.model_files``."""
    newest = select(table.c.name, func.max(table.c.version).label("version")).group_by(table.c.name).subquery()
    joined = table.join(newest, (table.c.name == newest.c.name) & (table.c.version == newest.c.version))
    return list(connection.execute(select(table).select_from(joined).order_by(table.c.name)))


def folder_texts(folder: Path) -> dict[str, str]:
    """The files of a scenario's folder as ``check_scenario`` takes them: scenario.toml and every CSV beside it."""
    paths = [folder / SCENARIO_FILE, *sorted(folder.glob("*.csv"))]
    return {path.name: path.read_bytes().decode("utf-8-sig") for path in paths}


def _write(files: Mapping[str, str], folder: Path) -> None:
    for name, text in files.items():
        try:
            (folder / name).write_text(text, encoding="utf-8", newline="")
        except UnicodeEncodeError:
            raise Unsound("L301", field=name, what="holds half a letter (a lone surrogate)") from None


def _check_name(name: str) -> None:
    if not matches(NAME_PATTERN, name):
        raise Unsound("L301", field="name", what="must be 1 to 64 of a-z, 0-9 and -, and not start with -")
