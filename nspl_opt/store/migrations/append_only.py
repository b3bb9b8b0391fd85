"""Triggers that refuse to change or remove a row, in the words of each database."""

from __future__ import annotations

_REFUSAL = "rows are only ever added"
PASSING = ("idempotency",)
"""Tables whose rows may be removed when their time is over, and never changed."""


def make(kind: str, tables: list[str]) -> list[str]:
    """Statements that make the tables append-only; ``kind`` is ``sqlite`` or ``postgresql``."""
    if kind == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table}: {_REFUSAL}'); END"
            for table in tables
            for verb in ("UPDATE", "DELETE")
            if verb == "UPDATE" or table not in PASSING
        ]
    refuse = (
        "CREATE FUNCTION store_refuses_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ': {_REFUSAL}'; END $$"
    )
    return [
        refuse,
        *(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE {'' if table in PASSING else 'OR DELETE '}OR TRUNCATE "
            f"ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION store_refuses_change()"
            for table in tables
        ),
    ]
