"""The words of a model: every rule as sentence and equation, without building anything.

A rule's words stand in its docstring, and so can be read from the source of its module.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable
from types import ModuleType
from typing import Any

from nspl_opt.formulation.family import Family, RuleText, text_of


def rules_of(family: Family) -> tuple[RuleText, ...]:
    """Every rule of a family: those that have rows, in the order of the file, and those it keeps in other ways."""
    return (*rules_in(sys.modules[family.build.__module__], family.name), *family.says)


def rules_in(module: ModuleType, family: str) -> tuple[RuleText, ...]:
    """The functions of a module that are written down with ``@rule``."""
    return _rules_in(inspect.getsource(module), family)


def rules_under(function: Callable[..., Any], name: str) -> tuple[RuleText, ...]:
    """The functions inside a function, such as the terms of a goal, that are written down with ``@rule``."""
    return _rules_in(textwrap.dedent(inspect.getsource(function)), name)


def _rules_in(source: str, family: str) -> tuple[RuleText, ...]:
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id == "rule":
                    unit = ast.literal_eval(mark.args[2])
                    found.append((node.lineno, text_of(f"{family}.{node.name}", ast.get_docstring(node) or "", unit)))
    return tuple(text for _, text in sorted(found, key=lambda pair: pair[0]))


def goal_text(name: str, terms: Callable[..., Any], unit: str) -> RuleText:
    """What a goal counts, from the docstring of its terms."""
    return text_of(name, inspect.getdoc(terms) or "", unit)
