"""Plans side by side: goals, patients moved, loans, who goes without, which transfers differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nspl_opt.plan.certainty import share_text, wholeness
from nspl_opt.plan.plan import Avoidable, GoalResult, Plan
from nspl_opt.plan.words import Words

SAME = 1e-4
"""Patients by which a transfer may differ and still count as unchanged."""


@dataclass(frozen=True, slots=True)
class TransferChange:
    """A transfer that two plans do not share: patients in the first and in the other plan."""

    transfer_id: str
    before: float
    after: float

    @property
    def kind(self) -> str:
        """``added``, ``removed`` or ``changed``, seen from the first plan."""
        return "added" if self.before == 0 else "removed" if self.after == 0 else "changed"


@dataclass(frozen=True)
class Comparison:
    """Figures of several plans; every tuple has one entry per plan, in the order of ``names``."""

    names: tuple[str, ...]
    statuses: tuple[str, ...]
    goals: tuple[tuple[str, tuple[GoalResult | None, ...]], ...]
    """Goal name -> its result in each plan, None where the plan has no such goal."""
    avoidable: tuple[Avoidable | None, ...]
    """Share of the avoidable unmet care avoided; None where the plan does not say."""
    patients_whole: tuple[float, ...]
    patients_expected: tuple[float, ...]
    trips_whole: tuple[float, ...]
    trips_expected: tuple[float, ...]
    transfers: tuple[int, ...]
    staff_days: tuple[float, ...]
    bed_hours_postponed: tuple[float, ...]
    unmet_hours: tuple[float, ...]
    unmet: tuple[tuple[tuple[str, str], tuple[float, ...]], ...]
    """(region, category) -> patient-hours without a bed in each plan; pairs that are 0 in all are left out."""
    changes: tuple[tuple[TransferChange, ...], ...]
    """Differences from the first plan; the first entry is empty."""

    def as_rows(self, language: str = "sv") -> list[list[str]]:
        """The comparison as rows of text, the first one the headings: a label, then one cell per plan."""
        words = Words(language)

        def line(key: str, values: Sequence[float], decimals: int = 1) -> list[str]:
            return [words(f"compare.{key}"), *(words.number(value, decimals) for value in values)]

        rows = [[words("compare.plan"), *self.names]]
        rows.append([words("compare.status"), *(words.known("status", status) for status in self.statuses)])
        for name, results in self.goals:
            rows.append([words.known("goal", name), *(_goal(result, words) for result in results)])
        rows += _avoided_rows(self.avoidable, words)
        rows += [
            line("patients_whole", self.patients_whole, 0), line("patients_expected", self.patients_expected),
            line("trips_whole", self.trips_whole, 0), line("trips_expected", self.trips_expected),
            line("transfers", self.transfers, 0), line("staff_days", self.staff_days),
            line("postponed", self.bed_hours_postponed), line("unmet_hours", self.unmet_hours),
        ]  # fmt: skip
        for (region, category), hours in self.unmet:
            label = words("compare.unmet_of", region=region, category=category)
            rows.append([label, *(words.number(value, 1) for value in hours)])
        for kind in ("added", "removed", "changed"):
            counts = [sum(change.kind == kind for change in changes) for changes in self.changes]
            rows.append([words(f"compare.{kind}"), *("–" if not i else words.number(n) for i, n in enumerate(counts))])
        return rows

    def as_text(self, language: str = "sv") -> str:
        """The same rows in columns, for a terminal."""
        rows = self.as_rows(language)
        widths = [max(len(row[column]) for row in rows) for column in range(len(self.names) + 1)]
        lines = []
        for row in rows:
            cells = [row[0].ljust(widths[0])] + [
                cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)
            ]
            lines.append("  ".join(cells).rstrip())
        return "\n".join(lines)


def compare_plans(plans: Sequence[tuple[str, Plan]]) -> Comparison:
    """Put plans side by side. ValueError when there is none."""
    if not plans:
        raise ValueError("compare_plans needs at least one plan")
    only = [plan for _, plan in plans]
    amounts = [_amounts(plan) for plan in only]
    certain = [wholeness(plan) for plan in only]
    unmet = [_unmet(plan) for plan in only]
    pairs = sorted({pair for table in unmet for pair in table})
    goals = dict.fromkeys(goal.name for plan in only for goal in plan.goals)
    return Comparison(
        names=tuple(name for name, _ in plans),
        statuses=tuple(plan.status for plan in only),
        goals=tuple((name, tuple(_find(plan, name) for plan in only)) for name in goals),
        avoidable=tuple(plan.avoidable for plan in only),
        patients_whole=tuple(found.patients for found in certain),
        patients_expected=tuple(found.patients_expected for found in certain),
        trips_whole=tuple(found.trips for found in certain),
        trips_expected=tuple(found.trips_expected for found in certain),
        transfers=tuple(len(plan.tables["transfers"]) for plan in only),
        staff_days=tuple(_sum(plan, "staff_days_lent") for plan in only),
        bed_hours_postponed=tuple(_sum(plan, "bed_hours_postponed") for plan in only),
        unmet_hours=tuple(round(float(plan.tables["unmet"]["patient_hours"].sum()), 6) for plan in only),
        unmet=tuple((pair, tuple(table.get(pair, 0.0) for table in unmet)) for pair in pairs),
        changes=((), *(_changes(amounts[0], other) for other in amounts[1:])),
    )


def _avoided_rows(found: Sequence[Avoidable | None], words: Words) -> list[list[str]]:
    """The share avoided and what it is measured against; nothing when no plan has it."""
    if all(one is None for one in found):
        return []

    def cell(one: Avoidable | None) -> str:
        if one is None:
            return "–"
        value, bound = (words.number(figure, 1) for figure in (one.without_help, one.without_help_bound))
        return words("compare.without_help_cell", value=value, bound=bound)

    shares = [share_text(one.share if one else None, words) for one in found]
    return [[words("compare.avoidable"), *shares], [words("compare.without_help"), *(cell(one) for one in found)]]


def _goal(result: GoalResult | None, words: Words) -> str:
    if result is None:
        return "–"
    return words(
        "compare.goal", value=words.number(result.value, 1), bound=words.number(result.bound, 1),
        gap=words.percent(result.gap, 1),
    )  # fmt: skip


def _find(plan: Plan, name: str) -> GoalResult | None:
    return next((goal for goal in plan.goals if goal.name == name), None)


def _sum(plan: Plan, column: str) -> float:
    return round(float(plan.tables["ledger"][column].sum()), 6)


def _amounts(plan: Plan) -> dict[str, float]:
    table = plan.tables["transfers"]
    return dict(zip(table["id"].astype(str), table["patients"].astype(float), strict=True))


def _unmet(plan: Plan) -> dict[tuple[str, str], float]:
    table = plan.tables["unmet"].groupby(["region", "category"])["patient_hours"].sum().round(6)
    return {pair: float(value) for pair, value in table.items() if value > 0}


def _changes(first: dict[str, float], other: dict[str, float]) -> tuple[TransferChange, ...]:
    pairs = ((name, first.get(name, 0.0), other.get(name, 0.0)) for name in sorted({*first, *other}))
    return tuple(TransferChange(*pair) for pair in pairs if abs(pair[1] - pair[2]) > SAME)
