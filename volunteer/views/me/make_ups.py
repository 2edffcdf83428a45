"""My make-up hours (我的补录): ask for them, watch them, and vouch for somebody of the same shift."""

from datetime import date, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from volunteer.domain.access import Act
from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import local_date, now
from volunteer.operations.make_ups import ask_own, say_seen, withdraw_make_up
from volunteer.queries.make_up_chances import MOST, Chance, chance_of, helped_shifts
from volunteer.queries.make_ups import my_make_up, witness_page
from volunteer.views.make_up_asking import claim_of, log_refused
from volunteer.views.ticket_forms import HelpedForm, MakeUpForm, WordsForm, clock_times
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("my_make_ups", __name__, url_prefix="/me/make-ups")


@blueprint.get("/find")
@allows(Act.OWN_TICKETS)
def find() -> str:
    actor, today = current_actor(), local_date(now())
    form = HelpedForm(formdata=request.args, meta={"csrf": False})
    form.validate()
    on: date = form.on.data or today - timedelta(days=1)
    return render_template(
        "me/make_ups/find.html",
        form=form,
        on=on,
        shifts=helped_shifts(actor, on, q=form.q.data or ""),
        most=MOST,
    )


@blueprint.get("/new/<int:shift_id>")
@allows(Act.OWN_TICKETS)
def new(shift_id: int) -> ResponseReturnValue:
    chance = chance_of(current_actor(), shift_id, at=now())
    times = clock_times(chance.shift.starts_at, chance.shift.ends_at)
    return _page(chance, MakeUpForm(formdata=None, data=times))


def _page(chance: Chance, form: MakeUpForm, status: int = 200) -> ResponseReturnValue:
    return render_template("me/make_ups/new.html", chance=chance, form=form), status


@blueprint.post("/new/<int:shift_id>")
@allows(Act.OWN_TICKETS)
@commits
def create(shift_id: int) -> ResponseReturnValue:
    actor, at = current_actor(), now()
    chance = chance_of(actor, shift_id, at=at)
    form = MakeUpForm()
    if not form.validate():
        return _page(chance, form, 422)
    try:
        made = ask_own(actor, shift_id=shift_id, claim=claim_of(form, chance), at=at)
    except Refused as refused:
        log_refused(refused, _("申请补录"))
        if refused.status in (403, 404):
            raise
        form.absorb(refused)
        return _page(chance, form, 422)
    flash(_("已提出。带队或单位核实后，会请同班的人证明。"), "success")
    return redirect(url_for("my_make_ups.show", make_up_id=made.id))


@blueprint.get("/<int:make_up_id>")
@allows(Act.OWN_TICKETS)
def show(make_up_id: int) -> str:
    return render_template(
        "me/make_ups/show.html", story=my_make_up(current_actor(), make_up_id, at=now())
    )


@blueprint.post("/<int:make_up_id>/withdraw")
@allows(Act.OWN_TICKETS)
@commits
def withdraw(make_up_id: int) -> Response:
    withdraw_make_up(current_actor(), make_up_id=make_up_id, at=now())
    flash(_("已撤回。"), "success")
    return redirect(url_for("my_make_ups.show", make_up_id=make_up_id))


@blueprint.get("/<int:make_up_id>/witness")
@allows(Act.OWN_TICKETS)
def witness(make_up_id: int) -> str:
    line, said = witness_page(current_actor(), make_up_id, at=now())
    return render_template(
        "me/make_ups/witness.html", line=line, said=said, form=WordsForm(formdata=None)
    )


@blueprint.post("/<int:make_up_id>/seen")
@allows(Act.OWN_TICKETS)
@commits
def seen(make_up_id: int) -> Response:
    return _said(make_up_id, has_seen=True)


@blueprint.post("/<int:make_up_id>/not-seen")
@allows(Act.OWN_TICKETS)
@commits
def not_seen(make_up_id: int) -> Response:
    return _said(make_up_id, has_seen=False)


def _said(make_up_id: int, *, has_seen: bool) -> Response:
    witness_page(current_actor(), make_up_id, at=now())
    words = WordsForm().words.data or ""
    try:
        say_seen(current_actor(), make_up_id=make_up_id, has_seen=has_seen, words=words, at=now())
    except Refused as refused:
        log_refused(refused, _("为补录作证"))
        raise
    flash(_("谢谢您的证明。") if has_seen else _("谢谢您照实说明。"), "success")
    return redirect(url_for("my_tickets.listing"))
