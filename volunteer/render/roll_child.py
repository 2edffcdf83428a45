"""The child process that reads a spreadsheet: `python -m volunteer.render.roll_child SUFFIX LIMITS`.

The file comes in by standard input, one JSON object goes out by standard output. The process first
takes away its own means (memory, processor time, output, open files), so whatever a hostile file does
to the reader ends here: `roll.read_roll` sees a dead child and says so.
"""

from __future__ import annotations

import io
import json
import re
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

from volunteer.render.cells import unguarded
from volunteer.render.roll_check import damaged, encrypted, examine
from volunteer.render.roll_csv import csv_rows
from volunteer.render.roll_limits import MEGABYTE, N_, Limits, SheetRefused, far_cell, too_heavy

MOST_OUTPUT = 64 * MEGABYTE
NUMERIC_ID = "numeric_id"
"""A long number whose last digits the spreadsheet has already thrown away."""

_BLOWN_UP = re.compile(r"[1-9](\.\d+)?[eE]\+?\d{2}\Z")
_EDGES = " \t\r\n\u00a0\u3000\u200b\u200c\u200d\ufeff"
_FIFTEEN_DIGITS = 10**15


def fence(limits: Limits) -> None:
    """Take away what a reader of one list does not need. Without effect where the system has no such
    limits (Windows): there only the wall clock of the parent holds.
    """
    try:
        import resource
    except ImportError:
        return
    for what, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, MOST_OUTPUT),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        _, hard = resource.getrlimit(what)
        if hard == resource.RLIM_INFINITY or most < hard:
            # one above: at the hard limit of time the kill has no name, at the soft one it is SIGXCPU
            resource.setrlimit(what, (most, most + 1))


def read(content: bytes, suffix: str, limits: Limits) -> dict[str, Any]:
    """Check and read a file into plain values: sheet name, rows of texts, problems by place."""
    form = examine(content, suffix, limits)
    if form == "csv":
        name, grid = "", csv_rows(content, limits)
    else:
        name, grid = _workbook_rows(content, limits)
    rows = []
    for number, line in enumerate(grid, start=1):
        told = [text_of(value) for value in line]
        while told and not told[-1][0]:
            told.pop()
        if told:
            problems = {at: problem for at, (_, problem) in enumerate(told) if problem}
            rows.append([number, [text for text, _ in told], problems])
    if not rows:
        raise SheetRefused(
            "empty_sheet", N_("表里没有内容。"), N_("请检查花名册是否在第一张表上。")
        )
    return {"sheet": name, "rows": rows}


def _workbook_rows(content: bytes, limits: Limits) -> tuple[str, list[list[Any]]]:
    """The first visible sheet that holds anything."""
    from python_calamine import (  # only inside the fence
        CalamineError,
        CalamineWorkbook,
        PasswordError,
        SheetTypeEnum,
        SheetVisibleEnum,
    )

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for place, told in enumerate(book.sheets_metadata):
            if told.visible != SheetVisibleEnum.Visible or told.typ != SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_index(place)
            if sheet.total_height > limits.rows or sheet.total_width > limits.columns:
                raise far_cell(f"{sheet.total_height} 行、{sheet.total_width} 列", limits)
            if sheet.height:
                return told.name, sheet.to_python(skip_empty_area=False)
    except PasswordError as locked:
        raise encrypted() from locked
    except (CalamineError, ValueError, OverflowError) as broken:
        raise damaged() from broken
    except BaseException as panic:
        if type(panic).__name__ == "PanicException":  # pyo3: a Rust panic, outside of Exception
            raise damaged() from panic
        raise
    return "", []


def text_of(value: Any) -> tuple[str, str]:
    """The text of a cell, and what is wrong with it (`numeric_id`) or nothing.

    A whole number comes without its `.0`: a phone typed as a number is mended. Beyond 15 digits a
    spreadsheet has already replaced the last ones by zeros: that cannot be mended, only told.
    """
    if isinstance(value, str):
        text = unguarded(value.strip(_EDGES))
        return text, NUMERIC_ID if _BLOWN_UP.match(text) else ""
    if isinstance(value, bool):
        return "是" if value else "否", ""
    if isinstance(value, (int, float)):
        if abs(value) >= _FIFTEEN_DIGITS:
            return f"{value:.5E}", NUMERIC_ID
        return str(int(value)) if value == int(value) else repr(value), ""
    if isinstance(value, datetime):
        is_day = value.time() == time(0)
        return value.date().isoformat() if is_day else value.isoformat(" ", "minutes"), ""
    if isinstance(value, date):
        return value.isoformat(), ""
    if isinstance(value, time):
        return value.isoformat("minutes"), ""
    if isinstance(value, timedelta):
        hours, minutes = divmod(int(value.total_seconds()) // 60, 60)
        return f"{hours:02}:{minutes:02}", ""
    return "" if value is None else str(value), ""


def _refusal(no: SheetRefused) -> dict[str, Any]:
    return {"refused": [no.code, no.template, no.hint_template, no.values]}


def main(arguments: list[str]) -> int:
    suffix, told = arguments
    limits = Limits(**json.loads(told))
    fence(limits)
    try:
        answer = read(sys.stdin.buffer.read(limits.file_bytes + 1), suffix, limits)
    except SheetRefused as no:
        answer = _refusal(no)
    except MemoryError:
        answer = _refusal(too_heavy())
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace"))
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
