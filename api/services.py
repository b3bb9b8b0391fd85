"""What every request shares: the store, the runs, the limits and the counters of one server."""

from __future__ import annotations

import csv
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from nspl_opt.shipped import shipped_dir
from nspl_opt.store.store import Store

from .crowd import Doors
from .limits import Buckets
from .names import Names, read_names
from .polls import Polls
from .settings import Settings

if TYPE_CHECKING:
    from .desk import Desk


@dataclass
class Counters:
    """Answers by operation and status, and alarms by kind, for monitoring. Safe between threads."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    alarms: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, operation: str, status: int) -> None:
        """One answer more."""
        with self._lock:
            self.answers[operation, status] += 1

    def alarm(self, kind: str) -> None:
        """One alarm more; what it is about stands in the audit."""
        with self._lock:
            self.alarms[kind] += 1

    def rows(self) -> list[tuple[str, int, int]]:
        """(operation, status, how many), sorted."""
        with self._lock:
            return sorted((name, status, count) for (name, status), count in self.answers.items())


@dataclass
class Services:
    """One server's."""

    settings: Settings
    store: Store
    desk: Desk
    rate: Buckets
    failures: Buckets
    what_ifs: Buckets
    names: Names
    sites: Mapping[str, frozenset[str]]
    """Region -> codes of its hospitals."""
    counters: Counters = field(default_factory=Counters)
    polls: Polls = field(default_factory=Polls)
    doors: Doors = field(default_factory=Doors)
    followers: int = 0

    def sites_of(self, region: str) -> frozenset[str]:
        """Codes of the hospitals in a region."""
        return self.sites.get(region, frozenset())

    @property
    def regions(self) -> Mapping[str, str]:
        """Code -> name, of the reference package."""
        return self.names.regions

    @property
    def realm(self) -> str:
        """Of the store: ``live`` or ``exercise``."""
        return self.store.realm


def make_services(settings: Settings, store: Store, desk: Desk, now: Callable[[], float] = monotonic) -> Services:
    """Put them together; ``now`` is the clock that limits are refilled by [s]."""
    reference = settings.reference or shipped_dir("data/reference")
    return Services(
        settings,
        store,
        desk,
        rate=Buckets(settings.rate_per_s, settings.rate_burst, now),
        failures=Buckets(settings.failures_per_min / 60, settings.failures_per_min, now),
        what_ifs=Buckets(settings.what_ifs_per_h / 3600, settings.what_ifs_per_h, now),
        names=read_names(reference),
        sites=read_sites(reference),
    )


def read_sites(folder: Path) -> dict[str, frozenset[str]]:
    """Region -> codes of its hospitals, of a reference package."""
    found: dict[str, set[str]] = {}
    with open(folder / "sites.csv", encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            found.setdefault(row["region"], set()).add(row["code"])
    return {region: frozenset(codes) for region, codes in found.items()}
