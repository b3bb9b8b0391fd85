"""Who helps and who is helped: diverging bars per region, patients and staff."""

from __future__ import annotations

from dataclasses import dataclass

from nspl_opt.report.sheets import Source

TOP, ROW, REACH = 44.0, 20.0, 150.0
MIDDLES = (380.0, 800.0)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar with its figure; ``css`` is gives (to the right) or gets (to the left)."""

    css: str
    x: float
    width: float
    text: str
    text_x: float
    anchor: str


@dataclass(frozen=True, slots=True)
class BarRow:
    """All bars of one region."""

    name: str
    y: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class BarColumn:
    """The axis of one measure."""

    title: str
    middle: float


@dataclass(frozen=True, slots=True)
class Bars:
    """The drawing, 1000 units wide."""

    height: float
    columns: tuple[BarColumn, ...]
    rows: tuple[BarRow, ...]


def make_bars(source: Source) -> Bars:
    """Right: patients received and staff lent. Left: patients sent and staff borrowed."""
    table = source.table("ledger")
    pairs = (("patients_received", "patients_sent"), ("staff_days_lent", "staff_days_borrowed"))
    tops = [max(float(table[list(pair)].to_numpy().max(initial=0.0)), 1e-9) for pair in pairs]
    touched = table[table[[name for pair in pairs for name in pair]].sum(axis=1) > 0]
    rows = []
    for place, row in enumerate(touched.itertuples()):
        bars = []
        for (gives, gets), middle, top in zip(pairs, MIDDLES, tops, strict=True):
            for css, value in (("gives", getattr(row, gives)), ("gets", getattr(row, gets))):
                if value > 0:
                    bars.append(_bar(source, css, float(value), middle, REACH * value / top))
        rows.append(BarRow(source.names.regions[row.region], TOP + ROW * place, tuple(bars)))
    titles = (source.words("page.ledger_patients"), source.words("page.ledger_staff"))
    columns = tuple(BarColumn(title, middle) for title, middle in zip(titles, MIDDLES, strict=True))
    return Bars(TOP + ROW * len(rows) + 4, columns, tuple(rows))


def _bar(source: Source, css: str, value: float, middle: float, length: float) -> Bar:
    width = round(max(1.0, length), 1)
    right = css == "gives"
    x = middle if right else middle - width
    text = source.words.number(value, 0 if abs(value - round(value)) < 1e-6 else 1)
    return Bar(css, round(x, 1), width, text, round(x + width + 5 if right else x - 5, 1), "start" if right else "end")
