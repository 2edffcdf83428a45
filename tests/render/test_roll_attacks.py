"""Hostile lists: each is refused by name, quickly, and the process that asked lives on."""

from __future__ import annotations

import contextlib
import io
import os
import random
import resource
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.render.packages import MAIN, a_text, a_worksheet, an_ods, an_ods_cell, an_xlsx
from volunteer.render import roll as roll_room
from volunteer.render.roll import Limits, SheetRefused, read_roll
from volunteer.render.roll_check import OLE, examine
from volunteer.render.sheets import workbook_bytes
from volunteer.render.tables import Column, Table

FILES = Path(__file__).parent / "files"
HONEST = a_worksheet(f'<row r="1">{a_text("A1", "姓名")}{a_text("B1", "手机号")}</row>')
FIRST = f'<row r="1">{a_text("A1", "姓名")}</row>'


def refusal_of(content, filename="名单.xlsx", limits=None, within=2.0):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with pytest.raises(SheetRefused) as no:
        read_roll(content, filename, limits)
    after = resource.getrusage(
        resource.RUSAGE_CHILDREN
    )  # work, not waiting: the machine may be busy
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < within
    assert no.value.sentence.endswith("。")
    assert "%(" not in no.value.sentence + no.value.hint
    return no.value.code


@pytest.mark.parametrize(
    "row",
    [
        '<row r="1048576">' + a_text("XFD1048576", "远") + "</row>",
        '<row r="1048576">' + a_text("", "远") + "</row>",
        '<row r="2">' + a_text("xfd2", "远") + "</row>",
        '<row r="2">' + "<c/>" * 60 + a_text("", "远") + "</row>",
        "<row/>" * 20_000 + "<row>" + a_text("", "远") + "</row>",
        f'<x:row xmlns:x="{MAIN}" r="9"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row>',
        '<row r="2"><c t=">" r="XFD1048576"><v>1</v></c></row>',
        '<row r="2"><c r="&#88;FD1048576"><v>1</v></c></row>',
        '<row r="2"><c r="XFD1048576"><f>1+1</f></c></row>',
    ],
)
def test_a_cell_in_the_last_corner(row):
    content = an_xlsx(a_worksheet(FIRST + row))
    assert len(content) < 3_000
    assert refusal_of(content) == "far_cell"


def test_a_far_cell_in_a_sheet_kept_at_an_unusual_place():
    far = a_worksheet(FIRST + f'<row r="2">{a_text("XFD1048576", "远")}</row>')
    assert refusal_of(an_xlsx(far, path="odd/place.xml")) == "far_cell"


def test_a_far_cell_in_another_encoding():
    far = a_worksheet(FIRST + f'<row r="2">{a_text("XFD1048576", "远")}</row>')
    far = far.replace('version="1.0"', 'version="1.0" encoding="UTF-16"')
    assert refusal_of(an_xlsx(far.encode("utf-16"))) == "far_cell"


def test_a_cell_whose_place_makes_no_sense():
    assert refusal_of(an_xlsx(a_worksheet('<row r="1"><c r="姓1"><v>1</v></c></row>'))) == "odd_xml"


def test_the_reader_itself_is_killed_and_the_caller_hears_of_it():
    """With the gate opened wide the reader is asked for seventeen thousand million cells."""
    wide = Limits(rows=2_000_000, columns=20_000)
    content = an_xlsx(a_worksheet(FIRST + f'<row r="1048576">{a_text("XFD1048576", "远")}</row>'))
    assert refusal_of(content, limits=wide) in {"too_heavy", "damaged"}
    assert read_roll(an_xlsx(HONEST), "a.xlsx").rows[0].texts == ("姓名", "手机号")


def test_a_far_cell_in_the_old_binary_format():
    assert refusal_of((FILES / "far.xls").read_bytes(), "far.xls") == "too_heavy"


def test_repeated_cells_and_rows_of_an_ods():
    many = 'table:number-columns-repeated="16384"'
    wide = f"<table:table-row>{an_ods_cell('远', many)}</table:table-row>"
    tall = f'<table:table-row table:number-rows-repeated="1048576">{an_ods_cell("远")}</table:table-row>'
    assert refusal_of(an_ods(wide), "a.ods") == "far_cell"
    assert refusal_of(an_ods(tall), "a.ods") == "far_cell"
    row = f"<table:table-row>{an_ods_cell('甲')}</table:table-row>"
    gap = '<table:table-row table:number-rows-repeated="30000"/>'
    assert refusal_of(an_ods(row + gap + row), "a.ods") == "far_cell"


def test_a_bomb_of_a_gigabyte():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            for _ in range(1024):
                part.write(b" " * 1024 * 1024)
    assert len(stream.getvalue()) < 10 * 1024 * 1024
    assert refusal_of(stream.getvalue()) == "bomb"


def test_a_bomb_that_lies_about_its_size():
    big = a_worksheet(" " * 50_000_000)
    content = bytearray(an_xlsx(big))
    told = struct.pack("<I", len(big))
    for _ in range(2):  # in the part's own header and in the directory
        at = content.find(told)
        assert at > 0
        content[at : at + 4] = struct.pack("<I", 4_000)
    assert refusal_of(bytes(content)) == "odd_package"


def test_a_part_beyond_the_ratio_but_within_the_size():
    assert refusal_of(an_xlsx(a_worksheet(" " * 20_000_000))) == "bomb"


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
def test_a_billion_laughs(part):
    laughs = '<!DOCTYPE x [<!ENTITY a "哈">' + "".join(
        f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(10)
    )
    attack = f'<?xml version="1.0"?>{laughs}]><worksheet xmlns="{MAIN}">&k;</worksheet>'
    assert refusal_of(an_xlsx(HONEST, extra={part: attack})) == "odd_xml"


def test_an_entity_that_reads_a_file_of_the_server():
    attack = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + HONEST[21:]
    assert refusal_of(an_xlsx('<?xml version="1.0"?>' + attack)) == "odd_xml"


def test_a_hundred_thousand_sheets():
    assert refusal_of(an_xlsx(HONEST, sheets=100_000)) == "too_many_sheets"


def test_a_million_texts():
    texts = f'<sst xmlns="{MAIN}">' + "".join(f"<si><t>{i:x}</t></si>" for i in range(1_000_000))
    content = an_xlsx(HONEST, extra={"xl/sharedStrings.xml": texts + "</sst>"})
    assert refusal_of(content) == "too_many_texts"


def test_more_parts_than_a_list_needs():
    extra = {f"xl/media/{i}.txt": "x" for i in range(300)}
    assert refusal_of(an_xlsx(HONEST, extra=extra)) == "too_many_parts"


def test_a_package_inside_the_package():
    assert refusal_of(an_xlsx(HONEST, extra={"xl/a.bin": an_xlsx(HONEST)})) == "embedded_file"


@pytest.mark.parametrize("name", ["xl/vbaProject.bin", "xl/macrosheets/sheet1.xml"])
def test_macros_whatever_the_name(name):
    assert refusal_of(an_xlsx(HONEST, extra={name: "x"})) == "macro"
    assert refusal_of(an_xlsx(HONEST), "名单.xlsm") == "macro"


def test_names_that_climb_out_of_the_package():
    assert refusal_of(an_xlsx(HONEST, extra={"xl/../../x": "x"})) == "odd_package"


def test_an_encrypted_file():
    locked = OLE + b"\0" * 1024 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 512
    assert refusal_of(locked) == "encrypted"


@pytest.mark.parametrize(
    ("content", "filename", "code"),
    [
        (an_xlsx(HONEST), "名单.csv", "wrong_extension"),
        (an_xlsx(HONEST), "名单.xls", "wrong_extension"),
        (an_xlsx(HONEST), "名单", "wrong_extension"),
        ("姓名,手机号\n".encode(), "名单.xlsx", "wrong_extension"),
        (b"<html><table><tr><td>x</td></tr></table></html>", "名单.xls", "web_page"),
        (b"\xef\xbb\xbf\r\n <?xml version='1.0'?><Workbook/>", "名单.xls", "web_page"),
        (b"%PDF-1.7 ...", "名单.xlsx", "not_a_sheet"),
        (b"\x89PNG\r\n\x1a\n", "名单.csv", "not_a_sheet"),
        (b"\x7fELF\x02\x01\x01\x00\x00", "名单.csv", "not_a_sheet"),
        (b"PK\x03\x04 and nothing more", "名单.xlsx", "damaged"),
        (an_xlsx(HONEST)[:-200], "名单.xlsx", "damaged"),
        (b"", "名单.xlsx", "empty_file"),
        (b"\r\n \x00", "名单.csv", "empty_file"),
        (b",,\r\n,,", "名单.csv", "empty_sheet"),
        (an_xlsx(a_worksheet("")), "名单.xlsx", "empty_sheet"),
        (b"\xff\xfe\x00", "名单.csv", "encoding"),
        (b"name\xff\xff\xff,1", "名单.csv", "encoding"),
        (b"x" * (11 * 1024 * 1024), "名单.csv", "too_large"),
        (b"a" * 40_000 + b",b", "名单.csv", "damaged"),
    ],
)
def test_what_is_not_a_list(content, filename, code):
    assert refusal_of(content, filename) == code


def test_the_wall_clock_holds(monkeypatch):
    slow = Limits(wall_seconds=0.01)
    assert refusal_of(an_xlsx(HONEST), limits=slow) == "too_slow"


def test_the_processor_limit_holds():
    content = b"1,2,3,4,5,6,7,8,9\n" * 400_000
    slow = Limits(rows=500_000, cpu_seconds=1)
    assert refusal_of(content, "a.csv", slow, within=10) == "too_slow"


def test_more_readers_than_seats_are_told_to_wait(monkeypatch):
    monkeypatch.setattr(roll_room, "_PATIENCE_SECONDS", 0.05)
    with roll_room._SEATS, roll_room._SEATS:
        assert refusal_of(an_xlsx(HONEST)) == "busy"
    assert read_roll(an_xlsx(HONEST), "a.xlsx").sheet == "S0"


def test_the_child_sees_no_secret_of_the_server(monkeypatch):
    monkeypatch.setenv("VOLUNTEER_SECRET_KEY", "geheim")
    assert "geheim" not in str(roll_room._bare_environment())
    assert "PATH" in roll_room._bare_environment() or "PATH" not in os.environ


def test_files_broken_at_random_are_read_or_refused_but_never_crash():
    whole = workbook_bytes(
        [
            Table(
                "花名册",
                [Column("a", "姓名"), Column("b", "次数", "count")],
                [{"a": "张", "b": 3}] * 9,
            )
        ]
    )
    chance = random.Random(20261123)
    for _ in range(25):
        content = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        with contextlib.suppress(SheetRefused):  # anything else fails the test
            read_roll(bytes(content), "a.xlsx")


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["xlsx", "xls", "csv", "ods"]), st.booleans())
def test_the_gate_answers_every_string_of_bytes(noise, suffix, as_package):
    content = (b"PK\x03\x04" if as_package else b"") + noise
    with contextlib.suppress(SheetRefused):  # anything else fails the test
        assert examine(content, suffix, Limits()) == suffix
