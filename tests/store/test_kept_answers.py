"""Answers kept for repeated requests: for a day at least, then removed by those that come, and never changed."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from nspl_opt.store import backup, idempotency, tables
from nspl_opt.store.errors import StoreError
from tests.store.small import LEAD


def _remember(store, token):
    request = idempotency.Request("1" * 12, token, "POST /v1/runs", "0" * 64)
    with store.write(LEAD, "thing.note") as work:
        idempotency.remember(work, request, idempotency.Reply(202, {}, token))
    return request


def _kept(store):
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(tables.idempotency)).scalar_one()


def test_an_answer_is_kept_for_a_day_and_then_removed_a_few_at_a_time(store, clock):
    many = 2 * idempotency.REMOVED + 5
    requests = [_remember(store, f"token-{number}") for number in range(many)]
    clock.now += timedelta(hours=idempotency.KEPT_H)
    last = _remember(store, "a day later")
    assert _kept(store) == many + 1
    with store.read() as connection:
        assert [idempotency.replay(connection, one).body for one in requests] == [one.token for one in requests]
    clock.now += timedelta(seconds=1)
    left = []
    for number in range(3):
        _remember(store, f"later still {number}")
        left.append(_kept(store) - number - 2)
    assert left == [many - idempotency.REMOVED, 5, 0]
    with store.read() as connection:
        assert idempotency.replay(connection, requests[0]) is None
        assert idempotency.replay(connection, last).body == "a day later"
        assert backup.look_through(connection) == []
    _remember(store, requests[0].token)  # the token may be used again


def test_a_kept_answer_is_never_changed(store):
    _remember(store, "a-token")
    with pytest.raises(StoreError, match="L110"), store.database.writing() as connection:
        connection.execute(text("UPDATE idempotency SET body = 'other'"))
    with pytest.raises(StoreError, match="L110"), store.database.writing() as connection:
        connection.execute(text("DELETE FROM run_events"))
        connection.execute(text("DELETE FROM audit"))


def test_a_backup_of_a_store_that_removed_answers_is_sound(store, address, clock, tmp_path, request):
    where = f"sqlite:///{tmp_path / 'again.sqlite'}"
    if not address.startswith("sqlite"):
        where = request.getfixturevalue("postgres_server").new_database()
    _remember(store, "old")
    clock.now += timedelta(days=2)
    _remember(store, "new")
    backup.back_up(store, tmp_path / "one.backup")
    again = backup.restore(tmp_path / "one.backup", where, clock=clock)
    assert _kept(again) == _kept(store) == 1
    again.close()
