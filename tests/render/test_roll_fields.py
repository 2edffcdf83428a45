from __future__ import annotations

import io

import openpyxl
import pytest

from volunteer.render.roll import Roll, RollRow, SheetRefused, read_roll
from volunteer.render.roll_fields import ROLL_FIELDS, SAMPLE_MARK, Field, heading_of
from volunteer.render.roll_template import template_bytes


def a_roll(*rows):
    return Roll(
        "花名册", tuple(RollRow(n, tuple(texts), {}) for n, texts in enumerate(rows, start=1))
    )


def test_the_header_is_found_below_titles_in_any_order_and_dress():
    roll = a_roll(
        ("大祥区雨溪街道志愿者花名册", "", "", ""),
        ("填报单位：雨溪街道办事处", "", "填报人：李某", ""),
        ("序号", "联系电话（必填）", "姓 名*", "出生年月"),
        ("1", "13800138000", "买买提·艾山", "1985-06-15"),
        ("合计", "", "", ""),
    )
    heading = heading_of(roll)
    assert heading.number == 3
    assert heading.places == {"name": 2, "phone": 1, "birth_year": 3}
    assert heading.unknown == ("序号",)
    (record,) = heading.records(roll)
    assert record.number == 4
    assert record.values == {
        "name": "买买提·艾山",
        "phone": "13800138000",
        "birth_year": "1985-06-15",
    }
    assert record.address("phone") == "B4"


def test_a_title_of_its_own_goes_before_an_alias():
    heading = heading_of(a_roll(("姓名", "联系电话", "手机号"), ("张三", "0739-1", "138")))
    assert heading.places["phone"] == 2
    assert heading.unknown == ("联系电话",)


def test_missing_columns_are_named():
    with pytest.raises(SheetRefused, match="no_heading") as no:
        heading_of(a_roll(("姓名", "备注"), ("张三", "")))
    assert no.value.sentence == "没有找到这些列：手机号。"
    with pytest.raises(SheetRefused) as no:
        heading_of(a_roll(("一", "二")))
    assert "姓名、手机号" in no.value.sentence


def test_the_same_title_twice_is_refused_with_both_places():
    with pytest.raises(SheetRefused, match="double_heading") as no:
        heading_of(a_roll(("姓名", "手机号", "备注", "手机号")))
    assert "B、D 列" in no.value.sentence


def test_problems_follow_the_field():
    roll = Roll(
        "",
        (
            RollRow(1, ("姓名", "手机号", "身份证号"), {}),
            RollRow(2, ("张三", "138", "4.30502E+17"), {2: "numeric_id"}),
        ),
    )
    (record,) = heading_of(roll).records(roll)
    assert record.problems == {"citizen_number": "numeric_id"}
    assert record.address("citizen_number") == "C2"


def test_the_template_reads_back_and_its_sample_is_nobody():
    roll = read_roll(template_bytes(), "花名册模板.xlsx")
    heading = heading_of(roll)
    assert list(heading.places) == [field.key for field in ROLL_FIELDS]
    assert heading.unknown == ()
    assert roll.rows[1].texts[0].startswith(SAMPLE_MARK)
    assert list(heading.records(roll)) == []


def test_a_template_filled_in_by_hand_keeps_long_numbers():
    book = openpyxl.load_workbook(io.BytesIO(template_bytes()))
    sheet = book["花名册"]
    sheet.append(
        ["赵𬭎", "女", "13900139000", "430503199001010022", "1990", "金台社区", "急救", ""]
    )
    stream = io.BytesIO()
    book.save(stream)
    roll = read_roll(stream.getvalue(), "花名册.xlsx")
    (record,) = heading_of(roll).records(roll)
    assert record.values["name"] == "赵𬭎"
    assert record.values["citizen_number"] == "430503199001010022"
    assert record.problems == {}


def test_the_template_is_prepared_for_typing():
    book = openpyxl.load_workbook(io.BytesIO(template_bytes()))
    sheet = book["花名册"]
    assert book.sheetnames == ["花名册", "填写说明"]
    assert {sheet.column_dimensions[letter].number_format for letter in "ACD"} == {"@"}
    assert sheet.freeze_panes == "B2"
    lists = [rule.formula1 for rule in sheet.data_validations.dataValidation if rule.type == "list"]
    assert lists == ['"男,女"']
    assert all(
        rule.prompt is None or len(rule.prompt) <= 255
        for rule in sheet.data_validations.dataValidation
    )
    told = {cell.value for line in book["填写说明"].iter_rows() for cell in line}
    assert {"姓名", "手机号", "身份证号"} <= told


def test_a_city_may_ask_for_columns_of_its_own():
    fields = [Field("name", "姓名", is_required=True), Field("team", "队伍", choices=("甲", "乙"))]
    assert list(heading_of(read_roll(template_bytes(fields), "a.xlsx"), fields).places) == [
        "name",
        "team",
    ]
