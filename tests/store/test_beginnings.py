"""A new store has something to plan with: the shipped models, and the scenarios of its realm."""

import pytest

from nspl_opt.store import scenarios, tables
from nspl_opt.store.beginnings import add_shipped
from nspl_opt.store.store import Store


@pytest.mark.parametrize(("realm", "named"), [("live", "spring-2020"), ("exercise", "gotland-ovning")])
def test_a_store_begins_with_every_model_and_the_scenarios_of_its_realm(tmp_path, realm, named):
    store = Store.create(f"sqlite:///{tmp_path / 'store.sqlite'}", realm)
    try:
        models, found = add_shipped(store)
        assert "national" in models and found == [named]
        assert add_shipped(store) == (models, found)  # again: the same versions
        with store.read() as connection:
            rows = scenarios.latest_versions(connection, tables.model_files)
            assert [(row.name, row.version) for row in rows] == [(name, 1) for name in models]
            (row,) = scenarios.latest_versions(connection)
            assert (row.name, row.version) == (named, 1)
            scenarios.check_scenario(scenarios.scenario_files(connection, row.id))
    finally:
        store.close()
