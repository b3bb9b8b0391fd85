"""The service by itself: it opens no connection of its own, and plans where there is no network but this machine's."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nspl_opt.client import Client
from tests.api.serving import ROOT, new_store, serve_command

ALONE = ("unshare", "--net", "--map-root-user")
LOOPBACK_UP = """
import fcntl, socket, struct
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
    fcntl.ioctl(one, 0x8914, struct.pack("16sh", b"lo", 0x41))  # SIOCSIFFLAGS: up, running
"""
STORY = """
import json, sys
from pathlib import Path
from nspl_opt.client import Client
from tests.api.serving import serve_command
from tests.api.test_air_gap import tell
folder, database, reference = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
assert not Path("/proc/net/route").read_text().splitlines()[1:]
with serve_command(folder, database, "--reference", reference) as (address, _):
    print(json.dumps(tell(address, **json.loads(sys.stdin.read()))))
"""
NOTED = """
import os, sys
def _note(event, given):
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
        with open(os.environ["NOTED_IN"], "a") as file:
            print(sys.argv[:1], event, given[1:], file=file)
if "NOTED_IN" in os.environ:
    sys.addaudithook(_note)
    with open(os.environ["NOTED_IN"], "a") as file:
        print("begun", getattr(sys, "orig_argv", [])[1:3], file=file)
"""


def tell(address: str, keys: dict[str, str], files: dict[str, str], model: str) -> dict[str, str]:
    """A plan is made, published by two, and seen by a region."""
    clients = {who: Client(address, keys[who]) for who in ("secretariat", "secretariat_2", "decision_18")}
    try:
        lead = clients["secretariat"]
        scenario, model = lead.add_scenario("many-ill", files)["id"], lead.add_model("national", model)["id"]
        run = lead.run(scenario, model, time_limit_s=20)
        lead.publish(run["plan_id"])
        plan = clients["secretariat_2"].publish(run["plan_id"])
        line = clients["decision_18"].recommendations("18")[0]
        return {"run": run["state"], "plan": plan["state"], "line": line["state"]}
    finally:
        for client in clients.values():
            client.close()


TOLD = {"run": "done", "plan": "published", "line": "offered"}


def test_a_plan_is_made_and_published_where_there_is_no_network(tmp_path, planned):
    if shutil.which("unshare") is None or subprocess.run([*ALONE, "true"], timeout=20, capture_output=True).returncode:
        pytest.skip("this machine gives no test a network of its own; the next test looks at every call instead")
    database = f"sqlite:///{tmp_path / 'store.sqlite'}"
    given = json.dumps({"keys": new_store(database), "files": planned.files, "model": planned.model})
    ran = subprocess.run(
        [*ALONE, sys.executable, "-c", LOOPBACK_UP + STORY, tmp_path, database, planned.reference],
        input=given, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert json.loads(ran.stdout) == TOLD


def test_neither_the_service_nor_its_jobs_and_solvers_connect_to_anything(tmp_path, planned, monkeypatch):
    """Python tells of every connect, look-up and datagram of each of their processes; there is none."""
    noted = tmp_path / "noted"
    (tmp_path / "sitecustomize.py").write_text(NOTED, encoding="utf-8")
    monkeypatch.setenv("NOTED_IN", str(noted))
    database = f"sqlite:///{tmp_path / 'store.sqlite'}"
    keys = new_store(database)
    with serve_command(tmp_path, database, "--reference", str(planned.reference), also=tmp_path) as (address, _):
        assert tell(address, keys, planned.files, planned.model) == TOLD
    lines = noted.read_text(encoding="utf-8").splitlines()
    begun = [line for line in lines if line.startswith("begun")]
    assert {name for name in ("nspl_opt", "jobs.child") if any(name in line for line in begun)} == {
        "nspl_opt", "jobs.child",
    }  # fmt: skip
    others = [line for line in lines if not line.startswith("begun")]
    # The event loop asks what its own address means: a number, which nobody is asked about.
    assert not [line for line in others if not ("getaddrinfo" in line or "gethostbyname" in line)]
    assert not [line for line in others if "127.0.0.1" not in line and "::1" not in line], others


def test_no_page_or_style_of_the_service_names_another_machine():
    pages = [path for path in sorted((ROOT / "api" / "pages").iterdir()) if path.is_file()]
    assert pages
    for path in pages:
        text = Path(path).read_text(encoding="utf-8")
        assert "http://" not in text and "https://" not in text and "src=" not in text, path.name
