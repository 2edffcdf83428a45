"""The form of calling shifts off, one or many."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField

from volunteer.domain.terms import CancelCause
from volunteer.web.forms import REQUIRED, BaseForm, choices, text


class CancelForm(BaseForm):
    cause = RadioField(
        _l("原因类别"),
        choices=choices(
            (cause.value, cause.label) for cause in (CancelCause.WEATHER, CancelCause.BY_UNIT)
        ),
        default=CancelCause.BY_UNIT.value,
        validators=[REQUIRED],
    )
    reason = text(_l("说明（会告知志愿者）"), longest=160)
