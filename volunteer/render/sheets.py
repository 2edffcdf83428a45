"""Tables to spreadsheets (电子表格): XLSX to work with and to print, CSV to pass on.

Numbers, dates and texts are written as what they are, never guessed from their looks: no cell is
ever a formula or a link. Rows are taken one by one and never held, so a million of them cost no
more memory than a thousand.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from tempfile import TemporaryDirectory
from typing import IO, Any

import xlsxwriter

from volunteer.render.cells import guarded, storable, width_of
from volunteer.render.tables import (
    BEIJING,
    Column,
    Cover,
    Table,
    add_up,
    hours_of,
    peeked,
    totals_row,
    typed,
    widths,
)

SHEET_ROWS = 1_000_000
"""Rows of one sheet; Excel ends at 1 048 576. More continue on a sheet of their own."""
CHUNK = 64 * 1024
"""Bytes, roughly, of one piece of a streamed CSV file."""
FONT = "Microsoft YaHei"


def workbook_bytes(tables: Sequence[Table], cover: Cover | None = None) -> bytes:
    """The whole XLSX file, for tables that are known to be small."""
    stream = io.BytesIO()
    write_workbook(stream, tables, cover)
    return stream.getvalue()


def write_workbook(target: IO[bytes], tables: Sequence[Table], cover: Cover | None = None) -> int:
    """Write the tables, each on its own sheet behind the cover, and return the rows written.

    `target` must be seekable. Rows are kept on disk while the file grows, not in memory.
    """
    with TemporaryDirectory(prefix="sheets-") as folder:
        book = _new_book(target, folder)
        try:
            written = _fill(book, tables, cover)
        except BaseException:
            for sheet in book.worksheets():  # closing the book would write the half of it
                sheet.row_data_fh.close()
            raise
        book.close()
    return written


def _new_book(target: IO[bytes], folder: str) -> Any:
    return xlsxwriter.Workbook(
        target,
        {
            "constant_memory": True,
            "tmpdir": folder,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "use_zip64": True,
            "default_format_properties": {"font_name": FONT, "font_size": 11},
        },
    )


def _fill(book: Any, tables: Sequence[Table], cover: Cover | None) -> int:
    pen = _Pen(book)
    names = _SheetNames()
    front = book.add_worksheet(names.of("说明")) if cover else None
    counted = [(table, pen.write_table(table, names)) for table in tables]
    if front is not None and cover is not None:
        pen.write_cover(front, cover, counted)
        book.set_properties(
            {
                "title": storable(cover.title),
                "author": storable(cover.asked_by),
                "created": cover.asked_at.astimezone(BEIJING).replace(tzinfo=None),
            }
        )
    return sum(rows for _, rows in counted)


class _SheetNames:
    """Names that Excel accepts: no forbidden sign, at most 31 long, no two alike."""

    def __init__(self) -> None:
        self._taken: set[str] = {"history"}

    def of(self, wanted: str) -> str:
        base = re.sub(r"[\[\]:*?/\\]", " ", storable(wanted)).strip("' \n\t") or "表"
        for number in range(1, 10_000):
            tail = "" if number == 1 else f"({number})"
            name = base.encode("utf-16-le")[: 2 * (31 - len(tail))].decode("utf-16-le", "ignore")
            name = name.rstrip("' ") + tail
            if name.lower() not in self._taken:
                self._taken.add(name.lower())
                return name
        raise ValueError(f"too many sheets are called {wanted}")


class _Pen:
    """Writes cells and owns the formats of one workbook."""

    def __init__(self, book: Any) -> None:
        self._book = book
        line = {"border": 1, "border_color": "#d4d4d8", "valign": "vcenter"}
        pattern = {
            "text": "@",
            "long": "@",
            "code": "@",
            "date": "yyyy-mm-dd",
            "moment": "yyyy-mm-dd hh:mm",
            "count": "0",
            "minutes": "0",
            "hours": "0.0",
            "percent": "0.0%",
        }
        self._cell = {
            kind: book.add_format({**line, "num_format": form, "text_wrap": kind == "long"})
            for kind, form in pattern.items()
        }
        self._sum = {
            kind: book.add_format(
                {**line, "num_format": form, "bold": True, "top": 2, "bg_color": "#f4f4f5"}
            )
            for kind, form in pattern.items()
        }
        self._head = book.add_format(
            {**line, "bold": True, "bg_color": "#f4f4f5", "text_wrap": True, "align": "center"}
        )
        self._title = book.add_format({"bold": True, "font_size": 16, "valign": "vcenter"})
        self._label = book.add_format({"bold": True, "valign": "top", "font_color": "#52525b"})
        self._text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        self._number = book.add_format({"num_format": "0", "align": "left", "valign": "top"})

    def write_table(self, table: Table, names: _SheetNames) -> int:
        """Write one table, over several sheets if it is longer than one can be."""
        first, rows = peeked(table.rows)
        measures = widths(table, first)
        sums = dict.fromkeys((column.key for column in table.columns if column.summed), 0)
        sheet, line, written = self._new_sheet(table, names, measures), 0, 0
        for row in rows:
            if line == SHEET_ROWS:
                sheet.autofilter(0, 0, line, len(table.columns) - 1)
                sheet, line = self._new_sheet(table, names, measures), 0
            line += 1
            written += 1
            for place, column in enumerate(table.columns):
                value = typed(column, row.get(column.key))
                self._put(sheet, line, place, column, value, self._cell[column.kind])
            add_up(sums, row)
        sheet.autofilter(0, 0, line, len(table.columns) - 1)
        if table.has_totals:
            for place, total in enumerate(totals_row(table, sums)):
                column = table.columns[place]
                self._put(sheet, line + 1, place, column, total, self._sum[column.kind])
        return written

    def write_cover(self, sheet: Any, cover: Cover, counted: Sequence[tuple[Table, int]]) -> None:
        """Write where the figures come from: who, when, what was asked, by which rules."""
        sheet.set_column(0, 0, 14)
        sheet.set_column(1, 1, 72)
        sheet.hide_gridlines(2)
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_row(0, 30)
        self._write(sheet.write_string(0, 0, storable(cover.title), self._title))
        asked_at = cover.asked_at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
        lines = [("导出人", cover.asked_by), ("导出时间", f"{asked_at}（北京时间）")]
        lines += [(f"筛选：{name}", value) for name, value in cover.filters.items()]
        lines += [("规则版本", cover.rule_version)] if cover.rule_version else []
        lines += [("说明", note) for note in cover.notes]
        at = 2
        for label, value in lines:
            at = self._cover_line(sheet, at, label, value)
        for table, rows in counted:
            at = self._cover_line(sheet, at, f"{table.name}（行数）", rows)
            for note in table.notes:
                at = self._cover_line(sheet, at, "", note)

    def _cover_line(self, sheet: Any, at: int, label: str, value: str | int) -> int:
        self._write(sheet.write_string(at, 0, storable(label), self._label))
        if isinstance(value, int):
            self._write(sheet.write_number(at, 1, value, self._number))
        else:
            self._write(sheet.write_string(at, 1, storable(value), self._text))
            # Excel does not grow a row by itself when it opens a file it has not saved
            sheet.set_row(at, 18 * max(1, -(-width_of(value) // 70), value.count("\n") + 1))
        return at + 1

    def _new_sheet(self, table: Table, names: _SheetNames, measures: Sequence[int]) -> Any:
        sheet = self._book.add_worksheet(names.of(table.name))
        for place, width in enumerate(measures):
            sheet.set_column(place, place, width)
        sheet.freeze_panes(1, 0)
        sheet.ignore_errors(
            {"number_stored_as_text": "A1:XFD1048576"}
        )  # phones and numbers are texts
        sheet.repeat_rows(0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.4, right=0.4, top=0.8, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.set_header("&C&14" + storable(table.name).replace("&", "&&")[:200])
        sheet.set_footer("&C第 &P 页，共 &N 页")
        sheet.set_row(0, 24)
        for place, column in enumerate(table.columns):
            self._write(sheet.write_string(0, place, storable(column.title), self._head))
        return sheet

    def _put(
        self,
        sheet: Any,
        line: int,
        place: int,
        column: Column,
        value: str | int | float | date | datetime | None,
        form: Any,
    ) -> None:
        if value is None or value == "":
            done = sheet.write_blank(line, place, None, form)
        elif isinstance(value, str):
            done = sheet.write_string(line, place, storable(value), form)
        elif isinstance(value, date) and value.year < 1900:  # Excel's first day is 1900-01-01
            done = sheet.write_string(line, place, value.isoformat(), form)
        elif isinstance(value, date):
            done = sheet.write_datetime(line, place, value, form)
        else:
            shown = value / 60 if column.kind == "hours" else value
            done = sheet.write_number(line, place, shown, form)
        self._write(done)

    @staticmethod
    def _write(done: int) -> None:
        """XlsxWriter reports a cell it could not write by a number and goes on: do not."""
        if done != 0:
            raise ValueError(f"a cell could not be written (code {done})")


def csv_chunks(table: Table) -> Iterator[bytes]:
    """Stream the table as CSV with a byte-order mark, so that Excel reads the Chinese right.

    Texts are guarded (`cells.guarded`); numbers and dates stay bare. Hours are rounded for each row,
    the total is not the sum of rounded rows but the rounded sum of the minutes.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield b"\xef\xbb\xbf"
    writer.writerow([guarded(column.title) for column in table.columns])
    sums = dict.fromkeys((column.key for column in table.columns if column.summed), 0)
    for row in table.rows:
        values = [typed(column, row.get(column.key)) for column in table.columns]
        add_up(sums, row)
        writer.writerow(map(_plain, table.columns, values))
        if buffer.tell() >= CHUNK:
            yield _taken(buffer)
    if table.has_totals:
        writer.writerow(map(_plain, table.columns, totals_row(table, sums)))
    yield _taken(buffer)


def csv_bytes(table: Table) -> bytes:
    """The whole CSV file of a table that is known to be small."""
    return b"".join(csv_chunks(table))


def _plain(column: Column, value: str | int | float | date | datetime | None) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return guarded(value.encode("utf-8", "ignore").decode())
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if column.kind == "hours":
        return str(hours_of(int(value)))
    if column.kind == "percent":
        return f"{Decimal(str(value)) * 100:.1f}%"
    return str(value)


def _taken(buffer: io.StringIO) -> bytes:
    taken = buffer.getvalue().encode("utf-8")
    buffer.seek(0)
    buffer.truncate()
    return taken
