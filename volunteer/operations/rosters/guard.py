"""The seat guard (名额守卫): a shift never has more people than seats, however many reach for the last one."""

from sqlalchemy import func, select

from volunteer.domain.refusal import Refused
from volunteer.domain.words import N_
from volunteer.models.activities import Shift
from volunteer.models.base import db
from volunteer.models.rosters import Assignment
from volunteer.queries.planning.seats import LIVE


def require_seat(shift_id: int) -> Shift:
    """Hold the shift until the end of the transaction and pass if it has a free seat.

    Call it before the seat is written, in a writing unit of work. On PostgreSQL the row lock makes
    others wait; on SQLite a writer holds the whole database already.

    Raises
    ------
    Refused
        ``not_found`` (404), ``full``.
    """
    shift = db.session.scalar(
        select(Shift)
        .where(Shift.id == shift_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if shift is None:
        raise Refused("not_found", N_("没有找到这个班次。"), N_("请从列表重新进入。"), status=404)
    taken = db.session.scalar(
        select(func.count())
        .select_from(Assignment)
        .where(Assignment.shift_id == shift_id, Assignment.state.in_(LIVE))
    )
    if (taken or 0) >= shift.max_heads:
        raise no_seat_left(taken or 0)
    return shift


def no_seat_left(count: int) -> Refused:
    """What is said of a shift that has all its people."""
    return Refused(
        "full",
        N_("这个班次已有 %(count)s 人，没有空位了。"),
        N_("可以选择其他班次，或请组织者增加名额。"),
        values={"count": count},
    )
