"""Calling many shifts off (批量取消、天气取消): by area and time, or those chosen; the effect first."""

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from volunteer.domain.access import Act
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import CancelCause
from volunteer.domain.timekeeping import BEIJING, local, now
from volunteer.operations.shifts import cancel_shifts
from volunteer.queries.cancelling import Storm, effect_of_cancelling, shifts_in_storm
from volunteer.queries.choices import districts_to_choose, kinds_to_choose
from volunteer.queries.shifts import lines_by_id
from volunteer.views.organizer.cancel_form import CancelForm
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("shift_cancelling", __name__)

MOST = 2000


def _at(asked: MultiDict[str, str], name: str) -> datetime | None:
    """A Beijing time from a datetime-local field."""
    try:
        return datetime.fromisoformat(asked.get(name, "")).replace(tzinfo=BEIJING)
    except ValueError:
        return None


def _ids(asked: MultiDict[str, str]) -> list[int]:
    """The shifts meant: those chosen one by one, or those that a storm hits."""
    chosen = asked.getlist("shift", type=int)[:MOST]
    if chosen:
        return chosen
    start, end = _at(asked, "from"), _at(asked, "until")
    if start is None or end is None or end <= start:
        return []
    storm = Storm(
        start,
        end,
        district_id=asked.get("district", type=int),
        kind_id=asked.get("kind", type=int),
    )
    return shifts_in_storm(current_actor(), storm)[:MOST]


def _page(
    asked: MultiDict[str, str], form: CancelForm, *, status: int = 200
) -> ResponseReturnValue:
    chosen = asked.getlist("shift", type=int)[:MOST]
    ids = _ids(asked)
    at = now()
    return render_template(
        "organizer/shifts/cancel.html",
        asked=asked,
        chosen=chosen,
        was_asked=bool(chosen) or "from" in asked,
        lines=lines_by_id(current_actor(), ids),
        effect=effect_of_cancelling(ids),
        form=form,
        districts=districts_to_choose(),
        kinds=kinds_to_choose(),
        today=local(at).strftime("%Y-%m-%d"),
        at=at,
    ), status


@blueprint.get("/shifts/cancel")
@allows(Act.MANAGE_SHIFTS)
def choose() -> ResponseReturnValue:
    cause = CancelCause.BY_UNIT if request.args.getlist("shift") else CancelCause.WEATHER
    return _page(request.args, CancelForm(formdata=None, data={"cause": cause.value}))


@blueprint.post("/shifts/cancel")
@allows(Act.MANAGE_SHIFTS)
@commits
def cancel() -> ResponseReturnValue:
    form = CancelForm()
    if not form.validate():
        return _page(request.form, form, status=422)
    ids = _ids(request.form)
    if request.form.get("expected", type=int) != effect_of_cancelling(ids).shifts:
        form.form_errors.append(_("班次刚刚有变化，请核对最新的影响后再确认。"))
        return _page(request.form, form, status=422)
    try:
        cause = CancelCause[str(form.cause.data).upper()]
        done = cancel_shifts(
            current_actor(), ids, cause=cause, reason=form.reason.data or "", at=now()
        )
    except Refused as refused:
        if refused.status == 404:
            raise
        form.absorb(refused)
        return _page(request.form, form, status=422)
    words = _("已取消 %(shifts)s 个班次，已通知 %(people)s 人，每人一条。")
    flash(words % {"shifts": done.shifts, "people": done.people}, "success")
    if done.kept_ids:
        flash(
            _("有 %(n)s 个班次已有人签到，未取消，请按实际时间结算。", n=len(done.kept_ids)),
            "warning",
        )
    return redirect(url_for("activities.listing"))
