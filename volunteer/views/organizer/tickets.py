"""Objections at the desk (申诉办理): what waits and until when, one with its story, and the answer."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from volunteer.domain.access import Act
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import TicketLevel
from volunteer.domain.timekeeping import now
from volunteer.operations.tickets import (
    refuse_ticket,
    uphold_missing,
    uphold_times,
    uphold_void,
)
from volunteer.queries.tickets import TicketFilter, TicketStory, ticket_story, tickets_page
from volunteer.views.ticket_forms import AnswerForm, clock_times, version_seen
from volunteer.web.forms import page_asked, term_or_none
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("tickets", __name__, url_prefix="/tickets")

STANDS = (
    ("open", _l("待办理")),
    ("late", _l("已超期")),
    ("done", _l("已办完")),
    ("all", _l("全部")),
)


@blueprint.get("")
@allows(Act.VIEW_TICKETS)
def listing() -> str:
    stand = request.args.get("stand", "open")
    wanted = TicketFilter(
        q=request.args.get("q", "").strip()[:40],
        stand=stand if stand in dict(STANDS) else "open",
        level=term_or_none(TicketLevel, request.args.get("level")),
    )
    return render_template(
        "organizer/tickets/listing.html",
        found=tickets_page(current_actor(), wanted, at=now(), page=page_asked(request.args)),
        wanted=wanted,
        stands=STANDS,
        levels=TicketLevel,
    )


@blueprint.get("/<int:ticket_id>")
@allows(Act.VIEW_TICKETS)
def show(ticket_id: int) -> ResponseReturnValue:
    story = ticket_story(current_actor(), ticket_id, at=now())
    return _page(story, _form(story))


def _form(story: TicketStory) -> AnswerForm:
    ticket, shift = story.line.ticket, story.line.shift
    times = clock_times(ticket.wanted_in or shift.starts_at, ticket.wanted_out or shift.ends_at)
    return AnswerForm(formdata=None, data={**times, "version": ticket.version})


def _page(story: TicketStory, form: AnswerForm, status: int = 200) -> ResponseReturnValue:
    return render_template("organizer/tickets/show.html", story=story, form=form), status


@blueprint.post("/<int:ticket_id>/uphold")
@allows(Act.DECIDE_TICKETS)
@commits
def uphold(ticket_id: int) -> ResponseReturnValue:
    story = ticket_story(current_actor(), ticket_id, at=now())
    form = AnswerForm()
    if not form.validate():
        return _page(story, form, 422)
    try:
        _uphold(story, form)
    except Refused as refused:
        return _again(story, form, refused)
    done = (
        _("已同意，补录还要同班证明、上级审核和公示。")
        if story.record is None
        else _("已采纳，记录已更正，本人会收到通知。")
    )
    flash(done, "success")
    return redirect(url_for("tickets.show", ticket_id=ticket_id))


def _uphold(story: TicketStory, form: AnswerForm) -> None:
    actor, at, shift = current_actor(), now(), story.line.shift
    common: dict[str, Any] = {
        "ticket_id": story.line.ticket.id,
        "version": version_seen(form),
        "answer": form.answer.data or "",
        "at": at,
    }
    if story.record is not None and story.line.ticket.topic.value == "not_mine":
        uphold_void(actor, **common)
        return
    came_at, went_at = form.instants(shift.starts_at, shift.ends_at)
    if came_at is None or went_at is None:
        raise Refused("times_needed", _("请填写认定的到岗和离岗时间。"), field="came", status=422)
    act = uphold_missing if story.record is None else uphold_times
    act(actor, came_at=came_at, went_at=went_at, **common)


@blueprint.post("/<int:ticket_id>/refuse")
@allows(Act.DECIDE_TICKETS)
@commits
def refuse(ticket_id: int) -> ResponseReturnValue:
    story = ticket_story(current_actor(), ticket_id, at=now())
    form = AnswerForm()
    if not form.validate():
        return _page(story, form, 422)
    try:
        refuse_ticket(
            current_actor(),
            ticket_id=ticket_id,
            version=version_seen(form),
            answer=form.answer.data or "",
            at=now(),
        )
    except Refused as refused:
        return _again(story, form, refused)
    flash(_("已答复，本人会收到通知，可以请上级再看。"), "success")
    return redirect(url_for("tickets.show", ticket_id=ticket_id))


def _again(story: TicketStory, form: AnswerForm, refused: Refused) -> ResponseReturnValue:
    """What the form can put right stays in the form; what cannot is an answer of its own."""
    if refused.status in (403, 404) or refused.code in ("already_answered", "changed_meanwhile"):
        raise refused
    form.absorb(refused)
    return _page(story, form, 422)
