"""Folders with scenarios: the shipped ones, and a new one to begin from."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from nspl_opt.problems import InvalidInput, Problem
from nspl_opt.scenario.fields import NAME_PATTERN, matches
from nspl_opt.scenario.read import SCENARIO_FILE, read_scenario
from nspl_opt.shipped import shipped_dir

SHIPPED = "data/scenarios"
TEMPLATE = "template"
"""The folder among the shipped ones that new scenarios are copied from; it is not listed."""
NEW_NAME = "ny-ovning"
"""The template's own name, taken where the folder's name is no scenario name."""


@dataclass(frozen=True, slots=True)
class ShippedScenario:
    """A scenario that comes with the package."""

    name: str
    title_sv: str
    title_en: str
    marking: str
    path: Path


def list_scenarios() -> tuple[ShippedScenario, ...]:
    """The shipped scenarios, sorted by name."""
    found = []
    for folder in _shipped_folders():
        file = read_scenario(folder).file
        found.append(ShippedScenario(folder.name, file.title_sv, file.title_en, file.marking, folder))
    return tuple(found)


def _shipped_folders() -> list[Path]:
    folders = sorted(shipped_dir(SHIPPED).iterdir())
    return [folder for folder in folders if folder.name != TEMPLATE and (folder / SCENARIO_FILE).is_file()]


def find_scenario(name_or_path: str | Path) -> Path:
    """The folder or file that a user means: a path if there is one, else a shipped scenario's name.

    Raises
    ------
    InvalidInput
        ``S107`` when there is neither; the remedy names the shipped ones.
    """
    path = Path(name_or_path)
    if os.path.exists(path):
        return path
    name = str(name_or_path)
    shipped = {folder.name: folder for folder in _shipped_folders()}
    if name in shipped:
        return shipped[name]
    remedy = f"give the path of a scenario's folder, or one of the shipped: {', '.join(shipped)}"
    raise InvalidInput(name, [Problem("S107", name, "no such scenario", remedy)])


def new_scenario(directory: Path) -> Path:
    """Write a small working scenario to begin from; returns its folder.

    The folder is made whole or not at all. Its codes are those of the shipped reference package.

    Raises
    ------
    InvalidInput
        ``S108`` when the folder exists and is not empty, or cannot be written.
    """
    shown = str(directory)
    name = Path(directory).name or Path(directory).resolve().name

    def refuse(what: str, remedy: str) -> InvalidInput:
        return InvalidInput(shown, [Problem("S108", shown, what, remedy)])

    directory = Path(directory).absolute()
    # os.path answers False, and does not raise, for names that no file can have.
    if os.path.islink(directory) or (os.path.exists(directory) and not os.path.isdir(directory)):
        raise refuse("exists and is not a folder", "give a new folder")
    title = name if matches(NAME_PATTERN, name) else NEW_NAME
    try:
        if os.path.isdir(directory) and os.listdir(directory):
            raise refuse("the folder is not empty", "give a new or empty folder")
        directory.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=directory.parent, prefix=".new-") as draft:
            made = Path(draft) / "scenario"
            made.mkdir()
            for file in sorted((shipped_dir(SHIPPED) / TEMPLATE).iterdir()):
                content = file.read_text(encoding="utf-8").replace(f'"{NEW_NAME}"', f'"{title}"')
                (made / file.name).write_text(content, encoding="utf-8")
            os.replace(made, directory)
    except (OSError, ValueError) as error:
        reason = str(getattr(error, "strerror", None) or error).lower()
        raise refuse(f"cannot be written: {reason}", "give a folder you may write in") from None
    return directory
