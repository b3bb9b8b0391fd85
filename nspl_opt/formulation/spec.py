"""The model file: which families bind, with which options, which goals in which order, solver settings."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nspl_opt.formulation.families.catalogue import FAMILIES
from nspl_opt.formulation.family import Options
from nspl_opt.formulation.goal import GoalOptions, Stage
from nspl_opt.formulation.goals import GOALS
from nspl_opt.formulation.stages import stages_of
from nspl_opt.problems import InvalidInput, Problem, did_you_mean
from nspl_opt.scenario.situation import Situation

LARGEST_MODEL_FILE = 262_144
"""Bytes; a model file is a page, not a data set."""


class SolverOptions(Options):
    """When to stop. A plan that the time limit did not cut short repeats byte for byte."""

    time_limit_s: float = Field(120, gt=0, le=86_400, description="longest time for solving [s]")
    gap_share: float = Field(0.01, ge=0, le=1, description="relative gap per goal that counts as proven")
    seed: int = Field(0, ge=0, le=2_147_483_647, description="random seed of the solver")
    effort: Literal["quick", "thorough"] = Field(
        "quick", description="thorough: on large models too, search all active columns and every goal"
    )
    work_limit: int = Field(60, ge=1, le=1_000_000_000, description="steps of branch and bound per search")
    memory_limit_mb: int = Field(8000, ge=500, le=1_000_000, description="memory of the solver process [MB]")


class ModelSpec(BaseModel):
    """A model file, read and checked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title_sv: str
    title_en: str
    description_sv: str = ""
    description_en: str = ""
    families: Mapping[str, Options]
    goals: tuple[GoalOptions, ...]
    solver: SolverOptions

    def stages(self, situation: Situation | None = None) -> tuple[Stage, ...]:
        """What is minimised in turn for this situation: its goals, some level by level (None: for any)."""
        return stages_of(self.goals, situation)

    def as_dict(self) -> dict[str, Any]:
        """Everything, with every default filled in, as plain data."""
        return {
            "name": self.name,
            "title_sv": self.title_sv,
            "title_en": self.title_en,
            "families": {name: options.model_dump(mode="json") for name, options in self.families.items()},
            "goals": [goal.model_dump(mode="json") | {"tolerance": GOALS[goal.name].tolerance} for goal in self.goals],
            "solver": self.solver.model_dump(mode="json"),
        }


def read_model_file(path: Path, overrides: Mapping[str, str] | None = None) -> ModelSpec:
    """Read a model file and apply ``key=value`` overrides such as ``families.areas.border=closed``.

    Raises
    ------
    InvalidInput
        M101 unreadable, M102 not TOML, M103 unknown key, M104 bad value, M105 missing part,
        M107 goals in an order that cannot be meant,
        M108 a family or goal that needs a family which is not there.
        (M106, a code that the situation does not have, is found by ``formulation.fit.check_fit``.)
    """
    raw = _read_toml(path)
    problems: list[Problem] = []
    for key, text in (overrides or {}).items():
        _override(raw, key, text, problems)
    spec = _parse(raw, path.stem, path.name, problems)
    if problems or spec is None:
        raise InvalidInput(path.name, problems)
    return spec


def model_from_dict(raw: Mapping[str, Any], name: str = "model") -> ModelSpec:
    """A model given as plain data, as a model file would hold it or as ``ModelSpec.as_dict`` gives it."""
    problems: list[Problem] = []
    given = {key: value for key, value in raw.items() if key != "name"}
    if isinstance(goals := given.get("goals"), (list, tuple)):
        given["goals"] = [
            {key: value for key, value in goal.items() if key != "tolerance"} if isinstance(goal, Mapping) else goal
            for goal in goals
        ]
    spec = _parse({"title_sv": name, "title_en": name, **given}, name, name, problems)
    if problems or spec is None:
        raise InvalidInput(name, problems)
    return spec


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        if not path.is_file():
            raise OSError("it is not a file")
        data = path.read_bytes()
        if len(data) > LARGEST_MODEL_FILE:
            raise OSError(f"it holds {len(data)} bytes, at most {LARGEST_MODEL_FILE} are read")
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            str(path.name),
            [
                Problem(
                    "M101",
                    path.name,
                    f"cannot be read as UTF-8 text: {error}",
                    "give a model file in TOML, or a name from 'nspl-opt models'",
                )
            ],
        ) from None
    if max((line.partition("=")[0].count(".") for line in text.splitlines()), default=0) > 20:
        raise InvalidInput(
            path.name, [Problem("M102", path.name, "a key has more than 20 dots", "write tables in brackets")]
        )
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise InvalidInput(
            path.name, [Problem("M102", path.name, f"is not TOML: {error}", "mend the line that is named")]
        ) from None


def _override(raw: dict[str, Any], key: str, text: str, problems: list[Problem]) -> None:
    """Put one ``--set`` value in its place; what it means is checked with all the rest."""
    parts = key.split(".")
    where = f"--set {key}"
    if parts[0] not in ("families", "goals", "solver") or len(parts) not in (2, 3):
        problems.append(
            Problem(
                "M103",
                where,
                "is no option's address",
                "write families.NAME.OPTION=VALUE, families.NAME=off, goals.NAME.OPTION=VALUE or solver.OPTION=VALUE",
            )
        )
        return
    value = _value(text)
    shape = list if parts[0] == "goals" else dict
    if not isinstance(raw.setdefault(parts[0], shape()), shape):
        return  # not even a table: that is said when the file is gone through
    if parts[0] == "goals":
        named = {str(goal.get("name")): goal for goal in raw["goals"] if isinstance(goal, dict)}
        if parts[1] not in named:
            problems.append(
                Problem("M103", where, f"the model has no goal '{parts[1]}'", did_you_mean(parts[1], named))
            )
        elif len(parts) != 3:
            problems.append(
                Problem("M103", where, "names no option of the goal", f"write goals.{parts[1]}.OPTION=VALUE")
            )
        else:
            named[parts[1]][parts[2]] = value
    elif parts[0] == "families" and len(parts) == 2:
        if value in ("off", False):
            raw["families"].pop(parts[1], None)
            if parts[1] not in FAMILIES:
                problems.append(
                    Problem("M103", where, f"there is no family '{parts[1]}'", did_you_mean(parts[1], FAMILIES))
                )
        elif value in ("on", True):
            raw["families"].setdefault(parts[1], {})
        else:
            problems.append(Problem("M104", where, f"{text!r} is neither on nor off", "write on or off"))
    else:
        table = raw[parts[0]]
        if len(parts) == 3 and parts[0] == "families":
            table = table.setdefault(parts[1], {})
        if isinstance(table, dict):
            table[".".join(parts[1:]) if parts[0] == "solver" else parts[2]] = value


def _value(text: str) -> Any:
    """A TOML value where the text is one, the text itself otherwise."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return text


def _parse(raw: dict[str, Any], name: str, file: str, problems: list[Problem]) -> ModelSpec | None:
    known = ("title_sv", "title_en", "description_sv", "description_en", "families", "goals", "solver")
    for key in raw:
        if key not in known:
            problems.append(Problem("M103", f"{file}: {key}", "is no part of a model file", did_you_mean(key, known)))
    families: dict[str, Options] = {}
    tables = raw.get("families", {})
    if not isinstance(tables, dict):
        problems.append(Problem("M104", f"{file}: families", "is not a table", "write [families.NAME]"))
        tables = {}
    for key, table in sorted(tables.items()):
        if key not in FAMILIES:
            problems.append(
                Problem("M103", f"{file}: families.{key}", "there is no such family", did_you_mean(key, FAMILIES))
            )
            continue
        read = _options(FAMILIES[key].options, table, f"{file}: families.{key}", problems)
        if read is not None:
            families[key] = read
    goals = _goals(raw.get("goals", []), file, problems)
    problems.extend(_needs(tables, goals, file))
    problems.extend(_in_order(tables, goals, file))
    solver = _options(SolverOptions, raw.get("solver", {}), f"{file}: solver", problems)
    for key in known[:4]:
        if not isinstance(raw.get(key, "" if key.startswith("description") else None), str):
            problems.append(Problem("M105", f"{file}: {key}", "is missing or no text", f'add {key} = "..."'))
    if problems:
        return None
    texts = {key: raw.get(key, "") for key in known[:4]}
    return ModelSpec(name=name, families=families, goals=tuple(goals), solver=solver, **texts)


def _goals(rows: Any, file: str, problems: list[Problem]) -> list[GoalOptions]:
    goals: list[GoalOptions] = []
    if not isinstance(rows, (list, tuple)) or not rows:
        problems.append(
            Problem(
                "M105", f"{file}: goals", "a model needs one goal at least", 'add [[goals]] with name = "unmet_care"'
            )
        )
        return goals
    for index, row in enumerate(rows):
        where = f"{file}: goals[{index}]"
        name = row.get("name") if isinstance(row, dict) else None
        if not isinstance(name, str) or name not in GOALS:
            problems.append(Problem("M103", f"{where}.name", f"{name!r} is no goal", did_you_mean(str(name), GOALS)))
            continue
        if name in [goal.name for goal in goals]:
            problems.append(Problem("M104", f"{where}.name", f"'{name}' stands twice", "keep one of them"))
        read = _options(GOALS[name].options, row, where, problems)
        if read is not None:
            goals.append(read)
    return goals


def _needs(tables: Mapping[str, Any], goals: Iterable[GoalOptions], file: str) -> Iterable[Problem]:
    """Families that a family or goal of the model cannot do without, and the model does not have."""
    chosen = [(f"families.{name}", FAMILIES[name].requires) for name in sorted(tables) if name in FAMILIES]
    chosen += [(f"goals.{goal.name}", GOALS[goal.name].requires) for goal in goals]
    for where, needed in chosen:
        for name in needed:
            if name not in tables:
                remedy = f"add [families.{name}], or take {where} out"
                yield Problem("M108", f"{file}: {where}", f"needs the family '{name}', which the model lacks", remedy)


def _in_order(tables: Mapping[str, Any], goals: Iterable[GoalOptions], file: str) -> Iterable[Problem]:
    """What is agreed is kept before anything else is aimed at, and a model that keeps agreements says so."""
    names = [goal.name for goal in goals]
    first = [name for name in names if GOALS[name].ahead]
    if names[: len(first)] != first:
        what = f"'{first[0]}' stands after '{names[0]}'"
        yield Problem("M107", f"{file}: goals", what, f"put '{first[0]}' first: what is agreed comes before all else")
    if "offers" in tables and "agreements_broken" not in names:
        what = "keeps agreements, and no goal says how many are broken"
        yield Problem("M107", f"{file}: families.offers", what, "add the goal 'agreements_broken', first of all")


def _options(kind: type[Options], table: Any, where: str, problems: list[Problem]) -> Any:
    if not isinstance(table, dict):
        problems.append(
            Problem("M104", where, f"{table!r} is not a table of options", "write it as [table] with option = value")
        )
        return None
    try:
        return kind.model_validate(table)
    except ValidationError as error:
        problems.extend(_sentences(kind, error, where))
        return None


def _sentences(kind: type[Options], error: ValidationError, where: str) -> Iterable[Problem]:
    told = set()
    for item in error.errors(include_url=False, include_context=True):
        field = ".".join(str(part) for part in item["loc"][:1])
        if field in told:
            continue  # a value that fits none of two types is one problem
        told.add(field)
        value = repr(item.get("input"))[:80]
        if item["type"] == "extra_forbidden":
            yield Problem("M103", f"{where}.{field}", "is no option here", did_you_mean(field, kind.model_fields))
        elif item["type"] == "missing":
            yield Problem("M105", f"{where}.{field}", "is missing", f"add {field} = ...")
        else:
            about = kind.model_fields[field].description if field in kind.model_fields else ""
            yield Problem("M104", f"{where}.{field}", f"{value}: {item['msg'].lower()}", f"{field}: {about}")
