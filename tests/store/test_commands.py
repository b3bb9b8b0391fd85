"""``nspl-opt store``: as an administrator uses it, from the first store to the restored one."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from sqlalchemy import select

from nspl_opt.store import keys, tables
from nspl_opt.store.heads import Heads
from nspl_opt.store.migrations.run import known_versions
from nspl_opt.store.store import Store


@pytest.fixture
def call(monkeypatch, capsys, address):
    """Run ``nspl-opt store ...`` in this process: its exit code, what it said, what it complained of."""
    from nspl_opt.cli import main

    monkeypatch.setenv("NSPL_OPT_DATABASE", address)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["nspl-opt", "store", *map(str, arguments)])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as left:
            code = left.code or 0
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def made(call):
    assert call("create", "--realm", "exercise")[0] == 0
    return call


def test_a_store_is_made_once(call, address):
    code, said, _ = call("create", "--realm", "exercise", "--lang", "en")
    assert code == 0 and "exercise, schema" in said
    code, _, complaint = call("create", "--realm", "live")
    assert code == 2 and complaint.startswith("nspl-opt: 1 problem\nL102")
    newest = known_versions()[-1]
    assert call("migrate", "--lang", "en")[1] == f"The schema is the newest already, {newest} (before: {newest}).\n"
    assert Store.open(address).close() is None


def test_a_key_is_shown_once_listed_without_its_secret_and_revoked(made, address):
    code, text, note = made("keys", "issue", "--role", "region_decision_maker", "--region", "18", "--holder", "tib-18")
    assert code == 0 and "visas bara nu" in note
    text = text.strip()
    store = Store.open(address)
    assert keys.find(store, text).region == "18"
    _, listed, _ = made("keys", "list")
    assert "tib-18" in listed and text[-43:] not in listed and listed.splitlines()[1].endswith("ja")
    key_id = text.split("_")[2]
    assert made("keys", "revoke", key_id)[0] == 0
    assert keys.find(store, text) is None
    (row,) = json.loads(made("keys", "list", "--json")[1])
    assert (row["id"], row["usable"], row["role"]) == (key_id, False, "region_decision_maker")
    second = json.loads(made("keys", "issue", "--role", "observer", "--holder", "tillsyn-01", "--json")[1])
    assert keys.find(store, second["key"]).holder == "tillsyn-01"
    store.close()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("keys", "revoke", "0" * 12), "L401"), (("keys", "revoke", "\udcff"), "L301"),
        (("keys", "issue", "--role", "observer", "--holder", "Anna Andersson"), "L301"),
        (("keys", "issue", "--role", "region_operator", "--holder", "tib-18"), "L301"),
        (("keys", "issue", "--role", "observer", "--holder", "local"), "L201"),
        (("keys", "list", "--database", "mysql://x"), "L107"), (("keys", "list", "--database", ""), "U125"),
        (("audit-verify", "--heads", "none", "--key", "none"), "L112"), (("restore", "none.backup"), "L101"),
    ],
)  # fmt: skip
def test_what_is_refused_is_told_in_a_line_with_its_code(made, words, code):
    ended, said, complaint = made(*words)
    assert (ended, said) == (2, "")
    assert f"\n{code}  " in complaint and "Traceback" not in complaint


def test_an_audit_that_was_touched_is_told(made, address, tmp_path):
    store = Store.open(address)
    heads = Heads(tmp_path / "heads")
    heads.attach(store)
    heads.sign_now(store)
    whole = made("audit-verify", "--heads", heads.path)
    assert whole[0] == 0 and "1 rader i kedjan, 1 signerade huvuden" in whole[1]
    assert "bara med dem" in made("audit-verify")[1]
    with store.write(keys.Actor("0" * 12, "administrator", None, "drift-01"), "thing.note"):
        pass
    if store.database.is_sqlite:
        with closing(sqlite3.connect(store.database.path)) as raw:
            raw.execute("DROP TRIGGER audit_no_update")
            raw.execute("UPDATE audit SET action = 'nothing' WHERE seq = 2")
            raw.commit()
        code, said, _ = made("audit-verify", "--lang", "en", "--heads", heads.path)
        assert code == 1 and said.startswith("row 2 was changed\nThe store is not untouched")
        told = json.loads(made("audit-verify", "--json")[1])
        assert [(one["kind"], one["row"]) for one in told["findings"]] == [("changed", 2)]
    store.close()


def test_a_backup_is_brought_back(made, address, tmp_path, postgres_server):
    text = made("keys", "issue", "--role", "secretariat", "--holder", "kansli-01")[1].strip()
    code, said, _ = made("backup", "--out", tmp_path / "monday.backup")
    assert code == 0 and "3 rader" in said
    assert made("backup", "--out", tmp_path / "monday.backup")[0] == 2
    there = postgres_server.new_database() if address.startswith("postgresql") else f"sqlite:///{tmp_path / 'again'}"
    code, said, _ = made("restore", tmp_path / "monday.backup", "--database", there)
    assert code == 0 and "exercise" in said
    store = Store.open(there)
    assert keys.find(store, text).holder == "kansli-01"
    with store.read() as connection:
        told = [row.action for row in connection.execute(select(tables.audit).order_by(tables.audit.c.seq))]
    assert told == ["store.create", "key.issue", "store.backup", "store.restore"]
    store.close()
    assert made("audit-verify", "--database", there)[0] == 0


def test_without_the_packages_of_the_service_it_is_said_what_to_install():
    code = (
        "import sys\nsys.modules['sqlalchemy'] = None\nfrom nspl_opt.cli import main\n"
        "sys.argv = ['nspl-opt', 'store', 'keys', 'list', '--database', 'x.sqlite']\nmain()\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 2 and "pip install 'nspl-opt[api]'" in ran.stderr and "Traceback" not in ran.stderr
