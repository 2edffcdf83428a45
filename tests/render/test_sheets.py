"""Sheets are read back by readers that know nothing of the writer: openpyxl, calamine, csv."""

from __future__ import annotations

import csv
import io
import re
import tracemalloc
import zipfile
from datetime import UTC, date, datetime

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from tests.render.test_cells import ATTACKS
from volunteer.render import sheets
from volunteer.render.cells import unguarded
from volunteer.render.sheets import csv_bytes, csv_chunks, workbook_bytes
from volunteer.render.tables import Column, Cover, Table

ASKED = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)

COLUMNS = [
    Column("name", "姓名"),
    Column("phone", "手机号", "code"),
    Column("citizen_number", "身份证号", "code"),
    Column("served_on", "服务日期", "date"),
    Column("arrived_at", "签到时间", "moment"),
    Column("times", "次数", "count", summed=True),
    Column("minutes", "认定分钟", "minutes", summed=True),
    Column("hours", "认定时长（小时）", "hours", summed=True),
    Column("rate", "活跃率", "percent"),
    Column("note", "备注", "long"),
]


def a_row(**other):
    return {
        "name": "买买提·艾山",
        "phone": "13800138000",
        "citizen_number": "430502198506150011",
        "served_on": date(2026, 11, 20),
        "arrived_at": datetime(2026, 11, 19, 23, 27, tzinfo=UTC),
        "times": 2,
        "minutes": 50,
        "hours": 50,
        "rate": 0.625,
        "note": "站东南角\n带小旗",
    } | other


def a_cover(**other):
    return Cover(
        "大祥区志愿服务时长排行",
        asked_by="周敏（市创文办）",
        asked_at=ASKED,
        filters={"时段": "2026-11-01 至 2026-11-30", "范围": "大祥区"},
        rule_version="hours-3",
        notes=["小时由分钟之和一次四舍五入，不逐条取整。"],
        **other,
    )


def opened(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def test_values_come_back_as_what_they_are():
    sheet = opened(workbook_bytes([Table("明细", COLUMNS, [a_row()])]))["明细"]
    header, row = [[cell.value for cell in line] for line in sheet.iter_rows(max_row=2)]
    assert header == [column.title for column in COLUMNS]
    assert row[:3] == ["买买提·艾山", "13800138000", "430502198506150011"]
    assert row[3] == datetime(2026, 11, 20)  # noqa: DTZ001 (a cell has no zone)
    assert row[4] == datetime(2026, 11, 20, 7, 27)  # noqa: DTZ001 (Beijing time)
    assert row[5:7] == [2, 50]
    assert row[7] == pytest.approx(50 / 60)
    assert row[8] == 0.625
    assert row[9] == "站东南角\n带小旗"
    formats = [cell.number_format for cell in sheet[2]]
    assert formats[1:3] == ["@", "@"]
    assert formats[3] == "yyyy-mm-dd"
    assert formats[7] == "0.0"
    assert formats[8] == "0.0%"


def test_calamine_reads_the_same_texts():
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(workbook_bytes([Table("明细", COLUMNS, [a_row(name="𬭎㛃喆")])], a_cover()))
    )
    assert book.sheet_names == ["说明", "明细"]
    row = book.get_sheet_by_name("明细").to_python()[1]
    assert row[:4] == ["𬭎㛃喆", "13800138000", "430502198506150011", date(2026, 11, 20)]


def test_totals_are_exact_and_stand_outside_the_filter():
    content = workbook_bytes([Table("明细", COLUMNS, [a_row() for _ in range(3)])])
    sheet = opened(content)["明细"]
    last = [cell.value for cell in sheet[5]]
    assert last[0] == "合计"
    assert last[5:7] == [6, 150]
    assert last[7] == 2.5  # three times 50 minutes are 2.5 hours, not 2.4 and not 2.7
    assert sheet.auto_filter.ref == "A1:J4"


def test_the_sheet_is_ready_for_a_reader_and_a_printer():
    sheet = opened(workbook_bytes([Table("明细 & 汇总", COLUMNS, [a_row()])], a_cover()))[
        "明细 & 汇总"
    ]
    assert sheet.freeze_panes == "A2"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.fitToHeight == 0
    assert sheet.oddHeader.center.text == "明细 && 汇总"
    assert sheet.column_dimensions["C"].width > 18  # an 18-digit number shows in full
    assert sheet.column_dimensions["A"].width > 10


def test_the_cover_says_who_when_what_by_which_rules_and_how_much():
    tables = [
        Table("单位", COLUMNS, [a_row()] * 2, notes=["不足 5 人的单位不列出。"]),
        Table("个人", COLUMNS, []),
    ]
    book = opened(workbook_bytes(tables, a_cover()))
    assert book.sheetnames == ["说明", "单位", "个人"]
    front = book["说明"]
    assert front["A1"].value == "大祥区志愿服务时长排行"
    told = [(a.value, b.value) for a, b in front.iter_rows(min_row=3, max_col=2)]
    assert ("导出人", "周敏（市创文办）") in told
    assert ("导出时间", "2026-11-24 00:30:00（北京时间）") in told
    assert ("筛选：范围", "大祥区") in told
    assert ("规则版本", "hours-3") in told
    assert ("单位（行数）", 2) in told
    assert ("个人（行数）", 0) in told
    assert "不足 5 人的单位不列出。" in [b for _, b in told]


@pytest.mark.parametrize("text", [*ATTACKS, "<r><f>1+1</f></r>", "<r><t>x</t></r>", "http://a.cn"])
def test_no_text_ever_becomes_a_formula_a_link_or_markup(text):
    columns = [Column("a", text), Column("b", "备注", "long"), Column("c", "编号", "code")]
    table = Table(text, columns, [{"a": text, "b": text, "c": text}])
    content = workbook_bytes([table], Cover(text, text, ASKED, {text: text}, text, [text]))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    for name, part in parts.items():
        assert "<f>" not in part, name
        assert "<f " not in part, name
        assert "<hyperlink " not in part, name
    sheet = opened(content).worksheets[1]
    assert {cell.data_type for line in sheet.iter_rows() for cell in line} <= {"s", "inlineStr"}
    assert sheet["A2"].value.rstrip(" ") == text.replace("\x00", "").replace("\r", "\n").rstrip(" ")


def test_the_csv_opens_in_excel_and_comes_back():
    rows = [a_row(name=text) for text in ATTACKS]
    content = csv_bytes(Table("明细", COLUMNS, rows))
    assert content.startswith(b"\xef\xbb\xbf")
    back = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert [unguarded(row["姓名"]) for row in back[:-1]] == ATTACKS
    assert all(row["姓名"].startswith("'") for row in back[:-1])
    assert back[0]["手机号"] == "13800138000"
    assert back[0]["身份证号"] == "'430502198506150011"
    assert back[0]["服务日期"] == "2026-11-20"
    assert back[0]["签到时间"] == "2026-11-20 07:27:00"
    assert back[0]["认定时长（小时）"] == "0.8"
    assert back[0]["活跃率"] == "62.5%"


def test_numbers_stay_numbers_in_the_csv():
    table = Table("更正", [Column("minutes", "分钟", "minutes"), Column("h", "小时", "hours")], [])
    content = csv_bytes(Table("更正", table.columns, [{"minutes": -90, "h": -90}]))
    assert content.decode("utf-8-sig").splitlines()[1] == "-90,-1.5"


def test_the_total_hours_of_a_csv_are_the_rounded_sum_not_the_sum_of_the_rounded():
    content = csv_bytes(Table("明细", COLUMNS, [a_row() for _ in range(3)]))
    last = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))[-1]
    assert last[0] == "合计"
    assert last[7] == "2.5"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (Column("x", "x", "count"), "3"),
        (Column("x", "x", "minutes"), 2.5),
        (Column("x", "x", "hours"), True),
        (Column("x", "x", "date"), "2026-11-20"),
        (Column("x", "x", "date"), ASKED),
        (Column("x", "x", "moment"), datetime(2026, 1, 1)),  # noqa: DTZ001 (that is the fault)
        (Column("x", "x", "percent"), "62%"),
    ],
)
def test_a_value_of_another_kind_is_an_error_not_a_text(column, value):
    with pytest.raises(TypeError):
        csv_bytes(Table("t", [column], [{"x": value}]))
    with pytest.raises(TypeError):
        workbook_bytes([Table("t", [column], [{"x": value}])])


def test_words_cannot_be_summed():
    with pytest.raises(ValueError, match="summed"):
        Column("name", "姓名", summed=True)


def test_empty_values_leave_empty_cells_and_old_dates_stay_readable():
    row = {"name": None, "note": "", "served_on": date(1898, 5, 1)}
    sheet = opened(workbook_bytes([Table("明细", COLUMNS, [row])]))["明细"]
    assert sheet["A2"].value is None
    assert sheet["J2"].value is None
    assert sheet["D2"].value == "1898-05-01"


def test_sheet_names_are_made_acceptable_and_unique():
    long = "大祥区雨溪街道办事处二〇二六年十一月文明交通劝导志愿服务时长明细表"
    names = ["明细", "明细", "a/b[c]:*?", long, long, "'", "History", "HISTORY", "说明"]
    content = workbook_bytes([Table(name, COLUMNS, []) for name in names], a_cover())
    made = opened(content).sheetnames
    assert len({name.lower() for name in made}) == len(names) + 1
    assert all(len(name) <= 31 and not re.search(r"[\[\]:*?/\\]", name) for name in made)


def test_a_table_longer_than_a_sheet_goes_on_in_the_next(monkeypatch):
    monkeypatch.setattr(sheets, "SHEET_ROWS", 40)
    book = opened(workbook_bytes([Table("明细", COLUMNS, (a_row() for _ in range(100)))]))
    assert book.sheetnames == ["明细", "明细(2)", "明细(3)"]
    assert [sheet.max_row for sheet in book.worksheets] == [41, 41, 22]
    assert book["明细(3)"]["G22"].value == 5_000
    assert book["明细(2)"]["A1"].value == "姓名"


def peak_of(count):
    tracemalloc.start()
    size = sum(
        len(chunk) for chunk in csv_chunks(Table("t", COLUMNS, (a_row() for _ in range(count))))
    )
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > count * 80
    return peak


def test_a_longer_csv_costs_no_more_memory():
    assert peak_of(20_000) < peak_of(2_000) + 200_000 < 2_000_000
