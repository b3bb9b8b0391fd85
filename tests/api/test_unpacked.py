"""Plans unpacked beside the jobs: once, the last few, and nothing left where it fails."""

import errno

import pytest

from api import unpacked
from api.unpacked import Unpacked
from nspl_opt.store import plans
from nspl_opt.store.errors import NotThere
from tests.api.world import add_plan


def test_a_plan_is_unpacked_once_and_the_last_few_stay(world, planned, tmp_path, monkeypatch):
    monkeypatch.setattr(unpacked, "MOST", 2)
    ids = [add_plan(world.store, planned, f"plan-{number}") for number in range(3)]
    place = Unpacked(tmp_path / "plans", world.store)
    first = place.files(ids[0])
    assert first["plan.json"].read_bytes() and all(path.is_file() for path in first.values())
    assert place.files(ids[0]) is first
    place.files(ids[1]), place.files(ids[0]), place.files(ids[2])
    assert sorted(one.name for one in place.root.iterdir()) == sorted([ids[0], ids[2]])
    place.clear()
    assert not place.root.exists() and place.files(ids[0])["plan.json"].is_file()


def test_a_full_disk_leaves_no_half_of_a_plan(world, plan_id, tmp_path, monkeypatch):
    place, unpack = Unpacked(tmp_path / "plans", world.store), plans.archive.unpack

    def full(content, folder):
        unpack(content, folder)
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr(plans.archive, "unpack", full)
    with pytest.raises(OSError, match="no room"):
        place.files(plan_id)
    assert not list(place.root.iterdir())
    monkeypatch.undo()
    assert place.files(plan_id)
    with pytest.raises(NotThere):
        place.files("plan-l-none")
