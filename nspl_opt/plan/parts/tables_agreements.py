"""Tables about agreements and changes: contracts and keys. Plain data, for the checker reads it."""

from __future__ import annotations

from collections.abc import Mapping

from nspl_opt.plan.columns import Column, columns

TABLES_HERE: Mapping[str, tuple[Column, ...]] = {
    "agreements": columns(
        "id|text||stable name of the line",
        "state|text||proposed, offered, countered, accepted, directed or declined",
        "kind|text||patients or staff",
        "sender|text||region or site that sends or lends; all",
        "receiver|text||region or site that receives or borrows; all",
        "what|text||care category or profession; all",
        "vehicle_type|text||vehicle type, where one is agreed|empty",
        "from_h|whole|h|first hour after the start",
        "to_h|whole|h|first hour after the window",
        "amount|number||patients, or people at once",
        "reason|text||reason of a decline|empty",
        "legal_basis|text||legal basis, for the record|empty",
        "kept|number||of the amount, what the plan keeps",
        "broken|number||of what is accepted or directed, what the plan cannot keep",
        "why|text||why not|empty",
    ),
    "changes": columns(
        "agreement|text||line of the earlier plan; empty: transfers that it did not have|empty",
        "from_region|text||sending region; empty: several|empty",
        "to_region|text||receiving region; empty: several|empty",
        "what|text||care category",
        "before|number|patients|by the earlier plan",
        "now|number|patients|by this plan",
        "change|number|patients|now less before",
    ),
}
KEYS_HERE: Mapping[str, tuple[str, ...]] = {
    "agreements": ("id",),
    "changes": ("agreement", "from_region", "to_region", "what"),
}
