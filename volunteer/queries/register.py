"""The public register of make-up hours (补录公示): what everybody may see before they are entered."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from volunteer.domain.refusal import Refused
from volunteer.domain.terms import MakeUpCause, MakeUpState
from volunteer.models.activities import Shift
from volunteer.models.base import db
from volunteer.models.people import Unit, Volunteer
from volunteer.models.places import CheckPoint
from volunteer.models.tickets import MakeUp

PAGE = 25
PUBLIC = (MakeUpState.ANNOUNCED, MakeUpState.CONTESTED)


@dataclass(frozen=True, slots=True)
class PublicLine:
    """What everybody may see of a request: no full name, and none of the words."""

    id: int
    name: str
    unit: str
    recorded_by: str
    service_on: date
    place: str
    minutes: int
    cause: MakeUpCause
    announced_on: date
    announced_until: date
    is_contested: bool
    is_listed: bool


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """One page of the public register."""

    lines: list[PublicLine]
    total: int
    page: int
    pages: int


def public_register(*, page: int = 1) -> RegisterPage:
    """The requests that are public now, those that end first at the top."""
    base = _public()
    total = db.session.scalar(base.with_only_columns(func.count())) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    rows = db.session.execute(
        base.order_by(MakeUp.announced_until, MakeUp.id).limit(PAGE).offset((page - 1) * PAGE)
    )
    return RegisterPage([_public_line(row) for row in rows], total, page, pages)


def public_entry(make_up_id: int) -> PublicLine:
    """One line of the register. Raises Refused ``not_found`` when it is not public."""
    row = db.session.execute(_public().where(MakeUp.id == make_up_id)).one_or_none()
    if row is None:
        raise Refused("not_found", "没有找到这条公示。", "公示可能已经结束。", status=404)
    return _public_line(row)


def _public() -> Any:
    own = Unit.__table__.alias("own_unit")
    return (
        select(MakeUp, Volunteer.name, own.c.name, Unit.name, Shift.service_on, CheckPoint.name)
        .join(Volunteer, Volunteer.id == MakeUp.volunteer_id)
        .join(own, own.c.id == Volunteer.unit_id)
        .join(Unit, Unit.id == MakeUp.unit_id)
        .join(Shift, Shift.id == MakeUp.shift_id)
        .join(CheckPoint, CheckPoint.id == Shift.point_id)
        .where(MakeUp.state.in_(PUBLIC))
    )


def _public_line(row: Any) -> PublicLine:
    made = row[0]
    return PublicLine(
        made.id,
        row[1],
        row[2],
        row[3],
        row[4],
        row[5],
        made.minutes,
        made.cause,
        made.announced_on,
        made.announced_until,
        made.state is MakeUpState.CONTESTED,
        made.assignment_id is not None,
    )
