"""Why two plans differ, transfer by transfer, where it can be known: answers, inputs, model, the time of solving."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ANSWERED = {
    "declined": "answered_no",
    "countered": "countered",
    "directed": "directed",
    "accepted": "promised",
    "expired": "expired",
    "failed": "failed",
    "cancelled": "cancelled",
}
"""State of a line when the later plan was made -> what it caused; the first of them counts."""
NOT_KNOWN = "not_known"


@dataclass(frozen=True, slots=True)
class LineThen:
    """A line of help as it stood when the later plan was made. Times are local; places are sites, regions or all."""

    id: str
    state: str
    kind: str
    from_place: str
    to_place: str
    what: str
    vehicle_type: str
    from_time: str
    to_time: str


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a transfer differs. ``cause`` is ``not_known`` where several may be it (``may_be``); ``lines`` by id."""

    transfer_id: str
    before: float
    after: float
    cause: str
    may_be: tuple[str, ...]
    lines: tuple[str, ...]


def general_causes(causes: Mapping[str, Any], plans: Sequence[Mapping[str, Any]], own: Iterable[str]) -> list[str]:
    """What besides a transfer's own line may have changed it.

    Parameters
    ----------
    causes
        What differs between the plans: names of ``files`` and ``options``, whether ``level`` and ``grid`` do.
    plans
        Heads of both plans: ``scenario_id``, and ``goals`` with ``proven``.
    own
        Files that a run writes anew for the lines it is told of.
    """
    written = {f"scenario/{name}" for name in own}
    found = []
    if written & set(causes["files"]):
        found.append("other_lines")
    if set(causes["files"]) - written or plans[0]["scenario_id"] != plans[1]["scenario_id"]:
        found.append("data")
    if causes["options"] or causes["level"] or causes["grid"]:
        found.append("model")
    if not all(goal["proven"] for plan in plans for goal in plan["goals"]):
        found.append("time_of_solving")
    return found


def causes_of(
    changes: Iterable[Mapping[str, Any]],
    transfers: Mapping[str, Mapping[str, Any]],
    lines: Sequence[LineThen],
    general: Sequence[str],
) -> list[Cause]:
    """The cause of each change.

    Parameters
    ----------
    changes
        ``transfer_id``, patients ``before`` and ``after``.
    transfers
        Id -> the row of the plan that has the transfer.
    lines
        As they stood when the later plan was made.
    general
        Of ``general_causes``.
    """
    found = []
    for change in changes:
        on = [line for line in lines if is_about(line, transfers[change["transfer_id"]])]
        own = [cause for state, cause in ANSWERED.items() if any(line.state == state for line in on)]
        cause = own[0] if own else general[0] if len(general) == 1 else NOT_KNOWN
        may_be = tuple(general) if cause == NOT_KNOWN else ()
        about = tuple(line.id for line in on if ANSWERED.get(line.state) == cause)
        found.append(Cause(change["transfer_id"], change["before"], change["after"], cause, may_be, about))
    return found


def is_about(line: LineThen, transfer: Mapping[str, Any]) -> bool:
    """Whether a line of patients is about a transfer; by any vehicle where it was declined."""
    ends = all(
        place in ("all", transfer[f"{end}_site"], transfer[f"{end}_region"])
        for end, place in (("from", line.from_place), ("to", line.to_place))
    )
    # Stages of a category are named after it.
    what = line.what == "all" or transfer["category"] == line.what or transfer["category"].startswith(f"{line.what}.")
    by = line.state == "declined" or line.vehicle_type in ("", transfer["vehicle_type"])
    return line.kind == "patients" and ends and what and by and line.from_time <= transfer["depart"] < line.to_time
