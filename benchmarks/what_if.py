"""What-ifs of a benchmark instance, one after the other from the base at hand: seconds and gap of each.

    python benchmarks/what_if.py [CASE] [EVERY] [bounds|small]

Every EVERYth case of the sweep is asked for, with a whole plan, or with ``bounds`` only its bound; ``small`` asks
what a duty officer asks: two beds fewer in a region, a link closed, a region that takes nobody in. Gaps are against
the relaxation without cuts, the base's too. Last, nothing is changed: then nothing may differ.
"""

from __future__ import annotations

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
from nspl_opt.reference.reference import Reference
from nspl_opt.scenario.what_if import Amount, Beds, ClosedLink, Declines
from nspl_opt.solver.warm import Resolved
from nspl_opt.sweep.cases import Case, single_losses


def main() -> None:
    """Time the writing down and the solving of each."""
    case = CASES[sys.argv[1] if len(sys.argv) > 1 else "region-week"]
    every = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    whole = "bounds" not in sys.argv[3:]
    with tempfile.TemporaryDirectory() as folder:
        living = Living.build(write_case(case, Path(folder)), overrides=dict(case.overrides))
    start = time.perf_counter()
    before = living.resolve(whole=whole)
    print(f"base {time.perf_counter() - start:.1f} s: bound {before.bound:.1f}, plan {told(before)}", flush=True)
    seconds = []
    for one in (small if "small" in sys.argv[3:] else single_losses)(living, load_reference(None))[::every]:
        start = time.perf_counter()
        after = living.resolve(one.what_if, whole=whole)
        seconds.append(time.perf_counter() - start)
        figures = f"bound {after.bound:9.1f}  plan {told(after)}"
        print(f"{one.code:<40} {after.status:<12} {seconds[-1]:6.2f} s  {figures}", flush=True)
    print("median {:.2f} s, 90 % within {:.2f} s, most {:.2f} s".format(*np.percentile(seconds, [50, 90, 100])))
    again = living.resolve((), whole=whole)
    print(f"unchanged data: {int((again.point != before.point).sum())} columns differ")


def small(living: Living, reference: Reference) -> list[Case]:
    """One capacity, one link, one answer changed at a time."""
    regions = [region.code for region in living.situation.regions]
    beds = [Case("beds", code, code, Beds(place=code, bed_type="icu", amount=Amount(added=-2))) for code in regions]
    links = [case for case in single_losses(living, reference) if isinstance(case.what_if, ClosedLink)]
    return beds + links + [Case("declines", code, code, Declines(region=code, side="receive")) for code in regions]


def told(found: Resolved) -> str:
    """Value of the plan, and its gap."""
    return "-" if found.value is None else f"{found.value:.1f} (+{found.value - found.bound:.1f})"


if __name__ == "__main__":
    main()
