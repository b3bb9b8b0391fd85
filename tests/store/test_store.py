"""The one way to write: with its row of the audit, or not at all."""

import pytest
from sqlalchemy import insert, select

from nspl_opt.store import audit, tables
from nspl_opt.store.actor import LOCAL
from nspl_opt.store.errors import Refused, Stale, Unfit, Unsound
from nspl_opt.store.store import Store
from tests.store.small import LEAD


def rows(store, table):
    with store.read() as connection:
        return connection.execute(select(table)).mappings().all()


def test_a_change_and_its_row_of_the_audit_stand_together(store, clock):
    with store.write(LEAD, "meta.note", "x", {"count": 2}) as work:
        work.connection.execute(insert(tables.meta), [{"name": "note", "value": "1"}])
    row = rows(store, tables.audit)[-1]
    assert (row["seq"], row["actor"], row["action"], row["object"], row["outcome"]) == (
        2, LEAD.key_id, "meta.note", "x", "ok",
    )  # fmt: skip
    assert row["detail"] == '{"count":2,"holder":"ledning-01"}'
    assert row["at"] == "2026-03-02T07:00:00.000000Z"


def test_a_change_that_fails_leaves_no_trace(store):
    with pytest.raises(KeyError), store.write(LEAD, "meta.note") as work:
        work.connection.execute(insert(tables.meta), [{"name": "note", "value": "1"}])
        raise KeyError
    assert len(rows(store, tables.audit)) == 1
    assert "note" not in {row["name"] for row in rows(store, tables.meta)}


def test_what_a_rule_forbids_is_undone_and_told_in_the_audit(store):
    with pytest.raises(Refused), store.write(LEAD, "meta.note", "thing") as work:
        work.connection.execute(insert(tables.meta), [{"name": "note", "value": "1"}])
        raise Refused("L201")
    row = rows(store, tables.audit)[-1]
    assert (row["object"], row["outcome"]) == ("thing", "refused")
    assert "note" not in {row["name"] for row in rows(store, tables.meta)}


def test_no_row_of_the_audit_means_no_change(store, monkeypatch):
    def broken(connection, entry):
        raise Unfit("L108", why="injected")

    monkeypatch.setattr(audit, "append", broken)
    with pytest.raises(Unfit), store.write(LEAD, "meta.note") as work:
        work.connection.execute(insert(tables.meta), [{"name": "note", "value": "1"}])
    assert "note" not in {row["name"] for row in rows(store, tables.meta)}


@pytest.mark.parametrize("verb", ["update", "delete"])
@pytest.mark.parametrize("table", [tables.meta, tables.audit])
def test_the_database_itself_refuses_to_change_or_remove_a_row(store, verb, table):
    before = rows(store, table)
    statement = table.delete() if verb == "delete" else table.update().values({list(table.c)[1].name: "changed"})
    with pytest.raises(Unfit, match="L110"), store.write(LEAD, "meta.break") as work:
        work.connection.execute(statement)
    assert rows(store, table)[: len(before)] == before


def test_two_rows_of_one_name_are_one_too_many(store):
    with pytest.raises(Stale, match="L504"), store.write(LEAD, "meta.note") as work:
        work.connection.execute(insert(tables.meta), [{"name": "realm", "value": "live"}])


def test_half_a_letter_is_refused(store):
    with pytest.raises(Unsound), store.write(LEAD, "meta.note") as work:
        work.connection.execute(insert(tables.meta), [{"name": "note", "value": "\ud800"}])


def test_a_store_keeps_its_realm(store, address):
    store.close()
    with pytest.raises(Unfit, match="L103"):
        Store.open(address, realm="live")
    with pytest.raises(Unfit, match="L102"):
        Store.create(address, "live")
    Store.open(address, realm="exercise").close()


def test_ids_tell_the_realm(store):
    with store.write(LEAD, "nothing") as work:
        assert work.new_id("plan").startswith("plan-x-")


def test_no_store_is_no_store(address):
    with pytest.raises(Unfit, match="L101"):
        Store.open(address)


def test_a_file_that_everybody_may_read_is_refused(tmp_path):
    path = tmp_path / "store.sqlite"
    Store.create(str(path), "live").close()
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    with pytest.raises(Unfit, match="L106"):
        Store.open(str(path))


@pytest.mark.parametrize("address", ["mysql://x/y", "sqlite://", "sqlite:///:memory:", "://", "sqlite:///a?mode=ro"])
def test_other_databases_are_refused(address):
    with pytest.raises(Unfit, match="L107"):
        Store.create(address, "live")


def test_a_file_of_something_else_is_damaged_not_a_traceback(tmp_path):
    path = tmp_path / "store.sqlite"
    path.write_bytes(b"no database at all" * 100)
    path.chmod(0o600)
    with pytest.raises(Unfit, match="L108"):
        Store.open(str(path))


def test_the_first_lines_of_a_log_tell_the_database(store):
    facts = store.facts()
    assert facts["realm"] == "exercise" and facts["database"] in ("SQLite", "PostgreSQL") and facts["version"]


def test_the_command_line_is_an_administrator_of_its_own():
    assert (LOCAL.role, LOCAL.region) == ("administrator", None)


def test_an_address_that_cannot_be_opened_leaves_nothing_behind(tmp_path):
    file = tmp_path / "none.sqlite"
    with pytest.raises(Unfit, match="L101"):
        Store.open(str(file))
    assert list(tmp_path.iterdir()) == []
