"""Who did what: the audit log, as far as a role may read it, and the end of its chain."""

from __future__ import annotations

from typing import Any, ClassVar

from nspl_opt.store import audit

from ..answers.base import ANYONE, REGION, SECRETARIAT, Answer, Own
from ..calls import Call
from ..paging import AfterQuery, LimitQuery, cut
from ..trail import audit_rows


class AuditRow(Answer):
    """One row, for the secretariat: with its detail."""

    audiences: ClassVar[frozenset[str]] = SECRETARIAT
    seq: int
    at: str
    actor: str
    role: str
    region: str | None
    action: str
    object: str
    outcome: str
    detail: dict[str, Any]
    hash: str


class AuditRows(Answer):
    """Rows in order."""

    rows: tuple[AuditRow, ...]
    next: str | None


class OwnAuditRow(Own):
    """One row about what the caller's region did."""

    seq: int
    at: str
    actor: str
    role: str
    action: str
    object: str
    outcome: str


class OwnAuditRows(Answer):
    """Rows of the region in order."""

    audiences: ClassVar[frozenset[str]] = REGION
    rows: tuple[OwnAuditRow, ...]
    next: str | None


class BareAuditRow(Answer):
    """One row for the administrator: who did what when, no content."""

    audiences: ClassVar[frozenset[str]] = frozenset({"administrator"})
    seq: int
    at: str
    actor: str
    role: str
    region: str | None
    action: str
    object: str
    outcome: str
    hash: str


class BareAuditRows(Answer):
    """Rows in order."""

    audiences: ClassVar[frozenset[str]] = frozenset({"administrator"})
    rows: tuple[BareAuditRow, ...]
    next: str | None


class AuditHead(Answer):
    """The newest link of the chain: to be noted outside the service, and compared later."""

    audiences: ClassVar[frozenset[str]] = ANYONE
    seq: int
    hash: str


def read_audit(call: Call, limit: LimitQuery = 100, after: AfterQuery = "") -> AuditRows | OwnAuditRows | BareAuditRows:
    """Rows in order; a region sees those of its own keys, the administrator no content."""
    start = int(after or 0)
    found = call.services.store.run_read(lambda read: audit_rows(read, call.region, start, limit + 1))
    rows, more = cut(found, limit)
    place = str(rows[-1]["seq"]) if more else None
    for shown, whole in ((OwnAuditRow, OwnAuditRows), (BareAuditRow, BareAuditRows), (AuditRow, AuditRows)):
        if call.audience in shown.audiences:
            names = tuple(shown.model_fields)
            return whole(rows=tuple(shown(**{name: row[name] for name in names}) for row in rows), next=place)
    raise AssertionError("no audience")


def read_audit_head(call: Call) -> AuditHead:
    """The newest link of the chain."""
    head = call.services.store.run_read(audit.head)
    return AuditHead(seq=head.seq, hash=head.hash)
