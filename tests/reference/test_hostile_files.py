"""A spoilt table in a reference package: one clear message with place, rule, remedy."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from .spoilt import SHIPPED, Spoilt, check_told, content, swap


def instead(file: str, make: Callable[[Path], None]) -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        (folder / file).unlink()
        make(folder / file)

    return act


def outside(path: Path) -> None:
    other = path.parent.parent / "elsewhere.csv"
    other.write_bytes((SHIPPED / path.name).read_bytes())
    path.symlink_to(other)


HOSTILE = [
    Spoilt("a missing table", lambda folder: (folder / "beds.csv").unlink(), "beds.csv", "R901", "not exist", "add"),
    Spoilt("a folder for a table", instead("beds.csv", Path.mkdir), "beds.csv", "R901", "a folder", "regular file"),
    Spoilt("a pipe for a table", instead("beds.csv", os.mkfifo), "beds.csv", "R901", "a pipe", "regular file"),
    Spoilt(
        "an endless device",
        instead("beds.csv", lambda path: path.symlink_to("/dev/zero")),
        "beds.csv",
        "R901",
        "a device",
        "regular file",
    ),
    Spoilt("a link out of the folder", instead("beds.csv", outside), "beds.csv", "R901", "leads out", "copy"),
    Spoilt(
        "a link to itself",
        instead("beds.csv", lambda path: path.symlink_to(path)),
        "beds.csv",
        "R901",
        "cannot be opened",
        "regular",
    ),
    Spoilt(
        "too large a table",
        instead("beds.csv", lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_RDWR), 30_000_000)),
        "beds.csv",
        "R901",
        "30000000 bytes",
        "shorten",
    ),
    Spoilt("an empty table", content("beds.csv", lambda _: b""), "beds.csv", "R903", "empty", "write the header"),
    Spoilt(
        "UTF-16", content("beds.csv", lambda old: old.decode().encode("utf-16")), "beds.csv", "R902", "UTF-16", "UTF-8"
    ),
    Spoilt(
        "Windows-1252",
        content("regions.csv", lambda old: old.decode().encode("cp1252")),
        "regions.csv",
        "R902",
        "Windows-1252",
        "UTF-8",
    ),
    Spoilt(
        "a NUL byte",
        swap("beds.csv", "visby,icu,4", "visby,icu,\x00"),
        "beds.csv",
        "R902",
        "NUL byte on line",
        "remove",
    ),
    Spoilt(
        "semicolons",
        content("beds.csv", lambda old: old.replace(b";", b"+").replace(b",", b";")),
        "beds.csv, row 1",
        "R903",
        "not separated by commas",
        "','",
    ),
    Spoilt(
        "a misspelt column", swap("beds.csv", "staffed", "stafed"), "beds.csv, row 1", "R904", "'stafed'", "'staffed'"
    ),
    Spoilt(
        "a missing column",
        content("professions.csv", lambda old: re.sub(rb",[^,\n]*\n", b"\n", old)),
        "professions.csv, row 1",
        "R905",
        "source is missing",
        "add it",
    ),
    Spoilt(
        "a column twice",
        swap("beds.csv", "planned", "staffed"),
        "beds.csv, row 1, column 'staffed'",
        "R903",
        "twice",
        "keep one",
    ),
    Spoilt(
        "ten thousand columns",
        content("beds.csv", lambda _: b"a," * 10_000 + b"b\n"),
        "beds.csv",
        "R917",
        "10001 columns",
        "keep",
    ),
    Spoilt(
        "a trailing comma",
        swap("professions.csv", "est_on_duty\n", "est_on_duty,\n"),
        "professions.csv, row 2",
        "R906",
        "7 cells",
        "every column",
    ),
    Spoilt(
        "a table cut off in a quotation",
        content("beds.csv", lambda old: old + b'nus,burns,"3'),
        None,
        "R906",
        "cannot be read",
        "quotation",
    ),
    Spoilt(
        "a row twice",
        content("bed_types.csv", lambda old: old + b"icu,IVA,ICU\n"),
        "bed_types.csv, row 5, column code",
        "R914",
        "already in row 3",
        "keep one",
    ),
    Spoilt(
        "a region without a hospital",
        content(
            "sites.csv", lambda old: b"".join(line for line in old.splitlines(keepends=True) if b",09," not in line)
        ),
        None,
        "R915",
        "'visby'",
        "",
    ),
    Spoilt(
        "a region in no civil area",
        content(
            "groupings.csv",
            lambda old: b"".join(
                line
                for line in old.splitlines(keepends=True)
                if not line.startswith("civil_area,ostra,Östra civilområdet,09".encode())
            ),
        ),
        "groupings.csv, column region",
        "R105",
        "'09' lies in no area",
        "add a row",
    ),
    Spoilt(
        "no staff for a standard",
        content(
            "care_staffing.csv",
            lambda old: b"".join(
                line for line in old.splitlines(keepends=True) if b"geriatric,contingency" not in line
            ),
        ),
        "care_staffing.csv, column standard",
        "R108",
        "'geriatric'",
        "add",
    ),
]

SEVERAL = ("a region without a hospital",)
"""Also what names the hospital shows the fault."""


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case.name)
def test_a_spoilt_file_is_told_once_with_its_place_and_remedy(case, tmp_path):
    check_told(case, tmp_path, several=case.name in SEVERAL)
