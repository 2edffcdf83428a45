"""My objections (我的申诉): say that a record is wrong or missing, watch it, take it back, take it up."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from volunteer.domain.access import Act
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import TicketTopic
from volunteer.domain.timekeeping import now
from volunteer.operations.tickets import (
    Said,
    appeal_ticket,
    object_to_missing,
    object_to_record,
    withdraw_ticket,
)
from volunteer.queries.make_ups import my_make_ups, witness_requests
from volunteer.queries.tickets import Ground, ground_of, my_ticket, my_tickets
from volunteer.views.ticket_forms import ObjectionForm, WordsForm, asked_number, clock_times
from volunteer.web.forms import choices
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("my_tickets", __name__, url_prefix="/me/tickets")

OF_RECORD = (TicketTopic.TIMES, TicketTopic.NOT_MINE)


@blueprint.get("")
@allows(Act.OWN_TICKETS)
def listing() -> str:
    actor, at = current_actor(), now()
    return render_template(
        "me/tickets/listing.html",
        tickets=my_tickets(actor, at=at),
        make_ups=my_make_ups(actor, at=at),
        requests=witness_requests(actor, at=at),
    )


def _ground() -> Ground:
    return ground_of(
        current_actor(),
        record_id=asked_number("record"),
        shift_id=asked_number("shift"),
        at=now(),
    )


def _form(ground: Ground, *, posted: bool) -> ObjectionForm:
    record = ground.record
    first = (record and record.first_in_at) or ground.shift.starts_at
    last = (record and record.last_out_at) or ground.shift.ends_at
    topics = OF_RECORD if record else (TicketTopic.MISSING,)
    shown = {**clock_times(first, last), "topic": topics[0].value}
    form = ObjectionForm() if posted else ObjectionForm(formdata=None, data=shown)
    form.topic.choices = choices([(topic.value, topic.label) for topic in topics])
    return form


def _page(ground: Ground, form: ObjectionForm, status: int = 200) -> ResponseReturnValue:
    return render_template("me/tickets/new.html", ground=ground, form=form, at=now()), status


@blueprint.get("/new")
@allows(Act.OWN_TICKETS)
def new() -> ResponseReturnValue:
    ground = _ground()
    return _page(ground, _form(ground, posted=False))


@blueprint.post("/new")
@allows(Act.OWN_TICKETS)
@commits
def create() -> ResponseReturnValue:
    ground = _ground()
    form = _form(ground, posted=True)
    if not form.validate():
        return _page(ground, form, 422)
    came_at, went_at = form.instants(ground.shift.starts_at, ground.shift.ends_at)
    said = Said(
        TicketTopic[form.topic.data.upper()],
        form.words.data or "",
        came_at,
        went_at,
        form.evidence.data or "",
        form.witnesses.data or "",
    )
    try:
        made = _raise(ground, said)
    except Refused as refused:
        if refused.status in (403, 404):
            raise
        form.absorb(refused)
        return _page(ground, form, 422)
    flash(_("申诉已提出，会在期限内答复您。"), "success")
    return redirect(url_for("my_tickets.show", ticket_id=made))


def _raise(ground: Ground, said: Said) -> int:
    actor, at = current_actor(), now()
    if ground.record is None:
        return object_to_missing(actor, shift_id=ground.shift.id, said=said, at=at).id
    return object_to_record(actor, record_id=ground.record.id, said=said, at=at).id


@blueprint.get("/<int:ticket_id>")
@allows(Act.OWN_TICKETS)
def show(ticket_id: int) -> ResponseReturnValue:
    return _story(ticket_id, WordsForm(formdata=None))


def _story(ticket_id: int, form: WordsForm, status: int = 200) -> ResponseReturnValue:
    story = my_ticket(current_actor(), ticket_id, at=now())
    return render_template("me/tickets/show.html", story=story, form=form), status


@blueprint.post("/<int:ticket_id>/withdraw")
@allows(Act.OWN_TICKETS)
@commits
def withdraw(ticket_id: int) -> Response:
    withdraw_ticket(current_actor(), ticket_id=ticket_id, at=now())
    flash(_("已撤回，记录保持不变。"), "success")
    return redirect(url_for("my_tickets.show", ticket_id=ticket_id))


@blueprint.post("/<int:ticket_id>/appeal")
@allows(Act.OWN_TICKETS)
@commits
def appeal(ticket_id: int) -> ResponseReturnValue:
    form = WordsForm()
    form.validate()
    try:
        appeal_ticket(current_actor(), ticket_id=ticket_id, words=form.words.data or "", at=now())
    except Refused as refused:
        if refused.status in (403, 404):
            raise
        form.absorb(refused)
        return _story(ticket_id, form, 422)
    flash(_("已请上级再看，会在期限内答复您。"), "success")
    return redirect(url_for("my_tickets.show", ticket_id=ticket_id))
