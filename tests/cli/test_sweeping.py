"""``what-if`` and ``sweep`` on a small plan: what they say, what they write, how they end."""

import json

import pytest

from ..sweep import conftest  # noqa: F401  (puts the solver that is there in its place)


@pytest.fixture
def asked(call, place):
    """Ask of the small scenario."""

    def run(command, *options):
        return call(command, place / "scenario", "--reference", place / "reference", "--lang", "en", *options)

    return run


def test_a_what_if_shows_goals_before_and_after_and_is_marked(asked, country):
    ran = asked("what-if", "--beds", "all=0.5@24")
    assert ran.code == 0, ran.err
    assert ran.out.startswith("EXERCISE")
    assert "handle it as sensitive" in ran.out
    assert "before" in ran.out and "after" in ran.out and "Unmet care" in ran.out


def test_a_what_if_as_json_has_the_same_goals_twice(asked):
    ran = asked("what-if", "--beds", "all=0.5@24", "--json")
    found = json.loads(ran.out)
    assert ran.code == 0 and len(found["before"]["goals"]) == len(found["after"]["goals"]) == len(found["goals"])
    assert found["after"]["bound"] >= found["before"]["bound"] - 1e-6
    assert found["changed"]["rows"] > 0


def test_every_misspelt_what_if_is_told_at_once(asked):
    ran = asked("what-if", "--beds", "nowhere=0.5", "--lose", "nowhere", "--vehicles", "x")
    assert ran.code == 2
    assert ran.err.count("W102") == 2 and ran.err.count("W101") == 1 and "Traceback" not in ran.err


def test_a_what_if_about_nothing_is_refused(asked):
    ran = asked("what-if")
    assert ran.code == 2 and "U106" in ran.err


def test_a_sweep_writes_a_marked_table_and_page_and_goes_on_from_its_journal(asked, tmp_path):
    first = asked("sweep", "--kind", "hospital,region", "--workers", "1", "--out", tmp_path / "s")
    assert first.code == 0, first.err
    assert first.out.startswith("EXERCISE") and "hospital lost" in first.out
    assert {path.name for path in (tmp_path / "s").iterdir()} == {"sweep.csv", "sweep.en.html", "journal.jsonl"}
    table = (tmp_path / "s" / "sweep.csv").read_bytes()
    again = asked("sweep", "--kind", "hospital,region", "--out", tmp_path / "s", "--json")
    found = json.loads(again.out)
    assert again.code == 0 and (tmp_path / "s" / "sweep.csv").read_bytes() == table
    assert found["marking"] == "exercise" and found["cases"][0]["rank"] == 1


def test_a_sweep_over_other_files_is_refused(asked, tmp_path):
    (tmp_path / "letter.txt").write_text("Dear all")
    ran = asked("sweep", "--out", tmp_path)
    assert ran.code == 2 and "U103" in ran.err


def test_a_misspelt_kind_is_refused_with_the_nearest(asked):
    ran = asked("sweep", "--kind", "hospitals")
    assert ran.code == 2 and "did you mean 'hospital'?" in ran.err


def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(asked, tmp_path, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("nspl_opt.sweep.run._solved", interrupt)
    ran = asked("sweep", "--kind", "region", "--out", tmp_path / "s")
    assert ran.code == 130 and "the same command goes on" in ran.err and (tmp_path / "s" / "journal.jsonl").is_file()
