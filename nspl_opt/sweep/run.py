"""A sweep: many cases from one base, through any executor, in order, to be taken up again when ended."""

from __future__ import annotations

import multiprocessing
import pickle
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nspl_opt.living import Living
from nspl_opt.solver.change import MatrixChange
from nspl_opt.sweep.cases import Case
from nspl_opt.sweep.journal import Journal, digest_of, key_of
from nspl_opt.sweep.worker import leave_interrupts, solve_case

BASE = "base"
"""The case in which nothing is lost."""

Tell = Callable[[int, int, str], None]
"""Told after each solve: how many different cases are done, of how many, the code of the last."""


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a case. ``unmet`` are severity-weighted patient-hours without care by region."""

    case: Case | None
    status: str
    bound: float | None
    value: float | None
    goals: tuple[float, ...]
    unmet: tuple[float, ...] | None
    why: str = ""

    @property
    def code(self) -> str:
        """``kind:what``, or ``base``."""
        return self.case.code if self.case else BASE


@dataclass(frozen=True)
class Sweep:
    """The base and every case, in the order in which they were asked for."""

    base: Found
    cases: tuple[Found, ...]
    regions: tuple[str, ...]
    """Codes, in the order of ``Found.unmet``."""
    whole: bool


def run_sweep(
    living: Living,
    cases: Sequence[Case],
    executor: Executor | None = None,
    workers: int = 2,
    whole: bool = False,
    journal: Path | None = None,
    tell: Tell | None = None,
) -> Sweep:
    """Solve every case from the base of a living instance; what changes nothing is the base and not solved again.

    Parameters
    ----------
    executor
        Any ``concurrent.futures.Executor``; its workers must see this machine's temporary folder. None
        starts ``workers`` processes of its own. Results do not depend on it, nor on the number of workers.
    whole
        Whether a whole plan is made of each case; otherwise only the bound of the first goal is found.
    journal
        File that keeps what is done: the same sweep goes on from there. Results of another base or
        change in it are left alone.
    """
    parts = living.parts()
    digest = digest_of(parts, living.spec.solver.model_dump(), whole)
    changes = {BASE: None} | {case.code: living.change(case.what_if, case.code) for case in cases}
    keys = {code: key_of(digest, change) for code, change in changes.items()}
    first: dict[str, str] = {}
    for code, key in keys.items():
        first.setdefault(key, code)
    with Journal(journal) as kept:
        left = {code: changes[code] for key, code in first.items() if key not in kept.done}
        results = {key: kept.done[key] for key in first if key in kept.done}
        if tell:
            tell(len(results), len(first), "")
        if left:
            with _base_file(living, whole) as file, _pool(executor, min(workers, len(left))) as pool:
                for code, result in _solved(pool, str(file), digest, left, whole):
                    results[keys[code]] = result
                    if result["status"] != "crashed":  # may go better next time
                        kept.add(keys[code], code, result)
                    if tell:
                        tell(len(results), len(first), code)
    found = [_found(results[keys[one.code if one else BASE]], one) for one in (None, *cases)]
    regions = living.tally.codes
    return Sweep(found[0], tuple(found[1:]), regions, whole)


def _solved(
    pool: Executor, file: str, digest: str, left: dict[str, MatrixChange | None], whole: bool
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Results as they come; whatever ends this early, what has not begun is never begun."""
    waiting = {pool.submit(solve_case, file, digest, change, whole): code for code, change in left.items()}
    try:
        for done in as_completed(waiting):
            yield waiting[done], done.result()
    finally:
        for future in waiting:
            future.cancel()


@contextmanager
def _base_file(living: Living, whole: bool) -> Iterator[Path]:
    """The base in a file that every worker reads once."""
    tally, base = living.tally, living.base if whole else living.relaxed_base
    content = pickle.dumps((base, (tally.columns, tally.amounts, tally.regions, len(tally.codes))))
    with tempfile.TemporaryDirectory(prefix="nspl-opt-sweep-") as folder:
        file = Path(folder) / "base.pickle"
        file.write_bytes(content)
        yield file


@contextmanager
def _pool(executor: Executor | None, workers: int) -> Iterator[Executor]:
    if executor is not None:
        yield executor
        return
    spawn = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=spawn, initializer=leave_interrupts)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _found(result: dict[str, Any], case: Case | None) -> Found:
    unmet = result.get("unmet")
    return Found(
        case, result["status"], result.get("bound"), result.get("value"), tuple(result.get("goals") or ()),
        None if unmet is None else tuple(unmet), result.get("why", ""),
    )  # fmt: skip
