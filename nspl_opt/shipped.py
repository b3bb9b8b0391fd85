"""Where the shipped folders are: beside the package in a checkout, inside it when installed from a wheel."""

from __future__ import annotations

from pathlib import Path

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
