"""The house stands: floors, file sizes, and what code here may never do. See ARCHITECTURE.md."""

import ast
import csv
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "nspl_opt"

FLOORS = {
    "problems": 0, "shipped": 0, "client": 0, "cells": 0.1, "files": 0.1, "tables": 0.2,
    "reference": 1,
    "scenario": 2, "cost_share": 2,
    "network": 3,
    "instance": 4,
    "formulation": 5, "solver": 5,
    "plan": 6,
    "pipeline": 7, "living": 7,
    "avoidable": 7.1, "rolling": 7.1,
    "reasons": 7.2, "differences": 7.2, "others": 7.2, "retold": 7.2,
    "orders": 7.3,
    "sweep": 8, "dispatch": 8, "report": 8, "store": 8, "jobs": 8, "exercise": 8,
    "cli": 9, "api": 9, "__main__": 10,
}  # fmt: skip
"""Part of the package -> floor. A part may import itself and parts on floors below its own."""

NETWORK_MODULES = {
    "socket", "socketserver", "ssl", "urllib", "http", "ftplib", "smtplib", "imaplib", "poplib", "telnetlib",
    "xmlrpc", "asyncio", "requests", "httpx", "aiohttp", "urllib3", "webbrowser", "fsspec",
}  # fmt: skip


@cache
def modules() -> dict[str, Path]:
    """Dotted name -> file, for every module of the package."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(name: str) -> frozenset[str]:
    """Every dotted name a module imports: at its top, for types only, or deferred into a function."""
    path, found = modules()[name], set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = name if path.name == "__init__.py" else name.rpartition(".")[0]
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            found |= {f"{base}.{alias.name}" for alias in node.names}
    return frozenset(found)


def part(name: str) -> str:
    return name.split(".")[1] if "." in name else ""


def own_module(dotted: str) -> str | None:
    """The module of ours that a dotted import means, if any."""
    while dotted and dotted not in modules():
        dotted = dotted.rpartition(".")[0]
    return dotted or None


def test_every_part_of_the_house_has_a_floor():
    assert {part(name) for name in modules()} - {""} <= set(FLOORS)


def test_imports_run_downwards_only():
    upward = [
        f"{name} imports {dotted}"
        for name in modules()
        if part(name)
        for dotted in sorted(imports(name))
        if dotted.startswith("nspl_opt.")
        and part(dotted) != part(name)
        and FLOORS.get(part(dotted), 99) >= FLOORS[part(name)]
    ]
    assert not upward


def test_no_module_imports_the_root_of_the_package():
    assert not [name for name in modules() if name != "nspl_opt" and "nspl_opt" in imports(name)]
    rooted = [
        f"{name} imports {dotted}"
        for name in modules()
        if name != "nspl_opt"
        for dotted in imports(name)
        if dotted.startswith("nspl_opt.") and own_module(dotted) == "nspl_opt"
    ]
    assert not rooted


def test_the_checker_shares_nothing_with_the_model():
    seen, ahead = set(), [name for name in modules() if name.startswith("nspl_opt.plan.checks")]
    assert ahead
    while ahead:
        name = ahead.pop()
        if name in seen:
            continue
        seen.add(name)
        for dotted in imports(name):
            assert dotted.split(".")[0] not in {"pyomo", "highspy"}, f"{name} imports {dotted}"
            if dotted.startswith("nspl_opt."):
                ahead.append(own_module(dotted))
    assert not {part(name) for name in seen} & {"instance", "formulation", "solver", "pipeline"}


def test_the_solver_knows_no_family_and_the_model_no_solver():
    for name in modules():
        if part(name) == "solver":
            assert not {part(d) for d in imports(name) if d.startswith("nspl_opt.")} & {"formulation", "instance"}
        if part(name) in ("formulation", "instance"):
            assert not [dotted for dotted in imports(name) if dotted.split(".")[0] == "highspy"]


def test_nothing_reaches_for_a_network():
    reaching = {
        f"{name} imports {dotted}"
        for name in modules()
        if part(name) not in ("api", "client")  # the client calls the one service that it is given
        for dotted in imports(name)
        if dotted.split(".")[0] in NETWORK_MODULES
    }
    assert not reaching


SOLVER_VALUES = {"point", "value", "values", "x", "solution", "col_value", "slack"}


def test_solver_values_are_rounded_never_cut():
    """int(0.9999996) is 0: a value of the solver is rounded, and the distance looked at."""
    cut = []
    for name in [name for name in modules() if part(name) == "solver" or name == "nspl_opt.plan.extract"]:
        for node in ast.walk(tree(modules()[name])):
            if isinstance(node, ast.Call) and (taken := _made_whole(node)) and _names(taken) & SOLVER_VALUES:
                cut.append(f"{modules()[name].relative_to(ROOT)}, line {node.lineno}")
    assert not cut


def _made_whole(call: ast.Call) -> ast.expr | None:
    """What int(...), floor(...), trunc(...) or (...).astype(int) is applied to, unless that is rounded."""
    called = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    if called in ("int", "floor", "trunc"):
        taken = call.args[0] if call.args else None
    elif called == "astype" and any("int" in ast.unparse(argument) for argument in call.args):
        taken = call.func.value
    else:
        return None
    if isinstance(taken, ast.Call) and getattr(taken.func, "attr", getattr(taken.func, "id", "")) in EXACT:
        return None
    return taken


EXACT = {"round", "rint", "len", "sum", "count_nonzero"}


def _names(node: ast.expr) -> set[str]:
    found = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    return found | {inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute)}


@pytest.mark.parametrize(("folder", "most"), [("nspl_opt", 300), ("tests", 400)])
def test_files_stay_short(folder, most):
    files = sorted((ROOT / folder).rglob("*.py"))
    lines = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8").count("\n") for path in files}
    assert not {path: count for path, count in lines.items() if count > most}


def test_functions_stay_short():
    long = [
        f"{name}.{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for name, path in modules().items()
        for node in ast.walk(tree(path))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and _code_lines(node) > 50
    ]
    assert not long


def _code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function's body, less the docstrings in it: a rule's equation is not code."""
    inner = [one for one in ast.walk(node) if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))]
    words = sum(one.body[0].end_lineno - one.body[0].lineno + 1 for one in inner if ast.get_docstring(one))
    return node.end_lineno - node.body[0].lineno + 1 - words


def test_no_region_hospital_or_area_is_named_in_code():
    names = set()
    for table in ("regions", "sites", "groupings"):
        with open(ROOT / "data" / "reference" / f"{table}.csv", encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                names |= {value for key, value in row.items() if key in ("name", "seat", "area", "code", "region_name")}
    names = {name for name in names if name and len(name) >= 4}
    assert len(names) > 90
    named = [
        f"{module}, line {node.lineno}: {node.value!r}"
        for module, path in modules().items()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in names
    ]
    assert not named


def test_nothing_is_left_unfinished_or_tied_to_one_machine():
    banned = ("TO" + "DO", "FIX" + "ME", "XX" + "X ", "/work" + "/", "/home" + "/", "pypi" + ".org")
    told = [
        f"{path.relative_to(ROOT)}: {word}"
        for folder in ("nspl_opt", "models", "data", "docs", "tests", "scripts", ".ci", "requirements", "api")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.is_file() and path.suffix in (".py", ".toml", ".md", ".csv", ".sh", ".txt", ".in", ".json", ".html", "")
        for word in banned
        if word in path.read_text(encoding="utf-8", errors="replace")
    ]
    assert not told


def test_importing_changes_nothing_in_the_process():
    """No log handler, no global option, no output, no signal handler: importing is silent."""
    names = sorted(name for name in modules() if not name.endswith("__main__"))
    code = (
        "import importlib, logging, signal, sys, warnings\n"
        "import geopandas, networkx, openpyxl, pyomo.environ, scipy.sparse.csgraph, typer, rich.console\n"
        "import numpy, pandas\n"
        "state = lambda: (list(logging.getLogger().handlers), list(warnings.filters), signal.getsignal(signal.SIGINT),"
        " pandas.get_option('display.max_rows'), numpy.geterr(), sys.getrecursionlimit())\n"
        "before = state()\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        "after = state()\n"
        "assert after == before, [pair for pair in zip(before, after) if pair[0] != pair[1]]\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
