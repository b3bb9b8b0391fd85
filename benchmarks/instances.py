"""The benchmark instances: scenario folders written from a seed, on the shipped geography.

    python benchmarks/instances.py DIR             # writes every instance below DIR, and says how to check each

Each is a bad week made up by fixed rules: a few regions are struck, one after the other, while
everyday care goes on everywhere. Nothing in it is real but the country. The numbers are whole
patients drawn with Python's own generator, whose sequence a seed fixes for good.
"""

from __future__ import annotations

import csv
import random
import sys
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

from nspl_opt.shipped import shipped_dir

if __package__:
    from benchmarks.tomorrow import write_tomorrow
else:
    from tomorrow import write_tomorrow

UNIFORM_WEEK = "[[6, 28]]"
GROWING_WEEK = "[[6, 8], [12, 4], [24, 3]]"
UNIFORM_FORTNIGHT = "[[6, 56]]"
EVERYDAY = {"icu_general": 0.55, "medical_ward": 0.85, "surgical_ward": 0.08}
"""Share of the beds not in planned care that everyday care holds."""
STRUCK = {"icu_ventilated": 1.3, "trauma_acute": 0.4, "medical_ward": 0.3, "surgical_ward": 0.25, "burns_major": 0.025}
"""Patients in all, in shares of the region's beds of the type (burns: of its intensive care beds)."""
BEDS = {
    "icu_ventilated": "icu",
    "trauma_acute": "icu",
    "medical_ward": "ward",
    "surgical_ward": "ward",
    "burns_major": "icu",
}


@dataclass(frozen=True, slots=True)
class Case:
    """One benchmark instance: its scenario, level, and what of the model file it changes."""

    name: str
    seed: int
    grid: str
    level: str
    days: int
    overrides: tuple[tuple[str, str], ...] = ()
    sites: int = 0
    """Sites of a generated reference package; 0 takes the shipped one."""


ALL_TRIPS = (("families.transports.trips_whole_until_h", "all"),)
EXPECTED = (("families.transports.patients_whole_until_h", "0"),)
"""Patients as expected values from the start; vehicles for one then count as hours."""
_MAIN = (
    Case("region-week", 2, GROWING_WEEK, "region", 7, ALL_TRIPS),
    Case("region-week-uniform", 2, UNIFORM_WEEK, "region", 7),
    Case("region-week-uniform-all", 2, UNIFORM_WEEK, "region", 7, ALL_TRIPS),
    Case("hospital-week", 2, GROWING_WEEK, "hospital", 7, ALL_TRIPS),
    Case("hospital-week-uniform", 2, UNIFORM_WEEK, "hospital", 7),
    Case("hospital-week-uniform-all", 2, UNIFORM_WEEK, "hospital", 7, ALL_TRIPS),
)
_SEEDED = tuple(replace(case, name=f"{case.name}-s{seed}", seed=seed) for seed in (1, 3) for case in _MAIN)
_ALL = (
    *_MAIN,
    *_SEEDED,
    *(replace(case, name=f"{case.name}-expected", overrides=(*case.overrides, *EXPECTED)) for case in _MAIN),
    Case("hospital-fortnight", 3, UNIFORM_FORTNIGHT, "hospital", 14),
    Case("sites-200", 2, GROWING_WEEK, "hospital", 7, sites=200),
)
CASES = {case.name: case for case in _ALL}
"""Every instance by name: the main ones, other seeds (``-s1``, ``-s3``), patients as expected values
(``-expected``), and the two large ones."""
GROWTH = {
    case.name: case
    for case in (
        Case("region-3x40", 2, "[[40, 3]]", "region", 5),
        Case("region-5x24", 2, "[[24, 5]]", "region", 5),
        Case("region-10x12", 2, "[[12, 10]]", "region", 5),
        Case("region-growing", 2, GROWING_WEEK, "region", 7),
        Case("hospital-5x24", 2, "[[24, 5]]", "hospital", 5),
        Case("hospital-10x12", 2, "[[12, 10]]", "hospital", 5),
        Case("region-28x6", 2, UNIFORM_WEEK, "region", 7),
        Case("hospital-growing", 2, GROWING_WEEK, "hospital", 7),
        Case("hospital-28x6", 2, UNIFORM_WEEK, "hospital", 7),
        Case("hospital-40x6", 2, "[[6, 40]]", "hospital", 10),
        Case("hospital-48x6", 2, "[[6, 48]]", "hospital", 12),
    )
}
"""The same bad week at sizes from ten thousand to half a million columns, in order of size."""


def region_beds(package: Path) -> dict[tuple[str, str], int]:
    """(region, bed type) -> staffed beds."""
    with open(package / "sites.csv", encoding="utf-8", newline="") as file:
        home = {row["code"]: row["region"] for row in csv.DictReader(file)}
    beds: dict[tuple[str, str], int] = defaultdict(int)
    with open(package / "beds.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            beds[home[row["site"]], row["bed_type"]] += int(row["staffed"])
    return dict(beds)


def demand_rows(case: Case, package: Path) -> list[tuple[int, int, str, str, int]]:
    """(from_h, to_h, region, category, patients): who comes beyond everyday care."""
    chance = random.Random(case.seed)
    beds = region_beds(package)
    regions = sorted({region for region, _ in beds})
    rows = []
    for region in chance.sample(regions, 7):
        strength, begins = chance.uniform(0.7, 1.8), chance.randrange(0, 12 * (case.days - 4), 12)
        for category, share in STRUCK.items():
            total = share * strength * beds.get((region, BEDS[category]), 0) * chance.uniform(0.8, 1.2)
            for number, part in enumerate((0.4, 0.3, 0.2, 0.1)):
                patients = int(total * part + chance.random())
                start = begins + 12 * number
                if patients:
                    rows.append((start, start + 12, region, category, patients))
    return sorted(rows)


def write_case(case: Case, folder: Path, package: Path | None = None) -> Path:
    """Write the scenario folder of a case below ``folder``; returns it."""
    here = folder / case.name
    here.mkdir(parents=True, exist_ok=True)
    source = 'basis = "invented"\nsource = "benchmark"\n'
    categories = sorted({*EVERYDAY, *STRUCK})
    text = [
        f'name = "{case.name}"',
        f'title_sv = "ÖVNING: prestandaprov {case.name}"',
        f'title_en = "EXERCISE: benchmark {case.name}"',
        'marking = "exercise"',
        "start = 2026-11-28T06:00:00",
        f"grid = {case.grid}",
        f'level = "{case.level}"',
        "categories = [" + ", ".join(f'"{name}"' for name in categories) + "]",
        f'\n[[demand]]\nfile = "demand.csv"\n{source}',
    ]
    text += [f'[[ordinary]]\ncategory = "{k}"\noccupancy_share = {share}\n{source}' for k, share in EVERYDAY.items()]
    for bed_type, leads in {"icu": (6, 24, 72, 120), "ward": (None, 12, 48)}.items():
        for stage, lead in enumerate(leads):
            if lead is not None:
                text.append(f'[[surge_changes]]\nbed_type = "{bed_type}"\nstage = {stage}\nlead_h = {lead}\n')
    (here / "scenario.toml").write_text("\n".join(text), encoding="utf-8")
    with open(here / "demand.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("from_h", "to_h", "place", "category", "patients"))
        writer.writerows(demand_rows(case, package or shipped_dir("data/reference")))
    return here


def write_reference(case: Case, folder: Path) -> Path | None:
    """Write the reference package of a case below ``folder``; None for the shipped one."""
    if not case.sites:
        return None
    return write_tomorrow(folder / f"reference-{case.sites}", shipped_dir("data/reference"), case.sites)


def main() -> None:
    """Write every instance below the folder given."""
    for case in CASES.values():
        reference = write_reference(case, Path(sys.argv[1]))
        asked = f" --reference {reference}" if reference else ""
        print(f"nspl-opt check {write_case(case, Path(sys.argv[1]))}{asked}")


if __name__ == "__main__":
    main()
