"""Doubts of a shift (待确认): whose presence somebody who was there must confirm before their minutes count.

Three things raise one: a phone that has stamped for another before, a scan from kilometres away, a spot check
that did not find the person. The leader's word, a scan of the person's own code or a roll-call answers it.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from volunteer.domain.signals.onsite import FAR
from volunteer.domain.signals.seen import OWN_WAYS
from volunteer.domain.terms import FenceVerdict, Signal, Way
from volunteer.models.activities import Shift
from volunteer.models.attendance import CheckIn
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry
from volunteer.models.people import Volunteer
from volunteer.models.rosters import Assignment
from volunteer.models.trust import SpotCheck, SpotPerson, Vouch
from volunteer.queries.attendance import Seat, seats_at

SEEN_BY_LEADER = frozenset({Way.PERSONAL_CODE, Way.ROLL_CALL, Way.SYSTEM_FAILURE, Way.LEADER_SELF})


def vouched_on(shift_id: int) -> set[int]:
    """The people of a shift whom the leader confirmed."""
    return set(
        db.session.scalars(
            select(Assignment.volunteer_id)
            .join(Vouch, Vouch.assignment_id == Assignment.id)
            .where(Assignment.shift_id == shift_id)
        )
    )


def missed_on(shift_id: int) -> set[int]:
    """The people whom the spot check of a shift did not find."""
    return set(
        db.session.scalars(
            select(SpotPerson.volunteer_id)
            .join(SpotCheck, SpotCheck.id == SpotPerson.spot_id)
            .where(SpotCheck.shift_id == shift_id, SpotPerson.is_found.is_(False))
        )
    )


def _of_stamps(stamps: Sequence[CheckIn]) -> list[Signal]:
    if any(stamp.way in SEEN_BY_LEADER for stamp in stamps):
        return []
    own = [stamp for stamp in stamps if stamp.way in OWN_WAYS]
    found = []
    if any(Signal.SHARED_DEVICE.value in stamp.signals for stamp in own):
        found.append(Signal.SHARED_DEVICE)
    if any(s.place_verdict is FenceVerdict.OUTSIDE and s.distance_bucket in FAR for s in own):
        found.append(Signal.FAR_AWAY)
    return found


def doubts_of(shift_id: int, seats: Sequence[Seat]) -> dict[int, tuple[Signal, ...]]:
    """What is to be confirmed of each person, the gravest first; people without a doubt are left out."""
    doubted = {seat.volunteer.id: _of_stamps(seat.stamps) for seat in seats if seat.stamps}
    for volunteer_id in missed_on(shift_id):
        if volunteer_id in doubted:
            doubted[volunteer_id].insert(0, Signal.SPOT_MISSED)
    if not any(doubted.values()):
        return {}
    vouched = vouched_on(shift_id)
    return {
        person: tuple(found) for person, found in doubted.items() if found and person not in vouched
    }


PLAN_EDITS = ("edit_shift", "split_shift", "edit_activity")


def edited_after_start(shift: Shift) -> datetime | None:
    """When the plan of a shift, or its activity, was last changed after the shift had begun, if ever."""
    a = AuditEntry
    return db.session.scalar(
        select(func.max(a.at)).where(
            a.act.in_(PLAN_EDITS),
            a.at >= shift.starts_at,
            or_(
                and_(a.subject == "shift", a.subject_id == shift.id),
                and_(a.subject == "activity", a.subject_id == shift.activity_id),
            ),
        )
    )


def doubted_on(shift_id: int, *, at: datetime) -> list[tuple[Volunteer, tuple[Signal, ...]]]:
    """The people of a shift whose presence waits for the leader's word, by name."""
    people = list(
        db.session.scalars(
            select(CheckIn.volunteer_id).where(CheckIn.shift_id == shift_id).distinct()
        )
    )
    seats = seats_at(shift_id, people, at=at) if people else []
    doubts = doubts_of(shift_id, seats)
    found = [
        (seat.volunteer, doubts[seat.volunteer.id]) for seat in seats if seat.volunteer.id in doubts
    ]
    return sorted(found, key=lambda one: one[0].name_key)
