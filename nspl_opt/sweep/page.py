"""A sweep as one page that needs nothing else: marked, with how to read it, the cases by what they cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from nspl_opt.formulation.spec import ModelSpec
from nspl_opt.formulation.stages import main_of
from nspl_opt.plan.words import Words
from nspl_opt.scenario.situation import Situation
from nspl_opt.sweep.cases import KINDS
from nspl_opt.sweep.run import Sweep
from nspl_opt.sweep.table import Row, ranked

TEMPLATES = Path(__file__).parent / "templates"

HEADS = ("rank", "loss", "name", "change", "worst")
NUMBERS = ("rank", "change")
SHOWN = 0.5
"""Amounts below are written 0: nobody is hit worst by that, and the case is folded away."""


def write_page(sweep: Sweep, situation: Situation, spec: ModelSpec, folder: Path, language: str = "sv") -> Path:
    """Write ``sweep.sv.html`` or ``sweep.en.html``; the same sweep gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"sweep.{language}.html"
    path.write_text(render(sweep, situation, spec, language), encoding="utf-8", newline="\n")
    return path


def render(sweep: Sweep, situation: Situation, spec: ModelSpec, language: str) -> str:
    """The page as text."""
    words = Words(language)
    start = sweep.base.value if sweep.whole else sweep.base.bound
    stages = spec.stages(situation)
    main = stages[main_of(stages)]
    unit = words.known("unit", main.goal.unit.replace(" ", "_"))
    base = words("sweep.base", value="-" if start is None else words.number(start), unit=unit)
    kinds = [kind for kind in KINDS if any(one.case.kind == kind for one in sweep.cases)]
    names = {region.code: region.name for region in situation.regions}
    rows = ranked(sweep)
    most = max((row.change for row in rows if row.change is not None), default=0.0)
    told = [(row.change is not None and abs(row.change) < SHOWN, _row(row, most, names, words)) for row in rows]
    idle = [row for stays, row in told if stays]
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    )
    return environment.get_template("sweep.html").render(
        language=language,
        title=words.pick(situation, "title"),
        marking=words.known("marking", situation.marking, situation.marking.upper()),
        page=words("sweep.page"),
        sensitive=words("sweep.sensitive"),
        base=base,
        reading=[
            words("sweep.of_plan" if sweep.whole else "sweep.of_bound"),
            *(words(f"sweep.about_{kind}") for kind in kinds),
        ],
        heads=[(words(f"sweep.{head}"), head in NUMBERS) for head in HEADS],
        rows=[row for stays, row in told if not stays],
        idle=idle,
        idle_words=words("sweep.idle", number=words.number(len(idle))),
    )


def _row(row: Row, most: float, names: dict[str, str], words: Words) -> dict[str, Any]:
    share = 0 if row.change is None or most < SHOWN else round(100 * max(row.change, 0.0) / most)
    return {
        "rank": row.rank,
        "kind": words(f"sweep.{row.found.case.kind}"),
        "name": row.found.case.name,
        "share": share,
        "change": words("sweep.unsolved") if row.change is None else words.number(row.change),
        "worst": "; ".join(f"{names[code]} +{words.number(amount)}" for code, amount in row.worst if amount >= SHOWN),
    }
