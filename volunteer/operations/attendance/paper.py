"""The roll called afterwards (事后点名): the network was gone for the whole shift, and the leader kept a list on paper."""

from dataclasses import dataclass
from datetime import datetime

from volunteer.domain.access import Actor
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import StampKind, Way
from volunteer.models.attendance import CheckIn
from volunteer.operations.attendance.site import RollCall, force_stamp, needs_reason, ticked_seats
from volunteer.operations.attendance.stamping import Touch, Wanted


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One line of the list on paper: who, when they came, and when they went, if they did."""

    volunteer_id: int
    came_at: datetime
    went_at: datetime | None = None


def call_paper_roll(
    actor: Actor,
    *,
    shift_id: int,
    lines: list[PaperLine],
    reason: str,
    touch: Touch,
    at: datetime,
) -> RollCall:
    """Check people in and out by the leader's list, for the instants written on it, until the shift is settled.

    Who stands checked in already keeps that check-in. All of it is the leader's word (D), with the reason,
    and listed as forced. Who cannot be stamped is named, the rest are done. Raises Refused
    ``reason_needed``, ``nobody_ticked``, ``not_found``.
    """
    needs_reason(reason)
    seats = ticked_seats(actor, shift_id, [line.volunteer_id for line in lines], at)
    seat_of = {seat.volunteer.id: seat for seat in seats}
    done: list[CheckIn] = []
    refused: list[tuple[str, Refused]] = []
    for line in lines:
        seat = seat_of.get(line.volunteer_id)
        if seat is None:
            continue
        wanted = [] if seat.stamps else [Wanted(StampKind.IN, Way.ROLL_CALL, reason, line.came_at)]
        if line.went_at is not None:
            wanted.append(Wanted(StampKind.OUT, Way.ROLL_CALL, reason, line.went_at))
        try:
            for one in wanted:
                done.append(
                    force_stamp(
                        actor,
                        shift_id=shift_id,
                        volunteer_id=line.volunteer_id,
                        wanted=one,
                        touch=touch,
                        at=at,
                    )
                )
        except Refused as no:
            refused.append((seat.volunteer.name, no))
    return RollCall(tuple(done), tuple(refused))
