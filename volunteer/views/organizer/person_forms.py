"""The forms about people at the desk (志愿者表单)."""

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, Optional, ValidationError

from volunteer.domain.identity import normalise_phone
from volunteer.domain.naming import normalise_name
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Sex, VolunteerState
from volunteer.domain.week import PARTS
from volunteer.operations.people.register import PersonFacts
from volunteer.queries.choices import skills_to_choose
from volunteer.queries.people.choices import communities_by_district
from volunteer.views import week_forms
from volunteer.views.week_forms import WEEKDAYS
from volunteer.web.forms import (
    BaseForm,
    choice,
    choices,
    day,
    number,
    number_or_none,
    pick,
    term_or_none,
    text,
)
from volunteer.web.words import refusal_words

SEXES = [("", _l("未填写")), (Sex.MALE.value, _l("男")), (Sex.FEMALE.value, _l("女"))]


def reason_field(label: Any = None, description: Any = "") -> Any:
    """A reason that somebody will read."""
    return text(label or _l("原因"), longest=100, description=description)


def _obey(rule: Callable[[str], str], field: StringField) -> None:
    try:
        if field.data:
            rule(field.data)
    except Refused as refused:
        raise ValidationError(refusal_words(refused)) from refused


class PersonForm(BaseForm):
    version = HiddenField(default="1")
    name = text(
        _l("姓名"),
        longest=100,
        description=_l("与身份证一致；间隔号写“·”，生僻字照实填写。"),
        render_kw={"autocomplete": "off"},
    )
    unit_id = choice(_l("单位"))
    phone = text(
        _l("电话"),
        longest=30,
        required=False,
        description=_l("手机号，或区号加座机；几位老人可以共用一个号码。"),
        render_kw={"inputmode": "tel", "autocomplete": "off"},
    )
    sex = RadioField(_l("性别"), choices=choices(SEXES), default="", validators=[Optional()])
    birth_year = number(_l("出生年份"), low=1900, high=2100, required=False)
    id_number = text(
        _l("证件号码"),
        longest=30,
        required=False,
        description=_l("可以不填。用于核对身份和保险，加密保存，页面上只显示首尾几位。"),
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )
    community_id = SelectField(_l("居住社区"), coerce=number_or_none, validators=[Optional()])
    max_hours_per_week = number(_l("每周最多服务（小时）"), low=0, high=40, default=4)
    max_shifts_per_day = number(_l("每天最多（班）"), low=1, high=6, default=1)
    guardian_name = text(_l("监护人姓名"), longest=100, required=False)
    guardian_phone = text(
        _l("监护人电话"), longest=30, required=False, render_kw={"inputmode": "tel"}
    )
    national_number = text(
        _l("全国志愿服务系统编号"), longest=64, required=False, render_kw={"autocomplete": "off"}
    )
    note = TextAreaField(
        _l("备注"),
        validators=[Optional(), Length(max=200, message=_l("最多 %(max)d 个字，请缩短。"))],
        render_kw={"rows": 2},
        description=_l("只有组织者看得到；不要写病情等敏感内容。"),
    )

    def validate_name(self, field: StringField) -> None:
        """Say it together with what else is wrong, not after it."""
        _obey(normalise_name, field)

    def validate_phone(self, field: StringField) -> None:
        """The same for the number; an empty one is left to the operation."""
        _obey(normalise_phone, field)

    def with_choices(self) -> "PersonForm":
        """Fill the lists in."""
        self.community_id.choices = {
            _("未填写"): [("", _("未填写"))],
            **communities_by_district(),
        }
        return self

    def facts(self) -> PersonFacts:
        """What was typed, as the operations take it."""
        return PersonFacts(
            name=self.name.data or "",
            phone=self.phone.data or "",
            id_number=self.id_number.data or "",
            sex=term_or_none(Sex, self.sex.data),
            birth_year=self.birth_year.data,
            community_id=self.community_id.data,
            max_minutes_per_week=(self.max_hours_per_week.data or 0) * 60,
            max_shifts_per_day=self.max_shifts_per_day.data or 1,
            national_number=self.national_number.data or "",
            guardian_name=self.guardian_name.data or "",
            guardian_phone=self.guardian_phone.data or "",
            note=self.note.data or "",
        )

    @classmethod
    def of(cls, person: Any) -> "PersonForm":
        """The form of a person as known; phone and number are left empty, not shown."""
        return cls(
            formdata=None,
            data={
                "version": person.version,
                "name": person.name,
                "sex": person.sex.value if person.sex else "",
                "birth_year": person.birth_year,
                "community_id": person.community_id,
                "max_hours_per_week": person.max_minutes_per_week // 60,
                "max_shifts_per_day": person.max_shifts_per_day,
                "national_number": person.national_number or "",
                "guardian_name": person.guardian_name,
                "note": person.note,
            },
        ).with_choices()


AGES = (
    ("14-17", _l("14—17 岁"), 14, 17),
    ("18-35", _l("18—35 岁"), 18, 35),
    ("36-50", _l("36—50 岁"), 36, 50),
    ("51-60", _l("51—60 岁"), 51, 60),
    ("61", _l("61 岁以上"), 61, 120),
)
"""Bands of age to choose from; both ends are reached in this year."""


def ages_of(band: str) -> tuple[int | None, int | None]:
    """The ends of a band that was chosen, or nothing."""
    return next(((low, high) for code, _words, low, high in AGES if code == band), (None, None))


class FilterForm(BaseForm):
    unit = choice(_l("单位"))
    state = pick(_l("状态"), VolunteerState.choices(), required=False)
    skill = choice(_l("资质"))
    weekday = SelectField(_l("可服务"), coerce=number_or_none, validators=[Optional()])
    part = SelectField(_l("时段"), validators=[Optional()])
    age = pick(_l("年龄"), [(band, words) for band, words, _low, _high in AGES], required=False)

    def with_choices(self, units: list[tuple[int, str]]) -> "FilterForm":
        """Fill the lists in."""
        self.unit.choices = choices([("", _("全部")), *units])
        self.skill.choices = choices(
            [("", _("不限")), *((skill.id, skill.name) for skill in skills_to_choose())]
        )
        days = ((str(number), word) for number, word in WEEKDAYS)
        self.weekday.choices = choices([("", _("不限")), *days])
        self.part.choices = choices([("", _("不限")), *((part.code, part.label) for part in PARTS)])
        return self


class RevealForm(BaseForm):
    part = pick(
        _l("查看"),
        [("phone", _l("电话")), ("number", _l("证件号码")), ("guardian", _l("监护人电话"))],
    )
    reason = reason_field(description=_l("例如“核对保险名单”。每次查看都会记入操作日志。"))


class ReasonForm(BaseForm):
    reason = reason_field()


class MinorsForm(BaseForm):
    reason = reason_field(_l("查看原因"), _l("未成年人信息受特别保护，查看会记入操作日志。"))


class SkillForm(BaseForm):
    skill_id = choice(_l("资质"), required=True)
    expires_on = day(_l("有效期至"), required=False, description=_l("不填则按该资质的通常有效期。"))

    def with_choices(self) -> "SkillForm":
        """Fill the list in."""
        self.skill_id.choices = choices(
            [("", _("请选择")), *((skill.id, skill.name) for skill in skills_to_choose())]
        )
        return self


class PauseForm(BaseForm):
    since_on = day(_l("从哪天起"))
    until_on = day(_l("到哪天止"), required=False, description=_l("时间不定可以不填。"))
    reason = reason_field(description=_l("例如：公出、产假、养病。"))


class MoveForm(BaseForm):
    unit_id = choice(_l("调到哪个单位"), required=True)
    reason = reason_field(_l("依据"))


class ApartForm(BaseForm):
    other = text(_l("另一位"), longest=100, description=_l("填写完整姓名或志愿者编号。"))


class MergeForm(BaseForm):
    other = text(_l("另一份资料的编号"), longest=20, render_kw={"autocomplete": "off"})
    reason = reason_field(_l("依据"), _l("例如：本人说明、证件核对。"))


class DayForm(week_forms.DayForm):
    """One weekday of a person: a level for each part, and the days that follow it."""

    weekday = SelectField(_l("星期"), coerce=int, choices=choices(WEEKDAYS))
