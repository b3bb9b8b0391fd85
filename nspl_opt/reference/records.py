"""From checked rows to the records of a Reference: exact, sorted, immutable."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

from nspl_opt.reference import reference as ref
from nspl_opt.reference.descriptor import Descriptor
from nspl_opt.reference.reference import MICRO, PATIENT_KINDS
from nspl_opt.tables import Row

Rows = Mapping[str, list[Row]]


def to_micro(value: float) -> int:
    """A share or ratio in millionths: of the decimal that was written, rounded half to even."""
    return int((Decimal(repr(value)) * MICRO).to_integral_value(rounding=ROUND_HALF_EVEN))


def usable(quantity: int, share: float) -> int:
    """Vehicles of a base that may be used for transfers: the share rounded down, at least one."""
    return max(1, quantity * to_micro(share) // MICRO)


def make_reference(descriptor: Descriptor, rows: Rows, folder: Path) -> ref.Reference:
    """The Reference of rows that have passed every check."""
    return ref.Reference(
        name=descriptor.name,
        title=descriptor.title,
        version=descriptor.version,
        notice_sv=descriptor.notice_sv,
        notice_en=descriptor.notice_en,
        regions=tuple(_plain(ref.Region, row) for row in rows["regions"]),
        groupings=_groupings(rows["groupings"]),
        sites=_sites(rows),
        bed_types=tuple(_plain(ref.BedType, row) for row in rows["bed_types"]),
        beds=tuple(_plain(ref.BedStock, row) for row in rows["beds"]),
        surge=tuple(_surge(row) for row in rows["surge"]),
        professions=tuple(
            ref.Profession(row["code"], row["name_sv"], row["name_en"], to_micro(row["on_duty_share"]))
            for row in rows["professions"]
        ),
        staff=tuple(_plain(ref.StaffStock, row) for row in rows["staff"]),
        categories=_categories(rows),
        vehicle_types=tuple(_vehicle_type(row) for row in rows["vehicle_types"]),
        pools=tuple(_pool(row) for row in rows["fleets"]),
        nodes=tuple(_plain(ref.Node, row) for row in rows["nodes"]),
        links=tuple(_plain(ref.Link, row) for row in rows["links"]),
        ferries=tuple(_ferry(row) for row in rows["ferries"]),
        airfields=tuple(_plain(ref.Airfield, row) for row in rows["airfields"]),
        population=tuple(_plain(ref.Population, row) for row in rows["population"]),
        geometry=folder / descriptor.geometry,
    )


def _plain(record: type, row: Row):
    """A record whose fields are columns of the same name."""
    return record(**{name: row[name] for name in record.__dataclass_fields__ if name != "country"})


def _surge(row: Row) -> ref.SurgeStage:
    names = [name for name in ref.SurgeStage.__dataclass_fields__ if name != "opening_cost_micro"]
    return ref.SurgeStage(**{name: row[name] for name in names}, opening_cost_micro=to_micro(row["opening_cost"]))


def _groupings(rows: list[Row]) -> Mapping[str, tuple[ref.Area, ...]]:
    areas: dict[str, dict[str, ref.Area]] = {}
    for row in rows:
        of_grouping = areas.setdefault(row["grouping"], {})
        before = of_grouping.get(row["area"])
        members = (*before.regions, row["region"]) if before else (row["region"],)
        of_grouping[row["area"]] = ref.Area(row["area"], row["name"], members)
    return {name: tuple(found[code] for code in sorted(found)) for name, found in sorted(areas.items())}


def _sites(rows: Rows) -> tuple[ref.Site, ...]:
    units: dict[str, list[str]] = {}
    for row in rows["capabilities"]:
        units.setdefault(row["site"], []).append(row["capability"])
    names = [name for name in ref.Site.__dataclass_fields__ if name not in ("capabilities", "entry")]
    return tuple(
        ref.Site(**{name: row[name] for name in names}, capabilities=tuple(sorted(units.get(row["code"], ()))))
        for row in rows["sites"]
    )


def _categories(rows: Rows) -> tuple[ref.CareCategory, ...]:
    staff: dict[str, dict[str, dict[str, int]]] = {}
    for row in rows["care_staffing"]:
        by_standard = staff.setdefault(row["category"], {}).setdefault(row["standard"], {})
        by_standard[row["profession"]] = to_micro(row["persons_per_patient"])
    escorts: dict[str, dict[str, int]] = {}
    for row in rows["care_escorts"]:
        escorts.setdefault(row["category"], {})[row["profession"]] = to_micro(row["persons_per_patient"])
    made_here = ("vehicle_types", "parent", "stage")
    fields = ref.CareCategory.__dataclass_fields__
    names = [name for name in fields if name not in made_here and not name.endswith("_micro")]
    return tuple(
        ref.CareCategory(
            **{name: row[name] for name in names},
            vehicle_types=tuple(sorted(row["vehicle_types"])),
            staff_micro=staff[row["code"]],
            escort_micro=escorts.get(row["code"], {}),
        )
        for row in rows["care_categories"]
    )


def _vehicle_type(row: Row) -> ref.VehicleType:
    names = [name for name in ref.VehicleType.__dataclass_fields__ if name not in ("capacity", "feeder_for")]
    capacity = {kind: row[f"capacity_{kind}"] for kind in PATIENT_KINDS}
    feeds = tuple(kind for kind in PATIENT_KINDS if kind in row["feeder_for"])
    return ref.VehicleType(**{name: row[name] for name in names}, capacity=capacity, feeder_for=feeds)


def _pool(row: Row) -> ref.Pool:
    names = [name for name in ref.Pool.__dataclass_fields__ if name != "quantity"]
    return ref.Pool(**{name: row[name] for name in names}, quantity=usable(row["quantity"], row["transfer_share"]))


def _ferry(row: Row) -> ref.FerryLine:
    names = [name for name in ref.FerryLine.__dataclass_fields__ if name != "departures_min"]
    departures = tuple(sorted(int(minute) for minute in row["departures_min"]))
    return ref.FerryLine(**{name: row[name] for name in names}, departures_min=departures)
