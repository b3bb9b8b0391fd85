"""What must give way where hard wishes conflict: told with the run, and still when the service has begun again."""

import json
import sys

import pytest

from api.desk import Desk
from nspl_opt.jobs.supervisor import Jobs
from nspl_opt.store import runs
from tests.api.world import new_world

CONFLICT = {"rules": [{"name": "beds.capacity", "where": ["18", "icu_general"], "least": 2.5}], "proven": True}
SAYS = {"status": "infeasible_confirmed", "why": "no plan obeys all rules", "conflict": CONFLICT}
CHILD = f"import pathlib, sys\n(pathlib.Path(sys.argv[-1]) / 'result.json').write_text({json.dumps(SAYS)!r})\n"


@pytest.fixture
def torn(tmp_path, planned, monkeypatch):
    """A service whose runs all end in conflict, with one run that has."""
    child = tmp_path / "child.py"
    child.write_text(CHILD, encoding="utf-8")
    made = Jobs.__init__
    monkeypatch.setattr(
        Jobs, "__init__", lambda *given, **named: made(*given, **named, command=(sys.executable, str(child)))
    )
    with new_world(tmp_path, reference=planned.reference, start=True) as world:
        scenario = world.post("secretariat", "/v1/scenarios", {"name": "small", "files": planned.files}).json()
        model = world.post("secretariat", "/v1/models", {"name": "national", "text": planned.model}).json()
        taken = world.post("secretariat", "/v1/runs", {"scenario_id": scenario["id"], "model_id": model["id"]})
        world.run_id = taken.json()["id"]
        yield world


def test_a_conflict_is_told_with_its_run_and_outlives_the_service(torn):
    ended = torn.wait_for_run(torn.run_id)
    assert (ended["state"], ended["status"], ended["plan_id"]) == ("failed", "infeasible_confirmed", None)
    assert ended["conflict"] == CONFLICT
    torn.services.desk.stop()
    torn.services.desk = Desk(torn.services.settings, torn.store)
    torn.services.desk.start()
    assert torn.get("secretariat", f"/v1/runs/{torn.run_id}").json() == ended
    listed = torn.get("secretariat", "/v1/runs").json()["runs"]
    assert [(one["id"], one["conflict"]) for one in listed] == [(torn.run_id, None)]  # whole only by itself
    with torn.store.read() as read:
        events = runs.events(read, torn.run_id)
    assert [one["conflict"] for one in events[:-1]] == [None] * (len(events) - 1)
