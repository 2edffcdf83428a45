"""Volunteers as people of a problem: who may be asked at all, when, with what, and at what price."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from volunteer.domain.terms import AvailabilityLevel, ConsentPurpose, VolunteerState
from volunteer.domain.timekeeping import DAY_MINUTES
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
from volunteer.queries.planning.reading import Among, of, rows
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
    ground: Ground,
    near: list[ColumnElement[bool]],
    chosen: list[ColumnElement[bool]],
    among: Among,
) -> Crowd:
    """Read the people that ``chosen`` selects, each table once; unit sizes count everybody ``near``.

    Consent is asked once, for the people; what hangs on them is read without it, ``among`` the volunteers, and
    looked up by person.
    """
    found = rows(
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
    sizes = Counter(row.unit_id for row in found) if chosen is near else _sizes(near)
    year = ground.week_on.year
    crowd = Crowd([r for r in found if _may_serve(r, year)], sizes)
    _read_times(crowd, among, ground.week_on)
    _read_facts(crowd, among, ground.week_on)
    return crowd


def _sizes(near: list[ColumnElement[bool]]) -> dict[int, int]:
    count = select(Volunteer.unit_id, func.count()).where(*near, agreed())
    return dict(rows(count.group_by(Volunteer.unit_id)))


def units_of_people(near: list[ColumnElement[bool]], week_on: date) -> dict[int, int]:
    """Return the unit of each volunteer who may be planned in the week."""
    found = rows(
        select(
            Volunteer.id, Volunteer.unit_id, Volunteer.birth_year, Volunteer.has_guardian_consent
        ).where(*near, agreed())
    )
    return {row.id: row.unit_id for row in found if _may_serve(row, week_on.year)}


def _may_serve(row: Any, year: int) -> bool:
    """Adults, and minors whose guardian agreed."""
    return age_of(row.birth_year, year) >= ADULT or bool(row.has_guardian_consent)


def _read_times(crowd: Crowd, among: Among, week_on: date) -> None:
    weekly = stated.windows(among)
    dated: dict[int, list[Dated]] = defaultdict(list)
    for who, on, start, end, level in rows(
        select(
            AvailabilityException.volunteer_id,
            AvailabilityException.on_date,
            AvailabilityException.start_minute,
            AvailabilityException.end_minute,
            AvailabilityException.level,
        ).where(
            *of(AvailabilityException.volunteer_id, among),
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


def _days_off(among: Among, week_on: date) -> Iterator[tuple[int, date]]:
    """The days of the week on which people of the crowd pause (请假、公出)."""
    last = week_on + timedelta(days=DAYS - 1)
    for who, since, until in rows(
        select(Pause.volunteer_id, Pause.since_on, Pause.until_on).where(
            *of(Pause.volunteer_id, among),
            Pause.ended_at.is_(None),
            Pause.since_on <= last,
            or_(Pause.until_on.is_(None), Pause.until_on >= week_on),
        )
    ):
        first, end = max(since, week_on), min(until or last, last)
        for offset in range((end - first).days + 1):
            yield who, first + timedelta(days=offset)


def _read_facts(crowd: Crowd, among: Among, week_on: date) -> None:
    crowd.skills = stated.skills(among, week_on)
    crowd.wishes = stated.wishes(among)
    crowd.served = {
        who: max(0, minutes)
        for who, minutes in rows(
            select(LedgerEntry.volunteer_id, func.sum(LedgerEntry.minutes))
            .where(
                *of(LedgerEntry.volunteer_id, among),
                LedgerEntry.service_on >= week_on - HISTORY,
                LedgerEntry.service_on < week_on,
            )
            .group_by(LedgerEntry.volunteer_id)
        )
    }
    crowd.apart = [
        (one, other)
        for one, other in rows(
            select(Apart.first_id, Apart.second_id)
            .where(*of(Apart.first_id, among), *of(Apart.second_id, among))
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
    return tuple(made(told) for told in _all_told(crowd, seats))


def _all_told(crowd: Crowd, seats: Seats) -> Iterator[Told]:
    """What decides each person: thousands a page, so nothing is looked up twice."""
    free_of, served_of = crowd.free, crowd.served.get
    skills_of, wishes_of = crowd.skills.get, crowd.wishes.get
    for row in crowd.rows:
        facts = tuple(row)
        who = facts[0]
        free, minutes = free_of[who], 0
        promised: tuple[Span, ...] = ()
        busy: tuple[Span, ...] = ()
        if who in seats.accepted:
            spans = seats.accepted[who]
            promised = tuple(w for w in spans if not overlaps(free.cannot, *w))
        if who in seats.elsewhere:
            busy = tuple(seats.busy(who, row.max_shifts_per_day))
            minutes = seats.minutes_elsewhere(who)
        yield Told(
            facts,
            free,
            promised,
            busy,
            minutes,
            served_of(who, 0),
            skills_of(who, ""),
            wishes_of(who, ""),
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
