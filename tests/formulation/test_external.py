"""Places abroad take whom the model lets go, as many as it counts on; entry points only send."""

from __future__ import annotations

import pytest

from nspl_opt.formulation.families.external import CLOSED
from nspl_opt.plan.words import Words

from ..register import shows
from .golden import built, golden
from .small import ICU, by_air, planned, small

TWO = {"norr": "n", "oslo": "o"}
OVER = {"beds": {("icu", "oslo"): 3}, "initial": {("icu", "norr"): 5}}
LOAN = {"beds": {}, "staff": {}, "staff_loans": {"professions": ["nurse"], "share": 1.0, "shortest_stay_h": 0}}


def abroad(case, region: str = "o"):
    return case.having(external_regions=frozenset({region}))


def moved(case, **options) -> float:
    return planned(case, {"beds": {}, "external": options}).moved()


@shows("families.external.share", "families.external.send", "families.external")
def test_as_many_are_sent_as_there_are_places_counted_on():
    case = abroad(small(TWO, **OVER))
    full = planned(case, {"beds": {}, "external": {}})
    assert full.moved() == 3 and full.goal() == 2 * 24 * 10
    assert moved(case, share=0.5) == 1
    assert moved(case, send=False) == 0
    without = planned(case, ("beds",))
    assert without.moved() == 0 and without.made.plan.pruned[CLOSED] > 0


def test_nobody_waits_abroad_even_where_that_would_even_out_the_load_at_home():
    goals = [{"name": "unmet_care", "slack_share": 1.0}, {"name": "worst_region"}]
    case = abroad(small(TWO, beds={("icu", "norr"): 1, ("icu", "oslo"): 3}, initial={("icu", "norr"): 9}))
    assert planned(case, {"beds": {}, "external": {}}, goals).moved() == 3
    assert planned(case, {"external": {}}, goals).moved() == 3


def test_who_is_abroad_comes_home_before_the_places_are_gone():
    beds = {("icu", "oslo"): [3, 3, 0], ("icu", "norr"): [0, 0, 2]}
    case = abroad(small(TWO, hours=(24, 24, 24), beds=beds, initial={("icu", "norr"): 3}))
    plan = planned(case, {"beds": {}, "external": {}})
    assert plan.moved(to_site="oslo") == plan.moved(to_site="norr") == 3
    assert plan.goal() == 24 * 10


def test_care_abroad_takes_no_staff_of_ours_and_nobody_is_lent_over_the_border():
    case = abroad(small(TWO, **OVER, staff={"norr": 0, "oslo": 100}))
    plan = planned(case, {**LOAN, "external": {}})
    assert plan.moved() == 3
    assert not len(plan.rows("loans"))
    short = abroad(small(TWO, beds={("icu", "norr"): 5}, initial={("icu", "norr"): 5}, staff={"norr": 0, "oslo": 100}))
    assert planned(short, {**LOAN, "external": {}}).goal() == 5 * 24 * 10


def test_the_host_drives_from_the_airfield_abroad():
    # No ambulance of ours stands in Oslo; the one at norr drives to the airfield.
    flight = by_air("norr", "oslo", 90, (20, 30))
    families = {"beds": {}, "external": {}, "transports": {}}
    fleet = {"amb-n": 9, "plane-n": 3}
    trips = {("plane-n", "air-norr", "air-oslo"): 200}
    case = small(TWO, **OVER, roads={}, journeys=[flight], fleet=fleet, trips=trips)
    assert planned(abroad(case), families).moved() == 3
    assert planned(case, families).moved() == 0
    theirs = small(TWO, **OVER, roads={}, journeys=[flight], fleet={"amb-o": 9, "plane-n": 3}, trips=trips)
    assert planned(abroad(theirs), families).moved() == 0


def test_who_arrives_at_an_entry_point_is_not_cared_for_until_moved():
    case = small({"hamn": "n", "norr": "n"}, hours=(24, 24), beds={("icu", "norr"): 2},
                 arrivals={("icu", "hamn"): [3, 0]}, staff={"norr": 100, "hamn": 0})  # fmt: skip
    case = case.having(entries=frozenset({"hamn"}))
    plan = planned(case, {"beds": {}, "staff": {"within_region_share": 0}})
    assert plan.moved(from_site="hamn", to_site="norr") == 2
    assert plan.goal() == 2 * 24 * 10
    assert plan.total("unmet", "unmet", site="hamn") == 2


@pytest.mark.parametrize("entries, sent", [((), 0), (("hamn",), 2)])
def test_escorts_of_those_who_leave_an_entry_point_are_the_regions(entries, sent):
    escorted = ICU.__class__(**{**{name: getattr(ICU, name) for name in ICU.__dataclass_fields__},
                                "escort_micro": {"nurse": 1_000_000}})  # fmt: skip
    case = small({"hamn": "n", "norr": "n", "syd": "s"}, categories=(escorted,), beds={("icu", "syd"): 2},
                 arrivals={("icu", "hamn"): 2}, staff={"norr": 100, "hamn": 0, "syd": 100})  # fmt: skip
    case = case.having(entries=frozenset(entries))
    assert planned(case, {"beds": {}, "staff": {}}).moved(from_site="hamn") == sent


def test_a_model_that_could_send_abroad_says_when_there_is_nowhere_to_send():
    case = small(TWO, **OVER)
    plan = planned(case, ("beds", "external")).made.plan
    assert plan.notes == ("external.no_places",)
    assert "utomlands" in Words("sv").known("notes", plan.notes[0])


def test_a_plan_says_how_many_are_not_known_of_yet():
    plan = planned(small(TWO, **OVER).having(unknown_patients=12_500_000)).made.plan
    assert plan.notes == ("demand.not_known:12.5",)
    assert Words("en").known("notes", plan.notes[0]).startswith("12.5 patients")


def test_its_rows_are_those_that_were_looked_through():
    case = abroad(small(TWO, hours=(12, 24), beds={("icu", "oslo"): [3, 5], ("ward", "oslo"): 4},
                        initial={("icu", "norr"): 5}))  # fmt: skip
    golden("external", built(case, {"beds": {}, "external": {"share": 0.7}}), {"external.places": "bit"})
