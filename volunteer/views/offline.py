"""Without a signal (离线): the door for what phones kept, what they may keep, and the two pages that open offline."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from volunteer.domain.access import Act
from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import now
from volunteer.operations.offline import MOST_ITEMS, check_room, receive
from volunteer.queries.deferred import Answer, answer_of
from volunteer.queries.kept import kept_duties, kept_roll
from volunteer.web.guard import allows, current_actor, open_to_all, signed_in
from volunteer.web.page import static_url
from volunteer.web.words import label
from volunteer.web.work import unit_of_work

blueprint = Blueprint("offline", __name__)

LARGEST_UPLOAD = 64 * 1024
SHELL = (
    "css/app.css",
    "vendor/htmx.min.js",
    "js/app.js",
    "js/queue.js",
    "js/offline.js",
    "js/offline-pages.js",
    "js/scan.js",
    "img/mark.svg",
    "img/chevron.svg",
)
NOBODY: dict[str, Any] = {
    "current_actor": None,
    "navigation": (),
    "tabs": (),
    "links": {},
    "unread_count": 0,
    "unit_name": "",
}
"""The pages that a phone keeps are the same for everybody: nothing of the person is in them."""


@blueprint.get("/offline/contact")
@signed_in
def contact() -> Response:
    actor, at = current_actor(), now()
    return jsonify(
        now=int(at.timestamp() * 1000),
        csrf=generate_csrf(),
        who=str(actor.account_id),
        duties=kept_duties(actor, at=at),
    )


@blueprint.get("/offline/roll/<int:shift_id>")
@allows(Act.RUN_ONSITE)
def roll(shift_id: int) -> Response:
    return jsonify(kept_roll(current_actor(), shift_id, at=now()))


@blueprint.post("/offline/items")
@signed_in
def take_in() -> ResponseReturnValue:
    if (request.content_length or 0) > LARGEST_UPLOAD:
        raise Refused("too_large", _("一次上传的内容太多。"), _("请分几次上传。"), status=413)
    sent = request.get_json(silent=True)
    items = sent.get("items") if isinstance(sent, dict) else None
    if not isinstance(items, list) or not 0 < len(items) <= MOST_ITEMS:
        raise Refused("no_items", _("没有可以上传的记录。"), _("请刷新页面后再试。"), status=422)
    at, results = now(), []
    with unit_of_work():
        actor = current_actor()
        check_room(actor, at=at)
        for item in items:
            results.append(_result(item, at))
    return jsonify(ok=True, now=int(at.timestamp() * 1000), results=results)


def _result(item: Any, at: datetime) -> dict[str, Any]:
    """What came of one item; one that ran into another is sent again by the phone."""
    nonce = item.get("nonce") if isinstance(item, dict) else None
    try:
        row = receive(current_actor(), item, device_id=current_user.device_id, at=at)
    except Refused as refused:
        return {"nonce": nonce, "state": "again", "words": refused.said(_)[0]}
    return {"nonce": nonce, **_told(answer_of(row))}


def _told(answer: Answer) -> dict[str, Any]:
    words = label(answer.state)
    if answer.problem is not None:
        words = _("%(state)s：%(why)s", state=words, why=label(answer.problem))
    return {"state": answer.state.value, "words": words, "clock": answer.clock}


@blueprint.get("/offline/duty")
@open_to_all
def duty_shell() -> str:
    """Open to all: an empty page that phones keep; what it shows lies in the phone alone."""
    return render_template("offline/duty.html", **NOBODY)


@blueprint.get("/offline/site")
@open_to_all
def site_shell() -> str:
    """Open to all: an empty page that phones keep; what it shows lies in the phone alone."""
    return render_template("offline/site.html", **NOBODY)


@blueprint.get("/service-worker.js")
@open_to_all
def worker() -> Response:
    """Open to all: the same few lines for everybody; they keep two empty pages and the files of the look."""
    files = [static_url(name) for name in SHELL]
    text = render_template("offline/worker.js", files=files, edition=_edition(files))
    response = make_response(text)
    response.headers["Content-Type"] = "text/javascript; charset=utf-8"
    response.headers["Cache-Control"] = "no-cache"
    return response


def _edition(files: list[str]) -> str:
    """A name for this set of files and of the two pages; a new one makes phones fetch them anew."""
    return "-".join(file.rpartition("=")[2] for file in files)[:200] + str(
        current_app.config["SETTINGS"].city_name
    )
