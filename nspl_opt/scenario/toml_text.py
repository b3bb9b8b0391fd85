"""TOML from anybody: bounded before it is parsed, so that no file can hang or exhaust the reader."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from nspl_opt.problems import Problem

MAX_TOML_BYTES = 256_000
MAX_DOTS = 20
MAX_DEPTH = 50

_HIDDEN = re.compile(
    r'"""(?:.*?"""|.*)' r"|'''(?:.*?'''|.*)" r'|"(?:\\.|[^"\\\n])*"' r"|'[^'\n]*'" r"|#[^\n]*",
    re.DOTALL,
)
_DOTTED = re.compile(rf"(?<![\w-])[\w-]+(?:[ \t]*\.[ \t]*[\w-]+){{{MAX_DOTS + 1},}}")
_PLACE = re.compile(r"^(.*?)(?: \(at (?:line (\d+), column (\d+)|end of document)\))?$", re.DOTALL)


def parse_toml(text: str, where: str, problems: list[Problem]) -> dict[str, Any] | None:
    """The document, or None and one problem: ``S101`` not TOML, ``S102`` dotted or nested too deep.

    The parser's time grows with the square of a key's dots, hence their limit beside that of the
    size (``MAX_TOML_BYTES``, held by whoever reads the file).
    """
    # Strings and comments may hold any dots and brackets; a word stands in for each.
    bare = _HIDDEN.sub("x", text)
    if match := _DOTTED.search(bare):
        line = bare.count("\n", 0, match.start()) + 1
        what = f"about line {line}: a key with more than {MAX_DOTS} dots"
        problems.append(Problem("S102", where, what, "no key of a scenario has more than two dots"))
        return None
    if _depth(bare) > MAX_DEPTH:
        what = f"brackets nested more than {MAX_DEPTH} deep"
        problems.append(Problem("S102", where, what, "no value of a scenario is nested more than three deep"))
        return None
    try:
        return tomllib.loads(text)
    except RecursionError:
        problems.append(Problem("S102", where, "nested too deep", "no value is nested more than three deep"))
    except ValueError as error:
        problems.append(_refused(str(error), where))
    return None


def _refused(message: str, where: str) -> Problem:
    reason, line, column = _PLACE.match(message).groups()
    place = f"line {line}, column {column}" if line else "at the end of the file"
    if "digits" in reason:
        place, reason = "a number", "it has too many digits"
    remedy = "mend that line; text stands in quotes, lists in [ ], and a key occurs once in its table"
    return Problem("S101", where, f"not TOML: {place}: {_plain(reason)}", remedy)


def _plain(reason: str) -> str:
    shown = "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in reason[:120])
    return shown[:1].lower() + shown[1:]


def _depth(text: str) -> int:
    depth = deepest = 0
    for char in text:
        if char in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "]}":
            depth = max(0, depth - 1)
    return deepest
