"""All constraint families, listed once, in the order in which they are built."""

from __future__ import annotations

from nspl_opt.formulation.families import beds, elective, reserve, staff, staff_loans, transports
from nspl_opt.formulation.families.limits import AREAS, CAPABILITY, TRAVEL_TIME
from nspl_opt.formulation.family import Family

FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        elective.FAMILY,  # first: beds and staff count what it frees
        staff_loans.FAMILY,  # before staff, which counts who is away
        beds.FAMILY,
        staff.FAMILY,
        transports.FAMILY,
        TRAVEL_TIME,
        CAPABILITY,
        AREAS,
        reserve.FAMILY,
    )
}
