"""Answers to lines of help: three parties, the smallest amount, silence that is no consent, the last bed given once."""

import os
import threading

import pytest

from nspl_opt.store import capacities, lines
from nspl_opt.store.actor import Actor
from nspl_opt.store.answers import Answer, answer_line, step_line
from nspl_opt.store.errors import NotThere, Refused, Stale, StoreError, Unsound
from tests.store.small import LEAD, STAFF, decision_maker, draft

ROUNDS = int(os.environ.get("NSPL_ROUNDS", "10"))
YES = Answer("accept", amount=5)


def answer(store, line, actor, given=YES, version=None, **more):
    lines.expire_due(store)

    def run(work):
        current = lines.find(work.connection, line).version if version is None else version
        return answer_line(work, line, given, current, **more)

    return store.run_write(run, actor, "line.answer", line)


def step(store, line, actor, state, **more):
    def run(work):
        return step_line(work, line, state, lines.find(work.connection, line).version, **more)

    return store.run_write(run, actor, "line.step", line)


def now(store, line):
    with store.read() as connection:
        return lines.find(connection, line)


def test_a_line_is_accepted_when_all_three_have_said_yes(store, offer):
    (line,) = offer(draft(carrier="19"))
    for region, state in (("17", "offered"), ("18", "offered"), ("19", "accepted")):
        stands = answer(store, line, decision_maker(region))
        assert (stands.state, stands.agreed) == (state, 5 if state == "accepted" else None)
    assert set(stands.answers) == {"sender", "receiver", "carrier"}


def test_the_smallest_of_the_three_amounts_counts(store, offer):
    (line,) = offer(draft(carrier="19"))
    for region, amount in (("17", 5), ("18", 2), ("19", 4)):
        stands = answer(store, line, decision_maker(region), Answer("accept", amount=amount))
    assert (stands.state, stands.agreed) == ("accepted_partial", 2)


def test_a_region_that_is_two_parties_answers_for_both_or_for_each(store, offer):
    first, second = offer(draft("one", carrier="17"), draft("two", carrier="17"))
    assert set(answer(store, first, decision_maker("17")).answers) == {"sender", "carrier"}
    assert answer(store, first, decision_maker("18")).state == "accepted"
    answer(store, second, decision_maker("17"), Answer("accept", amount=5), party="sender")
    answer(store, second, decision_maker("18"))
    assert answer(store, second, decision_maker("17"), Answer("accept", amount=1), party="carrier").agreed == 1


def test_a_loan_of_staff_has_no_carrier(store, offer):
    (line,) = offer(draft(kind="staff", carrier="", what="icu_nurse", vehicle_type=""))
    answer(store, line, decision_maker("17"))
    assert answer(store, line, decision_maker("18")).state == "accepted"


@pytest.mark.parametrize(
    ("given", "state"),
    [
        (Answer("decline", reason="no_staffed_capacity", legal_basis="hsl_16a_2"), "declined"),
        (Answer("counter", counter={"amount": 2, "from_h": 12}), "countered"),
    ],
)
def test_one_no_or_other_offer_ends_the_line(store, offer, given, state):
    (line,) = offer(draft())
    answer(store, line, decision_maker("17"))
    stands = answer(store, line, decision_maker("18"), given)
    assert (stands.state, stands.agreed, stands.answers["receiver"].counter) == (state, None, given.counter)
    with pytest.raises(Refused, match="L202"):
        answer(store, line, decision_maker("18"))


def test_silence_expires_and_is_never_consent(store, offer, clock):
    first, second = offer(draft("one", carrier="17"), draft("two", carrier="17"), answer_h=2)
    answer(store, first, decision_maker("17"))
    clock.move(hours=2, microseconds=-1)
    assert lines.expire_due(store) == 0
    clock.move(microseconds=1)
    for line in (first, second):
        with pytest.raises(Refused, match="L207"):
            answer(store, line, decision_maker("18"))
        assert (now(store, line).state, now(store, line).agreed) == ("expired", None)
    assert lines.expire_due(store) == 0


def test_an_answer_too_late_is_refused_even_before_the_line_was_let_expire(store, offer, clock):
    (line,) = offer(draft(), answer_h=2)
    clock.move(hours=3)
    with pytest.raises(Refused, match="L207"), store.write(decision_maker("18"), "line.answer") as work:
        answer_line(work, line, YES, 1)


def test_a_clock_that_steps_back_resurrects_nothing_and_changes_no_order(store, offer, clock):
    (line,) = offer(draft(), answer_h=2)
    clock.move(hours=2.5)
    assert lines.expire_due(store) == 1
    clock.move(hours=-1)
    with pytest.raises(Refused, match="L207"):
        answer(store, line, decision_maker("18"))
    (later,) = offer(draft("later"))
    clock.move(hours=-5)
    assert answer(store, later, decision_maker("17")).state == "offered"
    with store.read() as connection:
        mine = lines.lines_of_region(connection, "18")
        told = lines.line_history(connection, later)
    assert [one.id for one in mine] == [line, later]
    assert [one["version"] for one in told] == [1, 2, 3] and told[0]["at"] > told[2]["at"]


def test_a_line_is_answered_once_by_each_and_only_by_its_parties(store, offer):
    (line,) = offer(draft(carrier="national"))
    answer(store, line, decision_maker("17"))
    with pytest.raises(Refused, match="L208"):
        answer(store, line, decision_maker("17"))
    operator = Actor("3" * 12, "region_operator", "18", "region-18b")
    observer = Actor("4" * 12, "observer", None, "tillsyn-01")
    for actor, more in (
        (decision_maker("19"), {}), (operator, {}), (observer, {}), (STAFF[0], {}), (STAFF[0], {"on_behalf": "19"}),
        (decision_maker("17"), {"on_behalf": "18"}),
    ):  # fmt: skip
        with pytest.raises(NotThere):
            answer(store, line, actor, **more)
    with pytest.raises(NotThere):
        answer(store, "line-x-0", decision_maker("17"), version=1)


@pytest.mark.parametrize(
    "given",
    [
        Answer("maybe"), Answer("accept"), Answer("accept", amount=0), Answer("accept", amount=6),
        Answer("decline"), Answer("decline", reason="no_idea"), Answer("decline", amount=1, reason="other"),
        Answer("accept", amount=1, reason="other"), Answer("accept", amount=1, legal_basis="my_own"),
        Answer("counter"), Answer("counter", counter={}), Answer("counter", counter={"price": 3}),
        Answer("counter", counter={"amount": True}), Answer("counter", counter={"from_h": -1}),
        Answer("counter", counter={"what": "=1+1"}), Answer("accept", amount=1, counter={"amount": 1}),
    ],
)  # fmt: skip
def test_an_answer_that_says_nothing_is_refused(store, offer, given):
    (line,) = offer(draft())
    with pytest.raises(Unsound):
        answer(store, line, decision_maker("18"), given)
    assert now(store, line).version == 1


def test_an_answer_told_by_telephone_counts_when_a_second_person_notes_the_same(store, offer):
    (line,) = offer(draft(carrier="national"))
    answer(store, line, decision_maker("17"))
    answer(store, line, decision_maker("18"))
    noted = answer(store, line, STAFF[0], on_behalf="national")
    assert (noted.state, set(noted.noted)) == ("offered", {"carrier"})
    with pytest.raises(Refused, match="L211"):
        answer(store, line, STAFF[0], on_behalf="national")
    other = answer(store, line, STAFF[1], Answer("accept", amount=4), on_behalf="national")
    assert other.state == "offered"
    assert answer(store, line, STAFF[0], Answer("accept", amount=4), on_behalf="national").agreed == 4
    assert now(store, line).answers["carrier"].on_behalf == "national"


def test_a_promised_line_goes_its_way(store, offer):
    (line,) = offer(draft(carrier="17"))
    for region in ("17", "18"):
        answer(store, line, decision_maker(region))
    sender, receiver = decision_maker("17"), decision_maker("18")
    for actor, state in ((STAFF[0], "scheduled"), (sender, "in_transit"), (receiver, "arrived"), (STAFF[0], "closed")):
        assert step(store, line, actor, state).state == state
    assert now(store, line).agreed == 5
    with pytest.raises(Refused, match="L202"):
        step(store, line, STAFF[0], "scheduled")


def test_only_the_secretariat_cancels_and_notes_what_was_directed(store, offer):
    (line,) = offer(draft())
    answer(store, line, decision_maker("18"), Answer("decline", reason="no_competence"))
    with pytest.raises(Refused, match="L202"):
        step(store, line, decision_maker("18"), "directed", legal_basis="hsl_16a_2")
    with pytest.raises(NotThere):
        step(store, line, decision_maker("19"), "cancelled")
    for more in ({}, {"legal_basis": "because"}, {"legal_basis": "hsl_16a_2", "amount": 6}):
        with pytest.raises(Unsound):
            step(store, line, STAFF[0], "directed", **more)
    directed = step(store, line, STAFF[0], "directed", legal_basis="hsl_16a_2", amount=3)
    assert (directed.state, directed.agreed) == ("directed", 3)
    with pytest.raises(Unsound):
        step(store, line, STAFF[0], "scheduled", amount=3)


def declare(store, region="18", amount=1, side="take", **more):
    window = {"from_time": "2027-01-11T00:00", "to_time": "2027-01-12T00:00"} | more
    return store.run_write(
        lambda work: capacities.declare(work, region, side, "icu_general", amount, **window),
        decision_maker(region),
        "capacity.declare",
    )


def test_nobody_promises_beyond_the_own_figure(store, offer):
    figure = declare(store, amount=7)
    first, second, third = offer(
        draft("one"), draft("two"), draft("later", from_time="2027-01-12T06:00", to_time="2027-01-12T18:00")
    )
    answer(store, first, decision_maker("18"))
    with pytest.raises(Refused, match="7 at most, 5 promised"):
        answer(store, second, decision_maker("18"))
    answer(store, third, decision_maker("18"))
    answer(store, second, decision_maker("18"), Answer("accept", amount=2))
    with store.read() as connection:
        assert capacities.room_left(connection, figure) == {"amount": 7, "promised": 7, "left": 0}
    answer(store, first, decision_maker("17"), Answer("decline", reason="other"))
    with store.read() as connection:
        assert capacities.room_left(connection, figure)["left"] == 5


def test_the_latest_figure_counts_and_who_gives_is_bound_too(store, offer):
    declare(store, "17", 9, side="give")
    changed = declare(store, "17", 3, side="give", version=1)
    assert changed.version == 2
    with pytest.raises(Stale):
        declare(store, "17", 4, side="give", version=1)
    (line,) = offer(draft(carrier="19"))
    with pytest.raises(Refused, match="L209"):
        answer(store, line, decision_maker("17"))
    answer(store, line, decision_maker("17"), Answer("accept", amount=3))
    with store.read() as connection:
        assert [one.amount for one in capacities.capacities_of(connection)] == [3]
        assert capacities.capacities_of(connection, "18") == []


@pytest.mark.parametrize(
    "wrong",
    [{"amount": -1}, {"amount": 10**6}, {"side": "both"}, {"to_time": "2027-01-10T00:00"}, {"from_time": "now"},
     {"source": "a b"}],
)  # fmt: skip
def test_a_figure_that_means_nothing_is_refused(store, wrong):
    with pytest.raises(Unsound):
        declare(store, **wrong)


def together(count, work):
    """Run ``work(number)`` in so many threads at once; what each gave, or the error it ended with."""
    gate, ended = threading.Barrier(count), [None] * count

    def run(number):
        gate.wait()
        try:
            ended[number] = work(number)
        except StoreError as error:
            ended[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended


def test_the_last_bed_is_given_once(store, offer):
    declare(store, amount=5)
    for turn in range(ROUNDS):
        ids = offer(*(draft(f"{turn}-{n}", sender="17", carrier="19") for n in range(8)))
        ended = together(8, lambda number, ids=ids: answer(store, ids[number], decision_maker("18"), version=1))
        won = [line for line in ended if not isinstance(line, StoreError)]
        assert len(won) == 1 and {getattr(one, "code", "won") for one in ended} == {"won", "L209"}
        store.run_write(lambda work, won=won: step_line(work, won[0].id, "cancelled", 2), LEAD, "line.step")


def test_of_many_answers_to_one_line_one_wins(store, offer):
    for turn in range(ROUNDS):
        (line,) = offer(draft(str(turn)))
        ended = together(8, lambda _, line=line: answer(store, line, decision_maker("18"), version=1))
        assert sorted(getattr(one, "code", "won") for one in ended) == ["L504"] * 7 + ["won"]
        assert now(store, line).version == 2
