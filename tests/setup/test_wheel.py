"""sdist -> wheel -> a fresh environment -> a plan from an empty folder.

To be quick and need no network, the fresh environment takes the *dependencies* from the running one (a
``.pth`` file names its folder); nspl-opt itself comes from the wheel alone.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def run(*command, cwd, **environment):
    """Run without anything of this process that could lead back to the checkout."""
    ours = ("PYTHON", "NSPL_OPT", "VIRTUAL_ENV")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=clean | environment, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, (command, done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder with sdist and wheel, the wheel built from the sdist; from a copy, so the checkout stays clean."""
    copy = tmp_path_factory.mktemp("copy") / "checkout"
    unwanted = shutil.ignore_patterns("__pycache__", ".git", ".venv*", "out", "dist", ".pytest_cache", ".hypothesis")
    shutil.copytree(ROOT, copy, ignore=unwanted)
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, copy, cwd=out)
    return out


@pytest.fixture(scope="module")
def wheel(built):
    return next(built.glob("*.whl"))


@pytest.fixture(scope="module")
def fresh(wheel, tmp_path_factory):
    """The programs of an environment that holds the wheel and, by reference, the dependencies."""
    place = tmp_path_factory.mktemp("fresh") / "env"
    venv.create(place, with_pip=False)
    python = place / "bin" / "python"
    if importlib.util.find_spec("pip"):
        install = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--disable-pip-version-check"]
    else:
        install = ["uv", "pip", "install", "--quiet", "--python", python]
    run(*install, "--no-deps", "--no-index", wheel, cwd=place)
    site = next((place / "lib").glob("python*/site-packages"))
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return place / "bin"


def test_the_wheel_holds_the_package_and_its_data_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {"nspl_opt", "nspl_opt-0.1.0.dist-info"}
    ours = {name for name in names if name.startswith("nspl_opt/")}
    for folder in ("models", "data", "api"):
        files = {path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts}
        assert {f"nspl_opt/{path.relative_to(ROOT).as_posix()}" for path in files} <= ours
    package = {path for path in (ROOT / "nspl_opt").rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert {path.relative_to(ROOT).as_posix() for path in package} <= ours
    assert not [name for name in ours if "tests" in name or name.endswith(".pyc")]


def test_the_source_archive_holds_no_tests_data_of_others_or_environment(built):
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        tops = {name.split("/")[1] for name in archive.getnames() if "/" in name}
    assert tops <= {
        "nspl_opt", "models", "data", "api", "docs", "README.md", "ARCHITECTURE.md", "CHANGELOG.md", "pyproject.toml",
        "PKG-INFO", ".gitignore",
    }  # fmt: skip


def test_a_plan_is_made_from_an_empty_folder(fresh, tmp_path):
    spec = importlib.util.spec_from_file_location("wheel_country", ROOT / "tests" / "cli" / "country.py")
    country = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(country)
    scenario = country.small_scenario(tmp_path / "scenario")
    empty = tmp_path / "empty"
    empty.mkdir()
    where = run(fresh / "python", "-c", "import nspl_opt; print(nspl_opt.__file__)", cwd=empty).strip()
    assert Path(where).is_relative_to(fresh.parent), "the checkout was used, not the wheel"
    listed = json.loads(run(fresh / "nspl-opt", "scenarios", "--json", cwd=empty))
    assert all(Path(one["path"]).is_relative_to(fresh.parent) for one in listed) and len(listed) == 2
    made = json.loads(run(fresh / "nspl-opt", "plan", scenario, "--out", "plan", "--json", cwd=empty))
    assert made["checks"]["ok"] and [path.name for path in empty.iterdir()] == ["plan"]
    assert "hold" in run(fresh / "nspl-opt", "verify", "plan", "--lang", "en", cwd=empty)
    run(fresh / "nspl-opt", "report", "plan", cwd=empty)
    assert (empty / "plan" / "report.sv.html").stat().st_size > 10_000


def test_the_wheel_finds_its_web_service(fresh, tmp_path):
    code = "from nspl_opt.shipped import import_api; print(import_api('permissions').__file__)"
    found = Path(run(fresh / "python", "-c", code, cwd=tmp_path).strip())
    assert found.is_relative_to(fresh.parent), "the checkout was used, not the wheel"
