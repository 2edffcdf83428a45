"""The form of an activity, and how it becomes particulars."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.validators import Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from volunteer.domain.terms import Nature
from volunteer.operations.activities import Particulars
from volunteer.queries.choices import kind_of, kinds_to_choose, units_to_invite, units_to_organize
from volunteer.web.forms import REQUIRED, BaseForm, choices, text
from volunteer.web.guard import current_actor


def _long(label: Any, help_text: Any = "") -> TextAreaField:
    return TextAreaField(
        label,
        validators=[Optional(), Length(max=2000, message=_l("最多 %(max)d 个字，请缩短。"))],
        description=help_text,
        render_kw={"rows": 3},
        filters=[lambda value: value.strip() if value else ""],
    )


class ActivityForm(BaseForm):
    version = HiddenField(default="0")
    title = text(
        _l("活动名称"),
        longest=80,
        description=_l("志愿者看到的名字，写清做什么，例如：周一早高峰文明劝导"),
    )
    kind_id = SelectField(_l("服务类型"), coerce=int, validators=[REQUIRED])
    unit_id = SelectField(_l("组织单位"), coerce=int, validators=[REQUIRED])
    nature = RadioField(
        _l("活动性质"),
        choices=choices(Nature.choices()),
        validators=[REQUIRED],
        description=_l(
            "只有“志愿服务”计入志愿服务时长；公务值守、培训和其他会记录到岗，但不计时长。发布后不能再改。"
        ),
    )
    starts_on = DateField(_l("开始日期"), validators=[REQUIRED])
    ends_on = DateField(_l("结束日期"), validators=[REQUIRED])
    purpose = _long(_l("活动目的"))
    content = _long(_l("服务内容"), _l("到岗后具体做什么，用志愿者听得懂的话写。"))
    conditions = _long(_l("参加条件"), _l("年龄、身体、技能等；没有要求请写“无特殊要求”。"))
    risk_note = _long(_l("风险提示"), _l("可能的危险和如何避免，志愿者报名前能看到。"))
    safeguards = _long(_l("保障措施"), _l("保险、饮水、马甲、培训等。"))
    insurance_reference = text(
        _l("保险单号"),
        longest=80,
        required=False,
        description=_l("可能有人身危险的活动，发布前必须填写。"),
    )
    contact_name = text(_l("联系人"), longest=60, required=False)
    contact_phone = text(_l("联系电话"), longest=30, required=False, render_kw={"inputmode": "tel"})
    person_in_charge = text(
        _l("活动负责人"), longest=60, required=False, description=_l("会写入每一条志愿服务记录。")
    )
    allows_minors = BooleanField(
        _l("接受未成年人"),
        description=_l("14—17 周岁须有监护人同意；有人身危险的活动一律不接受。"),
    )
    joint_unit_ids = SelectMultipleField(
        _l("联合单位"),
        coerce=int,
        validators=[Optional()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=_l("可以查看这个活动，并可在班次里分到名额。"),
    )

    def validate_ends_on(self, field: DateField) -> None:
        """Say it together with what else is wrong, not after it."""
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError(_("结束日期早于开始日期。"))

    def with_choices(self, activity: Any = None) -> "ActivityForm":
        """Fill in what can be chosen; an activity's own kind stays although it is retired."""
        kinds = {kind.id: kind.name for kind in kinds_to_choose()}
        own = kind_of(activity.kind_id) if activity is not None else None
        if own is not None:
            kinds.setdefault(own.id, own.name)
        self.kind_id.choices = choices(kinds.items())
        self.unit_id.choices = choices(units_to_organize(current_actor()))
        self.joint_unit_ids.choices = choices(units_to_invite())
        return self

    def particulars(self) -> Particulars:
        """What was typed, as the operation takes it."""
        names = [name for name in Particulars.__dataclass_fields__ if name in self._fields]
        values = {name: self._fields[name].data for name in names}
        values["nature"] = Nature[str(self.nature.data).upper()]
        values["joint_unit_ids"] = tuple(self.joint_unit_ids.data or ())
        for name, value in values.items():
            if value is None:
                values[name] = ""
        return Particulars(**values)


class PublishForm(BaseForm):
    version = HiddenField()
    lint_override = text(
        _l("为什么属于志愿服务"),
        longest=200,
        required=False,
        description=_l("名称或内容里有通常不记为志愿服务的字样时必填，会留在操作日志里。"),
    )


class ReasonForm(BaseForm):
    version = HiddenField()
    reason = text(_l("原因（会告知志愿者）"), longest=160)


class VersionForm(BaseForm):
    """Carries the CSRF token and the version that was seen."""

    version = HiddenField(default="0")


def version_of(form: Any) -> int:
    """The version that the person saw; a mangled one never fits."""
    typed = str(form.version.data or "")
    return int(typed) if typed.isdecimal() else -1
