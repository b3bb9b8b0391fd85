"""Who acts: a key, its role, its region, and the function that holds it. Never a person's name."""

from __future__ import annotations

from dataclasses import dataclass

SECRETARIAT, OPERATOR, DECISION_MAKER = "secretariat", "region_operator", "region_decision_maker"
EXERCISE_LEAD, OBSERVER, ADMINISTRATOR = "exercise_lead", "observer", "administrator"
ROLES = (SECRETARIAT, OPERATOR, DECISION_MAKER, EXERCISE_LEAD, OBSERVER, ADMINISTRATOR)
REGIONAL = (OPERATOR, DECISION_MAKER)
"""Roles that are bound to one region."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something. ``holder`` is a function code such as ``kansli-03``, never a person's name."""

    key_id: str
    role: str
    region: str | None
    holder: str


SYSTEM = Actor("system", "system", None, "system")
"""The program itself: lines that expire, runs that end."""

LOCAL = Actor("local", ADMINISTRATOR, None, "local")
"""Who stands at the machine and uses the command line."""
