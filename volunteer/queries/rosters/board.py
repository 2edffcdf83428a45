"""The board of a week (排班看板): shifts by point and day, who stands there, and where people are missing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select

from volunteer.domain.access import Act, Actor, may, scope_of
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import AssignmentState, CancelCause, PinVerdict
from volunteer.domain.timekeeping import week_of
from volunteer.domain.words import N_
from volunteer.models.activities import JointUnit, Shift, ShiftQuota
from volunteer.models.base import db
from volunteer.models.people import Unit, Volunteer
from volunteer.models.rosters import Assignment, Pin
from volunteer.queries.planning import PlanScope
from volunteer.queries.rosters.drafts import parts
from volunteer.queries.scope import visible
from volunteer.queries.shifts import (
    ShiftLine,
    lines_of,
    no_such_shift,
    seen_shifts,
    shift_rows,
    shifts_of_week,
)

POINTS_PER_PAGE = 30


@dataclass(frozen=True, slots=True)
class Wanted:
    """How the board is narrowed."""

    district_id: int | None = None
    kind_id: int | None = None
    unit_id: int | None = None
    only_short: bool = False
    words: str = ""

    @property
    def is_narrow(self) -> bool:
        """Whether anything is narrowed."""
        return bool(
            self.district_id or self.kind_id or self.unit_id or self.only_short or self.words
        )


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of the week: what the tiles say."""

    shifts: int
    seated: int
    needed: int
    short_shifts: int
    missing: int
    key_points: int
    proposed: int


@dataclass(frozen=True, slots=True)
class Row:
    """One point with the shifts of each of the seven days."""

    point_id: int
    place: str
    district: str
    days: tuple[tuple[ShiftLine, ...], ...]


@dataclass(frozen=True, slots=True)
class Board:
    """A page of the week: rows of points, figures of the whole, the kinds that occur."""

    week_on: date
    rows: list[Row]
    figures: Figures
    kinds: list[tuple[str, str]]  # hue, name
    short_days: frozenset[int]
    page: int
    pages: int
    points: int

    @property
    def shift_ids(self) -> list[int]:
        """The shifts on this page."""
        return [line.id for row in self.rows for day in row.days for line in day]


def board_of_week(
    actor: Actor, week_on: date, wanted: Wanted, *, page: int = 1, per: int = POINTS_PER_PAGE
) -> Board:
    """Return a page of the board that the actor may see; points where people are missing come first."""
    lines = [
        line
        for line in shifts_of_week(
            actor,
            week_on,
            unit_id=wanted.unit_id,
            district_id=wanted.district_id,
            kind_id=wanted.kind_id,
        )
        if line.activity_state.value != "draft" and _matches(line, wanted)
    ]
    return board_of(lines, week_on, page=page, per=per)


def _matches(line: ShiftLine, wanted: Wanted) -> bool:
    if wanted.only_short and not line.short:
        return False
    return not wanted.words or wanted.words in line.place or wanted.words in line.unit_name


def board_of(
    lines: list[ShiftLine], week_on: date, *, page: int = 1, per: int = POINTS_PER_PAGE
) -> Board:
    """Lay lines out by point and day."""
    by_point: dict[int, list[ShiftLine]] = defaultdict(list)
    for line in lines:
        by_point[line.point_id].append(line)
    order = sorted(
        by_point,
        key=lambda p: (
            -any(line.badge for line in by_point[p]),
            -sum(line.short for line in by_point[p]),
            by_point[p][0].point_name,
        ),
    )
    pages = max(1, -(-len(order) // per))
    page = min(max(1, page), pages)
    shown = order[(page - 1) * per : page * per]
    return Board(
        week_on=week_on,
        rows=[_row(point, by_point[point], week_on) for point in shown],
        figures=figures_of(lines),
        kinds=sorted({(line.hue, line.kind_name) for line in lines}, key=lambda k: k[1]),
        short_days=frozenset((line.service_on - week_on).days for line in lines if line.short),
        page=page,
        pages=pages,
        points=len(order),
    )


def _row(point_id: int, lines: list[ShiftLine], week_on: date) -> Row:
    days = tuple(
        tuple(line for line in lines if line.service_on == week_on + timedelta(days=day))
        for day in range(7)
    )
    return Row(point_id, lines[0].point_name, lines[0].district_name, days)


def figures_of(lines: Iterable[ShiftLine]) -> Figures:
    """Add up a week; shifts called off do not count."""
    held = [line for line in lines if not line.is_off]
    return Figures(
        shifts=len(held),
        seated=sum(line.seated for line in held),
        needed=sum(line.min_heads for line in held),
        short_shifts=sum(bool(line.short) for line in held),
        missing=sum(line.short for line in held),
        key_points=len({line.point_id for line in held if line.badge}),
        proposed=sum(line.proposed for line in held),
    )


@dataclass(frozen=True, slots=True)
class SeatLine:
    """One person on a shift, or who was."""

    id: int
    shift_id: int
    volunteer_id: int
    name: str
    unit_name: str
    state: AssignmentState
    source: str
    cancel_cause: CancelCause | None
    answer_reason: str
    told_at: datetime
    is_leader: bool


def seats_on(shift_ids: Iterable[int]) -> dict[int, list[SeatLine]]:
    """Return everybody who has or had a seat on the shifts; accepted first, then proposed, then the rest."""
    ids = sorted(set(shift_ids))
    found: dict[int, list[SeatLine]] = defaultdict(list)
    rows = db.session.execute(
        select(Assignment, Volunteer.name, Unit.name, Shift.leader_id)
        .join(Volunteer, Volunteer.id == Assignment.volunteer_id)
        .join(Unit, Unit.id == Assignment.unit_id)
        .join(Shift, Shift.id == Assignment.shift_id)
        .where(Assignment.shift_id.in_(ids))
        .order_by(Assignment.shift_id, Unit.name, Volunteer.name)
    )
    for seat, name, unit, leader_id in rows:
        found[seat.shift_id].append(
            SeatLine(
                id=seat.id,
                shift_id=seat.shift_id,
                volunteer_id=seat.volunteer_id,
                name=name,
                unit_name=unit,
                state=seat.state,
                source=seat.source,
                cancel_cause=seat.cancel_cause,
                answer_reason=seat.answer_reason,
                told_at=seat.told_at,
                is_leader=leader_id == seat.volunteer_id,
            )
        )
    for seats in found.values():
        seats.sort(key=lambda seat: ORDER.index(seat.state))
    return found


ORDER = (
    AssignmentState.ACCEPTED,
    AssignmentState.PROPOSED,
    AssignmentState.DECLINED,
    AssignmentState.EXPIRED,
    AssignmentState.CANCELLED,
)


def pins_on(shift_ids: Iterable[int]) -> dict[tuple[int, int], PinVerdict]:
    """Return pins and bans by (shift, volunteer)."""
    found: dict[tuple[int, int], PinVerdict] = {}
    for part in parts(shift_ids):
        for shift_id, volunteer_id, verdict in db.session.execute(
            select(Pin.shift_id, Pin.volunteer_id, Pin.verdict).where(Pin.shift_id.in_(part))
        ):
            found[shift_id, volunteer_id] = verdict
    return found


def shift_in_reach(actor: Actor, shift_id: int) -> ShiftLine:
    """Return the shift as the board shows it.

    Raises
    ------
    Refused
        ``not_found`` (404) for a shift out of reach.
    """
    found = lines_of(seen_shifts(shift_rows().where(Shift.id == shift_id), actor, Act.VIEW_ROSTERS))
    if not found:
        raise no_such_shift()
    return found[0]


def volunteer_in_reach(actor: Actor, volunteer_id: int, shift_id: int) -> Volunteer:
    """Return a person whom the actor may put on the shift.

    Of the actor's own people, of a joint unit or one with a quota on the shift, or on it already.

    Raises
    ------
    Refused
        ``not_found`` (404).
    """
    own = visible(select(Volunteer.id), actor, Act.VIEW_PEOPLE, unit=Volunteer.unit_id)
    invited = (
        select(JointUnit.unit_id)
        .join(Shift, Shift.activity_id == JointUnit.activity_id)
        .where(Shift.id == shift_id)
        .union(select(ShiftQuota.unit_id).where(ShiftQuota.shift_id == shift_id))
    )
    there = select(Assignment.volunteer_id).where(Assignment.shift_id == shift_id)
    person = db.session.scalar(
        select(Volunteer).where(
            Volunteer.id == volunteer_id,
            or_(
                Volunteer.id.in_(own),
                Volunteer.unit_id.in_(invited),
                Volunteer.id.in_(there),
            ),
        )
    )
    if person is None:
        raise Refused(
            "not_found", N_("没有找到这位志愿者。"), N_("请从候选名单中选择。"), status=404
        )
    return person


def scope_for(actor: Actor, line: ShiftLine, act: Act = Act.VIEW_ROSTERS) -> PlanScope:
    """Return the widest scope around a shift in which the actor may choose people."""
    if scope_of(actor, act).everything:
        return PlanScope()
    if may(actor, act, district_id=line.district_id):
        return PlanScope(district_id=line.district_id)
    return PlanScope(unit_id=line.unit_id)


def week_holding(line: ShiftLine) -> date:
    """Return the Monday of the week that the shift belongs to."""
    return week_of(line.service_on)
