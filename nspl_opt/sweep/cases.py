"""The cases of a sweep: each hospital lost, each much used link closed, each region declining to help."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nspl_opt.living import Living
from nspl_opt.reference.reference import Reference
from nspl_opt.scenario.what_if import ClosedLink, Declines, LostHospital, WhatIf
from nspl_opt.scenario.what_if_text import LOST_FROM_H

KINDS = ("hospital", "link", "region")
MOST_LINKS = 60


@dataclass(frozen=True, slots=True)
class Case:
    """One case: ``kind`` of ``KINDS``, the code and name of what is lost, the what-if."""

    kind: str
    what: str
    name: str
    what_if: WhatIf

    @property
    def code(self) -> str:
        """``kind:what``, no two cases alike."""
        return f"{self.kind}:{self.what}"


def single_losses(
    living: Living, reference: Reference, kinds: Sequence[str] = KINDS, most_links: int = MOST_LINKS
) -> tuple[Case, ...]:
    """All single losses of these kinds, in order of kind, then of code.

    A hospital is lost after 24 h, at region level its share of the region's beds. Of the links those
    that most journeys run over are taken, ties by code.
    """
    found = {"hospital": _hospitals, "link": _links, "region": _regions}
    return tuple(case for kind in KINDS if kind in kinds for case in found[kind](living, reference, most_links))


def _hospitals(living: Living, *_: object) -> Iterator[Case]:
    for site in sorted(living.detail.hospitals.sites, key=lambda site: site.code):
        yield Case("hospital", site.code, site.name, LostHospital(site.code, from_h=LOST_FROM_H))


def _links(living: Living, reference: Reference, most: int) -> Iterator[Case]:
    names = {way.code: way.name for way in (*reference.links, *reference.ferries)}
    for code in sorted(list(living.journeys_over)[:most]):
        # A road is many links of one name: the code tells which.
        yield Case("link", code, f"{names[code]} ({code})" if code in names else code, ClosedLink(code))


def _regions(living: Living, *_: object) -> Iterator[Case]:
    with_sites = {site.region for site in living.situation.sites}
    for region in living.situation.regions:
        if region.code in with_sites:
            yield Case("region", region.code, region.name, Declines(region.code))
