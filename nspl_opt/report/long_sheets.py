"""The long tables, for the workbook only: load, patients and trips period by period."""

from __future__ import annotations

import math

from nspl_opt.report.sheets import Amount, Sheet, Source, heads, moment


def load_sheet(source: Source) -> Sheet:
    """Need, care and beds per region, bed type and period."""
    names, rows = source.names, []
    for row in source.table("load").itertuples():
        free = float(row.free_share) if row.free_share is not None else math.nan
        rows.append((moment(row.start), names.regions[row.region], names.bed_types[row.bed_type], float(row.present),
                     float(row.cared), float(row.staffed), Amount(int(row.surge), True),
                     None if math.isnan(free) else free))  # fmt: skip
    columns = heads("start:time", "region", "bed_type", "need:number", "cared:number", "staffed:number",
                    "surge:amount", "free_share:share")  # fmt: skip
    return Sheet("load", source.words("table.load"), columns, tuple(rows))


def census_sheet(source: Source) -> Sheet:
    """Patients per hospital, category and period; rows without anyone are left out."""
    table, names, rows = source.table("census"), source.names, []
    keys = [name for name in table.columns if name not in ("period", "start", "region", "site", "category")]
    for row in table.itertuples():
        values = tuple(float(getattr(row, key)) for key in keys)
        if any(values):
            rows.append((moment(row.start), names.regions[row.region], names.sites[row.site],
                         names.categories[row.category], *values))  # fmt: skip
    columns = heads("start:time", "region", "site", "category", *(f"{key}:number" for key in keys))
    return Sheet("census", source.words("table.census"), columns, tuple(rows))


def trips_sheet(source: Source) -> Sheet:
    """Trips of vehicles, in order of departure."""
    names, rows = source.names, []
    for row in source.table("trips").sort_values(["period", "id"], kind="stable").itertuples():
        ends = (row.from_terminal, row.to_terminal)
        way = " → ".join(source.places.called(code, row.vehicle_type) for code in ends)
        mover = row.pool or source.lines.get(row.line, row.line)
        rows.append((moment(row.depart), names.vehicles[row.vehicle_type], mover, way,
                     Amount(float(row.trips), bool(row.whole)), int(row.minutes) or None))  # fmt: skip
    columns = heads("depart:time", "vehicle", "pool", "way", "trips:amount", "busy:minutes")
    return Sheet("trips", source.words("table.trips"), columns, tuple(rows))


LONG_SHEETS = (trips_sheet, load_sheet, census_sheet)
"""Tables of the workbook that the page shows as pictures instead."""
