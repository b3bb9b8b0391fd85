"""Plans as they are told: whole to the secretariat, what concerns it to a region, sums to an observer."""

from __future__ import annotations

from typing import Any, ClassVar

from .base import BOTH, REGION, Answer, Own

Value = str | int | float | bool | None


class Goal(Answer):
    """One goal: what the plan reaches, what no plan can beat, the gap as a share."""

    name: str
    unit: str
    value: float
    bound: float
    gap: float
    proven: bool


class PlanHead(Answer):
    """A plan as it stands: draft, publish_asked, published or withdrawn. A recommendation; the regions decide."""

    id: str
    run_id: str
    scenario_id: str
    model_id: str
    based_on: str | None
    title_sv: str
    title_en: str
    marking: str
    level: str
    start: str
    status: str
    goals: tuple[Goal, ...]
    manifest_sha256: str
    verified_at: str
    rules_checked: int
    at: str
    state: str
    asked_by: str
    withdraw_asked_by: str
    published_at: str
    version: int
    commitment: str


class PlanList(Answer):
    """Plans, the latest first."""

    plans: tuple[PlanHead, ...]
    next: str | None


class PlanWhole(PlanHead):
    """A plan with the names of its tables, where it comes from, and what it avoids."""

    tables: tuple[str, ...]
    provenance: dict[str, Any]
    avoidable: dict[str, Any] | None
    notes: tuple[str, ...]


class PlanSeen(Answer):
    """A published plan, for a region. ``commitment`` can be checked later by who opens it: the secretariat."""

    audiences: ClassVar[frozenset[str]] = REGION
    id: str
    title_sv: str
    title_en: str
    marking: str
    level: str
    start: str
    published_at: str
    commitment: str
    tables: tuple[str, ...]


class PlansSeen(Answer):
    """Published plans, the latest first."""

    audiences: ClassVar[frozenset[str]] = REGION
    plans: tuple[PlanSeen, ...]
    next: str | None


class ColumnTold(Answer):
    """A column: its name, its kind (text, whole, number, flag, time) and unit."""

    audiences: ClassVar[frozenset[str]] = BOTH
    name: str
    kind: str
    unit: str


class TableShown(Answer):
    """A page of a table, rows in the order of the columns."""

    plan_id: str
    marking: str
    table: str
    columns: tuple[ColumnTold, ...]
    rows: tuple[tuple[Value, ...], ...]
    next: str | None


class OwnRow(Own):
    """A row about the caller's own region."""

    cells: dict[str, Value]


class TransferSeen(Answer):
    """A transfer that the region sends or receives. Of the other only its code; the own site, if any."""

    audiences: ClassVar[frozenset[str]] = REGION
    from_region: str
    to_region: str
    own_site: str
    category: str
    vehicle_type: str
    depart: str
    arrive: str
    patients: float
    whole: bool

    def may_see(self, region: str) -> bool:
        return region in (self.from_region, self.to_region)


class LoanSeen(Answer):
    """People whom the region lends or borrows."""

    audiences: ClassVar[frozenset[str]] = REGION
    from_region: str
    to_region: str
    profession: str
    start: str
    end: str
    persons: int

    def may_see(self, region: str) -> bool:
        return region in (self.from_region, self.to_region)


class TableSeen(Answer):
    """A page of a table: the rows that concern the caller's region."""

    audiences: ClassVar[frozenset[str]] = REGION
    plan_id: str
    marking: str
    table: str
    rows: tuple[OwnRow | TransferSeen | LoanSeen, ...]
    next: str | None


class AnswerThen(Answer):
    """A line as it stood when the later plan was made: ``state`` then, and ``state_now``.

    ``amount`` is what was asked for; of what was countered, what is asked for at most.
    """

    id: str
    plan_id: str
    kind: str
    from_region: str
    to_region: str
    from_site: str
    to_site: str
    what: str
    vehicle_type: str
    from_time: str
    to_time: str
    amount: int
    agreed: int | None
    state: str
    state_now: str


class ChangeTold(Answer):
    """A transfer that differs, patients before and after, and its cause; ``lines`` that it is about, by id.

    Where ``cause`` is not_known, ``may_be`` names what it may be.
    """

    transfer_id: str
    before: float
    after: float
    from_site: str
    to_site: str
    from_region: str
    to_region: str
    category: str
    vehicle_type: str
    depart: str
    cause: str
    may_be: tuple[str, ...]
    lines: tuple[str, ...]


class Comparison(Answer):
    """Two plans side by side, with what caused the difference: files, options, answers of the regions."""

    first: str
    second: str
    comparison: dict[str, Any]
    answers: tuple[AnswerThen, ...]
    changes: tuple[ChangeTold, ...]


class CategorySum(Answer):
    """Of the whole country, one care category. Few (1 to 4) are not told: None."""

    audiences: ClassVar[frozenset[str]] = frozenset({"secretariat", "region", "observer"})
    category: str
    patients_moved: int | None
    patient_hours_unmet: int


class StaffSum(Answer):
    """Of the whole country, one profession. Few (1 to 4) are not told: None."""

    audiences: ClassVar[frozenset[str]] = frozenset({"secretariat", "region", "observer"})
    profession: str
    persons_lent: int | None


class National(Answer):
    """The published plan in national figures, rounded; no region stands in it."""

    audiences: ClassVar[frozenset[str]] = frozenset({"secretariat", "region", "observer"})
    plan_id: str
    title_sv: str
    title_en: str
    marking: str
    start: str
    published_at: str
    valid_until: str
    categories: tuple[CategorySum, ...]
    staff: tuple[StaffSum, ...]
