"""Plans unpacked beside the jobs: once, the last few, and nothing left where it fails."""

import errno

import pytest

from api import unpacked
from api.unpacked import Unpacked
from nspl_opt.store import plans
from nspl_opt.store.errors import NotThere
from tests.api.world import add_plan


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
