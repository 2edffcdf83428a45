"""The form of a weekday (可服务时间), on the person's own phone and at the desk."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectMultipleField
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from volunteer.domain.terms import AvailabilityLevel
from volunteer.web.forms import BaseForm, choices

WEEKDAYS = tuple(
    enumerate((_l("周一"), _l("周二"), _l("周三"), _l("周四"), _l("周五"), _l("周六"), _l("周日")))
)
LEVELS = [(level.value, level.label) for level in AvailabilityLevel]


class DayForm(BaseForm):
    """One weekday: a level for each part, and the days that follow it."""

    early = RadioField(choices=choices(LEVELS), validators=[Optional()])
    morning = RadioField(choices=choices(LEVELS), validators=[Optional()])
    noon = RadioField(choices=choices(LEVELS), validators=[Optional()])
    afternoon = RadioField(choices=choices(LEVELS), validators=[Optional()])
    late = RadioField(choices=choices(LEVELS), validators=[Optional()])
    evening = RadioField(choices=choices(LEVELS), validators=[Optional()])
    copy_to = SelectMultipleField(
        _l("这几天也一样"),
        coerce=int,
        choices=choices(WEEKDAYS),
        validators=[Optional()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
