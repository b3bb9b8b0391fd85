"""The commands on a real, small plan: what they say, what they write, how they end."""

import json
import re

import pytest


def test_a_plan_is_made_written_and_told(planned, place):
    assert planned.code == 0, planned.err
    assert re.search(r"^Unmet care +[\d ]", planned.out, re.M)
    assert re.search(r"(\d+) of \1 rules hold", planned.out)
    assert str(place / "plan") in planned.out
    assert (place / "plan" / "plan.json").is_file() and (place / "plan" / "transfers.csv").is_file()


def test_the_share_of_avoidable_unmet_care_and_what_is_whole_are_told(planned, place):
    assert "help between regions" in planned.out
    assert "Whole numbers, to be executed:" in planned.out and "Expected values," in planned.out
    head = json.loads((place / "plan" / "plan.json").read_text(encoding="utf-8"))
    assert head["avoidable"]["without_help"] >= head["avoidable"]["plan"] and head["grid"] == [[12, 2], [24, 1]]


def test_a_plan_on_another_grid_is_verified_from_its_folder_alone(place, tmp_path, call):
    reference, out = place / "reference", tmp_path / "growing"
    options = ("--reference", reference, "--grid", "growing", "--no-without-help", "--quiet")
    made = call("plan", place / "scenario", "--out", out, *options)
    assert made.code == 0, made.err
    head = json.loads((out / "plan.json").read_text(encoding="utf-8"))
    assert head["grid"] == [[6, 8]] and "avoidable" not in head
    assert call("verify", out).code == 0
    assert call("explain", out).code == 0


def test_a_plan_made_in_windows_says_so_and_is_verified_from_its_folder(place, tmp_path, call):
    out = tmp_path / "windows"
    options = ("--reference", place / "reference", "--window", "2", "--no-without-help", "--quiet")
    made = call("plan", place / "scenario", "--out", out, *options)
    assert made.code == 0, made.err
    assert "Gjord i fönster: 2 perioder" in made.out
    head = json.loads((out / "plan.json").read_text(encoding="utf-8"))
    assert head["provenance"]["windows"] == {"periods": 2, "step": 1}
    assert call("verify", out).code == 0


def test_windows_that_cannot_be_are_refused_and_nothing_is_written(place, tmp_path, call):
    options = ("--reference", place / "reference", "--window", "2", "--step", "3", "--quiet")
    ran = call("plan", place / "scenario", "--out", tmp_path / "p", *options)
    assert ran.code == 2 and "U121" in ran.err and "1 to 2" in ran.err
    assert not (tmp_path / "p").exists()


def test_a_grid_of_another_length_is_refused_before_anything_is_computed(place, tmp_path, call):
    ran = call("plan", place / "scenario", "--out", tmp_path / "p", "--grid", "6x4", "--reference", place / "reference")
    assert ran.code == 2 and "S111" in ran.err and "the scenario 48 h" in ran.err
    checked = call("check", place / "scenario", "--grid", "6x4", "--reference", place / "reference")
    assert checked.code == 2 and "S111" in checked.err


def test_progress_goes_to_standard_error_and_names_goal_bound_gap_and_time(planned):
    assert re.search(r"^ +\d+\.\d s +done +Unmet care +value +[\d ]+ +bound +[\d ]+ +gap +[\d.]+ %", planned.err, re.M)
    assert "gap" not in planned.out.splitlines()[0]


def test_verify_finds_every_rule_kept(planned, place, call):
    ran = call("verify", place / "plan", "--lang", "en")
    assert ran.code == 0 and "rules hold" in ran.out


def test_verify_as_json_lists_the_rules_checked(planned, place, call):
    ran = call("verify", place / "plan", "--json")
    found = json.loads(ran.out)
    assert ran.code == 0 and found["ok"] and found["violations"] == [] and found["checked"]["core.balance"] > 0


def test_a_plan_that_was_changed_by_hand_is_refused(planned, place, tmp_path, call):
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(place / "plan", copy)
    transfers = copy / "census.csv"
    transfers.write_text(transfers.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    ran = call("verify", copy)
    assert ran.code == 2 and "census.csv" in ran.err and "has changed" in ran.err


def test_a_plan_is_explained_in_both_languages(planned, place, call):
    swedish, english = call("explain", place / "plan"), call("explain", place / "plan", "--lang", "en")
    assert swedish.code == english.code == 0
    assert 5 <= len(swedish.out.splitlines()) == len(english.out.splitlines())
    assert swedish.out != english.out


def test_the_environment_chooses_the_language(planned, place, call):
    assert call("explain", place / "plan", NSPL_OPT_LANG="en") == call("explain", place / "plan", "--lang", "en")


def test_a_transfer_is_explained_and_an_unknown_one_refused_with_the_nearest(planned, place, call):
    rows = (place / "plan" / "transfers.csv").read_text(encoding="utf-8").splitlines()
    transfer = rows[1].split(",")[0]
    assert call("explain", place / "plan", transfer).code == 0
    refused = call("explain", place / "plan", transfer + "x")
    assert refused.code == 2 and f"did you mean '{transfer}'" in refused.err


def test_the_report_is_one_page_and_one_workbook(planned, place, tmp_path, call):
    ran = call("report", place / "plan", "--out", tmp_path / "new" / "folder", "--lang", "en")
    assert ran.code == 0
    written = sorted(path.name for path in (tmp_path / "new" / "folder").iterdir())
    assert written == ["report.en.html", "report.en.xlsx"]
    assert str(tmp_path / "new" / "folder" / "report.en.html") in ran.out


def test_plans_are_compared(planned, place, call):
    ran = call("compare", place / "plan", place / "plan", "--lang", "en")
    assert ran.code == 0 and ran.out.count(str(place / "plan")) == 2
    data = json.loads(call("compare", place / "plan", place / "plan", "--json").out)
    assert data["changes"] == [[], []]


def test_a_plan_already_there_is_kept_unless_force_is_given(planned, place, shell):
    before = (place / "plan" / "plan.json").read_bytes()
    ran = shell("plan", place / "scenario", "--reference", place / "reference", "--out", place / "plan")
    assert ran.code == 2 and "--force" in ran.err
    assert (place / "plan" / "plan.json").read_bytes() == before


def test_json_gives_one_object_and_no_progress(place, tmp_path, shell):
    ran = shell(
        "plan", place / "scenario", "--reference", place / "reference", "--out", tmp_path / "p", "--json",
        "--set", "families.areas.border=closed",
    )  # fmt: skip
    found = json.loads(ran.out)
    assert ran.code == 0 and ran.err == ""
    assert found["goals"][0]["name"] == "unmet_care" and found["checks"]["ok"] and found["out"] == str(tmp_path / "p")
    model = json.loads((tmp_path / "p" / "plan.json").read_text(encoding="utf-8"))["model"]
    assert model["families"]["areas"]["border"] == "closed"


def test_check_tells_figures_of_a_sound_scenario(place, call):
    ran = call("check", place / "scenario", "--reference", place / "reference", "--lang", "en")
    assert ran.code == 0 and "3 regions" in ran.out and "icu_general" in ran.out
    data = json.loads(call("check", place / "scenario", "--reference", place / "reference", "--json").out)
    assert data["problems"] == [] and data["horizon_h"] == 48


def test_a_new_scenario_is_sound_and_never_overwrites(tmp_path, call):
    assert call("new", tmp_path / "mine").code == 0
    assert call("check", tmp_path / "mine").code == 0
    assert call("new", tmp_path / "mine").code == 2


def test_shipped_scenarios_and_models_are_listed(call):
    scenarios = json.loads(call("scenarios", "--json").out)
    assert [one["name"] for one in scenarios] == ["gotland-ovning", "spring-2020"]
    assert "ÖVNING" in call("scenarios").out
    models = json.loads(call("models", "--json").out)
    assert "national" in [model["name"] for model in models]


def test_a_model_is_shown_with_the_meaning_of_every_option(call):
    ran = call("models", "show", "national", "--lang", "en")
    assert ran.code == 0
    options = [line for line in ran.out.splitlines() if re.match(r" {4}\w+ = ", line)]
    assert len(options) > 20
    assert not [line for line in options if not re.search(r"    \S", line.strip())], "an option without a meaning"


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_cost_shares_sum_to_the_budget(call, lang):
    ran = call("cost-share", "--budget", "10000000", "--lang", lang)
    assert ran.code == 0 and len(ran.out.splitlines()) == 24
    shares = json.loads(call("cost-share", "--budget", "10 000 000", "--json").out)["contributions"]
    assert len(shares) == 21
    assert sum(round(float(one["sek"]) * 100) for one in shares) == 10_000_000_00


def test_cost_shares_by_a_file_of_ones_own(call, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("region,inhabitants\nA,1\nB,3\n", encoding="utf-8")
    ran = call("cost-share", "--budget", "100", "--fixed-share", "0.5", "--population", file, "--json")
    shares = json.loads(ran.out)["contributions"]
    assert [one["sek"] for one in shares] == ["37.50", "62.50"]
