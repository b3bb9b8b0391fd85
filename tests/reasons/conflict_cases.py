"""Seeded conflicts: small cases in which a wish cannot be kept, and what was put there to make it so.

``python -m tests.reasons.conflict_cases`` prints the table: case, wishes, seeded cause, what was found.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nspl_opt.scenario.situation import Closure

from ..formulation.small import Case, small
from .agreed_cases import AGREED
from .seeded import Seeded

TWO = {"norr": "n", "syd": "s"}
FIVE = {("icu", "norr"): 5}
CARED, TRANSIT = "wish:unmet_care", "wish:patient_hours_in_transit"
LENDING = {"professions": ["nurse"], "share": 0.1, "yield_share": 1.0, "shortest_stay_h": 0, "travel_h": 0}
WHOLE = {"trips_whole_until_h": "all", "patients_whole_until_h": "all"}


def five(beds: int = 9, **more: Any) -> Case:
    """Five in intensive care at norr with two beds; ``beds`` at syd, two hours away."""
    return small(more.pop("sites", TWO), beds={("icu", "norr"): 2, ("icu", "syd"): beds}, initial=FIVE, **more)


def bordering() -> Case:
    """Four at norr: two beds in the area five hours away, nine outside it one hour away."""
    roads = {("mitt", "norr"): 300, ("norr", "syd"): 60}
    return small(TWO | {"mitt": "m"}, areas={"upp": ("n", "m"), "ner": ("s",)}, initial={("icu", "norr"): 4},
                 beds={("icu", "mitt"): 2, ("icu", "syd"): 9}, roads=roads)  # fmt: skip


def short_of_staff(other: int = 40, **more: Any) -> Case:
    """Four at norr with beds for all and one on duty, a nurse each; syd can lend."""
    return small(TWO, beds={("icu", "norr"): 9}, staff={"norr": 2, "syd": other}, initial={("icu", "norr"): 4},
                 roads={}, **more)  # fmt: skip


def two_on_duty() -> Case:
    """The same with two on duty."""
    return short_of_staff(other=20).but(staff=np.array([[[4], [20]]]))


def planned_care(hours: tuple[int, ...] = (24,)) -> Case:
    """Five at norr with eight beds, six of them in planned care."""
    return small({"norr": "n"}, hours=hours, beds={("icu", "norr"): 8}, planned={("icu", "norr"): 6}, initial=FIVE)


def surge_comes_late() -> Case:
    return small({"norr": "n"}, hours=(24, 24), beds={("icu", "norr"): 2}, surge={("icu", "norr"): (0, 3)},
                 initial=FIVE)  # fmt: skip


def half_a_trip() -> Case:
    """A patient and a half too many at norr; one ambulance has time for a trip and a half in the day."""
    return small(TWO, beds={("icu", "norr"): 1, ("icu", "syd"): 9}, initial={("icu", "norr"): 2.5},
                 fleet={"amb-n": 1}, trips={("amb-n", "norr", "syd"): 960})  # fmt: skip


def closed_road() -> Case:
    """The only road to syd is closed."""
    case = five(roads={})
    return case.but(closures=(Closure(links=("bron",)),))


def over_the_bridge(_: Case) -> Callable[[Any], Any]:
    """Journeys when the bridge is open, and when it is not."""
    with_road, without = five().travel, five(roads={}).travel
    return lambda situation: without if situation.closures[0].links else with_road


def two_far_apart() -> Case:
    """Norr is short of beds and its border is closed; ost is crowded, cared for in surge beds, and far from vast."""
    sites = TWO | {"ost": "o", "vast": "v"}
    return small(
        sites, areas={"upp": ("n",), "ner": ("s",), "tvars": ("o", "v")},
        beds={("icu", "norr"): 2, ("icu", "syd"): 9, ("icu", "ost"): 2, ("icu", "vast"): 9},
        surge={("icu", "ost"): 3}, initial={("icu", "norr"): 5, ("icu", "ost"): 5},
        roads={("norr", "syd"): 120, ("ost", "vast"): 600},
    )  # fmt: skip


CLOSED = {"beds": {}, "areas": {"border": "closed"}}
STAFFED = {"beds": {}, "staff": {"contingency": False}}
LENT = {"beds": {}, "staff": {"contingency": False}, "staff_loans": LENDING}
AWAY = "wish:staff_away"

SEEDED = (
    *AGREED,
    Seeded("no_beds", "there are no beds anywhere else", lambda: five(beds=0), {"unmet_care": 0}, ((CARED,),)),
    Seeded("too_few_beds", "two beds are missing", lambda: five(beds=1), {"unmet_care": 100}, ((CARED,),)),
    Seeded("no_road", "no road leads anywhere", lambda: five(roads={}), {"unmet_care": 0}, ((CARED,),)),
    Seeded("no_vehicles", "there are no vehicles", lambda: five(fleet={}), {"unmet_care": 0}, ((CARED,),),
           {"beds": {}, "transports": WHOLE}),
    Seeded("border", "the border is closed", five, {"unmet_care": 0}, ((CARED,), ("areas.border",)), CLOSED),
    Seeded("journey", "the journey is longer than care bears", lambda: five(roads={("norr", "syd"): 600}),
           {"unmet_care": 0}, ((CARED,), ("travel_time",)), {"beds": {}, "travel_time": {}}),
    Seeded("border_and_journey", "the border is closed, and the journey too long",
           lambda: five(roads={("norr", "syd"): 600}), {"unmet_care": 0}, ((CARED,),), CLOSED | {"travel_time": {}}),
    Seeded("reserve", "the helper keeps all of its beds in reserve", five, {"unmet_care": 0},
           ((CARED,), ("reserve.floor",)), {"beds": {}, "reserve": {"grouping": "region", "free_share": 1.0}}),
    Seeded("crews", "crews may drive a fifth of the day", lambda: five(fleet={"amb-n": 1}), {"unmet_care": 0},
           ((CARED,), ("transports.duty",)), {"beds": {}, "transports": WHOLE | {"duty_share": 0.2}}),
    Seeded("standard", "contingency care is not allowed", lambda: short_of_staff().but(
        staff=np.array([[[4], [0]]])), {"unmet_care": 0}, ((CARED,), ("staff.contingency",)), STAFFED),
    Seeded("loans", "a tenth of the people may be lent", lambda: short_of_staff(other=20), {"unmet_care": 0},
           ((CARED,), ("staff_loans.share",), ("staff.contingency",)), LENT),
    Seeded("loans_and_standard", "a hundredth may be lent, and no contingency care", two_on_duty, {"unmet_care": 0},
           ((CARED,), ("staff_loans.share",), ("staff.contingency",)),
           LENT | {"staff_loans": LENDING | {"share": 0.01}}),
    Seeded("notice", "planned care can be postponed a day later", planned_care, {"unmet_care": 0},
           ((CARED,), ("elective.delay",)), {"beds": {}, "elective": {"delay_h": 24}}),
    Seeded("planned_share", "a quarter of planned care may be postponed", planned_care, {"unmet_care": 0},
           ((CARED,), ("elective.largest_share",)),
           {"beds": {}, "elective": {"delay_h": 0, "steps": 1, "largest_share": 0.25}}),
    Seeded("surge", "surge beds open a day later", surge_comes_late, {"unmet_care": 0},
           ((CARED,), ("surge.lead",))),
    Seeded("bridge", "the bridge is closed", closed_road, {"unmet_care": 0}, ((CARED,), ("closure:bron",)),
           open_roads=over_the_bridge),
    Seeded("care_and_journeys", "three must travel two hours each", five,
           {"unmet_care": 0, "patient_hours_in_transit": 5}, ((CARED,), (TRANSIT,))),
    Seeded("care_and_borders", "two must leave the area", bordering, {"unmet_care": 0, "crossings": 1},
           ((CARED,), ("wish:crossings",))),
    Seeded("care_and_loans", "three people must be lent for a day", short_of_staff,
           {"unmet_care": 0, "staff_away": 5}, ((CARED,), (AWAY,), ("staff.contingency",)), LENT | {
               "staff_loans": LENDING | {"share": 0.5}}),
    Seeded("care_and_planned", "planned care holds the beds", planned_care, {"unmet_care": 0, "postponed_care": 24},
           ((CARED,), ("wish:postponed_care",)), {"beds": {}, "elective": {"delay_h": 0}}),
    Seeded("care_and_standard", "there is one on duty for four", lambda: short_of_staff().but(
        staff=np.array([[[4], [0]]])), {"unmet_care": 0, "contingency_care": 24},
           ((CARED,), ("wish:contingency_care",)), {"beds": {}, "staff": {}}),
    Seeded("journeys_and_borders", "near help is across the border, far help takes long", bordering,
           {"unmet_care": 480, "patient_hours_in_transit": 4, "crossings": 1},
           ((CARED,), (TRANSIT,), ("wish:crossings",))),
    Seeded("half_a_trip", "half a trip brings nobody anywhere", half_a_trip, {"unmet_care": 0}, ((CARED,),),
           {"beds": {}, "transports": WHOLE | {"duty_share": 1.0}}),
    Seeded("two_apart", "a closed border here, too long a journey there", two_far_apart,
           {"unmet_care": 0, "worst_region": 60},
           ((CARED, "wish:worst_region"), ("wish:worst_region", "areas.border"), ("areas.border", "travel_time")),
           CLOSED | {"travel_time": {}}),
)  # fmt: skip


def main() -> None:
    """Print the table of the seeded cases."""
    print(f"{'case':22} {'wishes':60} {'seeded cause':52} must give way, one of")
    for one in SEEDED:
        found = one.found()
        wishes = ", ".join(f"{name} <= {limit:g}" for name, limit in one.wishes.items())
        ways = " | ".join(" + ".join(way.groups) for way in found.ways) if found else "no conflict"
        told = "" if found and tuple(way.groups for way in found.ways) == one.ways else "   (NOT AS SEEDED)"
        print(f"{one.name:22} {wishes:60} {one.cause:52} {ways}{told}")


if __name__ == "__main__":
    main()
