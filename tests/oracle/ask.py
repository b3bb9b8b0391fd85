"""Ask the oracle, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


def ask(cases: Iterable[dict[str, Any]], patience: float = 2) -> list[dict[str, Any]]:
    """The oracle's answers, in order. ``NSPL_ORACLE_PYTHON`` may name another interpreter that has ortools.

    ``patience``: how much effort goes into a case before it is left unsolved, in CP-SAT's deterministic time.
    """
    python = os.environ.get("NSPL_ORACLE_PYTHON", sys.executable)
    done = subprocess.run(
        [python, str(HERE / "cpsat.py")], input=json.dumps({"cases": list(cases), "patience": patience}),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)["results"]
