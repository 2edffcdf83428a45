"""Scanning (扫码签到): the page behind a code shows the right duty and one large button; only the button acts."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime

from flask import (
    Blueprint,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import FloatField, HiddenField, IntegerField
from wtforms.validators import NumberRange, Optional
from wtforms.widgets import HiddenInput

from volunteer.domain.access import Act
from volunteer.domain.attendance import decide
from volunteer.domain.digits import personal_digits
from volunteer.domain.place import Fix, LatLon
from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import now
from volunteer.domain.token import personal_code
from volunteer.operations.attendance import (
    TapWriter,
    Touch,
    keys_of,
    note_refused_scan,
    stamp_by_code,
    stamp_by_digits,
    tap_of,
    undo_own_stamp,
)
from volunteer.queries.attendance import secret_of_person
from volunteer.queries.duties import duty_card, next_duty
from volunteer.queries.landing import landing_of, trusted_code
from volunteer.queries.stamps import own_stamp
from volunteer.render.qr import svg
from volunteer.web.forms import BaseForm, text
from volunteer.web.guard import actor_or_none, allows, current_actor, express, open_to_all
from volunteer.web.intake import written
from volunteer.web.seen_code import keep_seen, seen_at
from volunteer.web.work import commits, unit_of_work

blueprint = Blueprint("scan", __name__)


def _hidden_number(low: float, high: float) -> FloatField:
    return FloatField(widget=HiddenInput(), validators=[Optional(), NumberRange(low, high)])


class StampForm(BaseForm):
    """One tap: its nonce, and what the phone says of place and time, if it says anything."""

    nonce = HiddenField(default=lambda: secrets.token_urlsafe(16))
    lat = _hidden_number(-90, 90)
    lon = _hidden_number(-180, 180)
    accuracy = _hidden_number(0, 100_000)
    phone_clock = IntegerField(widget=HiddenInput(), validators=[Optional(), NumberRange(0, 2**33)])

    def touch(self) -> Touch:
        """What the operations take of it; a place that makes no sense is no place."""
        good = not (self.lat.errors or self.lon.errors or self.accuracy.errors)
        fix = None
        if good and None not in (self.lat.data, self.lon.data, self.accuracy.data):
            fix = Fix(LatLon(self.lat.data, self.lon.data), self.accuracy.data)
        clock = None if self.phone_clock.errors else self.phone_clock.data
        return Touch(
            nonce=self.nonce.data or "",
            fix=fix,
            device_id=current_user.device_id,
            claimed_at=datetime.fromtimestamp(clock, UTC) if clock else None,
        )


def _in_range(typed: str, low: float, high: float) -> float | None:
    try:
        value = float(typed)
    except ValueError:
        return None
    return value if low <= value <= high else None


def typed_touch(form: Mapping[str, str]) -> Touch:
    """What :meth:`StampForm.touch` takes, without a form around it; the device is known by the session."""
    fix = claimed = None
    lat, lon = form.get("lat", ""), form.get("lon", "")
    if lat and lon:
        place = (_in_range(lat, -90, 90), _in_range(lon, -180, 180))
        accuracy = _in_range(form.get("accuracy", ""), 0, 100_000)
        if place[0] is not None and place[1] is not None and accuracy is not None:
            fix = Fix(LatLon(place[0], place[1]), accuracy)
    clock = form.get("phone_clock", "")
    if clock.isdecimal() and 0 < int(clock) <= 2**33:
        claimed = datetime.fromtimestamp(int(clock), UTC)
    return Touch(nonce=form.get("nonce", ""), fix=fix, claimed_at=claimed)


class DigitsForm(StampForm):
    """The same by six figures."""

    digits = text(_l("屏幕上的六位数字"), longest=20)


@blueprint.get("/scan")
@allows(Act.OWN_STAMPS)
def open_scanner() -> str:
    at = now()
    card = next_duty(current_actor(), at=at)
    return render_template("me/scan.html", at=at, duty=card, form=DigitsForm())


@blueprint.post("/scan/digits")
@allows(Act.OWN_STAMPS)
def by_digits() -> Response | tuple[str, int]:
    form, actor, at = DigitsForm(), current_actor(), now()
    form.validate()
    try:
        with unit_of_work():
            stamp = stamp_by_digits(actor, typed=form.digits.data or "", touch=form.touch(), at=at)
    except Refused as refused:
        _log(refused, _("输入数字"))
        form.absorb(refused)
        card = next_duty(actor, at=at)
        page = render_template("me/scan.html", at=at, duty=card, form=form)
        return page, refused.status if refused.status == 429 else 422
    return redirect(url_for("scan.done", stamp_id=stamp.id))


@blueprint.get("/c/<token>")
@open_to_all
def land(token: str) -> Response:
    """Open to all: whoever scans with a phone's own scanner arrives here first and is led to sign in."""
    at = now()
    actor = actor_or_none()
    seen = seen_at(token)
    try:
        code = trusted_code(token, at=at, seen_at=seen)
    except Refused as refused:
        return _refused_page(refused)
    if actor is None or current_user.must_change_password:
        onward = redirect(url_for("signin.sign_in", next=url_for("scan.land", token=token)))
        return onward if seen else keep_seen(onward, token)
    if code.is_personal:
        return _personal(token, code.subject)
    if actor.volunteer_id is None:
        return _refused_page(
            Refused(
                "no_volunteer",
                _("这个账号不是志愿者账号，不能签到。"),
                _("请用志愿者本人的账号登录后再扫码。"),
            )
        )
    page = _landing_page(token, at, seen)
    return page if seen else keep_seen(page, token)


def _personal(token: str, volunteer_id: int) -> Response:
    actor = current_actor()
    if actor.volunteer_id == volunteer_id:
        return redirect(url_for("scan.my_code"))
    return keep_seen(redirect(url_for("onsite.scanned", token=token)), token)


def _landing_page(token: str, at: datetime, seen: datetime | None) -> Response:
    actor = current_actor()
    try:
        landing = landing_of(actor.volunteer_id or 0, token, at=at, seen_at=seen)
    except Refused as refused:
        return _refused_page(refused)
    verdict, no = None, None
    try:
        verdict = decide(landing.seat.gate, landing.kind, at, way=landing.way)
    except Refused as refused:
        no = refused
    page = render_template(
        "me/land.html",
        at=at,
        token=token,
        landing=landing,
        verdict=verdict,
        no=no,
        form=StampForm(),
    )
    return make_response(page)


def _stamp_at_once(token: str) -> Response | None:
    """The express lane: a plain tap is stamped without the page's machinery; None leaves it to :func:`stamp`."""
    signed_in_by = session.get("_user_id")
    if signed_in_by is None:
        return None
    tap = tap_of(
        signed_in_by, token, typed_touch(request.form), at=now(), request_id=g.get("request_id", "")
    )
    made = written(TapWriter, tap, keys=keys_of) if tap is not None else None
    return None if made is None else _stamped(made)


def _stamped(stamp_id: int) -> Response:
    """On to the page of the stamp: the same bytes whichever way the stamp was made."""
    return Response(status=302, headers={"Location": f"/scan/done/{stamp_id}"})


@blueprint.post("/c/<token>")
@allows(Act.OWN_STAMPS)
@express(_stamp_at_once)
def stamp(token: str) -> Response:
    form, at = StampForm(), now()
    form.validate()
    try:
        with unit_of_work():
            row = stamp_by_code(
                current_actor(), text=token, touch=form.touch(), at=at, seen_at=seen_at(token)
            )
    except Refused as refused:
        _log(refused, _("扫码"))
        return _refused_page(refused, nonce=form.nonce.data or "")
    return _stamped(row.id)


def _log(refused: Refused, what: str) -> None:
    with unit_of_work():
        note_refused_scan(current_actor(), refused, what=what, at=now())


def _refused_page(refused: Refused, nonce: str = "") -> Response:
    actor, at = actor_or_none(), now()
    card = next_duty(actor, at=at) if actor and actor.volunteer_id else None
    page = render_template("me/scan_refused.html", at=at, refused=refused, duty=card, nonce=nonce)
    return make_response(page, refused.status)


@blueprint.get("/scan/done/<int:stamp_id>")
@allows(Act.OWN_STAMPS)
def done(stamp_id: int) -> str:
    at = now()
    row = own_stamp(current_actor(), stamp_id)
    card = duty_card(current_actor(), row.shift_id, at=at)
    return render_template("me/stamped.html", at=at, stamp=row, duty=card, form=BaseForm())


@blueprint.post("/scan/done/<int:stamp_id>/undo")
@allows(Act.OWN_STAMPS)
@commits
def undo(stamp_id: int) -> Response:
    undo_own_stamp(current_actor(), stamp_id=stamp_id, at=now())
    flash(_("已撤销刚才的操作。"), "success")
    return redirect(url_for("me.home"))


@blueprint.get("/scan/my-code")
@allows(Act.OWN_STAMPS)
def my_code() -> str:
    actor, at = current_actor(), now()
    volunteer_id = actor.volunteer_id or 0
    secret = secret_of_person(volunteer_id) or b""
    base = current_app.config["SETTINGS"].base_url
    address = base + url_for("scan.land", token=personal_code(secret, volunteer_id, at))
    return render_template(
        "me/my_code.html",
        at=at,
        code=svg(address, title=_("我的二维码，请带队扫描"), width=280),
        digits=personal_digits(secret, volunteer_id, at),
        duty=next_duty(actor, at=at),
    )
