"""Model files: what is refused, and how it is told. Every problem at once, each with its place and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from nspl_opt.formulation.catalogue import describe, list_models, load_model
from nspl_opt.formulation.fit import check_fit
from nspl_opt.formulation.spec import model_from_dict, read_model_file
from nspl_opt.pipeline import plan_situation
from nspl_opt.problems import InvalidInput

from .small import model, small

SOUND = """
title_sv = "Prov"
title_en = "Trial"
[families.beds]
[[goals]]
name = "unmet_care"
"""


def refused(folder: Path, text: str | bytes, **overrides: str) -> list[tuple[str, str, str]]:
    """(code, where, what and remedy) of every problem of a model file."""
    path = folder / "trial.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InvalidInput) as caught:
        read_model_file(path, {key.replace("__", "."): value for key, value in overrides.items()})
    return [(p.code, p.where, f"{p.what}; {p.remedy}") for p in caught.value.problems]


def test_a_sound_file_is_read_with_every_default(tmp_path):
    (tmp_path / "trial.toml").write_text(SOUND, encoding="utf-8")
    spec = read_model_file(tmp_path / "trial.toml")
    assert spec.name == "trial" and list(spec.families) == ["beds"] and spec.solver.gap_share == 0.01
    assert model_from_dict(spec.as_dict(), "trial") == spec


HOSTILE = {
    "a family misspelt": ("[families.bedds]", "M103", "families.bedds", "did you mean 'beds'"),
    "a goal misspelt": ('[[goals]]\nname = "unmet_cares"', "M103", "goals[1].name", "did you mean 'unmet_care'"),
    "an option misspelt": (
        "[families.staff]\ncontingencies = true",
        "M103",
        "families.staff.contingencies",
        "did you mean 'contingency'",
    ),
    "an option of the solver misspelt": (
        "[solver]\ngapshare = 0.1",
        "M103",
        "solver.gapshare",
        "did you mean 'gap_share'",
    ),
    "an option of a goal misspelt": (
        '[[goals]]\nname = "crossings"\ngroup = "x"',
        "M103",
        "goals[1].group",
        "did you mean 'grouping'",
    ),
    "a part misspelt": ("[familjes]", "M103", "trial.toml: familjes", "did you mean 'families'"),
    "an option where there are none": (
        "[families.capability]\nlevel = 1",
        "M103",
        "families.capability.level",
        "none is known",
    ),
    "a goal twice": ('[[goals]]\nname = "unmet_care"', "M104", "goals[1].name", "stands twice"),
    "a goal without a name": ("[[goals]]\nslack = 1", "M103", "goals[1].name", "None is no goal"),
    "a goal with a number for a name": ("[[goals]]\nname = 7", "M103", "goals[1].name", "7 is no goal"),
    "a share above one": ("[families.reserve]\nfree_share = 1.5", "M104", "families.reserve.free_share", "1.5"),
    "a share below nought": ("[families.staff_loans]\nshare = -0.1", "M104", "families.staff_loans.share", "-0.1"),
    "a number that is none": (
        "[families.transports]\nduty_share = nan",
        "M104",
        "families.transports.duty_share",
        "nan",
    ),
    "a number without end": ("[families.elective]\ndelay_h = inf", "M104", "families.elective.delay_h", "inf"),
    "no duty at all": (
        "[families.transports]\nduty_share = 0",
        "M104",
        "families.transports.duty_share",
        "greater than 0",
    ),
    "half a step": ("[families.elective]\nsteps = 2.5", "M104", "families.elective.steps", "2.5"),
    "a number in quotes": ('[families.elective]\nsteps = "3"', "M104", "families.elective.steps", "'3'"),
    "a number for a yes": ("[families.staff]\ncontingency = 1", "M104", "families.staff.contingency", "1"),
    "a yes for a number": ("[solver]\nseed = true", "M104", "solver.seed", "True"),
    "a text for a list": ('[families.reserve]\nbed_types = "icu"', "M104", "families.reserve.bed_types", "'icu'"),
    "a list with a number": ("[families.reserve]\nbed_types = [3]", "M104", "families.reserve.bed_types", "3"),
    "a word that is no choice": ('[families.areas]\nborder = "shut"', "M104", "families.areas.border", "'shut'"),
    "another word for all": (
        '[families.transports]\ntrips_whole_until_h = "ever"',
        "M104",
        "trips_whole_until_h",
        "'ever'",
    ),
    "hours before the start": (
        "[families.transports]\npatients_whole_until_h = -1",
        "M104",
        "patients_whole_until_h",
        "-1",
    ),
    "an hour that is a day": ("[families.staff_loans]\ntravel_h = 2026-11-22", "M104", "travel_h", "2026"),
    "a family that is a number": ("families.staff = 3", "M104", "families.staff", "not a table"),
    "a solver that is a list": ("solver = []", "M104", "solver", "not a table"),
    "a seed beyond all seeds": ("[solver]\nseed = 99999999999", "M104", "solver.seed", "99999999999"),
    "a time limit of nought": ("[solver]\ntime_limit_s = 0", "M104", "solver.time_limit_s", "greater than 0"),
    "a description that is no text": ("description_sv = 3", "M105", "description_sv", "no text"),
}


@pytest.mark.parametrize("what", sorted(HOSTILE))
def test_a_model_file_is_refused_with_place_and_remedy(what, tmp_path):
    text, code, where, words = HOSTILE[what]
    lines = text if "[" in text.split("=")[0] else ""
    found = refused(tmp_path, ("" if lines else text) + SOUND + lines)
    assert len(found) == 1, found
    assert found[0][0] == code and where in found[0][1] and words in found[0][2], found


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (b"\xff\xfe\x00", "M101", "cannot be read as UTF-8"),
        (b"\x00", "M102", "is not TOML"),
        ("title_sv = ", "M102", "is not TOML"),
        ("a = 1\na = 2", "M102", "is not TOML"),
        ("[" * 5000, "M102", "is not TOML"),
        (".".join("a" * 40) + " = 1", "M102", "dots"),
        ("x = " + "[" * 100_000, "M102", "is not TOML"),
        ("#" * 300_000, "M101", "bytes"),
        ("n = " + "9" * 5000, "M102", "is not TOML"),
    ],
)
def test_what_is_no_model_file_is_told_in_one_sentence(text, code, words, tmp_path):
    found = refused(tmp_path, text)
    assert [problem[0] for problem in found] == [code] and words in found[0][2]


def test_missing_parts_are_named(tmp_path):
    found = refused(tmp_path, "")
    assert [problem[:2] for problem in found] == [
        ("M105", "trial.toml: goals"),
        ("M105", "trial.toml: title_sv"),
        ("M105", "trial.toml: title_en"),
    ]
    for goals in ("goals = []", "goals = 5", 'goals = "unmet_care"'):
        assert [p[1] for p in refused(tmp_path, goals + SOUND.replace('[[goals]]\nname = "unmet_care"', ""))] == [
            "trial.toml: goals"
        ]


def test_all_problems_are_told_at_once(tmp_path):
    text = (
        SOUND
        + '[families.bedz]\n[families.areas]\nborder = "shut"\ngroupin = "x"\n'
        + '[[goals]]\nname = "x"\n[solver]\nseed = -1\n'
    )
    found = refused(tmp_path, text, families__areas__borde="open", families__stafff="off", nonsense="1")
    assert [code for code, _, _ in found] == ["M103", "M103", "M104", "M103", "M103", "M103", "M103", "M104"]


def test_a_file_that_is_not_there_is_refused(tmp_path):
    for name in ("nowhere.toml", "."):
        with pytest.raises(InvalidInput, match="M101"):
            read_model_file(tmp_path / name)
    with pytest.raises(InvalidInput, match="did you mean 'national'"):
        load_model("natinal")


# --set


def test_options_are_set_from_the_command_line(tmp_path):
    (tmp_path / "trial.toml").write_text(SOUND, encoding="utf-8")
    changes = {
        "families.reserve.bed_types": '["ward"]',
        "families.beds": "off",
        "families.capability": "on",
        "goals.unmet_care.slack": "2",
        "solver.effort": "thorough",
        "families.areas.border": "closed",
    }
    spec = read_model_file(tmp_path / "trial.toml", changes)
    assert sorted(spec.families) == ["areas", "capability", "reserve"]
    assert spec.families["reserve"].bed_types == ("ward",) and spec.families["areas"].border == "closed"
    assert spec.goals[0].slack == 2 and spec.solver.effort == "thorough"


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("families.bedds", "on", "did you mean 'beds'"),
        ("families.bedds", "off", "did you mean 'beds'"),
        ("families.beds", "perhaps", "neither on nor off"),
        ("families.bedds.x", "1", "did you mean 'beds'"),
        ("families.staff.contingenc", "true", "did you mean 'contingency'"),
        ("families.staff.contingency", "ja", "boolean"),
        ("goals.unmet_car.slack", "1", "did you mean 'unmet_care'"),
        ("goals.unmet_care", "off", "goals.unmet_care.OPTION"),
        ("goals.unmet_care.slac", "1", "did you mean 'slack'"),
        ("solver.sead", "1", "did you mean 'seed'"),
        ("solver.seed.x", "1", "is no option here"),
        ("title_sv", "x", "no option's address"),
        ("a.b.c.d", "x", "no option's address"),
        ("solver.seed", "[[[[", "'[[[['"),
        ("families", "off", "no option's address"),
    ],
)
def test_a_setting_that_means_nothing_is_refused(key, value, words, tmp_path):
    found = refused(tmp_path, SOUND, **{key.replace(".", "__"): value})
    assert len(found) == 1 and words in found[0][2], found


@pytest.mark.parametrize("spoilt", ["families = 3", "goals = 3", "goals = [3]", "solver = 3", "families.areas = 3"])
def test_settings_on_a_spoilt_file_do_not_hide_what_is_wrong_with_it(spoilt, tmp_path):
    found = refused(
        tmp_path,
        f'{spoilt}\ntitle_sv = "x"\ntitle_en = "x"',
        families__areas__border="open",
        families__beds="off",
        goals__unmet_care__slack="1",
        solver__seed="1",
    )
    assert any(spoilt.split(" ")[0].split(".")[0] in where for _, where, _ in found)


@pytest.mark.parametrize("raw", [{}, {"goals": 3}, {"goals": [3]}, {"goals": [{"name": "unmet_care"}], "families": 3}])
def test_plain_data_is_refused_like_a_file(raw):
    with pytest.raises(InvalidInput):
        model_from_dict(raw)


# What the situation does not have


def test_codes_that_are_not_there_are_refused_all_at_once():
    case = small({"norr": "n"})
    families = {
        "reserve": {"bed_types": ["icuu", "ward"], "grouping": "civil_areas"},
        "staff_loans": {"professions": ["nurses"]},
        "areas": {"grouping": "region"},
    }
    chosen = model(families, ["unmet_care", {"name": "crossings", "grouping": "regions"}])
    with pytest.raises(InvalidInput) as caught:
        plan_situation(case.situation, case.travel, chosen)
    told = [(problem.code, problem.where, problem.remedy) for problem in caught.value.problems]
    assert told == [
        ("M106", "model: families.reserve.grouping", "did you mean 'civil_area'?"),
        ("M106", "model: families.reserve.bed_types", "did you mean 'icu'?"),
        ("M106", "model: families.staff_loans.professions", "did you mean 'nurse'?"),
        ("M106", "model: goals.crossings.grouping", "did you mean 'region'?"),
    ]


def test_codes_that_are_there_are_not():
    families = {"reserve": {"bed_types": ["icu", "ward"]}, "staff_loans": {"professions": ["nurse"]}}
    check_fit(model_from_dict(model(families)), small({"norr": "n"}).situation)


# Words


@pytest.mark.parametrize("name", sorted(list_models()))
def test_every_shipped_model_is_told_in_words(name):
    parts = {part.name: part for part in describe(load_model(name))}
    spec = load_model(name)
    assert set(parts) == {"core", "solver"} | {f"families.{f}" for f in spec.families} | {
        f"goals.{g.name}" for g in spec.goals
    }
    for part in parts.values():
        assert part.title_sv and part.title_en
        assert part.rules or part.name == "solver"
        assert all(rule.sentence.endswith(".") and rule.equation for rule in part.rules)
        assert all(option.description for option in part.options)


def test_an_option_is_told_with_its_value_its_default_and_its_unit():
    parts = {part.name: part for part in describe(load_model("national"))}
    hours = {option.name: option for option in parts["families.staff_loans"].options}["shortest_stay_h"]
    assert (hours.value, hours.default, hours.unit) == (72, 72, "h")
