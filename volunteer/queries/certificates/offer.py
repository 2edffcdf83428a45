"""What a person could be certified for (可出具的记录): effective records by the unit that may issue them.

Who organizes records, who records certifies; where a unit was merged or dissolved its successor or the unit
above issues (民发〔2015〕149号 §1), and an inner team certifies through the unit that guides it
(民政部令第67号第二十六条).
"""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import func, or_, select

from volunteer.domain.access import Act, Actor, require, scope_of
from volunteer.domain.certificate import Line
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import EntryKind, UnitKind
from volunteer.models.activities import Activity, ActivityKind
from volunteer.models.base import db
from volunteer.models.ledger import LedgerEntry, ServiceRecord
from volunteer.models.people import Unit, Volunteer
from volunteer.queries.ledger import counted_natures, newest
from volunteer.queries.policy import current_policy

_STEPS = 12
"""A chain of successors is never this long; a circle ends here."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What one unit may certify for a person: how much, and from when to when."""

    unit_id: int
    unit: str
    minutes: int
    times: int
    first_on: date
    last_on: date


class _Kin(NamedTuple):
    """What decides who certifies for a unit."""

    kind: UnitKind
    is_active: bool
    successor_id: int | None
    guiding_id: int | None
    parent_id: int | None


def profiles_of(volunteer_id: int) -> list[int]:
    """The person's profile and those that were merged into it; hours stay where they were written."""
    found, waiting = {volunteer_id}, [volunteer_id]
    while waiting:
        more = db.session.scalars(
            select(Volunteer.id).where(Volunteer.merged_into_id.in_(waiting))
        ).all()
        waiting = [each for each in more if each not in found]
        found.update(waiting)
    return sorted(found)


def issuers() -> dict[int, int]:
    """For every unit the one that may certify what it recorded; most certify their own."""
    units = {
        row.id: _Kin(*row[1:])
        for row in db.session.execute(
            select(
                Unit.id,
                Unit.kind,
                Unit.is_active,
                Unit.successor_unit_id,
                Unit.guiding_unit_id,
                Unit.parent_id,
            )
        )
    }
    return {unit_id: _issuer(unit_id, units) for unit_id in units}


def _issuer(unit_id: int, units: dict[int, _Kin]) -> int:
    here = unit_id
    for _ in range(_STEPS):
        unit = units[here]
        following = unit.successor_id
        if following is None and unit.kind is UnitKind.INNER_TEAM:
            following = unit.guiding_id
        if following is None and not unit.is_active:
            following = unit.parent_id
        if following is None or following == here:
            return here
        here = following
    return unit_id


def recorded_by(issuer_id: int) -> list[int]:
    """The units whose records this one may certify, itself included."""
    return sorted(unit for unit, issuer in issuers().items() if issuer == issuer_id)


def lines_of(
    volunteer_id: int,
    *,
    first_on: date | None = None,
    last_on: date | None = None,
    unit_ids: list[int] | None = None,
) -> list[Line]:
    """The person's effective records with minutes, the earliest first; ``unit_ids`` recorded them."""
    r, e = ServiceRecord, LedgerEntry
    statement = (
        select(r, e.seq, e.minutes, Activity.title, ActivityKind.name, Unit.name)
        .join(e, (e.record_id == r.id) & (e.kind == EntryKind.CREDIT))
        .join(Activity, Activity.id == r.activity_id)
        .join(ActivityKind, ActivityKind.id == r.kind_id)
        .join(Unit, Unit.id == r.recording_unit_id)
        .where(
            r.volunteer_id.in_(profiles_of(volunteer_id)),
            r.nature.in_(counted_natures(current_policy())),
            e.minutes > 0,
            newest(),
        )
        .order_by(r.service_on, e.seq)
    )
    if first_on is not None:
        statement = statement.where(r.service_on >= first_on)
    if last_on is not None:
        statement = statement.where(r.service_on <= last_on)
    if unit_ids is not None:
        statement = statement.where(r.recording_unit_id.in_(unit_ids))
    return [
        Line(
            seq=seq,
            record_id=record.id,
            volunteer_id=record.volunteer_id,
            on=record.service_on,
            minutes=minutes,
            grade=record.grade.value,
            unit_id=record.recording_unit_id,
            unit=unit,
            kind=kind,
            title=title,
            content=record.content,
            place=record.place,
            person_in_charge=record.person_in_charge,
        )
        for record, seq, minutes, title, kind, unit in db.session.execute(statement)
    ]


def offers_for(volunteer_id: int) -> list[Offer]:
    """What each unit may certify for the person, the most first."""
    r, e = ServiceRecord, LedgerEntry
    rows = db.session.execute(
        select(
            r.recording_unit_id,
            func.sum(e.minutes),
            func.count(),
            func.min(r.service_on),
            func.max(r.service_on),
        )
        .join(e, (e.record_id == r.id) & (e.kind == EntryKind.CREDIT))
        .where(
            r.volunteer_id.in_(profiles_of(volunteer_id)),
            r.nature.in_(counted_natures(current_policy())),
            e.minutes > 0,
            newest(),
        )
        .group_by(r.recording_unit_id)
    ).all()
    chosen = issuers() if rows else {}
    names = (
        {row[0]: row[1] for row in db.session.execute(select(Unit.id, Unit.name))} if rows else {}
    )
    merged: dict[int, list[tuple[int, int, date, date]]] = {}
    for unit_id, minutes, times, first, last in rows:
        merged.setdefault(chosen[unit_id], []).append((int(minutes), times, first, last))
    found = [
        Offer(
            issuer,
            names[issuer],
            sum(part[0] for part in parts),
            sum(part[1] for part in parts),
            min(part[2] for part in parts),
            max(part[3] for part in parts),
        )
        for issuer, parts in merged.items()
    ]
    return sorted(found, key=lambda each: (-each.minutes, each.unit))


def minutes_waiting(volunteer_id: int) -> int:
    """Minutes of the person that wait for a review and stand on no certificate yet."""
    waiting = db.session.scalar(
        select(func.coalesce(func.sum(ServiceRecord.pending_minutes), 0)).where(
            ServiceRecord.volunteer_id.in_(profiles_of(volunteer_id)), newest()
        )
    )
    return int(waiting or 0)


def my_offers(actor: Actor) -> list[Offer]:
    """What the actor may have issued, by unit."""
    require(actor, Act.OWN_CERTIFICATES)
    assert actor.volunteer_id is not None, "only a volunteer holds this act"
    return offers_for(actor.volunteer_id)


MOST_FOUND = 12


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person with records of units that the desk may certify for."""

    volunteer_id: int
    name: str
    number: str
    unit: str


def people_to_certify(actor: Actor, words: str) -> list[Candidate]:
    """People whose name, initials or number match and who served with a unit the actor certifies for."""
    if not words.strip():
        return []
    scope = scope_of(actor, Act.ISSUE_CERTIFICATES)
    served = select(ServiceRecord.id).where(ServiceRecord.volunteer_id == Volunteer.id)
    if not scope.everything:
        mine = [unit for unit, issuer in issuers().items() if issuer in scope.unit_ids]
        served = served.where(ServiceRecord.recording_unit_id.in_(mine))
    rows = db.session.execute(
        select(Volunteer.id, Volunteer.name, Volunteer.number, Unit.name)
        .join(Unit, Unit.id == Volunteer.unit_id)
        .where(
            or_(
                Volunteer.name.contains(words.strip(), autoescape=True),
                Volunteer.pinyin.startswith(words.strip().lower(), autoescape=True),
                Volunteer.number == words.strip().upper(),
            ),
            served.exists(),
            Volunteer.merged_into_id.is_(None),
        )
        .order_by(Volunteer.pinyin, Volunteer.name, Volunteer.id)
        .limit(MOST_FOUND)
    )
    return [Candidate(*row) for row in rows]


def offers_at_desk(actor: Actor, volunteer_id: int) -> list[Offer]:
    """What the actor may issue to a person. Raises Refused ``not_found`` (404) where there is nothing."""
    scope = scope_of(actor, Act.ISSUE_CERTIFICATES)
    found = [
        offer
        for offer in offers_for(volunteer_id)
        if scope.everything or offer.unit_id in scope.unit_ids
    ]
    if not found:
        hint = "只有与您的单位一起服务过、时长已结算的人可以由您出具。"
        raise Refused("not_found", "没有可以为此人出具证明的记录。", hint, status=404)
    return found


def name_of(volunteer_id: int) -> str:
    """The name of a person; behind :func:`offers_at_desk`, which asks who may see it."""
    return db.session.scalar(select(Volunteer.name).where(Volunteer.id == volunteer_id)) or ""
