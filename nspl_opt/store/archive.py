"""The folder of a plan as one zip: same folder, same bytes; and back into a folder."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path, PurePosixPath

from nspl_opt.plan.folder import LARGEST, MANIFEST, TIMING
from nspl_opt.store.errors import Unfit

_TIME = (1980, 1, 1, 0, 0, 0)
MOST_BYTES = 1_000_000_000
"""Of a whole plan, unpacked [bytes]."""


def pack(folder: Path) -> bytes:
    """The files that the manifest lists, the manifest and the timing. Pages and workbooks beside them stay out."""
    listed = json.loads((folder / MANIFEST).read_bytes())["files"]
    names = sorted({*listed, MANIFEST, *([TIMING] if (folder / TIMING).is_file() else [])})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in names:
            entry = zipfile.ZipInfo(name, _TIME)
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o600 << 16
            archive.writestr(entry, (folder / name).read_bytes())
    return out.getvalue()


def unpack(content: bytes, folder: Path) -> Path:
    """Write the files of a packed plan into a new folder that only its owner can read.

    Raises
    ------
    Unfit
        ``L108`` when the archive is damaged, leads out of the folder or is larger than a plan can be.
    """
    folder.mkdir(parents=True, mode=0o700)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > MOST_BYTES:
                raise Unfit("L108", why="a plan is larger than any can be")
            for entry in entries:
                _check_entry(entry)
                path = folder / entry.filename
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(archive.read(entry))
    except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError):
        raise Unfit("L108", why="the archive of a plan is damaged") from None
    return folder


def _check_entry(entry: zipfile.ZipInfo) -> None:
    path = PurePosixPath(entry.filename)
    if entry.is_dir() or path.is_absolute() or ".." in path.parts or "\\" in entry.filename or "\0" in entry.filename:
        raise Unfit("L108", why="the archive of a plan leads out of its folder")
    if entry.file_size > LARGEST:
        raise Unfit("L108", why="a file of a plan is larger than any can be")
