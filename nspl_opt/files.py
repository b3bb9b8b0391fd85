"""Reading a file that anybody may have made: only regular files, bounded, UTF-8, one clear complaint."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from nspl_opt.problems import Problem

MAX_BYTES = 20_000_000
"""Largest file that is read at all [bytes]."""

_WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


def read_bytes(
    path: Path,
    problems: list[Problem],
    where: str | None = None,
    prefix: str = "R",
    root: Path | None = None,
    limit: int = MAX_BYTES,
) -> bytes | None:
    """The content of a regular file of at most ``limit`` bytes, or None and one problem (``901``).

    A link may only lead to a place below ``root`` (default: the file's own folder). A directory,
    pipe or device is refused without being opened for reading, so nothing can hang.
    """
    name = where or path.name

    def refuse(what: str, remedy: str) -> None:
        problems.append(Problem(f"{prefix}901", name, what, remedy))

    try:
        inside = path.resolve().is_relative_to((root or path.parent).resolve())
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return refuse("the file does not exist", "add the file or correct its name")
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return refuse(f"the file cannot be opened: {reason.lower()}", "put a readable, regular file there")
    before = os.fstat(handle)
    if not stat.S_ISREG(before.st_mode):
        os.close(handle)
        return refuse(f"this is {_nature(before.st_mode)}, not a file", "put a regular file there")
    with os.fdopen(handle, "rb") as stream:
        if not inside:
            return refuse("the link leads out of the folder", "copy the file itself into the folder")
        if before.st_size > limit:
            return refuse(f"{before.st_size} bytes; at most {limit} are read", "split or shorten the file")
        try:
            content = stream.read(limit + 1)
        except OSError as error:
            return refuse(f"the file cannot be read: {str(error.strerror).lower()}", "copy it afresh")
        after = os.fstat(stream.fileno())
    if len(content) != before.st_size or after.st_mtime_ns != before.st_mtime_ns:
        return refuse("the file changed while it was read", "wait until it is written, then try again")
    return content


def _nature(mode: int) -> str:
    kinds = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
    return next((name for test, name in kinds if test(mode)), "a device")


def decode_text(content: bytes, problems: list[Problem], where: str, prefix: str = "R") -> str | None:
    """UTF-8 text, a byte order mark accepted, or None and one problem (``902``) that names the encoding met."""
    if content.startswith(_WIDE_BOMS) or content[:200].count(0) > len(content[:200]) // 4:
        what, remedy = "the file is not UTF-8 (it looks like UTF-16)", "save it as UTF-8 ('CSV UTF-8' in a spreadsheet)"
    elif (nul := content.find(0)) >= 0:
        line = content.count(b"\n", 0, nul) + 1
        what, remedy = f"a NUL byte on line {line}", "remove it; the file may be damaged"
    else:
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            what = f"byte 0x{content[error.start]:02x} on line {line} is not UTF-8 (it looks like Windows-1252)"
            remedy = "save it as UTF-8 ('CSV UTF-8' in a spreadsheet)"
    problems.append(Problem(f"{prefix}902", where, what, remedy))
    return None


def sha256_file(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
