"""The plan and the situation side by side, indexed for the rules. Exact numbers only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from nspl_opt.network.travel import TravelTimes
from nspl_opt.plan.checks.form import Rows
from nspl_opt.plan.checks.surge_beds import unit_beds
from nspl_opt.plan.plan import Plan
from nspl_opt.reference.reference import MICRO, STANDARDS
from nspl_opt.scenario.situation import Situation

Grid = list[list[list[int]]]
"""[category][site][period], or [profession][site][period]."""


def share(value: object) -> Fraction:
    """A share as the model file writes it (0.08), exactly: eight hundredths."""
    return Fraction(str(value))


def half_even(value: Fraction | int) -> int:
    """Rounded to an integer, a half to the even one."""
    return round(Fraction(value))


def micro(value: float | int | str) -> int:
    """A figure in millionths, rounded half to even."""
    return int((Decimal(str(value)) * MICRO).to_integral_value(rounding=ROUND_HALF_EVEN))


Loans = Mapping[tuple[str, str, str], list[int]]
"""(profession, from region, to region) -> people per block."""


@dataclass
class Case:
    """What the rules read. Made by ``open_case`` once the codes of the tables are known to be good.

    ``present``, the standards of care and the other grids are [category][site][period]
    in millionths; ``step`` is [site][block]; ``lent`` maps (profession, from, to) to people per block.
    """

    plan: Plan
    situation: Situation
    travel: TravelTimes
    rows: Mapping[str, Rows]
    families: Mapping[str, Mapping[str, Any]]
    site: Mapping[str, int]
    category: Mapping[str, int]
    region_sites: Mapping[str, list[int]]
    grids: Mapping[str, Grid]
    step: list[list[int]]
    lent: Loans
    started: Loans
    block_hours: tuple[int, ...]
    block_starts: tuple[int, ...]
    beds: Grid = field(default_factory=list)
    surge: Grid = field(default_factory=list)
    planned: list[list[int]] = field(default_factory=list)
    owners: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Table -> the families without which it is empty."""

    def option(self, family: str, name: str, default: Any) -> Any:
        """An option as the plan's model states it."""
        return self.families.get(family, {}).get(name, default)

    def kept(self, site: int, block: int) -> Fraction:
        """Share of planned care that goes on: 1 - z / Z * largest share."""
        z = self.step[site][block]
        if not z:
            return Fraction(1)
        return 1 - share(self.option("elective", "largest_share", 0)) * Fraction(z, self.option("elective", "steps", 3))

    def cared(self, category: int, site: int, period: int) -> int:
        """Patients cared for, all standards [millionths]."""
        return sum(self.grids[standard][category][site][period] for standard in STANDARDS)

    @cached_property
    def steps(self) -> list[tuple[int, int, int]]:
        """(category, next category, share in millionths) of the care paths that bind, sorted.

        Stages of a stay always do; others with the family care_paths, times its factor, rounded half to even.
        """
        factor = share(self.option("care_paths", "share_factor", 1)) if "care_paths" in self.families else Fraction(0)
        found = []
        for path in self.situation.paths:
            part = path.share_micro if path.stage else half_even(factor * path.share_micro)
            if part:
                found.append((self.category[path.category], self.category[path.next], part))
        return sorted(found)

    def goes_on(self, gone: list[int]) -> tuple[list[int], list[int]]:
        """Of those who leave, by category [millionths]: who comes on to each category, who goes on from each."""
        into, out = [0] * len(gone), [0] * len(gone)
        for k, other, part in self.steps:
            some = min(half_even(Fraction(gone[k] * part, MICRO)), gone[k] - out[k])
            into[other] += some
            out[k] += some
        return into, out

    def own_patients(self) -> list[list[list[int]]]:
        """[category][site][period] patients present if nobody moved and all were cared for [millionths]."""
        situation, kinds = self.situation, range(len(self.category))
        initial, came, leaves = (
            array.tolist() for array in (situation.initial_micro, situation.arrivals_micro, situation.leaves())
        )
        result = [[[0] * len(situation.periods) for _ in situation.sites] for _ in kinds]
        for i in range(len(situation.sites)):
            present = [initial[k][i] for k in kinds]
            for t in range(len(situation.periods)):
                gone = [half_even(Fraction(leaves[k][t] * present[k], MICRO)) for k in kinds]
                into, _ = self.goes_on(gone)
                present = [present[k] - gone[k] + into[k] + came[k][i][t] for k in kinds]
                for k in kinds:
                    result[k][i][t] = present[k]
        return result

    @cached_property
    def bed_use(self) -> Mapping[str, Mapping[tuple[int, int, int], Fraction]]:
        """Beds by type, site and period: ``lent`` to other care, ``borrowed`` from other types (patients), ``housed``
        by who is ready for discharge."""
        bed = {one.code: b for b, one in enumerate(self.situation.bed_types)}
        per_patient = {(pair.gives, pair.serves): pair.beds_micro for pair in self.situation.bed_substitutes}
        found: dict[str, dict[tuple[int, int, int], Fraction]] = {}
        for name in ("lent", "borrowed", "housed"):
            found[name] = defaultdict(Fraction)
        for row in self.rows["bed_use"]:
            place = self.site[row.site], row.period
            beds = Fraction(row.patients * per_patient.get((row.bed_type, row.used_by), MICRO), MICRO * MICRO)
            found["lent"][bed[row.bed_type], *place] += beds
            found["borrowed"][bed.get(row.used_by, -1), *place] += Fraction(row.patients, MICRO)
        for row in self.rows["ready"]:
            kind = bed[self.situation.categories[self.category[row.category]].bed_type]
            found["housed"][kind, self.site[row.site], row.period] += Fraction(row.housed, MICRO)
        return found

    def lent_beds(self, bed: int, site: int, period: int) -> Fraction:
        """Beds of the type lent to other care, less patients who need it and lie in beds of another type."""
        key = bed, site, period
        return self.bed_use["lent"].get(key, Fraction(0)) - self.bed_use["borrowed"].get(key, Fraction(0))

    def other_use(self, bed: int, site: int, period: int) -> Fraction:
        """Beds used beyond those of the type's own patients in care: lent, not borrowed, and of who is ready to go."""
        return self.lent_beds(bed, site, period) + self.bed_use["housed"].get((bed, site, period), Fraction(0))

    def held(self, bed: int, site: int, period: int) -> int:
        """Beds that planned care holds when nothing is postponed; no more than there are."""
        return min(self.planned[bed][site], self.beds[bed][site][period])

    def staffed(self, bed: int, site: int, period: int) -> Fraction:
        """Staffed beds less those of planned care that goes on."""
        kept = self.kept(site, self.situation.periods[period].block)
        return self.beds[bed][site][period] - self.held(bed, site, period) * kept

    def open_beds(self, bed: int, site: int, period: int) -> Fraction:
        """Beds that patients may lie in: those staffed for them, and surge."""
        return self.staffed(bed, site, period) + self.open_surge(bed, site, period)

    @cached_property
    def unit_beds(self) -> Mapping[tuple[int, int, int], Fraction]:
        """Beds of the surge units that are open, by bed type, site and period."""
        return unit_beds(self.situation, self.rows["surge_units"])

    def open_surge(self, bed: int, site: int, period: int) -> Fraction | int:
        """Surge beds that are open: all that can be, or those of the units that the plan opens."""
        if "surge" not in self.families:
            return self.surge[bed][site][period]
        return self.unit_beds.get((bed, site, period), Fraction(0))

    def of_bed_type(self, code: str) -> list[int]:
        """Categories that need the bed type."""
        return [k for k, category in enumerate(self.situation.categories) if category.bed_type == code]

    def areas(self, grouping: str) -> list[tuple[str, tuple[str, ...]]]:
        """Areas of a grouping as (code, regions); ``region`` means each region alone."""
        if grouping == "region":
            return [(region.code, (region.code,)) for region in self.situation.regions]
        return [(area.code, area.regions) for area in self.situation.groupings.get(grouping, ())]


GRIDS = ("arrived", "moved_in", "moved_out", "discharged", "stepped_in", "stepped_out", "present", *STANDARDS, "unmet")


def open_case(
    plan: Plan,
    situation: Situation,
    travel: TravelTimes,
    rows: Mapping[str, Rows],
    owners: Mapping[str, tuple[str, ...]],
) -> Case:
    """Index the tables. Rows left out of the census count as empty places."""
    site = {s.code: i for i, s in enumerate(situation.sites)}
    category = {k.code: i for i, k in enumerate(situation.categories)}
    periods, blocks = len(situation.periods), situation.periods[-1].block + 1
    grids = {name: [[[0] * periods for _ in site] for _ in category] for name in GRIDS}
    for row in rows["census"]:
        k, i = category[row.category], site[row.site]
        for name in GRIDS:
            grids[name][k][i][row.period] = getattr(row, name)
    step = [[0] * blocks for _ in site]
    for row in rows["postponed"]:
        step[site[row.site]][row.block] = row.step
    region_sites: dict[str, list[int]] = {region.code: [] for region in situation.regions}
    for i, one in enumerate(situation.sites):
        region_sites[one.region].append(i)
    starts = [min(p.start_h for p in situation.periods if p.block == d) for d in range(blocks)]
    lent, started = _loans(rows["loans"], blocks)
    return Case(
        plan, situation, travel, rows, plan.model.get("families", {}), site, category, region_sites, grids, step,
        lent, started, situation.block_hours, tuple(starts),
        situation.beds.tolist(), situation.surge_beds.tolist(), situation.planned_beds.tolist(), owners,
    )  # fmt: skip


def _loans(rows: Rows, blocks: int) -> tuple[Loans, Loans]:
    lent: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0] * blocks)
    started: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0] * blocks)
    for row in rows:
        key = (row.profession, row.from_region, row.to_region)
        started[key][row.first_block] += row.persons
        for block in range(row.first_block, row.last_block + 1):
            lent[key][block] += row.persons
    return dict(lent), dict(started)
