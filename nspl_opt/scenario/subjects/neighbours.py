"""Which areas touch: a road, a rail link or a ferry line joins them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nspl_opt.reference.reference import Reference
from nspl_opt.scenario.extra import Scene


def fill(scene: Scene) -> Mapping[str, Any]:
    """The field ``neighbours``: grouping, or ``"region"`` -> ordered pairs of different areas that touch."""
    return {"neighbours": neighbours_of(scene.reference)}


def neighbours_of(reference: Reference) -> dict[str, frozenset[tuple[str, str]]]:
    """Grouping -> ordered pairs of areas; a region in two areas makes both touch what it touches."""
    region = {node.code: node.region for node in reference.nodes}
    ends = [(link.a, link.b) for link in (*reference.links, *reference.ferries)]
    touching = {(region[a], region[b]) for a, b in ends if region.get(a, "") and region.get(b, "")}
    touching |= {(b, a) for a, b in touching}
    homes: dict[str, dict[str, list[str]]] = {
        "region": {code: [code] for pair in touching for code in pair},
    }
    for name, areas in reference.groupings.items():
        homes[name] = {}
        for area in areas:
            for code in area.regions:
                homes[name].setdefault(code, []).append(area.code)
    return {
        name: frozenset(
            (one, other)
            for a, b in touching
            for one in of.get(a, ())
            for other in of.get(b, ())
            if one != other
        )
        for name, of in homes.items()
    }  # fmt: skip
