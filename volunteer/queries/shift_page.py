"""What the page of one shift shows beside its line: who is on it, what it asks for, what happened to it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select

from volunteer.domain.terms import AssignmentState, CancelCause
from volunteer.models.activities import Shift
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry
from volunteer.models.people import Skill, Unit, Volunteer
from volunteer.models.rosters import Assignment

_ORDER = (
    AssignmentState.ACCEPTED,
    AssignmentState.PROPOSED,
    AssignmentState.DECLINED,
    AssignmentState.EXPIRED,
    AssignmentState.CANCELLED,
)


@dataclass(frozen=True, slots=True)
class SeatLine:
    """One person of a shift's roster; ``unit_name`` is the unit at that time."""

    id: int
    volunteer_id: int
    name: str
    unit_name: str
    state: AssignmentState
    told_at: datetime
    answered_at: datetime | None
    answer_reason: str
    cancel_cause: CancelCause | None


def roster_of(shift_id: int) -> list[SeatLine]:
    """Everybody who has or had a seat on a shift, those who come first."""
    rows = db.session.execute(
        select(Assignment, Volunteer.name, Unit.name)
        .join(Volunteer, Volunteer.id == Assignment.volunteer_id)
        .join(Unit, Unit.id == Assignment.unit_id)
        .where(Assignment.shift_id == shift_id)
        .order_by(Volunteer.pinyin, Volunteer.name)
    )
    seats = [
        SeatLine(
            id=seat.id,
            volunteer_id=seat.volunteer_id,
            name=name,
            unit_name=unit,
            state=seat.state,
            told_at=seat.told_at,
            answered_at=seat.answered_at,
            answer_reason=seat.answer_reason,
            cancel_cause=seat.cancel_cause,
        )
        for seat, name, unit in rows
    ]
    return sorted(seats, key=lambda seat: _ORDER.index(seat.state))


def history_of_shift(shift: Shift, *, most: int = 60) -> list[AuditEntry]:
    """What happened to a shift, newest first: to itself, to its seats, and to its batch."""
    seats = select(Assignment.id).where(Assignment.shift_id == shift.id)
    return list(
        db.session.scalars(
            select(AuditEntry)
            .where(
                or_(
                    and_(AuditEntry.subject == "shift", AuditEntry.subject_id == shift.id),
                    and_(AuditEntry.subject == "assignment", AuditEntry.subject_id.in_(seats)),
                    and_(
                        AuditEntry.subject == "shift_batch",
                        AuditEntry.subject_id == (shift.batch_id or 0),
                    ),
                )
            )
            .order_by(AuditEntry.id.desc())
            .limit(most)
        )
    )


def skills_asked(codes: tuple[str, ...], mix: dict[int, int]) -> tuple[list[str], list[str]]:
    """Names of what everyone needs, and of the mix with its counts, ready to read."""
    rows = db.session.execute(
        select(Skill.id, Skill.code, Skill.name).where(
            or_(Skill.code.in_(codes), Skill.id.in_(mix))
        )
    ).all()
    required = [name for _id, code, name in rows if code in codes]
    return required, [
        f"{name} {mix[skill_id]}" for skill_id, _code, name in rows if skill_id in mix
    ]


def quota_names(quotas: dict[int, int]) -> list[str]:
    """Units of the quotas with their counts, ready to read."""
    rows = db.session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(quotas)))
    return [f"{name} {quotas[unit_id]}" for unit_id, name in rows]


def leader_words(leader_id: int | None) -> str:
    """Number and name of a leader, as the form takes it back."""
    if leader_id is None:
        return ""
    found = db.session.get(Volunteer, leader_id)
    return f"{found.number} {found.name}" if found else ""
