"""Hours at the desk (时长): records with filters, one with its story, reviews, corrections, what is overdue."""

from datetime import date, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import DateField, SelectField, TimeField
from wtforms.validators import Optional

from volunteer.domain.access import Act, may
from volunteer.domain.credit import told_again
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Grade
from volunteer.domain.timekeeping import beijing, local, now
from volunteer.operations.ledger import (
    approve_pending,
    correct_record,
    refuse_pending,
    void_record,
)
from volunteer.operations.ledger.restate import may_review
from volunteer.queries.overdue import unsettled_shifts
from volunteer.queries.records import RecordFilter, Story, record_story, records_of
from volunteer.queries.trust.cases import waiting_cases
from volunteer.web.forms import REQUIRED, BaseForm, choices, text
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("hours", __name__, url_prefix="/hours")

MARKS = (
    ("", _l("全部")),
    ("pending", _l("待复核")),
    ("auto_closed", _l("自动签退")),
    ("corrected", _l("有更正")),
    ("late", _l("迟到")),
    ("forced", _l("强制登记")),
)


class FilterForm(BaseForm):
    """What narrows the list; sent as the address."""

    class Meta(BaseForm.Meta):
        csrf = False

    first = DateField(_l("从"), validators=[Optional()])
    last = DateField(_l("到"), validators=[Optional()])
    grade = SelectField(_l("证据等级"), validators=[Optional()])
    mark = SelectField(_l("情况"), choices=choices(MARKS), validators=[Optional()])


class CorrectForm(BaseForm):
    """The true times and why."""

    came = TimeField(_l("实际签到时间"), validators=[REQUIRED])
    went = TimeField(_l("实际签退时间"), validators=[REQUIRED])
    reason = text(
        _l("更正原因"), longest=200, description=_l("本人会看到。写清依据，例如带队证实。")
    )


class ReasonForm(BaseForm):
    reason = text(_l("原因"), longest=200, required=False)


def _filter_form() -> FilterForm:
    form = FilterForm(request.args)
    words = [("", _("全部")), *((grade.value, grade.label) for grade in Grade)]
    form.grade.choices = choices(words)
    return form


def _day(field: DateField) -> date | None:
    return field.data if field.data and not field.errors else None


@blueprint.get("")
@allows(Act.VIEW_HOURS)
def records() -> str:
    actor, form = current_actor(), _filter_form()
    form.validate()
    wanted = RecordFilter(
        q=request.args.get("q", "").strip(),
        first=_day(form.first),
        last=_day(form.last),
        grade=next((grade for grade in Grade if grade.value == form.grade.data), None),
        mark=form.mark.data or "",
    )
    found = records_of(actor, wanted, page=request.args.get("page", 1, type=int))
    return render_template(
        "organizer/hours.html",
        form=form,
        found=found,
        narrowed=wanted != RecordFilter(),
        due=unsettled_shifts(actor, at=now()),
        cases=waiting_cases(actor),
    )


@blueprint.get("/due")
@allows(Act.VIEW_HOURS)
def due() -> str:
    page = request.args.get("page", 1, type=int)
    found = unsettled_shifts(current_actor(), at=now(), page=page)
    return render_template("organizer/hours_due.html", found=found)


def _shown(story: Story, form: CorrectForm | None, status: int = 200) -> ResponseReturnValue:
    actor = current_actor()
    record = story.record
    own = actor.volunteer_id == record.volunteer_id
    page = render_template(
        "organizer/hours_record.html",
        story=story,
        steps=told_again(record.arithmetic),
        reviewable=[part for part in record.pending if may_review(actor, record, part)],
        may_correct=story.is_newest
        and not own
        and may(actor, Act.CORRECT, unit_id=record.recording_unit_id),
        form=form,
        plain=ReasonForm(formdata=None),
    )
    return page, status


def _correct_form(story: Story, *, posted: bool) -> CorrectForm:
    record = story.record
    came = local(record.first_in_at or story.shift.starts_at).time()
    went = local(record.last_out_at or story.shift.ends_at).time()
    return (
        CorrectForm() if posted else CorrectForm(formdata=None, data={"came": came, "went": went})
    )


@blueprint.get("/<int:record_id>")
@allows(Act.VIEW_HOURS)
def record(record_id: int) -> ResponseReturnValue:
    story = record_story(current_actor(), record_id)
    return _shown(story, _correct_form(story, posted=False))


def _instants(story: Story, form: CorrectForm) -> tuple[datetime, datetime]:
    """The typed clock times on the day of service; an earlier one than the start is the next day."""
    on = story.record.service_on
    assert form.came.data is not None
    assert form.went.data is not None
    came = form.came.data.hour * 60 + form.came.data.minute
    went = form.went.data.hour * 60 + form.went.data.minute
    runs_over = local(story.shift.ends_at).date() > on
    return beijing(on, came), beijing(on, went + 1440 if runs_over and went < came else went)


@blueprint.post("/<int:record_id>/correct")
@allows(Act.CORRECT)
@commits
def correct(record_id: int) -> ResponseReturnValue:
    actor = current_actor()
    story = record_story(actor, record_id, act=Act.CORRECT)
    form = _correct_form(story, posted=True)
    if not form.validate():
        return _shown(story, form, 422)
    came_at, went_at = _instants(story, form)
    try:
        done = correct_record(
            actor,
            record_id=record_id,
            came_at=came_at,
            went_at=went_at,
            reason=form.reason.data or "",
            at=now(),
        )
    except Refused as refused:
        if refused.status in (403, 404):
            raise
        form.absorb(refused)
        return _shown(story, form, 422)
    flash(_("已更正，原流水冲销后重新记入 %(n)s 分钟。", n=done.after.credited_minutes), "success")
    return redirect(url_for("hours.record", record_id=done.after.id))


def _reason() -> str:
    return ReasonForm().reason.data or ""


@blueprint.post("/<int:record_id>/void")
@allows(Act.CORRECT)
@commits
def void(record_id: int) -> Response:
    record_story(current_actor(), record_id, act=Act.CORRECT)
    done = void_record(current_actor(), record_id=record_id, reason=_reason(), at=now())
    flash(_("已冲销这条记录的时长，本人会收到通知。"), "success")
    return redirect(url_for("hours.record", record_id=done.after.id))


@blueprint.post("/<int:record_id>/approve")
@allows(Act.REVIEW_UNIT)
@commits
def approve(record_id: int) -> Response:
    record_story(current_actor(), record_id, act=Act.REVIEW_UNIT)
    done = approve_pending(current_actor(), record_id=record_id, reason=_reason(), at=now())
    flash(_("复核通过，现认定 %(n)s 分钟。", n=done.after.credited_minutes), "success")
    return redirect(url_for("hours.record", record_id=done.after.id))


@blueprint.post("/<int:record_id>/refuse")
@allows(Act.REVIEW_UNIT)
@commits
def refuse(record_id: int) -> Response:
    record_story(current_actor(), record_id, act=Act.REVIEW_UNIT)
    done = refuse_pending(current_actor(), record_id=record_id, reason=_reason(), at=now())
    flash(_("复核未通过，本人会收到通知。"), "success")
    return redirect(url_for("hours.record", record_id=done.after.id))
