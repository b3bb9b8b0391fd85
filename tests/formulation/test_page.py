"""The page of mathematics says what the rules say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nspl_opt.formulation.families.catalogue import FAMILIES
from nspl_opt.formulation.goal import GoalOptions
from nspl_opt.formulation.goals import GOALS
from nspl_opt.formulation.page import write_page
from nspl_opt.formulation.texts import rules_of

from ..register import every_option

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="module")
def page():
    return (DOCS / "mathematics.md").read_text(encoding="utf-8")


def test_the_page_of_mathematics_is_as_its_parts_say(page):
    assert page == write_page(DOCS / "parts"), "run scripts/mathematics.py"


def test_every_rule_of_every_family_stands_on_the_page_with_its_equation(page):
    for family in FAMILIES.values():
        for rule in rules_of(family):
            assert f"* **{rule.name}** [{rule.unit}] {rule.sentence}" in page
            assert rule.equation and rule.equation in page


def test_every_option_stands_on_the_page_in_the_place_of_its_family_or_goal(page):
    sections = dict(re.findall(r"^###? (\w+): [^\n]*\n(.*?)(?=^##|\Z)", page, re.M | re.S))
    assert set(sections) == set(FAMILIES) | set(GOALS)
    for option in sorted(every_option()):
        kind, name, *rest = option.split(".")
        if kind == "solver":
            assert f"| `{name}` |" in page, option
        elif rest:
            shared = kind == "goals" and rest[0] in GoalOptions.model_fields
            assert f"| `{rest[0]}` |" in (page if shared else sections[name]), option


def test_every_family_and_goal_says_more_than_its_equations():
    for part in (*FAMILIES.values(), *GOALS.values()):
        assert part.notes, f"{part.name}: the page needs its exact arithmetic"
        assert all(symbol.kind in ("variable", "data", "option") for symbol in part.symbols)


def test_links_inside_the_page_lead_somewhere(page):
    def anchor(heading: str) -> str:
        return re.sub(r"[^\w-]", "", heading.lower().replace(" ", "-"))

    headings = {anchor(heading) for heading in re.findall(r"^#+ (.+)$", page, re.M)}
    assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= headings
    for file in re.findall(r"\]\(([a-z-]+\.md)\)", page):
        assert (DOCS / file).is_file(), file
