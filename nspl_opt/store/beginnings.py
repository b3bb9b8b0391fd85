"""What a new store may hold from the start: the shipped model files, and the shipped scenarios that its realm takes."""

from __future__ import annotations

from functools import partial

from nspl_opt.formulation.catalogue import list_models
from nspl_opt.scenario.folder import list_scenarios
from nspl_opt.store import scenarios
from nspl_opt.store.actor import LOCAL, Actor
from nspl_opt.store.store import EXERCISE, Store


def add_shipped(store: Store, actor: Actor = LOCAL) -> tuple[list[str], list[str]]:
    """Add them, each with its row of the audit; names of the models and of the scenarios.

    Exercises go into a store for exercises alone, the others into a live one. What is there already stays one version.
    """
    models, found = sorted(list_models().items()), []
    for name, path in models:
        text = path.read_text(encoding="utf-8")
        store.run_write(partial(scenarios.add_model, name=name, text=text), actor, "add_model")
    for shipped in list_scenarios():
        checked = scenarios.check_scenario(scenarios.folder_texts(shipped.path))
        if (checked.scenario.file.marking == "exercise") == (store.realm == EXERCISE):
            store.run_write(partial(scenarios.add_scenario, name=shipped.name, checked=checked), actor, "add_scenario")
            found.append(shipped.name)
    return [name for name, _ in models], found
