"""Tables about reasons: contracts and keys. Plain data, for the checker reads it."""

from __future__ import annotations

from collections.abc import Mapping

from nspl_opt.plan.columns import Column, columns

TABLES_HERE: Mapping[str, tuple[Column, ...]] = {
    "alternatives": columns(
        "transfer|text||transfer of the plan that is not made",
        "asked|text||transfer: it alone; receiver: the receiver takes none of the category from the sender",
        "patients|number|patients|patients who are then without the transfer of the plan",
        "stay|number|patients|of them moved by nothing else near in time",
        "unmet_change|number|h|change of the severity-weighted patient-hours without a staffed bed",
        "hours_change|number|h|change of the patient-hours without a staffed bed, journeys included",
        "transit_change|number|h|change of the patient-hours travelled",
        "found|text||best: none beside the plan is better; stopped: a better one may be; none: the plan hangs on it",
    ),
    "instead": columns(
        "transfer|text||transfer of the plan that is not made",
        "asked|text||as in the table of alternatives",
        "to_site|text||site that receives instead",
        "vehicle_type|text||vehicle that carries them",
        "period|whole||period of departure",
        "depart|time||start of the period of departure",
        "patients|number|patients|patients more than in the plan",
    ),
    "binding": columns(
        "transfer|text||transfer of the plan",
        "end|text||sender, receiver or journey: where there is no room for one more",
        "rule|text||family.rule that says so",
        "period|whole||first period of the rule",
        "place|text||site, region or area, if any|empty",
        "what|text||bed type, profession, pool or line, if any|empty",
        "slack|number||what is left, in the unit of the rule",
        "unit|text||unit of the slack",
    ),
    "prices": columns(
        "rule|text||family.rule",
        "period|whole||first period of the rule",
        "start|time||start of that period",
        "place|text||site, region or area, if any|empty",
        "what|text||bed type, profession, pool or line, if any|empty",
        "price|number|h|severity-weighted patient-hours less per unit more; for small changes, whole numbers fixed",
        "unit|text||unit that the price is per",
    ),
    "if_no": columns(
        "region|text||region that helps nobody: takes no patients of others and lends nobody",
        "received|number|patients|patients that the plan sends there from other regions",
        "lent|number|days|person-days that it lends by the plan",
        "unmet_change|number|h|change of the weighted patient-hours without a staffed bed, plan against plan|empty",
        "hours_change|number|h|change of the patient-hours without a staffed bed, plan against plan|empty",
        "own_change|number|h|of them in the region itself|empty",
        "least_change|number|h|no plan can have a smaller change of the weighted hours|empty",
        "most_change|number|h|the best plans differ by no more|empty",
        "broken_change|number||what is agreed and can then not be kept, patients and people|empty",
        "exact|flag||true: both plans are proven best, so the change is exact",
    ),
    "values": columns(
        "region|text||region that has more",
        "what|text||bed type, profession or vehicle type",
        "kind|text||beds, staff or vehicles",
        "place|text||what is changed: a region or a pool",
        "amount|number||how much more",
        "unit|text||unit of the amount",
        "from_h|whole|h|from when",
        "to_h|whole|h|until when",
        "gain|number|h|severity-weighted patient-hours less without a staffed bed, plan against plan, re-solved|empty",
        "least_gain|number|h|the best plans differ by no less|empty",
        "most_gain|number|h|the best plans differ by no more|empty",
        "exact|flag||true: both plans are proven best, so the gain is exact",
    ),
}
KEYS_HERE: Mapping[str, tuple[str, ...]] = {
    "alternatives": ("transfer", "asked"),
    "instead": ("transfer", "asked", "to_site", "vehicle_type", "period"),
    "binding": ("transfer", "end", "rule", "period", "place", "what"),
    "prices": ("rule", "period", "place", "what"),
    "if_no": ("region",),
    "values": ("kind", "place", "what", "from_h"),
}
