"""Places kept in the queue."""

from __future__ import annotations

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


def test_what_waits_or_runs_can_be_looked_through(supervise):
    jobs = supervise(WAITS, running=1)
    first, second = (jobs.submit(Job(scenario=name), "kansli-01") for name in ("one", "two"))
    assert [one.scenario for one in jobs.open_jobs()] == ["one", "two"]
    jobs.cancel(second.id)
    jobs.wait(second.id, 10)
    assert [one.scenario for one in jobs.open_jobs()] == ["one"]
    assert jobs.cancel(first.id)
