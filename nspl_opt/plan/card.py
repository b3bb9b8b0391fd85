"""Why one transfer is recommended: the need that drives it, the room that allows it, the choice of receiver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nspl_opt.plan.certainty import wholeness
from nspl_opt.plan.facts import Names, names_of, period_span
from nspl_opt.plan.plan import Plan
from nspl_opt.plan.room import Room, staff_room
from nspl_opt.plan.why import card_reasons
from nspl_opt.plan.words import Words
from nspl_opt.problems import InvalidInput, Problem, did_you_mean
from nspl_opt.reference.reference import HOSPITAL_LEVELS
from nspl_opt.scenario.situation import Situation

if TYPE_CHECKING:
    from nspl_opt.network.travel import TravelTimes

TIGHT = 0.05
"""Slack [beds or people] below which a rule counts as binding."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """A place that could have received, with its free beds in the period of arrival.

    ``minutes`` by the fastest vehicle there is, free or not; ``same_vehicle_min`` by the vehicle type
    of the transfer, None where it cannot go.
    """

    site: str
    minutes: int
    same_vehicle_min: int | None
    free_beds: float


@dataclass(frozen=True)
class Card:
    """One transfer explained. Beds and patients are of the category's bed type, at the two sites."""

    transfer_id: str
    patients: float
    whole: bool
    category: str
    vehicle_type: str
    from_site: str
    to_site: str
    period: int
    arrival_period: int
    minutes: int
    sender_present: float
    """Patients at the sender at the end of the period of departure, after the transfer."""
    sender_need_without: float
    """The same had these patients stayed."""
    sender_beds: float
    sender_unmet: float
    """Without a staffed bed at the sender in that period, after the transfer."""
    sender_unmet_without: float
    receiver_free_before: float
    """Free beds at the receiver in the period of arrival, had these patients not come."""
    receiver_free_after: float
    receiver_beds: float
    alternatives: tuple[Alternative, ...]
    """Every place that could have received, the receiver among them, the quickest to reach first."""
    by_same_vehicle: int
    """How many of them this vehicle type reaches."""
    rank_by_minutes: int
    """Place of the receiver among those, by minutes."""
    nearer_with_room: int
    """Those reached sooner by this vehicle type, with room left for as many patients."""
    quicker_with_room: int
    """Others with room left that some vehicle type, if free, would reach sooner."""
    binding: tuple[str, ...]
    """Rules that have no slack left at either end: ``beds sender``, ``staff:nurse receiver`` and so on."""
    sentences: tuple[str, ...]

    def as_text(self) -> str:
        """The sentences, one a line."""
        return "\n".join(self.sentences)


def explain_transfer(
    plan: Plan, situation: Situation, travel: TravelTimes, transfer_id: str, language: str = "sv"
) -> Card:
    """Explain one transfer of the plan. InvalidInput ``P301`` when the plan has no such transfer."""
    return explain_in(plan, situation, travel, transfer_id, (language,))[language]


def explain_in(
    plan: Plan, situation: Situation, travel: TravelTimes, transfer_id: str, languages: tuple[str, ...]
) -> dict[str, Card]:
    """As ``explain_transfer``, in several languages: the figures are looked up once."""
    row = transfer_row(plan, transfer_id)
    facts, category = _facts(plan, situation, travel, row)
    found = {}
    for language in languages:
        words = Words(language)
        names = names_of(situation, words)
        found[language] = Card(**facts, sentences=_sentences(plan, facts, situation, names, category, row, words))
    return found


def transfer_row(plan: Plan, transfer_id: str) -> Any:
    """The row of a transfer. InvalidInput ``P301`` when the plan has no such transfer."""
    table = plan.tables["transfers"]
    found = table[table["id"] == transfer_id]
    if found.empty:
        remedy = did_you_mean(transfer_id, table["id"].tolist())
        what = f"the plan has no transfer '{transfer_id}'"
        raise InvalidInput("explain", [Problem("P301", "transfers.csv, column id", what, remedy)])
    return next(found.itertuples())


def _facts(plan: Plan, situation: Situation, travel: TravelTimes, row: Any) -> tuple[dict[str, Any], Any]:
    """All of a card but its sentences, and the category of the patients."""
    category = next(item for item in situation.categories if item.code == row.category)
    room = Room(plan, situation, category.bed_type)
    t, arrival, patients = int(row.period), int(row.arrival_period), float(row.patients)
    present, beds = room.present(row.from_site, t), room.beds(row.from_site, t)
    unmet = room.unmet(row.from_site, t)
    after = room.free(row.to_site, arrival)
    options = _alternatives(situation, travel, room, category, row)
    others = [item for item in options if item.site != row.to_site]
    same = [item for item in others if item.same_vehicle_min is not None]
    nearer = [item for item in same if (item.same_vehicle_min, item.site) < (int(row.minutes), row.to_site)]
    roomy = {item.site for item in others if item.free_beds >= patients - 1e-6}
    facts = {
        "transfer_id": row.id, "patients": patients, "whole": bool(row.whole), "category": row.category,
        "vehicle_type": row.vehicle_type, "from_site": row.from_site, "to_site": row.to_site, "period": t,
        "arrival_period": arrival, "minutes": int(row.minutes), "sender_present": present,
        "sender_need_without": round(present + patients, 6), "sender_beds": beds, "sender_unmet": unmet,
        "sender_unmet_without": round(max(unmet + patients - max(0.0, room.free(row.from_site, t)), unmet), 6),
        "receiver_free_before": _free_before(room, row.to_site, arrival, patients), "receiver_free_after": after,
        "receiver_beds": room.beds(row.to_site, arrival), "alternatives": options,
        "by_same_vehicle": 1 + len(same), "rank_by_minutes": 1 + len(nearer),
        "nearer_with_room": sum(item.site in roomy for item in nearer),
        "quicker_with_room": sum(item.site in roomy and item.minutes < int(row.minutes) for item in others),
        "binding": _binding(plan, situation, room, row),
    }  # fmt: skip
    return facts, category


def _free_before(room: Room, site: str, period: int, patients: float) -> float:
    """Free beds had these patients not come: those without a bed there would have taken their places first."""
    taken = max(0.0, patients - room.unmet(site, period))
    return round(min(room.beds(site, period), room.free(site, period) + taken), 6)


def _alternatives(situation: Situation, travel: TravelTimes, room: Room, category, row) -> tuple[Alternative, ...]:
    """Sites with the capability and level, within the longest journey, by any vehicle of the category."""
    state = situation.periods[int(row.period)].network_state
    least = HOSPITAL_LEVELS.index(category.minimum_level) if category.minimum_level else 0
    known = {vehicle.code for vehicle in situation.vehicle_types}
    found = []
    for site in situation.sites:
        fit = HOSPITAL_LEVELS.index(site.level) >= least
        fit = fit and (not category.capability or category.capability in site.capabilities)
        if site.code == row.from_site or not (fit or site.code == row.to_site):
            continue
        minutes = {}
        for vehicle in sorted(known.intersection(category.vehicle_types)):
            way = travel.journey(state, vehicle, row.from_site, site.code)
            if way is not None and way.minutes <= category.longest_journey_min:
                minutes[vehicle] = way.minutes
        if site.code == row.to_site:
            minutes[row.vehicle_type] = int(row.minutes)
        if minutes:
            free = room.free(site.code, int(row.arrival_period))
            found.append(Alternative(site.code, min(minutes.values()), minutes.get(row.vehicle_type), free))
    return tuple(sorted(found, key=lambda item: (item.minutes, item.site)))


def _binding(plan: Plan, situation: Situation, room: Room, row) -> tuple[str, ...]:
    tight = []
    ends = (("sender", row.from_site, row.from_region, int(row.period)),
            ("receiver", row.to_site, row.to_region, int(row.arrival_period)))  # fmt: skip
    for end, site, region, t in ends:
        if room.free(site, t) < TIGHT:
            tight.append(f"beds {end}")
        if "staff" in plan.model.get("families", {}) and region not in situation.external_regions:
            slack = staff_room(plan, situation, region, t)
            tight += [f"staff:{name} {end}" for name, left in slack.items() if left < TIGHT]
    return tuple(tight)


def _sentences(
    plan: Plan, facts: dict, situation: Situation, names: Names, category, row, words: Words
) -> tuple[str, ...]:
    start, end = period_span(situation, facts["period"])
    sender, receiver = names.sites[row.from_site], names.sites[row.to_site]
    count = words.count("patient", facts["patients"], facts["whole"])

    def beds(value: float) -> str:
        return words.number(value, 1)

    text = [
        words("card.what", patients=count, category=words.pick(category).lower(), sender=sender, receiver=receiver,
              vehicle=names.vehicles[row.vehicle_type].lower(), when=words.span(start, end),
              minutes=words.duration(facts["minutes"])),
        *_certain(plan, facts["whole"], row, words),
        words("card.sender", sender=sender, need=beds(facts["sender_need_without"]), beds=beds(facts["sender_beds"]),
              without=beds(facts["sender_unmet_without"]), unmet=beds(facts["sender_unmet"])),
        words("card.receiver", receiver=receiver, before=beds(facts["receiver_free_before"]),
              after=beds(facts["receiver_free_after"]), beds=beds(facts["receiver_beds"])),
        words("card.rank", receiver=receiver, vehicle=names.vehicles[row.vehicle_type].lower(),
              rank=words.number(facts["rank_by_minutes"]), number=words.number(facts["by_same_vehicle"]),
              nearer=words.number(facts["nearer_with_room"])),
        words("card.quicker", number=words.number(facts["quicker_with_room"])),
    ]  # fmt: skip
    reasons = card_reasons(plan, situation, names, words, row)
    for rule in facts["binding"] if not reasons else ():  # what binds is told with the reasons, if there are any
        kind, place = rule.rsplit(" ", 1)
        where = sender if place == "sender" else receiver
        if kind == "beds":
            text.append(words("card.tight_beds", site=where))
        else:
            text.append(words("card.tight_staff", site=where, profession=names.professions[kind[6:]].lower()))
    return (*text, *reasons, words("card.data"))


def _certain(plan: Plan, whole: bool, row, words: Words) -> tuple[str, ...]:
    """Whether the patients are whole or expected, how many transfers are so, and the same of the trips they ride."""
    found = wholeness(plan)
    counts = {"firm": words.number(found.transfers), "later": words.number(found.transfers_expected)}
    total = words.number(found.transfers + found.transfers_expected)
    text = [words("card.firm" if whole else "card.expected", **counts, all=total)]
    trips, stretch = plan.tables["trips"], ("period", "vehicle_type", "line", "from_terminal", "to_terminal")
    for name in stretch:
        trips = trips[trips[name] == getattr(row, name)]
    for kind, part in trips.groupby(trips["whole"].astype(bool), sort=True):
        made = words.count("trip", float(part["trips"].sum()), whole=bool(kind))
        text.append(words("card.trips_whole" if kind else "card.trips_expected", trips=made))
    return tuple(text)
