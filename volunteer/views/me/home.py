"""The volunteer's home and duties (首页、班次): the next duty, and what to do about it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from volunteer.domain.access import Act
from volunteer.domain.timekeeping import local_date, now
from volunteer.operations import sign_up
from volunteer.queries.deferred_lists import own_deferred
from volunteer.queries.duties import (
    coming_duties,
    duty_card,
    next_duty,
    open_proposals,
    past_duties,
)
from volunteer.queries.ledger import my_total
from volunteer.queries.make_ups import witness_requests
from volunteer.queries.recap import recap_waiting
from volunteer.queries.targets import my_target
from volunteer.queries.trust.cases import cases_that_ask
from volunteer.web.forms import BaseForm, text
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("me", __name__, url_prefix="/me")


class ReasonForm(BaseForm):
    reason = text(_l("原因（可不填）"), longest=200, required=False)


@blueprint.get("")
@allows(Act.OWN_DUTIES)
def home() -> str:
    actor, at = current_actor(), now()
    today = local_date(at)
    upcoming = next_duty(actor, at=at)
    proposals = open_proposals(actor, at=at)
    shown = {d.shift.id for d in proposals} | ({upcoming.seat.shift.id} if upcoming else set())
    return render_template(
        "me/home.html",
        at=at,
        today=today,
        duty=upcoming,
        proposals=[d for d in proposals if not upcoming or d.shift.id != upcoming.seat.shift.id],
        coming=[d for d in coming_duties(actor, at=at, most=8) if d.shift.id not in shown][:4],
        month=my_total(actor, first=today.replace(day=1), last=today),
        total=my_total(actor),
        recap_waiting=recap_waiting(actor, at=at),
        target=my_target(actor, at=at),
        cases=cases_that_ask(actor),
        vouching=witness_requests(actor, at=at),
    )


@blueprint.get("/duties")
@allows(Act.OWN_DUTIES)
def duties() -> str:
    actor, at = current_actor(), now()
    past = request.args.get("past") == "1"
    page = request.args.get("page", 1, type=int)
    return render_template(
        "me/duties.html",
        at=at,
        past=past,
        duties=[] if past else coming_duties(actor, at=at),
        page=past_duties(actor, at=at, page=page) if past else None,
    )


@blueprint.get("/duties/<int:shift_id>")
@allows(Act.OWN_DUTIES)
def duty(shift_id: int) -> str:
    at = now()
    card = duty_card(current_actor(), shift_id, at=at)
    return render_template(
        "me/duty.html",
        at=at,
        duty=card,
        deferred=own_deferred(current_actor(), shift_id=shift_id),
        form=ReasonForm(formdata=None),
    )


@blueprint.post("/duties/<int:shift_id>/accept")
@allows(Act.OWN_DUTIES)
@commits
def accept(shift_id: int) -> Response:
    sign_up.accept(current_actor(), shift_id=shift_id, at=now())
    flash(_("已接受，谢谢您。请按时到岗，来不了请提前告知。"), "success")
    return redirect(url_for("me.duty", shift_id=shift_id))


@blueprint.post("/duties/<int:shift_id>/decline")
@allows(Act.OWN_DUTIES)
@commits
def decline(shift_id: int) -> Response:
    reason = ReasonForm().reason.data or ""
    sign_up.decline(current_actor(), shift_id=shift_id, reason=reason, at=now())
    flash(_("已谢绝，组织者会另行安排。"), "success")
    return redirect(url_for("me.home"))


@blueprint.post("/duties/<int:shift_id>/withdraw")
@allows(Act.OWN_DUTIES)
@commits
def withdraw(shift_id: int) -> Response:
    reason = ReasonForm().reason.data or ""
    sign_up.withdraw(current_actor(), shift_id=shift_id, reason=reason, at=now())
    flash(_("已告知组织者您来不了，岗位已空出。"), "success")
    return redirect(url_for("me.home"))
