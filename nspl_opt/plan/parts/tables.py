"""The tables of later families, all together. A plan has those of the families that are on."""

from __future__ import annotations

from collections.abc import Mapping

from nspl_opt.plan.columns import Column
from nspl_opt.plan.parts import tables_agreements, tables_care, tables_places, tables_reasons, tables_stocks

MODULES = (tables_care, tables_stocks, tables_agreements, tables_places, tables_reasons)

MORE_TABLES: Mapping[str, tuple[Column, ...]] = {
    name: contract for module in MODULES for name, contract in module.TABLES_HERE.items()
}
MORE_KEYS: Mapping[str, tuple[str, ...]] = {name: key for module in MODULES for name, key in module.KEYS_HERE.items()}
