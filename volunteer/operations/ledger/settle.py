"""Settling (结算): a shift that is over becomes service records and ledger entries, once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from volunteer.domain.access import SYSTEM, Act, Actor, require
from volunteer.domain.attendance import intervals_of
from volunteer.domain.lifecycle import advance
from volunteer.domain.policy import Policy
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import AssignmentState, ShiftState, StampKind, Way
from volunteer.domain.timekeeping import clock_at, day_words, local_date
from volunteer.models.activities import Activity, Shift
from volunteer.models.attendance import AttendanceNote
from volunteer.models.base import db
from volunteer.models.ledger import ServiceRecord
from volunteer.models.rosters import Assignment
from volunteer.operations.attendance.forgotten import close_forgotten
from volunteer.operations.journal import note, tell_many
from volunteer.operations.ledger.counting import (
    Counted,
    count,
    first_in,
    last_out,
    source_of,
    unconfirmed,
    with_late_edit,
)
from volunteer.operations.ledger.posting import entry_of, hold_head, post
from volunteer.queries.attendance import Seat, seats_at
from volunteer.queries.deferred_lists import waiting_on_shift
from volunteer.queries.ledger import minutes_of_day
from volunteer.queries.onsite import notes_of
from volunteer.queries.policy import policy_on
from volunteer.queries.taken import hours_elsewhere
from volunteer.queries.trust.doubts import doubts_of, edited_after_start

AT_LATEST = timedelta(hours=24)
"""After so long an unclear shift is settled as it stands; a clear one as soon as its doors are shut."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What came of settling a shift."""

    shift: Shift
    records: list[ServiceRecord]
    absent: list[int]

    @property
    def minutes(self) -> int:
        """All minutes that count now."""
        return sum(record.credited_minutes for record in self.records)


def settle_shift(actor: Actor, *, shift_id: int, at: datetime) -> Settlement:
    """Turn the stamps of a finished shift into records and sealed entries.

    Forgotten check-outs close at the planned end; who accepted and never came is noted absent, unless
    excused. Everybody is told. Raises Refused ``not_found``, ``not_over``, ``shift_settled``,
    ``wrong_state``.
    """
    shift = _held_shift(shift_id)
    people = _people_of(shift_id)
    policy = policy_on(shift.service_on)
    unit_id = _may_settle(actor, shift, at)
    hold_head()
    close_forgotten(shift_id, at=at, is_settling=True)
    seats = seats_at(shift_id, people, at=at, policy=policy) if people else []
    counted = _counted(shift, seats, policy)
    records = [record_of(actor, seat, sums, at) for seat, sums in counted]
    db.session.add_all(records)
    absent = _note_absent(actor, seats, at)
    shift.state = advance(shift.state, ShiftState.SETTLED)
    shift.settled_at = at
    shift.version += 1
    db.session.flush()
    post(
        [
            entry_of(record, sums.entry_minutes, at=at, by=actor.account_id)
            for record, (_, sums) in zip(records, counted, strict=True)
            if sums.entry_minutes
        ]
    )
    settled = Settlement(shift, records, absent)
    _tell(settled, counted, at)
    _note(actor, settled, unit_id, at)
    return settled


def _held_shift(shift_id: int) -> Shift:
    shift = db.session.scalar(
        select(Shift)
        .where(Shift.id == shift_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if shift is None:
        raise Refused("not_found", "没有找到这个班次。", status=404)
    return shift


def _people_of(shift_id: int) -> list[int]:
    return list(
        db.session.scalars(select(Assignment.volunteer_id).where(Assignment.shift_id == shift_id))
    )


def _note(actor: Actor, settled: Settlement, unit_id: int, at: datetime) -> None:
    count, absent = len(settled.records), settled.absent
    note(
        actor,
        "settle_shift",
        settled.shift,
        f"结算班次：{count} 人次 {settled.minutes} 分钟，缺岗 {len(absent)} 人",
        at=at,
        unit_id=unit_id,
        after={"records": count, "minutes": settled.minutes, "absent": absent},
    )


def _may_settle(actor: Actor, shift: Shift, at: datetime) -> int:
    unit_id = db.session.scalar(select(Activity.unit_id).where(Activity.id == shift.activity_id))
    assert unit_id is not None, "a shift has an activity of a unit"
    require(actor, Act.SETTLE, unit_id=unit_id)
    if shift.state is ShiftState.SETTLED:
        raise Refused("shift_settled", "本班次已经结算。", "如有出入，请在时长记录中更正。")
    if at < shift.ends_at:
        raise Refused(
            "not_over",
            "班次要到 %(time)s 结束，现在不能结算。",
            "结束后再结算；提前收工的请先签退。",
            values={"time": clock_at(shift.ends_at)},
        )
    return unit_id


def _counted(shift: Shift, seats: list[Seat], policy: Policy) -> list[tuple[Seat, Counted]]:
    """What everybody who came earned; minutes under a doubt that nobody has answered wait."""
    people = [seat.volunteer.id for seat in seats]
    day = minutes_of_day(people, shift.service_on)
    taken = hours_elsewhere(people, shift)
    doubts = doubts_of(shift.id, seats)
    edited_at = edited_after_start(shift)
    counted = []
    for seat in seats:
        stays = intervals_of(seat.gate.stamps)
        if not stays:
            continue
        person = seat.volunteer.id
        sums = count(
            shift,
            seat.activity.nature,
            stays,
            policy,
            already=day.get(person, 0),
            elsewhere=taken.get(person, []),
        )
        sums = with_late_edit(sums, edited_at)
        counted.append((seat, unconfirmed(sums, doubts.get(person, ()))))
    return counted


def record_of(actor: Actor, seat: Seat, sums: Counted, at: datetime) -> ServiceRecord:
    """The first record of a seat, out of its stays and what they count."""
    assert seat.assignment is not None, "a stamp belongs to a seat"
    stays = intervals_of(seat.gate.stamps)
    came = [s for s in seat.stamps if s.kind is StampKind.IN]
    left = last_out(stays)
    went = [s for s in seat.stamps if s.kind is StampKind.OUT and s.at == left]
    assert sums.credit.grade is not None, "stays have stamps, stamps have a grade"
    place = f"{seat.point.name} {seat.shift.corner}".strip()
    activity = seat.activity
    return ServiceRecord(
        assignment_id=seat.assignment.id,
        volunteer_id=seat.volunteer.id,
        unit_id=seat.assignment.unit_id,
        recording_unit_id=activity.unit_id,
        activity_id=activity.id,
        shift_id=seat.shift.id,
        kind_id=activity.kind_id,
        district_id=seat.point.district_id,
        nature=activity.nature,
        service_on=seat.shift.service_on,
        place=place[:120],
        content=(activity.content or activity.title)[:200],
        person_in_charge=(activity.person_in_charge or activity.contact_name)[:60],
        first_in_at=first_in(stays),
        last_out_at=left,
        attended_minutes=sums.credit.attended_minutes,
        served_minutes=sums.credit.served_minutes,
        credited_minutes=sums.credited,
        pending_minutes=sums.pending_minutes,
        pending=sums.pending,
        late_minutes=came[0].late_minutes if came else 0,
        early_minutes=went[-1].early_minutes if went else 0,
        is_auto_closed=any(s.went and s.went.way is Way.AUTO_CLOSE for s in stays),
        grade=sums.credit.grade,
        source=source_of(stays),
        rule_version=sums.credit.rule_version,
        arithmetic=sums.arithmetic,
        settled_at=at,
        settled_by_id=actor.account_id,
    )


def _note_absent(actor: Actor, seats: list[Seat], at: datetime) -> list[int]:
    """Note who accepted, never came and was not excused; a proposal that nobody answered just lapses."""
    marks = notes_of(seats[0].shift.id) if seats else {}
    absent = []
    for seat in seats:
        assignment = seat.assignment
        if assignment is None or seat.stamps:
            continue
        if assignment.state is AssignmentState.PROPOSED:
            assignment.state = advance(assignment.state, AssignmentState.EXPIRED)
            assignment.version += 1
        elif assignment.state is AssignmentState.ACCEPTED:
            verdict = marks.get(assignment.id, ("", ""))[0]
            if verdict == "excused":
                continue
            absent.append(seat.volunteer.id)
            if not verdict:
                db.session.add(
                    AttendanceNote(
                        assignment_id=assignment.id,
                        verdict="absent",
                        reason="结算时没有签到记录",
                        by_account_id=actor.account_id,
                        at=at,
                    )
                )
    return absent


def _tell(settled: Settlement, counted: list[tuple[Seat, Counted]], at: datetime) -> None:
    messages = []
    for record, (seat, sums) in zip(settled.records, counted, strict=True):
        on = local_date(seat.shift.starts_at)
        what = f"{day_words(on)} {seat.point.name}"
        if sums.credit.nature.value == "duty":
            body = f"{what}：值守 {record.served_minutes} 分钟，不计入志愿服务时长。"
        else:
            body = f"{what}：认定 {record.credited_minutes} 分钟。谢谢您的付出。"
        if record.pending_minutes:
            body += f"另有 {record.pending_minutes} 分钟待{_waits_for(record)}。"
        messages.append(
            {
                "topic": "record",
                "title": "服务时长已记录",
                "body": body + "如有出入，可以提出更正。",
                "volunteer_id": record.volunteer_id,
                "link": f"/me/record/{record.id}",
                "dedupe": f"record:{record.id}",
            }
        )
    for volunteer_id in settled.absent:
        messages.append(
            {
                "topic": "absent",
                "title": "班次已结算，没有您的签到",
                "body": "如您到过现场，请联系带队或组织者补录，不要着急。",
                "volunteer_id": volunteer_id,
                "link": f"/me/duties/{settled.shift.id}",
                "dedupe": f"settled_absent:{settled.shift.id}:{volunteer_id}",
            }
        )
    tell_many(messages, at=at)


def _waits_for(record: ServiceRecord) -> str:
    doubted = any(part["why"] == "unconfirmed" for part in record.pending)
    return "组织者确认本人在场" if doubted else "复核"


def settle_due(shift_id: int, *, at: datetime) -> Settlement | None:
    """Settle a shift for the system if it is due: at once when all is clear, else a day after its end.

    Clear means that nobody stands checked in, nobody was closed automatically, no deferred stamp waits,
    everyone who accepted came or was marked by the leader, and no doubt waits for the leader's word.
    """
    shift = db.session.get(Shift, shift_id, populate_existing=True)
    if shift is None or shift.state is not ShiftState.PUBLISHED:
        return None
    policy = policy_on(shift.service_on)
    if at < shift.ends_at + timedelta(minutes=policy.check_out_closes_after_minutes):
        return None
    if at < shift.ends_at + AT_LATEST and not _is_clear(shift_id, at, policy):
        return None
    return settle_shift(SYSTEM, shift_id=shift_id, at=at)


def _is_clear(shift_id: int, at: datetime, policy: Policy) -> bool:
    if waiting_on_shift(shift_id):
        return False
    people = _people_of(shift_id)
    marks = notes_of(shift_id)
    seats = seats_at(shift_id, people, at=at, policy=policy) if people else []
    if doubts_of(shift_id, seats):
        return False
    for seat in seats:
        if seat.gate.is_present or any(s.way is Way.AUTO_CLOSE for s in seat.stamps):
            return False
        if (
            not seat.stamps
            and seat.gate.assignment is AssignmentState.ACCEPTED
            and seat.assignment is not None
            and seat.assignment.id not in marks
        ):
            return False
    return True
