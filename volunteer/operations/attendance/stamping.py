"""One stamp, from the gate to the row: judged, written once, told in the journal."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.attendance import Verdict, decide
from volunteer.domain.place import Fix, locate
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import AssignmentState, StampKind, Way
from volunteer.domain.timekeeping import clock_at
from volunteer.models.attendance import CheckIn
from volunteer.models.base import db
from volunteer.operations.journal import note, tell
from volunteer.queries.attendance import (
    Seat,
    hold_seat,
    others_on_device,
    seat_at,
    stamp_by_nonce,
)

CLOCK_TOLERANCE = timedelta(minutes=2)
"""How far a phone's clock may be off before the stamp says so."""


@dataclass(frozen=True, slots=True)
class Touch:
    """One tap on a device: its nonce, and what the device said of place and time."""

    nonce: str
    fix: Fix | None = None
    device_id: int | None = None
    claimed_at: datetime | None = None

    def of(self, volunteer_id: int) -> str:
        """The nonce of one person when a tap stamps several."""
        return f"{self.nonce}:{volunteer_id}"[:64]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which stamp is wanted, how it came about, and why the rules should yield, if they should.

    ``at`` is the instant that counts where it is not the server's own: a leader's word, with a reason.
    """

    kind: StampKind
    way: Way
    reason: str = ""
    at: datetime | None = None


def require_site(actor: Actor, seat: Seat) -> None:
    """Pass if the actor runs the site of this seat's shift."""
    require(actor, Act.RUN_ONSITE, unit_id=seat.activity.unit_id, shift_id=seat.shift.id)


def earlier(nonce: str, volunteer_id: int) -> CheckIn | None:
    """The stamp that this very tap made before; the same tap gets the same answer.

    Raises Refused ``bad_nonce`` when the nonce is another person's, or is none.
    """
    if not 8 <= len(nonce) <= 64:
        raise Refused("bad_nonce", "这个页面不完整。", "请重新扫码。", status=422)
    stamp = stamp_by_nonce(nonce)
    if stamp is not None and stamp.volunteer_id != volunteer_id:
        raise Refused("bad_nonce", "这个页面已被用过。", "请重新扫码。", status=422)
    return stamp


def make_stamp(
    actor: Actor | None, seat: Seat, wanted: Wanted, touch: Touch, *, nonce: str, at: datetime
) -> CheckIn:
    """Judge and write one stamp on a seat; a seat that was seen too early is looked at again.

    Two that come at once have the same number on the seat, and the database admits one: the other gets
    the answer that it would have got a moment later. Raises Refused as the gate does, ``not_assigned``
    where there is no seat.
    """
    hold_seat(seat.shift.id, seat.volunteer.id)
    fresh = seat_at(seat.shift.id, seat.volunteer.id, at=at, policy=seat.gate.policy)
    try:
        verdict = _judge(fresh, wanted, touch, at)
    except Refused:
        twin = earlier(nonce, seat.volunteer.id)  # the same tap, while this one waited
        if twin is not None:
            return twin
        raise
    try:
        with db.session.begin_nested():
            row = _row(actor, fresh, wanted, verdict, touch, nonce=nonce, at=at)
            db.session.add(row)
            db.session.flush()
    except IntegrityError:
        again = earlier(nonce, seat.volunteer.id)
        if again is not None:
            return again
        _judge(
            seat_at(seat.shift.id, seat.volunteer.id, at=at, policy=seat.gate.policy),
            wanted,
            touch,
            at,
        )
        raise Refused(
            "try_again", "刚才有另一次操作同时进行。", "请刷新页面查看最新状态。"
        ) from None
    _accept(fresh, verdict, at)
    _note(actor, fresh, row, at)
    return row


def _judge(seat: Seat, wanted: Wanted, touch: Touch, at: datetime) -> Verdict:
    fix = touch.fix if seat.may_locate else None
    verdict = decide(
        seat.gate,
        wanted.kind,
        wanted.at or at,
        way=wanted.way,
        whereabouts=locate(fix, seat.place, seat.point.radius_metres),
        forced_reason=wanted.reason,
    )
    if seat.assignment is None:
        raise Refused(
            "not_assigned", "您不在本班次的名单中。", "如临时到场帮忙，请带队将您加入本班次。"
        )
    return verdict


def _row(
    actor: Actor | None,
    seat: Seat,
    wanted: Wanted,
    verdict: Verdict,
    touch: Touch,
    *,
    nonce: str,
    at: datetime,
) -> CheckIn:
    assert seat.assignment is not None
    by = actor.account_id if actor else None
    values = stamp_values(wanted, verdict, touch, by=by, at=at)
    values["signals"] += _signals(actor, seat, wanted, touch, at)
    return CheckIn(
        assignment_id=seat.assignment.id,
        shift_id=seat.shift.id,
        volunteer_id=seat.volunteer.id,
        round=seat.next_round(wanted.kind),
        nonce=nonce,
        **values,
    )


def stamp_values(
    wanted: Wanted, verdict: Verdict, touch: Touch, *, by: int | None, at: datetime
) -> dict[str, Any]:
    """What a stamp says of itself: all columns but seat, round and nonce; ``by`` is the account that acts."""
    claimed = wanted.at if wanted.at is not None and wanted.at != at else touch.claimed_at
    is_failure = wanted.way is Way.SYSTEM_FAILURE
    signals = list(verdict.review)
    if touch.claimed_at is not None and abs(touch.claimed_at - at) > CLOCK_TOLERANCE:
        signals.append("clock_differs")
    return {
        "kind": wanted.kind,
        "at": verdict.stamp.at,
        "received_at": at,
        "claimed_at": claimed,
        "way": wanted.way,
        "grade": verdict.stamp.grade,
        "late_minutes": 0 if is_failure else verdict.late_minutes,
        "early_minutes": 0 if is_failure else verdict.early_minutes,
        "place_verdict": verdict.whereabouts.verdict,
        "distance_bucket": verdict.whereabouts.bucket,
        "accuracy_metres": verdict.whereabouts.accuracy_metres,
        "is_forced": verdict.is_forced or (wanted.at is not None and wanted.way is Way.ROLL_CALL),
        "signals": signals,
        "by_account_id": by,
        "device_id": touch.device_id,
        "reason": wanted.reason[:200],
    }


def _signals(
    actor: Actor | None, seat: Seat, wanted: Wanted, touch: Touch, at: datetime
) -> list[str]:
    """The signals that need a look at others' stamps; the express lane leaves such taps to this way."""
    is_own = actor is not None and actor.volunteer_id == seat.volunteer.id
    if (
        is_own
        and touch.device_id is not None
        and wanted.way in (Way.ROTATING_CODE, Way.POSTER_CODE)
        and others_on_device(
            seat.shift, device_id=touch.device_id, volunteer_id=seat.volunteer.id, at=at
        )
    ):
        return ["shared_device"]
    return []


def _accept(seat: Seat, verdict: Verdict, at: datetime) -> None:
    """Coming is a yes (《志愿服务条例》第二十五条: nobody is forced, so the yes must be theirs)."""
    assignment = seat.assignment
    assert assignment is not None
    came_anyway = verdict.is_forced and verdict.stamp.kind is StampKind.IN
    if assignment.state is not AssignmentState.ACCEPTED and (verdict.accepts or came_anyway):
        assignment.state = AssignmentState.ACCEPTED
        assignment.answered_at = at
        assignment.version += 1


def audit_words(name: str, stamp: Any) -> dict[str, Any]:
    """The act, sentence and details of a stamp's audit line, from a row or from the like values."""
    return {
        "act": "check_in" if stamp.kind is StampKind.IN else "check_out",
        "sentence": f"{name} {clock_at(stamp.at)} {stamp.kind.label}（{stamp.way.label}）",
        "after": {
            "way": stamp.way.value,
            "grade": stamp.grade.value,
            "at": stamp.at.isoformat(),
            "late_minutes": stamp.late_minutes,
            "early_minutes": stamp.early_minutes,
            "place": stamp.place_verdict.value,
            "signals": stamp.signals,
            "forced": stamp.is_forced,
        },
        "reason": stamp.reason,
    }


def _note(actor: Actor | None, seat: Seat, row: CheckIn, at: datetime) -> None:
    what = row.kind.label
    words = audit_words(seat.volunteer.name, row)
    act, sentence = words.pop("act"), words.pop("sentence")
    note(actor, act, row, sentence, at=at, unit_id=seat.activity.unit_id, **words)
    if actor is None or actor.volunteer_id != seat.volunteer.id:
        tell(
            topic="stamp",
            title=f"已为您{what} {clock_at(row.at)}",
            body=_told(row, seat),
            at=at,
            volunteer_id=seat.volunteer.id,
            link=f"/me/duties/{seat.shift.id}",
            dedupe=f"stamp:{row.id}",
        )


def _told(row: CheckIn, seat: Seat) -> str:
    place = seat.point.name
    if row.way is Way.AUTO_CLOSE:
        return f"您在{place}没有签退，已按计划 {clock_at(row.at)} 结束。如有出入，请联系带队或提出更正。"
    return f"{row.way.label}：{place} {clock_at(row.at)} {row.kind.label}。如不是您本人到岗，请联系组织者。"
