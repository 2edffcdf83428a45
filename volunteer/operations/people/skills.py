"""Skills (资质): confirmed by somebody who answers for it, until a day or for ever; and taken back."""

from datetime import date, datetime

from sqlalchemy import select

from volunteer.domain.access import Actor
from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import local_date
from volunteer.models.base import db
from volunteer.models.people import Qualification, Skill
from volunteer.operations.journal import note, tell
from volunteer.operations.people.register import reached


def months_later(on: date, months: int) -> date:
    """The last day of a validity of so many months; 31 January and one month is the end of February."""
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    for day in range(on.day, 0, -1):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    raise AssertionError("every month has a first day")


def confirm_skill(
    actor: Actor, volunteer_id: int, *, skill_id: int, expires_on: date | None, at: datetime
) -> Qualification:
    """Confirm a skill of a person, or prolong it; without a day the skill's own validity is taken.

    Raises Refused ``no_skill``, ``already_over``, and what ``reached`` raises.
    """
    person = reached(actor, volunteer_id)
    today = local_date(at)
    skill = db.session.get(Skill, skill_id)
    if skill is None or not skill.is_active:
        raise Refused("no_skill", "请选择资质。", field="skill_id", status=422)
    if expires_on is None and skill.valid_months:
        expires_on = months_later(today, skill.valid_months)
    if expires_on is not None and expires_on < today:
        raise Refused("already_over", "有效期不能早于今天。", field="expires_on", status=422)
    held = db.session.scalar(
        select(Qualification).where(
            Qualification.volunteer_id == person.id, Qualification.skill_id == skill.id
        )
    )
    before = held.expires_on.isoformat() if held and held.expires_on else None
    if held is None:
        held = Qualification(volunteer_id=person.id, skill_id=skill.id)
        db.session.add(held)
    held.expires_on = expires_on
    held.confirmed_by_id, held.confirmed_at = actor.account_id, at
    until = expires_on.isoformat() if expires_on else "长期有效"
    note(
        actor,
        "confirm_skill",
        person,
        f"确认 {person.name} 的资质：{skill.name}（{until}）",
        at=at,
        unit_id=person.unit_id,
        before={"expires_on": before},
        after={"skill": skill.code, "expires_on": expires_on.isoformat() if expires_on else None},
    )
    tell(
        topic="skill_confirmed",
        title=f"资质已确认：{skill.name}",
        body=f"有效期：{until}。",
        at=at,
        volunteer_id=person.id,
        link="/me/profile",
    )
    return held


def remove_skill(
    actor: Actor, volunteer_id: int, qualification_id: int, *, reason: str, at: datetime
) -> None:
    """Take a skill from a person; duties that ask for it are not changed, the board will show them.

    Raises Refused ``reason_missing``, ``not_found``, and what ``reached`` raises.
    """
    person = reached(actor, volunteer_id)
    held = db.session.get(Qualification, qualification_id)
    if held is None or held.volunteer_id != person.id:
        raise Refused("not_found", "没有找到这项资质。", status=404)
    if not reason.strip():
        raise Refused("reason_missing", "请写明原因。", field="reason", status=422)
    skill = db.session.get(Skill, held.skill_id)
    name = skill.name if skill else ""
    db.session.delete(held)
    note(
        actor,
        "remove_skill",
        person,
        f"取消 {person.name} 的资质：{name}",
        at=at,
        unit_id=person.unit_id,
        before={
            "skill": skill.code if skill else None,
            "expires_on": held.expires_on.isoformat() if held.expires_on else None,
        },
        reason=reason.strip(),
    )
    tell(
        topic="skill_removed",
        title=f"资质已取消：{name}",
        body=f"原因：{reason.strip()}。如有疑问请联系本单位组织者。",
        at=at,
        volunteer_id=person.id,
        link="/me/profile",
    )
