"""Offers and answers: what is agreed comes first, what is declined is not there, offers are not exceeded."""

from __future__ import annotations

import random
from dataclasses import asdict, replace
from fractions import Fraction
from typing import Any

from .lines import MICRO, ORDER, amount, blocks, columns_on, covers, departs, drawn, together

NAME = "offers"
AGREED = ("directed", "accepted")


def draw(rng: random.Random, situation: Any, travel: Any, model: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
    """Lines in every state, and limits of one region or two; what is agreed comes first among the goals."""
    from nspl_opt.scenario.parts import RegionOffer

    last = situation.periods[-1]
    end = last.start_h + last.length_h
    kinds = ("icu", "icu", "ward", "nurse", "all")
    limits = tuple(
        RegionOffer(region.code, rng.choice(("give", "take")), rng.choice(kinds), 0, rng.choice((24, end)),
                    rng.choice((0, 2, 3, 4)) * MICRO)
        for region in rng.sample(situation.regions, rng.randint(1, 2))
    )  # fmt: skip
    options = {"limits": rng.random() < 0.8, "answers": rng.random() < 0.9, "add_to_accepted": rng.random() < 0.3}
    goals = [{"name": "agreements_broken", "slack_share": 0.0, "slack": 0.0}, *model["goals"]]
    model = model | {"families": model["families"] | {NAME: options}, "goals": goals}
    return replace(drawn(rng, situation), offers=tuple(sorted(limits, key=repr))), travel, model


def prepare(oracle: Any) -> None:
    """What is declined is not offered."""
    if not oracle.families[NAME]["answers"]:
        return
    for line in oracle.c["agreements"]:
        if line["state"] != "declined":
            continue
        if line["kind"] == "patients":
            oracle.refuse.append(lambda k, journey, t, line=line: _declines(oracle, line, k, journey, t))
        else:
            oracle.refuse_loan.append(
                lambda c, r, q, d, line=line: (
                    (r, q) == (line["from_region"], line["to_region"])
                    and line["what"] in ("all", oracle.c["professions"][c]["code"])
                    and d in blocks(oracle, line)
                )
            )


def _declines(oracle: Any, line: dict[str, Any], k: int, journey: dict[str, Any], t: int) -> bool:
    there = journey["origin"] in line["from_sites"] and journey["destination"] in line["to_sites"]
    return there and covers(line["what"], oracle.c["categories"][k]) and departs(oracle.periods[t], line)


def add(oracle: Any) -> None:
    """What is broken of each agreement, which is minimised first; and the limits."""
    options = oracle.families[NAME]
    for kind in ("patients", "staff") if options["answers"] else ():
        for some in together(oracle.c["agreements"], kind):
            capped = any(line["state"] == "countered" for line in some)
            if capped or amount(some, *AGREED):
                _keep(oracle, kind, some, capped or not options["add_to_accepted"])
    for limit in oracle.c["offers"] if options["limits"] else ():
        _limit(oracle, limit)


def _keep(oracle: Any, kind: str, some: list[dict[str, Any]], no_more: bool) -> None:
    agreed = amount(some, *AGREED)
    broken = oracle.m.new_int_var(0, agreed, f"broken{some[0]['code']}")
    oracle.ahead.append((oracle.grid, broken))
    oracle.own.setdefault("broken", {})[some[0]["code"]] = broken
    done = [columns_on(oracle, some[0])]
    if kind == "staff":
        ends = some[0]["from_region"], some[0]["to_region"]
        codes = [profession["code"] for profession in oracle.c["professions"]]
        done = [
            [v for (c, r, q, e), v in oracle.lent.items() if (codes[c], (r, q), e) == (some[0]["what"], ends, d)]
            for d in blocks(oracle, some[0])
        ]
    for columns in done:
        oracle.m.add(sum(columns) + broken >= agreed)
        if no_more:
            oracle.m.add(sum(columns) <= amount(some, *ORDER))


def _limit(oracle: Any, limit: dict[str, Any]) -> None:
    most = Fraction(limit["amount_micro"], MICRO)
    here, there = ("origin", "destination") if limit["side"] == "give" else ("destination", "origin")
    moved = []
    for e, one in enumerate(oracle.transfers):
        category = oracle.c["categories"][one["k"]]
        meant = limit["what"] == category["bed_type"] or covers(limit["what"], category)
        mine = oracle.region[one[here]] == limit["region"] != oracle.region[one[there]]
        if mine and meant and departs(oracle.periods[one["t"]], limit):
            moved.append((Fraction(1), oracle.x[e]))
    oracle.le(moved, most)
    for d in blocks(oracle, limit):
        lent = [
            (Fraction(1), v) for (c, r, q, e), v in oracle.lent.items()
            if e == d and oracle.c["professions"][c]["code"] == limit["what"]
            and (r if limit["side"] == "give" else q) == limit["region"]
        ]  # fmt: skip
        oracle.le(lent, most)


def tell(oracle: Any, value: Any) -> dict[str, Any]:
    """Whether anything is agreed, and how much of it is kept."""
    agreed = [some for kind in ("patients", "staff") for some in together(oracle.c["agreements"], kind)]
    total = sum(amount(some, *AGREED) for some in agreed)
    broken = sum(value(v) for v in oracle.own.get("broken", {}).values())
    return {"agreed": total if "broken" in oracle.own else 0, "broken": broken}


def kept(maker: Any) -> dict[str, int]:
    """Line -> what of it is moved or lent [millionths], first come first kept."""
    plain = [asdict(line) for line in maker.s.agreements]
    found: dict[str, int] = {}
    for kind in ("patients", "staff"):
        for some in together(plain, kind):
            left = maker.moved_on(some[0]) if kind == "patients" else _lent(maker, some[0])
            for line in some:
                found[line["code"]] = min(left, line["amount_micro"])
                left -= found[line["code"]]
    return found


def _lent(maker: Any, line: dict[str, Any]) -> int:
    """People lent in every staff block of the window, the fewest [millionths]."""
    starts = [maker.s.periods[maker.first(d)].start_h for d in range(len(maker.s.block_hours))]
    meant = [d for d, start in enumerate(starts) if line["from_h"] <= start < line["to_h"]]
    key = line["what"], line["from_region"], line["to_region"]
    people = [
        sum(number for *ends, first, last, number in maker.d.loans if tuple(ends) == key and first <= d <= last)
        for d in meant
    ]
    return min(people, default=0) * MICRO


def tables(maker: Any) -> dict[str, list[dict[str, Any]]]:
    """Every line, with what is kept and what is broken."""
    rows, done = [], kept(maker)
    for line in maker.s.agreements:
        part = done.get(line.code, 0)
        binds = line.state in AGREED and maker.families[NAME]["answers"]
        broken = line.amount_micro - part if binds else 0
        rows.append({
            "id": line.code, "state": line.state, "kind": line.kind, "sender": _place(maker, line.from_sites),
            "receiver": _place(maker, line.to_sites), "what": line.what, "vehicle_type": line.vehicle_type,
            "from_h": line.from_h, "to_h": line.to_h, "amount": line.amount_micro / MICRO, "reason": line.reason,
            "legal_basis": line.legal_basis, "kept": part / MICRO, "broken": broken / MICRO,
            "why": "no room" if broken else "",
        })  # fmt: skip
    return {"agreements": rows}


def _place(maker: Any, sites: tuple[str, ...]) -> str:
    regions = {maker.region[code] for code in sites}
    return sites[0] if len(sites) == 1 else regions.pop() if len(regions) == 1 else "all"


def agreements_broken(maker: Any, rows: Any, goal: Any) -> Fraction:
    """What is agreed and not kept."""
    if not maker.families[NAME]["answers"]:
        return Fraction(0)
    done = kept(maker)
    lines = [line for line in maker.s.agreements if line.state in AGREED]
    return Fraction(sum(line.amount_micro - done[line.code] for line in lines), MICRO)


GOALS_HERE = {"agreements_broken": agreements_broken}


def used(answer: dict[str, Any]) -> bool:
    """Whether something that is agreed is kept."""
    told = answer["more"][NAME]
    return told["agreed"] > told["broken"]
