"""Bases kept for the next what-if: the same one, found by what it was solved from, and none other."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from nspl_opt.jobs import bases
from nspl_opt.jobs.bases import base_of, keep_base, key_of, read_base
from nspl_opt.jobs.job import Job, write_files
from nspl_opt.living import Living
from nspl_opt.solver.base import Base
from nspl_opt.solver.stretch import Optimum

from .children import child


@pytest.fixture(scope="module")
def living(small) -> Living:
    return Living.build(small / "scenario", "national", reference=small / "reference")


def same(one, other) -> bool:
    """Whether two bases hold the same, to the last bit."""
    if isinstance(one, Base | Optimum):
        return all(same(getattr(one, field.name), getattr(other, field.name)) for field in fields(one))
    if isinstance(one, dict) and one and isinstance(next(iter(one.values())), np.ndarray):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    return one == other


def test_a_base_is_solved_once_and_then_read_just_as_it_was(living, tmp_path, monkeypatch):
    parts, settings = living.parts(), living.spec.solver.model_dump()
    first = base_of(parts, settings, tmp_path / "bases")
    monkeypatch.setattr(bases, "solve_base", None)
    again = base_of(living.parts(), dict(reversed(settings.items())), tmp_path / "bases")
    assert again is not first and same(again, first) and first.plan is not None


def test_another_number_or_setting_is_another_base(living):
    parts, settings = living.parts(), living.spec.solver.model_dump()
    keys = {key_of(parts, settings), key_of(parts, settings | {"time_limit_s": 7.0})}
    floats = [name for name in parts if parts[name].size and parts[name].dtype.kind == "f"]
    for name in floats:
        other = parts[name].copy()
        other.flat[-1] = 0.123456789
        keys.add(key_of(parts | {name: other}, settings))
    assert len(keys) == 2 + len(floats) and len(floats) >= 4


def test_a_damaged_file_is_no_base(tmp_path):
    for content in (b"", b"PK", b"PK\x03\x04" + b"x" * 100, b"x" * 1000):
        (tmp_path / "a.npz").write_bytes(content)
        assert read_base(tmp_path / "a.npz") is None
    np.savez(tmp_path / "b.npz", told=np.array("{}"), costs=np.zeros(1))
    np.savez(tmp_path / "c.npz", told=np.array([None]), costs=np.zeros(1))
    assert read_base(tmp_path / "b.npz") is None and read_base(tmp_path / "c.npz") is None


def test_only_the_bases_last_used_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(bases, "MOST", 2)
    base = Base({}, {}, "optimal", 0.0, None, np.zeros(1), None, np.zeros(1), 0.0)
    for name in "abc":
        keep_base(base, tmp_path / "bases" / f"{name}.npz")
        if name == "b":
            assert read_base(tmp_path / "bases" / "a.npz") is not None
    assert {path.stem for path in (tmp_path / "bases").iterdir()} == {"a", "c"}


def test_a_new_supervisor_begins_without_bases_and_no_job_can_have_their_name(supervise, tmp_path):
    (tmp_path / "jobs" / ".bases").mkdir(parents=True)
    (tmp_path / "jobs" / ".bases" / "a.npz").touch()
    (tmp_path / "jobs" / "jobs.lock").touch()
    jobs = supervise(child())
    assert not (tmp_path / "jobs" / ".bases").exists() and jobs.found == {}
    with pytest.raises(ValueError):
        jobs.submit(Job(scenario="s"), "kansli-01", id=".bases")
    with pytest.raises(ValueError):
        write_files(tmp_path, {"../.bases/a.npz": b""})
