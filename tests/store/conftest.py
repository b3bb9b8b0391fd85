"""Stores in both databases: every test that takes ``address`` or ``store`` runs on SQLite and on PostgreSQL."""

from datetime import UTC, datetime, timedelta

import pytest

from nspl_opt.store.store import Store
from tests.store.postgres import postgres_server  # noqa: F401


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        """On, or back with negative figures; as ``timedelta``."""
        self.now += timedelta(**by)


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path):
    """Where no store is yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite'}"
    return request.getfixturevalue("postgres_server").new_database()


@pytest.fixture
def store(address, clock):
    opened = Store.create(address, "exercise", clock=clock)
    yield opened
    opened.close()
