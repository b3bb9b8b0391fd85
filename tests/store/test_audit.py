"""The chain of the audit: whatever is done to it behind the store's back is found."""

import random
import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import select, text

from nspl_opt.store import audit, tables
from nspl_opt.store.canonical import json_text
from nspl_opt.store.errors import Unfit
from nspl_opt.store.heads import EVERY, Heads, read_heads, read_secret
from nspl_opt.store.store import Store
from tests.store.small import LEAD, STAFF, HandClock

ROWS, TRIES = 60, 100
KINDS = ("edit", "delete", "insert", "swap", "truncate", "rechain")


def fill(store, count):
    for number in range(count):
        with store.write(random.Random(number).choice([LEAD, *STAFF]), "thing.note", f"thing-{number}", {"n": number}):
            pass


@pytest.fixture(scope="module")
def true_rows(tmp_path_factory):
    """A chain of sixty rows with a signed head of its last, as plain data, and the secret."""
    folder = tmp_path_factory.mktemp("chain")
    store = Store.create(str(folder / "s.sqlite"), "exercise", clock=HandClock())
    fill(store, ROWS - 1)
    heads = Heads(folder / "heads")
    heads.sign_now(store)
    with store.read() as connection:
        rows = [dict(row) for row in connection.execute(select(tables.audit).order_by(tables.audit.c.seq)).mappings()]
    store.close()
    return rows, read_heads(heads.path), heads.secret


class Chain:
    """Rows that pass for a connection."""

    def __init__(self, rows):
        self.rows = rows

    def execute(self, _query):
        return self

    def mappings(self):
        return iter(sorted(self.rows, key=lambda row: row["seq"]))


def spoil(kind, rows, dice):
    """What somebody with the database's own rights does, never telling the chain so."""
    place = dice.randrange(len(rows))
    if kind == "edit":
        column = dice.choice([name for name in (*audit.ROW, "hash") if name != "seq"])
        value = rows[place][column]
        other = "x" if value is None else value[:-1] + ("0" if value[-1:] != "0" else "1")
        return [row | {column: other} if n == place else row for n, row in enumerate(rows)]
    if kind == "delete":
        return rows[:place] + rows[place + 1 :]
    if kind == "insert":
        new = rows[place] | {"object": "thing-new"}
        new["hash"] = audit.hash_of(new)
        return rows[:place] + [new] + [row | {"seq": row["seq"] + 1} for row in rows[place:]]
    if kind == "swap":
        other = dice.choice([n for n in range(len(rows)) if n != place])
        keep = {place: other, other: place}
        return [rows[keep.get(n, n)] | {"seq": row["seq"]} for n, row in enumerate(rows)]
    if kind == "truncate":
        return rows[:place]
    made, before = [], rows[place - 1]["hash"] if place else audit.FIRST
    for row in [rows[place] | {"detail": json_text({"holder": "other"})}, *rows[place + 1 :]]:
        row = row | {"previous": before}
        before = audit.hash_of(row)
        made.append(row | {"hash": before})
    return rows[:place] + made


@pytest.mark.parametrize("kind", KINDS)
def test_tampering_is_found_every_time(true_rows, kind):
    rows, heads, secret = true_rows
    assert audit.verify(Chain(rows), heads, secret) == ()
    missed = [
        seed
        for seed in range(TRIES)
        if not audit.verify(Chain(spoil(kind, rows, random.Random(f"{kind}{seed}"))), heads, secret)
    ]
    assert missed == []


def test_a_chain_that_is_cut_or_made_anew_is_found_by_its_signed_heads_alone(true_rows):
    rows, heads, secret = true_rows
    for kind, told in (("truncate", "truncated"), ("rechain", "rechained")):
        spoilt = spoil(kind, rows, random.Random(3))
        assert audit.verify(Chain(spoilt)) == ()
        (found,) = audit.verify(Chain(spoilt), heads, secret)
        assert found.kind == told and str(ROWS) in found.sv and str(ROWS) in found.en


def test_a_head_that_somebody_else_signed_is_found(true_rows):
    rows, _, secret = true_rows
    spoilt = spoil("rechain", rows, random.Random(3))
    forged = audit.SignedHead.sign("exercise", audit.Head(ROWS, spoilt[-1]["hash"]), "now", b"other" * 8)
    assert [one.kind for one in audit.verify(Chain(spoilt), [forged], secret)] == ["head"]


def test_a_chain_made_anew_is_found_even_when_it_was_signed_again(true_rows):
    rows, heads, secret = true_rows
    spoilt = spoil("rechain", rows, random.Random(3))
    again = audit.SignedHead.sign("exercise", audit.Head(ROWS, spoilt[-1]["hash"]), "later", secret)
    for order in ((*heads, again), (again, *heads)):
        assert [one.kind for one in audit.verify(Chain(spoilt), order, secret)] == ["rechained"]


def test_a_file_of_the_database_that_was_changed_by_hand_is_found(tmp_path):
    path = tmp_path / "s.sqlite"
    store = Store.create(str(path), "exercise", clock=HandClock())
    fill(store, 5)
    store.close()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("DROP TRIGGER audit_no_update")
        raw.execute("UPDATE audit SET actor = 'nobody' WHERE seq = 3")
        raw.commit()
    store = Store.open(str(path))
    with store.read() as connection:
        assert [(one.kind, one.seq) for one in audit.verify(connection)] == [("changed", 3)]
    store.close()


def test_a_head_is_signed_every_hundredth_row_and_at_stop(store, tmp_path):
    heads = Heads(tmp_path / "heads")
    heads.attach(store)
    fill(store, EVERY + 5)
    assert [head.seq for head in read_heads(heads.path)] == [EVERY]
    assert heads.sign_now(store).seq == EVERY + 6
    assert heads.path.stat().st_mode & 0o077 == 0
    secret = read_secret(tmp_path / "heads.key")
    with store.read() as connection:
        assert audit.verify(connection, read_heads(heads.path), secret) == ()
        assert connection.execute(text("SELECT count(*) FROM audit")).scalar() == EVERY + 6
    again = Heads(tmp_path / "heads")
    again.attach(store)
    assert again.secret == secret and len(read_heads(heads.path)) == 2


def test_a_head_that_cannot_be_written_stops_no_change(store, tmp_path):
    heads = Heads(tmp_path / "folder")
    heads.attach(store)
    heads.path.mkdir()
    fill(store, EVERY)
    with pytest.raises(Unfit, match="L111"):
        heads.sign_now(store)
    heads.path.rmdir()
    fill(store, 1)
    assert [head.seq for head in read_heads(heads.path)] == [EVERY + 2]


def test_a_half_written_last_head_is_left_out_and_nonsense_refused(tmp_path, true_rows):
    _, heads, _ = true_rows
    path = tmp_path / "heads"
    line = json_text({name: getattr(heads[0], name) for name in audit.SignedHead.__slots__})
    path.write_text(f'{line}\n{{"seq": 1', encoding="utf-8")
    assert read_heads(path) == heads
    path.write_text("nonsense\n", encoding="utf-8")
    (tmp_path / "key").write_text("short", encoding="ascii")
    for read in (lambda: read_heads(path), lambda: read_secret(tmp_path / "key"), lambda: read_secret(tmp_path / "no"),
                 lambda: read_heads(tmp_path)):  # fmt: skip
        with pytest.raises(Unfit, match="L112"):
            read()
    assert read_heads(tmp_path / "none") == ()
