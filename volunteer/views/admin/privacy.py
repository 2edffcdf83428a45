"""Privacy at the city office (隐私): compliance mode, what was erased when, and the register of breaches."""

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateTimeLocalField
from wtforms.validators import Optional

from volunteer.domain.access import Act
from volunteer.domain.compliance import SHORTEST_REASON
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import BreachStep
from volunteer.domain.timekeeping import beijing, now
from volunteer.operations.breaches import (
    BreachFacts,
    add_step,
    register_breach,
    tell_affected,
)
from volunteer.operations.compliance import audit_minors, keep_guard_away, let_guard_in
from volunteer.queries.breaches import breach_for, breaches
from volunteer.queries.choices import units_to_invite
from volunteer.queries.compliance import guard_lines
from volunteer.queries.keeping import keeping_page
from volunteer.queries.minors import minors_report
from volunteer.web.errors import sent_back
from volunteer.web.forms import (
    REQUIRED,
    BaseForm,
    choice,
    choices,
    number,
    page_asked,
    pick,
    term_or_none,
    text,
)
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("privacy", __name__, url_prefix="/city/privacy")

STEPS = [(step.value, step.label) for step in BreachStep]


class ReasonForm(BaseForm):
    reason = text(_l("依据和理由"), longest=200, required=False)


class BreachForm(BaseForm):
    title = text(_l("事件"), longest=80, description=_l("例如：一份花名册被发到了外部群。"))
    found_at = DateTimeLocalField(_l("发现时间"), validators=[REQUIRED])
    happened_at = DateTimeLocalField(_l("发生时间"), validators=[Optional()])
    kinds = text(_l("涉及的信息种类"), longest=200, description=_l("例如：姓名、电话。"))
    affected = number(_l("涉及约多少人"), low=0, high=10_000_000)
    cause = text(_l("原因"), longest=400)
    harm = text(_l("可能造成的危害"), longest=400, required=False)


class StepForm(BaseForm):
    step = pick(_l("做了什么"), STEPS)
    whom = text(_l("对谁"), longest=120, required=False, description=_l("例如：市网信办、派出所。"))
    words = text(_l("说明"), longest=400)


class TellForm(BaseForm):
    unit_id = choice(_l("通知谁"))
    message = text(
        _l("通知内容"),
        longest=300,
        required=False,
        description=_l("写明泄露了什么、可能的危害、已采取的措施、本人可以怎么做、找谁。"),
    )

    def with_choices(self) -> "TellForm":
        """Fill the list in."""
        self.unit_id.choices = choices([("", _("全部在册志愿者")), *units_to_invite()])
        return self


@blueprint.get("/")
@allows(Act.VIEW_SETTINGS)
def compliance() -> str:
    return render_template(
        "admin/privacy/compliance.html",
        lines=guard_lines(),
        form=ReasonForm(formdata=None),
        shortest=SHORTEST_REASON,
    )


@blueprint.post("/guards/<code>/let-in")
@allows(Act.MANAGE_SETTINGS)
@commits
def let_in(code: str) -> ResponseReturnValue:
    try:
        let_guard_in(current_actor(), code, reason=ReasonForm().reason.data or "", at=now())
    except Refused as refused:
        if refused.status == 404:
            raise
        return sent_back(refused, url_for("privacy.compliance"))
    flash(_("已关闭，审计员会收到通知。可以随时重新开启。"), "success")
    return redirect(url_for("privacy.compliance"))


@blueprint.post("/guards/<code>/keep-away")
@allows(Act.MANAGE_SETTINGS)
@commits
def keep_away(code: str) -> ResponseReturnValue:
    try:
        keep_guard_away(current_actor(), code, at=now())
    except Refused as refused:
        if refused.status == 404:
            raise
        return sent_back(refused, url_for("privacy.compliance"))
    flash(_("已重新开启。"), "success")
    return redirect(url_for("privacy.compliance"))


@blueprint.get("/keeping")
@allows(Act.VIEW_SETTINGS)
def keeping() -> str:
    found = keeping_page(current_actor(), at=now(), page=page_asked(request.args))
    return render_template("admin/privacy/keeping.html", found=found)


@blueprint.get("/minors")
@allows(Act.VIEW_SETTINGS)
def minors() -> str:
    report = minors_report(current_actor(), at=now())
    return render_template(
        "admin/privacy/minors.html", report=report, form=ReasonForm(formdata=None)
    )


@blueprint.post("/minors")
@allows(Act.MANAGE_SETTINGS)
@commits
def save_audit() -> ResponseReturnValue:
    try:
        audit_minors(current_actor(), words=ReasonForm().reason.data or "", at=now())
    except Refused as refused:
        return sent_back(refused, url_for("privacy.minors"))
    flash(_("审计已登记，审计员会收到通知。"), "success")
    return redirect(url_for("privacy.minors"))


@blueprint.get("/breaches")
@allows(Act.VIEW_SETTINGS)
def breach_list() -> str:
    return render_template("admin/privacy/breaches.html", lines=breaches(current_actor(), at=now()))


@blueprint.get("/breaches/new")
@allows(Act.MANAGE_SETTINGS)
def new_breach() -> str:
    return render_template("admin/privacy/breach_form.html", form=BreachForm(formdata=None))


def _instant(typed: datetime | None) -> datetime | None:
    """A clock time of a form, which is Beijing's."""
    return None if typed is None else beijing(typed.date(), typed.hour * 60 + typed.minute)


@blueprint.post("/breaches/new")
@allows(Act.MANAGE_SETTINGS)
@commits
def save_breach() -> ResponseReturnValue:
    form = BreachForm()
    found_at = _instant(form.found_at.data)
    if form.validate_on_submit() and found_at is not None:
        facts = BreachFacts(
            title=form.title.data or "",
            found_at=found_at,
            happened_at=_instant(form.happened_at.data),
            kinds=form.kinds.data or "",
            cause=form.cause.data or "",
            harm=form.harm.data or "",
            affected=form.affected.data or 0,
        )
        try:
            row = register_breach(current_actor(), facts, at=now())
            flash(_("事件已登记，请按时限处置。"), "success")
            return redirect(url_for("privacy.breach", breach_id=row.id))
        except Refused as refused:
            form.absorb(refused)
    return render_template("admin/privacy/breach_form.html", form=form), 422


def _page(breach_id: int, **forms: BaseForm) -> str:
    return render_template(
        "admin/privacy/breach.html",
        line=breach_for(current_actor(), breach_id, at=now()),
        **{
            "form": StepForm(formdata=None),
            "telling": TellForm(formdata=None).with_choices(),
            **forms,
        },
    )


@blueprint.get("/breaches/<int:breach_id>")
@allows(Act.VIEW_SETTINGS)
def breach(breach_id: int) -> str:
    return _page(breach_id)


@blueprint.post("/breaches/<int:breach_id>/steps")
@allows(Act.MANAGE_SETTINGS)
@commits
def save_step(breach_id: int) -> ResponseReturnValue:
    form, actor = StepForm(), current_actor()
    breach_for(actor, breach_id, at=now())
    step = term_or_none(BreachStep, form.step.data)
    if form.validate_on_submit() and step is not None:
        try:
            whom, words = form.whom.data or "", form.words.data or ""
            add_step(actor, breach_id, step=step, whom=whom, words=words, at=now())
            flash(_("处置记录已写入。"), "success")
            return redirect(url_for("privacy.breach", breach_id=breach_id))
        except Refused as refused:
            form.absorb(refused)
    return _page(breach_id, form=form), 422


@blueprint.post("/breaches/<int:breach_id>/tell")
@allows(Act.MANAGE_SETTINGS)
@commits
def tell_people(breach_id: int) -> ResponseReturnValue:
    form, actor = TellForm().with_choices(), current_actor()
    breach_for(actor, breach_id, at=now())
    if form.validate_on_submit():
        try:
            words, unit_id = form.message.data or "", form.unit_id.data
            told = tell_affected(actor, breach_id, unit_id=unit_id, words=words, at=now())
            flash(_("已通知 %(n)s 人。", n=told), "success")
            return redirect(url_for("privacy.breach", breach_id=breach_id))
        except Refused as refused:
            form.absorb(refused)
    return _page(breach_id, telling=form), 422
