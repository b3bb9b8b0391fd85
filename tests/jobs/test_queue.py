"""The queue: bounded in all and per holder, in order, quick to answer, never stuck."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter

import pytest
from pydantic import ValidationError

from nspl_opt.jobs import job as job_module
from nspl_opt.jobs import supervisor
from nspl_opt.jobs.job import Job
from nspl_opt.jobs.leftovers import InUse, NotOurs
from nspl_opt.jobs.supervisor import Full

from .children import DONE, PLAN, SLEEP, child, soon

JOB = Job(scenario="scenario")
ENDS = child(PLAN, DONE)
WAITS = child(SLEEP)


def refused(jobs, holder: str) -> Full:
    with pytest.raises(Full) as full:
        jobs.submit(JOB, holder)
    return full.value


def test_of_forty_at_once_twenty_are_taken_in_two_per_holder_and_each_is_answered_at_once(supervise):
    jobs, answers, slowest = supervise(WAITS), [], []

    def ask(number: int) -> None:
        began = time.monotonic()
        try:
            answers.append((number % 12, jobs.submit(JOB, f"kansli-{number % 12:02}").id))
        except Full as full:
            answers.append((number % 12, full.why))
        slowest.append(time.monotonic() - began)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = [holder for holder, answer in answers if answer.startswith("job-")]
    assert len(taken) == 20 and max(Counter(taken).values()) <= 2 and len(answers) == 40
    assert {answer for _, answer in answers if not answer.startswith("job-")} <= {"queue", "holder"}
    assert jobs.counts() == {"queued": 19, "running": 1}
    assert max(slowest) < 2.0


def test_who_has_two_jobs_gets_no_third_until_one_has_ended(supervise):
    jobs = supervise(WAITS)
    first, second = jobs.submit(JOB, "kansli-01"), jobs.submit(JOB, "kansli-01")
    assert (first.ahead, second.ahead) == (0, 1)
    full = refused(jobs, "kansli-01")
    assert full.why == "holder" and full.most == 2 and full.retry_after_s > 0
    assert jobs.submit(JOB, "kansli-02").ahead == 2
    jobs.cancel(second.id)
    assert jobs.wait(second.id, 5).status == "cancelled"
    assert jobs.submit(JOB, "kansli-01").ahead == 2


def test_jobs_run_one_after_another_in_the_order_they_came(supervise):
    ended = []
    jobs = supervise(ENDS, ended=lambda name, result: ended.append((name, result.status)))
    names = [jobs.submit(JOB, f"kansli-0{number}", id=f"job-{number}").id for number in range(4)]
    assert all(jobs.wait(name, 10).state == "done" for name in names)
    assert ended == [(name, "optimal") for name in names]
    states = [one.state for name in names for one in jobs.news(name)]
    assert states == ["queued", "running", "done"] * 4
    assert jobs.counts() == {"queued": 0, "running": 0}


def test_as_many_run_at_a_time_as_may(supervise):
    jobs = supervise(WAITS, running=2)
    names = [jobs.submit(JOB, f"kansli-0{number}").id for number in range(3)]
    assert soon(lambda: all(jobs.process_of(name) for name in names[:2]))
    assert jobs.counts() == {"queued": 1, "running": 2} and jobs.ahead(names[2]) == 2


def test_a_job_that_waits_is_cancelled_without_ever_beginning(supervise):
    ended = []
    jobs = supervise(WAITS, ended=lambda name, result: ended.append(name))
    jobs.submit(JOB, "kansli-01")
    waiting = jobs.submit(JOB, "kansli-02").id
    assert jobs.cancel(waiting)
    result = jobs.wait(waiting, 5)
    assert (result.status, result.state, result.plan) == ("cancelled", "cancelled", None)
    assert [one.state for one in jobs.news(waiting)] == ["queued", "cancelled"] and ended == [waiting]
    assert not jobs.cancel(waiting)


def test_who_listens_hears_all_there_was_and_all_that_comes_once_and_in_order(supervise):
    steps = ["for n in range(50): print(json.dumps({'stage': f'step {n}', 'value': n, 'gap': 'wide'}), flush=True)"]
    jobs, early, late = supervise(child(*steps, PLAN, DONE)), [], []
    name = jobs.submit(JOB, "kansli-01").id
    jobs.subscribe(name, early.append)
    leave = jobs.subscribe(name, lambda news: 1 / 0 if news.stage == "step 7" else None)
    jobs.wait(name, 10)
    jobs.subscribe(name, late.append, after=3)
    leave()
    assert late == early[3:]
    assert [one.seq for one in early] == list(range(1, 54))
    assert early == list(jobs.news(name))
    assert early[9].stage == "step 7" and early[9].value == 7.0 and early[9].gap is None
    jobs.subscribe(name, late.append, after=99)
    assert late.pop() == early[-1]
    assert early[-1].state == "done" and early[-1].status == "optimal" and jobs.progress(name) == early[-1]


def test_of_very_many_news_the_last_are_kept(supervise):
    lines = "for n in range(3000): print(json.dumps({'stage': 'x' * 500, 'goal': 'y' * 500}))"
    jobs = supervise(child(lines, PLAN, DONE))
    name = jobs.submit(JOB, "kansli-01").id
    jobs.wait(name, 10)
    news = jobs.news(name)
    assert len(news) == 500 and news[-1].seq == 3003 and len(news[0].stage) == len(news[0].goal) == 80


def test_one_who_fails_to_take_a_result_does_not_stop_the_next_job(supervise, caplog):
    def fail(name, result):
        raise OSError("no room for it")

    jobs = supervise(ENDS, ended=fail)
    names = [jobs.submit(JOB, f"kansli-0{number}").id for number in range(2)]
    assert [jobs.wait(name, 10).status for name in names] == ["optimal", "optimal"]
    assert "could not be handed on" in caplog.text


def test_files_of_a_job_come_into_its_folder_and_nowhere_else(supervise, tmp_path):
    jobs = supervise(ENDS)
    ticket = jobs.submit(JOB, "kansli-01", files={"scenario/scenario.toml": b"a", "model.toml": b"b"})
    assert (ticket.folder / "scenario" / "scenario.toml").read_bytes() == b"a"
    jobs.wait(ticket.id, 10)
    for name in ("../out", "/tmp/out", "a/../../b", "job.json", "result.json", "ended.json", "stop", "", "a\\b", "\0"):
        with pytest.raises(ValueError):
            jobs.submit(JOB, "kansli-01", files={name: b""}, id="bad")
        assert not (tmp_path / "jobs" / "bad").exists()
    for name in ("", "..", "A", "a/b", "x" * 200):
        with pytest.raises(ValueError):
            jobs.submit(JOB, "kansli-01", id=name)
    with pytest.raises(FileExistsError):
        jobs.submit(JOB, "kansli-01", id=ticket.id)
    assert jobs.submit(JOB, "kansli-01", id="good").id == "good"


def test_a_full_disk_refuses_the_job_and_leaves_its_place_to_others(supervise, monkeypatch, tmp_path):
    jobs = supervise(ENDS)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(supervisor, "write_files", full)
    for _ in range(3):
        with pytest.raises(OSError, match="No space"):
            jobs.submit(JOB, "kansli-01")
    monkeypatch.undo()
    assert [path.name for path in (tmp_path / "jobs").iterdir()] == ["jobs.lock"]
    assert jobs.wait(jobs.submit(JOB, "kansli-01").id, 10).status == "optimal"


def test_a_job_that_is_over_can_be_forgotten_with_its_folder(supervise):
    jobs = supervise(child(PLAN, "time.sleep(0.2)", DONE))
    ticket = jobs.submit(JOB, "kansli-01")
    assert not jobs.forget(ticket.id)
    assert jobs.wait(ticket.id, 10).plan == ticket.folder / "plan"
    assert jobs.forget(ticket.id) and not ticket.folder.exists()
    with pytest.raises(KeyError):
        jobs.progress(ticket.id)


def test_only_so_many_ended_jobs_are_remembered(supervise, monkeypatch):
    monkeypatch.setattr(supervisor, "MOST_ENDED", 2)
    jobs = supervise(ENDS)
    names = []
    for _ in range(4):
        names.append(jobs.submit(JOB, "kansli-01").id)
        jobs.wait(names[-1], 10)
    assert jobs.result(names[3]) and jobs.result(names[2])
    with pytest.raises(KeyError):
        jobs.result(names[0])
    assert jobs.forget(names[0]) and not (jobs.root / names[0]).exists()
    for name in (names[0], "..", "jobs.lock"):
        with pytest.raises(KeyError):
            jobs.forget(name)


def test_two_supervisors_never_share_a_folder(supervise, tmp_path):
    first = supervise(WAITS)
    with pytest.raises(InUse):
        supervise(WAITS)
    name = first.submit(JOB, "kansli-01").id
    first.close()
    assert first.result(name).status == "interrupted"
    assert refused(first, "kansli-02").why == "closed"
    assert supervise(WAITS).found[name].status == "interrupted"


def test_a_folder_that_holds_other_things_is_left_alone(supervise, tmp_path):
    (tmp_path / "jobs" / "letters").mkdir(parents=True)
    with pytest.raises(NotOurs, match="empty folder"):
        supervise(WAITS)
    assert [path.name for path in (tmp_path / "jobs").iterdir()] == ["letters"]


def test_closing_ends_what_runs_and_what_waits_as_interrupted(supervise):
    ended = {}
    jobs = supervise(child(PLAN, SLEEP), ended=lambda name, result: ended.update({name: result}))
    names = [jobs.submit(JOB, f"kansli-0{number}").id for number in range(3)]
    assert soon(lambda: (jobs.root / names[0] / "plan" / "manifest.json").exists())
    jobs.close()
    assert {name: result.status for name, result in ended.items()} == dict.fromkeys(names, "interrupted")
    assert ended[names[0]].plan is not None and ended[names[1]].plan is None
    jobs.close()


WRONG = [
    {}, {"scenario": "s", "changes": [["beds", "18=1"]]}, {"kind": "what_if", "plan": "p"}, {"kind": "sweep"},
    {"kind": "what_if", "changes": [["beds", "18=1"]]}, {"kind": "what_if", "plan": "p", "changes": [["bed", "18=1"]]},
    {"scenario": "s", "time_limit_s": 0}, {"scenario": "s", "time_limit_s": float("nan")}, {"scenario": "s", "x": 1},
    {"scenario": "s", "memory_limit_mb": 10}, {"scenario": "s", "reasons_time_s": -1}, {"scenario": "s", "level": "x"},
]  # fmt: skip


@pytest.mark.parametrize("fields", WRONG)
def test_what_is_no_job_is_refused(fields):
    with pytest.raises(ValidationError):
        Job(**fields)


def test_the_longest_time_of_a_job_is_that_of_all_its_parts():
    assert Job(scenario="s", time_limit_s=100, reasons_time_s=90).longest_s == 100 + job_module.HELP_S + 90
    assert Job(scenario="s", time_limit_s=100, reasons_time_s=None, without_help=False).longest_s == 160
    assert Job(kind="what_if", plan="p", changes=[("lose", "karlstad")], time_limit_s=100).longest_s == 300


def test_an_event_loop_hands_in_jobs_and_hears_of_them_without_waiting(supervise):
    jobs = supervise(child("print(json.dumps({'stage': 'solve'}), flush=True)", PLAN, DONE), running=2)

    async def follow(number: int) -> list[str]:
        loop, heard, told = asyncio.get_running_loop(), asyncio.Queue(), []
        name = jobs.submit(JOB, f"kansli-{number}").id
        leave = jobs.subscribe(name, lambda news: loop.call_soon_threadsafe(heard.put_nowait, news))
        while not told or told[-1].status is None:
            told.append(await heard.get())
        leave()
        return [one.stage or one.state for one in told]

    async def follow_all() -> list[list[str]]:
        return await asyncio.wait_for(asyncio.gather(*map(follow, range(6))), 30)

    assert asyncio.run(follow_all()) == [["queued", "running", "solve", "done"]] * 6


def test_a_job_that_gets_no_thread_waits_for_the_next_occasion(supervise, monkeypatch):
    def none_left(self):
        raise RuntimeError("can't start new thread")

    jobs = supervise(ENDS)
    monkeypatch.setattr(threading.Thread, "start", none_left)
    first = jobs.submit(JOB, "kansli-01").id
    assert jobs.progress(first).state == "queued" and jobs.counts() == {"queued": 1, "running": 0}
    monkeypatch.undo()
    second = jobs.submit(JOB, "kansli-01").id
    assert [jobs.wait(name, 10).status for name in (first, second)] == ["optimal", "optimal"]
