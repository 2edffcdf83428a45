"""The recap of the month (上月服务小结): are these right? One tap for yes, one for an objection."""

from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from volunteer.domain.access import Act
from volunteer.domain.timekeeping import local_date, now
from volunteer.operations.recap import confirm_month, confirm_record
from volunteer.queries.recap import last_month, my_recap
from volunteer.queries.records import record_story
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("recap", __name__, url_prefix="/me/recap")


def _month(text: str) -> date:
    """The month of an address such as ``2026-10``."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        abort(404)
    return first if 2000 <= first.year <= 2100 else abort(404)


@blueprint.get("")
@allows(Act.OWN_HOURS)
def newest() -> Response:
    return redirect(url_for("recap.show", month=f"{last_month(local_date(now())):%Y-%m}"))


@blueprint.get("/<month>")
@allows(Act.OWN_HOURS)
def show(month: str) -> str:
    recap = my_recap(current_actor(), _month(month), at=now())
    return render_template("me/recap.html", recap=recap)


@blueprint.post("/<month>/confirm")
@allows(Act.OWN_HOURS)
@commits
def confirm_all(month: str) -> Response:
    count = confirm_month(current_actor(), _month(month), at=now())
    flash(_("谢谢您，%(n)s 条记录已确认。", n=count), "success")
    return redirect(url_for("recap.show", month=month))


@blueprint.post("/records/<int:record_id>/confirm")
@allows(Act.OWN_HOURS)
@commits
def confirm(record_id: int) -> Response:
    record = record_story(current_actor(), record_id, act=Act.OWN_HOURS).record
    confirm_record(current_actor(), record_id=record_id, at=now())
    flash(_("谢谢您，这条记录已确认。"), "success")
    return redirect(url_for("recap.show", month=f"{record.service_on:%Y-%m}"))
