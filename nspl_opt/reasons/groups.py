"""What could give way when wishes conflict: rules and wishes by group, each with a way to do without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nspl_opt.formulation.families.catalogue import FAMILIES
from nspl_opt.formulation.spec import ModelSpec
from nspl_opt.formulation.stages import AGREED
from nspl_opt.reference.reference import STANDARDS
from nspl_opt.scenario.situation import Closure, Situation

Case = tuple[Situation, ModelSpec]

CRISIS = STANDARDS[-1]
BINDING = AGREED | {"countered", "declined"}
"""States of lines that a plan is bound by."""
DROPS: tuple[tuple[str, str, dict[str, Any] | None], ...] = (
    ("areas.border", "areas", {"border": "open"}),
    ("travel_time", "travel_time", None),
    ("allowed_pairs", "allowed_pairs", None),
    ("eligibility", "eligibility", None),
    ("reception", "reception", None),
    ("offers.limit", "offers", {"limits": False}),
    ("offers.no_more", "offers", {"add_to_accepted": True}),
    ("external.share", "external", {"share": 1.0}),
    ("reserve.floor", "reserve", {"free_share": 0.0}),
    ("reserve.region_floor", "reserve", {"region_bed_types": ()}),
    ("reserve.helper", "reserve", {"helper_load": "off"}),
    ("bed_substitution.share", "bed_substitution", {"largest_share": 1.0}),
    ("surge.notice", "surge", {"notice_h": 0.0}),
    ("surge.longest", "surge", {"longest_factor": 10.0}),
    ("surge.units", "surge", None),
    ("equipment.moves", "equipment", {"moves": True}),
    ("equipment.floor", "equipment", {"floor_share": 0.0}),
    ("equipment.locked", "equipment", {"locked_h": 0.0}),
    ("supplies.moves", "supplies", {"moves": True}),
    ("supplies.floor", "supplies", {"floor_days": 0.0}),
    ("endurance.extra_share", "endurance", {"extra_share": 1.0}),
    ("endurance.rest", "endurance", {"rest_h": 0.0}),
    ("staff_loans.share", "staff_loans", {"share": 1.0}),
    ("staff.contingency", "staff", {"contingency": True}),
    ("staff.within_region_share", "staff", {"within_region_share": 5.0}),
    ("elective.delay", "elective", {"delay_h": 0.0}),
    ("elective.largest_share", "elective", {"largest_share": 1.0}),
    ("transports.duty", "transports", {"duty_share": 1.0}),
    ("batching.smallest_group", "batching", {"smallest_group": 0}),
    ("batching.partners", "batching", {"partners": "any"}),
    ("batching.gap", "batching", {"gap_h": "off"}),
    ("batching.most_per_pair", "batching", {"most_per_pair": "any"}),
    ("batching.most_per_site_day", "batching", {"most_per_site_day": "any"}),
    ("batching.most_per_day", "batching", {"most_per_day": "any"}),
    ("batching.most_in_all", "batching", {"most_in_all": "any"}),
    ("stability.most_new", "stability", {"most_new": "any"}),
    ("single_source.deadline", "single_source", {"deadline_h": 500.0}),
    ("single_source", "single_source", None),
)
"""Group, family, and the options without which its limit is gone; None: without the family. In this order."""
MOST_LINES = 30
"""With more lines than these the answers of all regions are one group."""


@dataclass(frozen=True)
class Group:
    """A wish or a rule that could give way. ``about`` are the codes that its words name."""

    name: str
    drop: Callable[[Case], Case]
    about: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The part of the name that its words go by."""
        return self.name.partition(":")[0]


def groups_of(situation: Situation, spec: ModelSpec, roads: bool = False) -> tuple[Group, ...]:
    """The groups that stand in this model and case, in the order in which they are tried.

    ``roads``: whether journeys can be worked out anew, so that closures may give way too.
    """
    found = [*_wishes(spec), *_answers(situation, spec), *_rules(spec)]
    if situation.external_regions and not getattr(spec.families.get("external"), "send", False):
        found.append(Group("external.send", lambda case: (case[0], _with(case[1], "external", {"send": True}))))
    if (situation.surge_beds != _ready_at_once(situation)).any() and "beds" in spec.families:
        found.append(Group("surge.lead", lambda case: (_without_lead(case[0]), case[1])))
    if _crisis_locked(situation, spec):
        found.append(
            Group("staff.crisis", lambda case: (_unlocked(case[0]), _with(case[1], "staff", {"crisis": True})))
        )
    return (*found, *(_closures(situation) if roads else ()))


def _wishes(spec: ModelSpec) -> Iterator[Group]:
    for goal in spec.goals:
        if goal.at_most is not None:
            yield Group(f"wish:{goal.name}", lambda case, name=goal.name: (case[0], _unwished(case[1], name)))


def _unwished(spec: ModelSpec, name: str) -> ModelSpec:
    goals = [goal.model_copy(update={"at_most": None}) if goal.name == name else goal for goal in spec.goals]
    return spec.model_copy(update={"goals": tuple(goals)})


def _answers(situation: Situation, spec: ModelSpec) -> Iterator[Group]:
    """What is agreed or declined, line by line where there are few of them."""
    if not getattr(spec.families.get("offers"), "answers", False):
        return
    lines = [line.code for line in situation.agreements if line.state in BINDING]
    if len(lines) > MOST_LINES:
        yield Group("offers.answers", lambda case: (case[0], _with(case[1], "offers", {"answers": False})))
        return
    for code in sorted(lines):
        yield Group(f"agreement:{code}", lambda case, c=code: (_unagreed(case[0], c), case[1]), about=(code,))


def _unagreed(situation: Situation, code: str) -> Situation:
    return replace(situation, agreements=tuple(line for line in situation.agreements if line.code != code))


def _rules(spec: ModelSpec) -> Iterator[Group]:
    for name, family, options in DROPS:
        now = spec.families.get(family)
        known = now is not None and (options is None or set(options) <= set(type(now).model_fields))
        if known and (options is None or any(getattr(now, key) != value for key, value in options.items())):
            yield Group(name, lambda case, f=family, o=options: (case[0], _with(case[1], f, o)))


def _with(spec: ModelSpec, family: str, options: dict[str, Any] | None) -> ModelSpec:
    """The model with these options of the family, which it then has; None: without it."""
    families = {name: chosen for name, chosen in spec.families.items() if name != family or options is not None}
    if options is not None:
        families[family] = families.get(family, FAMILIES[family].options()).model_copy(update=options)
    return spec.model_copy(update={"families": {name: families[name] for name in FAMILIES if name in families}})


def _ready_at_once(situation: Situation) -> np.ndarray:
    """(bed_type, site, period) surge beds if those that open some time were open all the time."""
    most = situation.surge_beds.max(axis=2, keepdims=True)
    ready = np.broadcast_to(most, situation.surge_beds.shape).copy()
    ready.setflags(write=False)
    return ready


def _without_lead(situation: Situation) -> Situation:
    """Surge beds that open some time open at once, whole units among them."""
    units = tuple(replace(unit, lead_h=0) for unit in situation.surge_units)
    return replace(situation, surge_beds=_ready_at_once(situation), surge_units=units)


def _crisis_locked(situation: Situation, spec: ModelSpec) -> bool:
    """Whether the crisis standard is known, and locked somewhere or not wanted by the model."""
    staff = spec.families.get("staff")
    if staff is None or not any(category.staff_micro.get(CRISIS) for category in situation.categories):
        return False
    return not staff.crisis or situation.crisis_open is None or not situation.crisis_open.all()


def _unlocked(situation: Situation) -> Situation:
    opened = np.ones((len(situation.sites), len(situation.periods)), dtype=bool)
    opened.setflags(write=False)
    return replace(situation, crisis_open=opened)


def _closures(situation: Situation) -> Iterator[Group]:
    """Closed roads, modes and places, one by one. A closed ferry line does not sail: its timetable stays as it is."""
    closed = {(kind, code) for state in situation.closures for kind in _KINDS for code in getattr(state, kind)}
    for kind, code in sorted(closed):
        if code not in situation.timetables:
            yield Group(
                f"closure:{code}", lambda case, k=kind, c=code: (_opened(case[0], k, c), case[1]), about=(code,)
            )


_KINDS = ("links", "modes", "places")


def _opened(situation: Situation, kind: str, code: str) -> Situation:
    def without(state: Closure) -> Closure:
        return replace(state, **{kind: tuple(one for one in getattr(state, kind) if one != code)})

    return replace(situation, closures=tuple(without(state) for state in situation.closures))
