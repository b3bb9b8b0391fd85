"""Tables about places abroad and origins: contracts and keys. Plain data, for the checker reads it."""

from __future__ import annotations

from collections.abc import Mapping

from nspl_opt.plan.columns import Column

TABLES_HERE: Mapping[str, tuple[Column, ...]] = {}
KEYS_HERE: Mapping[str, tuple[str, ...]] = {}
