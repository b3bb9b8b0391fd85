"""What the tables of a reference package promise: columns, units, ranges, keys.

The same promises stand in the package's ``datapackage.json`` as Table Schema; a test compares them.
A table of figures says for each row what the figures rest on (``basis``) and where they come
from (``source``, keys of the table ``sources``).
"""

from __future__ import annotations

from nspl_opt.reference.care_contracts import CARE_CONTRACTS
from nspl_opt.reference.columns import (
    CODE,
    EN,
    NAME,
    NODE,
    NOTE,
    ORIGIN,
    PLACE,
    REGION,
    SCOPES,
    SITE,
    SV,
    VEHICLE_MODES,
    count,
)
from nspl_opt.reference.reference import HOSPITAL_LEVELS, PATIENT_KINDS
from nspl_opt.tables import Contract, Field

_ALL = (
    Contract(
        "sources",
        (
            Field("key", "code", meaning="key that other tables name in their column source"),
            Field("what", "text", meaning="what was taken from it, or how the estimate was made"),
            Field("where", "text", meaning="where it was published", required=False),
            Field("date", "text", meaning="when it was published or read", required=False),
            Field("accuracy", "text", meaning="how far it can be trusted"),
        ),
        key=("key",),
    ),
    Contract("regions", (CODE, NAME, NODE, *PLACE, *ORIGIN), ("code",), {"node": "nodes"}),
    Contract(
        "groupings",
        (
            Field("grouping", "code", meaning="which division of the country"),
            Field("area", "code", meaning="area within the grouping"),
            Field("name", "text", meaning="the area's name, the same in all its rows"),
            REGION,
            *ORIGIN,
        ),
        ("grouping", "area", "region"),
        {"region": "regions"},
    ),
    Contract(
        "sites",
        (
            CODE,
            NAME,
            REGION,
            Field("level", "text", meaning="level of hospital", choices=HOSPITAL_LEVELS),
            *PLACE,
            NODE,
            count("access_min", "min", "drive between the hospital and its road node", 240),
            Field("has_helipad", "flag", meaning="a helipad on the site is known; false also means not known"),
            *ORIGIN,
            NOTE,
        ),
        ("code",),
        {"region": "regions", "node": "nodes"},
    ),
    Contract(
        "capabilities",
        (
            SITE,
            Field("capability", "code", meaning="special unit that a care category may need"),
            NAME,
            Field("beds", "whole", "beds", "beds of the unit, where known", required=False, minimum=0, maximum=1000),
            *ORIGIN,
        ),
        ("site", "capability"),
        {"site": "sites"},
    ),
    Contract(
        "vehicle_types",
        (
            CODE,
            SV,
            EN,
            Field("mode", "text", meaning="way of travelling", choices=VEHICLE_MODES),
            *(
                count(f"capacity_{kind}", "patients", f"patients of kind {kind} when it carries only them", 2_000)
                for kind in PATIENT_KINDS
            ),
            count("speed_kmh", "km/h", "planning speed; on roads an upper limit", 1_200, minimum=1),
            count("loading_min", "min", "to load or to unload once", 1_440),
            count("turnaround_min", "min", "from the end of a trip until ready again", 2_880),
            count("mobilisation_min", "min", "from the alarm until ready the first time", 20_160),
            count("range_km", "km", "longest trip without refuelling", 30_000, minimum=1),
            Field("scope", "text", meaning="which journeys its pools serve", choices=SCOPES),
            Field(
                "feeder_for",
                "code_list",
                meaning="patient kinds it drives between a site and a terminal",
                required=False,
                choices=PATIENT_KINDS,
                default=(),
            ),
            *ORIGIN,
            NOTE,
        ),
        ("code",),
    ),
    Contract(
        "fleets",
        (
            CODE,
            Field("vehicle_type", "code", meaning="code in vehicle_types"),
            REGION,
            Field("base", "text", meaning="name of the base"),
            NODE,
            *PLACE,
            count("quantity", "vehicles", "vehicles at the base", 10_000, minimum=1),
            Field(
                "transfer_share",
                "number",
                "share",
                "part of them that may be used for transfers, rounded down, at least one",
                minimum=0,
                maximum=1,
            ),
            *ORIGIN,
            NOTE,
        ),
        ("code",),
        {"vehicle_type": "vehicle_types", "region": "regions", "node": "nodes"},
    ),
    Contract("nodes", (CODE, NAME, REGION, *PLACE, *ORIGIN), ("code",), {"region": "regions"}),
    Contract(
        "links",
        (
            CODE,
            Field("mode", "text", meaning="road or rail", choices=("road", "rail")),
            Field("a", "code", meaning="code in nodes"),
            Field("b", "code", meaning="code in nodes"),
            Field("km", "number", "km", "length", minimum=0.1, maximum=2_000),
            Field(
                "minutes", "number", "min", "by car in summer without siren, or by train", minimum=0.1, maximum=2_880
            ),
            Field("name", "text", meaning="road number or line, and the bridge if there is one"),
            *ORIGIN,
        ),
        ("code",),
        {"a": "nodes", "b": "nodes"},
    ),
    Contract(
        "ferries",
        (
            CODE,
            Field("a", "code", meaning="code in nodes"),
            Field("b", "code", meaning="code in nodes"),
            NAME,
            count("minutes", "min", "crossing", 4_320, minimum=1),
            count("loading_min", "min", "to load or to unload once", 1_440),
            Field(
                "departures_min",
                "code_list",
                "min after midnight",
                "departures from each end, separated by ';'; empty: none",
                required=False,
                default=(),
            ),
            *ORIGIN,
            NOTE,
        ),
        ("code",),
        {"a": "nodes", "b": "nodes"},
    ),
    Contract(
        "airfields",
        (
            CODE,
            NAME,
            NODE,
            count("road_min", "min", "drive between the airfield and its road node", 600),
            *PLACE,
            Field("fixed_wing", "flag", meaning="long and strong enough for the air ambulance aeroplane"),
            *ORIGIN,
        ),
        ("code",),
        {"node": "nodes"},
    ),
    Contract(
        "population",
        (
            REGION,
            Field("date", "date", meaning="day of the count"),
            count("inhabitants", "inhabitants", "registered inhabitants", 100_000_000),
            *ORIGIN,
        ),
        ("region", "date"),
        {"region": "regions"},
    ),
    Contract(
        "population_national",
        (
            Field("date", "date", meaning="day of the count"),
            count("inhabitants", "inhabitants", "registered inhabitants of the country", 2_000_000_000),
            *ORIGIN,
        ),
        ("date",),
    ),
    *CARE_CONTRACTS,
)


def _with_sources(contract: Contract) -> Contract:
    if not any(item.name == "source" for item in contract.fields):
        return contract
    return Contract(contract.name, contract.fields, contract.key, {**contract.foreign, "source": "sources"})


CONTRACTS = {contract.name: _with_sources(contract) for contract in _ALL}
"""Table name -> contract. Every package has all of them; a table may be empty but for its header."""
