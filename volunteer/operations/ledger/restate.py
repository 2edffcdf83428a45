"""Corrections and reviews (更正、复核): the old entry is reversed, a new version and a new entry take its place."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from volunteer.domain.access import Act, Actor, may, require, require_other
from volunteer.domain.attendance import Interval, Stamp
from volunteer.domain.ledger import reversal_of
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import EntryKind, Grade, Nature, ReviewTier, Source, StampKind, Way
from volunteer.domain.timekeeping import clock_at, day_words, minutes_between
from volunteer.domain.words import N_
from volunteer.models.activities import Shift
from volunteer.models.base import db
from volunteer.models.ledger import LedgerEntry, ServiceRecord
from volunteer.models.people import Unit, Volunteer
from volunteer.operations.journal import note, tell
from volunteer.operations.ledger.counting import APPROVED, Counted, count, result_step
from volunteer.operations.ledger.posting import entry_of, hold_head, post, value_of
from volunteer.operations.superseding import supersede_with
from volunteer.queries.ledger import is_newest, minutes_of_day
from volunteer.queries.policy import policy_on
from volunteer.queries.taken import hours_elsewhere

AROUND = timedelta(hours=3)
"""How far outside the plan a corrected time may lie."""


@dataclass(frozen=True, slots=True)
class Restated:
    """A record that was replaced, the version that took its place, and the minutes between them."""

    before: ServiceRecord
    after: ServiceRecord

    @property
    def difference(self) -> int:
        """Minutes that count now and did not before."""
        return self.after.credited_minutes - self.before.credited_minutes


def correct_record(
    actor: Actor,
    *,
    record_id: int,
    came_at: datetime,
    went_at: datetime,
    reason: str,
    at: datetime,
    case_id: int | None = None,
) -> Restated:
    """Correct the times of a record; the minutes follow from the same rules, the grade is the desk's word.

    Nobody corrects the own record, and one that a case holds only within that case (``case_id``). Raises
    Refused ``not_found``, ``own_case``, ``reason_needed``, ``out_before_in``, ``far_from_plan``,
    ``in_future``, ``no_change``, ``not_newest``, ``held_by_case``.
    """
    record = held_record(actor, record_id, reason)
    _not_held(record, case_id)
    shift = db.session.get(Shift, record.shift_id)
    assert shift is not None, "a record has a shift"
    check_times(shift, came_at, went_at, at)
    if (record.first_in_at, record.last_out_at) == (came_at, went_at):
        raise Refused("no_change", "时间没有变化。", "请修改签到或签退时间。", status=422)
    sums = _recounted(record, shift, came_at, went_at)
    return restate(
        actor,
        record,
        at,
        reason=reason,
        entry_minutes=sums.entry_minutes,
        first_in_at=came_at,
        last_out_at=went_at,
        attended_minutes=sums.credit.attended_minutes,
        served_minutes=sums.credit.served_minutes,
        credited_minutes=sums.credited,
        pending_minutes=sums.pending_minutes,
        pending=sums.pending,
        late_minutes=max(0, minutes_between(shift.starts_at, came_at)),
        early_minutes=max(0, minutes_between(went_at, shift.ends_at)),
        is_auto_closed=record.is_auto_closed and went_at == record.last_out_at,
        grade=max(record.grade, Grade.D),
        source=Source.CORRECTION,
        rule_version=sums.credit.rule_version,
        arithmetic=sums.arithmetic,
    )


def _recounted(
    record: ServiceRecord, shift: Shift, came_at: datetime, went_at: datetime
) -> Counted:
    """What the same rules make of other times."""
    stays = [
        Interval(
            Stamp(StampKind.IN, came_at, Way.ROLL_CALL),
            Stamp(StampKind.OUT, went_at, Way.ROLL_CALL),
        )
    ]
    day = minutes_of_day([record.volunteer_id], record.service_on).get(record.volunteer_id, 0)
    already = day - record.credited_minutes - record.pending_minutes
    return count(
        shift,
        record.nature,
        stays,
        policy_on(record.service_on),
        already=max(0, already),
        elsewhere=hours_elsewhere([record.volunteer_id], shift).get(record.volunteer_id, []),
    )


def void_record(
    actor: Actor, *, record_id: int, reason: str, at: datetime, case_id: int | None = None
) -> Restated:
    """Take a record's minutes away altogether: it was not service, or not this person.

    Raises Refused ``not_found``, ``own_case``, ``reason_needed``, ``no_change``, ``not_newest``,
    ``held_by_case``.
    """
    record = held_record(actor, record_id, reason)
    _not_held(record, case_id)
    if not (record.credited_minutes or record.pending_minutes or record.served_minutes):
        raise Refused("no_change", "这条记录的时长已经是零。", status=422)
    step = {
        "code": "review",
        "minutes": -record.credited_minutes,
        "template": N_("更正：本次时长不予认定"),
        "values": {},
    }
    kept = [*record.arithmetic[:-1], step, result_step(0).stored()]
    return restate(
        actor,
        record,
        at,
        reason=reason,
        entry_minutes=0,
        credited_minutes=0,
        served_minutes=0,
        pending_minutes=0,
        pending=[],
        source=Source.CORRECTION,
        arithmetic=kept,
    )


def approve_pending(actor: Actor, *, record_id: int, at: datetime, reason: str = "") -> Restated:
    """Let the minutes count that waited for a review at the actor's tier; the rest goes on waiting.

    Overtime is confirmed by the recording unit, minutes beyond eight hours a day by the unit above it,
    beyond twelve by the city office. Raises Refused ``not_found``, ``own_case``, ``nothing_pending``,
    ``higher_review``, ``not_newest``.
    """
    return _review(actor, record_id, at, reason=reason, approved=True)


def refuse_pending(actor: Actor, *, record_id: int, reason: str, at: datetime) -> Restated:
    """Do not count the minutes that waited at the actor's tier, with the reason that the person reads.

    Raises Refused as :func:`approve_pending`, and ``reason_needed``.
    """
    _reason(reason)
    return _review(actor, record_id, at, reason=reason, approved=False)


def may_review(actor: Actor, record: ServiceRecord, part: dict[str, Any]) -> bool:
    """Whether this part of a record's pending minutes is the actor's to decide."""
    if actor.volunteer_id == record.volunteer_id:
        return False
    if part["tier"] == ReviewTier.CITY.value:
        return may(actor, Act.REVIEW_CITY, unit_id=record.recording_unit_id)
    if part["why"] == "case":
        return False  # the case decides, with its question and its appeal
    if part["why"] in ("overtime", "unconfirmed"):
        return may(actor, Act.REVIEW_UNIT, unit_id=record.recording_unit_id)
    unit = db.session.get(Unit, record.recording_unit_id)
    assert unit is not None, "a record has a recording unit"
    above = unit.parent_id is not None and may(actor, Act.REVIEW_UNIT, unit_id=unit.parent_id)
    office = unit.district_id is not None and may(
        actor, Act.REVIEW_UNIT, district_id=unit.district_id
    )
    return above or office or may(actor, Act.REVIEW_CITY, unit_id=unit.id)


def _review(actor: Actor, record_id: int, at: datetime, *, reason: str, approved: bool) -> Restated:
    record = _record(record_id)
    require(actor, Act.REVIEW_UNIT, unit_id=record.recording_unit_id)
    require_other(actor, record.volunteer_id)
    _newest(record)
    if not record.pending:
        raise Refused("nothing_pending", "这条记录没有待复核的时长。", "请刷新页面。")
    mine = [part for part in record.pending if may_review(actor, record, part)]
    if not mine:
        raise Refused(
            "higher_review",
            "这部分时长要由上级单位或市级复核。",
            "本单位不能复核自己组织的超时时长。",
            status=403,
        )
    rest = [part for part in record.pending if part not in mine]
    minutes = sum(part["minutes"] for part in mine)
    credited = record.credited_minutes + (minutes if approved else 0)
    words = APPROVED if approved else N_("复核未通过，%(minutes)d 分钟不计")
    step = {
        "code": "review",
        "minutes": minutes if approved else 0,
        "template": words,
        "values": {"minutes": minutes},
    }
    return restate(
        actor,
        record,
        at,
        reason=reason.strip() or "复核通过",
        entry_minutes=credited,
        credited_minutes=credited,
        pending_minutes=sum(part["minutes"] for part in rest),
        pending=rest,
        arithmetic=[*record.arithmetic[:-1], step, result_step(credited).stored()],
    )


def _reason(reason: str) -> str:
    if len(reason.strip()) < 2:
        raise Refused(
            "reason_needed",
            "请写明原因。",
            "当事人会看到，请写清依据。",
            field="reason",
            status=422,
        )
    return reason.strip()


def _record(record_id: int) -> ServiceRecord:
    hold_head()
    record = db.session.get(ServiceRecord, record_id, populate_existing=True)
    if record is None:
        raise Refused("not_found", "没有找到这条记录。", status=404)
    return record


def _newest(record: ServiceRecord) -> None:
    if not is_newest(record.id):
        raise Refused("not_newest", "这条记录已被更正，有了新的版本。", "请在最新版本上操作。")


def held_record(actor: Actor, record_id: int, reason: str) -> ServiceRecord:
    """The newest version of a record, locked, if the actor may correct it and it is not the own.

    Raises Refused ``not_found``, ``not_yours``, ``own_case``, ``not_newest``, ``reason_needed``.
    """
    record = _record(record_id)
    require(actor, Act.CORRECT, unit_id=record.recording_unit_id)
    require_other(actor, record.volunteer_id)
    _newest(record)
    _reason(reason)
    return record


def _not_held(record: ServiceRecord, case_id: int | None) -> None:
    cases = {part["case"] for part in record.pending if part["why"] == "case"}
    if cases - {case_id}:
        raise Refused(
            "held_by_case",
            "这条记录正在核查，时长暂缓认定。",
            "请在核查事项中作出决定。",
        )


def check_times(shift: Shift, came_at: datetime, went_at: datetime, at: datetime) -> None:
    """Pass if a person can have come and gone at these times: in order, over, and near the plan.

    Raises Refused ``out_before_in``, ``in_future``, ``far_from_plan`` (422).
    """
    if went_at <= came_at:
        raise Refused("out_before_in", "签退时间要晚于签到时间。", field="went", status=422)
    if went_at > at:
        raise Refused("in_future", "这个时间还没有到。", field="went", status=422)
    if came_at < shift.starts_at - AROUND or went_at > shift.ends_at + AROUND:
        raise Refused(
            "far_from_plan",
            "时间离计划（%(start)s 至 %(end)s）太远。",
            "如服务安排有变，请先调整班次。",
            field="came",
            status=422,
            values={"start": clock_at(shift.starts_at), "end": clock_at(shift.ends_at)},
        )


def restate(
    actor: Actor,
    record: ServiceRecord,
    at: datetime,
    *,
    reason: str,
    entry_minutes: int,
    **changed: Any,
) -> Restated:
    """Put a new version in the place of a record, reverse its entry, post the new one, and tell the person.

    Raises Refused ``not_newest``.
    """
    kept = {
        column.key: getattr(record, column.key)
        for column in ServiceRecord.__table__.columns
        if column.key not in ("id", "version", "replaces_id")
    }
    fresh = ServiceRecord(
        **{
            **kept,
            **changed,
            "version": record.version + 1,
            "replaces_id": record.id,
            "settled_at": at,
            "settled_by_id": actor.account_id,
            "reason": reason.strip()[:200],
        }
    )
    try:
        with db.session.begin_nested():
            db.session.add(fresh)
            db.session.flush()
    except IntegrityError:
        raise Refused(
            "not_newest", "这条记录刚刚被别人更正。", "请刷新页面，在最新版本上操作。"
        ) from None
    _post_difference(actor, record, fresh, entry_minutes, at)
    supersede_with(actor, record.id, reason=fresh.reason, at=at)
    restated = Restated(record, fresh)
    _tell(actor, restated, at)
    return restated


def _post_difference(
    actor: Actor, record: ServiceRecord, fresh: ServiceRecord, minutes: int, at: datetime
) -> None:
    old = db.session.scalar(
        select(LedgerEntry).where(
            LedgerEntry.record_id == record.id, LedgerEntry.kind == EntryKind.CREDIT
        )
    )
    entries = []
    if old is not None:
        entries.append(
            reversal_of(value_of(old), old.id, at=at, by=actor.account_id, reason=fresh.reason)
        )
    if minutes:
        entries.append(entry_of(fresh, minutes, at=at, by=actor.account_id, reason=fresh.reason))
    post(entries)


def _tell(actor: Actor, restated: Restated, at: datetime) -> None:
    old, new = restated.before, restated.after
    name = db.session.scalar(select(Volunteer.name).where(Volunteer.id == new.volunteer_id))
    note(
        actor,
        "restate_record",
        new,
        f"更正 {name} {new.service_on} 的时长：{old.credited_minutes} → {new.credited_minutes} 分钟",
        at=at,
        unit_id=new.recording_unit_id,
        before={"record": old.id, "minutes": old.credited_minutes, "pending": old.pending_minutes},
        after={"record": new.id, "minutes": new.credited_minutes, "pending": new.pending_minutes},
        reason=new.reason,
    )
    unit = "值守" if new.nature is Nature.DUTY else "认定"
    tell(
        topic="record",
        title="服务时长有更正",
        body=f"{day_words(new.service_on)}：{unit}由 {old.credited_minutes} 分钟改为"
        f" {new.credited_minutes} 分钟。原因：{new.reason}。如有异议可以申诉。",
        at=at,
        volunteer_id=new.volunteer_id,
        link=f"/me/record/{new.id}",
        dedupe=f"record:{new.id}",
    )
