"""Repair (补位): which shifts are in trouble, who could come, and why a shift is short."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from volunteer.domain.access import Act, Actor
from volunteer.domain.terms import ActivityState, AssignmentState, ShiftState
from volunteer.domain.words import N_
from volunteer.models.activities import Activity, Shift
from volunteer.models.base import db
from volunteer.models.people import Unit, Volunteer
from volunteer.models.rosters import Assignment
from volunteer.queries.planning import names, number_of
from volunteer.queries.rosters.board import SeatLine, seats_on
from volunteer.queries.rosters.drafts import parts
from volunteer.queries.rosters.saying import help_words, skill_words, why_words
from volunteer.queries.rosters.table import Table
from volunteer.queries.shifts import SEATED, ShiftLine, lines_of, seen_shifts, shift_rows
from volunteer.scheduling.candidates import Candidate, candidates
from volunteer.scheduling.explain import explain_shift
from volunteer.scheduling.problem import Relaxation

TROUBLE_AHEAD = timedelta(hours=48)
MOST_TROUBLES = 60


@dataclass(frozen=True, slots=True)
class CandidateLine:
    """One person who could take a seat, with plain reasons; the best first."""

    volunteer_id: int
    name: str
    unit_name: str
    is_free: bool
    metres: int | None
    served_minutes: int
    week_minutes: int
    last_asked_at: datetime | None
    leaves: tuple[str, ...]
    reasons: tuple[str, ...]


def candidates_for(
    table: Table, shift_id: int, *, at: datetime, top: int = 12
) -> list[CandidateLine]:
    """Return who could take one more seat, ranked by the rules; who was asked today comes after equals.

    ``table`` must hold everybody in reach. A full shift has no candidates.
    """
    if not table.has(shift_id):
        return []
    found = candidates(table.index, table.roster, names.duty(shift_id), top=top * 2)
    rows = _facts(number_of(one.person) for one in found)
    lines = [_line(table, shift_id, one, rows) for one in found]
    order = sorted(
        range(len(lines)),
        key=lambda i: (
            not lines[i].is_free,
            found[i].change.coverage,
            _asked_today(lines[i], at),
            i,
        ),
    )
    return [lines[i] for i in order[:top]]


def _asked_today(line: CandidateLine, at: datetime) -> bool:
    """Whether the person was asked within a day: others come first, so that nobody is pestered."""
    return line.last_asked_at is not None and at - line.last_asked_at < timedelta(days=1)


def _facts(numbers: Iterable[int]) -> dict[int, tuple[str, str, datetime | None]]:
    found: dict[int, tuple[str, str, datetime | None]] = {}
    for part in parts(numbers):
        for row in db.session.execute(
            select(Volunteer.id, Volunteer.name, Unit.name, Volunteer.last_asked_at)
            .join(Unit, Unit.id == Volunteer.unit_id)
            .where(Volunteer.id.in_(part))
        ):
            found[row[0]] = (row[1], row[2], row[3])
    return found


def _line(
    table: Table,
    shift_id: int,
    one: Candidate,
    rows: dict[int, tuple[str, str, datetime | None]],
) -> CandidateLine:
    book = table.index.book
    person, duty = book.people[one.person], book.duties[names.duty(shift_id)]
    number = number_of(one.person)
    name, unit, asked = rows.get(number, ("", "", None))
    reasons: list[str] = [table.finding(f) for f in one.reasons if f.level.value == "hard"]
    held = sorted({*person.skills} & {skill for skill, _ in duty.at_least})
    reasons += skill_words(table, held)
    if any(unit_id == person.unit for unit_id, _ in duty.quotas):
        reasons.append(N_("属于应派人的单位"))
    wish = person.wishes.get(duty.activity, 1)
    if wish == 0:
        reasons.append(N_("很愿意做这类服务"))
    elif wish >= 2:
        reasons.append(N_("不太愿意在这时或做这类服务"))
    return CandidateLine(
        volunteer_id=number,
        name=name,
        unit_name=unit,
        is_free=one.is_free,
        metres=None if person.home is None else book.metres(person, duty),
        served_minutes=person.served_minutes,
        week_minutes=table.roster.minutes_of(person.id),
        last_asked_at=asked,
        leaves=tuple(table.name("duty", left) for left in one.leaves),
        reasons=tuple(reasons),
    )


@dataclass(frozen=True, slots=True)
class WhyShort:
    """Why a shift lacks people: whom each rule keeps away, how many could come now, what would help."""

    missing: int
    below_minimum: bool
    lacks: tuple[str, ...]
    shut_out: tuple[str, ...]
    free: int
    would_help: tuple[str, ...]


def why_short(table: Table, shift_id: int) -> WhyShort | None:
    """Return the reasons for one shift; None for one that cannot be planned now."""
    if not table.has(shift_id):
        return None
    duty = names.duty(shift_id)
    reason = explain_shift(table.index, table.roster, duty)
    helps = [Relaxation(r.change, r.to, r.gains) for r in reason.would_help]
    return WhyShort(
        missing=reason.missing,
        below_minimum=reason.have < table.index.book.duties[duty].min,
        lacks=tuple(table.finding(f) for f in reason.lacks),
        shut_out=tuple(why_words(reason.shut_out)),
        free=reason.free,
        would_help=tuple(help_words(table, helps)),
    )


@dataclass(frozen=True, slots=True)
class Trouble:
    """A shift that needs somebody soon: who fell away, who has not answered."""

    line: ShiftLine
    fallen: tuple[SeatLine, ...]
    waiting: tuple[SeatLine, ...]


def shifts_in_trouble(
    actor: Actor, *, at: datetime, ahead: timedelta = TROUBLE_AHEAD
) -> list[Trouble]:
    """Return published shifts that start soon and lack people, the earliest first."""
    seated = (
        select(func.count())
        .select_from(Assignment)
        .where(Assignment.shift_id == Shift.id, Assignment.state.in_(SEATED))
        .correlate(Shift)
        .scalar_subquery()
    )
    statement = shift_rows().where(
        Shift.ends_at > at,
        Shift.starts_at < at + ahead,
        Shift.state == ShiftState.PUBLISHED,
        Activity.state == ActivityState.PUBLISHED,
        seated < Shift.min_heads,
    )
    statement = seen_shifts(statement, actor, Act.VIEW_ROSTERS)
    lines = lines_of(
        statement.order_by(Shift.starts_at, Shift.priority, Shift.id).limit(MOST_TROUBLES)
    )
    seats = seats_on(line.id for line in lines)
    return [
        Trouble(
            line,
            tuple(s for s in seats.get(line.id, ()) if s.state in FALLEN),
            tuple(s for s in seats.get(line.id, ()) if s.state is AssignmentState.PROPOSED),
        )
        for line in lines
    ]


FALLEN = (AssignmentState.DECLINED, AssignmentState.EXPIRED)
