"""Each rule of the checker, broken from the side of the situation: the plan stays, the country changes."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from nspl_opt.plan.checks import RULES, listed, verify
from nspl_opt.plan.plan import GoalResult
from nspl_opt.scenario.situation import Closure, Timetable

from . import island


@pytest.fixture(scope="module")
def sound():
    return island.plan(), island.situation(), island.travel()


def broken(plan, situation, travel):
    return set(verify(plan, situation, travel).broken)


def changed(values: np.ndarray, where, value) -> np.ndarray:
    result = values.copy()
    result[where] = value
    return result


def with_families(plan, **families):
    return replace(plan, model={**plan.model, "families": {**plan.model["families"], **families}})


def test_every_rule_is_applied_and_counted(sound):
    report = verify(*sound)
    off = {name for name, rule in RULES.items() if rule.family and rule.family not in sound[0].model["families"]}
    assert report.ok and set(report.left_out) == off and not off & set(listed.RULES_HERE)
    assert set(report.checked) == {"tables.form", "tables.codes", *RULES} - off


def test_a_family_that_is_off_is_not_checked_but_named(sound):
    plan, situation, travel = sound
    families = {name: options for name, options in plan.model["families"].items() if name != "reserve"}
    report = verify(replace(plan, model={**plan.model, "families": families}), situation, travel)
    assert report.ok and report.left_out["reserve.floor"] == "off"
    gone = set(report.left_out) - set(verify(*sound).left_out)
    assert gone == {name for name, rule in RULES.items() if rule.family == "reserve"}


def test_planned_care_is_not_postponed_where_that_family_is_off(sound):
    plan, situation, travel = sound
    families = {name: options for name, options in plan.model["families"].items() if name != "elective"}
    assert "core.switched_off" in broken(replace(plan, model={**plan.model, "families": families}), situation, travel)


def test_a_patient_more_at_the_door_is_missed_in_the_books(sound):
    plan, situation, travel = sound
    more = replace(situation, arrivals_micro=changed(situation.arrivals_micro, (0, 2, 1), 2_000_000))
    assert {"core.arrivals", "core.balance"} <= broken(plan, more, travel)


def test_a_bed_less_and_somebody_lies_on_the_floor(sound):
    plan, situation, travel = sound
    fewer = replace(situation, surge_beds=changed(situation.surge_beds, (0, 2, 3), 0))
    assert "beds.capacity" in broken(plan, fewer, travel)


def test_too_few_nurses_in_the_region(sound):
    plan, situation, travel = sound
    fewer = replace(situation, staff=changed(situation.staff, (0, 2, 3), 4))
    assert "staff.region" in broken(plan, fewer, travel)


def test_two_hospitals_of_a_region_share_only_so_many_nurses(sound):
    plan, situation, travel = sound
    regions = tuple(replace(region, code=region.code) for region in situation.regions)
    moved = tuple(replace(site, region="ab") if site.code == "visby" else site for site in situation.sites)
    two = replace(situation, sites=moved, regions=regions, staff=changed(situation.staff, (0, 2), 4))
    assert "staff.site" in broken(plan, two, travel)


def test_lent_nurses_are_missed_at_home(sound):
    plan, situation, travel = sound
    fewer = replace(situation, staff=changed(situation.staff, (0, 1), 20))
    assert "staff_loans.share" in broken(plan, fewer, travel)


def test_a_borrowed_nurse_who_yields_nothing_does_not_help(sound):
    plan, situation, travel = sound
    tight = replace(situation, staff=changed(situation.staff, (0, 2), 16), planned_staff=situation.planned_staff * 0)
    useless = with_families(plan, staff_loans={**plan.model["families"]["staff_loans"], "yield_share": 0.0})
    assert "staff.region" not in broken(plan, tight, travel)
    assert "staff.region" in broken(useless, tight, travel)


def test_a_hospital_without_the_level_gives_no_such_care(sound):
    plan, situation, travel = sound
    lower = tuple(replace(site, level="district") if site.code == "visby" else site for site in situation.sites)
    assert broken(plan, replace(situation, sites=lower), travel) == {"capability.capable"}


def test_fewer_ambulances_drive_less(sound):
    plan, situation, travel = sound
    none = replace(situation, pool_quantity=changed(situation.pool_quantity, (0, 3), 0))
    assert {"transports.vehicles", "transports.duty"} <= broken(plan, none, travel)


def test_a_tired_crew_drives_less(sound):
    plan, situation, travel = sound
    tired = with_families(plan, transports={**plan.model["families"]["transports"], "duty_share": 0.05})
    assert broken(tired, situation, travel) == {"transports.duty"}


def test_nobody_drives_from_the_airfield(sound):
    plan, situation, travel = sound
    pools = tuple(pool for pool in situation.pools if pool.code != "amb-i")
    fewer = replace(situation, pools=pools, pool_quantity=np.delete(situation.pool_quantity, 2, axis=0))
    assert "transports.feeder" in broken(plan, fewer, travel)


def test_the_ferry_stays_in_port(sound):
    plan, situation, travel = sound
    assert broken(plan, replace(situation, timetables={"GOT": Timetable(0, ((),) * 5)}), travel) == {
        "transports.departures", "transports.in_time",
    }  # fmt: skip


def test_the_ferry_leaves_before_patients_can_be_at_the_port(sound):
    """Ten minutes to the port, after fifteen of taking the patient on board where the vehicle comes in the middle."""
    plan, situation, travel = sound
    begins = [60 * period.start_h for period in situation.periods]

    def sails(*after: int) -> set[str]:
        table = Timetable(60, tuple(tuple(begin + minutes for minutes in after) for begin in begins))
        return broken(plan, replace(situation, timetables={"GOT": table}), travel)

    assert sails(69) == {"transports.in_time"}
    assert sails(70) == sails(5, 70) == set()


def test_a_ferry_sails_before_the_vehicle_to_the_port_is_mobilised(sound):
    plan, situation, travel = sound
    late = 60 * situation.periods[2].start_h
    kinds = tuple(replace(kind, mobilisation_min=late) for kind in situation.vehicle_types)
    table = Timetable(60, tuple((60 * period.start_h + 80,) for period in situation.periods))
    assert broken(plan, replace(situation, vehicle_types=kinds, timetables={"GOT": table}), travel) == {
        "transports.in_time"
    }


@pytest.mark.parametrize(
    "closure", [Closure(modes=("fixed_wing",)), Closure(places=("air-visby",)), Closure(links=("GOT",))]
)
def test_nobody_passes_what_is_closed(sound, closure):
    plan, situation, travel = sound
    assert broken(plan, replace(situation, closures=(closure,)), travel) == {"network.closures"}


def test_a_border_that_closes_stops_transfers_and_loans(sound):
    plan, situation, travel = sound
    closed = with_families(plan, areas={"grouping": "civil_area", "border": "closed"})
    report = verify(closed, situation, travel)
    assert set(report.broken) == {"areas.border"}
    assert {violation.where.split()[0] for violation in report.violations} == {"transfers", "loans"}


def test_a_larger_reserve_keeps_outside_patients_out(sound):
    plan, situation, travel = sound
    larger = with_families(plan, reserve={"grouping": "civil_area", "bed_types": ["icu"], "free_share": 0.9})
    assert broken(larger, situation, travel) == {"reserve.floor"}


def test_a_plan_for_another_scenario_is_not_this_plan(sound):
    plan, situation, travel = sound
    other = replace(situation, input_hashes={"scenario/scenario.toml": "1" * 64})
    assert broken(plan, other, travel) == {"provenance.origin"}


def test_no_plan_is_called_optimal_with_a_gap(sound):
    plan, situation, travel = sound
    first = plan.goals[0]
    open_gap = GoalResult(first.name, first.unit, first.value, first.value / 2, 0.5, 0.0, True)
    assert broken(replace(plan, goals=(open_gap, *plan.goals[1:])), situation, travel) == {"goals.status"}


@pytest.mark.parametrize("status", ["crashed", "no_solution_in_time", "infeasible_confirmed", "splendid"])
def test_a_run_without_a_plan_carries_no_plan(sound, status):
    plan, situation, travel = sound
    assert broken(replace(plan, status=status), situation, travel) == {"goals.status"}


def test_the_report_speaks_swedish_and_english(sound):
    plan, situation, travel = sound
    report = verify(replace(plan, marking="open"), situation, travel)
    rules = len(report.checked)
    assert f"{rules - 1} av {rules} regler håller" in report.text("sv")
    assert "provenance.origin: 1 rad bruten" in report.text("sv")
    assert "planen är gjord av dessa filer: marking: väntat exercise, funnet open" in report.text("sv")
    assert "the plan is made from these files" in report.text("en")


def test_the_checker_shares_nothing_with_the_model():
    program = """
import importlib.abc, pathlib, sys, types
class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        lower = ("pyomo", "highspy", "nspl_opt.instance", "nspl_opt.formulation", "nspl_opt.solver",
                 "nspl_opt.pipeline", "nspl_opt.plan.extract", "nspl_opt.plan.rows")
        if any(name == one or name.startswith(one + ".") for one in lower):
            raise ImportError(f"the checker must not import {name}")
root = types.ModuleType("nspl_opt")
root.__path__ = [str(pathlib.Path("nspl_opt").resolve())]
sys.modules["nspl_opt"] = root  # the root package gathers the public names of every floor
sys.meta_path.insert(0, Refuse())
import json
import nspl_opt.plan.checks
print(json.dumps(sorted(name for name in sys.modules if name.startswith("nspl_opt."))))
"""
    root = __file__.rsplit("/tests/", 1)[0]
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=root)
    assert done.returncode == 0, done.stderr
    used = {name.split(".")[1] for name in json.loads(done.stdout)}
    assert used <= {"network", "plan", "reference", "scenario", "problems", "files", "tables", "shipped"}
