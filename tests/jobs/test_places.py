"""Places kept in the queue."""

from __future__ import annotations

import pytest

from nspl_opt.jobs.job import Job
from nspl_opt.jobs.supervisor import Full

from .children import SLEEP, child, soon

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


def what_if(region: str = "") -> Job:
    return Job(kind="what_if", plan="plan", changes=[("beds", "18=1")], region=region)


def test_plans_begin_before_what_ifs_that_wait_and_those_of_no_region_before_those_of_regions(supervise):
    jobs = supervise(WAITS)
    running = jobs.submit(what_if("17"), "region-17").id
    asked = [("a", what_if("17")), ("b", what_if("18")), ("c", what_if()), ("d", JOB), ("e", what_if()), ("f", JOB)]
    ahead = {name: jobs.submit(job, f"holder-{name}", id=name).ahead for name, job in asked}
    assert ahead == {"a": 1, "b": 2, "c": 1, "d": 1, "e": 3, "f": 2}
    assert sorted("abcdef", key=jobs.ahead) == list("dfceab") and jobs.ahead(running) == 0
    begun = []
    for name in "dfceab":
        jobs.subscribe(name, lambda news, name=name: news.state == "running" and begun.append(name))
    for name in (running, *"dfceab"):
        jobs.cancel(name)
        jobs.wait(name, 10)
        if len(jobs.open_jobs()) > 1:
            assert soon(lambda: jobs.counts()["running"] == 1)
    assert begun == list("dfceab")


def test_what_ifs_of_regions_leave_places_free_for_everybody_else(supervise):
    jobs = supervise(WAITS, queue=6, kept=2)
    for number in range(4):
        jobs.submit(what_if("17"), f"region-{number}")
    with pytest.raises(Full) as full:
        jobs.submit(what_if("17"), "region-9")
    assert (full.value.why, full.value.most) == ("queue", 4)
    place = jobs.reserve("region-9")
    with pytest.raises(Full):
        jobs.submit(what_if("17"), "region-9", place=place)
    jobs.submit(JOB, "kansli-01")
    jobs.submit(what_if(), "kansli-01")
    with pytest.raises(Full):
        jobs.submit(JOB, "kansli-02")


def test_places_that_are_kept_never_leave_regions_without_any(supervise):
    jobs = supervise(WAITS, queue=2, kept=100)
    jobs.submit(what_if("17"), "region-17")
    with pytest.raises(Full):
        jobs.submit(what_if("17"), "region-18")
