"""Honours (表彰), read: what was given to whom, and who may be named where.

Inside the own unit an honour is seen by all members; outside only of adults who agreed to be shown
(《个人信息保护法》第二十五条). Others do not appear at all.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from volunteer.domain.access import Act, Actor, require, scope_of
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import AwardVerdict, VolunteerState
from volunteer.domain.timekeeping import local_date
from volunteer.models.base import db
from volunteer.models.people import Unit, Volunteer
from volunteer.models.recognition import Award, Honour
from volunteer.queries.policy import policy_on

MOST = 200


@dataclass(frozen=True, slots=True)
class HonourLine:
    """One honour, who gives it, and how many hold it."""

    honour: Honour
    unit_name: str
    count: int


@dataclass(frozen=True, slots=True)
class AwardLine:
    """One award with the person; ``is_public`` while it is published."""

    award: Award
    honour: Honour
    volunteer_id: int
    name: str
    unit_name: str
    is_public: bool


def _live() -> ColumnElement[bool]:
    later = aliased(Award)
    return and_(
        Award.verdict == AwardVerdict.GRANTED,
        ~exists(select(later.id).where(later.about_id == Award.id)),
    )


def _within(actor: Actor, act: Act) -> ColumnElement[bool]:
    """Honours of units within reach, and those of the city."""
    scope = scope_of(actor, act)
    if scope.everything:
        return Honour.id.is_not(None)
    return or_(Honour.unit_id.is_(None), Honour.unit_id.in_(sorted(scope.unit_ids)))


def honours_listed(actor: Actor) -> list[HonourLine]:
    """Honours of the city and of units within reach, the newest year first.

    Raises Refused ``not_allowed``.
    """
    require(actor, Act.VIEW_HOURS)
    counts = (
        select(Award.honour_id, func.count().label("count"))
        .where(_live())
        .group_by(Award.honour_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Honour, Unit.name, func.coalesce(counts.c.count, 0))
        .outerjoin(Unit, Unit.id == Honour.unit_id)
        .outerjoin(counts, counts.c.honour_id == Honour.id)
        .where(_within(actor, Act.VIEW_HOURS))
        .order_by(Honour.year.desc(), Honour.id.desc())
        .limit(MOST)
    )
    return [HonourLine(row[0], row[1] or "", int(row[2])) for row in rows]


def honour_for(actor: Actor, honour_id: int, act: Act = Act.VIEW_HOURS) -> Honour:
    """One honour of the city or of a unit within reach.

    Raises Refused ``not_allowed``, ``not_found``.
    """
    require(actor, act)
    found = db.session.scalar(select(Honour).where(Honour.id == honour_id, _within(actor, act)))
    if found is None:
        raise Refused("not_found", "没有找到这项表彰。", "请从列表重新进入。", status=404)
    return found


def _lines(statement: Any, today: date) -> list[AwardLine]:
    return [
        AwardLine(
            award,
            honour,
            person.id,
            person.name,
            unit_name,
            award.public_until is not None and award.public_until >= today,
        )
        for award, honour, person, unit_name in db.session.execute(statement)
    ]


def _joined() -> Any:
    return (
        select(Award, Honour, Volunteer, Unit.name)
        .join(Honour, Honour.id == Award.honour_id)
        .join(Volunteer, Volunteer.id == Award.volunteer_id)
        .join(Unit, Unit.id == Award.unit_id)
        .order_by(Honour.year.desc(), Award.id.desc())
        .limit(MOST)
    )


def awards_of(actor: Actor, honour_id: int, *, at: datetime) -> list[AwardLine]:
    """Who holds an honour, as far as the actor's desk reaches; withdrawn awards are told apart by their verdict.

    Raises Refused ``not_allowed``, ``not_found``.
    """
    honour = honour_for(actor, honour_id)
    scope = scope_of(actor, Act.VIEW_HOURS)
    statement = _joined().where(
        Award.honour_id == honour.id, or_(_live(), Award.verdict == AwardVerdict.WITHDRAWN)
    )
    if not scope.everything:
        statement = statement.where(Award.unit_id.in_(sorted(scope.unit_ids)))
    return _lines(statement, local_date(at))


def honours_of(volunteer_id: int, *, at: datetime) -> list[AwardLine]:
    """The honours that a person holds; whoever calls this was allowed to see the person."""
    return _lines(_joined().where(Award.volunteer_id == volunteer_id, _live()), local_date(at))


def honour_roll(actor: Actor, *, at: datetime) -> list[AwardLine]:
    """The roll of honour (光荣榜) as a volunteer sees it: the own unit, and elsewhere adults who agreed.

    Only what is no longer being published; minors stand in nobody's list.
    """
    require(actor, Act.OWN_HOURS)
    today = local_date(at)
    adult = today.year - policy_on(today).adult_age
    statement = _joined().where(
        _live(),
        Award.public_until < today,
        Volunteer.state != VolunteerState.LEFT,
        or_(Volunteer.birth_year.is_(None), Volunteer.birth_year < adult),
        or_(
            Award.unit_id == (actor.unit_id or 0),
            and_(Volunteer.is_public.is_(True), Volunteer.birth_year.is_not(None)),
        ),
    )
    return _lines(statement, today)


def award_for(actor: Actor, award_id: int) -> Award:
    """One award whose honour the actor may decide.

    Raises Refused ``not_allowed``, ``not_found``.
    """
    require(actor, Act.DECIDE_STARS)
    found = db.session.get(Award, award_id)
    if found is not None:
        scope = scope_of(actor, Act.DECIDE_STARS)
        if scope.everything or found.unit_id in scope.unit_ids:
            return found
    raise Refused("not_found", "没有找到这项表彰。", "请从列表重新进入。", status=404)


def is_taken_back(award_id: int) -> bool:
    """Whether a later row took this award back."""
    return bool(db.session.scalar(select(exists().where(Award.about_id == award_id))))


def holds(volunteer_id: int, honour_id: int) -> bool:
    """Whether a person holds an honour now."""
    return bool(
        db.session.scalar(
            select(
                exists().where(
                    Award.volunteer_id == volunteer_id, Award.honour_id == honour_id, _live()
                )
            )
        )
    )
