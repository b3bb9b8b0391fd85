"""The audit log as far as somebody may read it: filtered in SQL, in pages."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, select

from nspl_opt.store.tables import audit


def audit_rows(connection: Connection, region: str | None, after: int, limit: int) -> list[dict[str, Any]]:
    """Rows with a larger ``seq``, in order; of one region's keys where it is given. ``detail`` is read."""
    query = select(audit).where(audit.c.seq > after).order_by(audit.c.seq).limit(limit)
    if region is not None:
        query = query.where(audit.c.region == region)
    return [dict(row) | {"detail": json.loads(row["detail"])} for row in connection.execute(query).mappings()]
