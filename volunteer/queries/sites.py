"""The sites of a day (当天的现场): every shift with how many should be there, are there, and are missing."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select

from volunteer.domain.access import Act, Actor
from volunteer.domain.terms import ShiftState
from volunteer.models.activities import Activity, Shift
from volunteer.models.attendance import AttendanceNote, CheckIn, StampCancellation
from volunteer.models.base import db
from volunteer.models.people import Unit, Volunteer
from volunteer.models.places import CheckPoint
from volunteer.models.rosters import Assignment
from volunteer.queries.onsite import SEATED, Site, site_rows, stands_in
from volunteer.queries.scope import visible

PAGE = 30


@dataclass(frozen=True, slots=True)
class SiteLine:
    """One shift of a day with its heads: on the list, here now, ever came."""

    site: Site
    seated: int
    here: int
    came: int
    excused: int

    @property
    def missing(self) -> int:
        """Who is on the list, was not excused and has not come."""
        return max(0, self.seated - self.came - self.excused)


@dataclass(frozen=True, slots=True)
class SitePage:
    """One page of a day's shifts, and the sums over the whole day."""

    lines: list[SiteLine]
    total: int
    seated: int
    here: int
    came: int
    excused: int

    @property
    def missing(self) -> int:
        """Who should be there on this day, was not excused and has not come."""
        return max(0, self.seated - self.came - self.excused)


def _newest_verdict() -> Any:
    """What the leader said last of a seat."""
    return (
        select(AttendanceNote.verdict)
        .where(AttendanceNote.assignment_id == Assignment.id)
        .order_by(AttendanceNote.at.desc(), AttendanceNote.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def _heads(shift_ids: Select[Any]) -> Select[Any]:
    """Per shift: how many are seated, stand checked in, ever came."""
    seat = (
        select(
            Assignment.shift_id.label("shift_id"),
            Assignment.id.label("id"),
            case((stands_in(), 1), else_=0).label("open"),
            func.count(CheckIn.id).label("stamps"),
            _newest_verdict().label("verdict"),
        )
        .outerjoin(
            CheckIn,
            and_(
                CheckIn.assignment_id == Assignment.id,
                CheckIn.id.not_in(select(StampCancellation.stamp_id)),
            ),
        )
        .where(Assignment.shift_id.in_(shift_ids), Assignment.state.in_(SEATED))
        .group_by(Assignment.shift_id, Assignment.id)
        .subquery()
    )
    return select(
        seat.c.shift_id,
        func.count().label("seated"),
        func.sum(case((seat.c.open > 0, 1), else_=0)).label("here"),
        func.sum(case((seat.c.stamps > 0, 1), else_=0)).label("came"),
        func.sum(case((and_(seat.c.verdict == "excused", seat.c.stamps == 0), 1), else_=0)).label(
            "excused"
        ),
    ).group_by(seat.c.shift_id)


def sites_on(actor: Actor, on: date, *, q: str = "", page: int = 1) -> SitePage:
    """The published shifts of a day within reach, in order of time; three statements whatever the size."""
    base = visible(
        site_rows().where(
            Shift.service_on == on,
            Shift.state.in_([ShiftState.PUBLISHED, ShiftState.SETTLED, ShiftState.CANCELLED]),
        ),
        actor,
        Act.VIEW_ATTENDANCE,
        unit=Activity.unit_id,
        shift=Shift.id,
    )
    if q:
        like = f"%{q}%"
        base = base.where(
            or_(
                CheckPoint.name.like(like),
                Activity.title.like(like),
                Unit.name.like(like),
                Unit.pinyin.like(like),
                Volunteer.name.like(like),
                Volunteer.pinyin.like(like),
            )
        )
    ids = base.with_only_columns(Shift.id)
    heads = _heads(ids).subquery()
    columns = [heads.c.seated, heads.c.here, heads.c.came, heads.c.excused]
    sums = db.session.execute(
        select(func.count(), *(func.coalesce(func.sum(column), 0) for column in columns))
        .select_from(Shift)
        .outerjoin(heads, heads.c.shift_id == Shift.id)
        .where(Shift.id.in_(ids))
    ).one()
    rows = db.session.execute(
        base.add_columns(*(func.coalesce(column, 0) for column in columns))
        .outerjoin(heads, heads.c.shift_id == Shift.id)
        .order_by(Shift.starts_at, CheckPoint.name, Shift.id)
        .limit(PAGE)
        .offset((max(1, page) - 1) * PAGE)
    ).all()
    return SitePage([SiteLine(Site(*row[:6]), *row[6:]) for row in rows], *sums)
