"""The report as one HTML file: no network, no second file, readable without scripts and on paper."""

from __future__ import annotations

import base64
import hashlib
import math
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from nspl_opt.plan.certainty import avoidable_line, share_text, whole_lines
from nspl_opt.plan.explain import plan_lines
from nspl_opt.plan.facts import load_if_nobody_moved, overloads, period_span
from nspl_opt.plan.plan import Plan
from nspl_opt.plan.words import Words, catalogue
from nspl_opt.reference.reference import Reference
from nspl_opt.report.bars import make_bars
from nspl_opt.report.curves import make_curves
from nspl_opt.report.flow_map import CLASS_LIMITS, NO_LIMIT, THIN, load_class, make_map
from nspl_opt.report.geometry import read_shapes
from nspl_opt.report.more_sheets import more_sections
from nspl_opt.report.reasons import make_reasons
from nspl_opt.report.sheets import (
    Source,
    goals_sheet,
    inputs_sheet,
    ledger_sheet,
    loans_sheet,
    postponed_sheet,
    rules_sheet,
    surge_sheet,
    transfer_sheets,
    unmet_sheet,
)
from nspl_opt.scenario.situation import Situation

if TYPE_CHECKING:
    from nspl_opt.network.travel import TravelTimes

TEMPLATES = Path(__file__).parent / "templates"
BEYOND = 1.2
"""How far outside the border a place abroad is drawn [degrees of latitude]."""
SECTIONS = ("lines", "map", "curves", "transfers", "loans", "surge", "postponed", "unmet", "ledger", "goals", "data",
            "verify", "glossary")  # fmt: skip
ASIDE = ("status", "transfer_id")
"""Columns that only the workbook shows; the id is the tooltip of its row."""

NUMERIC = ("number", "sparse", "amount", "minutes", "share")


@dataclass(frozen=True, slots=True)
class Cell:
    """A written cell; ``sort`` is the number it sorts by, None for text."""

    text: str
    css: str = ""
    sort: float | None = None


@dataclass(frozen=True, slots=True)
class Tile:
    """A key figure at the top."""

    value: str
    text: str
    bad: bool = False


def render_report(
    plan: Plan, situation: Situation, travel: TravelTimes, reference: Reference, language: str = "sv"
) -> str:
    """The report of one plan as a complete HTML document, in Swedish (``sv``) or English (``en``).

    ``travel`` is for the cards of transfers; the page itself draws flows between regions and needs no paths.
    Equal inputs give equal bytes.
    """
    source = Source.of(plan, situation, language)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("report.html").render(**_context(source, reference, travel))


def _sections(reasons: bool, more: tuple[str, ...]) -> tuple[str, ...]:
    """The sections of the page; reasons follow the transfers, and what only some plans have stands before the
    ledger, where there is any."""
    after, last = SECTIONS.index("transfers") + 1, SECTIONS.index("ledger")
    return (*SECTIONS[:after], *(["reasons"] if reasons else []), *SECTIONS[after:last], *more, *SECTIONS[last:])


def write_cell(value: Any, kind: str, words: Words) -> Cell:
    """A raw value of a sheet as text in the language, with what it sorts by."""
    if value is None:
        return Cell("")
    if kind == "time":
        return Cell(words.when(value), "t", int(value.strftime("%Y%m%d%H%M")))
    if kind == "period":
        return Cell(words.span(value.start, value.end), "", int(value.start.strftime("%Y%m%d%H%M")))
    if kind == "amount":
        return Cell(words.quantity(value.value, value.whole), "n", round(value.value, 6))
    if kind == "minutes":
        return Cell(words.duration(value), "n", value)
    if kind == "share":
        return Cell(words.percent(value, 1), "n", round(value, 6))
    if kind == "number":
        return Cell(words.number(value, 1), "n", round(value, 6))
    if kind == "sparse":
        return Cell(words.number(value, 1) if abs(value) >= 0.05 else "–", "n", round(value, 6))
    if kind == "flag":
        return Cell(words("cell.yes" if value else "cell.no"), "yes" if value else "no", int(bool(value)))
    return Cell(str(value), "code" if kind == "code" else "")


def _context(source: Source, reference: Reference, travel: TravelTimes) -> dict[str, Any]:
    plan, situation, words = source.plan, source.situation, source.words
    reasons, more = make_reasons(source, travel), more_sections(source)
    swedish = words.language == "sv"
    shapes = read_shapes(reference.geometry, _seats(situation))
    drawn = make_map(source, shapes)
    periods = [words.span(*period_span(situation, period.index)) for period in situation.periods]
    now, later = transfer_sheets(source)
    script = (TEMPLATES / "script.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    start = situation.start
    end = start + timedelta(hours=situation.periods[-1].start_h + situation.periods[-1].length_h)
    dates = sorted({row.date for row in reference.population})
    return _marking(plan, words) | {
        "w": words, "plan": plan, "names": source.names, "reference": reference, "more": more,
        "sections": _sections(reasons.any, tuple(section.key for section in more)),
        "numeric": NUMERIC, "aside": ASIDE, "thin": THIN, "cell": lambda value, kind: write_cell(value, kind, words),
        "title": situation.title_sv if swedish else situation.title_en,
        "notice": situation.notice_sv if swedish else situation.notice_en,
        "assumptions": situation.assumptions_sv if swedish else situation.assumptions_en,
        "plan_span": words("page.plan_of", start=words.when(start, year=True), end=words.when(end, year=True)),
        "regions": situation.regions, "map": drawn, "periods": periods, "shades": _shades(words),
        "shade": _shade, "percent": _percent, "map_data": _map_data(drawn, periods, words),
        "curves": make_curves(source, drawn.bed_types), "tiles": _tiles(source),
        "whole_lines": whole_lines(plan, words),
        "avoidable_line": avoidable_line(plan.avoidable, words) if plan.avoidable else "",
        "lines": plan_lines(plan, situation, words.language), "now": now, "later": later,
        "plain": (loans_sheet(source), surge_sheet(source), postponed_sheet(source), unmet_sheet(source)),
        "ledger": ledger_sheet(source), "bars": make_bars(source), "goals": goals_sheet(source),
        "rules": rules_sheet(source), "inputs": inputs_sheet(source), "model_line": _model_line(plan, words),
        "pruned": _pruned(plan, words),
        "notes": [words.known("notes", note) for note in plan.notes if not note.startswith("reasons.")],
        "population_date": dates[-1] if dates else "", "glossary": _glossary(words),
        "reasons": reasons,
        "style": Markup((TEMPLATES / "style.css").read_text(encoding="utf-8")), "script": Markup(script),
        "script_hash": Markup(f"'sha256-{digest}'"), "software": _software(plan),
    }  # fmt: skip


def _seats(situation: Situation) -> dict[str, tuple[float, float]]:
    """Latitude and longitude by region; a place abroad stands outside the border, beyond the node one leaves by."""
    seats = {region.code: (region.lat, region.lon) for region in situation.regions}
    home = [seat for code, seat in seats.items() if code not in situation.external_regions]
    middle = [sum(part) / len(home) for part in zip(*home, strict=True)]
    for code in sorted(situation.external_regions):
        away = [here - there for here, there in zip(seats[code], middle, strict=True)]
        far = max(math.hypot(away[0], away[1] / 2), 0.1)
        seats[code] = (seats[code][0] + BEYOND * away[0] / far, seats[code][1] + BEYOND * away[1] / far)
    return seats


def _marking(plan: Plan, words: Words) -> dict[str, str]:
    text = words.known("marking", plan.marking, plan.marking.upper())
    known = f"marking.{plan.marking}_line" in catalogue()
    line = words(f"marking.{plan.marking}_line") if known else words("marking.other_line")
    # CSS takes one space after an escape as its end.
    css = "".join(char if char.isalnum() or char == " " else f"\\{ord(char):06x} " for char in text)
    kind = "exercise" if plan.marking == "exercise" else "other"
    return {"marking": text, "marking_line": line, "marking_css": Markup(css), "marking_class": kind}


def _tiles(source: Source) -> tuple[Tile, ...]:
    plan, words = source.plan, source.words
    transfers, unmet = plan.tables["transfers"], plan.tables["unmet"]
    whole = transfers["whole"].astype(bool)
    before = overloads(load_if_nobody_moved(plan, source.situation))["region"].nunique()
    after = overloads(plan.tables["load"])["region"].nunique()
    peak = float(unmet.groupby("period")["unmet"].sum().max()) if len(unmet) else 0.0
    later = float(transfers[~whole]["patients"].sum())
    tiles = [
        Tile(words.number(float(transfers[whole]["patients"].sum())), words("page.tile_firm")),
        Tile(words.quantity(later, later == 0), words("page.tile_later")),
        Tile(words.number(before), words("page.tile_over"), before > 0),
        Tile(words.number(after), words("page.tile_over_after"), after > 0),
        Tile(words.quantity(peak, peak == 0), words("page.tile_unmet"), peak > 0),
    ]
    if plan.main and plan.main.proven:  # a relative gap says nothing of a goal that is nearly nought
        tiles.append(Tile(words("page.tile_proven_figure"), words("page.tile_proven")))
    elif plan.main:
        tiles.append(Tile(words.percent(plan.main.gap, 1), words("page.tile_gap"), True))
    if plan.avoidable is not None and plan.avoidable.share is not None:
        tiles.append(Tile(share_text(plan.avoidable.share, words), words("page.tile_avoided")))
    return tuple(tiles)


def _shade(percent: int) -> str:
    level = load_class(percent)
    return "cx" if level < 0 else f"c{level}"


def _percent(percent: int) -> str:
    if percent < 0:
        return "–"
    return "∞" if percent >= NO_LIMIT else f"{percent}\N{NO-BREAK SPACE}%"


def _shades(words: Words) -> list[tuple[str, str]]:
    limits = [round(100 * limit) for limit in CLASS_LIMITS]
    middle = [(f"c{n}", f"{low}–{high} %") for n, (low, high) in enumerate(pairwise(limits), 1)]
    ends = [("c0", words("page.legend_under"))], [("c5", words("page.legend_over")), ("cx", words("page.legend_none"))]
    return ends[0] + middle + ends[1]


def _map_data(drawn: Any, periods: list[str], words: Words) -> dict[str, Any]:
    texts = list(periods)
    texts[drawn.worst] += f" ({words('page.worst')})"
    return {
        "load": drawn.load, "limits": [round(100 * limit) for limit in CLASS_LIMITS], "endless": NO_LIMIT,
        "kinds": [code for code, _ in drawn.bed_types], "periods": texts, "all": words("page.all_periods"),
        "worst": drawn.worst,
    }  # fmt: skip


def _model_line(plan: Plan, words: Words) -> str:
    title = plan.model.get(f"title_{words.language}") or plan.model.get("title", "")
    families = [words.known("family", name) for name in sorted(plan.model.get("families", {}))]
    text = words("page.model", title=title, families=words.listing(families))
    if "repeatable" in plan.provenance:
        same, plan_alone = plan.provenance["repeatable"], plan.provenance.get("repeatable_plan")
        text += " " + words(f"page.{'repeatable' if same else 'repeatable_plan' if plan_alone else 'not_repeatable'}")
    return text


def _pruned(plan: Plan, words: Words) -> list[tuple[str, str]]:
    ranked = sorted(plan.pruned.items(), key=lambda item: (-item[1], item[0]))
    return [(words.known("pruned", reason.replace(" ", "_"), reason), words.number(count)) for reason, count in ranked]


def _glossary(words: Words) -> list[tuple[str, str]]:
    pairs = [pair[words.language] for key, pair in catalogue().items() if key.startswith("glossary.")]
    return [(term, text) for term, text in pairs]


def _software(plan: Plan) -> str:
    return f"nspl-opt {plan.provenance.get('nspl_opt', '')}".strip()
