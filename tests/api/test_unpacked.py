"""Plans unpacked beside the jobs: once, the last few, and nothing left where it fails."""

import errno
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from api import unpacked
from api.desk import Desk
from api.unpacked import Unpacked
from nspl_opt.store import plans
from nspl_opt.store.errors import NotThere, Unfit
from tests.api.world import add_plan, draft, new_world, publish


def test_a_plan_is_unpacked_once_and_the_last_few_stay_and_those_at_work(world, planned, tmp_path, monkeypatch):
    monkeypatch.setattr(unpacked, "MOST", 2)
    one, two, three, four = [add_plan(world.store, planned, f"plan-{number}") for number in range(4)]
    used = set()
    place = Unpacked(tmp_path / "plans", world.store, lambda: used)

    def there():
        return {path.name for path in place.root.iterdir()}

    file = place.folder(one) / "plan.json"
    made = file.stat().st_ino
    assert (place.folder(one) / "plan.json").stat().st_ino == made
    place.folder(two), place.folder(one), place.folder(three)
    assert there() == {one, three}
    used.add(one)
    place.folder(two), place.folder(four)
    assert there() == {one, two, four}
    used.clear()
    place.folder(four), place.folder(three)
    assert there() == {three, four}
    place.clear()
    assert not place.root.exists() and (place.folder(one) / "plan.json").is_file()


def test_a_full_disk_leaves_no_half_of_a_plan(world, plan_id, tmp_path, monkeypatch):
    place, unpack = Unpacked(tmp_path / "plans", world.store, set), plans.archive.unpack

    def full(content, folder):
        unpack(content, folder)
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr(plans.archive, "unpack", full)
    with pytest.raises(OSError, match="no room"):
        place.folder(plan_id)
    assert not list(place.root.iterdir())
    monkeypatch.undo()
    assert place.folder(plan_id)
    with pytest.raises(NotThere):
        place.folder("plan-l-none")


def test_who_asks_at_the_same_time_waits_for_one_reading(world, plan_id, tmp_path, monkeypatch):
    read, times = unpacked.read_inputs, []

    def counted(folder):
        times.append(folder)
        time.sleep(0.05)  # others come meanwhile
        return read(folder)

    monkeypatch.setattr(unpacked, "read_inputs", counted)
    place = Unpacked(tmp_path / "plans", world.store, set)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: place.known(plan_id), range(40)))
    assert len(times) == 1 and all(one is found[0] for one in found) and "18" in found[0].places
    with pytest.raises(NotThere):
        place.known("plan-l-none")


def test_a_published_plan_is_read_before_anybody_asks_about_it(tmp_path, planned, monkeypatch):
    read, times = unpacked.read_inputs, []
    monkeypatch.setattr(unpacked, "read_inputs", lambda folder: (times.append(folder.name), read(folder))[1])
    with new_world(tmp_path, reference=planned.reference) as world:
        plan_id = add_plan(world.store, planned)
        world.services.desk.start()
        assert times == []  # a draft
        for who in ("secretariat", "secretariat_2"):
            assert world.post(who, f"/v1/plans/{plan_id}/publish").status_code == 200
        assert times == [plan_id]
        world.services.desk.stop()
        desk = Desk(world.services.settings, world.store)  # the next server
        desk.start()
        desk.stop()
        assert times == [plan_id, plan_id]


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "no room"), Unfit("L108", why="the archive is damaged")])
def test_a_published_plan_that_cannot_be_unpacked_hinders_no_start(tmp_path, planned, monkeypatch, error):
    def failing(*_):
        raise error

    with new_world(tmp_path, reference=planned.reference) as world:
        plan_id = add_plan(world.store, planned)
        publish(world, plan_id, draft())
        with monkeypatch.context() as patched:
            patched.setattr(plans.archive, "unpack", failing)
            world.services.desk.start()
        assert world.services.desk.plans.known(plan_id)
