"""Answering a spot check (应答抽查): the page behind the code in the middle of a shift, with one button."""

from flask import Blueprint, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from volunteer.domain.access import Act
from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import now
from volunteer.operations.trust import show_up
from volunteer.operations.trust.spots import shift_of_code
from volunteer.queries.duties import duty_card
from volunteer.web.forms import BaseForm
from volunteer.web.guard import actor_or_none, allows, current_actor, open_to_all
from volunteer.web.seen_code import keep_seen, seen_at
from volunteer.web.work import commits

blueprint = Blueprint("spot", __name__, url_prefix="/spot")


def _page(token: str, *, refused: Refused | None = None, is_done: bool = False) -> Response:
    page = render_template(
        "me/spot.html", token=token, refused=refused, is_done=is_done, form=BaseForm(formdata=None)
    )
    return make_response(page, refused.status if refused else 200)


@blueprint.get("/<token>")
@open_to_all
def land(token: str) -> Response:
    """Open to all: whoever scans arrives here first and is led to sign in."""
    seen = seen_at(token)
    try:
        shift_id = shift_of_code(token, at=now(), seen_at=seen)
    except Refused as refused:
        return _page(token, refused=refused)
    actor = actor_or_none()
    if actor is None:
        onward = redirect(url_for("signin.sign_in", next=url_for("spot.land", token=token)))
        return onward if seen else keep_seen(onward, token)
    if actor.volunteer_id is not None:
        duty_card(actor, shift_id, at=now())
    page = _page(token)
    return page if seen else keep_seen(page, token)


@blueprint.post("/<token>")
@allows(Act.OWN_STAMPS)
@commits
def answer(token: str) -> Response:
    try:
        show_up(current_actor(), text=token, at=now(), seen_at=seen_at(token))
    except Refused as refused:
        return _page(token, refused=refused)
    return _page(token, is_done=True)
