"""What a database says when it fails, told as one of the store's own errors."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnection

from nspl_opt.store.errors import Again, Busy, Full, NotThere, Refused, Stale, StoreError, Unfit, Unsound

UNIQUE, FOREIGN, CHECK = "unique", "foreign", "check"

# Primary result codes: a driver may give extended ones, whose lowest byte is the primary one.
_SQLITE: dict[int, tuple[type[StoreError], str]] = {
    sqlite3.SQLITE_BUSY: (Busy, "L502"), sqlite3.SQLITE_LOCKED: (Busy, "L502"),
    sqlite3.SQLITE_FULL: (Full, "L503"), sqlite3.SQLITE_IOERR: (Full, "L503"),
    sqlite3.SQLITE_READONLY: (Full, "L503"), sqlite3.SQLITE_CANTOPEN: (Busy, "L501"),
    sqlite3.SQLITE_NOMEM: (Busy, "L501"), sqlite3.SQLITE_INTERRUPT: (Busy, "L501"),
    sqlite3.SQLITE_CORRUPT: (Unfit, "L108"), sqlite3.SQLITE_NOTADB: (Unfit, "L108"),
    sqlite3.SQLITE_ERROR: (Unfit, "L108"),
}  # fmt: skip
_SQLITE_CONSTRAINTS = {
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY: UNIQUE, sqlite3.SQLITE_CONSTRAINT_UNIQUE: UNIQUE,
    sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY: FOREIGN, sqlite3.SQLITE_CONSTRAINT_CHECK: CHECK,
    sqlite3.SQLITE_CONSTRAINT_NOTNULL: CHECK, sqlite3.SQLITE_CONSTRAINT_TRIGGER: "trigger",
}  # fmt: skip
# Class or whole code of SQLSTATE, the longer ones first.
_POSTGRES: dict[str, tuple[type[StoreError], str]] = {
    "40001": (Again, "L502"), "40P01": (Again, "L502"), "55P03": (Busy, "L502"), "57014": (Busy, "L502"),
    "53100": (Full, "L503"), "58030": (Full, "L503"), "25006": (Full, "L503"), "P0001": (Unfit, "L110"),
    "53": (Busy, "L501"), "57": (Busy, "L501"), "08": (Busy, "L501"), "58": (Full, "L503"), "XX": (Unfit, "L108"),
    "42": (Unfit, "L108"), "22": (Unsound, "L301"), "28": (Busy, "L501"), "3D": (Busy, "L501"), "25": (Busy, "L501"),
}  # fmt: skip
_POSTGRES_CONSTRAINTS = {"23505": UNIQUE, "23503": FOREIGN, "23514": CHECK, "23502": CHECK}


@contextmanager
def told() -> Iterator[None]:
    """Turn what the driver raises inside into a ``StoreError``; everything else passes."""
    try:
        yield
    except NoConnection:
        raise Busy("L501") from None
    except DBAPIError as error:
        raise _as_ours(error) from error
    except (OverflowError, UnicodeEncodeError):
        # A whole number beyond 64 bits, a lone surrogate: the driver could not even bind it.
        raise Unsound("L301", field="value", what="cannot be stored") from None


def _as_ours(error: DBAPIError) -> StoreError:
    said = error.orig
    if isinstance(said, sqlite3.Error):
        code = getattr(said, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        found = _SQLITE_CONSTRAINTS.get(code) if isinstance(error, IntegrityError) else None
        kind, name = _SQLITE.get(code & 0xFF, (Unfit, "L108"))
    else:
        state = getattr(said, "sqlstate", None) or ""
        found = _POSTGRES_CONSTRAINTS.get(state)
        kind, name = _POSTGRES.get(state) or _POSTGRES.get(state[:2]) or (Busy, "L501")
    if isinstance(error, DataError):
        kind, name = Unsound, "L301"
    if found is not None:
        return _constraint(found, said)
    return kind(name, **({"why": _said(said)} if name in ("L108", "L110") else _values(name)))


def _constraint(found: str, said: object) -> StoreError:
    if found == UNIQUE:
        return Stale("L504")
    if found == FOREIGN:
        return NotThere("L401")
    if found == CHECK:
        return Unsound("L301", field="value", what="is not one of those allowed")
    return Unfit("L110", why=_said(said)) if found == "trigger" else Refused("L504")


def _values(name: str) -> dict[str, str]:
    return {"field": "value", "what": "cannot be stored"} if name == "L301" else {}


def _said(said: object) -> str:
    """The first line of what the driver said, without values: those come in later lines."""
    return str(said).strip().splitlines()[0][:120] if str(said).strip() else type(said).__name__
