"""Service records (志愿服务记录) for the desk and for the person: lists with filters, and one with its story."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import aliased

from volunteer.domain.access import Act, Actor, require, scope_of
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Grade
from volunteer.models.activities import Activity, ActivityKind, Shift
from volunteer.models.attendance import CheckIn
from volunteer.models.base import db
from volunteer.models.ledger import LedgerEntry, ServiceRecord
from volunteer.models.people import Unit, Volunteer
from volunteer.queries.ledger import newest
from volunteer.queries.stamps import StampLine, stamps_of

PAGE = 30


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """What narrows the list; empty narrows nothing."""

    q: str = ""
    first: date | None = None
    last: date | None = None
    unit_id: int | None = None
    kind_id: int | None = None
    grade: Grade | None = None
    mark: str = ""  # pending | auto_closed | corrected | late | forced


@dataclass(frozen=True, slots=True)
class DeskLine:
    """One record of the desk's list."""

    record: ServiceRecord
    volunteer: Volunteer
    unit: Unit
    kind: ActivityKind
    activity: Activity


@dataclass(frozen=True, slots=True)
class DeskPage:
    """One page of records, and the sums over all that the filter leaves."""

    lines: list[DeskLine]
    total: int
    credited_minutes: int
    pending_minutes: int
    people: int
    page: int
    pages: int
    by_grade: dict[Grade, int]
    """The credited minutes by strength of evidence; they add up to ``credited_minutes``."""


def _reach(actor: Actor, act: Act) -> ColumnElement[bool]:
    """Records of the own people and records that the own units made."""
    scope = scope_of(actor, act)
    if scope.everything and act is not Act.OWN_HOURS:
        return ServiceRecord.id.is_not(None)
    clauses: list[ColumnElement[bool]] = [ServiceRecord.id.is_(None)]
    if act is Act.OWN_HOURS:
        clauses.append(ServiceRecord.volunteer_id == actor.volunteer_id)
    elif scope.unit_ids:
        units = sorted(scope.unit_ids)
        clauses += [
            ServiceRecord.unit_id.in_(units),
            ServiceRecord.recording_unit_id.in_(units),
        ]
    return or_(*clauses)


def _narrowed(statement: Any, wanted: RecordFilter) -> Any:
    r = ServiceRecord
    clauses: list[Any] = []
    if wanted.q:
        clauses.append(
            or_(
                Volunteer.name.like(f"%{wanted.q}%"),
                Volunteer.pinyin.like(f"{wanted.q.lower()}%"),
                Volunteer.number == wanted.q.upper(),
                r.place.like(f"%{wanted.q}%"),
            )
        )
    for column, value in (
        (r.unit_id, wanted.unit_id),
        (r.kind_id, wanted.kind_id),
        (r.grade, wanted.grade),
    ):
        if value is not None:
            clauses.append(column == value)
    if wanted.first is not None:
        clauses.append(r.service_on >= wanted.first)
    if wanted.last is not None:
        clauses.append(r.service_on <= wanted.last)
    marks: dict[str, Any] = {
        "pending": r.pending_minutes > 0,
        "auto_closed": r.is_auto_closed.is_(True),
        "corrected": r.version > 1,
        "late": r.late_minutes > 0,
        "forced": exists().where(
            CheckIn.assignment_id == r.assignment_id, CheckIn.is_forced.is_(True)
        ),
    }
    if wanted.mark in marks:
        clauses.append(marks[wanted.mark])
    return statement.where(*clauses)


def records_of(actor: Actor, wanted: RecordFilter, *, page: int = 1) -> DeskPage:
    """Records within reach in their newest version, the newest day first; two statements whatever the size.

    What is shown beside a record is read for one page only, so that a long ledger costs its sums and no more.
    """
    require(actor, Act.VIEW_HOURS)
    asked: Select[Any] = select(ServiceRecord.id)
    if wanted.q:
        asked = asked.join(Volunteer, Volunteer.id == ServiceRecord.volunteer_id)
    asked = _narrowed(asked.where(_reach(actor, Act.VIEW_HOURS), newest()), wanted)
    sums = db.session.execute(
        asked.with_only_columns(
            func.count(),
            func.coalesce(func.sum(ServiceRecord.credited_minutes), 0),
            func.coalesce(func.sum(ServiceRecord.pending_minutes), 0),
            func.count(func.distinct(ServiceRecord.volunteer_id)),
            *(_credited(grade) for grade in Grade),
        )
    ).one()
    pages = max(1, -(-sums[0] // PAGE))
    page = min(max(1, page), pages)
    order = (ServiceRecord.service_on.desc(), ServiceRecord.id.desc())
    shown = asked.order_by(*order).limit(PAGE).offset((page - 1) * PAGE).subquery()
    rows = db.session.execute(
        select(ServiceRecord, Volunteer, Unit, ActivityKind, Activity)
        .join(Volunteer, Volunteer.id == ServiceRecord.volunteer_id)
        .join(Unit, Unit.id == ServiceRecord.unit_id)
        .join(ActivityKind, ActivityKind.id == ServiceRecord.kind_id)
        .join(Activity, Activity.id == ServiceRecord.activity_id)
        .join(shown, shown.c.id == ServiceRecord.id)
        .order_by(*order)
    )
    lines = [DeskLine(*row) for row in rows]
    grades = {grade: int(minutes) for grade, minutes in zip(Grade, sums[4:], strict=True)}
    return DeskPage(lines, sums[0], int(sums[1]), int(sums[2]), sums[3], page, pages, grades)


def _credited(grade: Grade) -> Any:
    minutes = func.sum(ServiceRecord.credited_minutes).filter(ServiceRecord.grade == grade)
    return func.coalesce(minutes, 0)


@dataclass(frozen=True, slots=True)
class Story:
    """One record with all that made it: versions, entries, stamps."""

    record: ServiceRecord
    volunteer: Volunteer
    unit: Unit
    recording_unit: Unit
    kind: ActivityKind
    activity: Activity
    shift: Shift
    versions: list[ServiceRecord]
    entries: list[LedgerEntry]
    stamps: list[StampLine]

    @property
    def newest(self) -> ServiceRecord:
        """The version that counts."""
        return self.versions[-1]

    @property
    def is_newest(self) -> bool:
        """Whether this version counts, or was replaced."""
        return self.record.id == self.newest.id


def record_story(actor: Actor, record_id: int, *, act: Act = Act.VIEW_HOURS) -> Story:
    """One record within reach, with its stamps, arithmetic, versions and entries: four statements.

    Raises Refused ``not_found``.
    """
    require(actor, act)
    own, recording = aliased(Unit), aliased(Unit)
    row = db.session.execute(
        select(ServiceRecord, Volunteer, own, recording, ActivityKind, Activity, Shift)
        .join(Volunteer, Volunteer.id == ServiceRecord.volunteer_id)
        .join(ActivityKind, ActivityKind.id == ServiceRecord.kind_id)
        .join(Activity, Activity.id == ServiceRecord.activity_id)
        .join(Shift, Shift.id == ServiceRecord.shift_id)
        .join(own, own.id == ServiceRecord.unit_id)
        .join(recording, recording.id == ServiceRecord.recording_unit_id)
        .where(ServiceRecord.id == record_id, _reach(actor, act))
    ).one_or_none()
    if row is None:
        raise Refused("not_found", "没有找到这条记录。", "请从时长列表重新进入。", status=404)
    record = row[0]
    versions = list(
        db.session.scalars(
            select(ServiceRecord)
            .where(ServiceRecord.assignment_id == record.assignment_id)
            .order_by(ServiceRecord.version)
        )
    )
    entries = list(
        db.session.scalars(
            select(LedgerEntry)
            .where(LedgerEntry.record_id.in_([version.id for version in versions]))
            .order_by(LedgerEntry.seq)
        )
    )
    return Story(*row, versions, entries, stamps_of(record.assignment_id))
