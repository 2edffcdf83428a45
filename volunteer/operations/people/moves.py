"""Moving to another unit (调动): hours stay where they were earned, roles in the old unit end at once."""

from datetime import datetime

from sqlalchemy import delete, or_, select, update

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.refusal import Refused
from volunteer.models.activities import Shift
from volunteer.models.base import db
from volunteer.models.people import Account, Apart, Invitation, RoleGrant, Unit, Volunteer
from volunteer.models.rosters import Assignment
from volunteer.operations.journal import note, tell
from volunteer.operations.people.register import reached, sync_account, unit_of
from volunteer.operations.people.seats import SEATED
from volunteer.queries.roles import require_over


def move_volunteer(
    actor: Actor, volunteer_id: int, *, unit_id: int, reason: str, at: datetime
) -> Volunteer:
    """Move a person to another unit within the actor's reach.

    Seats ahead stay and count for the new unit; service records keep the unit of their time. Roles that
    the login held in the old unit end, so what it could see there is gone at its next request.
    Raises Refused ``same_unit``, ``no_unit``, ``beyond_reach``, and what ``reached`` raises.
    """
    person = reached(actor, volunteer_id)
    if unit_id == person.unit_id:
        raise Refused("same_unit", "已经在这个单位。", field="unit_id", status=422)
    target = unit_of(unit_id)
    try:
        require(actor, Act.MANAGE_PEOPLE, unit_id=unit_id)
    except Refused:
        raise Refused(
            "beyond_reach",
            "目标单位不在您的管理范围。",
            "请由区级或市级管理员办理调动。",
            field="unit_id",
            status=403,
        ) from None
    source = db.session.get(Unit, person.unit_id)
    assert source is not None, "a person has a unit"
    ended = _end_ties(actor, person, at=at)
    person.unit_id = target.id
    person.version += 1
    sync_account(person)
    seats_follow(person, at=at)
    note(
        actor,
        "move_volunteer",
        person,
        f"{person.name} 由{source.name}调到{target.name}",
        at=at,
        unit_id=target.id,
        before={"unit_id": source.id, "roles": ended},
        after={"unit_id": target.id},
        reason=reason.strip(),
    )
    tell(
        topic="moved",
        title="您的单位已变更",
        body=f"已由{source.name}调到{target.name}。以前的服务时长仍在原单位名下，不受影响。",
        at=at,
        volunteer_id=person.id,
        link="/me/profile",
    )
    return person


def _end_ties(actor: Actor, person: Volunteer, *, at: datetime) -> list[str]:
    """End what bound the person to the old unit; returns the roles that ended."""
    old = person.unit_id
    ended: list[str] = []
    account = db.session.scalar(select(Account).where(Account.volunteer_id == person.id))
    if account is not None:
        require_over(actor, Act.MANAGE_PEOPLE, account)
        for grant in db.session.scalars(
            select(RoleGrant).where(
                RoleGrant.account_id == account.id,
                RoleGrant.unit_id == old,
                RoleGrant.revoked_at.is_(None),
            )
        ):
            grant.revoked_at = at
            ended.append(grant.role.value)
    db.session.execute(
        delete(Apart).where(or_(Apart.first_id == person.id, Apart.second_id == person.id))
    )
    db.session.execute(
        update(Invitation)
        .where(Invitation.volunteer_id == person.id, Invitation.revoked_at.is_(None))
        .values(revoked_at=at)
    )
    return ended


def seats_follow(person: Volunteer, *, at: datetime) -> int:
    """Let the seats ahead count for the person's present unit; returns how many."""
    ahead = select(Shift.id).where(Shift.starts_at > at)
    seats = db.session.scalars(
        select(Assignment)
        .where(
            Assignment.volunteer_id == person.id,
            Assignment.state.in_(SEATED),
            Assignment.shift_id.in_(ahead),
        )
        .with_for_update()
    ).all()
    for seat in seats:
        seat.unit_id = person.unit_id
        seat.version += 1
    return len(seats)
