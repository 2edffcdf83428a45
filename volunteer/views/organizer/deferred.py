"""Deferred stamps at the desk (离线记录): what waits, what does not fit together, and a person's word on each."""

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from volunteer.domain.access import Act
from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import beijing, local_date, minutes_of, now
from volunteer.operations.offline import accept_deferred, decline_deferred, settle_conflict
from volunteer.queries.deferred import claimed_instant
from volunteer.queries.deferred_lists import (
    all_deferred,
    conflicts_within,
    open_counts,
    refused_deferred,
    waiting_deferred,
)
from volunteer.queries.onsite import site_of
from volunteer.web.errors import sent_back
from volunteer.web.forms import BaseForm, page_asked, text
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("deferred", __name__, url_prefix="/onsite/deferred")


class WordForm(BaseForm):
    """A person's word: the instant that was found true, and why."""

    said = text(_l("核实到的时间"), longest=5, required=False)
    reason = text(_l("原因"), longest=200, required=False)


@blueprint.get("")
@allows(Act.RUN_ONSITE, Act.VIEW_ATTENDANCE)
def waiting() -> str:
    actor = current_actor()
    return render_template(
        "organizer/deferred_waiting.html",
        found=waiting_deferred(actor, page=page_asked(request.args)),
        counts=open_counts(actor),
        form=WordForm(formdata=None),
        at=now(),
    )


@blueprint.get("/conflicts")
@allows(Act.RUN_ONSITE, Act.VIEW_ATTENDANCE)
def conflicts() -> str:
    actor = current_actor()
    seats, page, pages = conflicts_within(actor, page=page_asked(request.args))
    return render_template(
        "organizer/deferred_conflicts.html",
        seats=seats,
        page=page,
        pages=pages,
        counts=open_counts(actor),
        form=WordForm(formdata=None),
    )


@blueprint.get("/all")
@allows(Act.RUN_ONSITE, Act.VIEW_ATTENDANCE)
def everything() -> str:
    actor, refused = current_actor(), request.args.get("refused") == "1"
    page = page_asked(request.args)
    found = (
        refused_deferred(actor, at=now(), page=page)
        if refused
        else all_deferred(actor, at=now(), page=page)
    )
    return render_template(
        "organizer/deferred_all.html", found=found, refused=refused, counts=open_counts(actor)
    )


def _said(deferred_id: int) -> datetime | None:
    """The clock time that was typed, on the day that the stamp claims; none where it is the claimed minute."""
    typed = (WordForm().said.data or "").strip()
    claimed = claimed_instant(current_actor(), deferred_id)
    if not typed:
        return None
    try:
        said = beijing(local_date(claimed), minutes_of(typed))
    except ValueError:
        raise Refused(
            "bad_time", _("时间不对。"), _("请写成 07:30 这样。"), field="said", status=422
        ) from None
    return None if said == claimed.replace(second=0, microsecond=0) else said


@blueprint.post("/<int:deferred_id>/accept")
@allows(Act.RUN_ONSITE)
@commits
def accept(deferred_id: int) -> Response:
    try:
        accept_deferred(
            current_actor(),
            deferred_id=deferred_id,
            said=_said(deferred_id),
            reason=WordForm().reason.data or "",
            at=now(),
        )
    except Refused as refused:
        return sent_back(refused, url_for("deferred.waiting"))
    flash(_("已核实，结果已告诉本人。此前由人更正过的记录，时长保持不变。"), "success")
    return redirect(url_for("deferred.waiting"))


@blueprint.post("/<int:deferred_id>/decline")
@allows(Act.RUN_ONSITE)
@commits
def decline(deferred_id: int) -> Response:
    claimed_instant(current_actor(), deferred_id)
    reason = WordForm().reason.data or ""
    try:
        decline_deferred(current_actor(), deferred_id=deferred_id, reason=reason, at=now())
    except Refused as refused:
        return sent_back(refused, url_for("deferred.waiting"))
    flash(_("没有采信，原因已告诉本人。记录仍然保留。"), "success")
    return redirect(url_for("deferred.waiting"))


@blueprint.post("/seat/<int:shift_id>/<int:volunteer_id>")
@allows(Act.RUN_ONSITE)
@commits
def settle(shift_id: int, volunteer_id: int) -> Response:
    actor = current_actor()
    site_of(actor, shift_id, act=Act.RUN_ONSITE)
    listed = {int(one) for one in request.form.getlist("stamp") if one.isdecimal()}
    kept = {int(one) for one in request.form.getlist("keep") if one.isdecimal()}
    try:
        done = settle_conflict(
            actor,
            shift_id=shift_id,
            volunteer_id=volunteer_id,
            set_aside=sorted(listed - kept),
            reason=WordForm().reason.data or "",
            at=now(),
        )
    except Refused as refused:
        return sent_back(refused, url_for("deferred.conflicts"))
    words = _("已核对，%(n)s 条不采信。", n=done) if done else _("已核对，全部采信。")
    flash(words, "success")
    return redirect(url_for("deferred.conflicts"))
