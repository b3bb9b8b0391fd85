"""What else could be done for a transfer, what it costs, what binds: by hand. Weight 10, roads of an hour or two."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

import pytest

from nspl_opt.pipeline import plan_situation
from nspl_opt.plan.card import explain_transfer
from nspl_opt.plan.checks import verify
from nspl_opt.plan.why_all import reason_parts
from nspl_opt.reasons.make import living_of, with_reasons, without_transfer

from ..formulation.small import model, small, solve_here

THREE = {"norr": "n", "ost": "o", "syd": "s"}
WHOLE = {"trips_whole_until_h": "all", "patients_whole_until_h": "all", "duty_share": 1.0}
RULES = {"beds": {}, "transports": WHOLE}
NEAR = {("norr", "syd"): 60, ("norr", "ost"): 120}


def three(syd=2, ost=2, hours=(24,), **more):
    """Two too many at norr; syd is an hour away, ost two. Nobody recovers."""
    beds = {("icu", "norr"): 1, ("icu", "syd"): syd, ("icu", "ost"): ost}
    return small(THREE, hours=hours, beds=beds, initial={("icu", "norr"): 3}, roads=NEAR, **more)


def explained(case, families=RULES, goals=(), seconds=60.0, **more):
    with patch("nspl_opt.pipeline.solve", solve_here):
        made = plan_situation(case.situation, case.travel, model(families, goals))
        return with_reasons(made, seconds, **more)


def only(made, table, **where):
    frame = made.plan.tables[table]
    for column, value in where.items():
        frame = frame[frame[column] == value]
    return frame


def test_the_next_nearest_place_takes_over_and_the_journeys_are_longer():
    made = explained(three())
    (transfer,) = made.plan.tables["transfers"]["id"]
    row = only(made, "alternatives", asked="receiver").iloc[0]
    assert (row["transfer"], row["patients"], row["stay"], row["found"]) == (transfer, 2, 0, "best")
    assert row["unmet_change"] == pytest.approx(0, abs=1e-3)
    assert row["transit_change"] == pytest.approx(2)  # two patients, an hour longer each
    instead = only(made, "instead", asked="receiver")
    assert instead[["to_site", "vehicle_type", "period", "patients"]].to_numpy().tolist() == [["ost", "amb", 0, 2]]


def test_where_nobody_else_has_room_they_stay_and_go_without_care():
    made = explained(three(ost=0))
    row = only(made, "alternatives", asked="transfer").iloc[0]
    assert row["stay"] == 2
    assert row["hours_change"] == pytest.approx(48)  # two patients for a day
    assert row["unmet_change"] == pytest.approx(480)
    assert only(made, "instead").empty


def test_half_of_them_have_another_place():
    made = explained(three(ost=1))
    row = only(made, "alternatives", asked="transfer").iloc[0]
    assert (row["stay"], row["hours_change"]) == (1, pytest.approx(24))
    assert only(made, "instead", asked="transfer")["patients"].tolist() == [1]


def test_waiting_for_the_next_day_is_told_with_its_cost():
    made = explained(three(ost=0, hours=(24, 24)))
    first = only(made, "transfers", period=0)["id"].item()
    row = only(made, "alternatives", transfer=first, asked="transfer").iloc[0]
    assert (row["stay"], row["hours_change"]) == (0, pytest.approx(48))
    assert only(made, "instead", transfer=first, asked="transfer")["period"].tolist() == [1]


def test_vehicles_that_are_not_there_bring_nobody():
    case = three(fleet={"amb-n": 1}, trips={("amb-n", "norr", "syd"): 720, ("amb-n", "norr", "ost"): 1440})
    made = explained(case)  # two trips to syd fill the day; one to ost does too
    row = only(made, "alternatives", asked="receiver").iloc[0]
    assert (row["stay"], row["hours_change"]) == (1, pytest.approx(24))


def test_who_does_not_come_is_not_sent_on():
    beds = {("icu", "ost"): (2, 0), ("icu", "syd"): (0, 2)}
    case = small(THREE, hours=(24, 24), beds=beds, initial={("icu", "norr"): 2},
                 roads={("norr", "ost"): 60, ("ost", "syd"): 60})  # fmt: skip
    made = explained(case)
    first = only(made, "transfers", period=0)["id"].item()
    row = only(made, "alternatives", transfer=first, asked="transfer").iloc[0]
    assert (row["found"], row["stay"]) == ("best", 2)
    assert row["hours_change"] == pytest.approx(96)  # two patients for two days: the way on is no use to them


def test_full_beds_and_hours_used_up_bind():
    made = explained(three(fleet={"amb-n": 1}, trips={("amb-n", "norr", "syd"): 720, ("amb-n", "norr", "ost"): 1440}))
    rules = {(row.end, row.rule, row.place, row.what) for row in made.plan.tables["binding"].itertuples()}
    assert ("receiver", "beds.capacity", "syd", "icu") in rules
    assert ("journey", "transports.vehicles", "", "amb-n") in rules
    assert ("sender", "beds.capacity", "norr", "icu") in rules


def test_one_more_bed_is_worth_what_a_plan_with_it_saves():
    made = explained(three(syd=1, ost=0), families={"beds": {}})
    price = only(made, "prices", rule="beds.capacity", place="syd").iloc[0]
    assert price["price"] == pytest.approx(240)  # a patient cared for during the day
    value = only(made, "values", place="syd").iloc[0]
    assert (value["gain"], value["exact"]) == (pytest.approx(240), True)


def test_a_region_that_says_no_leaves_two_without_care():
    made = explained(three(ost=0), families={"beds": {}})
    rows = made.plan.tables["if_no"].set_index("region")
    assert rows.loc["s", "hours_change"] == pytest.approx(48)
    assert rows.loc["s", "own_change"] == pytest.approx(0)
    assert rows.loc["o", "hours_change"] == pytest.approx(0)
    assert bool(rows.loc["s", "exact"])


def test_where_time_runs_out_a_refusal_is_told_by_what_it_costs_at_most():
    with patch("nspl_opt.reasons.make.refusal_row", lambda *_: None):  # as when the clock cuts each of them short
        made = explained(three(ost=1), families={"beds": {}})
    rows = made.plan.tables["if_no"].set_index("region")
    assert rows.loc["s", ["least_change", "most_change"]].tolist() == pytest.approx([0, 480])  # two for a day
    assert rows.loc["s", "unmet_change"] != rows.loc["s", "unmet_change"]  # no plan was made anew
    assert "reasons.if_no_cut" in made.plan.notes and not made.plan.provenance["repeatable"]
    (part,) = (one for one in reason_parts(made.plan, three().situation, "en") if one.topic == "refusal")
    assert "If s helps nobody: proven at most 480" in part.lines[0].replace("\N{NO-BREAK SPACE}", " ")
    assert part.lines[-1].startswith("Time ran out")


def test_who_helps_nobody_needs_no_new_plan_to_say_no():
    with patch("nspl_opt.reasons.make.refusal_row", side_effect=AssertionError) as asked:
        made = explained(three(syd=0, ost=0), families={"beds": {}})
    assert not asked.called
    rows = made.plan.tables["if_no"]
    assert rows["exact"].all() and (rows["unmet_change"] == 0).all()


def test_what_fails_while_two_things_are_looked_for_at_once_is_not_lost():
    for where in ("Neighbourhood.without", "refusal_row"):
        with patch(f"nspl_opt.reasons.make.{where}", side_effect=MemoryError), pytest.raises(MemoryError):
            explained(three(), families={"beds": {}})


def test_the_tables_hold_before_the_checker_and_the_words_tell_them():
    case = three(ost=1)
    made = explained(case)
    assert verify(made.plan, case.situation, case.travel).ok
    (transfer,) = made.plan.tables["transfers"]["id"]
    for language, said in (("sv", "1 patient till Ost med ambulans"), ("en", "1 patient to Ost by ambulance")):
        card = explain_transfer(made.plan, case.situation, case.travel, transfer, language)
        assert said in card.as_text().replace("\N{NO-BREAK SPACE}", " ")
        assert [part.topic for part in reason_parts(made.plan, case.situation, language)] == [
            "refusal", "worth", "price"
        ]  # fmt: skip


def test_the_same_plan_has_the_same_reasons():
    one, other = (explained(three(ost=1)).plan for _ in range(2))
    names = ("alternatives", "instead", "binding", "prices", "if_no", "values")
    assert {n: one.tables[n].to_csv() for n in names} == {n: other.tables[n].to_csv() for n in names}


def test_what_was_not_reached_in_time_is_told():
    made = explained(three(), seconds=1e-6)
    assert "reasons.alternatives_cut" in made.plan.notes
    assert made.plan.provenance["reasons"]["alternatives"]["reached"] == 0
    assert not made.plan.provenance["repeatable"]
    assert made.plan.provenance["repeatable_plan"]  # only how many reasons there are hangs on the clock
    (transfer,) = made.plan.tables["transfers"]["id"]
    case = three()
    assert "tiden tog slut" in explain_transfer(made.plan, case.situation, case.travel, transfer).as_text()


def test_progress_is_told_part_by_part():
    stages = []
    explained(three(), progress=lambda news: stages.append(news.stage))
    assert list(dict.fromkeys(stages)) == [f"reasons: {part}" for part in ("alternatives", "prices", "if_no", "values")]


def test_without_reasons_a_card_is_as_it_was():
    case = three()
    with patch("nspl_opt.pipeline.solve", solve_here):
        made = plan_situation(case.situation, case.travel, model(RULES))
    (transfer,) = made.plan.tables["transfers"]["id"]
    assert "alternatives" not in made.plan.tables
    assert "nytt" not in explain_transfer(made.plan, case.situation, case.travel, transfer).as_text()
    assert reason_parts(made.plan, case.situation) == ()


def test_a_transfer_left_out_in_earnest_costs_what_its_card_says():
    made = explained(three(ost=1))
    (transfer,) = made.plan.tables["transfers"].itertuples()
    before, after = without_transfer(living_of(made), transfer)
    card = only(made, "alternatives", asked="transfer").iloc[0]
    assert after.value - before.value == pytest.approx(card["unmet_change"], abs=1e-3)


def test_a_plan_of_another_model_has_no_reasons_here():
    made = explained(three())
    with pytest.raises(ValueError, match="columns"):
        with_reasons(replace(made, point=made.point[:-1]))
