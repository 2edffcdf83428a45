"""The columns of a list of people (花名册的列): found by their titles, whatever their order.

Offices write the same column in many ways (姓 名, 手机号码＊, 联系电话（必填）) and put a title row above
the header. The row with the most known titles is the header; what stands above it is passed over.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from volunteer.render.roll import Roll, RollRow, SheetRefused
from volunteer.render.roll_limits import N_
from volunteer.render.roll_xml import letters

SAMPLE_MARK = "（示例）"
"""A row whose first known cell starts so was left over from the template and is nobody."""
_SEARCHED_ROWS = 15
_DECORATION = re.compile(r"[\s*:：_\-·.、]|\(.*?\)|\[.*?\]|【.*?】")


@dataclass(frozen=True)
class Field:
    """One thing the list may tell about a person; `hint` and `sample` stand in the template."""

    key: str
    title: str
    is_required: bool = False
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    width: int = 14
    hint: str = ""
    sample: str = ""


ROLL_FIELDS: tuple[Field, ...] = (
    Field(
        "name",
        "姓名",
        is_required=True,
        aliases=("名字", "志愿者姓名", "人员姓名"),
        hint="与身份证一致；少数民族姓名的间隔号用“·”，生僻字照实填写。",
        sample="张建国",
    ),
    Field("sex", "性别", aliases=("男女",), choices=("男", "女"), width=8, sample="男"),
    Field(
        "phone",
        "手机号",
        is_required=True,
        aliases=("手机号码", "手机", "联系电话", "电话", "电话号码", "联系方式", "联系手机"),
        width=16,
        hint="11 位手机号；几位老人可以共用一个号码，也可填区号加座机。",
        sample="19907390001",
    ),
    Field(
        "citizen_number",
        "身份证号",
        aliases=("身份证号码", "身份证", "公民身份号码", "证件号码", "证件号", "居民身份证号"),
        width=24,
        hint="18 位，单元格保持“文本”格式，否则末几位会变成 0；可以不填。",
        sample="430502198506150011",
    ),
    Field(
        "birth_year",
        "出生年份",
        aliases=("出生年", "出生年月", "出生日期", "出生年月日", "生日"),
        width=12,
        hint="四位年份；填了身份证号可以不填。",
        sample="1985",
    ),
    Field(
        "community",
        "居住社区",
        aliases=("社区", "所属社区", "居住地", "现居住社区", "居住小区", "家庭住址", "住址"),
        width=18,
        hint="用来就近派班，写到社区即可。",
        sample="人民巷社区",
    ),
    Field(
        "skills",
        "技能资质",
        aliases=("技能", "特长", "资质", "专业特长", "服务特长"),
        width=22,
        hint="几项之间用顿号分开，如“急救、驾驶”。",
        sample="急救、普通话",
    ),
    Field(
        "unit",
        "单位",
        aliases=("所在单位", "工作单位", "单位名称", "所属单位"),
        width=20,
        hint="不填就是上传时选择的单位。",
    ),
    Field("note", "备注", aliases=("说明", "附注"), width=24),
)


@dataclass(frozen=True)
class RollRecord:
    """One person's row by field: only fields whose column exists have a value."""

    row: RollRow
    places: dict[str, int]

    @property
    def number(self) -> int:
        return self.row.number

    @property
    def values(self) -> dict[str, str]:
        return {key: self.row.text(at) for key, at in self.places.items()}

    @property
    def problems(self) -> dict[str, str]:
        """Problems of the cells by field (`numeric_id`)."""
        found = self.row.problems
        return {key: found[at] for key, at in self.places.items() if at in found}

    def address(self, key: str) -> str:
        """Where the field stands in this row, as people name it: B7."""
        return self.row.address(self.places[key])


@dataclass(frozen=True)
class Heading:
    """Where the header is, which column holds which field, and which titles nobody knows."""

    number: int
    places: dict[str, int]
    unknown: tuple[str, ...]

    def records(self, roll: Roll) -> Iterator[RollRecord]:
        """The rows below the header; samples left over from the template are passed over."""
        for row in roll.rows:
            told = [row.text(at) for at in sorted(self.places.values())]
            if row.number > self.number and any(told) and not told[0].startswith(SAMPLE_MARK):
                yield RollRecord(row, self.places)


def heading_of(roll: Roll, fields: Sequence[Field] = ROLL_FIELDS) -> Heading:
    """Find the header row.

    Raises `SheetRefused` (`no_heading`) naming the required columns that are missing, or
    (`double_heading`) when two columns carry the same title.
    """
    best = max(roll.rows[:_SEARCHED_ROWS], key=lambda row: len(_places(row, fields)))
    places = _places(best, fields)
    missing = [field.title for field in fields if field.is_required and field.key not in places]
    if missing:
        raise SheetRefused(
            "no_heading",
            N_("没有找到这些列：%(titles)s。"),
            N_("请把列名写成与模板一样，或把名单复制到模板里再上传。"),
            titles="、".join(missing),
        )
    for key, at in places.items():
        twins = [letters(n + 1) for n, text in enumerate(best.texts) if text == best.text(at)]
        if len(twins) > 1:
            title = next(field.title for field in fields if field.key == key)
            raise SheetRefused(
                "double_heading",
                N_("“%(title)s”出现了不止一次：%(columns)s 列。"),
                N_("请只保留一列，或给另一列换个名字。"),
                title=title,
                columns="、".join(twins),
            )
    used = set(places.values())
    unknown = tuple(text for at, text in enumerate(best.texts) if text and at not in used)
    return Heading(best.number, places, unknown)


def _places(row: RollRow, fields: Sequence[Field]) -> dict[str, int]:
    """The column of each field in this row: its own title first, then the first of its aliases."""
    titles: dict[str, int] = {}
    for at, text in enumerate(row.texts):
        titles.setdefault(_bare(text), at)
    places: dict[str, int] = {}
    for field in fields:
        for name in (field.title, *field.aliases):
            place = titles.get(_bare(name))
            if place is not None and place not in places.values():
                places[field.key] = place
                break
    return places


def _bare(title: str) -> str:
    return _DECORATION.sub("", unicodedata.normalize("NFKC", title)).casefold()
