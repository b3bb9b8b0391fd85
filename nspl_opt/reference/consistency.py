"""What must hold between the tables of a reference package, beyond each table's own contract."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from nspl_opt.problems import Problem, did_you_mean
from nspl_opt.reference.descriptor import Descriptor
from nspl_opt.reference.records import Rows
from nspl_opt.tables import Row

EARTH_KM = 6371.0
MAX_LINK_KMH = 400
NEEDED = ("conventional", "contingency")
"""Standards of care that every category has people per patient for."""
FAR_KM = 100
"""A hospital, base or airfield lies within this straight distance [km] of the road node it names."""


def find_conflicts(descriptor: Descriptor, rows: Rows) -> list[Problem]:
    """Every conflict between rows that keep their contracts, in the order of the checks (``R102`` to ``R110``)."""
    misplaced = list(_positions(descriptor, rows))
    # Distances mean nothing while a position is wrong: they would tell the same fault once more.
    distances = () if misplaced else (_nearness, _links)
    checks = (_regions, *distances, _groupings, _stocks, _surge, _categories, _vehicles, _population)
    return misplaced + [problem for check in checks for problem in check(rows)]


def _regions(rows: Rows) -> Iterator[Problem]:
    if not rows["regions"]:
        yield Problem("R102", "regions.csv", "there is no region", "add at least one region")
    with_site = {row["region"] for row in rows["sites"]}
    for row in rows["regions"]:
        if row["code"] not in with_site:
            yield Problem("R102", row.at("code"), f"region '{row['code']}' has no site", "add a hospital to sites")


def _positions(descriptor: Descriptor, rows: Rows) -> Iterator[Problem]:
    for table in ("regions", "sites", "fleets", "nodes", "airfields"):
        for row in rows[table]:
            for name, (least, most) in (("lat", descriptor.lat), ("lon", descriptor.lon)):
                if not least <= row[name] <= most:
                    what = f"{row[name]:g} lies outside {least:g} to {most:g} degrees, the bounds of the package"
                    yield Problem("R103", row.at(name), what, "check whether lat and lon are swapped")


def _nearness(rows: Rows) -> Iterator[Problem]:
    nodes = {row["code"]: row for row in rows["nodes"]}
    for table in ("sites", "fleets", "airfields"):
        for row in rows[table]:
            away = _distance_km(row, nodes[row["node"]])
            if away > FAR_KM:
                what = f"the road node '{row['node']}' is {away:.0f} km away; at most {FAR_KM} km"
                yield Problem("R103", row.at("node"), what, "name the nearest road node, or correct the position")


def _distance_km(one: Row, other: Row) -> float:
    """Great-circle distance [km]."""
    lat1, lon1, lat2, lon2 = (math.radians(row[name]) for row in (one, other) for name in ("lat", "lon"))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(half))


def _links(rows: Rows) -> Iterator[Problem]:
    nodes = {row["code"]: row for row in rows["nodes"]}
    for row in (*rows["links"], *rows["ferries"]):
        if row["a"] == row["b"]:
            yield Problem(
                "R104", row.at("b"), f"'{row['b']}': the link ends where it starts", "name two different nodes"
            )
        elif "km" in row:
            straight = _distance_km(nodes[row["a"]], nodes[row["b"]])
            speed = row["km"] / row["minutes"] * 60
            if row["km"] < 0.98 * straight - 0.5:
                what = f"{row['km']:g} km is shorter than the straight line of {straight:.1f} km"
                yield Problem("R104", row.at("km"), what, "correct the length, or the position of one of the nodes")
            elif speed > MAX_LINK_KMH:
                what = f"{row['minutes']:g} min for {row['km']:g} km is {speed:.0f} km/h; at most {MAX_LINK_KMH}"
                yield Problem("R104", row.at("minutes"), what, "correct the minutes")
    for row in rows["ferries"]:
        for minute in row["departures_min"]:
            if not (minute.isdigit() and int(minute) < 1_440):
                what = f"'{minute}' is no minute of the day"
                yield Problem("R104", row.at("departures_min"), what, "write minutes after midnight, 0 to 1439")


def _groupings(rows: Rows) -> Iterator[Problem]:
    names: dict[tuple[str, str], str] = {}
    members: dict[str, set[str]] = {}
    for row in rows["groupings"]:
        members.setdefault(row["grouping"], set()).add(row["region"])
        if names.setdefault((row["grouping"], row["area"]), row["name"]) != row["name"]:
            what = f"'{row['name']}': the area '{row['area']}' has another name in another row"
            yield Problem("R105", row.at("name"), what, "give the area one name")
    for grouping, found in sorted(members.items()):
        for row in rows["regions"]:
            if row["code"] not in found:
                what = f"region '{row['code']}' lies in no area of the grouping '{grouping}'"
                yield Problem("R105", "groupings.csv, column region", what, "add a row for it")


def _stocks(rows: Rows) -> Iterator[Problem]:
    for table, whole in (("beds", "staffed"), ("staff", "people")):
        for row in rows[table]:
            if row["planned"] > row[whole]:
                what = f"{row['planned']} in planned care, but only {row[whole]} in column {whole}"
                yield Problem("R106", row.at("planned"), what, f"write at most {row[whole]}")


def _surge(rows: Rows) -> Iterator[Problem]:
    before: Row | None = None
    for row in rows["surge"]:
        same = before is not None and (before["site"], before["bed_type"]) == (row["site"], row["bed_type"])
        if same and row["lead_h"] < before["lead_h"]:
            what = f"{row['lead_h']} h, but stage {before['stage']} before it needs {before['lead_h']} h"
            yield Problem("R107", row.at("lead_h"), what, "order the stages by lead time")
        if row["beds"] % (row["unit_beds"] or row["beds"]):
            what = f"{row['unit_beds']}: {row['beds']} beds are no whole number of units"
            yield Problem("R107", row.at("unit_beds"), what, "write a number that the beds can be divided by")
        before = row


def _categories(rows: Rows) -> Iterator[Problem]:
    units = {row["capability"] for row in rows["capabilities"]}
    carriers = {row["code"]: row for row in rows["vehicle_types"]}
    staffed = Counter((row["category"], row["standard"]) for row in rows["care_staffing"])
    for row in rows["care_categories"]:
        if row["capability"] and row["capability"] not in units:
            what = f"'{row['capability']}': no site has this capability"
            yield Problem("R108", row.at("capability"), what, did_you_mean(row["capability"], units))
        if not any(carriers[code][f"capacity_{row['patient_kind']}"] for code in row["vehicle_types"]):
            what = f"none of these vehicle types carries a patient of kind {row['patient_kind']}"
            yield Problem("R108", row.at("vehicle_types"), what, "add one that does, or change patient_kind")
        for standard in NEEDED:
            if not staffed[row["code"], standard]:
                what = f"category '{row['code']}' has no row for the {standard} standard"
                yield Problem("R108", "care_staffing.csv, column standard", what, "add the people needed per patient")


def _vehicles(rows: Rows) -> Iterator[Problem]:
    types = {row["code"]: row for row in rows["vehicle_types"]}
    for row in rows["vehicle_types"]:
        if not any(row[name] for name in row if name.startswith("capacity_")):
            yield Problem("R109", row.at("capacity_seated"), "0: the vehicle carries nobody", "give it a capacity")
        for kind in row["feeder_for"]:
            if row["mode"] != "road" or not row[f"capacity_{kind}"]:
                what = f"'{kind}': a feeder is a road vehicle that carries patients of the kind"
                yield Problem("R109", row.at("feeder_for"), what, "take the kind out of the list")
    for row in rows["fleets"]:
        if types[row["vehicle_type"]]["scope"] == "scheduled":
            what = f"'{row['vehicle_type']}' runs by timetable and has no fleet"
            yield Problem("R109", row.at("vehicle_type"), what, "leave the row out; give the line departures instead")


def _population(rows: Rows) -> Iterator[Problem]:
    regions = {row["code"] for row in rows["regions"]}
    sums: Counter[str] = Counter()
    counted: dict[str, set[str]] = {}
    for row in rows["population"]:
        sums[row["date"]] += row["inhabitants"]
        counted.setdefault(row["date"], set()).add(row["region"])
    for row in rows["population_national"]:
        complete = counted.get(row["date"]) == regions
        if complete and sums[row["date"]] != row["inhabitants"]:
            what = f"{row['inhabitants']}, but the regions add up to {sums[row['date']]} on {row['date']}"
            yield Problem("R110", row.at("inhabitants"), what, "correct the table population or this total")
