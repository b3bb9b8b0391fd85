"""Why a plan and why a transfer: every figure comes from the plan's own tables."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import pytest

from nspl_opt.network.travel import Journey
from nspl_opt.plan.explain import explain_plan, explain_transfer, plan_lines
from nspl_opt.plan.facts import load_if_nobody_moved, names_of, need_if_nobody_moved, overloads, worst_period
from nspl_opt.plan.room import Room, staff_room
from nspl_opt.plan.words import Words
from nspl_opt.problems import InvalidInput


class Roads:
    """Neighbours by number are 30 minutes apart; nothing sails."""

    def journey(self, state, vehicle_type, origin, destination):
        if vehicle_type == "ferry":
            return None
        minutes = 20 + 30 * abs(int(origin) - int(destination))
        return Journey(vehicle_type, origin, destination, minutes, origin, destination, 0, 0, "")


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_plan_is_told_in_ten_lines(plan, situation, language):
    lines = explain_plan(plan, situation, language)
    assert len(lines) == 10
    assert all(": " in line and "{" not in line for line in lines)


def test_the_lines_state_the_patients_of_the_table(plan, situation):
    texts = {line.topic: line.text for line in plan_lines(plan, situation, "en")}
    table = plan.tables["transfers"]
    assert f"{table[table['whole']]['patients'].sum():.0f}\N{NO-BREAK SPACE}patients" in texts["moved"]
    assert "12 nurses" in texts["loans"]
    assert "2.0\N{NO-BREAK SPACE}%" in texts["proof"]


def test_need_without_transfers_follows_arrivals_and_stays(situation):
    need = need_if_nobody_moved(situation)
    first = situation.initial_micro[0, 0]
    stays = first - round(first * 0.060587)  # six of 96 hours
    assert need[0, 0, 0] == pytest.approx(stays + situation.arrivals_micro[0, 0, 0], abs=2)


def test_the_island_is_the_most_overfull(plan, situation):
    assert overloads(load_if_nobody_moved(plan, situation)).iloc[0]["region"] == "21"


def test_the_worst_period_is_one_in_which_patients_move(plan, situation):
    assert worst_period(plan, situation) in set(plan.tables["transfers"]["period"])


def test_names_drop_the_word_that_most_regions_share(situation):
    names = names_of(situation, Words("sv"))
    assert names.regions["02"] == "A-stad"
    assert names.sites["02"] == "A-stad"


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_card_tells_need_room_and_rank(plan, situation, language):
    row = plan.tables["transfers"].iloc[0]
    card = explain_transfer(plan, situation, Roads(), row["id"], language)
    assert card.sender_need_without == pytest.approx(card.sender_present + row["patients"])
    assert card.receiver_free_before == pytest.approx(card.receiver_free_after + row["patients"])
    assert card.sender_unmet_without >= card.sender_unmet
    assert 1 <= card.rank_by_minutes <= card.by_same_vehicle <= len(card.alternatives)
    assert card.nearer_with_room <= card.rank_by_minutes - 1
    assert all(a.minutes <= b.minutes for a, b in pairwise(card.alternatives))
    assert row["to_site"] in {item.site for item in card.alternatives}
    assert len(card.sentences) >= 6 and card.as_text().count("\n") == len(card.sentences) - 1


def test_full_beds_at_the_sender_are_named_as_the_limit(plan, situation):
    card = explain_transfer(plan, situation, Roads(), plan.tables["transfers"].iloc[0]["id"])
    assert "beds sender" in card.binding


def test_an_expected_transfer_is_called_expected(plan, situation):
    table = plan.tables["transfers"]
    later = table[~table["whole"]].iloc[0]["id"]
    card = explain_transfer(plan, situation, Roads(), later, "en")
    assert not card.whole and any("expected value" in sentence for sentence in card.sentences)


def test_an_unknown_transfer_is_refused_with_a_remedy(plan, situation):
    with pytest.raises(InvalidInput, match="P301"):
        explain_transfer(plan, situation, Roads(), "nowhere")


def test_free_beds_and_unmet_never_stand_side_by_side_when_care_is_greedy(plan, situation):
    room = Room(plan, situation, "icu")
    for site in situation.sites:
        assert room.free(site.code, 3) < 1e-6 or room.unmet(site.code, 3) < 1e-6


def test_staff_left_is_people_on_duty_less_the_need(plan, situation):
    left = staff_room(plan, situation, "02", 5)["nurse"]
    here = plan.tables["census"]
    here = here[(here["region"] == "02") & (here["period"] == 5)]
    lent = 12  # the loan of block 1
    assert left == pytest.approx(0.2 * (2400 - 200 - lent) - here["conventional"].sum(), abs=1e-4)


def test_a_plan_without_goals_is_still_told(plan, situation):
    assert len(explain_plan(dataclasses.replace(plan, goals=()), situation)) == 10
