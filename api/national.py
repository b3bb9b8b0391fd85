"""The published plan in national figures: sums over all regions, rounded, few suppressed."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

from nspl_opt.store.clock import time_of, time_text
from nspl_opt.store.plans import PlanFacts

from .answers.plans import CategorySum, National, StaffSum
from .archives import Archive

FEW = 4
HOURS = 10
"""Patient-hours are told in steps of so many [h]."""


def told(amount: float) -> int | None:
    """A count of people as it may be told nationally: 1 to 4 are not."""
    whole = round(amount)
    return None if 0 < whole <= FEW else whole


def sum_up(plan: PlanFacts, archive: Archive, valid_h: float) -> National:
    """The sums of one published plan; ``valid_h`` is how long they are shown [h]."""
    moved: defaultdict[str, float] = defaultdict(float)
    hours: defaultdict[str, float] = defaultdict(float)
    lent: defaultdict[str, float] = defaultdict(float)
    for row in archive.rows("transfers"):
        if row["from_region"] != row["to_region"]:
            moved[str(row["category"])] += float(row["patients"] or 0)
    for row in archive.rows("unmet"):
        hours[str(row["category"])] += float(row["patient_hours"] or 0)
    for row in archive.rows("loans"):
        lent[str(row["profession"])] += float(row["persons"] or 0)
    published = time_of(plan.published_at)
    return National(
        plan_id=plan.id,
        title_sv=plan.title_sv,
        title_en=plan.title_en,
        marking=plan.marking,
        start=plan.start,
        published_at=plan.published_at,
        valid_until=time_text(published + timedelta(hours=valid_h)),
        categories=tuple(
            CategorySum(category=name, patients_moved=told(moved[name]), patient_hours_unmet=_stepped(hours[name]))
            for name in sorted({*moved, *hours})
        ),
        staff=tuple(StaffSum(profession=name, persons_lent=told(lent[name])) for name in sorted(lent)),
    )


def _stepped(hours: float) -> int:
    return HOURS * round(hours / HOURS)
