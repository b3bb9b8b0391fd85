"""The report's tables as an Excel workbook: marked, frozen, formatted, and never a formula."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from nspl_opt.plan.explain import plan_lines
from nspl_opt.plan.plan import Plan
from nspl_opt.reference.reference import Reference
from nspl_opt.report.long_sheets import LONG_SHEETS
from nspl_opt.report.more_sheets import more_sections
from nspl_opt.report.sheets import SHEETS, Amount, Head, Sheet, Source, Span, transfer_sheets
from nspl_opt.scenario.situation import Situation

TENTHS = "#,##0.0##"
TIME = "yyyy-mm-dd hh:mm"
FORMATS = {"time": TIME, "period": TIME, "minutes": "#,##0", "share": "0.0%", "number": TENTHS, "sparse": TENTHS}
WHOLE, EXPECTED = "#,##0", '"≈ "#,##0.0'
FIXED = datetime(2000, 1, 1)
"""The moment every file claims to be made: equal plans give equal bytes."""

MARK_ROW, HEAD_ROW = 1, 3
LONGEST_TEXT = 32_000
MIN_WIDTH, MAX_WIDTH = 10, 72
"""Of columns with text [characters]."""


def write_workbook(
    plan: Plan, situation: Situation, path: Path, language: str = "sv", reference: Reference | None = None
) -> None:
    """Write the workbook to ``path``. Equal inputs give equal bytes.

    First sheet: the plan in short and what every column means. Then one sheet per table, with the
    marking in the first row and in the print header. Text is stored as text, whatever it begins with.
    Terminals have the names they bear in ``reference``; without it their codes.
    """
    source = Source.of(plan, situation, language, reference)
    marking = source.words.known("marking", plan.marking, plan.marking.upper())
    more = [sheet for section in more_sections(source) for sheet in section.sheets]
    sheets = [
        *transfer_sheets(source),
        *(make(source) for make in SHEETS),
        *more,
        *(make(source) for make in LONG_SHEETS),
    ]
    book = Workbook()
    book.properties.creator = "nspl-opt"
    book.properties.title = f"{marking} · {situation.title_sv if language == 'sv' else situation.title_en}"
    first = book.active
    _summary(first, source, sheets, marking)
    titles = {first.title}
    for sheet in sheets:
        name = _tab_name(sheet.title, titles)
        _fill(book.create_sheet(name), sheet, source, marking)
    raw = io.BytesIO()
    book.save(raw)
    Path(path).write_bytes(_steady(raw.getvalue()))


def _summary(page: Worksheet, source: Source, sheets: list[Sheet], marking: str) -> None:
    words, plan = source.words, source.plan
    page.title = words("table.summary")
    _dress(page, marking, (28, 110))
    rows: list[tuple[str, str]] = [
        (source.situation.title_sv if words.language == "sv" else source.situation.title_en, ""),
        (words("page.recommendation"), words("page.honest")),
        ("", ""),
    ]
    rows += [(line.title, line.text) for line in plan_lines(plan, source.situation, words.language)]
    rows += [("", ""), (words("page.columns_title"), "")]
    keys = dict.fromkeys(head.key for sheet in sheets for head in sheet.heads)
    rows += [(words(f"column.{key}"), words(f"meaning.{key}")) for key in keys]
    for number, (left, right) in enumerate(rows, HEAD_ROW):
        _put(page.cell(number, 1), left).font = Font(bold=True)
        _put(page.cell(number, 2), right)
        for column in (1, 2):
            page.cell(number, column).alignment = Alignment(wrap_text=True, vertical="top")
    page.freeze_panes = page.cell(MARK_ROW + 1, 1)


def _fill(page: Worksheet, sheet: Sheet, source: Source, marking: str) -> None:
    words = source.words
    labels = [_label(head, words) for head in sheet.heads]
    _dress(page, marking, _widths(sheet, labels))
    for column, label in enumerate(labels, 1):
        cell = _put(page.cell(HEAD_ROW, column), label)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E2E8EC")
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    for number, row in enumerate(sheet.rows, HEAD_ROW + 1):
        for column, (value, head) in enumerate(zip(row, sheet.heads, strict=True), 1):
            _write(page.cell(number, column), value, head.kind, words)
    page.freeze_panes = page.cell(HEAD_ROW + 1, 1)
    page.print_title_rows = f"{MARK_ROW}:{HEAD_ROW}"
    if sheet.rows:
        last = get_column_letter(len(sheet.heads))
        page.auto_filter.ref = f"A{HEAD_ROW}:{last}{HEAD_ROW + len(sheet.rows)}"


def _label(head: Head, words: Any) -> str:
    label = words(f"column.{head.key}")
    return f"{label} (min)" if head.kind == "minutes" else label


def _widths(sheet: Sheet, labels: list[str]) -> list[float]:
    """Wide enough for times, for what numbers need and for all but the longest texts [characters]."""
    found = []
    for column, (head, label) in enumerate(zip(sheet.heads, labels, strict=True)):
        if head.kind in ("text", "code"):
            longest = max((len(str(row[column])) for row in sheet.rows if row[column] is not None), default=0)
            found.append(min(max(longest, len(label), MIN_WIDTH) + 2, MAX_WIDTH))
        else:
            found.append(max(17 if head.kind in ("time", "period") else 12, min(len(label) + 2, 26)))
    return found


def _dress(page: Worksheet, marking: str, widths: Any) -> None:
    """Marking on the first row and in the print header and footer, paper and widths."""
    cell = _put(page.cell(MARK_ROW, 1), marking)
    cell.font, cell.fill = Font(bold=True, size=14), PatternFill("solid", fgColor="FFD24A")
    for column, width in enumerate(widths, 1):
        page.column_dimensions[get_column_letter(column)].width = width
        page.cell(MARK_ROW, column).fill = PatternFill("solid", fgColor="FFD24A")
    page.oddHeader.center.text = page.oddFooter.center.text = re.sub("[&\x00-\x1f]", " ", marking)
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", 9
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True


def _write(cell: Cell, value: Any, kind: str, words: Any) -> None:
    if value is None:
        return
    if isinstance(value, Amount):
        cell.value = round(value.value) if value.whole else round(value.value, 6)
        cell.number_format = WHOLE if value.whole else EXPECTED
    elif isinstance(value, Span):
        cell.value, cell.number_format = value.start, FORMATS[kind]
    elif kind == "flag":
        _put(cell, words("cell.yes" if value else "cell.no"))
    elif kind in FORMATS:
        cell.value = round(value, 6) if isinstance(value, float) else value
        cell.number_format = FORMATS[kind]
    else:
        _put(cell, str(value))


def _put(cell: Cell, text: str) -> Cell:
    """Text as text: a leading = + - @ never becomes a formula, control characters are left out."""
    clean = ILLEGAL_CHARACTERS_RE.sub("", text)[:LONGEST_TEXT]
    cell.value = clean
    if clean:
        cell.data_type = "s"
    if clean[:1] in ("=", "+", "-", "@", "\t", "\r"):
        cell.quotePrefix = True
    return cell


def _tab_name(title: str, taken: set[str]) -> str:
    base = re.sub(r"[\[\]:*?/\\']", " ", title).split("(")[0].strip()[:28]
    name, number = base, 2
    while name in taken:
        name, number = f"{base[:26]} {number}", number + 1
    taken.add(name)
    return name


def _steady(raw: bytes) -> bytes:
    """The same file with one fixed date in every entry and in the document's properties."""
    stamp = FIXED.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist()):
            body = old.read(name)
            if name == "docProps/core.xml":
                body = re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>" + stamp, body)
            entry = zipfile.ZipInfo(name, FIXED.timetuple()[:6])
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            new.writestr(entry, body)
    return out.getvalue()
