"""A scenario with a place abroad, an entry point, evacuees and patients nobody knows of yet, from folder to report."""

import csv

import pytest

MORE = """
[[external]]
code = "no-oslo"
name = "Oslo"
country = "NO"
node = "karlstad"
access_min = 190
beds = { icu = 12 }
basis = "invented"
source = "exercise"

[[entries]]
code = "orebro-flyg"
name = "Örebro flygplats"
region = "18"
node = "orebro"
access_min = 12
basis = "invented"
source = "exercise"
"""
DEMAND = """\
from_h,to_h,place,category,patients,origin_class,notice_h
0,12,18,icu_general,60,,
0,12,orebro-flyg,icu_general,20,evacuee,
24,36,17,icu_general,9,,6
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory, country, place, shell):
    """The plan made of it, with help sought inside first."""
    scenario = tmp_path_factory.mktemp("abroad") / "scenario"
    text = country.SCENARIO.replace("categories = ", "known_at_h = 0\ncategories = ") + MORE
    country.small_scenario(scenario, scenario=text, demand=DEMAND)
    out = scenario.parent / "plan"
    ran = shell("plan", scenario, "--reference", place / "reference", "--model", "inside-first", "--out", out,
                "--no-reasons", "--lang", "en")  # fmt: skip
    assert ran.code == 0, ran.err
    return out


def rows(folder, name):
    with open(folder / f"{name}.csv", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_who_comes_to_an_entry_point_is_moved_on_and_some_go_abroad(folder):
    sent = rows(folder, "transfers")
    assert any(row["from_site"] == "orebro-flyg" for row in sent)
    assert not any(row["to_site"] == "orebro-flyg" for row in sent)
    assert {row["origin_class"] for row in rows(folder, "origins")} == {"civilian", "evacuee"}
    assert sum(float(row["arrived"]) for row in rows(folder, "census")) == pytest.approx(80)


def test_the_plan_is_verified_from_its_folder(folder, shell):
    ran = shell("verify", folder, "--lang", "en")
    assert ran.code == 0, ran.out


@pytest.mark.parametrize("language", ["sv", "en"])
def test_its_report_draws_places_abroad_too(folder, shell, language):
    ran = shell("report", folder, "--lang", language)
    assert ran.code == 0, ran.err
    page = next(folder.parent.glob(f"**/*.{language}.html")).read_text(encoding="utf-8")
    assert "Oslo" in page and "Örebro flygplats" in page
    assert {"sv": "9 patienter i scenariot", "en": "9 patients of the scenario"}[language] in page


def test_the_same_by_hospital(folder, shell, place):
    scenario = folder.parent / "scenario"
    ran = shell("plan", scenario, "--reference", place / "reference", "--model", "inside-first", "--level", "hospital",
                "--out", folder.parent / "hospitals", "--no-reasons", "--lang", "en", "--time-limit", "3")  # fmt: skip
    assert ran.code == 0, ran.err
