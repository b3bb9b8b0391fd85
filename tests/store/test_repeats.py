"""Repeated requests have one effect; what-ifs go their way; no change goes without its row of the audit."""

import inspect
from contextlib import nullcontext
from pathlib import Path

import pytest
from sqlalchemy import func, select

from nspl_opt.store import (
    answers,
    audit,
    capacities,
    help_requests,
    idempotency,
    keys,
    lines,
    plans,
    runs,
    scenarios,
    standing,
    tables,
    what_ifs,
)
from nspl_opt.store.actor import LOCAL, SYSTEM
from nspl_opt.store.answers import Answer, answer_line, propose_answer, step_line
from nspl_opt.store.errors import Again, Busy, Full, NotThere, Refused, Stale, StoreError, Unsound, messages
from nspl_opt.store.store import Store
from tests.store.small import LEAD, STAFF, add_small_plan, decision_maker, draft, operator
from tests.store.test_help_requests import BODY
from tests.store.test_lines import together

REQUEST = idempotency.Request("1" * 12, "a-token", "POST /v1/regions/18/answers", "0" * 64)


def repeat(store, request, line):
    """A request as a service handles it: an answer given before is given again, else made and kept."""

    def run(work):
        if (before := idempotency.replay(work.connection, request)) is not None:
            return before
        stands = answer_line(work, line, Answer("accept", amount=5), 1)
        reply = idempotency.Reply(200, {"ETag": str(stands.version)}, stands.state)
        idempotency.remember(work, request, reply)
        return reply

    return store.run_write(run, decision_maker("18"), "line.answer", line)


def test_a_request_repeated_a_hundred_times_has_one_effect_and_one_answer(store, address, offer):
    (line,) = offer(draft())
    first = repeat(store, REQUEST, line)
    beside = Store.open(address)  # as after a restart
    told = [repeat(one, REQUEST, line) for one in (store, beside) for _ in range(30)]
    told += together(8, lambda _: [repeat(store, REQUEST, line) for _ in range(5)])
    assert all(one == first or one == [first] * 5 for one in told)
    with store.read() as connection:
        assert lines.find(connection, line).version == 2
    beside.close()


def test_the_same_token_for_another_request_is_refused(store, offer):
    (line,) = offer(draft())
    repeat(store, REQUEST, line)
    for name in ("method_path", "body_sha256"):
        other = idempotency.Request(**{**{n: getattr(REQUEST, n) for n in REQUEST.__slots__}, name: "other"})
        with pytest.raises(Refused, match="L212"):
            repeat(store, other, line)
    with pytest.raises(Stale):
        repeat(store, idempotency.Request("2" * 12, "a-token", "POST", "0"), line)


def test_a_token_is_short_and_plain_text(store):
    for token in ("", "x" * 201, "å", "a\nb"):
        with pytest.raises(Unsound), store.write(LEAD, "thing.note") as work:
            idempotency.remember(work, idempotency.Request("1", token, "POST", "0"), idempotency.Reply(200, {}, ""))


def test_a_what_if_belongs_to_the_region_that_asked(store, plan_id):
    mine = store.run_write(lambda work: what_ifs.ask(work, plan_id, {"beds": 2}), decision_maker("18"), "what_if.ask")
    theirs = store.run_write(lambda work: what_ifs.ask(work, plan_id, {}), STAFF[0], "what_if.ask")
    for state, result in (("running", None), ("done", {"unmet_h": -10})):
        store.run_write(lambda work, s=state, r=result: what_ifs.tell(work, mine, s, r), SYSTEM, "what_if.tell", mine)
    with store.read() as connection:
        found = what_ifs.find(connection, mine, "18")
        assert (found.state, found.changes, found.result) == ("done", {"beds": 2}, {"unmet_h": -10})
        assert [one.id for one in what_ifs.all_what_ifs(connection, "18")] == [mine]
        assert [one.id for one in what_ifs.all_what_ifs(connection)] == [theirs, mine]
        assert [one.id for one in what_ifs.unfinished(connection)] == [theirs]
        for region in ("17", None):
            with pytest.raises(NotThere):
                what_ifs.find(connection, theirs if region else "whatif-x-0", region)
    with pytest.raises(Refused, match="L202"):
        store.run_write(lambda work: what_ifs.tell(work, mine, "running"), SYSTEM, "what_if.tell", mine)


def changes(small, plan, other_plan, line, request, run, what_if, key):
    """Every function that changes something, called so that it succeeds."""
    files = dict(small.scenario.files)
    other = scenarios.check_scenario(files | {"demand.csv": files["demand.csv"].replace("60", "61")})
    decider = decision_maker("18")
    return {
        (keys, "issue"): (LOCAL, lambda w: keys.issue(w, "observer", None, "tillsyn-01")),
        (keys, "revoke"): (LOCAL, lambda w: keys.revoke(w, key)),
        (scenarios, "add_scenario"): (LEAD, lambda w: scenarios.add_scenario(w, "other", other)),
        (scenarios, "add_model"): (LEAD, lambda w: scenarios.add_model(w, "other", small.model)),
        (runs, "ask"): (LEAD, lambda w: runs.ask(w, run[0], run[1])),
        (runs, "tell"): (SYSTEM, lambda w: runs.tell(w, run[2], "running")),
        (plans, "add_plan"): (LEAD, lambda w: plans.add_plan(w, run[2], small.checked)),
        (plans, "publish"): (LEAD, lambda w: plans.publish(w, other_plan)),
        (plans, "withdraw"): (LEAD, lambda w: plans.withdraw(w, plan)),
        (lines, "make_lines"): (LEAD, lambda w: lines.make_lines(w, plan, [draft("new")])),
        (lines, "add_events"): (
            LEAD,
            lambda w: lines.add_events(w, [lines.event(w, line, 2, "system", "expired", "x")]),
        ),
        (standing, "offer_lines"): (
            LEAD,
            lambda w: standing.offer_lines(w, plan, standing.offer_of(small.checked.opened), 3.0),
        ),
        (lines, "end_open"): (LEAD, lambda w: lines.end_open(w, plan, lines.CANCELLED)),
        (answers, "answer_line"): (decider, lambda w: answer_line(w, line, Answer("accept", amount=5), 1)),
        (answers, "propose_answer"): (
            operator("18"),
            lambda w: propose_answer(w, line, Answer("accept", amount=5), 1),
        ),
        (answers, "step_line"): (STAFF[0], lambda w: step_line(w, line, "cancelled", 1)),
        (capacities, "declare"): (
            decider,
            lambda w: capacities.declare(w, "18", "take", "icu", 1, "2027-01-11T00:00", "2027-01-12T00:00"),
        ),
        (help_requests, "draft_request"): (decider, lambda w: help_requests.draft_request(w, BODY)),
        (help_requests, "change_request"): (decider, lambda w: help_requests.change_request(w, request, BODY, 1)),
        (help_requests, "step_request"): (decider, lambda w: help_requests.step_request(w, request, "submitted", 1)),
        (what_ifs, "ask"): (decider, lambda w: what_ifs.ask(w, plan, {})),
        (what_ifs, "tell"): (SYSTEM, lambda w: what_ifs.tell(w, what_if, "running")),
        (idempotency, "remember"): (decider, lambda w: idempotency.remember(w, REQUEST, idempotency.Reply(1, {}, ""))),
    }


@pytest.fixture
def every_change(store, small, plan_id, offer):
    (line,) = offer(draft())
    decider = decision_maker("18")
    request = store.run_write(lambda w: help_requests.draft_request(w, BODY), decider, "help.draft")
    what_if = store.run_write(lambda w: what_ifs.ask(w, plan_id, {}), decider, "what_if.ask")
    key = store.run_write(lambda w: keys.issue(w, "observer", None, "tillsyn-02"), LOCAL, "key.issue").id
    with store.read() as connection:
        facts = plans.find(connection, plan_id)
    ids = (facts.scenario_id, facts.model_id)
    run = (*ids, store.run_write(lambda w: runs.ask(w, *ids), LEAD, "run.ask"))
    return changes(small, plan_id, add_small_plan(store, small), line, request, run, what_if, key)


def counts(store):
    with store.read() as connection:
        return counts_on(connection)


def counts_on(connection):
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar()
        for table in tables.metadata.sorted_tables
    }


def test_no_change_is_made_without_its_row_of_the_audit(store, every_change, monkeypatch):
    """Every function that takes a ``Work``: with an audit that fails it changes nothing; with one it leaves a row."""
    modules = {module for module, _ in every_change}
    writing = {
        (module, name)
        for module in modules
        for name, one in inspect.getmembers(module, inspect.isfunction)
        if one.__module__ == module.__name__
        and not name.startswith("_")
        and "work" in inspect.signature(one).parameters
    }
    assert writing - {(lines, "event"), (capacities, "check_room")} == set(every_change)
    before, append = counts(store), audit.append

    def fails(connection, entry):
        raise Full("L503")

    monkeypatch.setattr(audit, "append", fails)
    for actor, change in every_change.values():
        with pytest.raises(Full):
            store.run_write(change, actor, "thing.change")
    assert counts(store) == before
    monkeypatch.setattr(audit, "append", append)

    class Undone(Exception):
        pass

    for (_, name), (actor, change) in every_change.items():
        with pytest.raises(Undone), store.database.writing() as connection:
            monkeypatch.setattr(store.database, "writing", lambda connection=connection: nullcontext(connection))
            store.run_write(change, actor, f"thing.{name}")
            changed = [table for table, count in counts_on(connection).items() if count > before[table]]
            assert "audit" in changed and len(changed) > 1, name
            monkeypatch.undo()
            raise Undone
    assert counts(store) == before


def test_a_transaction_that_gave_way_is_run_again_and_not_for_ever(store):
    tries = []

    def gives_way(work):
        tries.append(work)
        if len(tries) < 4:
            raise Again("L502")
        return "done"

    assert store.run_write(gives_way, LEAD, "thing.note") == "done" and len(tries) == 4
    with pytest.raises(Busy) as refused:
        store.run_write(lambda work: (_ for _ in ()).throw(Again("L502")), LEAD, "thing.note")
    assert type(refused.value) is Busy


def test_every_refusal_has_words_in_both_languages():
    assert len(messages()) > 25
    for code, words in messages().items():
        assert set(words) == {"sv", "en", "remedy_sv", "remedy_en"}
        assert all(
            text.endswith((".", "}", "/databas", "/database")) or "nspl-opt" in text for text in words.values()
        ), code
    error = Busy("L501")
    assert isinstance(error, StoreError) and str(error).startswith("L501: ") and error.remedy_sv.startswith("Försök")


def test_every_code_of_a_refusal_is_used_and_every_used_one_has_words():
    texts = [path.read_text("utf-8") for path in Path(audit.__file__).parent.rglob("*.py")]
    used = {code for code in messages() if any(f'"{code}"' in text for text in texts)}
    assert used == set(messages())
