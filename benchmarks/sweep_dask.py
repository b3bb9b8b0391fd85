"""The N-1 sweep on processes and on a local Dask cluster: time of each, and whether both found the same.

    pip install "dask[distributed]"
    python benchmarks/sweep_dask.py [CASE] [WORKERS]

Without Dask only the processes are timed. The time is that of the sweep alone; build and base are told apart.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

try:
    from benchmarks.instances import CASES, write_case
except ModuleNotFoundError:  # started as a file
    from instances import CASES, write_case

from nspl_opt.living import Living
from nspl_opt.reference.package import load_reference
from nspl_opt.sweep.cases import single_losses
from nspl_opt.sweep.run import run_sweep
from nspl_opt.sweep.table import ranked


def timed(words: str, work: Callable[[], Any]) -> Any:
    """Do it, and tell how long it took."""
    start = time.perf_counter()
    result = work()
    print(f"{words:<40} {time.perf_counter() - start:8.1f} s", flush=True)
    return result


def on_dask(living: Living, cases: Any, workers: int) -> Any:
    """The sweep on a local cluster; None where Dask is not installed."""
    try:
        from distributed import Client, LocalCluster
    except ModuleNotFoundError:
        print("dask[distributed] is not installed")
        return None
    with (
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        pool = client.get_executor()
        return timed(f"Dask, {workers} workers", lambda: run_sweep(living, cases, pool))


def main() -> None:
    """Sweep a benchmark instance both ways."""
    case = CASES[sys.argv[1] if len(sys.argv) > 1 else "region-week"]
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    with tempfile.TemporaryDirectory() as folder:
        place = write_case(case, Path(folder))
        living = timed("read, build, compile", lambda: Living.build(place, overrides=dict(case.overrides)))
    timed("solve the base", lambda: living.relaxed_base)
    cases = single_losses(living, load_reference(None))
    timed(f"write down {len(cases)} changes", lambda: [living.change(one.what_if) for one in cases])
    done = timed(f"processes, {workers} workers", lambda: run_sweep(living, cases, workers=workers))
    other = on_dask(living, cases, workers)
    if other is not None:
        print("identical" if other == done else "DIFFERENT")
    for row in ranked(done)[:10]:
        print(f"{row.rank:4} {row.found.code:<40} {row.found.status:<12} {row.change}")


if __name__ == "__main__":
    main()
