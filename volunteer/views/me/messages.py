"""The own messages (通知): what happened, and the page where something can be done about it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from volunteer.domain.timekeeping import now
from volunteer.operations.messages import read_all as mark_all
from volunteer.operations.messages import read_message
from volunteer.queries.messages import my_messages
from volunteer.web.guard import current_actor, signed_in
from volunteer.web.work import commits

blueprint = Blueprint("messages", __name__, url_prefix="/messages")


@blueprint.get("")
@signed_in
def listing() -> str:
    at = now()
    page = my_messages(current_actor(), at=at, page=request.args.get("page", 1, type=int))
    return render_template("me/messages.html", at=at, page=page)


@blueprint.post("/<int:message_id>/open")
@signed_in
@commits
def follow(message_id: int) -> Response:
    message = read_message(current_actor(), message_id=message_id, at=now())
    return redirect(message.link or url_for("messages.listing"))


@blueprint.post("/read")
@signed_in
@commits
def read_all() -> Response:
    count = mark_all(current_actor(), at=now())
    flash(_("已将 %(count)s 条标为已读。", count=count), "success")
    return redirect(url_for("messages.listing"))
