"""A plan about to be published beside the lines as they stand: what contradicts it, what is offered anew."""

from dataclasses import replace

import pandas as pd
import pytest

from nspl_opt.plan.plan import TABLES
from nspl_opt.scenario.parts import Agreement
from nspl_opt.store import agreements, lines, plans, standing
from nspl_opt.store.answers import Answer, answer_line, step_line
from nspl_opt.store.drafts import carried_on
from nspl_opt.store.errors import Refused
from tests.store.small import LEAD, add_small_plan, draft


def opened_with(small, line_id, kept, state="offered", amount=5):
    """The small plan as if it had been told of a line and kept so much of it."""
    opened = small.checked.opened
    sites = {
        region: tuple(one.code for one in opened.situation.sites if one.region == region) for region in ("17", "18")
    }
    told = Agreement(
        line_id, state, "patients", sites["17"], sites["18"], "17", "18", "icu_general", "icu_ambulance", 0, 12,
        amount * 1_000_000, "", "",
    )  # fmt: skip
    row = dict.fromkeys([column.name for column in TABLES["agreements"]], "") | {"id": line_id, "kept": float(kept)}
    plan = replace(opened.plan, tables={**opened.plan.tables, "agreements": pd.DataFrame([row])})
    return replace(opened, plan=plan, situation=replace(opened.situation, agreements=(told,)))


def act(store, line_id, what, **more):
    def run(work):
        line = lines.find(work.connection, line_id)
        if what == "accept":
            for region in dict.fromkeys(line.parties.values()):
                version = lines.find(work.connection, line_id).version
                answer_line(work, line_id, Answer("accept", **more), version, on_behalf=region)
            return
        if what in ("decline", "counter"):
            answer_line(work, line_id, Answer(what, **more), line.version, on_behalf=line.to_region)
            return
        step_line(work, line_id, what, line.version, **more)

    store.run_write(run, LEAD, "line.answer", line_id)


def told_of(store, plan, offer):
    with store.read() as connection:
        standing.check_standing(connection, plan, offer)


@pytest.fixture
def later(store, small, plan_id, offer):
    """A line of a published plan, and a draft of a plan made on it."""
    (line,) = offer(draft())
    return line, add_small_plan(store, small, based_on=plan_id)


def test_of_a_line_kept_in_part_that_part_is_offered_instead(store, small, later):
    line, plan = later
    offer = standing.offer_of(opened_with(small, line, 2.4))
    assert carried_on(opened_with(small, line, 2.4))[line].amount == 3

    def publish(work):
        plans.publish(work, plan)
        standing.check_standing(work.connection, plan, offer)
        return standing.offer_lines(work, plan, offer, 3.0)

    made = store.run_write(publish, LEAD, "plan.publish", plan)
    with store.read() as connection:
        assert lines.find(connection, line).state == "superseded"
        anew = [one for one in lines.lines_of_plan(connection, plan) if one.number == "one"]
    assert [(one.amount, one.from_region, one.to_region, one.from_h, one.to_h) for one in anew] == [
        (3, "17", "18", 0, 12)
    ]
    assert len(made) == 1 + len(offer.fresh)


@pytest.mark.parametrize(
    ("then", "kept", "steps", "refused"),
    [
        ("offered", 5, [("accept", {"amount": 5})], False),
        ("offered", 3, [("accept", {"amount": 5})], True),
        ("offered", 5, [("accept", {"amount": 2})], True),
        ("offered", 0, [("decline", {"reason": "other"})], False),
        ("offered", 5, [("decline", {"reason": "other"})], True),
        ("offered", 5, [("counter", {"counter": {"amount": 2}})], True),
        ("offered", 2, [("counter", {"counter": {"amount": 2}})], False),
        ("offered", 2, [("counter", {"counter": {"amount": 2, "what": "gone"}})], True),
        ("declined", 0, [("decline", {"reason": "other"}), ("directed", {"legal_basis": "leh_4_2"})], True),
        ("offered", 5, [("cancelled", {})], False),
        ("accepted", 5, [("accept", {"amount": 5}), ("scheduled", {})], False),
        ("accepted", 3, [("accept", {"amount": 5})], False),
        ("accepted", 5, [("accept", {"amount": 5}), ("failed", {})], True),
        ("offered", 5, [("accept", {"amount": 5}), ("failed", {})], True),
        ("offered", 0, [("accept", {"amount": 5}), ("cancelled", {})], False),
    ],
)
def test_a_plan_is_refused_where_it_contradicts_what_has_become_of_a_line(
    store, small, later, then, kept, steps, refused
):
    line, plan = later
    for what, more in steps:
        act(store, line, what, **more)
    offer = standing.offer_of(opened_with(small, line, kept, then, 0 if then == "declined" else 5))
    if not refused:
        return told_of(store, plan, offer)
    with pytest.raises(Refused, match="L215") as told:
        told_of(store, plan, offer)
    assert line in told.value.sv and "based_on" in told.value.remedy_en
    return None


def test_help_promised_on_lines_that_a_plan_does_not_know_of_is_told_to_the_next_run(store, small, later):
    line, _ = later
    act(store, line, "accept", amount=5)
    other = add_small_plan(store, small)
    with pytest.raises(Refused, match="L216"):
        told_of(store, other, standing.offer_of(small.checked.opened))
    with store.read() as connection:
        files = agreements.files_with_lines(connection, other, small.scenario)
    assert f"{line},accepted" in files[agreements.FILE]
    act(store, line, "failed")
    told_of(store, other, standing.offer_of(small.checked.opened))
