"""Two people who must not serve together (不同岗): known to organizers alone, never told to the two."""

from datetime import datetime

from sqlalchemy import or_, select

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.refusal import Refused
from volunteer.models.base import db
from volunteer.models.people import Apart, Volunteer
from volunteer.operations.journal import note
from volunteer.operations.people.register import reached


def person_meant(unit_id: int, words: str) -> Volunteer:
    """The one person of a unit that a number or a whole name means.

    Raises Refused ``nobody_meant``, ``several_meant`` at the field ``other``.
    """
    words = words.strip()
    found = db.session.scalars(
        select(Volunteer)
        .where(
            Volunteer.unit_id == unit_id,
            Volunteer.merged_into_id.is_(None),
            or_(Volunteer.number == words.upper(), Volunteer.name == words),
        )
        .limit(6)
    ).all()
    if not found:
        raise Refused(
            "nobody_meant",
            "本单位没有这位志愿者。",
            "请填写完整姓名或志愿者编号。",
            field="other",
            status=422,
        )
    if len(found) > 1:
        numbers = "、".join(person.number for person in found)
        raise Refused(
            "several_meant",
            "有几位同名的人：%(numbers)s。",
            "请改填编号。",
            field="other",
            status=422,
            values={"numbers": numbers},
        )
    return found[0]


def keep_apart(actor: Actor, volunteer_id: int, *, other: str, at: datetime) -> Apart:
    """Note that two people of a unit must not stand on one shift.

    Raises Refused ``nobody_meant``, ``several_meant``, ``same_person``, ``already_so``, and what
    ``reached`` raises.
    """
    person = reached(actor, volunteer_id)
    second = person_meant(person.unit_id, other)
    if second.id == person.id:
        raise Refused("same_person", "请填写另一个人。", field="other", status=422)
    low, high = sorted((person.id, second.id))
    known = db.session.scalar(
        select(Apart.id).where(Apart.first_id == low, Apart.second_id == high)
    )
    if known is not None:
        raise Refused("already_so", "这两个人已经登记为不同岗。", field="other")
    pair = Apart(first_id=low, second_id=high, unit_id=person.unit_id)
    db.session.add(pair)
    note(
        actor,
        "keep_apart",
        person,
        f"{person.name} 与 {second.name} 不同岗",
        at=at,
        unit_id=person.unit_id,
        after={"first_id": low, "second_id": high},
    )
    return pair


def lift_apart(actor: Actor, pair_id: int, *, at: datetime) -> None:
    """Let two people serve together again.

    Raises Refused ``not_found`` and what ``require`` raises.
    """
    pair = db.session.get(Apart, pair_id)
    if pair is None:
        require(actor, Act.MANAGE_PEOPLE)
        raise Refused("not_found", "没有找到这条登记。", status=404)
    require(actor, Act.MANAGE_PEOPLE, unit_id=pair.unit_id)
    person = db.session.get(Volunteer, pair.first_id)
    db.session.delete(pair)
    note(
        actor,
        "lift_apart",
        person if person is not None else "apart",
        "取消不同岗登记",
        at=at,
        unit_id=pair.unit_id,
        before={"first_id": pair.first_id, "second_id": pair.second_id},
    )
