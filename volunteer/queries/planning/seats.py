"""Seats (派班) as a plan meets them: told here, refused here, and taken elsewhere in the same week."""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from math import isqrt
from typing import Any

from sqlalchemy import Select, and_, or_, select

from volunteer.domain.terms import AssignmentState, CancelCause, PinVerdict, ShiftState
from volunteer.models.activities import Shift
from volunteer.models.places import CheckPoint
from volunteer.models.rosters import Assignment, Pin
from volunteer.queries.planning import names
from volunteer.queries.planning.duties import Ground
from volunteer.queries.planning.reading import Among, of, rows
from volunteer.scheduling.problem import DAY, Pair, Travel

LIVE = (AssignmentState.PROPOSED, AssignmentState.ACCEPTED)
TRAVEL = Travel(overhead_minutes=5, metres_per_minute=250)
"""An e-bike in town traffic, 15 km/h, and five minutes to park and find each other."""
REST_MINUTES = 600

Span = tuple[int, int]


@dataclass(slots=True)
class Seats:
    """What people were told, by volunteer; minutes of the week."""

    published: list[Pair] = field(default_factory=list)
    refused: list[Pair] = field(default_factory=list)
    pins: list[Pair] = field(default_factory=list)
    accepted: dict[int, list[Span]] = field(default_factory=dict)
    elsewhere: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)
    cuts: dict[int, Span] = field(default_factory=dict)

    def minutes_elsewhere(self, volunteer_id: int) -> int:
        """Return the minutes of this week already promised outside the plan."""
        return sum(
            end - start
            for _, start, end in self.elsewhere.get(volunteer_id, ())
            if 0 <= start < 7 * DAY
        )

    def busy(self, volunteer_id: int, max_per_day: int) -> list[Span]:
        """Return when the person cannot take a shift of the plan because of seats outside it.

        The hours of such a seat and, around them, the shifts of the plan that could not be reached in
        time or would leave too little rest; the whole day where it already holds all the shifts that
        the person serves on one day.
        """
        taken = self.elsewhere.get(volunteer_id, ())
        spans = [self.cuts[shift_id] for shift_id, _, _ in taken]
        days = Counter(start // DAY for _, start, _ in taken)
        spans += [(d * DAY, (d + 1) * DAY) for d, n in days.items() if n >= max_per_day]
        return spans


def seated_in(ground: Ground) -> Select[Any]:
    """Select the volunteers who hold a live seat on a shift of the plan."""
    ids = [row.id for row in ground.shifts]
    return select(Assignment.volunteer_id).where(
        Assignment.shift_id.in_(ids), Assignment.state.in_(LIVE)
    )


def read_seats(ground: Ground, among: Among) -> Seats:
    """Read the seats of the week and a day on either side, and what was fixed by hand."""
    mine = {row.id for row in ground.shifts}
    seats = Seats()
    accepted: dict[int, list[Span]] = defaultdict(list)
    elsewhere: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    outside: dict[int, Any] = {}
    for row in _seat_rows(ground, among):
        live = row.state in LIVE
        if row.shift_id in mine:
            pair = names.pair_of(row.volunteer_id, row.shift_id)
            (seats.published if live else seats.refused).append(pair)
            if row.state is AssignmentState.ACCEPTED:
                span = (ground.start_of(row.starts_at), ground.start_of(row.ends_at))
                accepted[row.volunteer_id].append(span)
        elif live:
            outside[row.shift_id] = row
            span = (ground.start_of(row.starts_at), ground.start_of(row.ends_at))
            elsewhere[row.volunteer_id].append((row.shift_id, *span))
    seats.accepted, seats.elsewhere = accepted, elsewhere
    near = _Near(ground)
    seats.cuts = {shift_id: near.around(row) for shift_id, row in outside.items()}
    _read_pins(ground, seats, among)
    return seats


def _seat_rows(ground: Ground, among: Among) -> Any:
    return rows(
        select(
            Assignment.volunteer_id,
            Assignment.shift_id,
            Assignment.state,
            Shift.starts_at,
            Shift.ends_at,
            Shift.point_id,
            CheckPoint.lat,
            CheckPoint.lon,
        )
        .join(Shift, Shift.id == Assignment.shift_id)
        .join(CheckPoint, CheckPoint.id == Shift.point_id)
        .where(
            *of(Assignment.volunteer_id, among),
            Shift.service_on.between(
                ground.week_on - timedelta(days=1), ground.week_on + timedelta(days=7)
            ),
            Shift.state != ShiftState.CANCELLED,
            or_(
                Assignment.state.in_((*LIVE, AssignmentState.DECLINED)),
                and_(
                    Assignment.state == AssignmentState.CANCELLED,
                    Assignment.cancel_cause == CancelCause.BY_PERSON,
                ),
            ),
        )
        .order_by(Assignment.volunteer_id, Assignment.shift_id)
    )


def _read_pins(ground: Ground, seats: Seats, among: Among) -> None:
    """Pins and bans by hand. Who has since said no to a shift is not held there by an old pin."""
    refused = set(seats.refused)
    for volunteer_id, shift_id, verdict in rows(
        select(Pin.volunteer_id, Pin.shift_id, Pin.verdict)
        .where(Pin.shift_id.in_([row.id for row in ground.shifts]), *of(Pin.volunteer_id, among))
        .order_by(Pin.volunteer_id, Pin.shift_id)
    ):
        pair = names.pair_of(volunteer_id, shift_id)
        if verdict is PinVerdict.NEVER and pair not in refused:
            seats.refused.append(pair)
        elif verdict is PinVerdict.MUST and pair not in refused:
            seats.pins.append(pair)


class _Near:
    """The shifts of the plan by start, to find those that a seat outside the plan stands in the way of."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.stands = sorted(
            (
                ground.start_of(row.starts_at),
                ground.start_of(row.ends_at),
                row.point_id,
                ground.place_of(row.lat, row.lon),
            )
            for row in ground.shifts
        )
        self.starts = [stand[0] for stand in self.stands]
        self.longest = max((end - start for start, end, _, _ in self.stands), default=0)

    def around(self, row: Any) -> Span:
        """Return the seat's hours, widened until no shift in its way fits outside them."""
        start = self.ground.start_of(row.starts_at)
        end = self.ground.start_of(row.ends_at)
        place = self.ground.place_of(row.lat, row.lon)
        opens, closes = start, end
        first = bisect_left(self.starts, start - REST_MINUTES - self.longest)
        last = bisect_right(self.starts, end + REST_MINUTES)
        for other in self.stands[first:last]:
            need = 0 if other[2] == row.point_id else _travel(place, other[3])
            if other[0] // DAY != start // DAY:
                need = max(need, REST_MINUTES)
            if end <= other[0] < end + need:
                closes = max(closes, other[0] + 1)
            elif start - need < other[1] <= start:
                opens = min(opens, other[1] - 1)
        return opens, closes


def _travel(one: tuple[int, int], other: tuple[int, int]) -> int:
    squared = (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2
    root = isqrt(squared)
    root += root * root < squared
    return -(-root // TRAVEL.metres_per_minute) + TRAVEL.overhead_minutes
