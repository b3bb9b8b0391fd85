"""A reference package spoilt in one place, for the tests of what is told about it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from nspl_opt.problems import InvalidInput
from nspl_opt.reference.package import load_reference
from nspl_opt.shipped import shipped_dir

SHIPPED = shipped_dir("data/reference")


@dataclass(frozen=True)
class Spoilt:
    """A file, or the folder, spoilt by an action; ``where`` is the address the message must give."""

    name: str
    action: Callable[[Path], None]
    where: str
    code: str
    rule: str
    remedy: str

    def spoil(self, folder: Path) -> str:
        self.action(folder)
        return self.where


def content(file: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        (folder / file).write_bytes(change((folder / file).read_bytes()))

    return act


def swap(file: str, old: str, new: str) -> Callable[[Path], None]:
    def change(before: bytes) -> bytes:
        assert before.count(old.encode()) >= 1
        return before.replace(old.encode(), new.encode(), 1)

    return content(file, change)


def check_told(case: Spoilt, place: Path, several: bool) -> None:
    """The shipped package, spoilt so, is refused with one clear problem; ``several``: it comes first of some."""
    folder = shutil.copytree(SHIPPED, place / "package")
    where = case.spoil(folder)
    with pytest.raises(InvalidInput) as caught:
        load_reference(folder)
    problems = caught.value.problems
    assert several or len(problems) == 1, str(caught.value)
    problem = problems[0]
    assert problem.code == case.code, str(problem)
    assert where in (None, problem.where), str(problem)
    assert case.rule in problem.what and case.remedy in problem.remedy, str(problem)
    assert problem.remedy and len(str(problem)) < 600
    assert str(problem).isprintable() or str(problem).replace("\n", "").isprintable()
