"""The leader on site (现场): scans a person's code, calls the roll, forces with a reason, declares a failure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from volunteer.domain.access import Actor, require_other
from volunteer.domain.attendance import next_kind
from volunteer.domain.duty import NEARLY_OVER
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import StampKind, Way
from volunteer.models.attendance import CheckIn
from volunteer.operations.attendance.stamping import (
    Touch,
    Wanted,
    earlier,
    make_stamp,
    require_site,
)
from volunteer.operations.journal import note
from volunteer.queries.attendance import Seat, seat_at, seats_at
from volunteer.queries.landing import person_of_code, person_of_digits, way_of_person_code
from volunteer.queries.onsite import personal_secrets

BACKDATED = timedelta(minutes=5)
"""A leader's word for an instant further back than this needs a reason."""


@dataclass(frozen=True, slots=True)
class RollCall:
    """What came of a roll-call: stamps made, and who could not be stamped, with the reason."""

    done: tuple[CheckIn, ...]
    refused: tuple[tuple[str, Refused], ...]


def needs_reason(reason: str) -> str:
    """The reason, tidied.

    Raises Refused ``reason_needed``.
    """
    if len(reason.strip()) < 2:
        raise Refused(
            "reason_needed",
            "请写明原因。",
            "例如：手机没电、网络不通、带队确认到岗。",
            field="reason",
            status=422,
        )
    return reason.strip()


def stamp_scanned(
    actor: Actor,
    *,
    shift_id: int,
    scanned: str,
    touch: Touch,
    at: datetime,
    seen_at: datetime | None = None,
    meant: StampKind | None = None,
) -> CheckIn:
    """Check a person in or out by the own code on their phone or paper card: its text, or the phone's figures.

    ``meant`` is what the leader's screen was set to; without it, and in the last minutes, the stamp that comes
    next for the person is made. So a person scanned twice is not sent off again. Raises Refused ``bad_code``,
    ``old_code``, ``old_card``, ``not_a_person``, ``wrong_digits``, ``own_case``, or as the gate does.
    """
    way = Way.PERSONAL_CODE
    if scanned.replace(" ", "").isdecimal():
        volunteer_id = person_of_digits(personal_secrets(actor, shift_id), scanned, at=at)
    else:
        volunteer_id = person_of_code(scanned, at=at, seen_at=seen_at)
        way = way_of_person_code(actor, scanned)
    seat = seat_at(shift_id, volunteer_id, at=at)
    require_site(actor, seat)
    require_other(actor, volunteer_id)
    before = earlier(touch.nonce, volunteer_id)
    if before is not None:
        return before
    is_ending = at >= seat.gate.window.ends_at - NEARLY_OVER
    kind = next_kind(seat.gate) if meant is None or is_ending else meant
    return make_stamp(actor, seat, Wanted(kind=kind, way=way), touch, nonce=touch.nonce, at=at)


def call_roll(
    actor: Actor,
    *,
    shift_id: int,
    volunteer_ids: list[int],
    kind: StampKind,
    touch: Touch,
    at: datetime,
) -> RollCall:
    """Check the ticked people in or out by the leader's word; who cannot be is named, the rest are done.

    Raises Refused ``nobody_ticked``, ``not_found``.
    """
    seats = ticked_seats(actor, shift_id, volunteer_ids, at)
    done: list[CheckIn] = []
    refused: list[tuple[str, Refused]] = []
    for seat in seats:
        try:
            wanted = Wanted(kind=kind, way=_word_of(actor, seat))
            done.append(_once(actor, seat, wanted, touch, at))
        except Refused as no:
            refused.append((seat.volunteer.name, no))
    return RollCall(tuple(done), tuple(refused))


def force_stamp(
    actor: Actor,
    *,
    shift_id: int,
    volunteer_id: int,
    wanted: Wanted,
    touch: Touch,
    at: datetime,
) -> CheckIn:
    """Stamp a person against the rules or for an earlier instant, with a reason that is kept and listed.

    Raises Refused ``reason_needed``, ``in_future``, ``own_case``, or what no reason sets aside.
    """
    seat = seat_at(shift_id, volunteer_id, at=at)
    require_site(actor, seat)
    require_other(actor, volunteer_id)
    reason = needs_reason(wanted.reason)
    said = wanted.at
    if said is not None and said > at:
        raise Refused(
            "in_future", "这个时间还没有到。", "请填写实际时间。", field="said", status=422
        )
    if said is not None and at - said <= BACKDATED:
        said = None
    forced = Wanted(kind=wanted.kind, way=Way.ROLL_CALL, reason=reason, at=said)
    return _once(actor, seat, forced, touch, at)


def declare_failure(
    actor: Actor,
    *,
    shift_id: int,
    volunteer_ids: list[int],
    reason: str,
    touch: Touch,
    at: datetime,
) -> RollCall:
    """Say that scanning failed and who was there: they count as on time, with grade D and the reason.

    Who is not in yet is taken in at the start of the shift (now, if it has not begun); when the shift is
    over they go out at its planned end. Raises Refused ``reason_needed``, ``nobody_ticked``.
    """
    reason = needs_reason(reason)
    seats = ticked_seats(actor, shift_id, volunteer_ids, at)
    done: list[CheckIn] = []
    refused: list[tuple[str, Refused]] = []
    for seat in seats:
        require_other(actor, seat.volunteer.id)
        try:
            done.extend(_failed_stamps(actor, seat, reason, touch, at))
        except Refused as no:
            refused.append((seat.volunteer.name, no))
    note(
        actor,
        "declare_failure",
        seats[0].shift,
        f"登记系统故障，{len(seats)} 人按到岗处理",
        at=at,
        unit_id=seats[0].activity.unit_id,
        after={"people": [seat.volunteer.id for seat in seats]},
        reason=reason,
    )
    return RollCall(tuple(done), tuple(refused))


def _failed_stamps(
    actor: Actor, seat: Seat, reason: str, touch: Touch, at: datetime
) -> list[CheckIn]:
    done = []
    window = seat.gate.window
    if not seat.gate.is_present and not seat.gate.stamps:
        wanted = Wanted(StampKind.IN, Way.SYSTEM_FAILURE, reason, min(at, window.starts_at))
        done.append(_once(actor, seat, wanted, touch, at))
    if at >= window.ends_at:
        fresh = seat_at(seat.shift.id, seat.volunteer.id, at=at)
        if fresh.gate.is_present:
            wanted = Wanted(StampKind.OUT, Way.SYSTEM_FAILURE, reason, window.ends_at)
            done.append(_once(actor, fresh, wanted, touch, at))
    return done


def ticked_seats(actor: Actor, shift_id: int, volunteer_ids: list[int], at: datetime) -> list[Seat]:
    """The seats of the ticked people on a shift that the actor runs.

    Raises Refused ``nobody_ticked``, ``not_found``.
    """
    if not volunteer_ids:
        raise Refused("nobody_ticked", "还没有勾选人员。", "请先勾选到岗的人。", status=422)
    seats = seats_at(shift_id, volunteer_ids, at=at)
    if not seats:
        raise Refused("not_found", "没有找到这个班次。", status=404)
    require_site(actor, seats[0])
    return seats


def _word_of(actor: Actor, seat: Seat) -> Way:
    """The leader's own presence is told apart; nobody else calls the own name."""
    if actor.volunteer_id == seat.volunteer.id:
        if seat.shift.leader_id != actor.volunteer_id:
            require_other(actor, seat.volunteer.id)
        return Way.LEADER_SELF
    return Way.ROLL_CALL


def _once(actor: Actor, seat: Seat, wanted: Wanted, touch: Touch, at: datetime) -> CheckIn:
    nonce = f"{touch.of(seat.volunteer.id)}:{wanted.kind.value}"[-64:]
    before = earlier(nonce, seat.volunteer.id)
    if before is not None:
        return before
    return make_stamp(actor, seat, wanted, touch, nonce=nonce, at=at)
