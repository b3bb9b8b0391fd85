"""A plan: what is recommended, what it achieves, how it was found. Tables with a contract.

``TABLES`` is the contract of the plan folder: one CSV per table, its columns in order, each with
type, unit and meaning. Expected values have at most six decimals; what is whole is written whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from nspl_opt.plan.columns import Column, columns
from nspl_opt.plan.parts.tables import MORE_TABLES

STATUSES = (
    "optimal",
    "feasible_gap",
    "feasible_time_limit",
    "no_solution_in_time",
    "infeasible_confirmed",
    "infeasible_unconfirmed",
    "numerical_suspect",
    "memory_limit",
    "crashed",
    "cancelled",
    "interrupted",
    "rejected_input",
    "internal_error",
)
"""How a run can end; a closed list. ``optimal`` needs a proof for every goal."""


_OWN: dict[str, tuple[Column, ...]] = {
    "transfers": columns(
        "id|text||stable name: category, from, to, vehicle type, departure period",
        "period|whole||period of departure",
        "depart|time||start of the period of departure",
        "arrival_period|whole||period of arrival",
        "arrive|time||start of the period of arrival",
        "from_site|text||sending site",
        "to_site|text||receiving site",
        "from_region|text||sending region",
        "to_region|text||receiving region",
        "home_region|text||region the patients belong to",
        "category|text||care category",
        "vehicle_type|text||vehicle that carries the patients",
        "from_terminal|text||where it starts with them",
        "to_terminal|text||where it ends with them",
        "line|text||ferry line, if any",
        "patients|number|patients|patients moved",
        "whole|flag||true: whole patients, to be executed; false: an expected value",
        "minutes|whole|min|journey door to door",
        "kind|text||why patients move: relief",
        "crosses_area|flag||leaves the area of the grouping that the model watches",
    ),
    "trips": columns(
        "id|text||stable name: pool, from, to, period",
        "period|whole||period of departure",
        "depart|time||start of the period of departure",
        "vehicle_type|text||vehicle type",
        "pool|text||vehicles used; empty for scheduled lines",
        "line|text||ferry line, if any",
        "from_terminal|text||start with patients",
        "to_terminal|text||end with patients",
        "trips|number|trips|trips made",
        "whole|flag||true: whole trips; false: an expected value",
        "minutes|whole|min|one trip of one vehicle, from its base and back to it; 0 for scheduled lines",
    ),
    "loans": columns(
        "id|text||stable name: profession, from, to, first block",
        "profession|text||staff group",
        "from_region|text||lending region",
        "to_region|text||receiving region",
        "first_block|whole||first staff block away",
        "last_block|whole||last staff block away",
        "start|time||start of the first block",
        "end|time||end of the last block",
        "persons|whole|people|people lent",
    ),
    "postponed": columns(
        "block|whole||staff block",
        "start|time||start of the block",
        "region|text||region",
        "site|text||site",
        "step|whole|steps|step in force",
        "steps|whole|steps|steps there are",
        "beds_freed|number|beds|beds of planned care that are free for others",
    ),
    "surge": columns(
        "period|whole||period",
        "start|time||start of the period",
        "region|text||region",
        "site|text||site",
        "bed_type|text||bed type",
        "needed|number|beds|patients cared for beyond the staffed beds (expected value)",
        "open|whole|beds|beds to hold open: needed, rounded up",
        "available|whole|beds|surge beds that can be open by then",
    ),
    "census": columns(
        "period|whole||period",
        "start|time||start of the period",
        "region|text||region",
        "site|text||site",
        "category|text||care category",
        "arrived|number|patients|came during the period",
        "moved_in|number|patients|arrived by transfer",
        "moved_out|number|patients|left by transfer",
        "discharged|number|patients|left after care",
        "stepped_in|number|patients|came on from another category of care|optional",
        "stepped_out|number|patients|went on to another category of care|optional",
        "present|number|patients|there at the end of the period",
        "conventional|number|patients|cared for, conventional standard",
        "contingency|number|patients|cared for, contingency standard",
        "crisis|number|patients|cared for, crisis standard|optional",
        "unmet|number|patients|present without a staffed bed",
    ),
    "unmet": columns(
        "period|whole||period",
        "start|time||start of the period",
        "region|text||region",
        "site|text||site",
        "category|text||care category",
        "unmet|number|patients|present without a staffed bed",
        "patient_hours|number|h|times the hours of the period",
    ),
    "discharges": columns(
        "period|whole||period",
        "start|time||start of the period",
        "region|text||region",
        "site|text||site",
        "category|text||care category",
        "patients|number|patients|left after care",
    ),
    "load": columns(
        "period|whole||period",
        "start|time||start of the period",
        "region|text||region",
        "bed_type|text||bed type",
        "present|number|patients|patients who need such a bed",
        "cared|number|patients|of them cared for",
        "staffed|number|beds|staffed beds less those of planned care not postponed",
        "surge|whole|beds|surge beds that can be open",
        "lent|number|beds|beds of the type that hold patients who need another|optional",
        "borrowed|number|patients|patients who need the type and lie in beds of another|optional",
        "housed|number|patients|ready for discharge and still in a bed|optional",
        "free_share|number|share|1 - (cared + lent - borrowed + housed) / (staffed + surge); empty without beds",
    ),
    "ledger": columns(
        "region|text||region",
        "patients_sent|number|patients|patients moved to other regions",
        "patients_received|number|patients|patients taken from other regions",
        "patient_hours_unmet|number|h|patient-hours without a staffed bed, present in the region",
        "staff_days_lent|number|days|person-days lent",
        "staff_days_borrowed|number|days|person-days borrowed",
        "bed_hours_postponed|number|h|bed-hours of planned care postponed",
    ),
    "rules": columns(
        "name|text||family.rule",
        "rows|whole|rows|how many times the rule stands in the model",
        "binding|whole|rows|of them in use and met without slack by the plan",
        "sentence_en|text||the rule in words",
        "equation|text||the rule in LaTeX",
        "unit|text||unit of its slack",
        "least_slack|number||smallest slack of any row",
    ),
}

ALWAYS = tuple(_OWN)
"""The tables that every plan has."""
TABLES: Mapping[str, tuple[Column, ...]] = _OWN | MORE_TABLES
"""Every table of the plan folder; those beside ``ALWAYS`` are there when their family is on."""


@dataclass(frozen=True, slots=True)
class GoalResult:
    """One goal: what the plan reaches, what no plan can beat, how far apart they are.

    ``bound`` holds among all plans that are at least as good in the goals above.
    ``gap`` is (value - bound) / max(|value|, 1e-9), 0 when both are 0.
    """

    name: str
    unit: str
    value: float
    bound: float
    gap: float
    seconds: float
    proven: bool
    """Whether the gap is within the model's ``gap_share`` or absolute tolerance, besides the slack given back."""


@dataclass(frozen=True, slots=True)
class Avoidable:
    """How much of the unmet care that help between regions can avoid the plan does avoid.

    All in the unit of the goal ``unmet_care``: severity-weighted patient-hours.
    """

    without_help: float
    """Value of the verified plan without transfers and loans between regions, all else equal."""
    without_help_bound: float
    """What no plan without such help can beat."""
    plan: float
    bound: float
    """What no plan can beat; never more than the least that can be reached."""
    share: float | None
    """(without_help - plan) / (without_help - bound); None where help can avoid next to nothing."""
    least_share: float | None
    """The same from ``without_help_bound``: the share is no less, however good a plan without help may be."""


AHEAD = frozenset({"agreements_broken"})
"""Goals that only keep what is agreed, and stand before the main one."""


@dataclass(frozen=True)
class Plan:
    """One recommended plan with everything needed to judge, verify and repeat it."""

    scenario: str
    title_sv: str
    title_en: str
    marking: str
    level: str
    start: str
    status: str
    model: Mapping[str, Any]
    """The model file with every default filled in: title, families (name -> options), goals, solver."""
    goals: tuple[GoalResult, ...]
    tables: Mapping[str, pd.DataFrame]
    """One frame per entry of ``TABLES`` that the plan has, with exactly its columns, rows sorted by id or by key."""
    pruned: Mapping[str, int]
    """Why a possible transfer was not offered -> how many."""
    size: Mapping[str, int]
    """rows, columns, nonzeros, whole columns of the model."""
    provenance: Mapping[str, Any]
    """inputs (file -> SHA-256), code and package versions, seed, options, what limited the solve."""
    timing: Mapping[str, float] = field(default_factory=dict)
    """Seconds per stage of the pipeline; kept out of everything that must repeat byte for byte."""
    grid: tuple[int, ...] = ()
    """Length of each period [h]; empty in plans that do not say: then it is the scenario's own."""
    avoidable: Avoidable | None = None
    """Share of the avoidable unmet care that is avoided; None where it was not asked for."""
    notes: tuple[str, ...] = ()
    """What a family that is on had nothing to act on, and what was left out: ``family.why``, words under ``notes``."""

    @property
    def main(self) -> GoalResult | None:
        """The goal that matters most: the first that does not only keep what is agreed; None without goals."""
        return next((goal for goal in self.goals if goal.name not in AHEAD), next(iter(self.goals), None))

    def table(self, name: str) -> pd.DataFrame:
        """The table of this name; empty when the plan does not have it."""
        found = self.tables.get(name)
        return pd.DataFrame(columns=[column.name for column in TABLES[name]]) if found is None else found
