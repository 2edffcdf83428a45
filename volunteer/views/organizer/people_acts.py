"""What is done with one volunteer at the desk (办理): skills, pauses, moves, merging, the week, the login."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from volunteer.domain.access import Act
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import AvailabilityLevel
from volunteer.domain.timekeeping import now
from volunteer.domain.week import PARTS, grid
from volunteer.operations.accounts import end_all_sessions, issue_first_password
from volunteer.operations.people.closing import reopen_account
from volunteer.operations.people.consents import note_guardian_consent
from volunteer.operations.people.merge import merge_volunteers
from volunteer.operations.people.moves import move_volunteer
from volunteer.operations.people.pairs import keep_apart, lift_apart
from volunteer.operations.people.roles import dismiss_organizer, name_organizer
from volunteer.operations.people.skills import confirm_skill, remove_skill
from volunteer.operations.people.states import end_pauses, let_go, pause_volunteer, take_back
from volunteer.operations.people.weeks import set_day
from volunteer.queries.people.choices import look_alikes
from volunteer.queries.people.holdings import windows_of
from volunteer.queries.people.person import (
    login_of,
    person_by_number,
    volunteer_for,
)
from volunteer.views.organizer.people import move_form, show_page
from volunteer.views.organizer.person_forms import (
    WEEKDAYS,
    ApartForm,
    DayForm,
    MergeForm,
    PauseForm,
    ReasonForm,
    SkillForm,
)
from volunteer.web.errors import sent_back
from volunteer.web.forms import BaseForm, term_or_none
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("people_acts", __name__, url_prefix="/people")


def _page(volunteer_id: int) -> str:
    return url_for("people.show", volunteer_id=volunteer_id)


def _done(volunteer_id: int, form: BaseForm, name: str, act: Callable[[], str]) -> Any:
    """Do an act whose form stands on the person's page; where it is refused, the page comes back with it."""
    volunteer_for(current_actor(), volunteer_id, Act.MANAGE_PEOPLE)
    if form.validate_on_submit():
        try:
            flash(act(), "success")
            return redirect(_page(volunteer_id))
        except Refused as refused:
            if refused.status == 404:
                raise
            form.absorb(refused)
    return show_page(volunteer_id, **{name: form}), 422


@blueprint.post("/<int:volunteer_id>/skills")
@allows(Act.MANAGE_PEOPLE)
@commits
def confirm(volunteer_id: int) -> ResponseReturnValue:
    form = SkillForm().with_choices()

    def act() -> str:
        confirm_skill(
            current_actor(),
            volunteer_id,
            skill_id=form.skill_id.data or 0,
            expires_on=form.expires_on.data,
            at=now(),
        )
        return _("资质已确认。")

    return _done(volunteer_id, form, "skilling", act)


@blueprint.post("/<int:volunteer_id>/skills/<int:qualification_id>/remove")
@allows(Act.MANAGE_PEOPLE)
@commits
def remove(volunteer_id: int, qualification_id: int) -> Response:
    form = ReasonForm()
    try:
        remove_skill(
            current_actor(), volunteer_id, qualification_id, reason=form.reason.data or "", at=now()
        )
    except Refused as refused:
        return sent_back(refused, _page(volunteer_id))
    flash(_("资质已取消。"), "success")
    return redirect(_page(volunteer_id))


@blueprint.post("/<int:volunteer_id>/pause")
@allows(Act.MANAGE_PEOPLE)
@commits
def pause(volunteer_id: int) -> ResponseReturnValue:
    form = PauseForm()

    def act() -> str:
        freed = pause_volunteer(
            current_actor(),
            volunteer_id,
            since_on=form.since_on.data,
            until_on=form.until_on.data,
            reason=form.reason.data or "",
            at=now(),
        )
        return _("已登记暂停，腾出 %(seats)s 个班次，已通知本人。", seats=freed.seats)

    return _done(volunteer_id, form, "pausing", act)


@blueprint.post("/<int:volunteer_id>/resume")
@allows(Act.MANAGE_PEOPLE)
@commits
def resume(volunteer_id: int) -> Response:
    try:
        end_pauses(current_actor(), volunteer_id, at=now())
    except Refused as refused:
        return sent_back(refused, _page(volunteer_id))
    flash(_("已恢复服务，可以重新排班。"), "success")
    return redirect(_page(volunteer_id))


@blueprint.post("/<int:volunteer_id>/leave")
@allows(Act.MANAGE_PEOPLE)
@commits
def leave(volunteer_id: int) -> ResponseReturnValue:
    form = ReasonForm()

    def act() -> str:
        freed = let_go(current_actor(), volunteer_id, reason=form.reason.data or "", at=now())
        return _("已办理退出，腾出 %(seats)s 个班次；记录保留。", seats=freed.seats)

    return _done(volunteer_id, form, "leaving", act)


@blueprint.post("/<int:volunteer_id>/return")
@allows(Act.MANAGE_PEOPLE)
@commits
def come_back(volunteer_id: int) -> Response:
    try:
        take_back(current_actor(), volunteer_id, at=now())
    except Refused as refused:
        return sent_back(refused, _page(volunteer_id))
    flash(_("已恢复登记，请邀请本人重新确认。"), "success")
    return redirect(_page(volunteer_id))


@blueprint.post("/<int:volunteer_id>/reopen")
@allows(Act.MANAGE_ACCOUNTS)
@commits
def reopen(volunteer_id: int) -> Response:
    try:
        reopen_account(
            current_actor(), volunteer_id, reason=ReasonForm().reason.data or "", at=now()
        )
    except Refused as refused:
        if refused.status in (403, 404):
            raise
        return sent_back(refused, _page(volunteer_id))
    flash(_("账号已恢复，请本人重新确认资料和各项同意。"), "success")
    return redirect(_page(volunteer_id))


@blueprint.post("/<int:volunteer_id>/move")
@allows(Act.MANAGE_PEOPLE)
@commits
def move(volunteer_id: int) -> ResponseReturnValue:
    form = move_form(request.form)

    def act() -> str:
        person = move_volunteer(
            current_actor(),
            volunteer_id,
            unit_id=form.unit_id.data or 0,
            reason=form.reason.data or "",
            at=now(),
        )
        return _("%(name)s 已调动。", name=person.name)

    return _done(volunteer_id, form, "moving", act)


@blueprint.post("/<int:volunteer_id>/apart")
@allows(Act.MANAGE_PEOPLE)
@commits
def part(volunteer_id: int) -> ResponseReturnValue:
    form = ApartForm()

    def act() -> str:
        keep_apart(current_actor(), volunteer_id, other=form.other.data or "", at=now())
        return _("已登记不同岗，自动排班会避开。")

    return _done(volunteer_id, form, "parting", act)


@blueprint.post("/<int:volunteer_id>/apart/<int:pair_id>/lift")
@allows(Act.MANAGE_PEOPLE)
@commits
def lift(volunteer_id: int, pair_id: int) -> Response:
    volunteer_for(current_actor(), volunteer_id, Act.MANAGE_PEOPLE)
    lift_apart(current_actor(), pair_id, at=now())
    flash(_("已取消不同岗登记。"), "success")
    return redirect(_page(volunteer_id))


@blueprint.post("/<int:volunteer_id>/guardian")
@allows(Act.MANAGE_PEOPLE)
@commits
def guardian(volunteer_id: int) -> Response:
    try:
        paper = ReasonForm().reason.data or ""
        note_guardian_consent(current_actor(), volunteer_id, paper=paper, at=now())
    except Refused as refused:
        return sent_back(refused, _page(volunteer_id))
    flash(_("已登记监护人的书面同意。"), "success")
    return redirect(_page(volunteer_id))


@blueprint.get("/<int:volunteer_id>/merge")
@allows(Act.MANAGE_PEOPLE)
def merging(volunteer_id: int) -> str:
    form = MergeForm(formdata=None, data={"other": request.args.get("other", "")})
    return _merge_page(volunteer_id, form)


def _merge_page(volunteer_id: int, form: MergeForm) -> str:
    actor = current_actor()
    person = volunteer_for(actor, volunteer_id, Act.MANAGE_PEOPLE)
    return render_template(
        "organizer/people/merge.html", person=person, form=form, alike=look_alikes(actor, person)
    )


@blueprint.post("/<int:volunteer_id>/merge")
@allows(Act.MANAGE_PEOPLE)
@commits
def merge(volunteer_id: int) -> ResponseReturnValue:
    form, actor = MergeForm(), current_actor()
    volunteer_for(actor, volunteer_id, Act.MANAGE_PEOPLE)
    if form.validate_on_submit():
        try:
            other = person_by_number(actor, form.other.data or "")
            merge_volunteers(actor, volunteer_id, other.id, reason=form.reason.data or "", at=now())
            flash(_("已合并，时长一分钟不少。"), "success")
            return redirect(_page(volunteer_id))
        except Refused as refused:
            form.absorb(refused)
    return _merge_page(volunteer_id, form), 422


@blueprint.get("/<int:volunteer_id>/week/<int:weekday>")
@allows(Act.MANAGE_PEOPLE)
def week(volunteer_id: int, weekday: int) -> str:
    person = volunteer_for(current_actor(), volunteer_id, Act.MANAGE_PEOPLE)
    shades, weekday = grid(windows_of(person.id)), weekday % 7
    levels = {part.code: shades[weekday, part.code].level.value for part in PARTS}
    form = DayForm(formdata=None, data={"weekday": weekday, **levels})
    return render_template(
        "organizer/people/week.html",
        person=person,
        form=form,
        weekday=weekday,
        shades=shades,
        parts=PARTS,
        weekdays=WEEKDAYS,
    )


@blueprint.post("/<int:volunteer_id>/week/<int:weekday>")
@allows(Act.MANAGE_PEOPLE)
@commits
def save_week(volunteer_id: int, weekday: int) -> Response:
    form = DayForm()
    told = {part.code: term_or_none(AvailabilityLevel, form[part.code].data) for part in PARTS}
    set_day(
        current_actor(),
        volunteer_id,
        weekday=weekday,
        levels={code: level for code, level in told.items() if level is not None},
        copy_to=form.copy_to.data or [],
        at=now(),
    )
    flash(_("可服务时间已保存。"), "success")
    return redirect(_page(volunteer_id))


@blueprint.post("/<int:volunteer_id>/organizer")
@allows(Act.MANAGE_PEOPLE)
@commits
def appoint(volunteer_id: int) -> Response:
    try:
        name_organizer(current_actor(), volunteer_id, at=now())
    except Refused as refused:
        return _told(refused, volunteer_id)
    flash(_("已任命为本单位组织者。"), "success")
    return redirect(_page(volunteer_id))


@blueprint.post("/<int:volunteer_id>/organizer/end")
@allows(Act.MANAGE_PEOPLE)
@commits
def dismiss(volunteer_id: int) -> Response:
    try:
        dismiss_organizer(
            current_actor(), volunteer_id, reason=ReasonForm().reason.data or "", at=now()
        )
    except Refused as refused:
        return _told(refused, volunteer_id)
    flash(_("已免去组织者角色。"), "success")
    return redirect(_page(volunteer_id))


def _told(refused: Refused, volunteer_id: int) -> Response:
    """A refusal about a person whom the actor may see is told on the page, whatever its kind."""
    volunteer_for(current_actor(), volunteer_id, Act.MANAGE_PEOPLE)
    if refused.status == 403:
        refused.status = 409
    return sent_back(refused, _page(volunteer_id))


@blueprint.post("/<int:volunteer_id>/password")
@allows(Act.MANAGE_PEOPLE)
@commits
def password(volunteer_id: int) -> ResponseReturnValue:
    """The answer is the page itself: the first password is told once and kept nowhere."""
    volunteer_for(current_actor(), volunteer_id, Act.MANAGE_PEOPLE)
    lasts = timedelta(days=current_app.config["SETTINGS"].first_password_days)
    try:
        account = login_of(volunteer_id)
        told = issue_first_password(current_actor(), account, lasts=lasts, at=now())
    except Refused as refused:
        return _told(refused, volunteer_id)
    return show_page(volunteer_id, first_password=(account.login, told))


@blueprint.post("/<int:volunteer_id>/sessions/end")
@allows(Act.MANAGE_PEOPLE)
@commits
def end_sessions(volunteer_id: int) -> Response:
    volunteer_for(current_actor(), volunteer_id, Act.MANAGE_PEOPLE)
    try:
        end_all_sessions(current_actor(), login_of(volunteer_id), at=now())
    except Refused as refused:
        return _told(refused, volunteer_id)
    flash(_("已让这个人的全部设备退出登录。"), "success")
    return redirect(_page(volunteer_id))
