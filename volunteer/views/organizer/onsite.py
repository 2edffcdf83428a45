"""The site (现场): today's shifts, and the leader's screen of one - the code, who is here, and what is left to do."""

import secrets
from datetime import date, datetime, timedelta

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from volunteer.domain.access import Act, Actor, may
from volunteer.domain.attendance import decide, next_kind
from volunteer.domain.digits import shift_digits
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import ShiftState, StampKind, Way
from volunteer.domain.timekeeping import local_date, now
from volunteer.domain.token import rotating_code, seconds_left
from volunteer.queries.attendance import seat_at
from volunteer.queries.deferred_lists import open_counts
from volunteer.queries.landing import person_of_code, way_of_person_code
from volunteer.queries.onsite import (
    Site,
    addable_people,
    notes_of,
    site_of,
    site_people,
    sites_for,
)
from volunteer.queries.sites import PAGE, sites_on
from volunteer.queries.stamps import stamps_of
from volunteer.queries.trust.doubts import doubted_on, doubts_of, vouched_on
from volunteer.queries.trust.spots import spot_of
from volunteer.render.qr import svg
from volunteer.web.forms import BaseForm, text
from volunteer.web.guard import allows, current_actor
from volunteer.web.seen_code import seen_at
from volunteer.web.words import label

blueprint = Blueprint("onsite", __name__, url_prefix="/onsite")

AHEAD_SECONDS = 5
"""The screen shows the code of five seconds from now, so that a slow phone still brings it in time."""
NEARLY_OVER_SECONDS = 300


class ActForm(BaseForm):
    """A reason and a nonce: what every act on site carries."""

    reason = text(_l("原因"), longest=200, required=False)
    nonce = HiddenField(default=lambda: secrets.token_urlsafe(12))


class ScanForm(ActForm):
    """A person's code: its text, or its six figures."""

    scanned = text(_l("志愿者手机上的六位数字"), longest=200)


def _day(today: date) -> date:
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return today


@blueprint.get("")
@allows(Act.RUN_ONSITE, Act.VIEW_ATTENDANCE)
def today() -> str:
    at = now()
    on = _day(local_date(at))
    page = max(1, request.args.get("page", 1, type=int))
    found = sites_on(current_actor(), on, q=request.args.get("q", "").strip(), page=page)
    return render_template(
        "organizer/onsite_today.html",
        at=at,
        on=on,
        today=local_date(at),
        before=on - timedelta(days=1),
        after=on + timedelta(days=1),
        found=found,
        deferred=open_counts(current_actor()),
        page=page,
        pages=max(1, -(-found.total // PAGE)),
    )


def _kind(site: Site, at: datetime) -> StampKind:
    """The code asked for, else the one that is likely wanted: out in the last minutes."""
    asked = request.args.get("kind", "")
    if asked in ("in", "out"):
        return StampKind.OUT if asked == "out" else StampKind.IN
    left = (site.shift.ends_at - at).total_seconds()
    return StampKind.OUT if left <= NEARLY_OVER_SECONDS else StampKind.IN


def _code(site: Site, kind: StampKind, at: datetime) -> dict[str, object]:
    """The code of this moment as a picture and as figures."""
    ahead = datetime.fromtimestamp(at.timestamp() + AHEAD_SECONDS, at.tzinfo)
    text = rotating_code(site.point.secret, site.shift.id, kind, ahead)
    address = current_app.config["SETTINGS"].base_url + url_for("scan.land", token=text)
    digits = shift_digits(site.point.secret, site.shift.id, kind, at)
    return {
        "kind": kind,
        "svg": svg(address, title=label(kind), width=420, resilience="L"),
        "digits": f"{digits[:3]} {digits[3:]}",
        "seconds": seconds_left(ahead),
        "refresh": url_for("onsite.code", shift_id=site.shift.id, kind=kind.value),
    }


def _runs(actor: Actor, site: Site) -> bool:
    return may(actor, Act.RUN_ONSITE, unit_id=site.activity.unit_id, shift_id=site.shift.id)


@blueprint.get("/<int:shift_id>")
@allows(Act.RUN_ONSITE, Act.VIEW_ATTENDANCE)
def shift(shift_id: int) -> str:
    actor, at = current_actor(), now()
    site = site_of(actor, shift_id)
    runs = _runs(actor, site) and site.shift.state is ShiftState.PUBLISHED
    kind = _kind(site, at)
    return render_template(
        "organizer/onsite_shift.html",
        at=at,
        site=site,
        runs=runs,
        kind=kind,
        code=_code(site, kind, at) if runs else None,
        people=site_people(shift_id, at=at),
        may_settle=may(actor, Act.SETTLE, unit_id=site.activity.unit_id),
        spot=spot_of(shift_id),
        doubted=doubted_on(shift_id, at=at),
        form=ScanForm(formdata=None),
    )


@blueprint.get("/<int:shift_id>/code")
@allows(Act.RUN_ONSITE)
def code(shift_id: int) -> str:
    at = now()
    site = site_of(current_actor(), shift_id, act=Act.RUN_ONSITE)
    return render_template("organizer/onsite_code.html", code=_code(site, _kind(site, at), at))


@blueprint.get("/<int:shift_id>/people")
@allows(Act.RUN_ONSITE, Act.VIEW_ATTENDANCE)
def people(shift_id: int) -> str:
    actor, at = current_actor(), now()
    site = site_of(actor, shift_id)
    return render_template(
        "organizer/onsite_people.html",
        at=at,
        site=site,
        runs=_runs(actor, site) and site.shift.state is ShiftState.PUBLISHED,
        kind=_kind(site, at),
        people=site_people(shift_id, at=at),
        form=ActForm(formdata=None),
    )


@blueprint.get("/<int:shift_id>/person/<int:volunteer_id>")
@allows(Act.RUN_ONSITE, Act.VIEW_ATTENDANCE)
def person(shift_id: int, volunteer_id: int) -> str:
    actor, at = current_actor(), now()
    site = site_of(actor, shift_id)
    seat = seat_at(shift_id, volunteer_id, at=at)
    if seat.assignment is None:
        raise Refused("not_found", _("这个人不在本班次的名单中。"), status=404)
    return render_template(
        "organizer/onsite_person.html",
        at=at,
        site=site,
        seat=seat,
        noted=notes_of(shift_id).get(seat.assignment.id),
        line=next(
            (p for p in site_people(shift_id, at=at) if p.seat.volunteer.id == volunteer_id), None
        ),
        stamps=stamps_of(seat.assignment.id),
        next_kind=next_kind(seat.gate),
        runs=_runs(actor, site) and site.shift.state is ShiftState.PUBLISHED,
        is_self=actor.volunteer_id == volunteer_id,
        doubts=doubts_of(shift_id, [seat]).get(volunteer_id, ()),
        is_vouched=volunteer_id in vouched_on(shift_id),
        form=ActForm(formdata=None),
    )


@blueprint.get("/<int:shift_id>/add")
@allows(Act.RUN_ONSITE)
def add(shift_id: int) -> str:
    actor = current_actor()
    site = site_of(actor, shift_id, act=Act.RUN_ONSITE)
    q = request.args.get("q", "").strip()
    found = addable_people(actor, shift_id, q=q) if q else []
    return render_template(
        "organizer/onsite_add.html", site=site, q=q, found=found, form=ActForm(formdata=None)
    )


@blueprint.get("/scanned/<token>")
@allows(Act.RUN_ONSITE)
def scanned(token: str) -> ResponseReturnValue:
    actor, at = current_actor(), now()
    volunteer_id = person_of_code(token, at=at, seen_at=seen_at(token))
    choices, way = [], way_of_person_code(actor, token)
    for site in sites_for(actor, volunteer_id, at=at)[:3]:
        seat = seat_at(site.shift.id, volunteer_id, at=at)
        choices.append((site, seat, next_kind(seat.gate), _why_not(seat, way, at)))
    return render_template(
        "organizer/onsite_scanned.html",
        at=at,
        token=token,
        choices=choices,
        form=ActForm(formdata=None),
    )


def _why_not(seat: object, way: Way, at: datetime) -> Refused | None:
    """What stands against the next stamp of a seat, if anything."""
    gate = seat.gate  # type: ignore[attr-defined]
    try:
        decide(gate, next_kind(gate), at, way=way)
    except Refused as refused:
        return refused
    return None
