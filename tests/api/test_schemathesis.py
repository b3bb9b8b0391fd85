"""Schemathesis against a real server, one key per role: every check, every phase.

A few seconds by default; NSPL_OPT_SCHEMATHESIS_S=300 gives every role so long.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.served import served
from tests.api.serving import ROOT
from tests.api.world import ROLES, draft

HERE = Path(__file__).resolve().parent
SECONDS = int(os.environ.get("NSPL_OPT_SCHEMATHESIS_S", "0"))
WHO = [who for who in ROLES if who not in ("secretariat_2", "operator_18", "decision_18", "decision_19")]


@pytest.fixture(scope="module")
def service(tmp_path_factory, planned):
    lines = (draft(), draft("two", "18", "19", "18"))
    with served(tmp_path_factory.mktemp("schemathesis"), planned, lines, what_if_time_s=1, time_limit_s=1) as found:
        yield found


@pytest.mark.parametrize("who", WHO if SECONDS else ["secretariat", "decision_17"])
def test_whatever_fits_the_description_or_does_not_is_answered_as_described(service, tmp_path, who):
    command = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml"), "run",
        str(ROOT / "api" / "openapi.json"), "--url", service.url, "-H", f"Authorization: Bearer {service.keys[who]}",
        "--checks", "all", "--phases", "examples,coverage,fuzzing,stateful", "--max-time", str(SECONDS or 5),
        "--max-examples", "100" if SECONDS else "3", "--seed", "1", "--continue-on-failure", "--warnings", "off",
        "--exclude-path", "/v1/runs/{run_id}/events",  # a stream ends with its run
    ]  # fmt: skip
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS + 120, check=False)
    said = "\n".join(line[:300] for line in ran.stdout.splitlines())
    assert ran.returncode == 0, said[-6000:]
    assert " generated" in said and "0 generated" not in said.split()
