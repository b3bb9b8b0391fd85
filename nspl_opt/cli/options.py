"""What several commands share: their common options, and where a scenario or plan is found."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from nspl_opt.problems import InvalidInput, Problem, did_you_mean


class Lang(StrEnum):
    """Language of what is shown."""

    sv = "sv"
    en = "en"


class Level(StrEnum):
    """What one place of the plan is."""

    region = "region"
    hospital = "hospital"


LangOption = Annotated[
    Lang, typer.Option("--lang", envvar="NSPL_OPT_LANG", help="Language of what is shown: Swedish or English.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output, nothing else.")]
ReferenceOption = Annotated[
    Path | None, typer.Option("--reference", metavar="DIR", help="Reference package instead of the shipped one.")
]
GridOption = Annotated[
    str | None,
    typer.Option("--grid", metavar="GRID", help="Other periods for the same hours: growing, 12 or 6x8,12x4,24x3."),
]
PlanArgument = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a plan, as nspl-opt plan wrote it.")]
ScenarioArgument = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="Name of a shipped scenario, or the folder of one.")
]


def examples(*commands: str, remark: str = "") -> str:
    """The end of a help text: commands that run as they stand, one a line, and a remark."""
    shown = "\n".join(["\b", "Examples:", *(f"  {command}" for command in commands)])
    return f"{shown}\n\n{remark}" if remark else shown


def console_safe(stream: TextIO) -> None:
    """Let a stream that cannot write å or ≈ write a question mark instead of failing."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")


def refuse(code: str, where: str, what: str, remedy: str) -> InvalidInput:
    """One problem of usage, to be raised."""
    return InvalidInput("nspl-opt", [Problem(code, where, what, remedy)])


def find_scenario(name: str) -> Path:
    """Where a scenario is: a shipped one by its name, otherwise the folder (or file) of that path.

    A shipped name wins over a folder of the same name here, which may well be its plan: ``./name``
    means the folder. Raises ``InvalidInput`` ``U101`` when it is neither.
    """
    from nspl_opt.scenario.folder import list_scenarios

    shipped = {scenario.name: scenario.path for scenario in list_scenarios()}
    if name in shipped:
        return shipped[name]
    # os.path answers False, and does not raise, for names that no file can have.
    if name.strip() and os.path.exists(name):
        return Path(name)
    shown = name if len(name) <= 80 else name[:77] + "..."
    raise refuse("U101", f"'{shown}'", "is neither a shipped scenario nor a folder", did_you_mean(name[:200], shipped))


def parse_settings(settings: list[str]) -> Mapping[str, str]:
    """``key=value`` texts of ``--set`` as a mapping; ``InvalidInput`` ``U102`` with every text that is not."""
    found: dict[str, str] = {}
    problems = []
    for text in settings:
        key, equals, value = text.partition("=")
        if not (equals and key.strip() and value.strip()):
            remedy = "write for example families.areas.border=closed"
            problems.append(Problem("U102", f"--set {text[:80]}", "is not KEY=VALUE", remedy))
        elif key.strip() in found:
            problems.append(Problem("U102", f"--set {text[:80]}", f"{key.strip()} is set twice", "keep one of them"))
        else:
            found[key.strip()] = value.strip()
    if problems:
        raise InvalidInput("nspl-opt", problems)
    return found


def check_target(out: Path, force: bool) -> None:
    """Refuse, before anything is computed, to write a plan where something else stands.

    Raises ``InvalidInput`` ``U103``. An earlier plan is replaced only with ``--force``.
    """
    try:
        if out.is_symlink() or (out.exists() and not out.is_dir()):
            raise refuse("U103", f"--out {out}", "is not a folder", "give the name of a new folder")
        filled = out.is_dir() and any(out.iterdir())
        parent = next((p for p in (out, *out.absolute().parents) if p.exists()), None)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise refuse("U103", f"--out {str(out)[:200]}", f"cannot be used: {reason}", "give another folder") from None
    if parent is not None and not parent.is_dir():
        raise refuse("U103", f"--out {out}", f"{parent} is not a folder", "give another folder")
    if filled and not ((out / "plan.json").is_file() and (out / "manifest.json").is_file()):
        raise refuse("U103", f"--out {out}", "holds other files than a plan", "give a new or empty folder")
    if filled and not force:
        raise refuse("U103", f"--out {out}", "holds an earlier plan", "give --force to replace it, or another folder")


def print_json(data: Any) -> None:
    """One JSON object, keys in order given, numbers that JSON has, text as it is."""
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False, default=str))
