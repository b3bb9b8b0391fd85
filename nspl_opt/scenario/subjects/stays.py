"""Stays that are not geometric, as stages that are categories of their own, and paths from one category to another."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from nspl_opt.problems import Problem
from nspl_opt.reference.reference import MICRO, CareCategory, Reference
from nspl_opt.scenario.extra import Scene
from nspl_opt.scenario.fields import exact
from nspl_opt.scenario.findings import unknown
from nspl_opt.scenario.parts import CarePath
from nspl_opt.scenario.scenario import Scenario
from nspl_opt.scenario.schema.care import CarePathEntry, Stay
from nspl_opt.scenario.shares import half_even, share_out
from nspl_opt.scenario.situation import discharge_micro
from nspl_opt.scenario.subjects.courses import MOST_STAGES, Stage, shortest_stage_h, stages_of

LEAST_MICRO = 100
"""A share of those cared for that goes on in a period must be at least this, one in ten thousand."""


def check(reference: Reference, scenario: Scenario) -> Iterator[Problem]:
    """``S411`` a stay that says too much, too little or a curve that rises, ``S412`` a period longer than a stage,
    ``S413`` too many stages, ``S417`` a category twice; of paths ``S414`` and ``S415``; ``S418`` a category that the
    scenario does not list."""
    listed, seen = scenario.file.categories, set()
    for n, stay in enumerate(scenario.file.stays):
        where = f"{scenario.file_name}: stays[{n}]"
        yield from unknown("S418", f"{where}.category", "care category", stay.category, listed)
        if stay.category in seen:
            yield Problem("S417", f"{where}.category", f"'{stay.category}' has a stay already", "keep one of the two")
        seen.add(stay.category)
        unsound = list(_stay(where, stay))
        yield from unsound or _stages(where, stay, max(scenario.file.grid))
    yield from _paths(reference, scenario)


def _stay(where: str, stay: Stay) -> Iterator[Problem]:
    given = {name for name in ("hours", "stages", "stage_h", "points") if getattr(stay, name)}
    wanted = {"hours", "stages"} if stay.kind == "fixed" else {"stage_h", "points"}
    if given != wanted:
        what = f"a {stay.kind} stay has {' and '.join(sorted(given)) or 'nothing'}"
        yield Problem("S411", where, what, f"give {' and '.join(sorted(wanted))}, and nothing else")
        return
    if stay.kind == "curve":
        points = [(0, 1.0), *stay.points]
        for n, ((before, high), (hour, share)) in enumerate(pairwise(points)):
            if hour <= before or share > high:
                what = f"{hour} h, {share:g} does not come after {before} h, {high:g}"
                yield Problem("S411", f"{where}.points[{n}]", what, "let hours rise and shares fall, from 0 h and 1")
        if stay.points[-1][0] % stay.stage_h:
            what = f"ends at {stay.points[-1][0]} h, within a stage of {stay.stage_h} h"
            yield Problem("S411", f"{where}.points", what, "end it with a whole number of stages")


def _stages(where: str, stay: Stay, longest_h: int) -> Iterator[Problem]:
    number, length = stay.stages or stay.points[-1][0] // stay.stage_h, shortest_stage_h(stay)
    if number > MOST_STAGES:
        what = f"{number} stages: each is a category of its own, at most {MOST_STAGES} are allowed"
        yield Problem("S413", where, what, "make fewer and longer stages")
    if longest_h > length:
        what = f"a period of {longest_h} h is longer than a stage of {float(length):g} h"
        yield Problem("S412", where, what, "make fewer and longer stages, or shorter periods")


def _paths(reference: Reference, scenario: Scenario) -> Iterator[Problem]:
    listed, totals, seen = scenario.file.categories, {}, set()
    for n, path in enumerate(scenario.file.care_paths):
        where = f"{scenario.file_name}: care_paths[{n}]"
        yield from unknown("S414", f"{where}.from", "care category", path.from_category, listed)
        yield from unknown("S414", f"{where}.to", "care category", path.to, listed)
        if path.from_category == path.to:
            yield Problem("S414", f"{where}.to", f"'{path.to}' leads to itself", "name another category, or use stays")
        if (path.from_category, path.to) in seen:
            yield Problem("S417", where, "the two categories have a path already", "add the shares up")
        seen.add((path.from_category, path.to))
        totals[path.from_category] = totals.get(path.from_category, 0) + exact(path.share)
        if totals[path.from_category] > 1:
            what = f"{float(totals[path.from_category]):g} of those who leave '{path.from_category}' go on"
            yield Problem("S414", f"{where}.share", what, "let the shares add up to at most 1")
        leaves = least_leaving(reference, scenario, path.from_category)
        if path.from_category in listed and exact(path.share) * leaves < LEAST_MICRO:
            what = f"{path.share:g}: in some period fewer than one in ten thousand of those cared for would go on"
            yield Problem("S415", f"{where}.share", what, "write a larger share, or leave the path out")


def least_leaving(reference: Reference, scenario: Scenario, code: str) -> int:
    """Of those cared for, how many leave the category in the shortest period [1e-6]."""
    shortest = min(scenario.file.grid)
    for stay in scenario.file.stays:
        if stay.category == code:
            return half_even(min(Fraction(1), shortest / max(shortest_stage_h(stay), Fraction(1))) * MICRO)
    known = {category.code: category.mean_stay_h for category in reference.categories}
    known |= {one.category: one.mean_stay_h for one in scenario.file.category_changes if one.mean_stay_h}
    return discharge_micro(known[code], shortest) if code in known else MICRO


def clone(scene: Scene) -> Scene:
    """A category per stage; who comes begins with the first, who is there is spread over all as in steady times."""
    stays = _by_category(scene)
    if not stays:
        return scene
    rows: list[tuple[CareCategory, np.ndarray, np.ndarray]] = []
    arrivals, initial = (scene.by_hospital[name] for name in ("arrivals_micro", "initial_micro"))
    for k, category in enumerate(scene.categories):
        if category.code not in stays:
            rows.append((category, arrivals[k], initial[k]))
            continue
        stages = stages_of(stays[category.code])
        spread = _spread(initial[k], stages)
        for number, stage in enumerate(_named(category, stages)):
            rows.append((stage, arrivals[k] if number == 0 else np.zeros_like(arrivals[k]), spread[number]))
    rows.sort(key=lambda row: row[0].code)
    changed = {
        "arrivals_micro": np.stack([row[1] for row in rows]),
        "initial_micro": np.stack([row[2] for row in rows]),
    }
    by_hospital = {**scene.by_hospital, **changed}
    return dataclasses.replace(scene, categories=tuple(row[0] for row in rows), by_hospital=by_hospital)


def _by_category(scene: Scene) -> dict[str, Stay]:
    return {stay.category: stay for stay in scene.scenario.file.stays}


def _named(category: CareCategory, stages: Sequence[Stage]) -> list[CareCategory]:
    """The stages as categories: ``icu.s1`` to ``icu.s7``, or ``icu.s01`` to ``icu.s12``, so that codes sort."""
    many = len(stages)
    return [
        dataclasses.replace(
            category,
            code=f"{category.code}.s{number:0{len(str(many))}d}",
            name_sv=f"{category.name_sv} (steg {number} av {many})" if many > 1 else category.name_sv,
            name_en=f"{category.name_en} (stage {number} of {many})" if many > 1 else category.name_en,
            parent=category.code,
            stage=(number, many),
        )
        for number in range(1, many + 1)
    ]


def _spread(census: np.ndarray, stages: Sequence[Stage]) -> np.ndarray:
    """(stage, hospital) patients of a steady census, by largest remainder."""
    scale = np.lcm.reduce([stage.there.denominator for stage in stages]) if stages else 1
    weights = [int(stage.there * int(scale)) for stage in stages]
    return np.array([share_out(int(total), weights) for total in census], dtype=np.int64).T


def fill(scene: Scene) -> dict[str, Any]:
    """``leave_micro`` where some stays are not geometric, and ``paths``: from stage to stage, and those stated."""
    stays = {code: stages_of(stay) for code, stay in _by_category(scene).items()}
    found: dict[str, Any] = {}
    if stays:
        leaves = [[_leaves(stays, category, p.length_h) for p in scene.periods] for category in scene.categories]
        found["leave_micro"] = np.array(leaves, dtype=np.int64)
        found["leave_micro"].setflags(write=False)
    paths = [
        *_links(scene, stays),
        *(p for entry in scene.scenario.file.care_paths for p in _path(scene, stays, entry)),
    ]
    return found | {"paths": tuple(sorted(paths, key=lambda path: (path.category, path.next)))}


def _stage_of(stays: dict[str, tuple[Stage, ...]], category: CareCategory) -> Stage | None:
    return stays[category.parent][category.stage[0] - 1] if category.stage else None


def _leaves(stays: dict[str, tuple[Stage, ...]], category: CareCategory, length_h: int) -> int:
    stage = _stage_of(stays, category)
    return stage.leaves_micro(length_h) if stage else discharge_micro(category.mean_stay_h, length_h)


def _links(scene: Scene, stays: dict[str, tuple[Stage, ...]]) -> Iterator[CarePath]:
    by_stage = {(one.parent, one.stage[0]): one for one in scene.categories if one.stage}
    for (parent, number), one in by_stage.items():
        share = stays[parent][number - 1].on_micro
        if share and (parent, number + 1) in by_stage:
            yield CarePath(one.code, by_stage[parent, number + 1].code, share, stage=True)


def _path(scene: Scene, stays: dict[str, tuple[Stage, ...]], entry: CarePathEntry) -> Iterator[CarePath]:
    """From every stage of the one, of those who do not go on in it, to the first stage of the other."""
    first = [one for one in scene.categories if one.code == entry.to or (one.parent == entry.to and one.stage)]
    target = min(first, key=lambda one: one.stage or (1, 1)).code
    for one in scene.categories:
        stage = _stage_of(stays, one)
        if entry.from_category == (one.parent if one.stage else one.code):
            share = half_even(exact(entry.share) * (MICRO - (stage.on_micro if stage else 0)))
            if share:
                yield CarePath(one.code, target, share)
