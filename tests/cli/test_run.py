"""How a run ends: without a plan, interrupted, with an error of our own. The pipeline is replaced here."""

import signal
import sys
import threading
from types import SimpleNamespace

import pandas as pd
import pytest

from nspl_opt.cli.progress import Plain, choose, figure, gap_text, line
from nspl_opt.formulation.catalogue import list_models
from nspl_opt.plan.plan import TABLES
from nspl_opt.problems import InvalidInput, Problem

NO_ROWS = {name: pd.DataFrame(columns=[column.name for column in columns]) for name, columns in TABLES.items()}


def news(stage, goal=None, value=None, bound=None, gap=None):
    return SimpleNamespace(stage=stage, goal=goal, value=value, bound=bound, gap=gap, seconds=0.0)


@pytest.fixture
def pipeline(monkeypatch):
    """Replace ``make_plan`` by a function; the modules behind the real one are loaded first."""
    import nspl_opt.pipeline
    import nspl_opt.rolling

    def replace(function):
        monkeypatch.setattr(nspl_opt.pipeline, "make_plan", function)

    return replace


def no_plan(status, why):
    return SimpleNamespace(plan=None, status=status, why=why, check=None, scenario_dir=None, reference_dir=None)


def test_without_a_plan_the_exit_code_is_1_and_the_reason_is_told(call, pipeline, tmp_path):
    pipeline(lambda *a, **k: no_plan("no_solution_in_time", "give more time with --time-limit"))
    ran = call("plan", "gotland-ovning", "--out", tmp_path / "p", "--lang", "en", "--quiet")
    assert ran.code == 1 and "No plan could be made" in ran.err and "--time-limit" in ran.err
    assert not (tmp_path / "p").exists()


def test_what_was_asked_reaches_the_pipeline(call, pipeline, tmp_path):
    asked, model = {}, tmp_path / "mine.toml"
    model.write_text(list_models()["national"].read_text(encoding="utf-8"), encoding="utf-8")

    def make(scenario, model, **more):
        asked.update(more, scenario=scenario, model=model)
        return no_plan("no_solution_in_time", "")

    pipeline(make)
    call(
        "plan", "spring-2020", "--out", tmp_path / "p", "--model", model, "--level", "hospital",
        "--time-limit", "7.5", "--set", "families.staff=off", "--set", "solver.seed = 3",
    )  # fmt: skip
    assert asked["scenario"].name == "spring-2020" and asked["model"] == str(model) and asked["level"] == "hospital"
    assert asked["overrides"] == {"families.staff": "off", "solver.seed": "3"} and asked["time_limit_s"] == 7.5


def test_ctrl_c_asks_the_solve_to_stop_and_the_plan_so_far_is_kept(call, pipeline, tmp_path, monkeypatch):
    kept = []
    monkeypatch.setattr("nspl_opt.plan.folder.write_plan", lambda plan, out, *rest: kept.append(out))

    def make(*_, stop, **__):
        signal.raise_signal(signal.SIGINT)
        assert stop.wait(5)
        told = {"size": {}, "timing": {}, "provenance": {}, "goals": (), "main": None, "notes": ()}
        plan = SimpleNamespace(status="cancelled", avoidable=None, tables=NO_ROWS, **told)
        check = SimpleNamespace(ok=True, checked={}, broken={}, text=lambda language: "0 of 0 rules hold")
        return SimpleNamespace(**vars(no_plan("cancelled", "")) | {"plan": plan, "check": check})

    pipeline(make)
    before = signal.getsignal(signal.SIGINT)
    ran = call("plan", "gotland-ovning", "--out", tmp_path / "p", "--lang", "en")
    assert ran.code == 0 and kept == [tmp_path / "p"] and "best plan so far is kept" in ran.err
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_twice_ends_at_once_with_nothing_written(call, pipeline, tmp_path):
    def make(*_, **__):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("not reached")

    pipeline(make)
    ran = call("plan", "gotland-ovning", "--out", tmp_path / "p")
    assert ran.code == 130 and not (tmp_path / "p").exists() and "Traceback" not in ran.err


def test_an_error_of_our_own_is_one_line_and_how_to_see_more(call, pipeline, tmp_path):
    def fail(*_, **__):
        raise KeyError("something\nof ours")

    pipeline(fail)
    ran = call("plan", "gotland-ovning", "--out", tmp_path / "p", "--quiet")
    assert ran.code == 1 and "KeyError" in ran.err and "NSPL_OPT_DEBUG=1" in ran.err
    assert len(ran.err.splitlines()) == 2
    with pytest.raises(KeyError):
        call("plan", "gotland-ovning", "--out", tmp_path / "p", "--quiet", NSPL_OPT_DEBUG="1")


def test_every_problem_of_an_input_is_told_at_once(call, pipeline, tmp_path):
    def refuse(*_, **__):
        raise InvalidInput("flood", [Problem("S1", "a", "b", "c"), Problem("S2", "d", "e", "f")])

    pipeline(refuse)
    ran = call("plan", "gotland-ovning", "--out", tmp_path / "p", "--quiet")
    assert ran.code == 2 and ran.err == "flood: 2 problems\nS1  a: b\n      c\nS2  d: e\n      f\n"


def test_plain_progress_tells_each_goal_when_it_starts_and_how_it_ended(capsys):
    with Plain("en") as show:
        show(news("read"))
        show(news("solve"))
        show(news("solve: relaxation", "unmet_care", None, 10.0, None))
        show(news("solve: search", "unmet_care", 20.0, 10.0, 0.5))
        show(news("solve: held", "unmet_care", 12.0, 11.0, 1 / 12))
        show(news("solve: relaxation", "worst_region", None, 1.0, None))
    told = [text.split(" s  ", 1)[1] for text in capsys.readouterr().err.splitlines()]
    assert [text.split()[0] for text in told] == ["read", "solve", "relax", "done", "relax"]
    assert "8.33 %" in told[3]


def test_progress_is_quiet_when_asked_and_plain_without_a_terminal(monkeypatch, capsys):
    with choose("sv", quiet=True) as show:
        show(news("read"))
        show.note("nothing")
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False, raising=False)
    assert isinstance(choose("sv", quiet=False), Plain)


def test_a_terminal_sees_a_live_line_and_what_is_done_above_it(capsys):
    from nspl_opt.cli.progress import Live

    with Live("en") as show:
        show(news("read"))
        show(news("solve: search", "unmet_care", 20.0, 10.0, 0.5))
        show.note("a remark [in brackets]")
    told = capsys.readouterr().err
    assert "read" in told and "50.00 %" in told and "a remark [in brackets]" in told


def test_figures_are_short_and_never_nonsense():
    assert [figure(x) for x in (None, float("nan"), float("inf"), 0, 0.0625, 12.34, 12345.6, -3)] == [
        "-", "-", "-", "0", "0.062", "12.3", "12 346", "-3",
    ]  # fmt: skip
    assert [gap_text(x) for x in (None, float("nan"), float("inf"), 0, 0.01)] == ["-", "-", "-", "0.00 %", "1.00 %"]
    assert line(news("something new"), "sv", 1.25).strip() == "1.2 s  something new"


def test_a_plan_may_be_made_outside_the_main_thread(pipeline, tmp_path):
    from nspl_opt.cli import planning

    seen = []
    thread = threading.Thread(
        target=lambda: seen.append(planning._stop_on_interrupt(choose("sv", quiet=True), "sv").__enter__().is_set())
    )
    thread.start()
    thread.join(5)
    assert seen == [False]
