"""A reference package: a folder with ``datapackage.json``, CSV tables and a map, read and checked."""

from __future__ import annotations

from pathlib import Path

from nspl_opt.problems import InvalidInput, Problem
from nspl_opt.reference.consistency import find_conflicts
from nspl_opt.reference.contracts import CONTRACTS
from nspl_opt.reference.descriptor import FILE_NAME, Descriptor, read_descriptor
from nspl_opt.reference.geometry import check_geometry
from nspl_opt.reference.records import make_reference
from nspl_opt.reference.reference import Reference
from nspl_opt.shipped import shipped_dir
from nspl_opt.tables import Row, check_foreign, read_table, sha256_file

SHIPPED = "data/reference"


def load_reference(path: Path | None = None) -> Reference:
    """The reference package in a folder; None is the shipped one.

    Checks the descriptor, every table against its contract, the keys between tables, then what
    must hold across them and the map. The order of rows and columns does not matter.

    Raises
    ------
    InvalidInput
        With every problem (codes ``R..``). Conflicts between tables are only looked for among
        tables that are sound in themselves, so that one fault is told once.
    """
    folder = Path(path) if path is not None else shipped_dir(SHIPPED)
    problems: list[Problem] = []
    descriptor = read_descriptor(folder, CONTRACTS, problems)
    if descriptor is None:
        raise InvalidInput(f"reference package {folder.name}", problems)
    rows = _read_tables(folder, descriptor, problems)
    if not problems:
        problems.extend(find_conflicts(descriptor, rows))
        check_geometry(folder, descriptor, (row["code"] for row in rows["regions"]), problems)
    if problems:
        raise InvalidInput(f"reference package {folder.name}", problems)
    return make_reference(descriptor, rows, folder)


def _read_tables(folder: Path, descriptor: Descriptor, problems: list[Problem]) -> dict[str, list[Row]]:
    """Every table; the codes of tables that have problems of their own are not asked after."""
    rows: dict[str, list[Row]] = {}
    known: dict[str, set[str]] = {}
    for name, contract in CONTRACTS.items():
        before = len(problems)
        rows[name] = read_table(folder / descriptor.files[name], contract, problems, descriptor.files[name])
        if len(problems) == before and len(contract.key) == 1:
            known[name] = {row[contract.key[0]] for row in rows[name]}
    for name, contract in CONTRACTS.items():
        check_foreign(rows[name], contract, known, problems)
    return rows


def reference_hashes(path: Path | None = None) -> dict[str, str]:
    """File name within the package -> SHA-256, for the descriptor, every table and the map, sorted by name.

    Raises
    ------
    InvalidInput
        When the descriptor cannot be read or a file it names is missing.
    """
    folder = Path(path) if path is not None else shipped_dir(SHIPPED)
    problems: list[Problem] = []
    descriptor = read_descriptor(folder, CONTRACTS, problems)
    if descriptor is None:
        raise InvalidInput(f"reference package {folder.name}", problems)
    names = sorted({FILE_NAME, descriptor.geometry, *descriptor.files.values()})
    try:
        return {name: sha256_file(folder / name) for name in names}
    except OSError as error:
        missing = Problem("R901", str(error.filename), "the file cannot be read", "add the file or correct its name")
        raise InvalidInput(f"reference package {folder.name}", [missing]) from None
