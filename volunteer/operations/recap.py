"""The recap of a month (上月服务小结): people are asked, and say yes with one tap."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import local_date
from volunteer.models.base import db
from volunteer.models.ledger import ServiceRecord
from volunteer.models.tickets import RecordConfirmation
from volunteer.operations.journal import note, tell_many
from volunteer.queries.ledger import is_newest
from volunteer.queries.recap import last_month, my_recap


def tell_recap(people: list[int], *, at: datetime) -> int:
    """Ask these people whether the records of last month are right; nobody is asked twice."""
    first = last_month(local_date(at))
    return tell_many(
        [
            {
                "topic": "recap",
                "title": f"{first.month}月服务小结：这些对吗？",
                "body": "请花一分钟看一看，没问题就点一下；有出入可以马上提出申诉。",
                "volunteer_id": person,
                "link": f"/me/recap/{first:%Y-%m}",
                "dedupe": f"recap:{first:%Y-%m}:{person}",
            }
            for person in people
        ],
        at=at,
    )


def confirm_record(actor: Actor, *, record_id: int, at: datetime) -> RecordConfirmation:
    """Say of an own record that it is right. Said twice it is said once.

    Raises Refused ``not_found``, ``not_newest``.
    """
    require(actor, Act.OWN_HOURS)
    record = db.session.get(ServiceRecord, record_id)
    if record is None or record.volunteer_id != actor.volunteer_id:
        raise Refused("not_found", "没有找到这条记录。", "请从“我的时长”重新进入。", status=404)
    if not is_newest(record.id):
        raise Refused("not_newest", "这条记录已有更正。", "请核对最新的记录。")
    known = db.session.get(RecordConfirmation, record.id)
    if known is not None:
        return known
    made = RecordConfirmation(record_id=record.id, volunteer_id=record.volunteer_id, at=at)
    try:
        with db.session.begin_nested():
            db.session.add(made)
            db.session.flush()
    except IntegrityError:
        return db.session.scalars(
            select(RecordConfirmation).where(RecordConfirmation.record_id == record.id)
        ).one()
    note(
        actor,
        "confirm_record",
        record,
        f"本人确认 {record.service_on} 的记录无误",
        at=at,
        unit_id=record.recording_unit_id,
    )
    return made


def confirm_month(actor: Actor, first: date, *, at: datetime) -> int:
    """Say yes to all records of a month that were neither confirmed nor objected to. Returns how many."""
    waiting = [line.record.id for line in my_recap(actor, first, at=at).lines if line.waits]
    for record_id in waiting:
        confirm_record(actor, record_id=record_id, at=at)
    return len(waiting)
