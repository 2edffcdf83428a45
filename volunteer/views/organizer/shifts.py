"""One shift at the desk (班次): facts, roster and history; change, split, call off, set up again."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import DateField, HiddenField, SelectField

from volunteer.domain.access import Act, may, require
from volunteer.domain.refusal import Refused
from volunteer.domain.series import Slot
from volunteer.domain.terms import CancelCause, ShiftState
from volunteer.domain.timekeeping import beijing, clock_at, day_minutes, local_date, minutes_of, now
from volunteer.operations.shifts import (
    Change,
    cancel_shifts,
    edit_shift,
    restore_shift,
    split_shift,
)
from volunteer.queries.activities import facts_for
from volunteer.queries.cancelling import effect_of_cancelling
from volunteer.queries.choices import people_found, points_to_choose
from volunteer.queries.shift_page import (
    history_of_shift,
    leader_words,
    quota_names,
    roster_of,
    skills_asked,
)
from volunteer.queries.shifts import ShiftLine, line_for, shift_of, terms_of
from volunteer.views.organizer.activity_form import version_of
from volunteer.views.organizer.cancel_form import CancelForm
from volunteer.views.organizer.shift_form import ADD_ROW, TermsForm, clock_field
from volunteer.web.forms import REQUIRED, BaseForm, choices, text
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("shifts", __name__)


class ShiftForm(TermsForm):
    version = HiddenField()
    on = DateField(_l("日期"), validators=[REQUIRED])
    start = clock_field(_l("开始"))
    end = clock_field(_l("结束"))
    point_id = SelectField(_l("点位"), coerce=int)
    corner = text(_l("站位"), longest=20, required=False)

    def fill(self, line: ShiftLine) -> None:
        """Fill in what can be chosen."""
        self.fill_terms()
        points = points_to_choose(line.unit_id, on=line.service_on, always=[line.point_id])
        self.point_id.choices = choices((p.id, f"{p.name}（{p.district_name}）") for p in points)

    def change(self) -> Change:
        """What was typed, as the operation takes it; raises Refused at the field at fault."""
        on: date = self.on.data
        try:
            slot = Slot.of(self.start.data or "", self.end.data or "")
        except ValueError as error:
            sentence = _("请写明开始和结束时间。")
            raise Refused("bad_slot", sentence, field="start", status=422) from error
        outside = [pause for pause in self.pauses() if not slot.holds(pause)]
        if outside:
            sentence = _("休息时间 %(pause)s 不在班次之内。", pause=outside[0].words)
            raise Refused("pause_outside", sentence, field="breaks", status=422)
        breaks = tuple((p.start - slot.start, p.end - slot.start) for p in self.pauses())
        start, end = slot.on(on)
        corner = self.corner.data or ""
        return Change(start, end, self.point_id.data, corner, self.terms(breaks))


class SplitForm(BaseForm):
    version = HiddenField()
    divide_at = clock_field(_l("从几点分开"))


def _shown(line: ShiftLine) -> dict[str, Any]:
    """What the form shows of a shift as it is."""
    terms = terms_of(shift_of(line.id))
    start = day_minutes(line.starts_at)
    pauses = [Slot(start + first, start + last).words for first, last in terms.breaks]
    return {
        **terms.kept(),
        "version": line.version,
        "on": line.service_on,
        "start": clock_at(line.starts_at),
        "end": clock_at(line.ends_at),
        "point_id": line.point_id,
        "corner": line.corner,
        "priority": str(line.priority),
        "leader": leader_words(line.leader_id),
        "breaks": "，".join(pause.replace("—", "-") for pause in pauses),
    }


@blueprint.get("/shifts/<int:shift_id>")
@allows(Act.VIEW_ACTIVITIES)
def show(shift_id: int) -> str:
    return _page(shift_id, SplitForm(formdata=None))


def _page(shift_id: int, splitting: SplitForm) -> str:
    actor, at = current_actor(), now()
    line = line_for(actor, shift_id)
    shift = shift_of(shift_id)
    terms = terms_of(shift)
    required, mix = skills_asked(terms.required_skills, dict(terms.skill_mix))
    start = day_minutes(line.starts_at)
    return render_template(
        "organizer/shifts/show.html",
        line=line,
        shift=shift,
        terms=terms,
        required=required,
        mix=mix,
        quotas=quota_names(dict(terms.quotas)),
        breaks=[Slot(start + first, start + last).words for first, last in terms.breaks],
        facts=facts_for(actor, line.activity_id),
        roster=roster_of(shift_id),
        history=history_of_shift(shift),
        effect=effect_of_cancelling([shift_id]),
        is_live=line.state in (ShiftState.PLANNED, ShiftState.PUBLISHED),
        is_ahead=line.starts_at > at,
        may_manage=may(actor, Act.MANAGE_SHIFTS, unit_id=line.unit_id),
        cancelling=CancelForm(formdata=None),
        splitting=splitting,
    )


@blueprint.get("/shifts/<int:shift_id>/edit")
@allows(Act.MANAGE_SHIFTS)
def edit(shift_id: int) -> str:
    line = line_for(current_actor(), shift_id)
    require(current_actor(), Act.MANAGE_SHIFTS, unit_id=line.unit_id)
    shown = _shown(line)
    form = ShiftForm(formdata=None, data=shown)
    form.fill(line)
    terms = terms_of(shift_of(line.id))
    form.put_pairs("mix", terms.skill_mix)
    form.put_pairs("quota", terms.quotas)
    return render_template("organizer/shifts/edit.html", form=form, line=line)


@blueprint.post("/shifts/<int:shift_id>/edit")
@allows(Act.MANAGE_SHIFTS)
@commits
def save(shift_id: int) -> ResponseReturnValue:
    line = line_for(current_actor(), shift_id)
    require(current_actor(), Act.MANAGE_SHIFTS, unit_id=line.unit_id)
    form = ShiftForm()
    form.fill(line)
    if request.form.get("step") == ADD_ROW:
        return render_template("organizer/shifts/edit.html", form=form, line=line, adds_row=True)
    if form.validate_on_submit():
        try:
            change = form.change()
            done = edit_shift(current_actor(), shift_id, change, version=version_of(form), at=now())
            flash(_what_was_done(done.labels, done.told, done.asked_anew), "success")
            return redirect(url_for("shifts.show", shift_id=shift_id))
        except Refused as refused:
            form.absorb(refused)
    return render_template("organizer/shifts/edit.html", form=form, line=line), 422


def _what_was_done(labels: tuple[str, ...], told: int, asked: int) -> str:
    if not labels:
        return _("没有改动。")
    words = _("已保存：%(fields)s。", fields="、".join(labels))
    if told:
        words += _("已通知 %(n)s 人。", n=told)
    if asked:
        words += _("其中 %(n)s 人需要重新确认。", n=asked)
    return words


@blueprint.post("/shifts/<int:shift_id>/split")
@allows(Act.MANAGE_SHIFTS)
@commits
def split(shift_id: int) -> ResponseReturnValue:
    form = SplitForm()
    line = line_for(current_actor(), shift_id)
    try:
        part = split_shift(
            current_actor(),
            shift_id,
            divide_at=_instant(line, form.divide_at.data or ""),
            version=version_of(form),
            at=now(),
        )
    except Refused as refused:
        if refused.field != "divide_at":
            raise
        form.absorb(refused)
        return _page(shift_id, form), 422
    flash(_("已拆成两个班次，原有人员留在前一段，后一段待排班。"), "success")
    return redirect(url_for("shifts.show", shift_id=part.id))


def _instant(line: ShiftLine, typed: str) -> Any:
    """The instant of a clock time inside a shift, on the next day if the shift runs past midnight."""
    try:
        at = beijing(local_date(line.starts_at), minutes_of(typed))
    except ValueError as error:
        sentence = _("请写明从几点分开。")
        raise Refused("bad_cut", sentence, field="divide_at", status=422) from error
    return at if at > line.starts_at else at + timedelta(days=1)


@blueprint.post("/shifts/<int:shift_id>/cancel")
@allows(Act.MANAGE_SHIFTS)
@commits
def cancel(shift_id: int) -> Response:
    form = CancelForm()
    line_for(current_actor(), shift_id)
    cause = form.cause.data if form.cause.data in set(CancelCause) else "by_unit"
    done = cancel_shifts(
        current_actor(),
        [shift_id],
        cause=CancelCause[cause.upper()],
        reason=form.reason.data or "",
        at=now(),
    )
    flash(_("班次已取消，已通知 %(n)s 人。", n=done.people), "success")
    return redirect(url_for("shifts.show", shift_id=shift_id))


@blueprint.post("/shifts/<int:shift_id>/restore")
@allows(Act.MANAGE_SHIFTS)
@commits
def restore(shift_id: int) -> Response:
    line_for(current_actor(), shift_id)
    restore_shift(current_actor(), shift_id, at=now())
    flash(_("班次已恢复为待排班，需要重新安排人员。"), "success")
    return redirect(url_for("shifts.show", shift_id=shift_id))


@blueprint.get("/shifts/people")
@allows(Act.MANAGE_SHIFTS)
def people() -> str:
    """Options of the leader's field, fetched while typing."""
    found = people_found(current_actor(), request.args.get("leader", "")[:40])
    return render_template("organizer/shifts/people.html", found=found)
