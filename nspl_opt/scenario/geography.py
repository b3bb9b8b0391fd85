"""Places by their codes: which hospitals a region, a site or ``all`` stands for, and what lies in an area."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nspl_opt.reference.reference import HOSPITAL_LEVELS, CareCategory, Reference, Site
from nspl_opt.scenario.schema import EVERYWHERE


@dataclass(frozen=True)
class Geography:
    """Hospitals in order of code, with their staffed beds and planned beds by bed type [beds]."""

    hospitals: tuple[Site, ...]
    regions: tuple[str, ...]
    staffed: Mapping[tuple[str, str], int]
    planned: Mapping[tuple[str, str], int]
    abroad: frozenset[str] = frozenset()
    """Regions that are places abroad: ``all``, and naming no place, means the country's own."""

    @classmethod
    def of(cls, reference: Reference) -> Geography:
        """The geography of a reference package."""
        staffed: dict[tuple[str, str], int] = {}
        planned: dict[tuple[str, str], int] = {}
        for stock in reference.beds:
            key = (stock.site, stock.bed_type)
            staffed[key] = staffed.get(key, 0) + stock.staffed
            planned[key] = planned.get(key, 0) + stock.planned
        return cls(
            hospitals=tuple(sorted(reference.sites, key=lambda site: site.code)),
            regions=tuple(sorted(region.code for region in reference.regions)),
            staffed=staffed,
            planned=planned,
            abroad=frozenset(region.code for region in reference.regions if region.country),
        )

    def known(self) -> list[str]:
        """Codes that may stand where a place is asked for."""
        return sorted({*self.regions, *(site.code for site in self.hospitals)})

    def hospitals_of(self, place: str) -> tuple[Site, ...]:
        """The hospitals and entry points of a region, one of them, or all at home; none when the code is not known."""
        if place == EVERYWHERE:
            return self.at_home()
        if place in self.regions:
            return tuple(site for site in self.hospitals if site.region == place)
        return tuple(site for site in self.hospitals if site.code == place)

    def at_home(self) -> tuple[Site, ...]:
        """All hospitals and entry points but those abroad."""
        return tuple(site for site in self.hospitals if site.region not in self.abroad)

    def hospitals_of_all(self, places: tuple[str, ...]) -> tuple[Site, ...]:
        """The hospitals of several places, each once, in order of code; no place means everywhere at home."""
        if not places:
            return self.at_home()
        wanted = {site.code for place in places for site in self.hospitals_of(place)}
        return tuple(site for site in self.hospitals if site.code in wanted)

    def beds_at(self, hospital: str) -> int:
        """All staffed beds of a hospital [beds]."""
        return sum(beds for (site, _), beds in self.staffed.items() if site == hospital)

    def largest(self, hospitals: tuple[Site, ...]) -> Site:
        """The hospital with most staffed beds; the first by code when equal."""
        return min(hospitals, key=lambda site: (-self.beds_at(site.code), site.code))

    def reception(self, place: str, category: CareCategory) -> list[tuple[str, int]]:
        """(hospital, weight) for patients of a category who come to a place.

        A region's patients come to its hospitals that can take the category, in proportion to the
        staffed beds they need; if none can, to the hospital with most beds, to be moved from there.
        A hospital's own patients come to that hospital, whatever it can do. Who comes to a region does not
        come to its entry points, which are named themselves.
        """
        hospitals = self.hospitals_of(place)
        if place in self.regions:
            hospitals = tuple(site for site in hospitals if not site.entry)
        able = [site for site in hospitals if can_take(site, category)]
        weights = [(site.code, self.staffed.get((site.code, category.bed_type), 0)) for site in able]
        if place not in self.regions or sum(weight for _, weight in weights) == 0:
            return [(self.largest(hospitals).code, 1)]
        return weights


def can_take(site: Site, category: CareCategory) -> bool:
    """Whether a hospital has the capability and the level that a category needs."""
    if category.capability and category.capability not in site.capabilities:
        return False
    return not category.minimum_level or HOSPITAL_LEVELS.index(site.level) >= HOSPITAL_LEVELS.index(
        category.minimum_level
    )
