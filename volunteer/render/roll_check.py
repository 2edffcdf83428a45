"""The gate before a spreadsheet reader: what the file really is, and whether it is safe to open.

A reader of spreadsheets believes what a file says about itself: one cell in the last corner makes it
ask for a table of seventeen thousand million cells. So the package is first looked through here with
nothing but inflate and expat. Runs inside the child process (`roll_child`), never in the server.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Literal

from volunteer.render.roll_limits import MEGABYTE, N_, SAVE_AGAIN, Limits, SheetRefused, too_large
from volunteer.render.roll_xml import Inspector

Form = Literal["xlsx", "ods", "xls", "csv"]

SUFFIXES: dict[str, Form] = {"xlsx": "xlsx", "ods": "ods", "xls": "xls", "csv": "csv", "txt": "csv"}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
OTHER_FILES = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"{\\rtf",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
)
ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
_PIECE = 64 * 1024


def examine(content: bytes, suffix: str, limits: Limits) -> Form:
    """Tell what the file is; raise `SheetRefused` when it must not be opened or belies its name."""
    if not content.strip(b"\x00\t\r\n "):
        raise SheetRefused("empty_file", N_("文件是空的。"), N_("请检查是否选错了文件。"))
    if len(content) > limits.file_bytes:
        raise too_large(len(content), limits)
    if suffix in {"xlsm", "xltm"}:
        raise _macro()
    form = _form_of(content, limits)
    if SUFFIXES.get(suffix) != form:
        raise SheetRefused(
            "wrong_extension",
            N_("文件名以 .%(suffix)s 结尾，内容却是 %(form)s 格式。")
            if suffix
            else N_("文件名没有写明 .%(form)s。"),
            N_("内容若无误，请把文件名改为以 .%(form)s 结尾；否则请重新另存一份。"),
            suffix=suffix,
            form=form,
        )
    return form


def _form_of(content: bytes, limits: Limits) -> Form:
    if content.startswith(ZIP):
        return _examine_package(content, limits)
    if content.startswith(OLE):
        return _examine_ole(content)
    if content.startswith(OTHER_FILES):
        raise _not_a_sheet()
    head = content[:2048].lstrip(b"\xef\xbb\xbf\x00\t\r\n ").lower()
    if head.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<div", b"<meta")):
        raise SheetRefused(
            "web_page", N_("这个文件其实是网页，只是名字像表格（有些系统这样导出）。"), SAVE_AGAIN
        )
    if b"\x00" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _not_a_sheet()
    return "csv"


def _examine_ole(content: bytes) -> Form:
    if _wide("EncryptedPackage") in content:
        raise encrypted()
    if _wide("_VBA_PROJECT") in content or _wide("VBA") + b"\x00\x00" in content:
        raise _macro()
    if _wide("Workbook") in content or _wide("Book") + b"\x00\x00" in content:
        return "xls"
    raise _not_a_sheet()


def _examine_package(content: bytes, limits: Limits) -> Form:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            _check_directory(parts, names, limits)
            form = _package_form(archive, names)
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError) as broken:
        raise damaged() from broken
    room = limits.unpacked_bytes
    inspector = Inspector(form, limits)
    for part in parts:
        room -= _look_through(content, part, inspector, room)
    return form


def _check_directory(parts: list[zipfile.ZipInfo], names: set[str], limits: Limits) -> None:
    if len(parts) > limits.parts:
        raise SheetRefused(
            "too_many_parts",
            N_("文件里有 %(count)s 个部件，超过 %(most)s 个。"),
            SAVE_AGAIN,
            count=len(parts),
            most=limits.parts,
        )
    if len(names) != len(parts) or any(".." in name or name.startswith("/") for name in names):
        raise SheetRefused("odd_package", N_("文件的内部结构不正常。"), SAVE_AGAIN)
    if any(part.flag_bits & 1 for part in parts):
        raise encrypted()
    if any(
        name.lower().endswith(("vbaproject.bin", ".xlm")) or "macrosheets/" in name
        for name in names
    ):
        raise _macro()
    if sum(part.file_size for part in parts) > limits.unpacked_bytes:
        raise bomb(limits)
    for part in parts:
        if part.file_size > MEGABYTE and part.file_size > limits.ratio * max(part.compress_size, 1):
            raise bomb(limits)


def _package_form(archive: zipfile.ZipFile, names: set[str]) -> Form:
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "xl/workbook.bin" in names:
        raise SheetRefused("old_binary", N_("暂不能读取 .xlsb 格式。"), SAVE_AGAIN)
    if "mimetype" in names and "content.xml" in names:
        with archive.open("mimetype") as stream:
            if stream.read(len(ODS_TYPE)) == ODS_TYPE:
                return "ods"
    raise _not_a_sheet()


def _look_through(content: bytes, part: zipfile.ZipInfo, inspector: Inspector, room: int) -> int:
    """Inflate one part, hand XML to the inspector, and return its true size."""
    size = 0
    is_xml = part.filename.lower().endswith((".xml", ".rels", ".vml"))
    feed = inspector.open(part.filename) if is_xml and not part.is_dir() else None
    for piece in _inflated(content, part):
        if size == 0 and piece.startswith((ZIP, OLE)):
            raise SheetRefused("embedded_file", N_("表格里嵌入了别的文件。"), SAVE_AGAIN)
        size += len(piece)
        if size > part.file_size or size > room:
            raise SheetRefused(
                "odd_package", N_("文件解开后的大小与它自己写明的不符。"), SAVE_AGAIN
            )
        if feed is not None:
            feed(piece, False)
    if feed is not None:
        feed(b"", True)
    return size


def _inflated(content: bytes, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The true content of a part, piece by piece, whatever its directory entry claims."""
    header = content[part.header_offset : part.header_offset + 30]
    if len(header) < 30 or header[:4] != ZIP:
        raise damaged()
    start = part.header_offset + 30 + sum(struct.unpack("<HH", header[26:30]))
    packed = memoryview(content)[start : start + part.compress_size]
    if part.compress_type == zipfile.ZIP_STORED:
        yield from (bytes(packed[at : at + _PIECE]) for at in range(0, len(packed), _PIECE))
        return
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise SheetRefused("odd_package", N_("文件用了少见的压缩方式。"), SAVE_AGAIN)
    inflater, rest = zlib.decompressobj(-15), bytes(packed)
    while not inflater.eof:
        try:
            piece = inflater.decompress(rest, _PIECE)
        except zlib.error as broken:
            raise damaged() from broken
        rest = inflater.unconsumed_tail
        if not piece and not inflater.eof:
            raise damaged()
        yield piece


def _wide(name: str) -> bytes:
    return name.encode("utf-16-le")


def bomb(limits: Limits) -> SheetRefused:
    return SheetRefused(
        "bomb",
        N_("文件解开后过大（上限 %(most)s MB，压缩比 %(ratio)s 倍）。"),
        SAVE_AGAIN,
        most=limits.unpacked_bytes // MEGABYTE,
        ratio=limits.ratio,
    )


def encrypted() -> SheetRefused:
    return SheetRefused("encrypted", N_("文件设了打开密码。"), N_("请取消密码保护，另存后再上传。"))


def damaged() -> SheetRefused:
    return SheetRefused("damaged", N_("文件已损坏，打不开。"), SAVE_AGAIN)


def _macro() -> SheetRefused:
    return SheetRefused(
        "macro", N_("文件带有宏，不予读取。"), N_("请另存为不含宏的 .xlsx 再上传。")
    )


def _not_a_sheet() -> SheetRefused:
    return SheetRefused(
        "not_a_sheet",
        N_("这不是电子表格文件。"),
        N_("请上传 .xlsx、.xls、.ods 或 .csv 文件，最好用我们的模板。"),
    )
