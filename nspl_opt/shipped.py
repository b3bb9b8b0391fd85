"""Where the shipped folders are: beside the package in a checkout, inside it when installed from a wheel."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

SHIPPED = ("data", "models", "api")


def shipped_dir(name: str) -> Path:
    """The folder ``data``, ``models`` or ``api``, or one below it such as ``data/reference``.

    Raises
    ------
    FileNotFoundError
        When the installation is damaged: the folder is in neither place.
    ValueError
        When ``name`` is not a shipped folder.
    """
    parts = name.split("/")
    if parts[0] not in SHIPPED or any(part in ("", ".", "..") for part in parts):
        raise ValueError(f"'{name}' is not a shipped folder; they are {', '.join(SHIPPED)}")
    package = Path(__file__).resolve().parent
    for home in (package, package.parent):
        found = home.joinpath(*parts)
        # An installed package's parent is site-packages: there only our own folder may count.
        if found.is_dir() and (home is package or (home / "pyproject.toml").is_file()):
            return found
    raise FileNotFoundError(f"the folder '{name}' is missing from this installation of nspl-opt; install it again")


def import_api(module: str) -> ModuleType:
    """A module of the web service, such as ``app``: by the name ``nspl_opt.api...`` wherever its folder is.

    Raises
    ------
    FileNotFoundError
        As ``shipped_dir``.
    ImportError
        A package that the service needs is not installed.
    """
    name, place = f"{__package__}.api", shipped_dir("api")
    if name not in sys.modules and place.parent != Path(__file__).resolve().parent:
        # In a checkout the folder lies beside the package: it gets the name that it has in the wheel.
        spec = importlib.util.spec_from_file_location(
            name, place / "__init__.py", submodule_search_locations=[str(place)]
        )
        package = importlib.util.module_from_spec(spec)
        sys.modules[name] = package
        spec.loader.exec_module(package)
    return importlib.import_module(f"{name}.{module}")
