"""The first rules of the checker: name, family, sentence in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from nspl_opt.plan.checks import care, derived, goals, limits, staff, tables, transports
from nspl_opt.plan.checks.rule import Rule

RULES_HERE: Mapping[str, Rule] = {
    "tables.positive": Rule(tables.positive, "", "nothing is less than nought", "inget är mindre än noll"),
    "tables.unique": Rule(tables.unique, "", "no row stands twice", "ingen rad står två gånger"),
    "tables.in_order": Rule(tables.in_order, "", "rows are in order", "raderna står i ordning"),
    "tables.times": Rule(tables.times, "", "times fit their periods", "tiderna hör till sina perioder"),
    "tables.regions": Rule(tables.regions, "", "regions fit their sites", "regionerna hör till sina platser"),
    "tables.crosses": Rule(
        tables.crosses,
        "",
        "transfers out of an area are marked",
        "förflyttningar ut ur ett område är märkta",
    ),
    "core.arrivals": Rule(
        care.arrivals,
        "",
        "arrivals are the scenario's",
        "inkomna är scenariots",
    ),
    "core.moves": Rule(
        care.moves,
        "",
        "moves add up to the transfers",
        "in och ut är summan av förflyttningarna",
    ),
    "core.discharge": Rule(
        care.discharge,
        "",
        "the stated share of the cared-for leaves",
        "rätt andel av de vårdade skrivs ut",
    ),
    "core.balance": Rule(
        care.balance,
        "",
        "every patient is somewhere",
        "varje patient finns någonstans",
    ),
    "core.movable": Rule(
        care.movable,
        "",
        "nobody is sent on in the period of arrival",
        "ingen skickas vidare i ankomstperioden",
    ),
    "core.cared": Rule(
        care.cared,
        "",
        "no more are cared for than are present",
        "inte fler vårdas än de som är på plats",
    ),
    "core.arrival": Rule(
        care.arrival,
        "",
        "journeys end when they must",
        "resorna slutar när de ska",
    ),
    "core.whole": Rule(
        transports.whole,
        "",
        "what is to be executed is whole",
        "det som ska utföras är helt",
    ),
    "core.switched_off": Rule(
        limits.switched_off,
        "",
        "what is switched off does not appear",
        "det som är avstängt förekommer inte",
    ),
    "beds.capacity": Rule(
        care.capacity,
        "beds",
        "nobody is cared for without an open bed",
        "ingen vårdas utan en öppen vårdplats",
    ),
    "beds.surge_table": Rule(
        care.surge_table,
        "beds",
        "surge beds to open are those needed",
        "extraplatser att öppna är de som behövs",
    ),
    "capability.capable": Rule(
        care.capable,
        "capability",
        "care is given where it can be",
        "vården ges där den kan ges",
    ),
    "staff.region": Rule(
        staff.region,
        "staff",
        "no region uses more staff than it has",
        "ingen region använder mer personal än den har",
    ),
    "staff.site": Rule(
        staff.site,
        "staff",
        "no site uses more staff than it can get",
        "ingen plats använder mer personal än den kan få",
    ),
    "staff.contingency": Rule(
        staff.contingency,
        "staff",
        "the contingency standard only where allowed",
        "sänkt standard bara där den är tillåten",
    ),
    "staff_loans.share": Rule(
        staff.loan_share,
        "staff_loans",
        "no region lends more than its share",
        "ingen region lånar ut mer än sin andel",
    ),
    "staff_loans.stay": Rule(
        staff.loan_stay,
        "staff_loans",
        "loans last as long as they may",
        "lånen varar så länge de får",
    ),
    "staff_loans.people": Rule(
        staff.loan_people,
        "staff_loans",
        "whole people who may be lent",
        "hela personer som får lånas ut",
        owns=("loans",),
    ),
    "network.journeys": Rule(
        transports.journeys,
        "",
        "every transfer is a journey that exists",
        "varje förflyttning är en resa som finns",
    ),
    "network.closures": Rule(
        transports.closures,
        "",
        "nothing uses what is closed",
        "inget använder det som är stängt",
    ),
    "network.vehicle_types": Rule(
        transports.vehicle_types,
        "",
        "vehicles are fit for the patients",
        "fordonen passar patienterna",
    ),
    "transports.load": Rule(
        transports.load,
        "transports",
        "patients have room in the trips made",
        "patienterna får plats i turerna",
    ),
    "transports.vehicles": Rule(
        transports.vehicles,
        "transports",
        "no pool is busier than it has vehicles",
        "ingen fordonsgrupp är mer upptagen än den räcker",
    ),
    "transports.duty": Rule(
        transports.duty,
        "transports",
        "no pool drives more than its duty share",
        "ingen fordonsgrupp kör mer än sin andel",
    ),
    "transports.feeder": Rule(
        transports.feeder,
        "transports",
        "someone drives to and from the terminal",
        "någon kör till och från terminalen",
    ),
    "transports.departures": Rule(
        transports.departures,
        "transports",
        "ferries go no oftener than they depart",
        "färjorna går inte oftare än de avgår",
    ),
    "transports.in_time": Rule(
        transports.in_time,
        "transports",
        "patients can be at the port before the ferry loads",
        "patienterna hinner till hamnen innan färjan lastar",
    ),
    "transports.pools": Rule(
        transports.pools,
        "transports",
        "each trip has a pool that may make it",
        "varje tur har en fordonsgrupp som får köra den",
    ),
    "travel_time.longest_journey": Rule(
        transports.longest_journey,
        "travel_time",
        "no journey is too long",
        "ingen resa är för lång",
    ),
    "elective.steps": Rule(
        limits.steps,
        "elective",
        "planned care is postponed in steps, with notice",
        "planerad vård skjuts upp i steg, med varsel",
        owns=("postponed",),
    ),
    "areas.border": Rule(
        limits.border,
        "areas",
        "nothing passes a closed border",
        "inget passerar en stängd gräns",
    ),
    "reserve.floor": Rule(
        limits.floor,
        "reserve",
        "the reserve stays free of outside patients",
        "reserven hålls fri från andras patienter",
    ),
    "derived.unmet": Rule(
        derived.unmet,
        "",
        "unmet care follows the census",
        "vård som uteblir följer beläggningen",
    ),
    "derived.discharges": Rule(
        derived.discharges,
        "",
        "discharges follow the census",
        "utskrivningarna följer beläggningen",
    ),
    "derived.load": Rule(
        derived.load,
        "",
        "the load follows the census",
        "belastningen följer beläggningen",
    ),
    "derived.freed": Rule(
        derived.freed,
        "",
        "beds freed follow the steps",
        "frigjorda platser följer stegen",
    ),
    "derived.ledger": Rule(
        derived.ledger,
        "",
        "the ledger adds up",
        "räkningen går ihop",
    ),
    "goals.values": Rule(
        goals.values,
        "",
        "goals have the values stated",
        "målen har de värden som anges",
    ),
    "goals.wishes": Rule(
        goals.wishes,
        "",
        "no goal is above the hard limit that was wished for",
        "inget mål överskrider den hårda gräns som önskats",
    ),
    "goals.bounds": Rule(
        goals.bounds,
        "",
        "no goal beats its bound",
        "inget mål är bättre än sin gräns",
    ),
    "goals.status": Rule(
        goals.status,
        "",
        "the status is earned",
        "statusen är förtjänad",
    ),
    "provenance.origin": Rule(
        goals.origin,
        "",
        "the plan is made from these files",
        "planen är gjord av dessa filer",
    ),
}
"""Applied in this order."""
