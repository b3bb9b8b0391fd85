"""Who may do what: ``permissions.toml`` read. Default deny: what is not in it does not exist."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROLES = (
    "secretariat",
    "region_operator",
    "region_decision_maker",
    "exercise_lead",
    "observer",
    "administrator",
)
REGION_ROLES = ("region_operator", "region_decision_maker")
SCOPES = ("all", "own", "concerned", "published", "exercise", "metadata", "head", "mine")
TOKENS = ("none", "taken", "required")
AUDITED = ("never", "foreign", "always")
MATRIX = Path(__file__).parent / "permissions.toml"


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked of the service. ``may``: role -> scope; a role that is not in it may not."""

    name: str
    method: str
    path: str
    sv: str
    en: str
    may: Mapping[str, str] = field(default_factory=dict)
    anyone: bool = False
    audited: str = "never"
    browser: bool = False
    token: str = "none"
    version: str = "none"

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names in the path, in order."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    def leaves_row(self, region: str | None, state: str = "") -> bool:
        """Whether an answer to a caller of the region, or of none, is told in the audit.

        ``state``: of what is told, where it has one: what waits or runs has no figures yet.
        """
        if self.audited == "foreign":
            return region is None and state not in ("queued", "running")
        return self.audited == "always"

    def scope(self, role: str, realm: str) -> str | None:
        """What the role may reach in a store of the realm, ``all`` or less; None when it may not at all."""
        found = self.may.get(role)
        if found == "exercise":
            return "all" if realm == "exercise" else None
        return found


@cache
def load_operations(path: Path = MATRIX) -> Mapping[str, Operation]:
    """Every operation by name, in the order of the file.

    Raises
    ------
    ValueError
        The file names a role, a scope or a key that is not known, or one way in twice.
    """
    with open(path, "rb") as stream:
        tables = tomllib.load(stream)
    found, ways = {}, set()
    for name, table in tables.items():
        unknown = set(table) - {"method", "path", "sv", "en", "may", "anyone", "audited", "browser", "token", "version"}
        operation = Operation(name, **{key: value for key, value in table.items() if key not in unknown})
        wrong = (
            unknown
            or set(operation.may) - set(ROLES)
            or set(operation.may.values()) - set(SCOPES)
            or {operation.token, operation.version} - set(TOKENS)
            or {operation.audited} - set(AUDITED)
            or {operation.method} - {"GET", "POST"}
        )
        way = (operation.method, re.sub(r"{\w+}", "{}", operation.path))
        if wrong or way in ways or operation.anyone == bool(operation.may):
            raise ValueError(f"{path.name}: [{name}] is unsound: {sorted(wrong) or way}")
        ways.add(way)
        found[name] = operation
    return found
