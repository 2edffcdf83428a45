"""The empty list to fill in (花名册模板): text columns, choices, hints, and a sheet that explains."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from volunteer.render.roll_fields import ROLL_FIELDS, SAMPLE_MARK, Field
from volunteer.render.sheets import FONT

FILENAME = "花名册模板.xlsx"
PREPARED_ROWS = 2_000
RULES = (
    "一人一行，不要合并单元格，不要在名单中间留标题行或小计行。",
    "各列已设为“文本”格式：粘贴时请选“只粘贴值”，身份证号和手机号才不会变成科学计数。",
    "第 2 行是示例，可以删去；留着也不会被导入。",
    "上传后先预览：有问题的行会逐行指出，全部无误并确认以后才会导入。",
    "身份证号仅用于核对身份和办理保险，加密保存，页面上只显示首尾几位。",
)


def template_bytes(fields: Sequence[Field] = ROLL_FIELDS, title: str = "花名册") -> bytes:
    """The template as an XLSX file; it reads back through `read_roll` and `heading_of` as it is."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(
        stream,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "default_format_properties": {"font_name": FONT, "font_size": 11},
        },
    )
    _write_list(book, book.add_worksheet(title), fields)
    _write_notes(book, book.add_worksheet("填写说明"), fields)
    book.close()
    return stream.getvalue()


def _write_list(book: Any, sheet: Any, fields: Sequence[Field]) -> None:
    base = {
        "bold": True,
        "border": 1,
        "border_color": "#d4d4d8",
        "align": "center",
        "valign": "vcenter",
    }
    head = book.add_format({**base, "bg_color": "#f4f4f5"})
    head_required = book.add_format({**base, "bg_color": "#fee2e2", "font_color": "#991b1b"})
    text = book.add_format({"num_format": "@", "valign": "vcenter"})
    sample = book.add_format({"num_format": "@", "italic": True, "font_color": "#71717a"})
    sheet.set_row(0, 26)
    for at, field in enumerate(fields):
        sheet.set_column(at, at, field.width, text)
        title = f"{field.title}*" if field.is_required else field.title
        sheet.write_string(0, at, title, head_required if field.is_required else head)
        sheet.write_string(1, at, (SAMPLE_MARK if at == 0 else "") + field.sample, sample)
        _guide(sheet, at, field)
    sheet.freeze_panes(1, 1)
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{PREPARED_ROWS}"})


def _guide(sheet: Any, at: int, field: Field) -> None:
    """A drop-down for choices, else a hint that shows when the cell is chosen."""
    rule: dict[str, Any] = {"validate": "any"}
    if field.choices:
        rule = {
            "validate": "list",
            "source": list(field.choices),
            "error_title": field.title,
            "error_message": f"请选择：{'、'.join(field.choices)}",
        }
    if field.hint:
        rule |= {"input_title": field.title, "input_message": field.hint}
    if field.choices or field.hint:
        sheet.data_validation(1, at, PREPARED_ROWS, at, rule)


def _write_notes(book: Any, sheet: Any, fields: Sequence[Field]) -> None:
    title = book.add_format({"bold": True, "font_size": 16})
    head = book.add_format(
        {"bold": True, "bg_color": "#f4f4f5", "border": 1, "border_color": "#d4d4d8"}
    )
    text = book.add_format(
        {
            "text_wrap": True,
            "valign": "top",
            "border": 1,
            "border_color": "#d4d4d8",
            "num_format": "@",
        }
    )
    rule = book.add_format({"text_wrap": True, "valign": "top"})
    for at, width in enumerate((14, 8, 50, 24)):
        sheet.set_column(at, at, width)
    sheet.hide_gridlines(2)
    sheet.set_row(0, 30)
    sheet.write_string(0, 0, "花名册填写说明", title)
    line = 2
    for number, told in enumerate(RULES, start=1):
        sheet.merge_range(line, 0, line, 3, f"{number}. {told}", rule)
        sheet.set_row(line, 22)
        line += 1
    line += 1
    for at, told in enumerate(("列名", "必填", "怎样填写", "示例")):
        sheet.write_string(line, at, told, head)
    for field in fields:
        line += 1
        choices = f"从下拉框选择：{'、'.join(field.choices)}。" if field.choices else ""
        required = "是" if field.is_required else ""
        for at, told in enumerate((field.title, required, choices + field.hint, field.sample)):
            sheet.write_string(line, at, told, text)
        sheet.set_row(line, 34 if len(field.hint) > 24 else 20)
    sheet.ignore_errors({"number_stored_as_text": "A1:D200"})
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
