"""Cases at the desk (核查事项): a list, one with what was seen, and the steps - ask, hold, decide, answer, appeal."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField, TimeField
from wtforms.validators import Length, Optional

from volunteer.domain.access import Act
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import CaseState
from volunteer.domain.timekeeping import beijing, local, now
from volunteer.operations import trust
from volunteer.queries.policy import current_policy
from volunteer.queries.trust.cases import CaseStory, case_story, cases_of
from volunteer.web.forms import BaseForm, page_asked, term_or_none
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("cases", __name__, url_prefix="/cases")


class StepForm(BaseForm):
    """Words that the other side reads, and the version of the case that was seen."""

    words = TextAreaField(_l("说明"), validators=[Length(max=2000)], render_kw={"rows": 3})
    version = HiddenField()
    record = HiddenField()
    came = TimeField(_l("实际签到时间"), validators=[Optional()])
    went = TimeField(_l("实际签退时间"), validators=[Optional()])

    def seen(self) -> int | None:
        """The version that was on the page."""
        given = str(self.version.data or "")
        return int(given) if given.isdigit() else None


@blueprint.get("")
@allows(Act.VIEW_CASES)
def listing() -> str:
    state = term_or_none(CaseState, request.args.get("state"))
    words = request.args.get("q", "")[:40]
    found = cases_of(current_actor(), words=words, state=state, page=page_asked(request.args))
    return render_template(
        "organizer/cases/listing.html",
        found=found,
        state=state,
        states=CaseState,
        narrowed=bool(words or state),
    )


@blueprint.get("/<int:case_id>")
@allows(Act.VIEW_CASES)
def show(case_id: int) -> ResponseReturnValue:
    return _page(case_id)


def _page(case_id: int, *, form: StepForm | None = None, status: int = 200) -> ResponseReturnValue:
    story = case_story(current_actor(), case_id)
    page = render_template(
        "organizer/cases/show.html",
        story=story,
        form=form or StepForm(formdata=None),
        policy=current_policy(),
        at=now(),
    )
    return page, status


Step = Callable[[StepForm], Any]


def _step(case_id: int, act: Step, done: str) -> ResponseReturnValue:
    """Carry a step out and lead back to the case; what is refused is said on its page, words kept."""
    case_story(current_actor(), case_id)
    form = StepForm()
    form.validate()
    try:
        act(form)
    except Refused as refused:
        if refused.status in (403, 404):
            raise
        refused.field = "words" if refused.field in ("reason", "question", "answer") else None
        form.absorb(refused)
        return _page(case_id, form=form, status=422)
    flash(done, "success")
    return redirect(url_for("cases.show", case_id=case_id))


@blueprint.post("/<int:case_id>/ask")
@allows(Act.DECIDE_CASES)
@commits
def ask(case_id: int) -> ResponseReturnValue:
    def act(form: StepForm) -> Any:
        return trust.ask_in_case(
            current_actor(),
            case_id=case_id,
            question=form.words.data or "",
            at=now(),
            version=form.seen(),
        )

    return _step(case_id, act, _("已请当事人说明，对方会收到通知。"))


@blueprint.post("/<int:case_id>/clear")
@allows(Act.DECIDE_CASES)
@commits
def clear(case_id: int) -> ResponseReturnValue:
    def act(form: StepForm) -> Any:
        return trust.clear_case(
            current_actor(),
            case_id=case_id,
            reason=form.words.data or "",
            at=now(),
            version=form.seen(),
        )

    return _step(case_id, act, _("已认定没有问题，暂缓的时长已恢复。"))


@blueprint.post("/<int:case_id>/hold")
@allows(Act.DECIDE_CASES)
@commits
def hold(case_id: int) -> ResponseReturnValue:
    def act(form: StepForm) -> Any:
        return trust.hold_in_case(
            current_actor(),
            case_id=case_id,
            reason=form.words.data or "",
            at=now(),
            version=form.seen(),
        )

    return _step(case_id, act, _("有关时长已暂缓认定，随时可以恢复。"))


@blueprint.post("/<int:case_id>/correct")
@allows(Act.DECIDE_CASES)
@commits
def correct(case_id: int) -> ResponseReturnValue:
    story = case_story(current_actor(), case_id)

    def act(form: StepForm) -> Any:
        return trust.correct_in_case(
            current_actor(),
            case_id=case_id,
            reason=form.words.data or "",
            at=now(),
            version=form.seen(),
            times=_times(story, form),
        )

    return _step(case_id, act, _("已更正时长，当事人会收到通知，可以申诉。"))


def _times(story: CaseStory, form: StepForm) -> tuple[int, datetime, datetime] | None:
    """One record and its true times on the day of service, if a record is named."""
    found = [record for record, _name in story.records if str(record.id) == form.record.data]
    if not found:
        return None
    if form.came.data is None or form.went.data is None:
        raise Refused("time_missing", _("请填写实际签到和签退时间。"), status=422)
    on = found[0].service_on
    came = form.came.data.hour * 60 + form.came.data.minute
    went = form.went.data.hour * 60 + form.went.data.minute
    last = found[0].last_out_at
    runs_over = last is not None and local(last).date() > on
    return (
        found[0].id,
        beijing(on, came),
        beijing(on, went + 1440 if runs_over and went < came else went),
    )


@blueprint.post("/<int:case_id>/appeal")
@allows(Act.DECIDE_CASES)
@commits
def appeal(case_id: int) -> ResponseReturnValue:
    granted = request.form.get("granted") == "yes"

    def act(form: StepForm) -> Any:
        return trust.decide_appeal(
            current_actor(),
            case_id=case_id,
            is_granted=granted,
            reason=form.words.data or "",
            at=now(),
            version=form.seen(),
        )

    words = _("申诉成立，时长已恢复。") if granted else _("已维持原决定，当事人会收到通知。")
    return _step(case_id, act, words)


@blueprint.post("/<int:case_id>/answer")
@allows(Act.VIEW_CASES)
@commits
def answer(case_id: int) -> ResponseReturnValue:
    def act(form: StepForm) -> Any:
        return trust.answer_case(
            current_actor(), case_id=case_id, words=form.words.data or "", at=now()
        )

    return _step(case_id, act, _("已提交说明。"))


@blueprint.post("/<int:case_id>/object")
@allows(Act.VIEW_CASES)
@commits
def contest(case_id: int) -> ResponseReturnValue:
    def act(form: StepForm) -> Any:
        return trust.appeal_case(
            current_actor(), case_id=case_id, words=form.words.data or "", at=now()
        )

    return _step(case_id, act, _("已提交申诉，由上级另一位经办人办理。"))
