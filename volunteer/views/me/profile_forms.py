"""The forms of the own page (我的表单)."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FloatField,
    RadioField,
    SelectField,
)
from wtforms.validators import Optional
from wtforms.widgets import HiddenInput

from volunteer.domain.week import PARTS
from volunteer.queries.people.choices import communities_by_district
from volunteer.views.week_forms import LEVELS
from volunteer.web.forms import REQUIRED, BaseForm, choices, day, number, number_or_none, text

WISHES = ((0, _l("很喜欢")), (1, _l("愿意")), (2, _l("都行")), (3, _l("尽量不安排")))


class ContactForm(BaseForm):
    phone = text(
        _l("新的手机号"),
        longest=30,
        required=False,
        description=_l("不改就留空。家里几位老人可以共用一个号码。"),
        render_kw={"inputmode": "tel", "autocomplete": "tel"},
    )
    guardian_name = text(_l("监护人姓名"), longest=100, required=False)
    guardian_phone = text(
        _l("监护人电话"), longest=30, required=False, render_kw={"inputmode": "tel"}
    )


class CommunityForm(BaseForm):
    community_id = SelectField(_l("居住社区"), coerce=number_or_none, validators=[Optional()])

    def with_choices(self) -> "CommunityForm":
        """Fill the list in."""
        self.community_id.choices = {
            _("请选择"): [("", _("请选择"))],
            **communities_by_district(),
        }
        return self


class PositionForm(BaseForm):
    lat = FloatField(widget=HiddenInput(), validators=[Optional()])
    lon = FloatField(widget=HiddenInput(), validators=[Optional()])


class ExceptForm(BaseForm):
    first_on = day(_l("哪一天"))
    last_on = day(_l("到哪天"), required=False, description=_l("只有一天可以不填。"))
    part = SelectField(_l("时段"), validators=[Optional()])
    level = RadioField(_l("这段时间"), choices=choices(LEVELS), validators=[REQUIRED])
    reason = text(_l("说明"), longest=100, required=False)

    def with_choices(self) -> "ExceptForm":
        """Fill the list in."""
        self.part.choices = choices([("", _("全天")), *((part.code, part.label) for part in PARTS)])
        return self


class LimitsForm(BaseForm):
    hours = number(_l("每周最多（小时）"), low=0, high=40)
    shifts = number(_l("每天最多（班）"), low=1, high=6)

    @classmethod
    def of(cls, person: Any) -> "LimitsForm":
        """The form with what holds now."""
        return cls(
            formdata=None,
            data={"hours": person.max_minutes_per_week // 60, "shifts": person.max_shifts_per_day},
        )


class LeaveForm(BaseForm):
    sure = BooleanField(_l("我已知道退出后的影响，确定退出"))
