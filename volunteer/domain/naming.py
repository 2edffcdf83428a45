"""Names of people (姓名): kept as written, compared and sorted as read.

民委发〔2016〕33号 fixes the separator in names of minorities as U+00B7, asks for at least fifty
characters and for every ideograph of GB 18030, far beyond the twenty thousand of the first block.
"""

import re
import unicodedata

from pypinyin import Style, lazy_pinyin

from volunteer.domain.refusal import Refused
from volunteer.domain.words import N_

LONGEST_NAME = 100
DOT = "\u00b7"

_DOTS = "\u00b7\u2022\u30fb\uff0e\u2027\u2219\u22c5\uff65"
_COMPATIBILITY = re.compile("([\uf900-\ufaff\U0002f800-\U0002fa1f]+)")
_HAN = "\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_IS_HAN = re.compile(f"[{_HAN}]")
_DOT_RUN = re.compile(f" *[{_DOTS}][{_DOTS} ]*")
_STOP_IN_HAN = re.compile(f"(?<=[{_HAN}]) *\\. *(?=[{_HAN}])")
_SPACE_IN_HAN = re.compile(f"(?<=[{_HAN}]) +(?=[{_HAN}])")

#: Surnames whose reading differs from that of the word.
SURNAMES = {
    "单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "区": "ou", "盖": "ge", "查": "zha",
    "朴": "piao", "乐": "yue", "覃": "qin", "翟": "zhai", "缪": "miao", "员": "yun", "冼": "xian",
    "洗": "xian", "秘": "bi", "郗": "chi", "种": "chong", "隗": "wei", "卜": "bu", "召": "shao",
    "祭": "zhai", "能": "nai", "么": "yao", "折": "she", "繁": "po", "佴": "nai", "尉": "wei",
    "令": "ling", "哈": "ha", "任": "ren", "华": "hua", "宁": "ning", "葛": "ge", "燕": "yan",
    "曲": "qu", "车": "che", "俞": "yu", "瞿": "qu", "晁": "chao", "谌": "chen", "那": "na",
}  # fmt: skip
_COMPOUND = {
    "单于": ("chan", "yu"), "尉迟": ("yu", "chi"), "万俟": ("mo", "qi"), "长孙": ("zhang", "sun"),
    "澹台": ("tan", "tai"), "令狐": ("ling", "hu"), "宰父": ("zai", "fu"), "曾子": ("zeng", "zi"),
}  # fmt: skip


def is_han(letter: str) -> bool:
    """Whether a character is an ideograph, of any block."""
    return bool(_IS_HAN.match(letter))


def normalise_name(text: str) -> str:
    """Return the name in the one form in which it is stored.

    Separators become U+00B7, padding between ideographs goes, invisible marks go, letters are
    composed (NFC); ideographs are never exchanged for look-alikes.

    Raises
    ------
    Refused
        ``name_missing``, ``name_too_long``, ``name_strange``.
    """
    visible = "".join(
        " " if unicodedata.category(letter) in ("Cc", "Zs", "Zl", "Zp") else letter
        for letter in text
        if unicodedata.category(letter) != "Cf"
    )
    parts = _COMPATIBILITY.split(visible)
    composed = "".join(
        part if index % 2 else unicodedata.normalize("NFC", part)
        for index, part in enumerate(parts)
    )
    name = _DOT_RUN.sub(DOT, re.sub(" +", " ", composed))
    name = _STOP_IN_HAN.sub(DOT, name)
    name = _SPACE_IN_HAN.sub("", name).strip(f" {DOT}")
    if not name:
        raise Refused("name_missing", N_("请填写姓名。"), field="name")
    if len(name) > LONGEST_NAME:
        sentence = N_("姓名不能超过 %(count)d 个字。")
        raise Refused("name_too_long", sentence, field="name", values={"count": LONGEST_NAME})
    if not any(is_han(letter) or letter.isalpha() for letter in name):
        hint = N_("请填写身份证件上的姓名。")
        raise Refused("name_strange", N_("姓名中没有文字。"), hint, field="name")
    return name


def _letters(name: str) -> list[str]:
    """Split into what a person sees as one character, marks kept with their letter."""
    seen: list[str] = []
    for letter in name:
        if seen and unicodedata.category(letter) in ("Mn", "Me", "Mc"):
            seen[-1] += letter
        else:
            seen.append(letter)
    return seen


def mask_name(name: str) -> str:
    """Return the name as it may be shown to strangers: 张*, 张*三, 阿***江."""
    segments = [part for part in name.split(DOT) if part]
    if len(segments) > 1:
        return f"{_letters(segments[0])[0]}***{_letters(segments[-1])[-1]}"
    letters = _letters(name)
    if len(letters) < 2:
        return "*"
    return f"{letters[0]}*" if len(letters) == 2 else f"{letters[0]}*{letters[-1]}"


def syllables(name: str) -> list[str]:
    """Return the name's reading, one syllable an ideograph, surnames read as surnames."""
    if name[:2] in _COMPOUND:
        return [*_COMPOUND[name[:2]], *_read(name[2:])]
    if name[:1] in SURNAMES and not name[1:].startswith(DOT):
        return [SURNAMES[name[:1]], *_read(name[1:])]
    return _read(name)


def _read(text: str) -> list[str]:
    if not text:
        return []
    read: list[str] = lazy_pinyin(text, style=Style.NORMAL, v_to_u=False)
    return [part.strip(f" {DOT}").lower() for part in read if part.strip(f" {DOT}")]


def initials(name: str) -> str:
    """Return the first letters of the reading, for search: 曾国藩 is zgf."""
    return "".join(part[0] for syllable in syllables(name) for part in syllable.split())


def place_initials(name: str) -> str:
    """Return the first letters of a place or unit without signs: 红旗路—宝庆中路口 is hqlbqzlk."""
    return "".join(letter for letter in initials(name) if letter.isalnum())


def sort_key(name: str) -> str:
    """Return the text by which names sort as in a Chinese list; equal readings sort by the name."""
    return f"{' '.join(syllables(name))}\u0001{name}"
