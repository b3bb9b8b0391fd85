"""What of a plan's tables concerns a region: rows of its own, and what it sends, receives, lends and borrows."""

from __future__ import annotations

from collections.abc import Iterator

from nspl_opt.store.errors import NotThere

from .answers.plans import LoanSeen, OwnRow, TransferSeen
from .archives import Archive

OWN = {
    "census": ("period", "start", "site", "category", "present", "conventional", "contingency", "unmet"),
    "unmet": ("period", "start", "site", "category", "unmet", "patient_hours"),
    "discharges": ("period", "start", "site", "category", "patients"),
    "load": ("period", "start", "bed_type", "present", "cared", "staffed", "surge", "free_share"),
    "surge": ("period", "start", "site", "bed_type", "needed", "open", "available"),
    "postponed": ("block", "start", "site", "step", "steps", "beds_freed"),
    "ledger": (
        "patients_sent", "patients_received", "patient_hours_unmet", "staff_days_lent", "staff_days_borrowed",
        "bed_hours_postponed",
    ),
}  # fmt: skip
"""Table -> the columns that a region is told of its own rows."""
SEEN = ("transfers", "loans", *OWN)
"""Tables that a region may ask for."""


def seen_rows(archive: Archive, table: str, region: str) -> Iterator[OwnRow | TransferSeen | LoanSeen]:
    """The rows of a table that concern a region, as it may see them; ``NotThere`` for a table it may not."""
    if table not in SEEN:
        raise NotThere("L401")
    for row in archive.rows(table):
        if table in OWN:
            if row["region"] == region:
                cells = {name: row[name] for name in OWN[table] if name in row}
                yield OwnRow(region=region, cells=cells)
        elif region in (row["from_region"], row["to_region"]):
            yield _transfer(row, region) if table == "transfers" else _loan(row)


def _transfer(row: dict, region: str) -> TransferSeen:
    names = set(TransferSeen.model_fields) - {"own_site"}
    own = row["from_site"] if row["from_region"] == region else row["to_site"]
    return TransferSeen(**{name: row[name] for name in names}, own_site=own)


def _loan(row: dict) -> LoanSeen:
    return LoanSeen(**{name: row[name] for name in LoanSeen.model_fields})
