"""Reading a CSV list as Chinese offices save it: UTF-8, GB 18030 or UTF-16; comma, tab or semicolon."""

from __future__ import annotations

import codecs
import csv
import io

from volunteer.render.roll_limits import N_, Limits, SheetRefused, far_cell

DELIMITERS = ",\t;，|"
_CONTROLS = frozenset(map(chr, range(32))) - set("\t\r\n")
_SNIFFED_LINES = 20


def csv_rows(content: bytes, limits: Limits) -> list[list[str]]:
    """The records of a CSV file, empty ones kept so that numbers match what Excel shows.

    Raises `SheetRefused` (`encoding`, `not_a_sheet`, `far_cell`, `damaged`).
    """
    text = decoded(content)
    if sum(text.count(sign) for sign in _CONTROLS) > len(text) // 1000:
        raise SheetRefused("not_a_sheet", N_("这不是表格文件。"), N_("请上传 .xlsx 或 .csv 文件。"))
    csv.field_size_limit(32_767)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text)):
            rows.append(row)
            filled = max((at for at, cell in enumerate(row, start=1) if cell.strip()), default=0)
            if filled > limits.columns or (filled and len(rows) > limits.rows):
                raise far_cell(f"第 {len(rows)} 行第 {filled} 列", limits)
            if len(rows) > 10 * limits.rows:
                raise far_cell(f"第 {len(rows)} 行", limits)
    except csv.Error as broken:
        raise SheetRefused(
            "damaged",
            N_("第 %(row)s 行读不下去：引号不成对，或一格里的文字过长。"),
            N_("请另存为 .xlsx 再上传。"),
            row=len(rows) + 1,
        ) from broken
    return rows


def decoded(content: bytes) -> str:
    """The text, by its byte-order mark, else UTF-8, else GB 18030 (what Excel in Chinese saves)."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    elif content.startswith(codecs.BOM_UTF8):
        candidates = ["utf-8-sig"]
    else:
        candidates = ["utf-8", "gb18030"]
    for candidate in candidates:
        try:
            return content.decode(candidate)
        except UnicodeDecodeError:
            continue
    raise SheetRefused(
        "encoding",
        N_("文字编码认不出来，中文会变成乱码。"),
        N_("请用 Excel 另存为“CSV UTF-8”或 .xlsx 再上传。"),
    )


def delimiter_of(text: str) -> str:
    """The sign that parts the cells: the one that cuts most lines into the same number of cells."""
    lines = [line for line in text[: 64 * 1024].splitlines()[:_SNIFFED_LINES] if line.strip()]

    def merit(sign: str) -> tuple[int, int]:
        counts = [len(cells) for cells in csv.reader(lines, delimiter=sign)]
        usual = max(set(counts), key=counts.count, default=1)
        return (counts.count(usual) if usual > 1 else 0, usual)

    return max(DELIMITERS, key=merit)
