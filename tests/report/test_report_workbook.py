"""The workbook: the same figures, marked, and never a formula."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest
from openpyxl.utils import get_column_letter

from nspl_opt.report.workbook import HEAD_ROW, MAX_WIDTH, write_workbook


@pytest.fixture(scope="session", params=["sv", "en"])
def written(request, plan, situation, tmp_path_factory):
    path = tmp_path_factory.mktemp("book") / f"{request.param}.xlsx"
    write_workbook(plan, situation, path, request.param)
    return path


def test_every_sheet_is_marked_on_screen_and_on_paper(written):
    for sheet in openpyxl.load_workbook(written):
        assert "ÖVNING" in sheet["A1"].value
        assert "ÖVNING" in sheet.oddHeader.center.text
        assert sheet.freeze_panes is not None


def test_the_figures_come_back_as_they_are_in_the_plan(written, plan):
    book = openpyxl.load_workbook(written)
    whole = plan.tables["transfers"][plan.tables["transfers"]["whole"]]
    sheet = book.worksheets[1]
    rows = list(sheet.iter_rows(min_row=HEAD_ROW + 1, values_only=True))
    assert len(rows) == len(whole)
    assert sum(row[4] for row in rows) == whole["patients"].sum()
    assert isinstance(rows[0][0], datetime)


def test_text_that_looks_like_a_formula_stays_text(situation, plan, tmp_path):
    evil = dataclasses.replace(situation.regions[0], name="=1+1")
    situation = dataclasses.replace(
        situation,
        title_sv='=HYPERLINK("x")',
        regions=(evil, *situation.regions[1:]),
        notice_sv="@SUM(A1)\x07",
    )
    write_workbook(plan, situation, tmp_path / "a.xlsx")
    for sheet in openpyxl.load_workbook(tmp_path / "a.xlsx"):
        assert not [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_the_same_plan_gives_the_same_bytes(plan, situation, tmp_path, monkeypatch):
    write_workbook(plan, situation, tmp_path / "a.xlsx")
    later = type("Later", (datetime,), {"now": classmethod(lambda cls, tz=None: datetime(2031, 5, 5, tzinfo=tz))})
    monkeypatch.setattr("openpyxl.writer.excel.datetime.datetime", later, raising=False)
    write_workbook(plan, situation, tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_the_first_sheet_tells_the_plan_and_what_the_columns_mean(written):
    sheet = openpyxl.load_workbook(written).worksheets[0]
    texts = [cell.value for row in sheet.iter_rows() for cell in row if cell.value]
    assert any("≈" in text for text in texts)
    assert len(texts) > 80


def test_a_ferry_leaves_its_port_not_the_hospital_of_the_same_code(plan, situation, reference, tmp_path):
    """Terminal A is a hospital's door for ambulances and a port for ferries."""
    node, site = SimpleNamespace(code="A", name="Hamnen"), SimpleNamespace(code="A", name="Lasarettet")
    line = SimpleNamespace(code="line", name="Linjen")
    parts = {"nodes": (node,), "sites": (site,), "airfields": (), "ferries": (line,)}
    known = SimpleNamespace(**{**vars(reference), **parts})
    ferry, car = (
        plan.tables["trips"].iloc[:1],
        plan.tables["trips"].iloc[:1].assign(id="t2", vehicle_type="ambulance", pool="amb", line=""),
    )
    both = dataclasses.replace(plan, tables={**plan.tables, "trips": pd.concat([ferry, car], ignore_index=True)})
    write_workbook(both, situation, tmp_path / "a.xlsx", "sv", known)
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["Transportturer"]
    rows = {row[1]: row for row in sheet.iter_rows(min_row=HEAD_ROW + 1, values_only=True)}
    assert rows["Färja"][2:4] == ("Linjen", "Hamnen → B") and rows["Ambulans"][3] == "Lasarettet → B"
    assert "Fordonets tid (min)" in [cell.value for cell in sheet[HEAD_ROW]]


def test_columns_are_as_wide_as_their_texts(written):
    for sheet in openpyxl.load_workbook(written).worksheets[1:]:
        for column, cells in enumerate(sheet.iter_cols(min_row=HEAD_ROW + 1), 1):
            longest = max((len(cell.value) for cell in cells if isinstance(cell.value, str)), default=0)
            assert sheet.column_dimensions[get_column_letter(column)].width >= min(longest, MAX_WIDTH)
