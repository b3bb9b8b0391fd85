"""Whether a model file and a situation belong together: every code that an option names must exist."""

from __future__ import annotations

from collections.abc import Iterable

from nspl_opt.formulation.family import Options
from nspl_opt.formulation.spec import ModelSpec
from nspl_opt.problems import InvalidInput, Problem, did_you_mean
from nspl_opt.scenario.situation import Situation

WORDS = {"bed_types": "bed type", "professions": "profession", "groupings": "grouping"}


def check_fit(spec: ModelSpec, situation: Situation) -> None:
    """Refuse options that name what the situation does not have: they would silently do nothing.

    An option says what it names by ``json_schema_extra={"codes": ...}`` on its field.

    Raises
    ------
    InvalidInput
        M106, one problem per unknown code.
    """
    known = {
        "bed_types": [bed_type.code for bed_type in situation.bed_types],
        "professions": [profession.code for profession in situation.professions],
        "groupings": [*situation.groupings, "region"],
    }
    chosen = {f"families.{name}": options for name, options in spec.families.items()}
    chosen |= {f"goals.{goal.name}": goal for goal in spec.goals}
    problems = [
        Problem(
            "M106",
            f"{spec.name}: {where}.{field}",
            f"there is no {WORDS[kind]} '{code}' here",
            did_you_mean(code, known[kind]),
        )
        for where, options in chosen.items()
        for field, kind, codes in _named(options)
        for code in codes
        if code not in known[kind]
    ]
    if problems:
        raise InvalidInput(spec.name, problems)


def _named(options: Options) -> Iterable[tuple[str, str, tuple[str, ...]]]:
    """(option, kind of code, codes it names) of every option that names codes."""
    for name, field in type(options).model_fields.items():
        if isinstance(field.json_schema_extra, dict) and "codes" in field.json_schema_extra:
            value = getattr(options, name)
            if value == "all":
                continue
            yield name, str(field.json_schema_extra["codes"]), (value,) if isinstance(value, str) else tuple(value)
