"""Groups kept together: to one place, once, whole, in time."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

MICRO = 1_000_000
NAME = "single_source"
NEVER_H = 1_000_000_000


def draw(rng: random.Random, situation: Any, travel: Any, model: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
    """A group or two of three to five, in a category of its own."""
    from nspl_opt.scenario.parts import PatientGroup

    options = {"deadline_h": rng.choice((0, 24, 48))}
    here = [i for i, site in enumerate(situation.sites) if site.region not in situation.external_regions]
    groups = []
    for number in range(rng.choice((1, 2))):
        of = rng.choice([one for one in situation.categories if not one.parent])
        i, t, patients = rng.choice(here), rng.choice((0, 0, 1)), rng.randint(3, 5)
        own = replace(of, code=f"{of.code}.g{number}", parent=of.code, mean_stay_h=NEVER_H)
        situation = _with(situation, own, i, t, patients)
        groups.append(PatientGroup(f"g{number}", own.code, situation.sites[i].code, t, patients * MICRO))
    families = model["families"] | {NAME: options}
    return replace(situation, groups=tuple(groups)), travel, model | {"families": families}


def _with(situation: Any, category: Any, i: int, t: int, patients: int) -> Any:
    """The situation with one more category, of which so many come to a site in a period."""
    import numpy as np

    categories = sorted((*situation.categories, category), key=lambda one: one.code)
    k = categories.index(category)
    arrivals = np.insert(situation.arrivals_micro, k, 0, axis=0)
    arrivals[k, i, t] = patients * MICRO
    initial = np.insert(situation.initial_micro, k, 0, axis=0)
    for grid in (arrivals, initial):
        grid.setflags(write=False)
    return replace(situation, categories=tuple(categories), arrivals_micro=arrivals, initial_micro=initial)


def prepare(oracle: Any) -> None:
    """Nobody of a group leaves from elsewhere, before it has come, or too late."""
    codes = [category["code"] for category in oracle.c["categories"]]
    group = {codes.index(one["category"]): one for one in oracle.c["groups"]}
    starts = [period["start_h"] for period in oracle.periods]

    def refused(k: int, journey: dict[str, Any], t: int) -> bool:
        if k not in group:
            return False
        waited = starts[t] - starts[group[k]["period"]]
        late = t < group[k]["period"] or waited > oracle.families[NAME]["deadline_h"]
        return late or journey["origin"] != group[k]["site"]

    oracle.refuse.append(refused)


def add(oracle: Any) -> None:
    """Whole to one place in one period, or nowhere."""
    codes = [category["code"] for category in oracle.c["categories"]]
    for g, group in enumerate(oracle.c["groups"]):
        ways: dict[tuple[str, int], list] = {}
        for e, one in enumerate(oracle.transfers):
            if codes[one["k"]] == group["category"]:
                ways.setdefault((one["destination"], one["t"]), []).append(oracle.x[e])
        goes = []
        for way, moved in sorted(ways.items()):
            goes.append(oracle.m.new_bool_var(f"goes{g}{way}"))
            oracle.m.add(sum(moved) == group["patients_micro"] // oracle.micro * goes[-1])
        oracle.m.add(sum(goes) <= 1)


def tell(oracle: Any, value: Any) -> list:
    """Categories of groups that go."""
    own = {one["category"] for one in oracle.c["groups"]}
    kinds = [oracle.c["categories"][one["k"]]["code"] for one in oracle.transfers]
    return sorted({kind for kind, x in zip(kinds, oracle.x, strict=True) if kind in own and value(x)})


def tables(maker: Any) -> dict[str, list[dict[str, Any]]]:
    """Where each group went."""
    rows = []
    for group in maker.s.groups:
        went = {(end, t) for t, _, end, category, *_ in maker.d.transfers if category == group.category}
        to_site, period = min(went, default=("", None))
        rows.append({
            "group": group.code, "category": group.category, "from_site": group.site, "to_site": to_site,
            "period": period, "patients": group.patients_micro / MICRO,
        })  # fmt: skip
    return {"groups": rows}


def used(answer: dict[str, Any]) -> bool:
    """Whether a group goes."""
    return bool(answer["more"][NAME])
