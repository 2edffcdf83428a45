"""Lists of deferred stamps (离线记录清单): what waits, what does not fit together, what could not be used."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.terms import DeferredState
from volunteer.models.activities import Activity, Shift
from volunteer.models.attendance import CheckIn, DeferredStamp, StampCancellation
from volunteer.models.base import db
from volunteer.models.people import Account, Unit, Volunteer
from volunteer.models.places import CheckPoint
from volunteer.queries.scope import visible

PAGE = 25
SHOWN = timedelta(days=60)
"""How long what is done with stays in the list of everything."""


@dataclass(frozen=True, slots=True)
class DeferredLine:
    """One deferred stamp with whom and which shift it means, and who sent it."""

    row: DeferredStamp
    volunteer: Volunteer | None
    unit: Unit | None
    shift: Shift | None
    place: str
    sender: str

    @property
    def delay_minutes(self) -> int:
        """How long it was under way, in minutes."""
        return max(0, int((self.row.received_at - self.row.claimed_at).total_seconds()) // 60)


@dataclass(frozen=True, slots=True)
class DeferredPage:
    """One page of lines."""

    lines: list[DeferredLine]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class SeatConflict:
    """One seat on which deferred stamps do not fit, or came late: all its stamps, and what is odd."""

    volunteer: Volunteer
    unit: Unit
    shift: Shift
    place: str
    rows: list[DeferredStamp] = field(default_factory=list)
    stamps: list[CheckIn] = field(default_factory=list)


def _open_seat() -> ColumnElement[bool]:
    """Recorded, and somebody should look at it."""
    return and_(
        DeferredStamp.state.in_([DeferredState.RECORDED, DeferredState.ACCEPTED]),
        DeferredStamp.seen_at.is_(None),
        or_(DeferredStamp.conflict.is_not(None), DeferredStamp.is_late.is_(True)),
    )


def _rows() -> Select[Any]:
    sender = aliased(Account)
    joined: Any = (
        select(DeferredStamp, Volunteer, Unit, Shift, CheckPoint.name, sender.name)
        .outerjoin(Shift, Shift.id == DeferredStamp.shift_id)
        .outerjoin(Activity, Activity.id == Shift.activity_id)
        .outerjoin(CheckPoint, CheckPoint.id == Shift.point_id)
        .outerjoin(Volunteer, Volunteer.id == DeferredStamp.volunteer_id)
        .outerjoin(Unit, Unit.id == Volunteer.unit_id)
        .join(sender, sender.id == DeferredStamp.account_id)
    )
    return joined


def _within(statement: Any, actor: Actor) -> Any:
    """Keep the rows of shifts within the actor's reach."""
    return visible(
        statement, actor, Act.VIEW_ATTENDANCE, unit=Activity.unit_id, shift=DeferredStamp.shift_id
    )


def _page(base: Select[Any], page: int, *order: Any) -> DeferredPage:
    total = db.session.scalar(base.with_only_columns(func.count(DeferredStamp.id))) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    rows = db.session.execute(base.order_by(*order).limit(PAGE).offset((page - 1) * PAGE))
    lines = [DeferredLine(row[0], row[1], row[2], row[3], row[4] or "", row[5]) for row in rows]
    return DeferredPage(lines, total, page, pages)


def waiting_deferred(actor: Actor, *, page: int = 1) -> DeferredPage:
    """What waits for a person's word within reach, the oldest arrival first."""
    require(actor, Act.VIEW_ATTENDANCE)
    base = _within(_rows().where(DeferredStamp.state == DeferredState.WAITING), actor)
    return _page(base, page, DeferredStamp.received_at, DeferredStamp.id)


def all_deferred(actor: Actor, *, at: datetime, page: int = 1) -> DeferredPage:
    """Everything that arrived within reach in the last sixty days, the newest first."""
    require(actor, Act.VIEW_ATTENDANCE)
    base = _within(_rows().where(DeferredStamp.received_at >= at - SHOWN), actor)
    return _page(base, page, DeferredStamp.received_at.desc(), DeferredStamp.id.desc())


def refused_deferred(actor: Actor, *, at: datetime, page: int = 1) -> DeferredPage:
    """What could not be used, of one's own shifts and of what one's own people sent, the newest first."""
    require(actor, Act.VIEW_ATTENDANCE)
    base = _rows().where(
        DeferredStamp.state == DeferredState.REFUSED, DeferredStamp.received_at >= at - SHOWN
    )
    owner = func.coalesce(Activity.unit_id, Volunteer.unit_id)
    scoped = visible(base, actor, Act.VIEW_ATTENDANCE, unit=owner, shift=DeferredStamp.shift_id)
    return _page(scoped, page, DeferredStamp.received_at.desc(), DeferredStamp.id.desc())


def conflicts_within(actor: Actor, *, page: int = 1) -> tuple[list[SeatConflict], int, int]:
    """The seats that somebody should look at, the oldest first, with all their stamps; and page and pages.

    Four statements, however many seats.
    """
    require(actor, Act.VIEW_ATTENDANCE)
    base = _within(
        select(DeferredStamp.shift_id, DeferredStamp.volunteer_id, func.min(DeferredStamp.id))
        .join(Shift, Shift.id == DeferredStamp.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .where(_open_seat()),
        actor,
    ).group_by(DeferredStamp.shift_id, DeferredStamp.volunteer_id)
    total = db.session.scalar(select(func.count()).select_from(base.subquery())) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    seats = db.session.execute(
        base.order_by(func.min(DeferredStamp.id)).limit(PAGE).offset((page - 1) * PAGE)
    ).all()
    return _seats([(row[0], row[1]) for row in seats]), page, pages


def _seats(keys: list[tuple[int, int]]) -> list[SeatConflict]:
    if not keys:
        return []
    shifts, people = {key[0] for key in keys}, {key[1] for key in keys}
    found: dict[tuple[int, int], SeatConflict] = {}
    rows = db.session.execute(
        _rows()
        .where(DeferredStamp.shift_id.in_(shifts), DeferredStamp.volunteer_id.in_(people))
        .order_by(DeferredStamp.claimed_at, DeferredStamp.id)
    )
    for row, volunteer, unit, shift, place, _sender in rows:
        key = (row.shift_id, row.volunteer_id)
        if key not in keys:
            continue
        seat = found.setdefault(key, SeatConflict(volunteer, unit, shift, place))
        if row.seen_at is None and row.state is not DeferredState.WAITING:
            seat.rows.append(row)
    stamps = db.session.scalars(
        select(CheckIn)
        .outerjoin(StampCancellation, StampCancellation.stamp_id == CheckIn.id)
        .where(
            CheckIn.shift_id.in_(shifts),
            CheckIn.volunteer_id.in_(people),
            StampCancellation.stamp_id.is_(None),
        )
        .order_by(CheckIn.at, CheckIn.id)
    )
    for stamp in stamps:
        if (stamp.shift_id, stamp.volunteer_id) in found:
            found[stamp.shift_id, stamp.volunteer_id].stamps.append(stamp)
    return [found[key] for key in keys if key in found]


def open_counts(actor: Actor) -> tuple[int, int]:
    """How many wait within reach, and how many seats should be looked at."""
    waiting = _within(
        select(func.count(DeferredStamp.id))
        .join(Shift, Shift.id == DeferredStamp.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .where(DeferredStamp.state == DeferredState.WAITING),
        actor,
    )
    both: Any = select(DeferredStamp.shift_id, DeferredStamp.volunteer_id)
    seats = _within(
        both.join(Shift, Shift.id == DeferredStamp.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .where(_open_seat())
        .distinct(),
        actor,
    )
    count = select(func.count()).select_from(seats.subquery())
    return db.session.scalar(waiting) or 0, db.session.scalar(count) or 0


def own_deferred(actor: Actor, *, shift_id: int) -> list[DeferredStamp]:
    """What became of the person's deferred stamps on a shift, in order of the instants that they claim."""
    require(actor, Act.OWN_STAMPS)
    return list(
        db.session.scalars(
            select(DeferredStamp)
            .where(
                DeferredStamp.volunteer_id == actor.volunteer_id,
                DeferredStamp.shift_id == shift_id,
                DeferredStamp.state != DeferredState.RECORDED,
            )
            .order_by(DeferredStamp.claimed_at)
        )
    )


def waiting_on_shift(shift_id: int) -> int:
    """How many deferred stamps of a shift wait for a person's word."""
    count = db.session.scalar(
        select(func.count())
        .select_from(DeferredStamp)
        .where(DeferredStamp.shift_id == shift_id, DeferredStamp.state == DeferredState.WAITING)
    )
    return count or 0
