"""Somebody with a region's key asks 200 what-ifs to find a neighbour's room, in the worst world for the neighbour."""

import functools
import itertools
import statistics
import sys

import pytest

from api.answers.what_ifs import own_figures
from nspl_opt.jobs.supervisor import Jobs
from nspl_opt.others import LEAST, RATIO, round_room, takes_away
from nspl_opt.scenario.what_if_text import parse_what_ifs
from nspl_opt.store import what_ifs
from nspl_opt.store.actor import SYSTEM
from tests.api.attacker import FEW, QUERIES, Bisector, asker, national, one_helper, questions
from tests.api.world import add_plan, draft, new_world, publish

GUESSES = [number / 20 for number in range(21)]
"""Where between a step and the next somebody may guess, in the logarithm."""
ERROR = 0.20
"""The bar: how far off whoever attacks is at least."""


def test_two_hundred_fine_questions_do_not_tell_a_neighbour_from_one_with_three_times_the_room():
    """So whatever is guessed is 50 % off for one of the two, and no cleverness helps."""
    little, much = 10, 31
    assert (much - little) / (much + little) > ERROR
    one, other = asker(one_helper(little)), asker(one_helper(much))
    told = [(one(asked), other(asked)) for asked in questions(1)]
    assert len(told) == QUERIES
    assert all(first == second for first, second in told)
    assert len({tuple(first.items()) for first, _ in told}) > QUERIES / 4  # and yet the answers say something


def test_who_bisects_and_knows_how_it_is_hidden_errs_by_a_fifth_and_more():
    """Read once for each step, for those who round alike answer alike; then every truth of the steps, every guess."""
    truths, errors = range(4, 100), {share: [] for share in GUESSES}
    read: dict[float, float] = {}
    for truth in truths:
        step = round_room(truth)
        if step not in read:
            bisector = Bisector(asker(one_helper(truth)))
            read[step] = bisector.room()
            assert bisector.left >= 0
            assert read[step] == pytest.approx(step, rel=0.05)
        for share in GUESSES:
            guess = read[step] * RATIO**share
            errors[share].append(abs(guess - truth) / truth)
    medians = {share: statistics.median(found) for share, found in errors.items()}
    assert min(medians.values()) >= ERROR, medians


def test_without_the_guard_the_same_attacker_finds_the_room():
    assert Bisector(asker(one_helper(13), rounded=False)).room() == pytest.approx(13, abs=0.1)


def test_in_the_national_model_the_same_reading_comes_of_every_neighbour_who_rounds_alike():
    """With staff, loans, planned care, reserves and a third region that is too full: room is what reserves leave."""
    rough = [Bisector(asker(national(beds)), 50, FEW).room() for beds in (27, 52)]
    exact = [Bisector(asker(national(beds), rounded=False), 50, FEW).room() for beds in (27, 52)]
    assert rough[0] == pytest.approx(rough[1], rel=0.05)
    assert exact[1] > 2 * exact[0]


def test_the_truth_lies_between_the_most_and_the_least_that_a_region_is_told():
    for room in (4, 11, 29):
        living, least = one_helper(room), 0
        rough, exact = asker(living), asker(living, rounded=False)
        for asked in itertools.islice(questions(room), 30):
            told, truth = rough(asked), exact(asked)["own_after"]
            assert truth <= told["own_after"], asked
            if told["own_after_least"] is not None:
                least += 1
                assert told["own_after_least"] <= truth, asked
        assert least > 5


def test_what_only_takes_away_is_never_told_as_a_gain_and_a_gain_has_no_least():
    result = {
        "regions": [{"region": "a", "before": 100.0, "after": 300.0}],
        "unmet": {"before": 900.0, "after": 1200.0},
    }
    eased = {"regions": [{"region": "a", "before": 100.0, "after": 60.0}], "unmet": {"before": 900.0, "after": 500.0}}
    told = own_figures({**result, "least": eased}, "a")
    assert (told["own_after_least"], told["own_after"]) == (100, 300)
    assert (told["country_change_least"], told["country_change"]) == (0, 300)
    told = own_figures(result, "a")
    assert (told["own_after_least"], told["country_change_least"]) == (None, None)
    worse = [("beds", "a:icu=-2"), ("staff", "a:nurse=x0.9"), ("decline", "a"), ("beds", "a=1")]
    living = one_helper(4)
    assert takes_away(parse_what_ifs(worse, living.known))
    for better in (("beds", "a:icu=+1"), ("beds", "a:icu=x1.2"), ("beds", "a:icu=+0"), ("lose", "aa")):
        assert not takes_away(parse_what_ifs([*worse, better], living.known))


def settings(**given):
    """The service of a test with these settings."""
    return pytest.mark.parametrize("asking", [given], indirect=True, ids=["set"])


@pytest.fixture
def asking(tmp_path, planned, request, monkeypatch):
    """A published plan, and what-ifs that are taken in and never end; ``settings`` gives it other settings."""
    child = (sys.executable, "-c", "import time; time.sleep(600)")
    monkeypatch.setattr(Jobs, "__init__", functools.partialmethod(Jobs.__init__, command=child))
    given = {"queue": 100, "per_holder": 50, **getattr(request, "param", {})}
    with new_world(tmp_path, reference=planned.reference, start=True, **given) as world:
        world.plan = add_plan(world.store, planned)
        publish(world, world.plan, draft())
        yield world


def _ask(world, change, who="decision_18", **more):
    one = {"lever": "beds", "place": "18", "what": "icu", "change": change, **more}
    return world.post(who, "/v1/what-if", {"base_plan": world.plan, "changes": [one]})


def _alarms(world):
    rows = world.get("secretariat", "/v1/audit?limit=200").json()["rows"]
    return [row for row in rows if row["action"] == "alarm"]


def test_the_same_question_gets_the_earlier_answer_however_it_is_written(asking):
    first = _ask(asking, "0.7")
    again = [_ask(asking, "x0.70"), _ask(asking, "0.7", from_h=0), _ask(asking, "0.7")]
    assert {one.status_code for one in again} == {202}
    assert {one.headers["location"] for one in again} == {first.headers["location"]}
    assert [one.json() for one in again] == [first.json()] * 3
    assert len(asking.store.run_read(lambda read: what_ifs.all_what_ifs(read))) == 1
    other = [_ask(asking, "0.7", from_h=12), _ask(asking, "0.71"), _ask(asking, "+7"), _ask(asking, "-7")]
    assert len({one.headers["location"] for one in (first, *other)}) == 5


def test_what_failed_is_asked_again(asking):
    first = _ask(asking, "0.7").json()["id"]
    asking.store.run_write(lambda work: what_ifs.tell(work, first, "interrupted", {}), SYSTEM, "end_what_if", first)
    assert _ask(asking, "0.7").json()["id"] != first


@settings(what_ifs_per_plan=3)
def test_a_region_asks_its_share_of_different_questions_about_a_plan_and_then_the_secretariat(asking):
    taken = [_ask(asking, f"-{beds}") for beds in (1, 2, 3)]
    refused = _ask(asking, "-4")
    assert [one.status_code for one in taken] == [202, 202, 202]
    assert refused.status_code == 429 and refused.headers["retry-after"]
    assert refused.json()["errors"][0]["remedy"] == "ask the secretariat"
    assert _ask(asking, "-2").headers["location"] == taken[1].headers["location"]
    assert _ask(asking, "-4", who="secretariat").status_code == 202


@settings(what_ifs_per_h=2)
def test_a_region_asks_so_many_an_hour_and_what_was_asked_before_costs_nothing(asking):
    assert [_ask(asking, change).status_code for change in ("-1", "-1", "-1", "-2", "-3")] == [202, 202, 202, 202, 429]


@settings(what_ifs_alarm=4, what_if_sizes_alarm=100)
def test_every_so_many_different_questions_the_secretariat_is_alarmed_and_the_region_is_not_told(asking):
    for size in (1, 2, 3, 3, 2):
        _ask(asking, f"-{size}")
    assert _alarms(asking) == []
    for size in (4, 5, 6, 7, 8):
        _ask(asking, f"-{size}")
    found = _alarms(asking)
    assert [row["detail"]["count"] for row in found] == [4, 8]
    assert {(row["object"], row["outcome"]) for row in found} == {(asking.plan, "ok")}
    assert {(row["detail"]["kind"], row["detail"]["region"]) for row in found} == {("many", "18")}
    counted = asking.get("secretariat", "/metrics").text
    assert 'nspl_opt_alarms_total{kind="what_ifs_many"} 2' in counted
    own = asking.get("decision_18", "/v1/audit?limit=200").json()["rows"]
    assert own and not [row for row in own if row["action"] == "alarm"]


@settings(what_if_sizes_alarm=5)
def test_who_moves_one_lever_as_if_to_bisect_raises_an_alarm_and_who_tries_several_things_does_not(asking):
    for place in ("18", sorted(asking.services.sites_of("18"))[0]):
        for what, change in itertools.product(("icu", "ward"), ("-2", "-4")):
            _ask(asking, change, place=place, what=what)
    assert _alarms(asking) == []
    for size in (16, 8, 12):
        _ask(asking, f"-{size}")
    assert [(row["detail"]["kind"], row["detail"]["count"]) for row in _alarms(asking)] == [("sizes", 5)]


def test_the_secretariat_may_ask_as_much_as_it_likes(asking):
    told = [_ask(asking, f"-{size}", who="secretariat") for size in (1, 1, 2)]
    assert len({one.headers["location"] for one in told}) == 3
    assert all("others_room_ratio" not in one.json() for one in told)


def test_room_is_rounded_down_to_a_step_and_never_by_more_than_the_ratio():
    for amount in (LEAST, 0.3, 0.999999, 1.0, 3.1, 10**0.5, 9.99, 10.0, 31.0, 100.0, 12345.6):
        step = round_room(amount)
        assert step <= amount * (1 + 1e-9) and amount < step * RATIO * (1 + 1e-9), amount
        assert round_room(step) == step
    assert round_room(0.0) == round_room(0.9 * LEAST) == 0.0
