"""Keys: shown once, stored as a hash, ended by time or at once, of one realm only."""

import json
import logging
import traceback

import pytest
from sqlalchemy import select

from nspl_opt.store import keys, tables
from nspl_opt.store.actor import LOCAL, Actor
from nspl_opt.store.canonical import sha256_of
from nspl_opt.store.errors import NotThere, Refused, Unsound
from nspl_opt.store.store import Store
from tests.store.small import HandClock


def issue(store, role="secretariat", region=None, holder="kansli-03", actor=LOCAL, **more):
    return store.run_write(lambda work: keys.issue(work, role, region, holder, **more), actor, "key.issue")


def revoke(store, key_id):
    store.run_write(lambda work: keys.revoke(work, key_id), LOCAL, "key.revoke", key_id)


def test_a_key_has_256_bits_and_only_its_hash_is_stored(store):
    made = issue(store, "region_decision_maker", "18", "tib-18", label="vakthavande")
    prefix, letter, key_id, secret = made.text.split("_", 3)
    assert (prefix, letter, key_id, len(secret)) == ("nspl", "x", made.id, 43)
    with store.read() as connection:
        row = connection.execute(select(tables.keys)).mappings().one()
        everything = json.dumps([
            [str(cell) for cell in row]
            for table in tables.metadata.sorted_tables
            for row in connection.execute(select(table))
        ])  # fmt: skip
    assert row["hash"] == sha256_of(made.text)
    assert secret not in everything
    assert keys.find(store, made.text) == Actor(made.id, "region_decision_maker", "18", "tib-18")


def test_a_key_shows_itself_nowhere_but_where_it_is_meant(store, caplog):
    caplog.set_level(logging.DEBUG)
    made = issue(store)
    secret = made.text[-43:]
    keys.find(store, made.text)
    keys.find(store, made.text[:-1] + ("A" if made.text[-1] != "A" else "B"))
    try:
        raise ValueError(made)
    except ValueError:
        told = traceback.format_exc()
    assert secret not in f"{made!r} {made} {told} {caplog.text}"


def test_other_texts_are_no_key(store):
    made = issue(store)
    wrong = [
        "", "nspl", made.text[:-1], made.text + "A", made.text.replace("nspl_x", "nspl_l"), made.text.upper(),
        f" {made.text}", made.text + "\n", f"nspl_x_{'0' * 12}_{made.text[-43:]}", made.text.replace("_", "-"),
        f"nspl_x_{made.id}_{'å' * 43}", "nspl_x_" + "9" * 12 + "_" + "A" * 43,
    ]  # fmt: skip
    assert [keys.find(store, text) for text in wrong] == [None] * len(wrong)


def test_a_key_of_one_realm_is_never_found_in_the_other(tmp_path):
    stores = [Store.create(str(tmp_path / realm), realm, clock=HandClock()) for realm in ("live", "exercise")]
    made = [issue(store).text for store in stores]
    assert [[keys.find(store, text) is not None for text in made] for store in stores] == [[True, False], [False, True]]
    for store in stores:
        store.close()


def test_a_key_ends_at_its_time_and_at_once_when_it_is_revoked(store, address, clock):
    first, second = issue(store, days=1), issue(store, holder="kansli-04")
    clock.move(days=1, microseconds=-1)
    assert keys.find(store, first.text) is not None
    clock.move(microseconds=1)
    assert keys.find(store, first.text) is None
    beside = Store.open(address, clock=clock)
    assert keys.find(beside, second.text) is not None
    revoke(store, second.id)
    assert keys.find(beside, second.text) is None and keys.find(store, second.text) is None
    revoke(store, second.id)
    with beside.read() as connection:
        told = keys.all_keys(connection)
    assert [one.id for one in told] == [first.id, second.id]
    assert [keys.is_open(one, clock()) for one in told] == [False, False]
    assert (told[0].revoked_at, told[1].revoked_at is None) == (None, False)
    beside.close()


def test_nobody_issues_a_key_to_themselves(store):
    administrator = Actor("5" * 12, "administrator", None, "drift-01")
    with pytest.raises(Refused, match="L201"):
        issue(store, "secretariat", None, "drift-01", administrator)
    assert issue(store, "secretariat", None, "kansli-01", administrator)
    with pytest.raises(NotThere):
        revoke(store, "0" * 12)


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "king"}, {"role": "secretariat", "region": "18"}, {"role": "region_operator"},
        {"role": "region_operator", "region": "18; DROP"}, {"holder": "Anna Andersson"}, {"holder": ""},
        {"holder": "19811228-9874"}, {"holder": "8112289874"}, {"days": 0}, {"days": 367}, {"label": "x" * 101},
        {"label": "a\nb"}, {"label": "811228-9874"},
    ],
)  # fmt: skip
def test_a_key_for_nobody_or_for_a_person_by_name_is_refused(store, wrong):
    with pytest.raises(Unsound):
        issue(store, **wrong)
    with store.read() as connection:
        assert keys.all_keys(connection) == ()


FIRST = (("secretariat", "kansli-01"), ("administrator", "admin-01"))


def test_first_keys_are_all_there_or_none_and_are_shown_before_they_hold(store):
    shown = []

    def stopped(role, holder, text):
        shown.append(text)
        assert keys.find(store, text) is None
        if role == "administrator":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keys.issue_first(store, FIRST, stopped)
    with store.read() as connection:
        assert len(shown) == 2 and keys.all_keys(connection) == ()
    shown.clear()
    assert keys.issue_first(store, FIRST, lambda *given: shown.append(given))
    assert [keys.find(store, text).holder for *_, text in shown] == ["kansli-01", "admin-01"]
    assert not keys.issue_first(store, FIRST, stopped)
    with store.read() as connection:
        rows = connection.execute(select(tables.audit).where(tables.audit.c.action == "key.issue")).all()
    assert [json.loads(row.detail)["for_holder"] for row in rows] == ["kansli-01", "admin-01"]
    assert [row.object for row in rows] == [text.split("_")[2] for *_, text in shown]


def test_the_key_that_is_in_use_does_not_revoke_itself(store):
    made = issue(store, "administrator", holder="admin-01")
    actor = keys.find(store, made.text)
    with pytest.raises(Refused, match="L201"):
        store.run_write(lambda work: keys.revoke(work, made.id), actor, "revoke_key", made.id)
    assert keys.find(store, made.text) == actor
