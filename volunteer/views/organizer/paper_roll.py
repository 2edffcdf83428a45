"""The roll called afterwards (事后点名): a list on paper, entered when the network is back."""

import secrets
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import HiddenField

from volunteer.domain.access import Act
from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import beijing, local_date, minutes_of, now
from volunteer.operations.attendance import PaperLine, Touch, call_paper_roll
from volunteer.queries.onsite import Site, site_of, site_people
from volunteer.web.errors import sent_back
from volunteer.web.forms import BaseForm, text
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("paper_roll", __name__, url_prefix="/onsite")


class PaperForm(BaseForm):
    """Why the roll is called only now, and the nonce of the page."""

    reason = text(_l("原因"), longest=200, required=False)
    nonce = HiddenField(default=lambda: secrets.token_urlsafe(12))


@blueprint.get("/<int:shift_id>/paper")
@allows(Act.RUN_ONSITE)
def paper(shift_id: int) -> str:
    at = now()
    site = site_of(current_actor(), shift_id, act=Act.RUN_ONSITE)
    return render_template(
        "organizer/paper_roll.html",
        at=at,
        site=site,
        people=site_people(shift_id, at=at),
        form=PaperForm(formdata=None),
    )


def _instant(site: Site, name: str) -> datetime | None:
    """A clock time of the list, on the day of the shift; one before its start is of the next day if the shift runs over."""
    typed = request.form.get(name, "").strip()
    if not typed:
        return None
    on = local_date(site.shift.starts_at)
    try:
        found = beijing(on, minutes_of(typed))
    except ValueError:
        raise Refused("bad_time", _("时间不对。"), _("请写成 07:30 这样。"), status=422) from None
    runs_over = local_date(site.shift.ends_at) > on
    return beijing(on, minutes_of(typed) + 1440) if runs_over and minutes_of(typed) < 720 else found


def _lines(site: Site) -> list[PaperLine]:
    lines = []
    for one in request.form.getlist("people"):
        if one.isdecimal():
            came = _instant(site, f"came-{one}") or site.shift.starts_at
            lines.append(PaperLine(int(one), came, _instant(site, f"went-{one}")))
    return lines


@blueprint.post("/<int:shift_id>/paper")
@allows(Act.RUN_ONSITE)
@commits
def enter(shift_id: int) -> Response:
    actor, form = current_actor(), PaperForm()
    site = site_of(actor, shift_id, act=Act.RUN_ONSITE)
    try:
        done = call_paper_roll(
            actor,
            shift_id=shift_id,
            lines=_lines(site),
            reason=form.reason.data or "",
            touch=Touch(nonce=form.nonce.data or ""),
            at=now(),
        )
    except Refused as refused:
        return sent_back(refused, url_for("paper_roll.paper", shift_id=shift_id))
    if done.done:
        flash(_("事后点名：%(n)s 次签到签退已登记。", n=len(done.done)), "success")
    for name, no in done.refused:
        flash(_("%(name)s：%(words)s", name=name, words="".join(no.said(_))), "warning")
    return redirect(url_for("onsite.shift", shift_id=shift_id))
