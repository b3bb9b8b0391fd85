"""Tables about care: contracts and keys. Plain data, for the checker reads it."""

from __future__ import annotations

from collections.abc import Mapping

from nspl_opt.plan.columns import Column, columns

TABLES_HERE: Mapping[str, tuple[Column, ...]] = {
    "bed_use": columns(
        "period|whole||period",
        "start|time||start of the period",
        "region|text||region",
        "site|text||site",
        "bed_type|text||bed type that gives",
        "used_by|text||bed type that the patients need",
        "patients|number|patients|patients who lie in beds of the type that gives",
        "beds|number|beds|beds that they take",
    ),
    "ready": columns(
        "period|whole||period",
        "start|time||start of the period",
        "region|text||region",
        "site|text||site",
        "category|text||care category",
        "became|number|patients|became ready during the period: left care and need a municipal place",
        "placed|number|patients|came to a municipal place during the period",
        "waiting|number|patients|ready and still there at the end of the period",
        "housed|number|patients|of them in a bed",
    ),
    "extra_hours": columns(
        "block|whole||staff block",
        "start|time||start of the block",
        "region|text||region",
        "profession|text||staff group",
        "people|number|people|extra hours worked, as people's worth of ordinary hours",
    ),
}
KEYS_HERE: Mapping[str, tuple[str, ...]] = {
    "bed_use": ("period", "site", "bed_type", "used_by"),
    "ready": ("period", "site", "category"),
    "extra_hours": ("block", "region", "profession"),
}
