"""A small country on disk, one plan made in it, and the command line called as a user calls it."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

HERE = Path(__file__).resolve().parent


class Ran(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


def _country():
    spec = importlib.util.spec_from_file_location("cli_country", HERE / "country.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def country():
    return _country()


@pytest.fixture
def call(monkeypatch, capsys):
    """Run a command in this process: quick, and what it calls can be replaced."""
    from nspl_opt.cli import main

    def run(*arguments: object, **environment: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["nspl-opt", *map(str, arguments)])
        monkeypatch.delenv("NSPL_OPT_LANG", raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else 0 if left.code is None else 1
        return Ran(code, *capsys.readouterr())

    return run


@pytest.fixture(scope="session")
def shell():
    """Run a command in a process of its own, as a user does."""

    def run(*arguments: object, cwd: Path | None = None, timeout: float = 60, **environment: str) -> Ran:
        known = {key: value for key, value in os.environ.items() if not key.startswith("NSPL_OPT")}
        paths = os.pathsep.join([str(HERE.parent.parent), *filter(None, [known.get("PYTHONPATH")])])
        done = subprocess.run(
            [sys.executable, "-m", "nspl_opt", *map(str, arguments)],
            cwd=cwd,
            env=known | {"PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"} | environment,
            capture_output=True,
            encoding="utf-8",
            timeout=timeout,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def place(tmp_path_factory, country):
    """A folder with the small country in ``reference`` and the small scenario in ``scenario``."""
    folder = tmp_path_factory.mktemp("small")
    country.small_reference(folder / "reference")
    country.small_scenario(folder / "scenario")
    return folder


@pytest.fixture(scope="session")
def planned(place, shell):
    """How ``nspl-opt plan`` ended on the small scenario; its plan is in ``plan``."""
    reference = place / "reference"
    return shell("plan", place / "scenario", "--reference", reference, "--out", place / "plan", "--lang", "en")
