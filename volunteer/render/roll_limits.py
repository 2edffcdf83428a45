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

    `template` and `hint_template` are the same with `%(name)s` places for `values`, as the catalogue
    of translations knows them.

    Codes: `empty_file`, `too_large`, `not_a_sheet`, `wrong_extension`, `web_page`, `old_binary`,
    `macro`, `encrypted`, `embedded_file`, `too_many_parts`, `too_many_sheets`, `bomb`, `odd_package`,
    `odd_xml`, `far_cell`, `too_many_texts`, `encoding`, `damaged`, `empty_sheet`, `too_heavy`,
    `too_slow`, `busy`, `no_heading`, `double_heading`.
    """

    def __init__(self, code: str, template: str, hint: str = "", **values: str | int) -> None:
        super().__init__(code, template, hint)
        self.code = code
        self.template = template
        self.hint_template = hint
        self.values = values

    @property
    def sentence(self) -> str:
        """The reason in Chinese, values filled in."""
        return self.template % self.values if self.values else self.template

    @property
    def hint(self) -> str:
        """The way out in Chinese, values filled in."""
        return self.hint_template % self.values if self.values else self.hint_template

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence}"


def N_(text: str) -> str:
    """Return `text` unchanged; the name marks it for the gettext catalogue, the edge translates it."""
    return text


SAVE_AGAIN = N_("请用 Excel 或 WPS 打开，只保留花名册这一张表，另存为 .xlsx 后再上传。")
"""The hint that cures nearly every refusal."""


def far_cell(where: str, limits: Limits) -> SheetRefused:
    """The refusal of a cell beyond the rows and columns a list may have."""
    return SheetRefused(
        "far_cell",
        N_("表格用到了 %(where)s，超出 %(rows)s 行、%(columns)s 列的范围。"),
        N_(
            "很远的单元格里可能留有内容：请把花名册复制到一张新表里再上传；人数更多时请分几个文件。"
        ),
        where=where,
        rows=limits.rows,
        columns=limits.columns,
    )


def too_large(size: int, limits: Limits) -> SheetRefused:
    """The refusal of a file that is too big to be a list."""
    return SheetRefused(
        "too_large",
        N_("文件有 %(size)s MB，超过 %(most)s MB 的上限。"),
        N_("请删去图片和无关的表，或分成几个文件上传。"),
        size=f"{size / MEGABYTE:.1f}",
        most=limits.file_bytes // MEGABYTE,
    )


def too_heavy() -> SheetRefused:
    """The refusal of a file whose reading took more memory than a list can need."""
    return SheetRefused("too_heavy", N_("文件打开时超出了许可的内存，不予读取。"), SAVE_AGAIN)
