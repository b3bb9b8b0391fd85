"""Building the environment: what can go wrong is told with its remedy, and nobody's folder is touched.

The ways that succeed (venv; uv; a Python without ensurepip; pip from Debian's wheel) need packages and half
a minute each: .ci/run takes the first on every run, docs/environment.md tells how to try the others.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
TOOLS = ("sh", "env", "cat", "cksum", "head", "tail", "date", "rm", "mkdir", "dirname")


@pytest.fixture
def bare(tmp_path):
    """A PATH with a handful of tools and a python3 of one's choice."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        for place in ("/bin", "/usr/bin"):
            if Path(place, tool).exists() and not (folder / tool).exists():
                (folder / tool).symlink_to(Path(place, tool))

    def make(python: str) -> Path:
        (folder / "python3").write_text("#!/bin/sh\n" + python, encoding="utf-8")
        (folder / "python3").chmod(0o755)
        return folder

    return make


def make_env(path: Path, place: Path, level: str = "run"):
    environment = {"PATH": str(path), "NSPL_VENV": str(place), "HOME": str(place.parent)}
    script = ROOT / "scripts" / "make_env.sh"
    return subprocess.run(["/bin/sh", script, level], env=environment, capture_output=True, text=True, timeout=60)


def test_a_python_that_is_too_old_is_refused_with_the_version_needed(bare, tmp_path):
    done = make_env(bare("exit 1\n"), tmp_path / "env")
    assert done.returncode == 1 and "Python 3.11 or later" in done.stderr and "apt-get install" in done.stderr
    assert not (tmp_path / "env").exists()


def test_where_no_way_leads_to_an_environment_one_command_is_named(bare, tmp_path):
    lacking = 'case "$2" in venv|pip|virtualenv) echo "No module named $2" >&2; exit 1;; esac'
    done = make_env(bare(f'{lacking}\nexec {sys.executable} "$@"\n'), tmp_path / "env")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "One command puts it right: apt-get install python3-venv"


def test_a_folder_of_somebody_elses_is_left_alone(bare, tmp_path):
    (tmp_path / "env").mkdir()
    (tmp_path / "env" / "mine").write_text("mine", encoding="utf-8")
    done = make_env(bare(f'exec {sys.executable} "$@"\n'), tmp_path / "env")
    assert done.returncode == 1 and "NSPL_VENV" in done.stderr
    assert os.listdir(tmp_path / "env") == ["mine"]


def test_an_unknown_level_is_a_fault_of_usage(bare, tmp_path):
    assert make_env(bare("exit 0\n"), tmp_path / "env", "everything").returncode == 2


def test_an_environment_that_is_right_is_kept(bare, tmp_path):
    path, env = bare(f'exec {sys.executable} "$@"\n'), tmp_path / "env"
    (env / "bin").mkdir(parents=True)
    (env / "bin" / "nspl-opt").write_text("#!/bin/sh\n", encoding="utf-8")
    (env / "bin" / "nspl-opt").chmod(0o755)
    locks = [ROOT / "pyproject.toml", *(ROOT / "requirements" / name for name in ("lock.txt", "lock-test.txt"))]
    together = b"".join(file.read_bytes() for file in locks)
    sums = subprocess.run(["cksum"], input=together, capture_output=True, timeout=20).stdout.decode().strip()
    asked = "import sys; print(sys.version.split()[0], sys.base_prefix)"
    version = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, timeout=20).stdout.strip()
    (env / "nspl-opt.env").write_text(f"{sums} {version}\ntest\n", encoding="utf-8")
    for level in ("run", "test"):
        done = make_env(path, env, level)
        assert done.returncode == 0 and "kept" in done.stdout, done.stderr
