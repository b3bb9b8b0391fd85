"""Tables about places abroad and origins: contracts and keys. Plain data, for the checker reads it."""

from __future__ import annotations

from collections.abc import Mapping

from nspl_opt.plan.columns import Column, columns

TABLES_HERE: Mapping[str, tuple[Column, ...]] = {
    "origins": columns(
        "period|whole||period",
        "start|time||start of the period",
        "region|text||region",
        "category|text||care category",
        "origin_class|text||who they are, for the record only",
        "arrived|number|patients|came during the period",
        "moved_out|number|patients|left by transfer",
        "moved_in|number|patients|arrived by transfer",
        "discharged|number|patients|left after care",
        "present|number|patients|there at the end of the period",
    ),
}
KEYS_HERE: Mapping[str, tuple[str, ...]] = {"origins": ("period", "region", "category", "origin_class")}
