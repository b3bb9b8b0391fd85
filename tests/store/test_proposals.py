"""Proposals: an operator says what it would answer. It counts for nothing until the region's decision-maker answers."""

import json

import pytest

from nspl_opt.store import capacities, lines, tables
from nspl_opt.store.actor import Actor
from nspl_opt.store.answers import Answer, answer_line, propose_answer, step_line
from nspl_opt.store.errors import NotThere, Refused, Stale, Unsound
from tests.store.small import STAFF, decision_maker, draft, operator
from tests.store.test_lines import ROUNDS, together

YES = Answer("accept", amount=5)
NO = Answer("decline", reason="no_staffed_capacity", legal_basis="hsl_16a_2")
OTHER = Answer("counter", counter={"amount": 2, "from_h": 12})


def told_version(work, line):
    return lines.find(work.connection, line).last_change(work.actor.region)[0]


def propose(store, line, actor=None, given=YES, version=None, **more):
    def run(work):
        current = told_version(work, line) if version is None else version
        return propose_answer(work, line, given, current, **more)

    return store.run_write(run, actor or operator("18"), "answer_line", line)


def answer(store, line, actor, given=YES, version=None, **more):
    def run(work):
        return answer_line(work, line, given, version or told_version(work, line), **more)

    return store.run_write(run, actor, "answer_line", line)


@pytest.mark.parametrize("given", [YES, Answer("accept", amount=2), NO, OTHER])
def test_a_proposal_is_noted_and_counts_for_nothing(store, offer, given):
    (line,) = offer(draft())
    stands = propose(store, line, given=given)
    assert (stands.version, stands.state, stands.agreed, stands.answers, stands.noted) == (2, "offered", None, {}, {})
    said = stands.proposed["receiver"]
    assert (said.answer, said.amount, said.counter) == (given.answer, given.amount, given.counter)
    assert (said.reason, said.legal_basis) == (given.reason, given.legal_basis)
    assert (said.holder, said.at, said.on_behalf) == ("region-18-jour-01", stands.changed_at, "")


def test_a_proposal_stands_in_the_audit_and_what_it_says_does_not(store, offer):
    (line,) = offer(draft())
    propose(store, line, given=NO)
    with store.read() as connection:
        row = connection.execute(tables.audit.select().order_by(tables.audit.c.seq.desc()).limit(1)).one()
    assert (row.role, row.region, row.object, row.outcome) == ("region_operator", "18", line, "ok")
    told = {"answer": "proposed", "parties": ["receiver"], "on_behalf": "", "holder": "region-18-jour-01"}
    assert json.loads(row.detail) == told


def test_a_new_proposal_replaces_the_older_whoever_made_it(store, offer):
    (line,) = offer(draft())
    propose(store, line)
    propose(store, line, given=NO)
    stands = propose(store, line, operator("18", "jour-02"), OTHER)
    assert stands.version == 4 and set(stands.proposed) == {"receiver"}
    assert (stands.proposed["receiver"].answer, stands.proposed["receiver"].holder) == ("counter", "region-18-jour-02")


@pytest.mark.parametrize(("given", "state"), [(YES, "offered"), (NO, "declined")])
def test_the_decision_maker_confirms_by_the_same_answer_or_answers_otherwise(store, offer, given, state):
    (line,) = offer(draft())
    propose(store, line)
    stands = answer(store, line, decision_maker("18"), given)
    assert (stands.state, stands.proposed) == (state, {})
    assert stands.answers["receiver"].answer == given.answer
    assert stands.answers["receiver"].holder == "region-18"


def test_a_region_that_is_two_parties_gets_a_proposal_for_both_or_for_each(store, offer):
    (line,) = offer(draft(carrier="17"))
    own = operator("17")
    assert set(propose(store, line, own).proposed) == {"sender", "carrier"}
    stands = propose(store, line, own, NO, party="carrier")
    assert {party: said.answer for party, said in stands.proposed.items()} == {"sender": "accept", "carrier": "decline"}
    stands = answer(store, line, decision_maker("17"), party="sender")
    assert (set(stands.answers), set(stands.proposed)) == ({"sender"}, {"carrier"})
    assert set(propose(store, line, own).proposed) == {"carrier"}  # what is answered is proposed no more
    answer(store, line, decision_maker("17"))
    with pytest.raises(Refused, match="L208"):
        propose(store, line, own)


def test_proposals_of_all_parties_accept_nothing(store, offer):
    (line,) = offer(draft(carrier="19"))
    for region in ("17", "18", "19"):
        stands = propose(store, line, operator(region))
    assert (stands.state, stands.agreed, set(stands.proposed)) == ("offered", None, {"sender", "receiver", "carrier"})


def test_silence_expires_whatever_was_proposed(store, offer, clock):
    first, second = offer(draft("one"), draft("two"), answer_h=2)
    propose(store, first)
    answer(store, first, decision_maker("17"))
    clock.move(hours=2)
    with pytest.raises(Refused, match="L207"):  # too late also before the line was let expire
        propose(store, second)
    assert lines.expire_due(store) == 2
    with store.read() as connection:
        stands = lines.find(connection, first)
    assert (stands.state, stands.agreed) == ("expired", None)
    with pytest.raises(Refused, match="L207"):
        propose(store, first)


def test_an_operator_never_answers_steps_cancels_or_directs(store, offer):
    open_, promised = offer(draft("one"), draft("two"))
    for region in ("17", "18"):
        answer(store, promised, decision_maker(region))
    with pytest.raises(NotThere):
        answer(store, open_, operator("18"))
    with pytest.raises(NotThere):
        answer(store, open_, operator("18"), on_behalf="18")
    for line, state in ((promised, "scheduled"), (promised, "failed"), (promised, "cancelled"), (open_, "cancelled"),
                        (open_, "directed")):  # fmt: skip
        with pytest.raises(Refused, match="L214"), store.write(operator("18"), "answer_line", line) as work:
            step_line(work, line, state, told_version(work, line), legal_basis="hsl_16a_2")
    with store.read() as connection:
        assert [lines.find(connection, line).version for line in (open_, promised)] == [1, 4]


def test_only_an_operator_of_a_party_proposes(store, offer):
    (line,) = offer(draft(carrier="national"))
    for actor in (operator("19"), decision_maker("18"), STAFF[0], Actor("4" * 12, "observer", None, "tillsyn-01")):
        with pytest.raises(NotThere):
            propose(store, line, actor)
    with pytest.raises(NotThere):
        propose(store, line, party="sender")
    with pytest.raises(NotThere):
        propose(store, "line-x-0", version=1)


def test_a_proposal_takes_the_version_that_was_read(store, offer):
    (line,) = offer(draft())
    propose(store, line, version=1)
    with pytest.raises(Stale):
        propose(store, line, version=1)


def test_a_proposal_moves_the_version_of_the_own_region_and_of_nobody_else(store, offer, clock):
    (line,) = offer(draft(carrier="17"))
    before = clock.now
    clock.move(minutes=5)
    for _ in range(3):
        stands = propose(store, line)
    assert stands.version == 4 and stands.last_change("18") == (4, stands.changed_at)
    for region in ("17", "19", None):
        version, at = stands.last_change(region)
        assert version == 1 and at == before.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    stands = answer(store, line, decision_maker("17"))  # nobody outside reads again, or sees a gap
    assert [stands.last_change(region)[0] for region in ("17", None, "18")] == [3, 3, 6]
    with pytest.raises(Stale):
        propose(store, line, version=4)


def test_of_a_proposal_and_answers_at_once_each_region_has_one_winner(store, offer):
    for turn in range(ROUNDS):
        (line,) = offer(draft(str(turn), carrier="19"))
        acts = [
            lambda line=line: propose(store, line, version=1),
            lambda line=line: answer(store, line, decision_maker("18"), version=1),
            lambda line=line: answer(store, line, decision_maker("17"), version=1),
            lambda line=line: propose(store, line, operator("17"), version=1),
        ]
        ended = together(4, lambda number, acts=acts: acts[number]())
        assert {getattr(one, "code", "won") for one in ended} <= {"won", "L504"}
        won = [isinstance(one, lines.Line) for one in ended]
        assert sum(won[:2]) <= 1 and sum(won[2:]) <= 1
        with store.read() as connection:
            assert lines.find(connection, line).version == 1 + sum(won) >= 2


def test_a_proposal_is_refused_where_the_answer_would_be(store, offer):
    (line,) = offer(draft())
    for wrong in (Answer("accept", amount=6), Answer("accept"), Answer("decline"), Answer("counter", counter={})):
        with pytest.raises(Unsound):
            propose(store, line, given=wrong)
    answer(store, line, decision_maker("17"), NO)
    with pytest.raises(Refused, match="L202"):
        propose(store, line)


def test_the_operator_hears_at_once_that_the_own_figure_does_not_reach(store, offer):
    window = {"from_time": "2027-01-11T00:00", "to_time": "2027-01-12T00:00"}
    first, second = offer(draft("one"), draft("two"))
    figure = store.run_write(
        lambda work: capacities.declare(work, "18", "take", "icu_general", 7, **window),
        operator("18"),
        "state_capacity",
    )
    answer(store, first, decision_maker("18"))
    with pytest.raises(Refused, match="7 at most, 5 promised"):
        propose(store, second)
    propose(store, second, given=Answer("accept", amount=2))
    with store.read() as connection:  # but a proposal takes no bed
        assert capacities.room_left(connection, figure) == {"amount": 7, "promised": 5, "left": 2}


def test_a_proposal_is_not_the_first_of_the_secretariats_two(store, offer):
    (line,) = offer(draft())
    propose(store, line)
    noted = answer(store, line, STAFF[0], on_behalf="18")
    assert (noted.answers, noted.noted["receiver"].holder) == ({}, "kansli-01")
    assert noted.proposed["receiver"].holder == "region-18-jour-01"  # and stands beside it
    with pytest.raises(Refused, match="L211"):
        answer(store, line, STAFF[0], on_behalf="18")
    assert answer(store, line, STAFF[1], on_behalf="18").answers["receiver"].on_behalf == "18"


def test_a_proposal_is_not_the_second_of_the_secretariats_two(store, offer):
    (line,) = offer(draft())
    answer(store, line, STAFF[0], on_behalf="18")
    stands = propose(store, line)
    assert (stands.state, stands.answers) == ("offered", {})
    assert (stands.noted["receiver"].holder, stands.proposed["receiver"].holder) == ("kansli-01", "region-18-jour-01")
    done = answer(store, line, STAFF[1], on_behalf="18")  # what was noted before still waits for the second
    assert (set(done.answers), done.noted, done.proposed) == ({"receiver"}, {}, {})


def test_a_note_by_telephone_is_no_proposal(store, offer):
    (line,) = offer(draft())
    assert answer(store, line, STAFF[0], on_behalf="18").proposed == {}
