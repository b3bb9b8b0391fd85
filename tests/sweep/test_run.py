"""Sweeps: the same results wherever and in whatever order they are worked out, and nothing done twice."""

import json
import subprocess
import sys
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from multiprocessing import get_context

import pytest

from nspl_opt.scenario.what_if import Amount, Beds
from nspl_opt.sweep.run import run_sweep
from nspl_opt.sweep.table import COLUMNS, ranked, write_table


class AtOnce(Executor):
    """Works each case out when it is handed over, and counts."""

    count = 0

    def submit(self, function, /, *arguments):
        future = Future()
        self.count += 1
        future.set_result(function(*arguments))
        return future


def end_after(number):
    """Ctrl-C when so many cases are done."""

    def tell(done, total, last):
        if done == number:
            raise KeyboardInterrupt

    return tell


@pytest.fixture(scope="module")
def done(living, cases):
    return run_sweep(living, cases, AtOnce())


def test_who_is_lost_costs_what_its_patients_cannot_get_elsewhere(done):
    by_code = {found.code: found for found in done.cases}
    assert done.base.bound == pytest.approx(0)
    # Six patients, four beds left in the country from hour 24: 2 x 24 h x weight 10. The rest is moved in time.
    assert by_code["hospital:norr"].bound == pytest.approx(4 * 24 * 10)
    assert by_code["hospital:nord"].bound == pytest.approx(0)
    assert by_code["region:s"].bound == pytest.approx(0)


def test_results_come_in_the_order_of_the_cases(living, cases, done):
    turned = run_sweep(living, cases[::-1], AtOnce())
    assert [found.code for found in turned.cases] == [case.code for case in cases[::-1]]
    assert turned.cases[::-1] == done.cases


@pytest.mark.parametrize("workers", [1, 3])
def test_threads_find_the_same_however_many_there_are(living, cases, done, workers):
    with ThreadPoolExecutor(workers) as pool:
        assert run_sweep(living, cases, pool) == done


def test_processes_find_the_same_as_one(living, cases, done):
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert run_sweep(living, cases, pool) == done
    assert run_sweep(living, cases, workers=2) == done


def test_a_sweep_that_was_ended_goes_on_where_it_stopped(living, cases, done, tmp_path):
    journal = tmp_path / "journal.jsonl"
    with pytest.raises(KeyboardInterrupt):
        run_sweep(living, cases, AtOnce(), journal=journal, tell=end_after(3))
    kept = len(journal.read_text().splitlines())
    assert kept == 3
    again = AtOnce()
    assert run_sweep(living, cases, again, journal=journal) == done
    assert again.count == len(cases) + 1 - kept
    third = AtOnce()
    assert run_sweep(living, cases, third, journal=journal) == done
    assert third.count == 0


def test_a_torn_line_costs_its_case_and_no_other(living, cases, done, tmp_path):
    journal = tmp_path / "journal.jsonl"
    run_sweep(living, cases, AtOnce(), journal=journal)
    whole = journal.read_bytes()
    journal.write_bytes(whole[:-20])
    again = AtOnce()
    assert run_sweep(living, cases, again, journal=journal) == done
    assert again.count == 1
    last = AtOnce()
    run_sweep(living, cases, last, journal=journal)
    assert last.count == 0


def test_results_of_another_base_are_left_alone(living, cases, tmp_path):
    journal = tmp_path / "journal.jsonl"
    run_sweep(living, cases[:1], AtOnce(), journal=journal)
    entries = [json.loads(line) for line in journal.read_text().splitlines()]
    journal.write_text("".join(json.dumps({**entry, "key": "another"}) + "\n" for entry in entries) + "[]\n{}\nx\n")
    again = AtOnce()
    run_sweep(living, cases[:1], again, journal=journal)
    assert again.count == 2


def test_what_changes_nothing_is_not_solved_again(living, cases, done):
    same = replace(cases[0], what="same", what_if=Beds("norr", "icu", Amount(factor=Fraction(1))))
    pool = AtOnce()
    found = run_sweep(living, [same, cases[0], replace(cases[0], what="twin")], pool)
    assert pool.count == 2
    assert found.cases[0].bound == found.base.bound
    assert found.cases[1].bound == found.cases[2].bound


def test_one_is_told_after_every_case(living, cases):
    told = []
    run_sweep(living, cases, AtOnce(), tell=lambda *news: told.append(news))
    assert [count for count, _, _ in told] == list(range(len(cases) + 2))
    assert {total for _, total, _ in told} == {len(cases) + 1}


def test_a_case_that_fails_is_told_and_tried_again_next_time(living, cases, done, tmp_path, monkeypatch):
    from nspl_opt.solver.warm import Warm

    asked = Warm.resolve

    def fail(self, change, whole=True):
        if change is not None and change.name == "hospital:norr":
            raise RuntimeError("lost its way")
        return asked(self, change, whole=whole)

    monkeypatch.setattr(Warm, "resolve", fail)
    found = run_sweep(living, cases, AtOnce(), journal=tmp_path / "journal.jsonl")
    assert {one.code: one.status for one in found.cases if one.status == "crashed"} == {"hospital:norr": "crashed"}
    assert "lost its way" in found.cases[1].why
    assert ranked(found)[0].change is None
    monkeypatch.undo()
    again = AtOnce()
    assert run_sweep(living, cases, again, journal=tmp_path / "journal.jsonl") == done
    assert again.count == 1


def test_what_costs_most_care_comes_first(done, tmp_path):
    rows = ranked(done)
    assert rows[0].found.code == "hospital:norr"
    assert rows[0].change == pytest.approx(4 * 24 * 10)
    assert [row.rank for row in rows] == list(range(1, len(rows) + 1))
    text = write_table(done, "exercise", tmp_path / "new").read_text(encoding="utf-8").splitlines()
    assert text[0] == ",".join(COLUMNS)
    assert all(line.startswith("exercise,") for line in text[1:])


def test_workers_load_neither_pyomo_nor_pandas():
    code = (
        "import sys, nspl_opt.sweep.worker, nspl_opt.solver.warm\n"
        "heavy = {'pyomo', 'pandas', 'networkx', 'pydantic', 'typer'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
