"""Yearly targets (年度目标), read: a person's own, a unit's people, and the units side by side.

A person stands only inside the own unit; units may be compared. Hours come from the ledger; days before
joining and days of a pause do not count against anybody.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import case, func, select

from volunteer.domain.access import Act, Actor, may, require
from volunteer.domain.refusal import Refused
from volunteer.domain.targets import Outlook, outlook, owed
from volunteer.domain.terms import Course, EntryKind, VolunteerState
from volunteer.domain.timekeeping import WorkCalendar, local_date
from volunteer.models.base import db
from volunteer.models.ledger import LedgerEntry
from volunteer.models.people import Pause, Unit, Volunteer
from volunteer.models.recognition import UnitTarget
from volunteer.queries.calendar import work_calendar
from volunteer.queries.ledger import counted_natures
from volunteer.queries.policy import policy_on
from volunteer.queries.scope import visible

PAGE = 50
SERVING = (VolunteerState.ACTIVE, VolunteerState.PAUSED)


@dataclass(frozen=True, slots=True)
class Year:
    """A year with its working days, as of a day; ``began`` is the first day that the ledger knows in it."""

    number: int
    today: date
    began: date
    workdays: tuple[date, ...]

    @property
    def last(self) -> date:
        """The last day."""
        return date(self.number, 12, 31)

    def between(self, first: date, last: date) -> int:
        """How many working days lie between two days, both counted."""
        return sum(first <= day <= last for day in self.workdays)

    @property
    def left(self) -> int:
        """Working days after today."""
        return sum(day > self.today for day in self.workdays)


def year_of(at: datetime, calendar: WorkCalendar | None = None) -> Year:
    """This year."""
    today = local_date(at)
    first, last = date(today.year, 1, 1), date(today.year, 12, 31)
    known = calendar or work_calendar(years=[today.year])
    began = db.session.scalar(
        select(func.min(LedgerEntry.service_on)).where(LedgerEntry.service_on.between(first, last))
    )
    return Year(today.year, today, began or today, tuple(known.workdays(first, last)))


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a unit in a year, in minutes: of each person, and of all together; who set it."""

    per_person: int
    whole: int | None
    set_by: str = ""
    is_own: bool = False


def asked_of(unit_ids: Iterable[int], year: int) -> dict[int, Asked]:
    """What is asked of these units: their own setting, else the city's figure."""
    wanted = sorted(set(unit_ids))
    common = policy_on(date(year, 12, 31)).yearly_target_hours * 60
    newest = (
        select(UnitTarget.unit_id, func.max(UnitTarget.id).label("id"))
        .where(UnitTarget.year == year, UnitTarget.unit_id.in_(wanted))
        .group_by(UnitTarget.unit_id)
        .subquery()
    )
    rows = db.session.scalars(select(UnitTarget).join(newest, newest.c.id == UnitTarget.id))
    found = {unit_id: Asked(common, None) for unit_id in wanted}
    for row in rows:
        per_person = common if row.person_minutes is None else row.person_minutes
        found[row.unit_id] = Asked(per_person, row.unit_minutes, row.set_by_name, True)
    return found


def _times() -> Any:
    return func.coalesce(func.sum(case((LedgerEntry.kind == EntryKind.CREDIT, 1), else_=-1)), 0)


def _of_year(year: Year) -> tuple[Any, ...]:
    return (
        LedgerEntry.service_on.between(date(year.number, 1, 1), year.today),
        LedgerEntry.nature.in_(counted_natures(policy_on(year.today))),
    )


def _served(people: Iterable[int], year: Year) -> dict[int, tuple[int, int]]:
    """Minutes and services of each of these people in the year, merged profiles with the kept one."""
    owner = func.coalesce(Volunteer.merged_into_id, Volunteer.id)
    wanted, found = sorted(set(people)), {}
    for start in range(0, len(wanted), 400):
        rows = db.session.execute(
            select(owner, func.sum(LedgerEntry.minutes), _times())
            .join(Volunteer, Volunteer.id == LedgerEntry.volunteer_id)
            .where(owner.in_(wanted[start : start + 400]), *_of_year(year))
            .group_by(owner)
        )
        found.update({row[0]: (int(row[1]), int(row[2])) for row in rows})
    return found


def _paused(people: Iterable[int], year: Year) -> dict[int, list[tuple[date, date]]]:
    wanted: list[int] = sorted(set(people))
    found: dict[int, list[tuple[date, date]]] = {}
    for start in range(0, len(wanted), 400):
        rows = db.session.scalars(
            select(Pause).where(
                Pause.volunteer_id.in_(wanted[start : start + 400]),
                Pause.since_on <= year.last,
                func.coalesce(Pause.until_on, year.last) >= date(year.number, 1, 1),
            )
        )
        for row in rows:
            last = row.until_on or year.last
            if row.ended_at is not None:
                last = min(last, local_date(row.ended_at))
            found.setdefault(row.volunteer_id, []).append((row.since_on, last))
    return found


def _outlook(
    person: Volunteer,
    target: int,
    served: tuple[int, int],
    pauses: list[tuple[date, date]],
    year: Year,
) -> Outlook:
    own = [
        day
        for day in year.workdays
        if day >= person.joined_on and not any(first <= day <= last for first, last in pauses)
    ]
    passed = sum(year.began <= day <= year.today for day in own)
    left = sum(day > year.today for day in own)
    due = owed(target, own_days=len(own), all_days=len(year.workdays))
    return outlook(served[0], served[1], due, passed=passed, left=left)


@dataclass(frozen=True, slots=True)
class OwnTarget:
    """The own target of the year; ``asked`` is what the unit or the city asks of a whole year."""

    year: int
    outlook: Outlook
    asked: Asked

    @property
    def is_shortened(self) -> bool:
        """Whether less is asked because of joining late or of pauses."""
        return self.outlook.target < self.asked.per_person


def my_target(actor: Actor, *, at: datetime) -> OwnTarget | None:
    """Where the actor stands with the year's target; nothing where none is asked.

    Raises Refused ``not_allowed``.
    """
    require(actor, Act.OWN_HOURS)
    person = db.session.get(Volunteer, actor.volunteer_id or 0)
    if person is None:
        return None
    year = year_of(at)
    asked = asked_of([person.unit_id], year.number)[person.unit_id]
    if not asked.per_person:
        return None
    served = _served([person.id], year).get(person.id, (0, 0))
    pauses = _paused([person.id], year).get(person.id, [])
    return OwnTarget(year.number, _outlook(person, asked.per_person, served, pauses, year), asked)


@dataclass(frozen=True, slots=True)
class PersonTarget:
    """One person of a unit."""

    volunteer_id: int
    name: str
    number: str
    outlook: Outlook


@dataclass(frozen=True, slots=True)
class UnitTargets:
    """A unit's year: what is asked, the whole, and a page of its people, who needs most first."""

    unit: Unit
    year: int
    asked: Asked
    whole: Outlook
    rows: list[PersonTarget]
    counts: dict[Course, int]
    page: int
    pages: int
    total: int
    may_set: bool


def unit_targets(
    actor: Actor, unit_id: int, *, at: datetime, course: Course | None = None, page: int = 1
) -> UnitTargets:
    """The people of a unit within reach with their targets; minors are judged, but not listed.

    Raises Refused ``not_allowed``, ``not_yours``, ``not_found``.
    """
    require(actor, Act.VIEW_HOURS)
    require(actor, Act.VIEW_HOURS, unit_id=unit_id)
    unit = db.session.get(Unit, unit_id)
    if unit is None:
        raise Refused("not_found", "没有找到这个单位。", status=404)
    year = year_of(at)
    asked = asked_of([unit_id], year.number)[unit_id]
    people, found = _people_of(unit_id, asked.per_person, year)
    adult = at.year - policy_on(year.today).adult_age
    young = {p.id for p in people if p.birth_year is not None and p.birth_year > adult}
    counts = {word: sum(row.outlook.course is word for row in found) for word in Course}
    shown = [row for row in found if row.volunteer_id not in young]
    if course is not None:
        shown = [row for row in shown if row.outlook.course is course]
    shown.sort(key=lambda row: (-row.outlook.missing, row.name))
    pages = max(1, -(-len(shown) // PAGE))
    page = min(max(1, page), pages)
    return UnitTargets(
        unit,
        year.number,
        asked,
        _whole(unit_id, asked, len(people), year),
        shown[(page - 1) * PAGE : page * PAGE],
        counts,
        page,
        pages,
        len(shown),
        may(actor, Act.SET_TARGETS, unit_id=unit_id),
    )


def _people_of(
    unit_id: int, per_person: int, year: Year
) -> tuple[list[Volunteer], list[PersonTarget]]:
    people = db.session.scalars(
        select(Volunteer)
        .where(
            Volunteer.unit_id == unit_id,
            Volunteer.state.in_(SERVING),
            Volunteer.merged_into_id.is_(None),
        )
        .order_by(Volunteer.name_key, Volunteer.id)
    ).all()
    ids = [person.id for person in people]
    served, pauses = _served(ids, year), _paused(ids, year)
    found = [
        PersonTarget(
            person.id,
            person.name,
            person.number,
            _outlook(
                person,
                per_person,
                served.get(person.id, (0, 0)),
                pauses.get(person.id, []),
                year,
            ),
        )
        for person in people
    ]
    return list(people), found


def _whole(unit_id: int, asked: Asked, people: int, year: Year) -> Outlook:
    minutes, times = db.session.execute(
        select(func.coalesce(func.sum(LedgerEntry.minutes), 0), _times()).where(
            LedgerEntry.unit_id == unit_id, *_of_year(year)
        )
    ).one()
    target = asked.whole if asked.whole is not None else asked.per_person * people
    passed = year.between(year.began, year.today)
    return outlook(int(minutes), int(times), target, passed=passed, left=year.left)


def own_unit_target(actor: Actor, *, at: datetime) -> tuple[int, Outlook] | None:
    """The own unit's whole beside its number, for the desk's first page; nothing where nothing is asked."""
    if actor.unit_id is None or not may(actor, Act.VIEW_HOURS, unit_id=actor.unit_id):
        return None
    year = year_of(at)
    asked = asked_of([actor.unit_id], year.number)[actor.unit_id]
    people = db.session.scalar(
        select(func.count())
        .select_from(Volunteer)
        .where(
            Volunteer.unit_id == actor.unit_id,
            Volunteer.state.in_(SERVING),
            Volunteer.merged_into_id.is_(None),
        )
    )
    whole = _whole(actor.unit_id, asked, people or 0, year)
    return (actor.unit_id, whole) if whole.target else None


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit beside the others: people on the roll, and the whole against what is asked."""

    unit: Unit
    people: int
    outlook: Outlook


def units_compared(actor: Actor, *, at: datetime) -> list[UnitLine]:
    """The units within reach that have people, the furthest from their target first; four statements.

    Raises Refused ``not_allowed``.
    """
    require(actor, Act.VIEW_HOURS)
    year = year_of(at)
    heads: Any = (
        select(Unit, func.count(Volunteer.id))
        .join(Volunteer, Volunteer.unit_id == Unit.id)
        .where(Volunteer.state.in_(SERVING), Volunteer.merged_into_id.is_(None), Unit.is_active)
        .group_by(Unit.id)
    )
    heads = visible(heads, actor, Act.VIEW_HOURS, unit=Unit.id)
    units = [(row[0], int(row[1])) for row in db.session.execute(heads)]
    asked = asked_of([unit.id for unit, _ in units], year.number)
    sums = {
        row[0]: (int(row[1]), int(row[2]))
        for row in db.session.execute(
            select(LedgerEntry.unit_id, func.sum(LedgerEntry.minutes), _times())
            .where(*_of_year(year))
            .group_by(LedgerEntry.unit_id)
        )
    }
    passed = year.between(year.began, year.today)
    lines = []
    for unit, people in units:
        one = asked[unit.id]
        target = one.whole if one.whole is not None else one.per_person * people
        minutes, times = sums.get(unit.id, (0, 0))
        lines.append(
            UnitLine(unit, people, outlook(minutes, times, target, passed=passed, left=year.left))
        )
    return sorted(lines, key=lambda line: (line.outlook.share, line.unit.name))
