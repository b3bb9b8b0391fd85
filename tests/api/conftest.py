"""A small country is planned once for all tests of the API; each test has its own store."""

import importlib.util
from pathlib import Path

import pytest

from nspl_opt.pipeline import make_plan
from nspl_opt.plan.folder import write_plan
from nspl_opt.shipped import shipped_dir
from nspl_opt.store import plans, scenarios
from tests.api.world import Planned, add_plan, new_world
from tests.store.postgres import postgres_server  # noqa: F401

HERE = Path(__file__).resolve().parent


def _planned(place: Path, marking: str) -> Planned:
    spec = importlib.util.spec_from_file_location("api_country", HERE.parent / "cli" / "country.py")
    country = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(country)
    country.small_reference(place / "reference")
    text = country.SCENARIO.replace('marking = "exercise"', f'marking = "{marking}"')
    country.small_scenario(place / "scenario", scenario=text)
    model = (shipped_dir("models") / "national.toml").read_text("utf-8")
    (place / "model.toml").write_text(model, encoding="utf-8")
    made = make_plan(place / "scenario", place / "model.toml", reference=place / "reference", time_limit_s=20)
    folder = write_plan(made.plan, place / "plan", place / "scenario", place / "reference")
    files = scenarios.folder_texts(place / "scenario")
    return Planned(place / "reference", files, model, plans.check_plan(folder))


@pytest.fixture(scope="session")
def planned(tmp_path_factory) -> Planned:
    """Three regions, a plan of theirs that is no exercise."""
    return _planned(tmp_path_factory.mktemp("live"), "open")


@pytest.fixture(scope="session")
def planned_exercise(tmp_path_factory) -> Planned:
    """The same, marked as an exercise."""
    return _planned(tmp_path_factory.mktemp("exercise"), "exercise")


@pytest.fixture
def world(tmp_path, planned):
    """A live service without jobs."""
    with new_world(tmp_path, reference=planned.reference) as made:
        yield made


@pytest.fixture
def working(tmp_path, planned):
    """A live service that runs jobs."""
    with new_world(tmp_path, reference=planned.reference, start=True, reasons_time_s=0) as made:
        yield made


@pytest.fixture
def plan_id(world, planned):
    """A stored plan, a draft yet."""
    return add_plan(world.store, planned)
