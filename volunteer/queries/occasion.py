"""When and where a shift is held (时间地点), as messages and audit lines name it."""

from sqlalchemy import select

from volunteer.domain.timekeeping import clock_at, day_words, local_date
from volunteer.models.activities import Shift
from volunteer.models.base import db
from volunteer.models.places import CheckPoint


def occasion(shift_id: int) -> str:
    """A shift in words: 11月23日 市府路口 07:30."""
    starts_at, point = db.session.execute(
        select(Shift.starts_at, CheckPoint.name)
        .join(CheckPoint, CheckPoint.id == Shift.point_id)
        .where(Shift.id == shift_id)
    ).one()
    return f"{day_words(local_date(starts_at))} {point} {clock_at(starts_at)}"
