"""How much a list from outside may ask of us, and how a refusal is told (花名册读取的限度)."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """What one file may cost. Far above any honest list of people, far below a server's means."""

    file_bytes: int = 10 * MEGABYTE
    unpacked_bytes: int = 200 * MEGABYTE
    ratio: int = 100
    """Unpacked to packed size of a part above one megabyte."""
    parts: int = 200
    """Files inside an XLSX or ODS package."""
    sheets: int = 50
    rows: int = 20_000
    columns: int = 60
    texts: int = 300_000
    """Distinct texts of an XLSX package."""
    memory_bytes: int = 1024 * MEGABYTE
    cpu_seconds: int = 60
    wall_seconds: float = 90.0


class SheetRefused(Exception):
    """A file that is not read: `code` for programs, `sentence` and `hint` for the person.

    Codes: `empty_file`, `too_large`, `not_a_sheet`, `wrong_extension`, `web_page`, `old_binary`,
    `macro`, `encrypted`, `embedded_file`, `too_many_parts`, `too_many_sheets`, `bomb`, `odd_package`,
    `odd_xml`, `far_cell`, `too_many_texts`, `encoding`, `damaged`, `empty_sheet`, `too_heavy`,
    `too_slow`, `busy`, `no_heading`, `double_heading`.
    """

    def __init__(self, code: str, sentence: str, hint: str = "") -> None:
        super().__init__(code, sentence, hint)
        self.code = code
        self.sentence = sentence
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence}"


SAVE_AGAIN = "请用 Excel 或 WPS 打开，只保留花名册这一张表，另存为 .xlsx 后再上传。"
"""The hint that cures nearly every refusal."""


def far_cell(where: str, limits: Limits) -> SheetRefused:
    """The refusal of a cell beyond the rows and columns a list may have."""
    return SheetRefused(
        "far_cell",
        f"表格用到了 {where}，超出 {limits.rows} 行、{limits.columns} 列的范围。",
        "很远的单元格里可能留有内容：请把花名册复制到一张新表里再上传；人数更多时请分几个文件。",
    )


def too_large(size: int, limits: Limits) -> SheetRefused:
    """The refusal of a file that is too big to be a list."""
    return SheetRefused(
        "too_large",
        f"文件有 {size / MEGABYTE:.1f} MB，超过 {limits.file_bytes // MEGABYTE} MB 的上限。",
        "请删去图片和无关的表，或分成几个文件上传。",
    )


def too_heavy() -> SheetRefused:
    """The refusal of a file whose reading took more memory than a list can need."""
    return SheetRefused("too_heavy", "文件打开时超出了许可的内存，不予读取。", SAVE_AGAIN)
