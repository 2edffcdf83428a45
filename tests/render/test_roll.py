"""Honest lists: every format an office sends is read to the same texts, with places people know."""

from __future__ import annotations

import codecs
import io
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from tests.render.packages import a_text, a_worksheet, an_ods, an_ods_cell, an_xlsx
from volunteer.render.roll import Limits, SheetRefused, read_roll
from volunteer.render.sheets import csv_bytes, workbook_bytes
from volunteer.render.tables import Column, Table

FILES = Path(__file__).parent / "files"
COLUMNS = [
    Column("name", "姓名"),
    Column("phone", "手机号", "code"),
    Column("citizen_number", "身份证号", "code"),
    Column("born_on", "出生日期", "date"),
]
PEOPLE = [
    {
        "name": "买买提·艾山",
        "phone": "13800138000",
        "citizen_number": "430502198506150011",
        "born_on": date(1985, 6, 15),
    },
    {"name": "刘𬭎", "phone": "0739-5320001", "citizen_number": None, "born_on": None},
    {"name": "=1+1", "phone": "-", "citizen_number": "11010519491231002X", "born_on": None},
]
TEXTS = [
    ("姓名", "手机号", "身份证号", "出生日期"),
    ("买买提·艾山", "13800138000", "430502198506150011", "1985-06-15"),
    ("刘𬭎", "0739-5320001"),
    ("=1+1", "-", "11010519491231002X"),
]


def texts_of(roll):
    return [row.texts for row in roll.rows]


def test_what_we_write_as_xlsx_comes_back():
    roll = read_roll(workbook_bytes([Table("花名册", COLUMNS, PEOPLE)]), "花名册.XLSX")
    assert roll.sheet == "花名册"
    assert texts_of(roll) == TEXTS
    assert [row.number for row in roll.rows] == [1, 2, 3, 4]


def test_what_we_write_as_csv_comes_back_without_the_guard():
    assert texts_of(read_roll(csv_bytes(Table("花名册", COLUMNS, PEOPLE)), "花名册.csv")) == TEXTS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_csv_in_any_usual_dress_is_read(encoding, delimiter):
    lines = [
        ["姓名", "手机号", "备注"],
        ["买买提·艾山", "13800138000", "周三, 周五; 皆可"],
        ["刘𬭎", "", ""],
    ]
    text = "\r\n".join(delimiter.join(f'"{cell}"' for cell in line) for line in lines)
    roll = read_roll(text.encode(encoding), "名单.csv")
    assert texts_of(roll) == [tuple(lines[0]), tuple(lines[1]), ("刘𬭎",)]


def test_an_xls_of_the_old_kind_is_read_and_its_ruined_number_is_told():
    roll = read_roll((FILES / "roll.xls").read_bytes(), "roll.xls")
    assert texts_of(roll)[1] == TEXTS[1]
    assert roll.rows[2].texts == ("刘𬭎", "13900139000", "4.30502E+17")
    assert roll.rows[2].problems == {2: "numeric_id"}


def test_an_ods_with_its_endless_empty_tail_is_read():
    row = "<table:table-row>{}</table:table-row>"
    tail = '<table:table-cell table:number-columns-repeated="16381"/>'
    table = (
        row.format(an_ods_cell("姓名") + an_ods_cell("手机号") + tail)
        + '<table:table-row table:number-rows-repeated="2">'
        + '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
        + row.format(an_ods_cell("买买提·艾山") + an_ods_cell("13800138000") + tail)
        + '<table:table-row table:number-rows-repeated="1048570">'
        + '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    roll = read_roll(an_ods(table), "花名册.ods")
    assert texts_of(roll) == [("姓名", "手机号"), ("买买提·艾山", "13800138000")]
    assert [row.number for row in roll.rows] == [1, 4]


def a_number(reference, value):
    return f'<c r="{reference}"><v>{value}</v></c>'


def test_numbers_are_mended_where_nothing_is_lost_and_told_where_something_is():
    cells = (
        a_number("A1", "13800138000")
        + a_number("B1", "4.30502198506150E+17")
        + a_number("C1", "2.5")
        + a_number("D1", "123456789012345")
        + a_text("E1", "4.30502E+17")
        + '<c r="F1" t="b"><v>1</v></c>'
        + a_number("G1", "-3")
    )
    row = read_roll(an_xlsx(a_worksheet(f'<row r="1">{cells}</row>')), "a.xlsx").rows[0]
    assert row.texts == (
        "13800138000",
        "4.30502E+17",
        "2.5",
        "123456789012345",
        "4.30502E+17",
        "是",
        "-3",
    )
    assert row.problems == {1: "numeric_id", 4: "numeric_id"}


def test_rows_and_cells_keep_the_places_people_see():
    sheet = a_worksheet(
        f'<row r="3">{a_text("B3", "姓名")}</row><row r="7">{a_text("B7", "  李四　")}</row>'
    )
    rows = read_roll(an_xlsx(sheet), "a.xlsx").rows
    assert [(row.number, row.texts) for row in rows] == [(3, ("", "姓名")), (7, ("", "李四"))]
    assert rows[1].address(1) == "B7"
    assert rows[1].address(26) == "AA7"
    assert rows[1].text(9) == ""


def test_hidden_and_empty_sheets_are_passed_over():
    book = openpyxl.Workbook()
    book.active.title = "空"
    book.create_sheet("旧名单").append(["不该读到"])
    book["旧名单"].sheet_state = "hidden"
    book.create_sheet("花名册").append(["姓名"])
    stream = io.BytesIO()
    book.save(stream)
    roll = read_roll(stream.getvalue(), "a.xlsx")
    assert (roll.sheet, texts_of(roll)) == ("花名册", [("姓名",)])


def test_far_cells_that_are_only_formatted_do_no_harm():
    sheet = a_worksheet(
        f'<row r="1">{a_text("A1", "姓名")}</row><row r="1048576"><c r="XFD1048576" s="0"/></row>'
    )
    assert texts_of(read_roll(an_xlsx(sheet), "a.xlsx")) == [("姓名",)]


def test_the_last_place_allowed_is_read_and_the_next_is_refused():
    limits = Limits(rows=30, columns=4)
    assert read_roll(
        an_xlsx(a_worksheet(f'<row r="30">{a_text("D30", "终")}</row>')), "a.xlsx", limits
    ).rows[0].texts == ("", "", "", "终")
    for reference in ("E30", "D31"):
        row = f'<row r="{reference[1:]}">{a_text(reference, "过")}</row>'
        with pytest.raises(SheetRefused, match="far_cell") as no:
            read_roll(an_xlsx(a_worksheet(row)), "a.xlsx", limits)
        assert reference in no.value.sentence
    csv = "\n".join(["a,b,c,d"] * 31).encode()
    with pytest.raises(SheetRefused, match="far_cell"):
        read_roll(csv, "a.csv", limits)


def test_a_csv_of_bytes_in_a_utf_16_dress_needs_its_mark():
    with pytest.raises(SheetRefused, match="not_a_sheet"):
        read_roll("姓名,手机号".encode("utf-16-le"), "a.csv")
    marked = codecs.BOM_UTF16_LE + "姓名,手机号".encode("utf-16-le")
    assert texts_of(read_roll(marked, "a.csv")) == [("姓名", "手机号")]
