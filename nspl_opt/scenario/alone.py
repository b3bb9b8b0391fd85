"""What a scenario must be in itself, whatever country it is played in: windows, names, no contradictions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from nspl_opt.problems import Problem, did_you_mean
from nspl_opt.reference.reference import MODES
from nspl_opt.scenario.extras import EXTRAS
from nspl_opt.scenario.findings import window
from nspl_opt.scenario.scenario import Arrivals, Scenario
from nspl_opt.scenario.schema import INJECT_KINDS, Inject, Window
from nspl_opt.scenario.wording import first


def check_alone(scenario: Scenario) -> list[Problem]:
    """Every contradiction of the scenario with itself, in the order of the file.

    Codes: ``S201`` a window ends before it begins, ``S202`` it leaves the horizon, ``S203`` a name or
    entry occurs twice, ``S204`` an entry that says too much or nothing, ``S205`` a category that is
    not in the scenario, ``S206`` a row outside its inject's window, ``S207`` a mode that does not exist.
    """
    checks = (_windows, _rows, _doubles, _contents, _categories, _modes)
    return [problem for check in checks for problem in first(check(scenario), scenario.file_name)]


def windows(scenario: Scenario) -> Iterator[tuple[str, Window]]:
    """Injects and closures with their addresses, switched off or not."""
    for kind in ("injects", "closures"):
        for index, entry in enumerate(getattr(scenario.file, kind)):
            yield f"{scenario.file_name}: {kind}[{index}]", entry


def _windows(scenario: Scenario) -> Iterator[Problem]:
    horizon = scenario.file.horizon_h
    for where, entry in windows(scenario):
        yield from window(where + ".", entry.from_h, entry.to_h, horizon)


def _rows(scenario: Scenario) -> Iterator[Problem]:
    horizon = scenario.file.horizon_h
    for row in scenario.demand:
        yield from window(f"{row.where}, column ", row.from_h, row.to_h, horizon)
    for inject in scenario.file.injects:
        for row in scenario.inject_arrivals.get(inject.name, ()):
            yield from window(f"{row.where}, column ", row.from_h, row.to_h, horizon)
            yield from _inside(row, inject)


def _inside(row: Arrivals, inject: Inject) -> Iterator[Problem]:
    if row.from_h < inject.from_h or row.to_h > inject.to_h:
        what = f"hours {row.from_h} to {row.to_h} lie outside inject '{inject.name}', {inject.from_h} to {inject.to_h}"
        yield Problem("S206", f"{row.where}, columns from_h, to_h", what, "move the row or widen the inject")


def _doubles(scenario: Scenario) -> Iterator[Problem]:
    file = scenario.file
    sets: dict[str, list[Any]] = {
        "categories": list(file.categories),
        "category_changes": [entry.category for entry in file.category_changes],
        "demand": [entry.file for entry in file.demand],
        "initial": [entry.file for entry in file.initial],
        "injects": [entry.name for entry in file.injects],
        "closures": [entry.name for entry in file.closures],
        "mobilisation_changes": [entry.vehicle_type for entry in file.mobilisation_changes],
    }
    sets |= {extra.key: [entry.file for entry in getattr(file, extra.key)] for extra in EXTRAS}
    for key, values in sets.items():
        yield from _twice(f"{scenario.file_name}: {key}", values)
    for key, tuples in _placed(scenario).items():
        yield from _twice(f"{scenario.file_name}: {key}", tuples)


def _placed(scenario: Scenario) -> dict[str, list[Any]]:
    """Entries that may differ by place: the same place twice is one too many."""
    file = scenario.file
    ordinary = [(entry.category, *sorted(entry.places)) for entry in file.ordinary]
    surge = [(entry.bed_type, str(entry.stage), *sorted(entry.places)) for entry in file.surge_changes]
    return {"ordinary": ordinary, "surge_changes": surge}


def _twice(where: str, values: Sequence[Any]) -> Iterator[Problem]:
    seen: dict[Any, int] = {}
    for index, value in enumerate(values):
        if value in seen:
            named = value if isinstance(value, str) else " ".join(value)
            what = f"'{named}' is already in entry [{seen[value]}]"
            yield Problem("S203", f"{where}[{index}]", what, "remove or rename one of the two")
        seen.setdefault(value, index)


def _contents(scenario: Scenario) -> Iterator[Problem]:
    file, name = scenario.file, scenario.file_name
    for index, change in enumerate(file.category_changes):
        figures = (change.mean_stay_h, change.longest_journey_min, change.severity_weight)
        if all(figure is None for figure in figures):
            remedy = "give mean_stay_h, longest_journey_min or severity_weight"
            yield Problem("S204", f"{name}: category_changes[{index}]", "changes nothing", remedy)
    for index, inject in enumerate(file.injects):
        yield from _inject_content(f"{name}: injects[{index}]", inject)
    for index, closing in enumerate(file.closures):
        if not (closing.links or closing.modes or closing.places or closing.areas):
            remedy = "give links, modes, places or areas"
            yield Problem("S204", f"{name}: closures[{index}]", "closes nothing", remedy)


def _inject_content(where: str, inject: Inject) -> Iterator[Problem]:
    given = [kind for kind in INJECT_KINDS if getattr(inject, kind) is not None]
    if len(given) != 1:
        what = f"has {len(given)} kinds of change ({', '.join(given) or 'none'}); exactly one is allowed"
        yield Problem("S204", where, what, f"give one of {', '.join(INJECT_KINDS)}; make one inject of each")
    fleet = inject.fleet_factor
    if fleet is not None and (fleet.vehicle_type is None) == (fleet.pool is None):
        what = "names both a vehicle type and a pool" if fleet.pool else "names neither a vehicle type nor a pool"
        yield Problem("S204", f"{where}.fleet_factor", what, "give vehicle_type or pool, and only one of them")


def used_categories(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """(address, category) wherever the scenario names one, the list ``categories`` itself left out."""
    file, name = scenario.file, scenario.file_name
    for index, change in enumerate(file.category_changes):
        yield f"{name}: category_changes[{index}].category", change.category
    for index, entry in enumerate(file.ordinary):
        yield f"{name}: ordinary[{index}].category", entry.category
    for index, inject in enumerate(file.injects):
        if inject.arrivals_factor is not None and inject.arrivals_factor.category != "all":
            yield f"{name}: injects[{index}].arrivals_factor.category", inject.arrivals_factor.category
    for row in all_rows(scenario):
        yield f"{row.where}, column category", row.category


def all_rows(scenario: Scenario) -> Iterable[Any]:
    """Every row of every table: demand, those of injects, the patients already present."""
    injected = [row for name in sorted(scenario.inject_arrivals) for row in scenario.inject_arrivals[name]]
    return [*scenario.demand, *injected, *scenario.initial]


def _categories(scenario: Scenario) -> Iterator[Problem]:
    listed = scenario.file.categories
    for where, category in used_categories(scenario):
        if category not in listed:
            what = f"'{category}' is not in the scenario's list of categories"
            yield Problem("S205", where, what, f"add it to the list; {did_you_mean(category, listed)}")


def _modes(scenario: Scenario) -> Iterator[Problem]:
    for index, closing in enumerate(scenario.file.closures):
        for mode in closing.modes:
            if mode not in MODES:
                where = f"{scenario.file_name}: closures[{index}].modes"
                yield Problem("S207", where, f"no mode '{mode}'", did_you_mean(mode, MODES))
