import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.domain import naming
from volunteer.domain.refusal import Refused


@pytest.mark.parametrize("dot", list("·•・．‧∙⋅･.") + [" · ", " . ", "··"])
def test_every_separator_becomes_the_one(dot):
    assert naming.normalise_name(f"阿依古丽{dot}买买提") == "阿依古丽\u00b7买买提"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("张三", "张三"),
        ("  张\u3000三 ", "张三"),
        ("张\u200b三\ufeff", "张三"),
        ("张\n三", "张三"),
        ("\u202e张三", "张三"),
        ("𠮷田花", "𠮷田花"),
        ("\U00030edd\U00030ede", "\U00030edd\U00030ede"),
        ("㛃", "㛃"),
        ("豈一", "豈一"),
        ("〇", "〇"),
        ("John  A.  Smith", "John A. Smith"),
        ("Jose\u0301", "Jos\u00e9"),
        ("阿卜杜拉·", "阿卜杜拉"),
        ("葛\U000e0100城", "葛\U000e0100城"),
    ],
)
def test_names_are_kept_as_written(typed, stored):
    assert naming.normalise_name(typed) == stored


def test_long_names_fit():
    name = "·".join(["阿依古丽"] * 12)
    assert len(name) > 50
    assert naming.normalise_name(name) == name


@pytest.mark.parametrize(
    ("typed", "code"),
    [("", "name_missing"), (" · ", "name_missing"), ("123", "name_strange"), ("—", "name_strange"),
     ("三" * 101, "name_too_long")],
)  # fmt: skip
def test_what_is_no_name(typed, code):
    with pytest.raises(Refused) as no:
        naming.normalise_name(typed)
    assert (no.value.code, no.value.field) == (code, "name")


@given(st.text("张三阿·•.． \u3000\u200bTom豈𠮷\u0301", max_size=30))
def test_a_normal_name_is_normal(text):
    try:
        name = naming.normalise_name(text)
    except Refused:
        return
    assert naming.normalise_name(name) == name
    assert "\u200b" not in name
    assert not set(name) & set("•．\u3000")


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"),
        ("张小三", "张*三"),
        ("欧阳娜娜", "欧*娜"),
        ("阿依古丽·买买江", "阿***江"),
        ("阿·提·江", "阿***江"),
        ("𠮷田", "𠮷*"),
        ("葛\U000e0100城", "葛\U000e0100*"),
        ("王", "*"),
    ],
)
def test_masks(name, masked):
    assert naming.mask_name(name) == masked


@given(st.text("张王李三四五六七", min_size=1, max_size=8))
def test_a_mask_shows_two_letters_at_most(name):
    shown = naming.mask_name(name).replace("*", "")
    assert len(shown) <= min(2, len(name) - 1)


@pytest.mark.parametrize(
    ("name", "reading"),
    [
        ("单雄信", "shan"), ("曾国藩", "zeng"), ("解缙", "xie"), ("仇英", "qiu"), ("区寄", "ou"),
        ("盖苏文", "ge"), ("查良镛", "zha"), ("朴正欢", "piao"), ("翟让", "zhai"), ("任重", "ren"),
        ("单于蛮", "chan"), ("万俟卨", "mo"), ("张三", "zhang"), ("吕布", "lv"),
    ],
)  # fmt: skip
def test_surnames_are_read_as_surnames(name, reading):
    assert naming.syllables(name)[0] == reading
    assert len(naming.syllables(name)) == len(name)


@pytest.mark.parametrize(
    ("name", "letters"),
    [("曾国藩", "zgf"), ("阿依古丽·买买提", "ayglmmt"), ("𠮷田", "𠮷t"), ("Tom Lee", "tl"), ("王", "w"),
     ("曾", "z")],
)  # fmt: skip
def test_initials(name, letters):
    assert naming.initials(name) == letters


def test_lists_sort_by_reading():
    names = ["曾一", "张一", "解一", "单一", "安一", "张一一", "章一"]
    assert sorted(names, key=naming.sort_key) == [
        "安一", "单一", "解一", "曾一", "张一", "章一", "张一一",
    ]  # fmt: skip
