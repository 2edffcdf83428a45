"""The duty of recording (记录期限): activities whose records are due, overdue, or were done, by unit."""

from flask import Blueprint, render_template, request
from flask_babel import lazy_gettext as _l

from volunteer.domain.access import Act
from volunteer.domain.timekeeping import now
from volunteer.queries.recording import recordings_page
from volunteer.web.forms import page_asked
from volunteer.web.guard import allows, current_actor

blueprint = Blueprint("recording", __name__, url_prefix="/recording")

STANDS = (("open", _l("待记录")), ("late", _l("已超期")), ("done", _l("近三个月已记录")))


@blueprint.get("")
@allows(Act.VIEW_TICKETS)
def listing() -> str:
    stand = request.args.get("stand", "open")
    stand = stand if stand in dict(STANDS) else "open"
    q = request.args.get("q", "").strip()[:40]
    return render_template(
        "organizer/recording.html",
        found=recordings_page(
            current_actor(), at=now(), stand=stand, q=q, page=page_asked(request.args)
        ),
        stand=stand,
        stands=STANDS,
        q=q,
    )
