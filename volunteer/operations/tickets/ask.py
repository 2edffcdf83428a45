"""Raising an objection (提出申诉): to a record that is wrong, or to the want of one."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, select

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import ShiftState, TicketStep, TicketTopic
from volunteer.domain.ticket import CAME, objection_closes_on, opened
from volunteer.domain.timekeeping import day_words, local_date
from volunteer.models.activities import Activity, Shift
from volunteer.models.base import db
from volunteer.models.ledger import ServiceRecord
from volunteer.models.people import Unit
from volunteer.models.rosters import Assignment
from volunteer.models.tickets import Ticket
from volunteer.operations.ledger.restate import check_times
from volunteer.operations.tickets.story import (
    level_words,
    one_at_a_time,
    put_course,
    tell_deciders,
    tell_person,
    write_down,
)
from volunteer.queries.deciders import calendar_around, first_level
from volunteer.queries.ledger import is_newest
from volunteer.queries.policy import policy_on

LEAST_WORDS = 4


@dataclass(frozen=True, slots=True)
class Said:
    """What the person says: words, the true times, what there is to show for it, who saw it."""

    topic: TicketTopic
    words: str
    came_at: datetime | None = None
    went_at: datetime | None = None
    evidence: str = ""
    witnesses: str = ""


def object_to_record(actor: Actor, *, record_id: int, said: Said, at: datetime) -> Ticket:
    """Object to one of the own records.

    Raises Refused ``not_found``, ``not_newest``, ``objection_over``, ``words_needed``, ``times_needed``,
    ``out_before_in``, ``in_future``, ``far_from_plan``, ``already_asked``.
    """
    require(actor, Act.OWN_TICKETS)
    record = db.session.get(ServiceRecord, record_id)
    if record is None or record.volunteer_id != actor.volunteer_id:
        raise Refused("not_found", "没有找到这条记录。", "请从“我的时长”重新进入。", status=404)
    if not is_newest(record.id):
        raise Refused("not_newest", "这条记录已有更正。", "请在最新的记录上提出。")
    _require_open(local_date(record.settled_at), at)
    shift = db.session.get(Shift, record.shift_id)
    assert shift is not None, "a record has a shift"
    return _open(
        actor, record.assignment_id, shift, said, at, record=record, unit=record.recording_unit_id
    )


def object_to_missing(actor: Actor, *, shift_id: int, said: Said, at: datetime) -> Ticket:
    """Object to the want of a record on a shift where the person had a seat.

    Raises Refused ``not_found``, ``not_over``, ``not_settled``, ``has_record``, ``objection_over``,
    ``words_needed``, ``times_needed``, ``out_before_in``, ``far_from_plan``, ``already_asked``.
    """
    require(actor, Act.OWN_TICKETS)
    row = db.session.execute(
        select(Assignment, Shift, Activity.unit_id)
        .join(Shift, Shift.id == Assignment.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .where(Shift.id == shift_id, Assignment.volunteer_id == actor.volunteer_id)
    ).one_or_none()
    if row is None or row[0].state not in CAME:
        raise Refused("not_found", "没有找到您的这个班次。", "请从“班次”重新进入。", status=404)
    seat, shift, unit_id = row
    if at < shift.ends_at:
        raise Refused("not_over", "班次还没有结束。", "结束后如果没有记录，再提出申诉。")
    if shift.state is not ShiftState.SETTLED:
        raise Refused(
            "not_settled",
            "这个班次还没有结算。",
            "请先联系带队登记；结算后仍没有记录，再提出申诉。",
        )
    if db.session.scalar(select(exists().where(ServiceRecord.assignment_id == seat.id))):
        raise Refused("has_record", "这个班次已经有您的记录。", "请在那条记录上提出申诉。")
    _require_open(local_date(shift.settled_at or shift.ends_at), at)
    return _open(actor, seat.id, shift, said, at, record=None, unit=unit_id)


def _require_open(recorded_on: date, at: datetime) -> None:
    last = objection_closes_on(recorded_on, policy_on(recorded_on))
    if local_date(at) > last:
        raise Refused(
            "objection_over",
            "申诉要在 %(month)d 月 %(day)d 日前提出，已经过期。",
            "如有确凿的证据，请直接联系记录单位。",
            values={"month": last.month, "day": last.day},
        )


def _require_said(said: Said, shift: Shift, at: datetime) -> None:
    if len(said.words.strip()) < LEAST_WORDS:
        raise Refused("words_needed", "请用一两句话说明哪里不对。", field="words", status=422)
    if said.topic is TicketTopic.NOT_MINE:
        return
    if said.came_at is None or said.went_at is None:
        raise Refused("times_needed", "请填写实际到岗和离岗的时间。", field="came", status=422)
    check_times(shift, said.came_at, said.went_at, at)


def _open(
    actor: Actor,
    seat_id: int,
    shift: Shift,
    said: Said,
    at: datetime,
    *,
    record: ServiceRecord | None,
    unit: int,
) -> Ticket:
    _require_said(said, shift, at)
    owner = db.session.get(Unit, unit)
    assert owner is not None, "a record has a recording unit"
    assert actor.volunteer_id is not None, "only a volunteer objects"
    today = local_date(at)
    case = opened(
        on=today,
        has_district=owner.district_id is not None,
        level=first_level(owner, volunteer_id=actor.volunteer_id),
        calendar=calendar_around(today),
        policy=policy_on(today),
    )
    ticket = _row(actor, seat_id, shift, said, at, record=record, owner=owner)
    put_course(ticket, case)
    with one_at_a_time():
        db.session.add(ticket)
    write_down(actor, ticket, TicketStep.ASKED, words=said.words, at=at)
    tell_deciders(ticket, "有一件申诉等您答复", at=at, key="asked")
    tell_person(
        ticket,
        "申诉已提出",
        f"由{level_words(ticket.level)}在{day_words(ticket.due_on)}前答复，您随时可以看进展或撤回。",
        at=at,
    )
    return ticket


def _row(
    actor: Actor,
    seat_id: int,
    shift: Shift,
    said: Said,
    at: datetime,
    *,
    record: ServiceRecord | None,
    owner: Unit,
) -> Ticket:
    has_times = said.topic is not TicketTopic.NOT_MINE
    return Ticket(
        volunteer_id=actor.volunteer_id,
        assignment_id=seat_id,
        shift_id=shift.id,
        record_id=record.id if record else None,
        unit_id=owner.id,
        district_id=owner.district_id,
        topic=said.topic,
        words=said.words.strip()[:400],
        wanted_in=said.came_at if has_times else None,
        wanted_out=said.went_at if has_times else None,
        evidence=said.evidence.strip()[:400],
        witnesses=said.witnesses.strip()[:200],
        asked_at=at,
        asked_by_id=actor.account_id,
        version=0,
    )
