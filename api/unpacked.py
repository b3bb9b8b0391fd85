"""Plans as folders beside the jobs, unpacked once: a what-if links their files instead of writing them again."""

from __future__ import annotations

import os
import shutil
import threading
from collections import OrderedDict
from pathlib import Path

from nspl_opt.store import plans
from nspl_opt.store.store import Store

MOST = 6
"""Plans that stay, those last used."""


class Unpacked:
    """The unpacked plans of one server, below a folder that is its own."""

    def __init__(self, root: Path, store: Store) -> None:
        self.root, self.store = root.absolute(), store
        self._files: OrderedDict[str, dict[str, Path]] = OrderedDict()
        self._lock = threading.Lock()

    def clear(self) -> None:
        """Remove what an earlier server left."""
        with self._lock:
            self._files.clear()
            shutil.rmtree(self.root, ignore_errors=True)

    def files(self, plan_id: str) -> dict[str, Path]:
        """Name -> file of a stored plan; who needs one for longer than a moment links it.

        Raises
        ------
        NotThere
            No such plan.
        OSError
            It cannot be written; nothing is left behind.
        """
        with self._lock:
            found = self._files.pop(plan_id, None)
            if found is None or not (self.root / plan_id).is_dir():
                found = self._unpack(plan_id)
            self._files[plan_id] = found
            while len(self._files) > MOST:
                old, _ = self._files.popitem(last=False)
                shutil.rmtree(self.root / old, ignore_errors=True)
            return found

    def _unpack(self, plan_id: str) -> dict[str, Path]:
        content = self.store.run_read(lambda read: plans.read_archive(read, plan_id))
        folder, draft = self.root / plan_id, self.root / f".{plan_id}"
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            os.replace(plans.archive.unpack(content, draft), folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
