"""A real server process over a store that has something in it: for what only a real one shows."""

import contextlib
from dataclasses import dataclass

from nspl_opt.store import lines, plans
from nspl_opt.store.actor import Actor
from nspl_opt.store.store import Store
from tests.api.serving import LOG, new_store, serve_command
from tests.api.world import add_plan

PLENTY = {"rate_per_s": 100_000, "rate_burst": 100_000, "failures_per_min": 1_000_000, "reasons_time_s": 0}
"""Settings under which nobody is told to wait for having asked too often."""


@dataclass
class Served:
    """Where it listens, the keys of ``ROLES``, the published plan, its lines; the database and the process."""

    url: str
    keys: dict[str, str]
    plan_id: str
    lines: list[str]
    address: str
    pid: int

    def headers(self, who, **more):
        return {"Authorization": f"Bearer {self.keys[who]}"} | {name.replace("_", "-"): v for name, v in more.items()}


def furnish(address, planned, drafts):
    """A live store with keys, and where lines are given a published plan with these."""
    found = new_store(address)
    if not drafts:
        return found, "", []
    store = Store.open(address)
    try:
        plan_id = add_plan(store, planned)
        people = [Actor(f"{number}" * 12, "secretariat", None, f"kansli-0{number}") for number in (8, 9)]
        store.run_write(lambda work: plans.publish(work, plan_id), people[0], "publish_plan")

        def act(work):
            plans.publish(work, plan_id)
            return lines.make_lines(work, plan_id, drafts, 48)

        return found, plan_id, store.run_write(act, people[1], "publish_plan")
    finally:
        store.close()


@contextlib.contextmanager
def served(folder, planned, drafts=(), address=None, **settings):
    """Start ``nspl-opt serve`` over a furnished store; ``settings`` as in ``api.settings``."""
    address = address or f"sqlite:///{folder / 'store.sqlite'}"
    given = furnish(address, planned, drafts)
    with serve_command(folder, address, "--reference", str(planned.reference), **PLENTY | settings) as (url, pid):
        yield Served(url, *given, address=address, pid=pid)
    said = (folder / LOG).read_text(encoding="utf-8")
    assert "Traceback" not in said, said
    assert not [text for text in given[0].values() if text in said]  # no key in any log
