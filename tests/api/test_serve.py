"""``nspl-opt serve``: without set-up on one's own machine; refused where it could be reached and is not protected."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments, cwd):
    command = [sys.executable, "-m", "nspl_opt", "serve", *arguments]
    return subprocess.run(command, cwd=cwd, env=_environment(), capture_output=True, text=True, timeout=60, check=False)


def _environment():
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NSPL_OPT")}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--host", "0.0.0.0"], "U122"),
        (["--host", "192.0.2.1"], "U122"),
        (["--host", "::"], "U122"),
        (["--host", "example.org"], "U122"),
        (["--tls-cert", "missing.pem"], "U121"),
        (["--tls-cert", "missing.pem", "--tls-key", "missing.key"], "U121"),
        (["--host", "0.0.0.0", "--behind-proxy"], "L101"),
        (["--database", "mysql://somewhere/db"], "L107"),
    ],
)
def test_it_refuses_to_start_where_it_is_not_protected(tmp_path, arguments, code):
    ran = run(*arguments, cwd=tmp_path)
    assert ran.returncode == 2
    assert code in ran.stderr and "Traceback" not in ran.stderr
    assert not list(tmp_path.glob("*.sqlite"))


def test_a_setting_that_is_wrong_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "_environment", lambda made=_environment: made() | {"NSPL_OPT_API_RUNNING": "many"})
    ran = run(cwd=tmp_path)
    assert ran.returncode == 2 and "U125" in ran.stderr and "NSPL_OPT_API_RUNNING" in ran.stderr


def test_a_setting_that_is_misspelt_is_an_error_and_the_right_one_is_told(tmp_path, monkeypatch):
    wrong = {"NSPL_OPT_API_RATE_BRUST": "10", "NSPL_OPT_API_ZZZ": "1"}
    monkeypatch.setitem(globals(), "_environment", lambda made=_environment: made() | wrong)
    ran = run(cwd=tmp_path)
    assert ran.returncode == 2 and ran.stderr.count("U125") == 2 and "NSPL_OPT_API_ZZZ" in ran.stderr
    assert "NSPL_OPT_API_RATE_BURST" in ran.stderr and not list(tmp_path.glob("*.sqlite"))


def test_a_store_that_never_had_a_key_gets_its_first_ones_and_says_so(tmp_path):
    from nspl_opt.store.store import Store

    Store.create(f"sqlite:///{tmp_path / 'nspl-opt-live.sqlite'}", "live").close()  # as a first start that was killed
    said = _served(tmp_path, _free_port())
    assert "aldrig haft någon nyckel" in said and len(re.findall("nspl_l_[0-9a-f]{12}_", said)) == 3
    assert "nspl_l_" not in _served(tmp_path, _free_port())


def test_where_no_key_may_be_used_any_more_the_command_for_another_is_told(tmp_path):
    from nspl_opt.store import keys
    from nspl_opt.store.actor import LOCAL
    from nspl_opt.store.store import Store

    file = tmp_path / "nspl-opt-live.sqlite"
    store = Store.create(str(file), "live")
    made = store.run_write(lambda work: keys.issue(work, "administrator", None, "admin-01"), LOCAL, "key.issue")
    store.run_write(lambda work: keys.revoke(work, made.id), LOCAL, "key.revoke")
    store.close()
    ran = run(cwd=tmp_path)
    assert ran.returncode == 2 and "U123" in ran.stderr
    words = " ".join(ran.stderr.split())
    assert "nspl-opt store keys issue --role administrator --holder admin-02 --database" in words


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_second_service_of_the_same_store_is_refused_wherever_it_works(tmp_path, request, database):
    from nspl_opt.store.store import Store

    address = f"sqlite:///{tmp_path / 'store.sqlite'}"
    if database == "postgresql":
        address = request.getfixturevalue("postgres_server").new_database()
    first = Store.create(address, "live")
    try:
        assert first.database.take()
        second = run("--database", address, "--work-dir", "elsewhere", cwd=tmp_path)
    finally:
        first.close()
    assert second.returncode == 2 and "U124" in second.stderr and "nspl_l_" not in second.stdout
    again = Store.open(address)
    try:
        assert again.database.take()
    finally:
        again.close()


def test_it_refuses_a_store_without_keys_a_foreign_realm_and_a_file_open_to_everybody(tmp_path):
    from nspl_opt.store.store import Store

    file = tmp_path / "bare.sqlite"
    address = f"sqlite:///{file}"
    Store.create(address, "live").close()
    assert "U123" in run("--database", address, "--host", "0.0.0.0", "--behind-proxy", cwd=tmp_path).stderr
    assert "L103" in run("--database", address, "--realm", "exercise", cwd=tmp_path).stderr
    file.chmod(0o644)
    assert "L106" in run("--database", address, cwd=tmp_path).stderr


def test_it_starts_without_set_up_shows_its_keys_once_and_ends_in_order(tmp_path):
    port = _free_port()
    first = _served(tmp_path, port)
    texts = dict(re.findall(r"^(\S+)\s+(nspl_l_[0-9a-f]{12}_\S{43})\s", first, re.M))
    assert set(texts) == {"kansli-01", "kansli-02", "admin-01"}
    again = _served(tmp_path, port, texts["kansli-01"])
    assert "nspl_l_" not in again
    assert not list(tmp_path.glob("*.sqlite-wal"))  # closed in order
    heads = [json.loads(line) for line in (tmp_path / "heads.jsonl").read_text().splitlines()]
    assert heads[-1]["seq"] >= 4


def _free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _served(folder, port, key=""):
    """Start the service, ask it something, end it; what it said."""
    command = [sys.executable, "-m", "nspl_opt", "serve", "--port", str(port), "--heads", "heads.jsonl"]
    with subprocess.Popen(
        command, cwd=folder, env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as child:
        said = ""
        while "127.0.0.1" not in said:
            line = child.stdout.readline()
            assert line, said
            said += line
        _ask(port, "/health")
        if key:
            assert _ask(port, "/v1/plans", key) == {"plans": [], "next": None}
        child.send_signal(signal.SIGTERM)
        said += child.stdout.read()
        assert child.wait(30) == 0, said
    return said


def _ask(port, path, key=""):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}")
    if key:
        request.add_header("Authorization", f"Bearer {key}")
    for left in reversed(range(100)):
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except OSError:
            if not left:
                raise
            signal.sigtimedwait([], 0.1)
    return None
