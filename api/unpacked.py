"""Plans as folders beside the jobs, unpacked and looked into once for all what-ifs about them."""

from __future__ import annotations

import os
import shutil
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection
from functools import lru_cache
from pathlib import Path

from nspl_opt.plan.folder import read_inputs
from nspl_opt.problems import InvalidInput
from nspl_opt.scenario.what_if_text import Known
from nspl_opt.store import plans
from nspl_opt.store.store import Store

MOST = 6
"""Plans that stay, those last used; more only while jobs read them."""


class Unpacked:
    """The unpacked plans of one server, below a folder that is its own. ``used`` tells which must stay."""

    def __init__(self, root: Path, store: Store, used: Callable[[], Collection[str]]) -> None:
        self.root, self.store, self._used = root.absolute(), store, used
        self._known: OrderedDict[str, None] = OrderedDict()
        self._lock, self._reading = threading.Lock(), threading.Lock()
        self._codes = lru_cache(maxsize=4 * MOST)(self._read_codes)

    def clear(self) -> None:
        """Remove what an earlier server left."""
        with self._lock:
            self._known.clear()
            shutil.rmtree(self.root, ignore_errors=True)

    def folder(self, plan_id: str) -> Path:
        """Where a stored plan lies, to be read and never written to.

        Raises
        ------
        NotThere
            No such plan.
        OSError
            It cannot be written; nothing is left behind.
        """
        with self._lock:
            if plan_id not in self._known or not (self.root / plan_id).is_dir():
                self._unpack(plan_id)
            self._known[plan_id] = None
            self._known.move_to_end(plan_id)
            if len(self._known) > MOST:
                self._remove({plan_id, *self._used()})
            return self.root / plan_id

    def known(self, plan_id: str) -> Known | None:
        """The codes of a stored plan's case; None where it cannot be read, which a job then tells.

        Raises
        ------
        NotThere, OSError
            As ``folder``.
        """
        with self._reading:  # who asks at the same time waits for one reading, which takes a tenth of a second
            return self._codes(plan_id)

    def _read_codes(self, plan_id: str) -> Known | None:
        try:
            reference, situation = read_inputs(self.folder(plan_id))
        except InvalidInput:
            return None
        return Known.of(situation, reference)

    def _unpack(self, plan_id: str) -> None:
        content = self.store.run_read(lambda read: plans.read_archive(read, plan_id))
        draft = self.root / f".{plan_id}"
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            os.replace(plans.archive.unpack(content, draft), self.root / plan_id)
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def _remove(self, needed: Collection[str]) -> None:
        for old in list(self._known)[:-MOST]:
            if old not in needed:
                del self._known[old]
                shutil.rmtree(self.root / old, ignore_errors=True)
