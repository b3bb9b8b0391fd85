"""Pages and files of a stored plan, made in a process of its own: ``python rendering.py KIND LANG OUT FOLDER [OTHER]``.

The service stays quick while they are made, and what needs much memory takes it elsewhere. Run as a file, so it
imports nothing of this package.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

KINDS = ("report", "xlsx", "geojson", "mps", "compare")
FULL = 28
"""Exit code when there is no room for the file."""
MARK = "ÖVNING"
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)


def render(kind: str, language: str, out: Path, folders: list[Path]) -> None:
    """Make one file; it is there when it is whole."""
    draft = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        _MAKERS[kind](language, draft, *folders)
        os.replace(draft, out)
    finally:
        draft.unlink(missing_ok=True)


def _read(folder: Path, level: str | None = None) -> tuple[Any, Any, Any, Any]:
    from nspl_opt.network.graph import travel_times
    from nspl_opt.plan.folder import read_inputs, read_plan

    plan = read_plan(folder)
    reference, situation = read_inputs(folder, level or plan.level, plan.grid)
    return plan, situation, travel_times(reference, situation), reference


def _report(language: str, out: Path, folder: Path) -> None:
    from nspl_opt.report.page import render_report

    plan, situation, travel, reference = _read(folder)
    out.write_text(render_report(plan, situation, travel, reference, language), encoding="utf-8")


def _xlsx(language: str, out: Path, folder: Path) -> None:
    from nspl_opt.report.workbook import write_workbook

    plan, situation, _, reference = _read(folder)
    write_workbook(plan, situation, out, language, reference)


def _geojson(language: str, out: Path, folder: Path) -> None:
    """Transfers as straight lines between places, and the places; marked, in WGS 84."""
    plan, situation, _, reference = _read(folder)
    stands = {site.code: site for site in reference.sites}
    places = {site.code: (stands[site.place], site) for site in situation.sites if site.place in stands}
    columns = ("from_site", "to_site", "from_region", "to_region", "category", "vehicle_type", "whole")
    flows = plan.tables["transfers"].groupby(list(columns), as_index=False, sort=True)["patients"].sum()
    features = []
    for row in flows.to_dict("records"):
        if not {row["from_site"], row["to_site"]} <= set(places):
            continue  # no known place on the map
        ends = [places[row[name]][0] for name in ("from_site", "to_site")]
        told = {name: row[name] for name in columns} | {"whole": bool(row["whole"])}
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "LineString", "coordinates": [[end.lon, end.lat] for end in ends]},
                "properties": {"kind": "transfer", **told, "patients": round(float(row["patients"]), 6)},
            }
        )
    for code, (stand, site) in sorted(places.items()):
        told = {"kind": "place", "code": code, "name": site.name, "region": site.region}
        point = {"type": "Point", "coordinates": [stand.lon, stand.lat]}
        features.append({"type": "Feature", "geometry": point, "properties": told})
    head = {"scenario": plan.scenario, "marking": plan.marking, "title_sv": plan.title_sv, "title_en": plan.title_en}
    found = {"type": "FeatureCollection", "properties": head, "features": features}
    if plan.marking == "exercise":  # on each feature too: most programs show nothing else
        for one in (found, *features):
            one["properties"]["mark"] = MARK
    out.write_text(json.dumps(found, ensure_ascii=False, sort_keys=True), encoding="utf-8")


def _mps(language: str, out: Path, folder: Path) -> None:
    """The model of the plan with its main goal, for another solver to look at."""
    import highspy

    from nspl_opt.formulation.build import arc_rules, build_model, solver_notes
    from nspl_opt.formulation.spec import model_from_dict
    from nspl_opt.instance.derive import derive_instance
    from nspl_opt.solver.highs import load, new_solver
    from nspl_opt.solver.matrix import compile_matrix

    plan, situation, travel, _ = _read(folder)
    spec = model_from_dict(plan.model)
    m = build_model(spec, derive_instance(situation, travel, arc_rules(spec, situation)), travel)
    matrix = compile_matrix(m, **solver_notes(m, spec)).matrix
    highs = new_solver({})
    load(highs, matrix.parts(), matrix.goals[matrix.main], float(matrix.goal_offset[matrix.main]), whole=True)
    named = out.with_name(f"{out.name}.mps")  # the ending says which form is written
    try:
        if highs.writeModel(str(named)) == highspy.HighsStatus.kError:  # it warns of names that it makes up
            raise OSError("the model could not be written")
        if not named.read_bytes().rstrip().endswith(b"ENDATA"):  # the solver does not tell of a full disk
            raise OSError(errno.ENOSPC, "the model was cut off")
        if plan.marking == "exercise":
            named.write_bytes(_marked_model(named.read_bytes()))
        os.replace(named, out)
    finally:
        named.unlink(missing_ok=True)


def _marked_model(model: bytes) -> bytes:
    """A model in MPS with a comment before it and OVNING for its name: some programs take no other letters there."""
    first, rest = model.split(b"\n", 1)
    if first.split()[:1] != [b"NAME"]:
        raise ValueError("the model begins otherwise than with its name")
    return f"* {MARK}\n".encode() + b"NAME          OVNING\n" + rest


def _compare(language: str, out: Path, folder: Path, other: Path) -> None:
    """Two plans side by side, and why they differ: inputs, model, answers."""
    from nspl_opt.plan.compare import compare_plans
    from nspl_opt.plan.folder import read_plan

    plans = [read_plan(one) for one in (folder, other)]
    found = asdict(compare_plans([("first", plans[0]), ("second", plans[1])]))
    inputs = [dict(plan.provenance.get("inputs", {})) for plan in plans]
    changed = sorted(name for name in {*inputs[0], *inputs[1]} if inputs[0].get(name) != inputs[1].get(name))
    found["causes"] = {
        "files": changed,
        "options": _options(plans[0].model, plans[1].model),
        "level": plans[0].level != plans[1].level,
        "grid": plans[0].grid != plans[1].grid,
    }
    out.write_text(json.dumps(found, ensure_ascii=False, sort_keys=True, allow_nan=False), encoding="utf-8")


def _options(one: Any, other: Any, where: str = "") -> list[str]:
    """Names of the options in which two models differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        found = []
        for name in sorted({*one, *other}):
            found += _options(one.get(name), other.get(name), f"{where}.{name}" if where else name)
        return found
    same = json.dumps(one, sort_keys=True, default=str) == json.dumps(other, sort_keys=True, default=str)
    return [] if same else [where]


_MAKERS = {"report": _report, "xlsx": _xlsx, "geojson": _geojson, "mps": _mps, "compare": _compare}


def main(arguments: list[str]) -> int:
    """Exit code 0 when the file is there, ``FULL`` when there is no room for it."""
    import resource

    kind, language, out, *folders = arguments
    limit = int(os.environ.get("NSPL_OPT_RENDER_MB", "4096")) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        tempfile.gettempdir()
    except FileNotFoundError:  # it tries by writing
        return FULL
    try:
        render(kind, language, Path(out), [Path(folder) for folder in folders])
    except OSError as error:
        if error.errno in NO_ROOM:
            return FULL
        raise
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
