"""A person checks in or out (本人签到、签退) with a code that was seen on site."""

from datetime import datetime, timedelta

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.refusal import Refused
from volunteer.models.attendance import CheckIn
from volunteer.models.journal import AuditEntry
from volunteer.operations.attendance.stamping import Touch, Wanted, earlier, make_stamp
from volunteer.operations.attendance.traces import keep_trace
from volunteer.operations.journal import note
from volunteer.queries.journal import acts_since
from volunteer.queries.landing import Landing, landing_by_digits, landing_of

WRONG_DIGITS = 8
"""So many wrong figures in :data:`WITHIN` and the keypad rests; the code and the roll still work."""
WITHIN = timedelta(minutes=10)


def _myself(actor: Actor) -> int:
    require(actor, Act.OWN_STAMPS)
    assert actor.volunteer_id is not None, "only a volunteer holds this act"
    return actor.volunteer_id


def stamp_by_code(
    actor: Actor, *, text: str, touch: Touch, at: datetime, seen_at: datetime | None = None
) -> CheckIn:
    """Check in or out by a code on site; ``seen_at`` is when this device first opened it.

    The same nonce again gives the same stamp. Raises Refused as :func:`landing_of` and the gate do.
    """
    volunteer_id = _myself(actor)
    before = earlier(touch.nonce, volunteer_id)
    if before is not None:
        return before
    return _stamp(actor, landing_of(volunteer_id, text, at=at, seen_at=seen_at), touch, at)


def stamp_by_digits(actor: Actor, *, typed: str, touch: Touch, at: datetime) -> CheckIn:
    """Check in or out by the six figures beside the code.

    Raises Refused ``too_many_tries`` (429), ``wrong_digits``, ``no_duty_now``, or as the gate does.
    """
    volunteer_id = _myself(actor)
    before = earlier(touch.nonce, volunteer_id)
    if before is not None:
        return before
    wrong = acts_since(actor.account_id, "scan_refused:wrong_digits", since=at - WITHIN)
    if wrong >= WRONG_DIGITS:
        raise Refused(
            "too_many_tries",
            "数字输错的次数太多。",
            "请 10 分钟后再试，或扫描二维码，或请带队点名。",
            status=429,
            field="digits",
        )
    return _stamp(actor, landing_by_digits(volunteer_id, typed, at=at), touch, at)


def _stamp(actor: Actor, landing: Landing, touch: Touch, at: datetime) -> CheckIn:
    wanted = Wanted(kind=landing.kind, way=landing.way)
    row = make_stamp(actor, landing.seat, wanted, touch, nonce=touch.nonce, at=at)
    keep_trace(row, touch.fix, at=at)
    return row


def note_refused_scan(actor: Actor, refused: Refused, *, what: str, at: datetime) -> AuditEntry:
    """Log a scan that was refused, in a transaction of its own; the code itself is not kept."""
    return note(
        actor,
        f"scan_refused:{refused.code}"[:60],
        "check_in",
        f"{actor.name} {what}未成功：{refused.sentence}",
        at=at,
        unit_id=actor.unit_id,
        after={"code": refused.code},
    )
