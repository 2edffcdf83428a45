"""One person's week (个人排班): where they stand, why them, and why not elsewhere."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from volunteer.domain.access import Act, Actor
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import AssignmentState, ShiftState
from volunteer.domain.words import N_, sentence
from volunteer.models.activities import Shift
from volunteer.models.base import db
from volunteer.models.people import Unit, Volunteer
from volunteer.models.rosters import Assignment
from volunteer.queries.planning import names, number_of
from volunteer.queries.rosters.judge import Verdict, judge, person_words
from volunteer.queries.rosters.saying import skill_words
from volunteer.queries.rosters.table import Table, shift_names
from volunteer.queries.scope import visible
from volunteer.scheduling.explain import explain_person

MOST_OPEN = 8


@dataclass(frozen=True, slots=True)
class Person:
    """Whose week it is."""

    id: int
    name: str
    unit_id: int
    unit_name: str
    max_minutes: int
    max_per_day: int
    last_asked_at: datetime | None


def person_for(actor: Actor, volunteer_id: int, act: Act = Act.VIEW_PEOPLE) -> Person:
    """Return a person of a unit in reach.

    Raises
    ------
    Refused
        ``not_found`` (404).
    """
    statement: Any = (
        select(
            Volunteer.id,
            Volunteer.name,
            Unit.id,
            Unit.name,
            Volunteer.max_minutes_per_week,
            Volunteer.max_shifts_per_day,
            Volunteer.last_asked_at,
        )
        .join(Unit, Unit.id == Volunteer.unit_id)
        .where(Volunteer.id == volunteer_id)
    )
    row = db.session.execute(visible(statement, actor, act, unit=Volunteer.unit_id)).one_or_none()
    if row is None:
        raise Refused("not_found", N_("没有找到这位志愿者。"), N_("请从名单重新进入。"), status=404)
    return Person(*row)


def people_open_to(actor: Actor, volunteer_ids: Iterable[int]) -> set[int]:
    """Return those of the people whose week the actor may open; others are names only."""
    asked: Any = select(Volunteer.id).where(Volunteer.id.in_(sorted(set(volunteer_ids))))
    return set(db.session.scalars(visible(asked, actor, Act.VIEW_PEOPLE, unit=Volunteer.unit_id)))


@dataclass(frozen=True, slots=True)
class WeekSeat:
    """A seat of the person's week."""

    shift_id: int
    words: str
    starts_at: datetime
    ends_at: datetime
    state: AssignmentState
    reasons: tuple[str, ...]


def week_of_person(volunteer_id: int, week_on: date, table: Table | None) -> list[WeekSeat]:
    """Return the person's seats of the week by time; with a table, why this person stands there."""
    rows = db.session.execute(
        select(Assignment, Shift.starts_at, Shift.ends_at)
        .join(Shift, Shift.id == Assignment.shift_id)
        .where(
            Assignment.volunteer_id == volunteer_id,
            Shift.service_on.between(week_on, week_on + timedelta(days=6)),
            Shift.state != ShiftState.CANCELLED,
        )
        .order_by(Shift.starts_at)
    ).all()
    said = shift_names(row[0].shift_id for row in rows)
    return [
        WeekSeat(
            shift_id=seat.shift_id,
            words=said[seat.shift_id],
            starts_at=starts_at,
            ends_at=ends_at,
            state=seat.state,
            reasons=tuple(_why_here(table, volunteer_id, seat.shift_id)) if table else (),
        )
        for seat, starts_at, ends_at in rows
    ]


def _why_here(table: Table, volunteer_id: int, shift_id: int) -> list[str]:
    person, duty = names.person(volunteer_id), names.duty(shift_id)
    book = table.index.book
    if person not in book.people or (person, duty) not in table.roster:
        return []
    without = table.roster.changed(remove=[(person, duty)])
    who, where = book.people[person], book.duties[duty]
    reasons: list[str] = []
    if len(without.people_on(duty)) < where.min:
        reasons.append(N_("少了此人，这个班次就缺人"))
    if who.unit in where.tied:
        reasons.append(N_("所在单位负责或联点这个点位"))
    reasons += skill_words(table, (s for s, _ in where.at_least if s in who.skills))
    return reasons + person_words(table, who, where)


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why not elsewhere: shifts shut to the person by rule, and those that still want people."""

    could: int
    shut: tuple[str, ...]
    wanted: tuple[tuple[int, str, Verdict], ...]


def why_not(table: Table, volunteer_id: int) -> WhyNot | None:
    """Return why the person is not on other shifts of the table; None for somebody not planned at all."""
    if not table.knows(volunteer_id):
        return None
    reason = explain_person(table.roster, names.person(volunteer_id))
    wanted = [number_of(duty) for duty in reason.wanted][:MOST_OPEN]
    return WhyNot(
        could=reason.could,
        shut=tuple(
            sentence(N_("%(rule)s %(n)s 个"), {"n": why.people, "rule": table.rule(why.rule)})
            for why in reason.shut_out
            if why.people
        ),
        wanted=tuple(
            (shift, table.name("duty", names.duty(shift)), judge(table, volunteer_id, to=shift))
            for shift in wanted
        ),
    )
