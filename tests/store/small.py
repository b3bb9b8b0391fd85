"""What the tests of the store share: who acts, a clock moved by hand, a small plan stored, lines written by hand."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from nspl_opt.store import plans, runs, scenarios
from nspl_opt.store.actor import Actor
from nspl_opt.store.lines import Draft
from nspl_opt.store.plans import CheckedPlan
from nspl_opt.store.scenarios import CheckedScenario

LEAD = Actor("0" * 12, "exercise_lead", None, "ledning-01")
STAFF = (
    Actor("1" * 12, "secretariat", None, "kansli-01"),
    Actor("2" * 12, "secretariat", None, "kansli-02"),
)


def decision_maker(region: str) -> Actor:
    return Actor(region * 6, "region_decision_maker", region, f"region-{region}")


def operator(region: str, holder: str = "jour-01") -> Actor:
    return Actor(f"{region}{holder[-2:]}".ljust(12, "c"), "region_operator", region, f"region-{region}-{holder}")


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        """On, or back with negative figures; as ``timedelta``."""
        self.now += timedelta(**by)


class Small(NamedTuple):
    """A plan in a folder, made from the texts of a scenario and of a model, and checked."""

    scenario: CheckedScenario
    model: str
    folder: Path
    checked: CheckedPlan


def add_small_plan(store, small, based_on=None):
    def add(work):
        scenario = scenarios.add_scenario(work, "small", small.scenario)
        model = scenarios.add_model(work, "national", small.model)
        run = runs.ask(work, scenario, model, based_on=based_on)
        runs.tell(work, run, "running", owner="1")
        plan = plans.add_plan(work, run, small.checked)
        runs.tell(work, run, "done", status=small.checked.opened.plan.status)
        return plan

    return store.run_write(add, LEAD, "plan.add")


def draft(number="one", sender="17", receiver="18", carrier="17", amount=5, what="icu_general", **other) -> Draft:
    """A line of help, by hand."""
    given = {
        "number": number, "kind": "patients", "from_region": sender, "to_region": receiver, "carrier": carrier,
        "from_site": "", "to_site": "", "what": what, "vehicle_type": "icu_ambulance", "from_h": 0, "to_h": 12,
        "from_time": "2027-01-11T06:00", "to_time": "2027-01-11T18:00", "amount": amount, "card": {},
    }  # fmt: skip
    return Draft(**given | other)
