"""Forms of objections and make-up hours (申诉、补录表单), the same on the phone and at the desk."""

from datetime import datetime, time, timedelta

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField, TextAreaField, TimeField
from wtforms.validators import Length, Optional

from volunteer.domain.terms import MakeUpCause, TicketTopic
from volunteer.domain.timekeeping import beijing, local, local_date
from volunteer.web.forms import REQUIRED, BaseForm, choices, day, pick, text


def told(
    label: object, *, longest: int = 400, required: bool = True, **extra: object
) -> TextAreaField:
    """Several lines of words, with their limit said in words."""
    return TextAreaField(
        label,
        validators=[
            REQUIRED if required else Optional(),
            Length(max=longest, message=_l("最多 %(max)d 个字，请缩短。")),
        ],
        filters=[lambda value: value.strip() if isinstance(value, str) else value],
        **extra,
    )


class TimesForm(BaseForm):
    """When the person came and went, as clock times of the day of service."""

    came = TimeField(_l("实际到岗"), validators=[Optional()])
    went = TimeField(_l("实际离岗"), validators=[Optional()])

    def instants(
        self, starts_at: datetime, ends_at: datetime
    ) -> tuple[datetime | None, datetime | None]:
        """The clock times as instants; on a shift over midnight an early hour is the next day's."""
        return (
            _instant(self.came.data, starts_at, ends_at),
            _instant(self.went.data, starts_at, ends_at),
        )


def _instant(clock: time | None, starts_at: datetime, ends_at: datetime) -> datetime | None:
    if clock is None:
        return None
    at = beijing(local_date(starts_at), clock.hour * 60 + clock.minute)
    runs_over = local_date(ends_at) > local_date(starts_at)
    return at + timedelta(days=1) if runs_over and at < starts_at - timedelta(hours=6) else at


def clock_times(first: datetime, last: datetime) -> dict[str, time]:
    """What the two fields show at first."""
    return {"came": local(first).time(), "went": local(last).time()}


class ObjectionForm(TimesForm):
    """What is wrong, what is true, and what there is to show for it."""

    topic = pick(_l("哪里不对"), [(topic.value, topic.label) for topic in TicketTopic])
    words = told(_l("请说明"), description=_l("用一两句话说清楚就行，办理的人会看到。"))
    evidence = told(
        _l("有什么可以证明"),
        required=False,
        description=_l("例如：工作群 7:32 发过合影；门卫有登记。不需要上传照片。"),
    )
    witnesses = text(_l("谁可以作证"), longest=200, required=False)


class MakeUpForm(TimesForm):
    """What is claimed, and why there is no stamp."""

    came = TimeField(_l("实际到岗"), validators=[REQUIRED])
    went = TimeField(_l("实际离岗"), validators=[REQUIRED])
    cause = SelectField(
        _l("为什么没有签到"),
        choices=choices([(cause.value, cause.label) for cause in MakeUpCause]),
        validators=[REQUIRED],
        description=_l("公示时只公开这一项，不公开您写的说明。"),
    )
    words = told(_l("当时的情况"))
    evidence = told(
        _l("有什么可以证明"), description=_l("例如：纸质签到表在带队处；工作群有合影。")
    )


class HelpedForm(BaseForm):
    """Which day, and where, somebody helped without being on the list."""

    on = day(_l("哪一天"), required=False)
    q = text(_l("点位或单位"), longest=40, required=False)


class AnswerForm(TimesForm):
    """The answer to an objection; the button says which it is."""

    version = HiddenField()
    answer = told(_l("答复"), description=_l("本人会看到。写清依据，例如带队证实。"))


class ReviewForm(BaseForm):
    """A word on a make-up request."""

    version = HiddenField()
    reason = told(_l("说明"), required=False)
    is_false = BooleanField(_l("经查不属实（补录资格将暂停）"))


class KnownForm(BaseForm):
    """How the one who takes a request up knows that somebody who was not on the list was there."""

    words = told(_l("您怎么知道本人到过岗"), required=False)


class WordsForm(BaseForm):
    """A few words, where they are asked for."""

    words = told(_l("说明"), required=False)


class RegisterForm(BaseForm):
    """An objection to what is public."""

    words = told(_l("哪里不实"), description=_l("只有核查的人会看到。"))
    contact = text(
        _l("怎么联系您"), longest=60, required=False, description=_l("便于核实，加密保存，不公开。")
    )


def version_seen(form: AnswerForm | ReviewForm) -> int:
    """The version that the page showed; none means that the page was not ours."""
    typed = form.version.data or ""
    return int(typed) if typed.isdigit() else -1


def asked_number(name: str) -> int | None:
    """A number in the address."""
    return request.args.get(name, type=int)
