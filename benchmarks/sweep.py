"""The N-1 sweep of a benchmark instance as processes: seconds of the whole, of one case, and of what comes before.

    python benchmarks/sweep.py [CASE] [WORKERS] [plans]

A case's seconds are those its worker told, so they hold whatever else the machine does beside.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

try:
    from benchmarks.instances import CASES, write_case
except ModuleNotFoundError:  # started as a file
    from instances import CASES, write_case

from nspl_opt.living import Living
from nspl_opt.reference.package import load_reference
from nspl_opt.sweep.cases import single_losses
from nspl_opt.sweep.run import run_sweep
from nspl_opt.sweep.table import ranked


def spread(seconds: list[float]) -> str:
    """Median, 90th percentile and most."""
    return "median {:.2f} s, 90 % within {:.2f} s, most {:.2f} s".format(*np.percentile(seconds, [50, 90, 100]))


def main() -> None:
    """Build, solve the base, sweep, and tell how long each took."""
    case = CASES[sys.argv[1] if len(sys.argv) > 1 else "region-week"]
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    whole = "plans" in sys.argv[3:]
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        living = Living.build(write_case(case, Path(folder)), overrides=dict(case.overrides))
        built = time.perf_counter()
        _ = living.base if whole else living.relaxed_base
        solved = time.perf_counter()
        cases = single_losses(living, load_reference(None))
        journal = Path(folder) / "journal.jsonl"
        done = run_sweep(living, cases, workers=workers, whole=whole, journal=journal)
        swept = time.perf_counter()
        lines = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]
    print(f"build {built - began:.1f} s, base {solved - built:.1f} s")
    print(f"{len(cases)} cases, {workers} workers: {swept - solved:.1f} s, of which workers {together(lines):.1f} s")
    print(f"one case: {spread([line['result']['seconds'] for line in lines if 'seconds' in line['result']])}")
    for row in ranked(done)[:10]:
        print(f"{row.rank:4} {row.found.code:<40} {row.found.status:<12} {row.change}")


def together(lines: list[dict]) -> float:
    """Seconds that all cases took together."""
    return sum(line["result"].get("seconds", 0.0) for line in lines)


if __name__ == "__main__":
    main()
