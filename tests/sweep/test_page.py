"""The page of a sweep: marked, sensitive, in both languages, and nothing from anywhere else."""

import re

import pytest

from nspl_opt.sweep.page import render, write_page
from nspl_opt.sweep.run import Found, Sweep


@pytest.fixture
def sweep(cases):
    base = Found(None, "Optimal", 100.0, None, (), (60.0, 40.0))
    found = [Found(case, "Optimal", 100.0 + 5 * n, None, (), (60.0 + 5 * n, 40.0)) for n, case in enumerate(cases)]
    return Sweep(base, tuple(found), ("n", "s"), False)


@pytest.mark.parametrize(
    ("language", "words"),
    [("sv", ("ÖVNING", "Hantera den som en känslig uppgift", "sjukhus slås ut", "Region n +15")),
     ("en", ("EXERCISE", "Handle it as sensitive", "hospital lost", "Region n +15"))],
)  # fmt: skip
def test_the_page_is_marked_and_says_what_it_shows(living, sweep, language, words):
    page = render(sweep, living.situation, living.spec, language)
    assert not [word for word in words if word not in page]
    assert not re.search(r"https?://|<script", page)


def test_names_of_places_are_text_and_not_markup(living, sweep, cases):
    from dataclasses import replace

    evil = replace(sweep.cases[0], case=replace(cases[0], name="<b>&"))
    page = render(replace(sweep, cases=(evil,)), living.situation, living.spec, "sv")
    assert "&lt;b&gt;&amp;" in page


def test_the_same_sweep_gives_the_same_page(living, sweep, tmp_path):
    one, two = (write_page(sweep, living.situation, living.spec, tmp_path / name) for name in "ab")
    assert one.read_bytes() == two.read_bytes()


def test_what_costs_no_care_is_folded_away_below_what_does(living, sweep):
    page = render(sweep, living.situation, living.spec, "en")
    shown, folded = page.split("<details>")
    assert "Cases that cost no care: 1" in folded
    assert "Region n +15" in shown and "Region n +" not in folded
    assert 'style="width:100%"' in shown
