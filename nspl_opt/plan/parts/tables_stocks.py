"""Tables about equipment, supplies, units and groups: contracts and keys. Plain data, for the checker reads it."""

from __future__ import annotations

from collections.abc import Mapping

from nspl_opt.plan.columns import Column, columns

TABLES_HERE: Mapping[str, tuple[Column, ...]] = {
    "stocks": columns(
        "period|whole||period",
        "start|time||start of the period",
        "region|text||region",
        "stock|text||equipment or supplies",
        "held|number|units|there at the end of the period",
        "used|number|units|equipment: in use; supplies: used up in the period",
        "own_need|number|units|what the region's own patients would need, if nobody moved and all were cared for",
        "days_left|number|days|supplies: how long what is held lasts at the pace of the period; at most 1000|empty",
        "short|number|units|own need beyond what there is",
    ),
    "stock_moves": columns(
        "id|text||stable name: stock, from, to, departure period",
        "stock|text||equipment or supplies",
        "from_region|text||sending region; none: the national stock|empty",
        "to_region|text||receiving region",
        "period|whole||period of departure",
        "depart|time||start of the period of departure",
        "arrival_period|whole||period of arrival",
        "arrive|time||start of the period of arrival",
        "amount|number|units|units sent (expected value)",
    ),
    "surge_units": columns(
        "unit|whole||line of surge units of the situation, from 0",
        "block|whole||staff block",
        "start|time||start of the block",
        "region|text||region",
        "site|text||site",
        "bed_type|text||bed type",
        "stage|whole||stage of the line",
        "units|whole|units|units open",
        "opened|whole|units|of them opened at the start of the block",
        "closed|whole|units|units closed at the start of the block",
        "beds|number|beds|beds of the open units in the first period of the block",
    ),
    "groups": columns(
        "group|text||group of patients who are kept together",
        "category|text||the group's own category",
        "from_site|text||where it came",
        "to_site|text||where it goes; none: it stays|empty",
        "period|whole||period of departure; none: it stays|empty",
        "patients|number|patients|patients of the group",
    ),
}
KEYS_HERE: Mapping[str, tuple[str, ...]] = {
    "stocks": ("stock", "period", "region"),
    "stock_moves": ("id",),
    "surge_units": ("unit", "block"),
    "groups": ("group",),
}
