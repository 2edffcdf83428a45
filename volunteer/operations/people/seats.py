"""Seats that fall free when a person goes (腾出班次): cancelled with the cause, person and organizers told."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from volunteer.domain.access import Actor
from volunteer.domain.lifecycle import advance
from volunteer.domain.terms import AssignmentState, CancelCause, Role, ShiftState
from volunteer.domain.timekeeping import beijing
from volunteer.models.activities import Activity, Shift
from volunteer.models.base import db
from volunteer.models.people import Account, RoleGrant, Volunteer
from volunteer.models.places import CheckPoint
from volunteer.models.rosters import Assignment
from volunteer.operations.journal import note, tell
from volunteer.operations.shifts.saying import place_words, window_words

SEATED = (AssignmentState.PROPOSED, AssignmentState.ACCEPTED)
LISTED = 4
"""Shifts named one by one in a message; more are counted."""


@dataclass(frozen=True, slots=True)
class Freed:
    """What fell free: seats, and shifts that lost their leader; in words for messages."""

    seats: int = 0
    led: int = 0
    said: str = ""


def free_seats(  # noqa: PLR0913 - who, from when to when, why
    actor: Actor | None,
    person: Volunteer,
    *,
    reason: str,
    at: datetime,
    since_on: date | None = None,
    until_on: date | None = None,
) -> Freed:
    """Cancel the person's seats that begin in the stretch (from now without one), give up led shifts.

    The organizers of the shifts hear of it at once; the caller tells the person.
    """
    since = max(at, beijing(since_on)) if since_on else at
    rows = _ahead(person, since=since, until_on=until_on)
    words: dict[int, list[str]] = defaultdict(list)
    for seat, shift, unit_id, point in rows:
        said = f"{window_words(shift.starts_at, shift.ends_at)} {place_words(point, shift.corner)}"
        words[unit_id].append(said)
        before = seat.state
        seat.state = advance(seat.state, AssignmentState.CANCELLED)
        seat.cancel_cause = CancelCause.BY_PERSON
        seat.answer_reason = reason[:200]
        seat.version += 1
        note(
            actor,
            "cancel_assignment",
            seat,
            f"{person.name} 的班次腾出：{said}",
            at=at,
            unit_id=seat.unit_id,
            before={"state": before.value},
            after={"state": AssignmentState.CANCELLED.value},
            reason=reason,
        )
    led = _give_up_led(actor, person, since=since, until_on=until_on, at=at)
    _tell_organizers(person, words, reason=reason, at=at)
    everything = [said for group in words.values() for said in group]
    return Freed(len(rows), led, listed(everything))


def listed(said: list[str]) -> str:
    """The first shifts by name, further ones counted."""
    head = "；".join(said[:LISTED])
    return f"{head}；等共 {len(said)} 个班次" if len(said) > LISTED else head


def _ahead(
    person: Volunteer, *, since: datetime, until_on: date | None
) -> list[tuple[Assignment, Shift, int, str]]:
    statement = (
        select(Assignment, Shift, Activity.unit_id, CheckPoint.name)
        .join(Shift, Shift.id == Assignment.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .join(CheckPoint, CheckPoint.id == Shift.point_id)
        .where(
            Assignment.volunteer_id == person.id,
            Assignment.state.in_(SEATED),
            Shift.starts_at > since if until_on is None else Shift.starts_at >= since,
        )
        .order_by(Shift.starts_at)
        .with_for_update(of=Assignment)
        .execution_options(populate_existing=True)
    )
    if until_on is not None:
        statement = statement.where(Shift.service_on <= until_on)
    return [(row[0], row[1], row[2], row[3]) for row in db.session.execute(statement)]


def _give_up_led(
    actor: Actor | None,
    person: Volunteer,
    *,
    since: datetime,
    until_on: date | None,
    at: datetime,
) -> int:
    statement = (
        select(Shift, Activity.unit_id)
        .join(Activity)
        .where(
            Shift.leader_id == person.id,
            Shift.starts_at > since,
            Shift.state.in_([ShiftState.PLANNED, ShiftState.PUBLISHED]),
        )
    )
    if until_on is not None:
        statement = statement.where(Shift.service_on <= until_on)
    rows = db.session.execute(statement.with_for_update(of=Shift)).all()
    for shift, unit_id in rows:
        shift.leader_id = None
        shift.version += 1
        note(
            actor,
            "drop_leader",
            shift,
            f"{person.name} 不再带队，请另行指定",
            at=at,
            unit_id=unit_id,
            before={"leader_id": person.id},
            after={"leader_id": None},
        )
    return len(rows)


def organizers_of(unit_id: int) -> list[int]:
    """Accounts that organize for a unit itself."""
    return list(
        db.session.scalars(
            select(RoleGrant.account_id)
            .join(Account, Account.id == RoleGrant.account_id)
            .where(
                RoleGrant.unit_id == unit_id,
                RoleGrant.role == Role.ORGANIZER,
                RoleGrant.revoked_at.is_(None),
                Account.is_disabled.is_(False),
            )
            .order_by(RoleGrant.id)
        )
    )


def _tell_organizers(
    person: Volunteer, words: dict[int, list[str]], *, reason: str, at: datetime
) -> None:
    for unit_id, said in words.items():
        for account_id in organizers_of(unit_id):
            tell(
                topic="seat_freed",
                title=f"{person.name} 腾出 {len(said)} 个班次",
                body=f"{listed(said)}。原因：{reason}。请安排替补。",
                at=at,
                account_id=account_id,
                link="/rosters",
            )
