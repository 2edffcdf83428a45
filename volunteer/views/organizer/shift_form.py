"""The fields of shifts, shared by one shift and by a series; and how they become terms."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from volunteer.domain.refusal import Refused
from volunteer.domain.series import Slot, Terms
from volunteer.queries.choices import people_named, skills_to_choose, units_to_invite
from volunteer.web.forms import REQUIRED, BaseForm, choices, text
from volunteer.web.guard import current_actor

PAIRS = 24
"""How many skills of a mix, and how many unit quotas, the form takes; it shows the filled ones and one more."""
PAIR_NUMBERS = range(1, PAIRS + 1)
ADD_ROW = "row"
"""The step of a form that only asks for a further row."""
CLOCK = {"type": "time", "class": "input"}


def _count(label: Any, **extra: Any) -> IntegerField:
    return IntegerField(label, validators=[REQUIRED], render_kw={"inputmode": "numeric"}, **extra)


class TermsForm(BaseForm):
    """What a shift asks for."""

    PAIRS = PAIRS

    min_heads = _count(_l("最少人数"), description=_l("少于这个数就是缺人。"))
    target_heads = _count(_l("目标人数"))
    max_heads = _count(_l("最多人数"))
    leader = text(
        _l("带队"),
        longest=60,
        required=False,
        description=_l("填姓名、编号或拼音首字母。"),
    )
    breaks = text(
        _l("休息时间"),
        longest=80,
        required=False,
        description=_l("不计入服务时长，例如 12:30-14:30，多段用逗号隔开。"),
    )
    min_age = _count(_l("最小年龄"))
    max_age = _count(_l("最大年龄"))
    priority = RadioField(
        _l("优先级"),
        choices=choices([("1", _l("1 重点保障")), ("2", _l("2 优先")), ("3", _l("3 一般"))]),
        default="3",
        validators=[REQUIRED],
        description=_l("检查期间的迎检点位自动按 1 处理。"),
    )
    is_open = BooleanField(_l("向附近居民开放报名"))
    reach_metres = IntegerField(
        _l("开放范围（米）"), validators=[Optional()], render_kw={"inputmode": "numeric"}
    )
    required_skills = SelectMultipleField(
        _l("每个人都须具备"),
        validators=[Optional()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def fill_terms(self, units: Iterable[tuple[int, str]] | None = None) -> None:
        """Fill in the skills and units that can be chosen."""
        skills = skills_to_choose()
        self.required_skills.choices = choices((skill.code, skill.name) for skill in skills)
        mix = choices([(0, _("不要求")), *((skill.id, skill.name) for skill in skills)])
        quotas = choices([(0, _("不要求")), *(units or units_to_invite())])
        for number in PAIR_NUMBERS:
            self[f"mix_skill_{number}"].choices = mix
            self[f"quota_unit_{number}"].choices = quotas

    def pairs(self, kind: str) -> dict[int, int]:
        """Chosen skills or units with their counts; a choice without a count means one."""
        name = "mix_skill" if kind == "mix" else "quota_unit"
        found: dict[int, int] = {}
        for number in PAIR_NUMBERS:
            key, count = self[f"{name}_{number}"].data, self[f"{kind}_count_{number}"].data
            if key:
                found[key] = 1 if count is None else count
        return found

    def rows(self, kind: str) -> range:
        """The numbers of the rows to show: up to the last filled one, and a blank one below it."""
        name = "mix_skill" if kind == "mix" else "quota_unit"
        filled = [n for n in PAIR_NUMBERS if self[f"{name}_{n}"].data]
        wrong = [n for n in PAIR_NUMBERS if self[f"{kind}_count_{n}"].errors]
        return range(1, min(max([*filled, *wrong, 0]) + 1, PAIRS) + 1)

    def put_pairs(self, kind: str, pairs: Mapping[int, int]) -> None:
        """Show pairs that are there already."""
        name = "mix_skill" if kind == "mix" else "quota_unit"
        for number, (key, count) in enumerate(list(pairs.items())[:PAIRS], start=1):
            self[f"{name}_{number}"].data, self[f"{kind}_count_{number}"].data = key, count

    def terms(self, breaks: tuple[tuple[int, int], ...] = ()) -> Terms:
        """What was typed, as plain values.

        Raises Refused ``no_such_leader`` or ``several_leaders`` at the field ``leader``.
        """
        return Terms(
            min_heads=self.min_heads.data,
            target_heads=self.target_heads.data,
            max_heads=self.max_heads.data,
            min_age=self.min_age.data,
            max_age=self.max_age.data,
            priority=int(self.priority.data or 3),
            is_open=bool(self.is_open.data),
            reach_metres=self.reach_metres.data or 4000,
            leader_id=leader_meant(self.leader.data or ""),
            breaks=breaks,
            required_skills=tuple(self.required_skills.data or ()),
            skill_mix=self.pairs("mix"),
            quotas=self.pairs("quota"),
        )

    def pauses(self) -> tuple[Slot, ...]:
        """The breaks by the clock.

        Raises Refused ``bad_breaks``.
        """
        typed = (self.breaks.data or "").replace("，", ",").replace("、", ",").replace("；", ",")
        try:
            return tuple(read_slot(part) for part in typed.split(",") if part.strip())
        except ValueError as error:
            raise Refused(
                "bad_breaks",
                _("看不懂这个休息时间，请写成 12:30-14:30。"),
                field="breaks",
                status=422,
            ) from error


for _number in PAIR_NUMBERS:
    for _kind, _chosen, _word in (
        ("mix", "mix_skill", _l("资质")),
        ("quota", "quota_unit", _l("单位")),
    ):
        setattr(TermsForm, f"{_chosen}_{_number}", SelectField(_word, coerce=int, default=0))
        setattr(
            TermsForm,
            f"{_kind}_count_{_number}",
            IntegerField(_l("至少几人"), validators=[Optional()]),
        )


def read_slot(typed: str) -> Slot:
    """07:30-08:30 in any of the usual dashes; raises ValueError."""
    for dash in "—–~～至":
        typed = typed.replace(dash, "-")
    first, _dash, last = typed.partition("-")
    return Slot.of(first.strip(), last.strip("- "))


def leader_meant(typed: str) -> int | None:
    """The person meant by a number or a name, or nobody where nothing is typed.

    Raises Refused ``no_such_leader``, ``several_leaders``.
    """
    number = typed.strip().split(" ")[0]  # the list offers "number name"
    words = number if any(letter.isdigit() for letter in number) else typed.strip()
    if not words:
        return None
    found = people_named(current_actor(), words)
    if not found:
        raise Refused(
            "no_such_leader",
            _("没有找到这位志愿者。"),
            _("请填写完整的姓名或编号。"),
            field="leader",
            status=422,
        )
    if len(found) > 1:
        names = "、".join(f"{name}（{number}，{unit}）" for _id, number, name, unit in found)
        raise Refused(
            "several_leaders",
            _("有几位同名：%(names)s。", names=names),
            _("请改填编号。"),
            field="leader",
            status=422,
        )
    return found[0][0]


def clock_field(label: Any) -> StringField:
    """A time of day."""
    return StringField(label, validators=[Optional()], render_kw=CLOCK)
