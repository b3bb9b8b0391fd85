"""More never hurts, less never helps, names mean nothing: random cases of every family, changed and planned again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import pytest

from nspl_opt.network.travel import Journey
from nspl_opt.scenario.situation import PlanningSite, Situation

from ..formulation.small import Case, Result, planned
from ..oracle.cases import TinyTravel, random_case, whole_case

SEEDS = (3, 9, 16, 27, 28, 34, 40, 46, 53, 57)
CLOSE = 1e-3
Drawn = tuple[Case, dict[str, Any]]


def drawn(seed: int) -> Drawn:
    """A case with all vehicles offered: only then is more never less."""
    situation, travel, model = random_case(seed)
    return Case(situation, travel), model


def solved(case: Case, model: Mapping[str, Any], *goals: str) -> Result:
    return planned(case, model["families"], list(goals) or ["unmet_care"], work_limit=100_000)


def bound(case: Case, model: Mapping[str, Any]) -> float:
    """What no plan can beat: the bound is proven, the value of the plan is within its tolerance of it."""
    (goal,) = solved(case, model).made.plan.goals
    assert goal.proven and goal.bound <= goal.value + 1e-6
    return goal.bound


@pytest.fixture(scope="module")
def before() -> Callable[[int], float]:
    known: dict[int, float] = {}

    def ask(seed: int) -> float:
        if seed not in known:
            known[seed] = bound(*drawn(seed))
        return known[seed]

    return ask


def more(field: str) -> Callable[[Drawn], Drawn]:
    def change(one: Drawn) -> Drawn:
        return one[0].but(**{field: getattr(one[0].situation, field) + 1}), one[1]

    return change


def closed_border(one: Drawn) -> Drawn:
    case, model = one
    families = model["families"] | {"areas": {"grouping": "civil_area", "border": "closed"}}
    return case, model | {"families": families}


def closed_roads(one: Drawn) -> Drawn:
    """Two places can no longer be reached from each other by road or air."""
    case, model = one
    ends = {case.situation.sites[0].code, case.situation.sites[-1].code}
    kept = [(key[0], j) for key, j in case.travel.by_key.items() if {j.origin, j.destination} != ends]
    return Case(case.situation, TinyTravel(kept, case.travel.trips)), model


def shorter_journeys(one: Drawn) -> Drawn:
    case, model = one
    families = model["families"] | {"travel_time": model["families"]["travel_time"] | {"longest_journey_factor": 0.5}}
    return case, model | {"families": families}


MORE = {name: more(name) for name in ("beds", "surge_beds", "staff", "pool_quantity")}
LESS = {"border": closed_border, "roads": closed_roads, "journeys": shorter_journeys}


def without_reserve(one: Drawn) -> Drawn:
    """Planned care and the reserve grow with the beds there are; staff share likewise: more is then not simply more."""
    case, model = one
    families = {name: options for name, options in model["families"].items() if name != "reserve"}
    return case, model | {"families": families}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("what", sorted(MORE))
def test_more_beds_staff_or_vehicles_never_hurt(what, seed):
    plain = without_reserve(drawn(seed))
    assert bound(*MORE[what](plain)) <= bound(*plain) + CLOSE


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("what", sorted(LESS))
def test_a_closed_border_road_or_longer_way_never_helps(what, seed, before):
    assert bound(*LESS[what](drawn(seed))) >= before(seed) - CLOSE


GOALS = ("unmet_care", "worst_region", "postponed_care", "patient_hours_in_transit", "staff_away")


def values(case: Case, model: Mapping[str, Any]) -> list[float]:
    return [goal.value for goal in solved(case, model, *GOALS).made.plan.goals]


@pytest.mark.parametrize("seed", SEEDS[:5])
def test_names_mean_nothing(seed):
    case, model = drawn(seed)
    assert values(renamed(case), model)[0] == pytest.approx(values(case, model)[0], abs=CLOSE)


def renamed(case: Case) -> Case:
    """Regions named so that their order turns round; sites stay in place, for arrays are by site."""
    s = case.situation
    names = {region.code: f"z{99 - number}" for number, region in enumerate(s.regions)}
    return Case(
        replace(
            s,
            regions=tuple(sorted((replace(r, code=names[r.code]) for r in s.regions), key=lambda r: r.code)),
            sites=tuple(replace(site, region=names[site.region]) for site in s.sites),
            pools=tuple(replace(pool, region=names[pool.region]) for pool in s.pools),
            groupings={
                g: tuple(replace(a, regions=tuple(names[r] for r in a.regions)) for a in areas)
                for g, areas in s.groupings.items()
            },
        ),
        case.travel,
    )


@pytest.mark.parametrize("seed", range(0, 40, 8))
def test_names_mean_nothing_to_any_family(seed):
    situation, travel, model = whole_case(seed)
    names = {region.code: f"x{region.code}y" for region in situation.regions}
    other = Case(anew(situation, names), travel)
    assert {region.code for region in other.situation.regions} == set(names.values())
    goals = [goal["name"] for goal in model["goals"]]
    one, two = (solved(case, model, *goals).made.plan for case in (Case(situation, travel), other))
    assert [goal.value for goal in two.goals] == pytest.approx([goal.value for goal in one.goals], abs=CLOSE)


def anew(value: Any, names: Mapping[str, str]) -> Any:
    """The same with other names, in the same order, wherever they stand."""
    if is_dataclass(value):
        return replace(value, **{one.name: anew(getattr(value, one.name), names) for one in fields(value)})
    if isinstance(value, Mapping):
        return {anew(key, names): anew(one, names) for key, one in value.items()}
    if isinstance(value, (tuple, frozenset)):
        return type(value)(anew(one, names) for one in value)
    return names.get(value, value) if isinstance(value, str) else value


@pytest.mark.parametrize("seed", SEEDS[:5])
def test_an_empty_region_changes_nothing(seed):
    case, model = drawn(seed)
    assert values(with_empty_region(case), model) == pytest.approx(values(case, model), abs=CLOSE)


def with_empty_region(case: Case) -> Case:
    """A region without beds, people, patients or vehicles, but on the way from everywhere."""
    s: Situation = case.situation
    last = s.sites[-1]
    site = PlanningSite("z9", "Ingenstans", "z9", last.level, last.capabilities, ("z9",), "z9")

    def grown(values: np.ndarray) -> np.ndarray:
        return np.concatenate([values, np.zeros_like(values[:, :1])], axis=1)

    arrays = ("beds", "surge_beds", "planned_beds", "staff", "planned_staff", "arrivals_micro", "initial_micro")
    more = [(0, Journey("amb", a, b, 60, a, b, 0, 0, "")) for x in s.sites for a, b in ((x.code, "z9"), ("z9", x.code))]
    journeys = [(key[0], journey) for key, journey in case.travel.by_key.items()]
    busy = {(0, p.code, j.origin, j.destination): 120 for _, j in more for p in s.pools if p.vehicle_type == "amb"}
    situation = replace(
        s, regions=(*s.regions, replace(s.regions[-1], code="z9")), sites=(*s.sites, site),
        **{name: grown(getattr(s, name)) for name in arrays},
    )  # fmt: skip
    return Case(situation, TinyTravel(journeys + more, case.travel.trips | busy))
