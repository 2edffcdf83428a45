"""What stands beside an objection or a make-up request in every list: the person, the seat, the days left."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import select

from volunteer.domain.timekeeping import workdays_left
from volunteer.models.activities import Activity, Shift
from volunteer.models.people import Unit, Volunteer
from volunteer.models.places import CheckPoint
from volunteer.queries.deciders import calendar_around

Line = TypeVar("Line")


def beside(matter: Any) -> Any:
    """Select a table of matters with the person, the unit, the shift, its point and its activity."""
    return (
        select(matter, Volunteer, Unit, Shift, CheckPoint, Activity)
        .join(Volunteer, Volunteer.id == matter.volunteer_id)
        .join(Unit, Unit.id == matter.unit_id)
        .join(Shift, Shift.id == matter.shift_id)
        .join(CheckPoint, CheckPoint.id == Shift.point_id)
        .join(Activity, Activity.id == Shift.activity_id)
    )


def with_days_left(line: Callable[..., Line], rows: Iterable[Any], today: date) -> list[Line]:
    """Make a line of each row; its last part are the working days until the matter is due."""
    calendar = calendar_around(today)
    return [line(*row, workdays_left(calendar, today, row[0].due_on)) for row in rows]
