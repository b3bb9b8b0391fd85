"""What a plan's lines add of care: other beds, extra hours, who waits, the crisis standard."""

from __future__ import annotations

from nspl_opt.plan.plan import Plan
from nspl_opt.plan.words import Words
from nspl_opt.scenario.situation import Situation

LEAST = 0.05
"""Patients and people below this are not told of."""


def care_sentences(plan: Plan, situation: Situation, words: Words) -> dict[str, str]:
    """Topic of a line -> what is added to it; nothing where there is nothing to tell."""
    hours = {period.index: period.length_h for period in situation.periods}
    lent = plan.table("bed_use").groupby("period")["patients"].sum().max()
    waiting = plan.table("ready").groupby("period")["waiting"].sum().max()
    people = plan.table("extra_hours").groupby("block")["people"].sum().max()
    census = plan.table("census")
    crisis = float((census["crisis"] * census["period"].map(hours)).sum()) if "crisis" in census else 0.0
    found = {}
    if lent > LEAST:
        found["surge"] = words("line.bed_use", patients=words.count("patient", lent, whole=False))
    if people > LEAST:
        found["loans"] = words("line.extra_hours", people=words.count("person", people, whole=False))
    told = []
    if waiting > LEAST:
        told.append(words("line.ready", patients=words.count("patient", waiting, whole=False)))
    if crisis > LEAST:
        told.append(words("line.crisis", hours=words.count("patienthour", crisis, whole=False)))
    if told:
        found["unmet"] = " ".join(told)
    return found
