"""Stores in both databases: every test that takes ``address`` or ``store`` runs on SQLite and on PostgreSQL."""

import importlib.util
import shutil
from functools import cache
from pathlib import Path

import pytest

from nspl_opt.pipeline import make_plan
from nspl_opt.plan.folder import write_plan
from nspl_opt.shipped import shipped_dir
from nspl_opt.store import lines, plans, scenarios
from nspl_opt.store.store import Store
from tests.store.postgres import postgres_server  # noqa: F401
from tests.store.small import LEAD, HandClock, Small, add_small_plan

HERE = Path(__file__).resolve().parent


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path):
    """Where no store is yet; or, for a test that takes ``store`` or ``plan_id``, a copy of one made before."""
    found = request.getfixturevalue("templates")(request.param, "plan_id" in request.fixturenames)
    is_made = "store" in request.fixturenames
    if request.param == "sqlite":
        path = tmp_path / "store.sqlite"
        if is_made:
            shutil.copy(found, path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgres_server")
    made = server.new_database(found if is_made else None)
    yield made
    server.drop(made)


@pytest.fixture(scope="session")
def templates(request, tmp_path_factory):
    """Kind of database, with a plan or without -> a store made once, to be copied: migrating takes its time."""

    @cache
    def template(kind, has_plan):
        if kind == "sqlite":
            where = str(tmp_path_factory.mktemp("template") / "store.sqlite")
        else:
            where = request.getfixturevalue("postgres_server").new_database()
        made = Store.create(where, "exercise", clock=HandClock())
        if has_plan:
            add_small_plan(made, request.getfixturevalue("small"))
        made.close()
        return where

    return template


@pytest.fixture
def store(address, clock):
    opened = Store.open(address, realm="exercise", clock=clock)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def small(tmp_path_factory) -> Small:
    """A plan of three regions, made in a second or two."""
    spec = importlib.util.spec_from_file_location("store_country", HERE.parent / "cli" / "country.py")
    country = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(country)
    place = tmp_path_factory.mktemp("small")
    country.small_reference(place / "reference")
    country.small_scenario(place / "scenario")
    model = place / "model.toml"
    model.write_text((shipped_dir("models") / "national.toml").read_text("utf-8"), encoding="utf-8")
    made = make_plan(place / "scenario", model, reference=place / "reference", time_limit_s=20)
    folder = write_plan(made.plan, place / "plan", place / "scenario", place / "reference")
    files = scenarios.folder_texts(place / "scenario")
    return Small(scenarios.check_scenario(files), model.read_text("utf-8"), folder, plans.check_plan(folder))


@pytest.fixture
def plan_id(store):
    """A stored plan, a draft yet."""
    with store.read() as connection:
        return plans.all_plans(connection)[0].id


@pytest.fixture
def offer(store, plan_id):
    """Offer lines of the plan, which is published; their ids."""

    store.run_write(lambda work: plans.publish(work, plan_id), LEAD, "plan.publish", plan_id)

    def make(*drafts, answer_h=3.0):
        return store.run_write(lambda work: lines.make_lines(work, plan_id, drafts, answer_h), LEAD, "plan.offer")

    return make
