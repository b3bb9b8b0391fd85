"""Tables of beds and names: what a planner may write, what is refused, and that nothing crashes."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nspl_opt.cells import Complaint, parse_cell, refuse_person
from nspl_opt.tables import SHOWN_PER_TABLE, Contract, Field, check_foreign, parse_table, read_table, table_schema

BEDS = Contract(
    "beds",
    (
        Field("site", "code", meaning="code in sites"),
        Field("beds", "whole", "beds", "staffed beds", minimum=0, maximum=100),
        Field("share", "number", "share", "part of them", required=False, minimum=0, maximum=1, default=1.0),
        Field("open", "flag", required=False, default=True),
        Field("since", "date", required=False),
        Field("kinds", "code_list", required=False, default=()),
        Field("name", "text", required=False, default=""),
    ),
    key=("site",),
    foreign={"site": "sites"},
)
NAMES = [item.name for item in BEDS.fields]


def parsed(text: str):
    problems = []
    return parse_table(text, BEDS, problems, "beds.csv"), problems


def test_a_whole_row_is_read_by_kind():
    rows, problems = parsed(
        "site,beds,share,open,since,kinds,name\n01,12.0,.5,TRUE,2024-02-29,icu;ward, Visby lasarett \n"
    )
    assert not problems
    assert dict(rows[0]) == {
        "site": "01",
        "beds": 12,
        "share": 0.5,
        "open": True,
        "since": "2024-02-29",
        "kinds": ("icu", "ward"),
        "name": "Visby lasarett",
    }
    assert isinstance(rows[0]["beds"], int)
    assert rows[0].at("beds") == "beds.csv, row 2, column beds"


def test_columns_left_out_have_their_defaults():
    rows, problems = parsed("beds,site\n3,visby\n")
    assert not problems and rows[0]["share"] == 1.0 and rows[0]["open"] is True and rows[0]["since"] is None


def test_names_in_either_unicode_form_are_the_same_name():
    composed, decomposed = parsed("site,beds,name\na,1,Örebro\nb,1,O\u0308rebro\n")[0]
    assert composed["name"] == decomposed["name"] == "Örebro"


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_files_of_any_spreadsheet_are_read(tmp_path, ending, mark):
    path = tmp_path / "beds.csv"
    path.write_bytes((mark + ending.join(['"site","beds"', "visby,4", "", "boras,8", ""])).encode())
    problems = []
    rows = read_table(path, BEDS, problems)
    assert not problems and [(row["site"], row["beds"]) for row in rows] == [("boras", 8), ("visby", 4)]


def test_na_is_a_code_and_not_a_gap():
    rows, problems = parsed("site,beds\nNA,1\nnull,2\n")
    assert not problems and [row["site"] for row in rows] == ["NA", "null"]


def test_the_scenario_reader_gets_its_own_letter():
    problems = []
    parse_table("site,beds\nvisby,x\n", BEDS, problems, "beds.csv", prefix="S")
    assert [problem.code for problem in problems] == ["S909"]


def test_an_unknown_site_is_told_with_the_nearest_one():
    rows, problems = parsed("site,beds\nvisbi,1\n1,1\n")
    check_foreign(rows, BEDS, {"sites": {"visby", "01"}}, problems)
    assert [problem.remedy for problem in problems] == [
        "did you mean '01'? (spreadsheets drop leading zeros)",
        "did you mean 'visby'?",
    ]


def test_a_bad_row_does_not_hide_the_others():
    rows, problems = parsed("site,beds\na,x\nb,2\nc,-1\n")
    assert [row["site"] for row in rows] == ["b"] and [problem.code for problem in problems] == ["R909", "R910"]


def test_many_faults_are_counted_and_not_all_printed(tmp_path):
    path = tmp_path / "beds.csv"
    path.write_text("site,beds\n" + "".join(f"s{index},x\n" for index in range(200)), encoding="utf-8")
    problems = []
    read_table(path, BEDS, problems)
    assert len(problems) == SHOWN_PER_TABLE + 1 and "150 more" in problems[-1].what


@pytest.mark.parametrize("line", ["a\n", "a,x\n", "a,1\n"])
def test_a_table_of_faults_is_left_early(tmp_path, line):
    path = tmp_path / "beds.csv"
    path.write_text("site,beds\n" + line * 100_000, encoding="utf-8")
    problems = []
    assert len(read_table(path, BEDS, problems)) <= 1
    assert 1 < len(problems) <= SHOWN_PER_TABLE + 1 and "more" in problems[-1].what


def test_a_line_without_end_is_not_taken_apart():
    rows, problems = parsed("ab," * 1_000_000)
    assert not rows and "3000000 characters" in problems[0].what and problems[0].where == "beds.csv, row 1"


@pytest.mark.parametrize(
    "text", ["811228-9874", "19811228-9874", "811288-9870", "811228+9874", "198112289874", "8112289874"]
)
def test_a_personal_identity_number_is_refused(text):
    with pytest.raises(Complaint, match="personal identity"):
        refuse_person(f"kontakt {text}.")


@pytest.mark.parametrize(
    "text", ["2020-04-14", "811328-9874", "0498-268000", "198112289875", "EPSG:3006", "10 587 710"]
)
def test_other_numbers_are_not_taken_for_persons(text):
    refuse_person(text)


@pytest.mark.parametrize("text", ["0", "-0.0", "12", "12.", ".5", "1e3", "+7"])
def test_finite_numbers_are_numbers(text):
    assert str(parse_cell(text, Field("x", "number"))) == str(float(text) + 0.0)


def test_a_column_of_a_kind_nobody_knows_is_a_fault_of_ours():
    with pytest.raises(ValueError, match="integer"):
        Field("x", "integer")


def test_the_contract_is_a_table_schema():
    schema = table_schema(BEDS)
    assert schema["primaryKey"] == ["site"]
    assert schema["foreignKeys"] == [{"fields": ["site"], "reference": {"resource": "sites", "fields": ["code"]}}]
    assert schema["fields"][1] == {
        "name": "beds",
        "type": "integer",
        "description": "staffed beds",
        "unit": "beds",
        "constraints": {"required": True, "minimum": 0, "maximum": 100},
    }


ROWS = st.dictionaries(
    st.from_regex(r"[a-z0-9][a-z0-9_.-]{0,10}", fullmatch=True),
    st.tuples(st.integers(0, 100), st.floats(0, 1), st.booleans()),
    max_size=12,
)


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_columns_never_matters(stock, random):
    columns = ["site", "beds", "share", "open"]
    lines = [dict(zip(columns, (site, *values), strict=True)) for site, values in stock.items()]
    texts = []
    for _ in range(2):
        random.shuffle(lines)
        random.shuffle(columns)
        out = io.StringIO()
        writer = csv.DictWriter(out, columns)
        writer.writeheader()
        writer.writerows(lines)
        texts.append(out.getvalue())
    (first, none), (second, nothing) = parsed(texts[0]), parsed(texts[1])
    assert first == second and none == nothing == []
    assert [row["site"] for row in first] == sorted(stock)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.binary(max_size=400))
def test_no_bytes_make_the_reader_fail(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "beds.csv"
    path.write_bytes(content)
    problems = []
    rows = read_table(path, BEDS, problems)
    assert rows == [] or all(set(row) == set(NAMES) for row in rows)
    assert all(problem.remedy and str(problem).replace("\n", "").isprintable() for problem in problems)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.lists(st.lists(st.text(max_size=12), min_size=1, max_size=8), max_size=8))
def test_no_cells_make_the_reader_fail(cells):
    out = io.StringIO()
    csv.writer(out).writerows([["site", "beds", "share", "open", "since", "kinds", "name"], *cells])
    rows, problems = parsed(out.getvalue())
    for row in rows:
        assert 0 <= row["beds"] <= 100 and 0 <= row["share"] <= 1 and row["open"] in (True, False)
    assert all(problem.remedy and str(problem).replace("\n", "").isprintable() for problem in problems)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.sampled_from(BEDS.fields), st.text(min_size=1, max_size=30).filter(str.strip))
def test_a_cell_is_read_or_refused_with_a_remedy(item, text):
    try:
        parse_cell(text, item)
    except Complaint as complaint:
        assert complaint.rule and complaint.remedy
