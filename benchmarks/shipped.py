"""Plan every shipped scenario at both levels, and with borders closed; print what came out as Markdown.

    python benchmarks/shipped.py                 # both scenarios, both levels
    python benchmarks/shipped.py --borders       # unmet care: no transfers, inside civil areas, everywhere
    python benchmarks/shipped.py --scenario gotland-ovning --level region --time-limit 120

Each plan is made in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from typing import Any

BORDERS = {
    "no transfers": {"families.areas.border": "closed", "families.areas.grouping": "region"},
    "inside civil areas": {"families.areas.border": "closed", "families.areas.grouping": "civil_area"},
    "everywhere": {},
}
STAGES = ("read", "travel", "instance", "model", "matrix", "solve", "plan", "verify")


def plan_one(scenario: str, level: str, overrides: dict[str, str], time_limit_s: float) -> dict[str, Any]:
    """Make one plan here and say what came of it."""
    from nspl_opt.pipeline import make_plan
    from nspl_opt.scenario.folder import find_scenario

    began = time.perf_counter()
    made = make_plan(find_scenario(scenario), level=level, overrides=overrides, time_limit_s=time_limit_s)
    said: dict[str, Any] = {"status": made.status, "seconds": time.perf_counter() - began}
    if made.plan is not None:
        said["goals"] = [(goal.name, goal.value, goal.bound, goal.gap, goal.proven) for goal in made.plan.goals]
        said["timing"], said["size"] = dict(made.plan.timing), dict(made.plan.size)
        said["patients"] = float(made.plan.tables["transfers"]["patients"].sum())
        said["unmet_hours"] = float(made.plan.tables["unmet"]["patient_hours"].sum())
        said["verified"] = made.check.ok if made.check else False
        said["rules"] = len(made.check.checked) if made.check else 0
        said["repeatable"] = made.plan.provenance["repeatable"]
    said["own_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    said["solver_mb"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return said


def run_apart(scenario: str, level: str, overrides: dict[str, str], time_limit_s: float) -> dict[str, Any]:
    """The same in a process of its own."""
    job = json.dumps([scenario, level, overrides, time_limit_s])
    done = subprocess.run([sys.executable, __file__, "--job", job], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def print_plan(scenario: str, level: str, said: dict[str, Any]) -> None:
    """One plan: goals, then seconds per stage, size and memory."""
    print(f"\n### {scenario}, {level} level: {said['status']}, {said['seconds']:.0f} s\n")
    print("| goal | value | bound | gap | proven |\n|---|---|---|---|---|")
    for name, value, bound, gap, proven in said["goals"]:
        print(f"| {name} | {value:.1f} | {bound:.1f} | {gap:.1%} | {'yes' if proven else 'no'} |")
    stages = ", ".join(f"{name} {said['timing'][name]:.1f}" for name in STAGES if name in said["timing"])
    size = said["size"]
    print(f"\nSeconds: {stages}. Matrix: {size['rows']} x {size['columns']}, {size['nonzeros']} nonzeros, "
          f"{size['whole_columns']} whole. Peak memory: {said['own_mb']:.0f} MB, solver {said['solver_mb']:.0f} MB. "
          f"Checker: {said['rules']} rules, {'all hold' if said['verified'] else 'BROKEN'}. "
          f"Repeatable: {'yes' if said['repeatable'] else 'no, time cut it short'}.", flush=True)  # fmt: skip


def main() -> None:
    """Read the arguments and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", action="append", help="a shipped scenario; may stand several times")
    parser.add_argument("--level", action="append", choices=("region", "hospital"))
    parser.add_argument("--time-limit", type=float, default=None, help="seconds; 120 at region level, else 300")
    parser.add_argument("--borders", action="store_true", help="compare borders instead, at region level")
    parser.add_argument("--job", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.job:
        print(json.dumps(plan_one(*json.loads(asked.job))))
        return
    scenarios = asked.scenario or ["gotland-ovning", "spring-2020"]
    if asked.borders:
        heads = "scenario", "transfers", "unmet care (bound)", "patient-hours without bed", "patients moved", "verified"
        print(f"| {' | '.join(heads)} |")
        print("|---|---|---|---|---|---|")
        for scenario in scenarios:
            for name, overrides in BORDERS.items():
                said = run_apart(scenario, "region", overrides, asked.time_limit or 120)
                value, bound = said["goals"][0][1:3]
                print(f"| {scenario} | {name} | {value:.0f} ({bound:.0f}) | {said['unmet_hours']:.0f} | "
                      f"{said['patients']:.0f} | {'yes' if said['verified'] else 'NO'} |", flush=True)  # fmt: skip
        return
    for scenario in scenarios:
        for level in asked.level or ["region", "hospital"]:
            limit = asked.time_limit or (120 if level == "region" else 300)
            print_plan(scenario, level, run_apart(scenario, level, {}, limit))


if __name__ == "__main__":
    main()
