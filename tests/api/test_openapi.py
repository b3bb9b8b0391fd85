"""The description of the service: committed, complete, and nothing in it leads out of the house."""

import ast
import json
import re
from pathlib import Path

import pytest

from api.openapi import description_text
from api.permissions import load_operations
from api.problems import known_codes

ROOT = Path(__file__).resolve().parents[2]
API = ROOT / "api"
MODULES = sorted(API.rglob("*.py"))


def test_the_committed_description_is_that_of_the_code(world):
    committed = (API / "openapi.json").read_text(encoding="utf-8")
    assert committed == description_text(world.app), "run: make openapi"


def test_every_operation_is_described_with_its_roles_errors_and_key():
    described = json.loads((API / "openapi.json").read_text(encoding="utf-8"))
    found = {one["operationId"]: one for ways in described["paths"].values() for one in ways.values()}
    assert set(found) == set(load_operations())
    for name, operation in load_operations().items():
        assert ("security" in found[name]) is not operation.anyone
        assert set(found[name].get("x-roles", {})) == set(operation.may)
        assert {"500", "503"} <= set(found[name]["responses"])
        assert all(
            "application/problem+json" in one["content"]
            for status, one in found[name]["responses"].items()
            if int(status) >= 400
        )


def test_every_operation_stands_in_the_documentation():
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    for operation in load_operations().values():
        assert f"{operation.method} {operation.path}" in text, f"docs/api.md lacks {operation.method} {operation.path}"


def test_every_setting_stands_in_the_documentation_with_its_value():
    from api.settings import Settings

    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    shown = {name: "" if field.default is None else field.default for name, field in Settings.model_fields.items()}
    assert not [name for name, value in shown.items() if f"| `{name}` | {value} |" not in text]


def test_every_error_has_words_in_both_languages():
    for code, words in known_codes().items():
        assert words["sv"] and words["en"] and 400 <= words["status"] < 600, code
    assert all(one.sv and one.en for one in load_operations().values())


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(API)))
def test_the_api_is_thin(path):
    """Relative imports and nspl_opt; no SQL in a route; short files and functions; nothing at import."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert path.read_text(encoding="utf-8").count("\n") <= 300
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level or node.module.split(".")[0] != "api", f"line {node.lineno}"
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            words = ast.get_docstring(node)
            length = node.end_lineno - node.lineno - (words.count("\n") if words else 0)
            assert length <= 60, f"{node.name}: {length} lines"
        if path.parent.name == "routes" and isinstance(node, ast.ImportFrom | ast.Import):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names]
            assert not [name for name in names if name.split(".")[0] == "sqlalchemy"]
    assert not re.search(r"datetime\.now|utcnow|time\.time\(", path.read_text(encoding="utf-8"))


def test_nothing_served_leads_out_of_the_house():
    """No address of another machine in what is served: pages, styles, the description."""
    for path in (*API.rglob("*.html"), *API.rglob("*.css"), API / "openapi.json"):
        assert not re.search(r"https?://(?!json-schema\.org)", path.read_text(encoding="utf-8")), path.name


def test_the_service_starts_a_connection_to_nobody(world, plan_id, monkeypatch):
    import socket

    def refuse(*_):
        raise AssertionError("a connection is opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    for path in (f"/v1/plans/{plan_id}", "/v1/national", "/docs", "/openapi.json", "/v1/help-requests/schema"):
        assert world.get("secretariat", path).status_code in (200, 404)
