"""What check-in is measured against, served beside the product; never part of it: ``granian tests.bench.plain:app``.

``/plain`` is the same endpoint as somebody writes it with Flask-Login, Flask-WTF and the ORM alone: one request,
one unit of work, row by row. ``/ordinary`` is the product's own way for taps that are not plain. ``/empty`` has
session, CSRF and form and does nothing: what Flask itself costs here.
"""

from datetime import timedelta

from flask import Blueprint, redirect, session, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from volunteer.domain.access import Act
from volunteer.domain.attendance import Gate, Stamp, decide
from volunteer.domain.place import LatLon, locate
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import AssignmentState, ConsentPurpose, Way
from volunteer.domain.timekeeping import Window, local_date, now
from volunteer.domain.token import read, verify
from volunteer.models.activities import Activity, Shift
from volunteer.models.attendance import CheckIn, StampCancellation
from volunteer.models.base import db
from volunteer.models.people import Consent, Volunteer
from volunteer.models.places import CheckPoint
from volunteer.models.rosters import Assignment
from volunteer.operations.journal import note
from volunteer.queries.policy import policy_on
from volunteer.views.me import scan
from volunteer.web.guard import allows, current_actor, open_to_all
from volunteer.web.work import commits
from wsgi import app

blueprint = Blueprint("plain", __name__)


@blueprint.post("/plain/<token>")
@allows(Act.OWN_STAMPS)
@commits
def plain(token: str) -> Response:
    form, actor, at = scan.StampForm(), current_actor(), now()
    form.validate()
    touch = form.touch()
    code = read(token)
    assert code.stamp is not None
    twin = db.session.scalar(select(CheckIn).where(CheckIn.nonce == touch.nonce))
    if twin is not None:
        return redirect(url_for("scan.done", stamp_id=twin.id))
    shift = db.session.get(Shift, code.subject)
    assert shift is not None
    point = db.session.get(CheckPoint, shift.point_id)
    activity = db.session.get(Activity, shift.activity_id)
    volunteer = db.session.get(Volunteer, actor.volunteer_id)
    assert point is not None
    assert activity is not None
    assert volunteer is not None
    verify(code, point.secret, at)
    seat = db.session.scalar(
        select(Assignment)
        .where(Assignment.shift_id == shift.id, Assignment.volunteer_id == volunteer.id)
        .with_for_update()
    )
    if seat is None:
        raise Refused("not_assigned", "您不在本班次的名单中。")
    stamps, elsewhere, pairs, made = _history(shift, volunteer.id, code.stamp, at)
    gate = Gate(
        window=Window(shift.starts_at, shift.ends_at),
        shift_state=shift.state,
        assignment=seat.state,
        cancel_cause=shift.cancel_cause or seat.cancel_cause,
        stamps=tuple(stamps),
        elsewhere=elsewhere,
        pairs_today=pairs,
        policy=policy_on(local_date(at)),
    )
    agreed = db.session.scalar(
        select(func.count(Consent.id)).where(
            Consent.volunteer_id == volunteer.id,
            Consent.purpose == ConsentPurpose.LOCATION,
            Consent.withdrawn_at.is_(None),
        )
    )
    place = None if point.lat is None or point.lon is None else LatLon(point.lat, point.lon)
    where = locate(touch.fix if agreed else None, place, point.radius_metres)
    verdict = decide(gate, code.stamp, at, way=Way.ROTATING_CODE, whereabouts=where)
    row = CheckIn(
        assignment_id=seat.id,
        shift_id=shift.id,
        volunteer_id=volunteer.id,
        kind=code.stamp,
        round=made + 1,
        at=at,
        received_at=at,
        claimed_at=touch.claimed_at,
        way=Way.ROTATING_CODE,
        grade=verdict.stamp.grade,
        nonce=touch.nonce,
        late_minutes=verdict.late_minutes,
        early_minutes=verdict.early_minutes,
        place_verdict=verdict.whereabouts.verdict,
        distance_bucket=verdict.whereabouts.bucket,
        accuracy_metres=verdict.whereabouts.accuracy_metres,
        signals=list(verdict.review),
        by_account_id=actor.account_id,
        device_id=touch.device_id,
    )
    db.session.add(row)
    if verdict.accepts:
        seat.state, seat.answered_at = AssignmentState.ACCEPTED, at
        seat.version += 1
    db.session.flush()
    after = {"way": row.way.value, "grade": row.grade.value, "late_minutes": row.late_minutes}
    sentence = f"{volunteer.name} {row.kind.label}（{row.way.label}）"
    note(actor, "check_in", row, sentence, at=at, unit_id=activity.unit_id, after=after)
    return redirect(url_for("scan.done", stamp_id=row.id))


def _history(shift, volunteer_id, kind, at):  # type: ignore[no-untyped-def]
    """The person's stamps here, an open shift elsewhere, pairs of the day, stamps of this kind ever made."""
    stamps, pairs, made, open_at = [], 0, 0, {}
    rows = db.session.scalars(
        select(CheckIn)
        .where(CheckIn.volunteer_id == volunteer_id, CheckIn.at >= at - timedelta(hours=36))
        .order_by(CheckIn.at)
    ).all()
    for row in rows:
        if row.shift_id == shift.id and row.kind is kind:
            made += 1
        if db.session.get(StampCancellation, row.id) is not None:
            continue
        if row.shift_id == shift.id:
            stamps.append(Stamp(row.kind, row.at, row.way, row.place_verdict))
            continue
        open_at[row.shift_id] = row.kind.value == "in"
        other = db.session.get(Shift, row.shift_id)
        if row.kind.value == "out" and other.activity_id == shift.activity_id:
            pairs += 1
    elsewhere = None
    for shift_id, is_open in open_at.items():
        if is_open:
            other = db.session.get(Shift, shift_id)
            elsewhere = Window(other.starts_at, other.ends_at)
    pairs += sum(1 for stamp in stamps if stamp.kind.value == "out")
    return stamps, elsewhere, pairs, made


@blueprint.post("/ordinary/<token>")
@allows(Act.OWN_STAMPS)
def ordinary(token: str) -> Response:
    return scan.stamp(token)


@blueprint.post("/empty/<token>")
@open_to_all
def empty(token: str) -> Response:
    form = scan.StampForm()
    assert form.validate()
    assert session["_user_id"]
    return redirect(f"/scan/done/{len(token)}")


app.register_blueprint(blueprint)
