"""Looking through the XML of a package without building anything: far cells, entities, floods."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.parsers import expat

from volunteer.render.roll_limits import N_, SAVE_AGAIN, Limits, SheetRefused, far_cell

Feed = Callable[[bytes, bool], None]
Start = Callable[[str, dict[str, str]], None]

_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})\Z")
_CONTENT = {"v", "is", "f"}


class Inspector:
    """Gives each XML part of one package a parser that raises `SheetRefused` at the first offence."""

    def __init__(self, form: str, limits: Limits) -> None:
        self._form = form
        self._limits = limits

    def open(self, name: str) -> Feed:
        """Begin the part `name`; call the result with each piece, and at the end with `True`."""
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.EntityDeclHandler = _refuse_doctype
        start = self._watch(name)
        if start is not None:
            parser.StartElementHandler = start

        def feed(piece: bytes, is_last: bool) -> None:
            try:
                parser.Parse(piece, is_last)
            except expat.ExpatError as broken:
                raise SheetRefused(
                    "odd_xml", N_("文件的内部内容不完整或不规范。"), SAVE_AGAIN
                ) from broken

        return feed

    def _watch(self, name: str) -> Start | None:
        if self._form == "ods":
            return self._watch_ods() if name == "content.xml" else None
        if name == "xl/workbook.xml":
            return self._count(
                "sheet", self._limits.sheets, "too_many_sheets", N_("文件里的表超过 %(most)s 张。")
            )
        if name.lower().endswith("sharedstrings.xml"):
            return self._count(
                "si", self._limits.texts, "too_many_texts", N_("文件里的文字超过 %(most)s 段。")
            )
        return self._watch_worksheet()  # wherever it lies: a package names its sheets as it likes

    def _count(self, element: str, most: int, code: str, sentence: str) -> Start:
        seen = 0

        def start(name: str, _: dict[str, str]) -> None:
            nonlocal seen
            if _local(name) == element:
                seen += 1
                if seen > most:
                    raise SheetRefused(code, sentence, SAVE_AGAIN, most=most)

        return start

    def _watch_worksheet(self) -> Start:
        """Follow rows and cells, with or without references; empty formatted cells may be anywhere."""
        limits = self._limits
        row = column = 0

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal row, column
            element = _local(name)
            if element == "c":
                reference = attributes.get("r")
                if reference is None:
                    column += 1
                else:
                    row, column = _place_of(reference)
            elif element == "row":
                told = attributes.get("r", "")
                row = int(told) if told.isascii() and told.isdigit() and len(told) < 9 else row + 1
                column = 0
            elif element in _CONTENT and (row > limits.rows or column > limits.columns):
                raise far_cell(f"{letters(column)}{row} 单元格", limits)

        return start

    def _watch_ods(self) -> Start:
        """Add up repeated rows and cells; what is empty to the end of the sheet does not count."""
        limits = self._limits
        row = column = repeated = 0

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal row, column, repeated
            element = _local(name)
            if element in {"table-cell", "covered-table-cell"}:
                column += _times(attributes, "table:number-columns-repeated")
                is_filled = any(key.startswith("office:") for key in attributes)
                if is_filled and (column > limits.columns or row + repeated > limits.rows):
                    raise far_cell(f"{letters(column)}{row + repeated} 单元格", limits)
            elif element == "table-row":
                row, column = row + repeated, 0
                repeated = _times(attributes, "table:number-rows-repeated")
            elif element == "table":
                row, column, repeated = 0, 0, 0
            elif element == "p" and (column > limits.columns or row + repeated > limits.rows):
                raise far_cell(f"{letters(column)}{row + repeated} 单元格", limits)

        return start


def letters(column: int) -> str:
    """The letters above a column: 1 is A, 27 is AA."""
    text = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def _place_of(reference: str) -> tuple[int, int]:
    match = _REFERENCE.match(reference)
    if match is None:
        raise SheetRefused(
            "odd_xml",
            N_("文件里有不成样子的单元格位置（%(reference)s）。"),
            SAVE_AGAIN,
            reference=reference[:20],
        )
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column


def _local(name: str) -> str:
    return name.rpartition(":")[2] if ":" in name else name


def _times(attributes: dict[str, str], key: str) -> int:
    told = attributes.get(key, "1")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else 1


def _refuse_doctype(*_: object) -> None:
    raise SheetRefused("odd_xml", N_("文件里有表格不该有的内容（XML 实体声明）。"), SAVE_AGAIN)
