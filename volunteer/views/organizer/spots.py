"""Spot checks on the leader's screen (现场抽查): a code to scan, a roll to call; and the leader's word about a person."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from volunteer.domain.access import Act, may
from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import now
from volunteer.domain.token import seconds_left, spot_code
from volunteer.operations.trust import carry_out, vouch_for
from volunteer.queries.onsite import Site, site_of, site_people
from volunteer.queries.trust.spots import SpotSeen, spot_of
from volunteer.render.qr import svg
from volunteer.web.errors import flash_refused
from volunteer.web.forms import BaseForm
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("spots", __name__, url_prefix="/onsite")


def _code(site: Site) -> dict[str, object]:
    at = now()
    text = spot_code(site.point.secret, site.shift.id, at)
    address = current_app.config["SETTINGS"].base_url + url_for("spot.land", token=text)
    return {
        "svg": svg(address, title=_("抽查码"), width=360, resilience="L"),
        "seconds": seconds_left(at),
        "refresh": url_for("spots.code", shift_id=site.shift.id),
    }


def _check(shift_id: int) -> tuple[Site, SpotSeen]:
    site = site_of(current_actor(), shift_id)
    found = spot_of(shift_id)
    if found is None:
        raise Refused("no_spot", _("本班次没有抽查。"), _("请返回现场页面。"), status=404)
    return site, found


@blueprint.get("/<int:shift_id>/spot")
@allows(Act.RUN_ONSITE, Act.VIEW_ATTENDANCE)
def check(shift_id: int) -> str:
    actor, at = current_actor(), now()
    site, found = _check(shift_id)
    runs = may(actor, Act.RUN_ONSITE, unit_id=site.activity.unit_id, shift_id=shift_id)
    is_open = runs and found.is_open(at)
    return render_template(
        "organizer/spot.html",
        site=site,
        found=found,
        is_open=is_open,
        code=_code(site) if is_open else None,
        people=site_people(shift_id, at=at),
        me=actor.volunteer_id,
        form=BaseForm(formdata=None),
    )


@blueprint.get("/<int:shift_id>/spot/code")
@allows(Act.RUN_ONSITE)
def code(shift_id: int) -> str:
    site = site_of(current_actor(), shift_id, act=Act.RUN_ONSITE)
    return render_template("organizer/spot_code.html", code=_code(site))


@blueprint.post("/<int:shift_id>/spot")
@allows(Act.RUN_ONSITE)
@commits
def call(shift_id: int) -> Response:
    ticked = [int(one) for one in request.form.getlist("people") if one.isdecimal()]
    try:
        rows = carry_out(current_actor(), shift_id=shift_id, found_ids=ticked, at=now())
    except Refused as refused:
        if refused.status in (403, 404):
            raise
        flash_refused(refused)
        return redirect(url_for("spots.check", shift_id=shift_id))
    missed = sum(not row.is_found for row in rows)
    flash(
        _(
            "抽查完成：见到 %(found)s 人，未见到 %(missed)s 人。",
            found=len(rows) - missed,
            missed=missed,
        ),
        "success",
    )
    return redirect(url_for("spots.check", shift_id=shift_id))


@blueprint.post("/<int:shift_id>/person/<int:volunteer_id>/vouch")
@allows(Act.RUN_ONSITE)
@commits
def vouch(shift_id: int, volunteer_id: int) -> Response:
    site_of(current_actor(), shift_id, act=Act.RUN_ONSITE)
    try:
        vouch_for(
            current_actor(),
            shift_id=shift_id,
            volunteer_id=volunteer_id,
            reason=request.form.get("reason", ""),
            at=now(),
        )
    except Refused as refused:
        if refused.status in (403, 404):
            raise
        flash_refused(refused)
    else:
        flash(_("已确认本人在场，您的名字会留在记录里。"), "success")
    return redirect(url_for("onsite.person", shift_id=shift_id, volunteer_id=volunteer_id))
