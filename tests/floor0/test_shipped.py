"""The shipped folders are found in a checkout and in an installed package alike."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import nspl_opt.shipped
from nspl_opt.shipped import shipped_dir


def test_the_reference_package_lies_beside_the_checkout():
    assert (shipped_dir("data/reference") / "datapackage.json").is_file()


@pytest.mark.parametrize("name", ["etc", "data/../..", "data//x", "", "/data", "data/."])
def test_only_shipped_folders_are_named(name):
    with pytest.raises(ValueError, match="shipped folder"):
        shipped_dir(name)


def test_a_folder_that_is_not_there_is_told():
    with pytest.raises(FileNotFoundError, match="data/nowhere"):
        shipped_dir("data/nowhere")


def installed(site_packages: Path, inside: bool) -> subprocess.CompletedProcess[str]:
    """Ask a copy of the package, laid out as an installation, where its data are."""
    package = site_packages / "nspl_opt"
    package.mkdir(parents=True)
    shutil.copy(nspl_opt.shipped.__file__, package)
    (package / "__init__.py").touch()
    ((package if inside else site_packages) / "data").mkdir()
    code = "from nspl_opt.shipped import shipped_dir; print(shipped_dir('data'))"
    return subprocess.run([sys.executable, "-c", code], cwd=site_packages, capture_output=True, text=True, check=False)


def test_an_installed_package_has_its_data_inside(tmp_path):
    assert installed(tmp_path, inside=True).stdout.strip() == str(tmp_path / "nspl_opt" / "data")


def test_a_strangers_data_folder_beside_an_installed_package_is_not_ours(tmp_path):
    done = installed(tmp_path, inside=False)
    assert done.returncode != 0 and "install it again" in done.stderr
