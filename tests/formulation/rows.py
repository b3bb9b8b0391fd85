"""Rows of a model as text that people can read: names from the codes, terms sorted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pyomo.environ as pyo

STANDARDS = ("conventional", "contingency", "crisis")
AXES = {
    "core.balance": "kit", "core.movable": "kit", "core.cared": "kit", "beds.capacity": "bit",
    "staff.region": "crt", "staff.site": "crit", "staff_loans.share": "crd", "staff_loans.shortest_stay": "crrd",
    "staff_loans.longest_stay": "crrd", "staff_loans.returns": "crrd", "transports.load": "qt",
    "transports.vehicles": "pt", "transports.duty": "pd",
    "transports.departures": "nnt", "reserve.floor": "nbt", "worst_region.overload_of": "rt",
    "elective.step": "id", "staff_loans.away": "crrd", "staff_loans.started": "crrd",
}  # fmt: skip
"""What each place of the index of a rule or a variable is; n: as it stands."""


def rows_by_block(
    m: pyo.ConcreteModel, more_axes: Mapping[str, str] = {}, more_readers: Mapping[str, Callable[[Any], str]] = {}
) -> dict[str, str]:
    """Block (family, core, goal) -> its rows as text.

    ``more_axes`` name the axes of more rules and variables; ``more_readers`` say what their letters mean.
    """
    known = AXES | dict(more_axes)
    read = _readers(m.inst) | dict(more_readers)
    names = _variable_names(m, read, known)
    found: dict[str, list[str]] = {}
    for constraint in m.component_objects(pyo.Constraint):
        axes = known[constraint.name]
        for key, row in sorted(constraint.items(), key=lambda item: str(_tuple(item[0]))):
            place = " ".join(read[axis](part) for axis, part in zip(axes, _tuple(key), strict=True))
            found.setdefault(constraint.name.split(".")[0], []).append(f"{constraint.name} {place}\n{_row(row, names)}")
    goals = []
    for goal in m.goal.component_objects(pyo.Objective):
        goals.append(f"{goal.local_name}\n{_sum(goal.expr, names)}")
    found["goals"] = goals
    return {block: "\n".join(rows) + "\n" for block, rows in found.items()}


def columns_of(
    block: pyo.Block, more_axes: Mapping[str, str] = {}, more_readers: Mapping[str, Callable[[Any], str]] = {}
) -> str:
    """The variables of one family: what each may be."""
    m = block.model()
    names = _variable_names(m, _readers(m.inst) | dict(more_readers), AXES | dict(more_axes))
    return "\n".join(_limits(variable, names) for variable in block.component_data_objects(pyo.Var)) + "\n"


def _limits(variable: Any, names: Mapping[int, str]) -> str:
    low, high = variable.bounds
    kind = "expected" if variable.is_continuous() else "whole"
    return f"{names[id(variable)]}: {kind}, {_number(low)} to {'any' if high is None else _number(high)}"


def offered(m: pyo.ConcreteModel) -> str:
    """Every possible transfer, every trip, every limit on a column, and what was left out."""
    inst = m.inst
    read = _readers(inst)
    names = _variable_names(m, read)
    lines = []
    for index, cell in enumerate(inst.cells):
        feeders = ", ".join(f"{read['p'](p)} {_number(h)} h" for p, h in cell.feeder_h)
        lines.append(f"{names[id(m.move[index])]}: {cell.minutes} min, arrives in {cell.arrival}"
                     + (f", feeders {feeders}" if feeders else ""))  # fmt: skip
    for index, trip in enumerate(inst.trips):
        pool = read["p"](trip.pool) if trip.pool >= 0 else "timetable"
        how = "as many as patients, less other pools'" if trip.implied else names[id(m.transports.trips[index])]
        lines.append(f"trip of {pool} on {read['q'](trip.run)} in {trip.period}: {trip.minutes} min, {how}")
    lines += [_limits(variable, names) for variable in m.component_data_objects(pyo.Var)]
    lines += [f"left out, {reason}: {count}" for reason, count in sorted(inst.pruned.items())]
    return "\n".join(lines) + "\n"


def _readers(inst: Any) -> dict[str, Callable[[Any], str]]:
    s = inst.situation

    def code(many: Any) -> Callable[[Any], str]:
        return lambda index: many[index].code

    def run(index: int) -> str:
        found = inst.runs[index]
        return f"{s.vehicle_types[found.vehicle_type].code} {found.from_terminal}>{found.to_terminal}"

    return {
        "k": code(s.categories), "i": code(s.sites), "b": code(s.bed_types), "c": code(s.professions),
        "r": code(s.regions), "p": code(s.pools), "t": lambda t: f"period {t}", "d": lambda d: f"block {d}",
        "q": run, "n": str,
    }  # fmt: skip


def _variable_names(
    m: pyo.ConcreteModel, read: dict[str, Callable[[Any], str]], known: Mapping[str, str] = AXES
) -> dict[int, str]:
    inst = m.inst
    names: dict[int, str] = {}
    for (k, i, t), variable in m.present.items():
        names[id(variable)] = f"present {read['k'](k)} {read['i'](i)} {t}"
    for (g, k, i, t), variable in m.cared.items():
        names[id(variable)] = f"cared {STANDARDS[g]} {read['k'](k)} {read['i'](i)} {t}"
    for index, variable in m.move.items():
        arc, t = inst.arcs[inst.cells[index].arc], inst.cells[index].period
        vehicle = inst.situation.vehicle_types[arc.vehicle_type].code
        ends = f"{read['i'](arc.origin)}>{read['i'](arc.destination)}"
        names[id(variable)] = f"move {read['k'](arc.category)} {ends} {vehicle} {t}"
    for block in m.component_objects(pyo.Block):
        for variable in block.component_objects(pyo.Var):
            for key, one in variable.items():
                names[id(one)] = f"{variable.local_name} {_place(variable.name, key, inst, read, known)}".strip()
    return names


def _place(variable: str, key: Any, inst: Any, read: dict[str, Callable[[Any], str]], known: Mapping[str, str]) -> str:
    if variable == "transports.trips":
        trip = inst.trips[key]
        return f"{read['p'](trip.pool) if trip.pool >= 0 else 'timetable'} {read['q'](trip.run)} {trip.period}"
    axes = known.get(variable, "" if key is None else "n" * len(_tuple(key)))
    return " ".join(read[axis](part) for axis, part in zip(axes, _tuple(key), strict=True)) if axes else ""


def _tuple(key: Any) -> tuple:
    return key if isinstance(key, tuple) else (key,)


def _row(row: Any, names: dict[int, str]) -> str:
    equal = row.equality
    return f"{_sum(row.body, names)}\n    {'=' if equal else '<='} {_number(pyo.value(row.upper))}"


def _sum(expression: Any, names: dict[int, str]) -> str:
    from pyomo.repn import generate_standard_repn

    form = generate_standard_repn(expression)
    terms = sorted((names[id(v)], c) for c, v in zip(form.linear_coefs, form.linear_vars, strict=True) if c)
    lines = [f"    {'-' if c < 0 else '+'} {_number(abs(c))} {name}" for name, c in terms]
    return "\n".join([*lines, *([f"    + {_number(form.constant)}"] if form.constant else [])]) or "    nothing"


def _number(value: float) -> str:
    return f"{round(value, 9):.10g}"
