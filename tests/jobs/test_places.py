"""Places kept in the queue, and files of jobs that are linked."""

from __future__ import annotations

import errno
import os

import pytest

from nspl_opt.jobs.job import Job
from nspl_opt.jobs.supervisor import Full

from .children import SLEEP, child

JOB = Job(scenario="scenario")
WAITS = child(SLEEP)


def test_a_place_that_is_kept_counts_until_it_is_given_back_or_taken(supervise):
    jobs = supervise(WAITS, queue=2, per_holder=1)
    place = jobs.reserve("kansli-01")
    with pytest.raises(Full) as full:
        jobs.reserve("kansli-01")
    assert full.value.why == "holder" and jobs.counts() == {"queued": 0, "running": 0}
    jobs.release(place)
    place, other = jobs.reserve("kansli-01"), jobs.reserve("kansli-02")
    with pytest.raises(Full) as full:
        jobs.submit(JOB, "kansli-03")
    assert full.value.why == "queue"
    ticket = jobs.submit(JOB, "kansli-01", place=place)
    jobs.release(place)  # taken: nothing is given back
    with pytest.raises(Full):
        jobs.submit(JOB, "kansli-01", place=place)  # and taken once only
    jobs.release(other)
    jobs.submit(JOB, "kansli-02")
    assert jobs.cancel(ticket.id)


def test_a_file_given_as_a_path_is_linked_or_copied_where_there_are_no_links(supervise, tmp_path, monkeypatch):
    source = tmp_path / "plan.json"
    source.write_bytes(b"{}")
    jobs = supervise(WAITS, queue=5, per_holder=5)
    linked = jobs.submit(JOB, "kansli-01", {"base/plan.json": source}).folder / "base" / "plan.json"
    assert linked.samefile(source)

    def no_links(*_):
        raise OSError(errno.EXDEV, "another file system")

    monkeypatch.setattr(os, "link", no_links)
    copied = jobs.submit(JOB, "kansli-01", {"base/plan.json": source}).folder / "base" / "plan.json"
    assert copied.read_bytes() == b"{}" and not copied.samefile(source)
    source.unlink()
    with pytest.raises(FileNotFoundError):
        jobs.submit(JOB, "kansli-01", {"base/plan.json": source})
    assert len([one for one in jobs.root.iterdir() if one.is_dir()]) == 2
