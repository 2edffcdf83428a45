"""Setting a unit's target for a year (设定年度目标); the newest setting holds, the older ones stay."""

from datetime import datetime

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import local_date
from volunteer.models.base import db
from volunteer.models.recognition import UnitTarget
from volunteer.operations.journal import note
from volunteer.queries.targets import asked_of

MOST_PERSON_HOURS = 1000
MOST_UNIT_HOURS = 1_000_000


def set_unit_target(  # noqa: PLR0913 - a target has this many parts
    actor: Actor,
    unit_id: int,
    *,
    person_hours: int | None,
    unit_hours: int | None,
    reason: str,
    at: datetime,
) -> UnitTarget:
    """Set what a unit asks of each person and of itself this year; None falls back to the city's figure.

    Raises Refused ``not_allowed``, ``not_yours``, ``out_of_range``, ``nothing_new``.
    """
    require(actor, Act.SET_TARGETS, unit_id=unit_id)
    _require_range("person_hours", person_hours, MOST_PERSON_HOURS)
    _require_range("unit_hours", unit_hours, MOST_UNIT_HOURS)
    year = local_date(at).year
    before = asked_of([unit_id], year)[unit_id]
    row = UnitTarget(
        unit_id=unit_id,
        year=year,
        person_minutes=None if person_hours is None else person_hours * 60,
        unit_minutes=None if unit_hours is None else unit_hours * 60,
        reason=reason.strip()[:200],
        set_at=at,
        set_by_id=actor.account_id,
        set_by_name=actor.name,
    )
    db.session.add(row)
    db.session.flush()
    after = asked_of([unit_id], year)[unit_id]
    if (before.per_person, before.whole) == (after.per_person, after.whole):
        raise Refused("nothing_new", "没有任何改动。", status=422)
    note(
        actor,
        "set_target",
        row,
        f"设定 {year} 年目标：每人 {after.per_person // 60} 小时",
        at=at,
        unit_id=unit_id,
        before={"person_minutes": before.per_person, "unit_minutes": before.whole},
        after={"person_minutes": after.per_person, "unit_minutes": after.whole},
        reason=row.reason,
    )
    return row


def _require_range(field: str, hours: int | None, most: int) -> None:
    if hours is not None and not 0 <= hours <= most:
        raise Refused(
            "out_of_range",
            "请填写 0 至 %(most)d 之间的小时数。",
            field=field,
            status=422,
            values={"most": most},
        )
