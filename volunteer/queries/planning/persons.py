"""Volunteers as people of a problem: who may be asked at all, when, with what, and at what price."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from volunteer.domain.terms import AvailabilityLevel, ConsentPurpose, VolunteerState
from volunteer.domain.timekeeping import DAY_MINUTES
from volunteer.models.base import db
from volunteer.models.ledger import LedgerEntry
from volunteer.models.people import (
    Apart,
    AvailabilityException,
    Consent,
    Pause,
    Volunteer,
)
from volunteer.queries.planning import names, stated
from volunteer.queries.planning.duties import ADULT, Ground, Slot
from volunteer.queries.planning.layout import Setting, Told, age_of, laid_out
from volunteer.queries.planning.seats import Seats
from volunteer.queries.planning.windows import (
    DAYS,
    Dated,
    Free,
    Span,
    overlaps,
)
from volunteer.scheduling.problem import Pair, Person, Unit

HISTORY = timedelta(days=90)
"""How far back served minutes count for fairness."""


@dataclass(slots=True)
class Crowd:
    """Everything known of the people in reach, by volunteer."""

    rows: list[Any]  # see read_crowd
    sizes: dict[int, int]
    free: dict[int, Free] = field(default_factory=dict)
    skills: dict[int, str] = field(default_factory=dict)  # as one line, see stated
    wishes: dict[int, str] = field(default_factory=dict)  # as one line, see stated
    served: dict[int, int] = field(default_factory=dict)
    apart: list[tuple[int, int]] = field(default_factory=list)


def in_reach(unit_ids: Collection[int] | None, seated: Select[Any]) -> list[ColumnElement[bool]]:
    """Return what holds for a volunteer within reach of a plan, consent aside (see ``agreed``).

    Active; of the units in reach (None: of any), or already holding a seat that ``seated`` selects.
    """
    clauses: list[ColumnElement[bool]] = [Volunteer.state == VolunteerState.ACTIVE]
    if unit_ids is not None:
        clauses.append(or_(Volunteer.unit_id.in_(sorted(unit_ids)), Volunteer.id.in_(seated)))
    return clauses


def agreed() -> ColumnElement[bool]:
    """Return what holds for a volunteer whose consent to be rostered is not withdrawn."""
    withdrawn = (
        select(Consent.volunteer_id)
        .where(Consent.purpose == ConsentPurpose.ACCOUNT)
        .group_by(Consent.volunteer_id)
        .having(func.count(Consent.withdrawn_at) == func.count())
    )
    return Volunteer.id.not_in(withdrawn)


def askable(unit_ids: Collection[int] | None, seated: Select[Any]) -> list[ColumnElement[bool]]:
    """Return what holds for a volunteer who may be planned: in reach, and agreed."""
    return [*in_reach(unit_ids, seated), agreed()]


def read_crowd(
    ground: Ground, near: list[ColumnElement[bool]], chosen: list[ColumnElement[bool]]
) -> Crowd:
    """Read the people that ``chosen`` selects, each table once; unit sizes count everybody ``near``.

    Consent is asked once, for the people; what hangs on them is read without it and looked up by person.
    """
    sizes = {
        unit_id: count
        for unit_id, count in db.session.execute(
            select(Volunteer.unit_id, func.count())
            .where(*near, agreed())
            .group_by(Volunteer.unit_id)
        )
    }
    rows = db.session.execute(
        select(
            Volunteer.id,
            Volunteer.unit_id,
            Volunteer.birth_year,
            Volunteer.has_guardian_consent,
            Volunteer.home_lat,
            Volunteer.home_lon,
            Volunteer.max_minutes_per_week,
            Volunteer.max_shifts_per_day,
        )
        .where(*chosen, agreed())
        .order_by(Volunteer.id)
    )
    year = ground.week_on.year
    among = select(Volunteer.id).where(*chosen)
    crowd = Crowd([r for r in rows if _may_serve(r, year)], sizes)
    _read_times(crowd, among, ground.week_on)
    _read_facts(crowd, among, ground.week_on)
    return crowd


def units_of_people(near: list[ColumnElement[bool]], week_on: date) -> dict[int, int]:
    """Return the unit of each volunteer who may be planned in the week."""
    rows = db.session.execute(
        select(
            Volunteer.id, Volunteer.unit_id, Volunteer.birth_year, Volunteer.has_guardian_consent
        ).where(*near, agreed())
    )
    return {row.id: row.unit_id for row in rows if _may_serve(row, week_on.year)}


def _may_serve(row: Any, year: int) -> bool:
    """Adults, and minors whose guardian agreed."""
    return age_of(row.birth_year, year) >= ADULT or bool(row.has_guardian_consent)


def _read_times(crowd: Crowd, among: Select[Any], week_on: date) -> None:
    weekly = stated.windows(among)
    dated: dict[int, list[Dated]] = defaultdict(list)
    for who, on, start, end, level in db.session.execute(
        select(
            AvailabilityException.volunteer_id,
            AvailabilityException.on_date,
            AvailabilityException.start_minute,
            AvailabilityException.end_minute,
            AvailabilityException.level,
        ).where(
            AvailabilityException.volunteer_id.in_(among),
            AvailabilityException.on_date.between(week_on, week_on + timedelta(days=DAYS - 1)),
        )
    ):
        dated[who].append((on, start, end, level))
    for who, on in _days_off(among, week_on):
        dated[who] = [entry for entry in dated[who] if entry[0] != on]
        dated[who].append((on, 0, DAY_MINUTES, AvailabilityLevel.CANNOT))
    for row in crowd.rows:
        special = tuple(sorted(dated[row.id])) if row.id in dated else ()
        crowd.free[row.id] = stated.free_of(weekly.get(row.id, ""), special, week_on)


def _days_off(among: Select[Any], week_on: date) -> Iterator[tuple[int, date]]:
    """The days of the week on which people of the crowd pause (请假、公出)."""
    last = week_on + timedelta(days=DAYS - 1)
    for who, since, until in db.session.execute(
        select(Pause.volunteer_id, Pause.since_on, Pause.until_on).where(
            Pause.volunteer_id.in_(among),
            Pause.ended_at.is_(None),
            Pause.since_on <= last,
            or_(Pause.until_on.is_(None), Pause.until_on >= week_on),
        )
    ):
        first, end = max(since, week_on), min(until or last, last)
        for offset in range((end - first).days + 1):
            yield who, first + timedelta(days=offset)


def _read_facts(crowd: Crowd, among: Select[Any], week_on: date) -> None:
    crowd.skills = stated.skills(among, week_on)
    crowd.wishes = stated.wishes(among)
    crowd.served = {
        who: max(0, minutes)
        for who, minutes in db.session.execute(
            select(LedgerEntry.volunteer_id, func.sum(LedgerEntry.minutes))
            .where(
                LedgerEntry.volunteer_id.in_(among),
                LedgerEntry.service_on >= week_on - HISTORY,
                LedgerEntry.service_on < week_on,
            )
            .group_by(LedgerEntry.volunteer_id)
        )
    }
    crowd.apart = [
        (one, other)
        for one, other in db.session.execute(
            select(Apart.first_id, Apart.second_id)
            .where(Apart.first_id.in_(among), Apart.second_id.in_(among))
            .order_by(Apart.first_id, Apart.second_id)
        )
    ]


def reluctant_slots(ground: Ground, crowd: Crowd) -> set[Slot]:
    """Return the slots at which somebody would rather not serve: each becomes an activity of its own.

    The format prices a wish per activity, not per hour; so a slot that somebody would rather avoid is
    told apart, and the price falls on that person at that time alone.
    """
    slots = {
        (row.kind_id, ground.start_of(row.starts_at), ground.start_of(row.ends_at))
        for row in ground.shifts
    }
    times = {(start, end) for _, start, end in slots}
    shy = {id(f): f.rather_not for f in crowd.free.values() if f.rather_not}.values()
    avoided = {time for time in times if any(overlaps(spans, *time) for spans in shy)}
    return {slot for slot in slots if slot[1:] in avoided}


def people_of(ground: Ground, crowd: Crowd, seats: Seats, slots: set[Slot]) -> tuple[Person, ...]:
    """Return the volunteers as people of the problem, in the order of their numbers."""
    times: dict[Span, dict[int, str]] = {}
    for kind, start, end in sorted(slots):
        times.setdefault((start, end), {})[kind] = names.activity(kind, (start, end))
    setting = Setting(
        ground.week_on,
        ground.centre,
        tuple((time, tuple(kinds.items())) for time, kinds in times.items()),
        tuple((code, tuple(sorted(days))) for code, days in sorted(ground.skill_days.items())),
    )
    made = laid_out(setting)
    return tuple(made(_told(crowd, seats, row)) for row in crowd.rows)


def _told(crowd: Crowd, seats: Seats, row: Any) -> Told:
    free = crowd.free[row.id]
    promised = seats.accepted.get(row.id, ())
    is_away = row.id in seats.elsewhere
    return Told(
        row=tuple(row),
        free=free,
        promised=tuple(w for w in promised if not overlaps(free.cannot, *w)) if promised else (),
        busy=tuple(seats.busy(row.id, row.max_shifts_per_day)) if is_away else (),
        minutes_elsewhere=seats.minutes_elsewhere(row.id) if is_away else 0,
        served=crowd.served.get(row.id, 0),
        skills=crowd.skills.get(row.id, ""),
        wishes=crowd.wishes.get(row.id, ""),
    )


def units_of(ground: Ground, crowd: Crowd) -> tuple[Unit, ...]:
    """Return the units with their fair share: the demand of the week, divided by their people."""
    demand = sum(
        (ground.start_of(row.ends_at) - ground.start_of(row.starts_at)) * row.target_heads
        for row in ground.shifts
    )
    total = max(1, sum(crowd.sizes.values()))
    ids = set(crowd.sizes) | {unit for wants in ground.quotas.values() for unit, _ in wants}
    ids |= {row.unit_id for row in crowd.rows}
    return tuple(
        Unit(names.unit(unit), -(-demand * crowd.sizes.get(unit, 0) // total))
        for unit in sorted(ids)
    )


def apart_of(crowd: Crowd) -> tuple[Pair, ...]:
    """Return the pairs of people to be kept apart."""
    here = {row.id for row in crowd.rows}
    return tuple(
        (names.person(one), names.person(other))
        for one, other in crowd.apart
        if one in here and other in here
    )
