"""The report page: complete, marked, self-contained, safe, and true to the plan's tables."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from nspl_opt.plan.certainty import share_text, whole_lines
from nspl_opt.plan.explain import plan_lines
from nspl_opt.plan.facts import sites_over
from nspl_opt.plan.plan import Avoidable
from nspl_opt.plan.words import Words
from nspl_opt.report.page import SECTIONS, render_report, write_cell
from nspl_opt.report.sheets import Amount

VOID = {"meta", "br", "input", "img", "link", "hr"}


class Outline(HTMLParser):
    """Tags in balance, headings in order, ids, and the text of each section."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.text: dict[str, list[str]] = {}
        self.section = ""
        self.errors: list[str] = []

    def handle_starttag(self, tag, attrs):
        names = dict(attrs)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if "id" in names:
            self.ids.append(names["id"])
        self.addresses += [value for name, value in attrs if name in ("href", "src", "action") and value]
        if tag == "section":
            self.section = names["id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.errors.append(tag)

    def handle_data(self, data):
        self.text.setdefault(self.section, []).append(data)


@pytest.fixture(scope="session", params=["sv", "en"])
def page(request, plan, situation, reference):
    html = render_report(plan, situation, None, reference, request.param)
    outline = Outline()
    outline.feed(html)
    return request.param, html, outline


def text_of(outline, section):
    return " ".join(" ".join(outline.text[section]).split())


def test_the_page_is_well_formed_and_says_its_language(page):
    language, html, outline = page
    assert outline.errors == [] and outline.open == []
    assert f'<html lang="{language}">' in html
    assert len(outline.ids) == len(set(outline.ids))


def test_every_section_is_there_and_bears_the_marking(page):
    _, _, outline = page
    for section in SECTIONS:
        assert "ÖVNING" in text_of(outline, section)


def test_headings_come_in_order(page):
    levels = page[2].headings
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_the_page_reaches_for_nothing_outside_itself(page):
    _, html, outline = page
    assert all(address.startswith("#") for address in outline.addresses)
    assert not re.search(r"https?://|//cdn|@import|url\((?!#)", html)
    assert "default-src 'none'" in html


def test_the_script_that_runs_is_the_one_the_policy_names(page):
    import base64
    import hashlib

    html = page[1]
    script = re.findall(r"<script>(.*?)</script>", html, re.S)
    assert len(script) == 1
    digest = base64.b64encode(hashlib.sha256(script[0].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in html


def test_every_printed_page_bears_the_marking(page):
    html = page[1]
    assert re.search(r"@page\{@top-center\{content:\"[^\"]*VNING", html.replace("\\0000d6", "Ö"))


def test_names_that_look_like_markup_are_shown_as_text(page, sample):
    html = page[1]
    assert "<b>Å" not in html
    assert "&lt;b&gt;Å &amp; " in html


def test_a_marking_that_looks_like_markup_cannot_leave_its_place(plan, situation, reference):
    nasty = dataclasses.replace(plan, marking='x"}</style><script>alert(1)</script>')
    html = render_report(nasty, situation, None, reference)
    assert "<script>ALERT" not in html.upper().replace("<SCRIPT>(FUNCTION", "")
    assert html.count("</style>") == 1


def test_every_whole_transfer_stands_in_the_table(page, plan):
    _, html, _ = page
    table = html.split('id="t-transfers_now"')[1].split("</table>")[0]
    whole = plan.tables["transfers"][plan.tables["transfers"]["whole"]]
    assert table.count("<tr") == len(whole) + 1
    shown = [float(value) for value in re.findall(r'data-s="([0-9.]+)">[0-9\u202f,]+</td>', table)]
    assert sum(shown) == pytest.approx(whole["patients"].sum())


def test_the_ledger_on_the_page_equals_the_plan(page, plan, sample):
    table = page[1].split('id="t-ledger"')[1].split("</table>")[0]
    sums = [0.0] * 6
    for row in table.split("<tr>")[2:]:
        for place, value in enumerate(re.findall(r'data-s="([0-9.]+)"', row)):
            sums[place] += float(value)
    columns = ("patients_received", "patients_sent", "staff_days_lent", "staff_days_borrowed", "bed_hours_postponed",
               "patient_hours_unmet")  # fmt: skip
    assert sums == pytest.approx([plan.tables["ledger"][name].sum() for name in columns])


def test_the_map_has_a_colour_for_every_region_and_period(page, situation):
    import json

    data = json.loads(re.search(r'id="map-data">(.*?)</script>', page[1], re.S).group(1))
    assert len(data["periods"]) == len(situation.periods)
    for rows in data["load"].values():
        assert len(rows) == len(situation.periods) + 1
        assert {len(row) for row in rows} == {len(situation.regions)}


def test_without_scripts_the_worst_period_is_already_drawn(page):
    html = page[1]
    assert len(re.findall(r'<g data-p="\d+">', html)) == 2
    assert re.search(r'class="region c[0-5x]"', html)


def test_expected_values_are_marked_and_whole_ones_are_not(page, plan):
    language, _, _ = page
    words = Words(language)
    assert write_cell(Amount(2.37, False), "amount", words).text.startswith("≈")
    assert write_cell(Amount(3, True), "amount", words).text == "3"


def test_the_same_plan_gives_the_same_page(plan, situation, reference, page):
    assert render_report(plan, situation, None, reference, page[0]) == page[1]


def test_seventy_two_hospitals_and_thirty_six_periods_stay_below_three_megabytes(sample, tmp_path):
    situation = sample.sample_situation(periods=36, per_region=4, regions=18)
    plan = sample.sample_plan(situation)
    html = render_report(plan, situation, None, sample.sample_reference(situation, tmp_path))
    assert len(html.encode()) < 3_000_000


def test_a_quiet_plan_says_so_in_every_section(sample, situation, plan, reference):
    nothing = ("transfers", "trips", "loans", "postponed", "surge", "unmet")
    empty = {name: plan.tables[name].iloc[:0] for name in nothing}
    calm = {**plan.tables, **empty}
    calm["ledger"] = plan.tables["ledger"].assign(
        **{name: 0.0 for name in plan.tables["ledger"].columns if name != "region"}
    )
    html = render_report(dataclasses.replace(plan, tables=calm, goals=()), situation, None, reference)
    assert html.count("Inget att visa.") >= 5
    assert "Inga överflyttningar rekommenderas." in html


def test_markings_other_than_exercise_are_shown_as_they_are(plan, situation, reference):
    html = render_report(dataclasses.replace(plan, marking="open"), situation, None, reference)
    assert "ÖPPEN" in html and "ÖVNING" not in html


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_page_shows_what_help_avoids_and_what_is_whole(plan, situation, reference, language):
    found = Avoidable(1000.0, 990.0, 102.0, 100.0, 0.99777, 0.99775)
    page = render_report(dataclasses.replace(plan, avoidable=found), situation, None, reference, language)
    words = Words(language)
    assert page.count(share_text(0.99777, words)) >= 3 and words("page.tile_avoided") in page
    assert all(sentence in page for sentence in whole_lines(plan, words))


@pytest.mark.parametrize("number", [5, 6, 7])
def test_no_tile_stands_alone_in_its_row(plan, situation, reference, number):
    """Wide: all in one row. Narrower: in two rows. On a phone: an odd number begins with three."""
    found = Avoidable(1000.0, 990.0, 102.0, 100.0, 0.99777, 0.99775) if number == 7 else None
    fewer = dataclasses.replace(plan, avoidable=found, goals=plan.goals if number > 5 else ())
    page = render_report(fewer, situation, None, reference)
    shown = re.search(r'<ul class="tiles( odd)?" style="--all:(\d);--half:(\d)">(.*?)</ul>', page)
    odd, across, half = bool(shown[1]), int(shown[2]), int(shown[3])
    assert across == number == shown[4].count("<li")
    assert number % half != 1
    assert odd == (number % 2 == 1) and (number - 3 * odd) % 2 == 0
    assert ".odd li:nth-child(-n+3){grid-column:span 2}" in page


def test_brackets_in_a_marking_do_not_swallow_the_space_after_them(plan, situation, reference):
    html = render_report(plan, situation, None, reference, "en")
    assert 'content:"EXERCISE \\000028 ÖVNING\\000029  · " counter(page)' in html


def test_by_hospital_the_page_says_which_hospital_is_short_of_beds(sample, tmp_path):
    situation = sample.sample_situation(per_region=2, regions=6)
    plan = sample.sample_plan(situation)
    reference = sample.sample_reference(situation, tmp_path)
    outline = Outline()
    outline.feed(render_report(plan, situation, None, reference))
    short = plan.tables["unmet"]["site"].unique()
    names = {site.code: site.name for site in situation.sites}
    assert len(short) and all(names[code] in text_of(outline, "unmet") for code in short)
    assert "Flyttar inom en region ritas inte." in text_of(outline, "map")


def test_hospitals_that_are_full_inside_regions_with_room_are_counted(sample):
    """Every second hospital has no intensive care beds but patients, its neighbour has twice as many beds."""
    situation = sample.sample_situation(per_region=2, regions=6)
    beds, surge = situation.beds.copy(), situation.surge_beds.copy()
    beds[0, 1::2] += beds[0, ::2]
    beds[0, ::2] = surge[0, ::2] = 0
    uneven = dataclasses.replace(situation, beds=beds, surge_beds=surge)
    plan = sample.sample_plan(situation)
    over = sites_over(plan, uneven)
    assert {site.code for site in situation.sites[::2]} <= set(over)
    line = next(line.text for line in plan_lines(plan, uneven) if line.topic == "overload")
    assert f"Sett sjukhus för sjukhus går {len(over)}\u00a0sjukhus över sin kapacitet." in line
