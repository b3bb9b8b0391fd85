"""Signed heads of the audit in a file outside the database: they betray a chain that was cut or made anew."""

from __future__ import annotations

import json
import os
import secrets
import threading
from dataclasses import asdict
from pathlib import Path

from nspl_opt.store import audit
from nspl_opt.store.clock import time_text
from nspl_opt.store.errors import Unfit
from nspl_opt.store.store import Store

EVERY = 100
"""Rows of the audit from one signed head to the next."""


class Heads:
    """A file of signed heads, one JSON object a line, and the secret they are signed with.

    The secret stands in ``KEY`` (default: the file's name and ``.key``), which is made when it is missing and which
    nobody but its owner may read. Whoever can change the database should not be able to read it.
    """

    def __init__(self, path: Path, key: Path | None = None) -> None:
        self.path, key = path, key or path.with_name(path.name + ".key")
        self.secret = read_secret(key) if key.exists() else _make_secret(key)
        self._lock, self._last = threading.Lock(), 0

    def attach(self, store: Store) -> None:
        """Sign from now on every hundredth row, after its transaction. ``sign_now`` signs the last one at stop."""
        with store.read() as connection:
            # The place from which on a head is due: the one signed last, not the end of the chain.
            self._last = max((head.seq for head in read_heads(self.path)), default=0)
            head = audit.head(connection)

        def after(head: audit.Head) -> None:
            if head.seq - self._last >= EVERY:
                self._sign(store, head)

        store.on_append = after
        after(head)

    def sign_now(self, store: Store) -> audit.SignedHead:
        """Sign the head as it is now."""
        with store.read() as connection:
            head = audit.head(connection)
        signed = self._sign(store, head)
        if signed is None:
            raise Unfit("L111", where=self.path)
        return signed

    def _sign(self, store: Store, head: audit.Head) -> audit.SignedHead | None:
        signed = audit.SignedHead.sign(store.realm, head, time_text(store.now()), self.secret)
        line = json.dumps(asdict(signed), sort_keys=True) + "\n"
        with self._lock:
            try:
                handle = os.open(self.path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
                try:
                    os.write(handle, line.encode())
                    os.fsync(handle)
                finally:
                    os.close(handle)
            except OSError:
                # The change it tells of is made: the next row tries again.
                return None
            self._last = max(self._last, head.seq)
        return signed


def read_heads(path: Path) -> tuple[audit.SignedHead, ...]:
    """The heads in a file; none when there is no file. A last line that was cut off in writing is left out.

    Raises
    ------
    Unfit
        ``L112`` when a line is no head.
    """
    try:
        whole = path.read_text(encoding="utf-8").rpartition("\n")[0]
        return tuple(audit.SignedHead(**json.loads(line)) for line in whole.splitlines())
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, TypeError):
        raise Unfit("L112", where=path) from None


def read_secret(key: Path) -> bytes:
    """The secret in a file; ``Unfit L112`` when there is none."""
    try:
        secret = bytes.fromhex(key.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        secret = b""
    if len(secret) < 32:
        raise Unfit("L112", where=key)
    return secret


def _make_secret(key: Path) -> bytes:
    secret = secrets.token_bytes(32)
    handle = os.open(key, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(secret.hex() + "\n")
    return secret
