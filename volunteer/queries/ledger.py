"""The ledger (时长台账), read: totals come from its entries, counted there or kept beside them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.policy import Policy
from volunteer.domain.terms import EntryKind, Grade, Nature
from volunteer.domain.totals import Span, end_of, view_of, whole_months
from volunteer.models.activities import Activity, ActivityKind
from volunteer.models.base import db
from volunteer.models.ledger import LedgerEntry, LedgerHead, PersonMonth, ServiceRecord
from volunteer.models.people import Volunteer
from volunteer.queries.policy import current_policy

PAGE = 20


@dataclass(frozen=True, slots=True)
class Total:
    """A sum of the ledger: minutes, and how many times."""

    minutes: int
    times: int


def counted_natures(policy: Policy) -> tuple[Nature, ...]:
    """Whose minutes are volunteer service: office duty never, training where the city counts it."""
    return (Nature.VOLUNTEER, Nature.TRAINING) if policy.training_counts else (Nature.VOLUNTEER,)


def _minutes() -> ColumnElement[int]:
    return func.coalesce(func.sum(LedgerEntry.minutes), 0)


def of_person(column: Any, volunteer_id: int) -> ColumnElement[bool]:
    """Keep what belongs to a person: the profile itself and those that were merged into it."""
    merged = select(Volunteer.id).where(Volunteer.merged_into_id == volunteer_id)
    return or_(column == volunteer_id, column.in_(merged))


def total_of(volunteer_id: int, *, first: date | None = None, last: date | None = None) -> Total:
    """The volunteer minutes of a person, merged profiles included, of all time or between two dates.

    Whole months are read from the kept totals, what sticks out at either end from the entries themselves.
    """
    policy = current_policy()
    since, until = whole_months(first, last)
    if since is not None and until is not None and since > until:
        return _counted(volunteer_id, LedgerEntry.service_on.between(first, last), policy)
    whole = _kept_months(volunteer_id, since, until, policy)
    ends = []
    if first is not None and since is not None and first < since:
        ends.append(and_(LedgerEntry.service_on >= first, LedgerEntry.service_on < since))
    if last is not None and until is not None and last > end_of(Span.MONTH, until):
        after = end_of(Span.MONTH, until)
        ends.append(and_(LedgerEntry.service_on > after, LedgerEntry.service_on <= last))
    if not ends:
        return whole
    rest = _counted(volunteer_id, or_(*ends), policy)
    return Total(whole.minutes + rest.minutes, whole.times + rest.times)


def _kept_months(
    volunteer_id: int, since: date | None, until: date | None, policy: Policy
) -> Total:
    view = view_of(training_counts=policy.training_counts, proven_only=False)
    minutes, times = (getattr(PersonMonth, f"{figure}{view}") for figure in ("minutes", "times"))
    statement = select(
        func.coalesce(func.sum(minutes), 0), func.coalesce(func.sum(times), 0)
    ).where(of_person(PersonMonth.volunteer_id, volunteer_id))
    if since is not None:
        statement = statement.where(PersonMonth.month >= since)
    if until is not None:
        statement = statement.where(PersonMonth.month <= until)
    row = db.session.execute(statement).one()
    return Total(int(row[0]), int(row[1]))


def _counted(volunteer_id: int, when: ColumnElement[bool], policy: Policy) -> Total:
    """A credit is one time, its reversal takes it back."""
    times = func.coalesce(func.sum(case((LedgerEntry.kind == EntryKind.CREDIT, 1), else_=-1)), 0)
    row = db.session.execute(
        select(_minutes(), times).where(
            of_person(LedgerEntry.volunteer_id, volunteer_id),
            LedgerEntry.nature.in_(counted_natures(policy)),
            when,
        )
    ).one()
    return Total(int(row[0]), int(row[1]))


def my_total(actor: Actor, *, first: date | None = None, last: date | None = None) -> Total:
    """The actor's own total."""
    return total_of(_myself(actor), first=first, last=last)


def my_days(actor: Actor, *, first: date, last: date) -> dict[date, int]:
    """The actor's minutes by date of service, for a calendar; days without any are left out."""
    rows = db.session.execute(
        select(LedgerEntry.service_on, _minutes())
        .where(
            of_person(LedgerEntry.volunteer_id, _myself(actor)),
            LedgerEntry.nature.in_(counted_natures(current_policy())),
            LedgerEntry.service_on.between(first, last),
        )
        .group_by(LedgerEntry.service_on)
        .order_by(LedgerEntry.service_on)
    )
    return {row[0]: int(row[1]) for row in rows if row[1]}


def my_grades(actor: Actor) -> dict[Grade, int]:
    """The actor's minutes by strength of evidence; they add up to the total."""
    rows = db.session.execute(
        select(LedgerEntry.grade, _minutes())
        .where(
            of_person(LedgerEntry.volunteer_id, _myself(actor)),
            LedgerEntry.nature.in_(counted_natures(current_policy())),
        )
        .group_by(LedgerEntry.grade)
        .order_by(LedgerEntry.grade)
    )
    return {row[0]: int(row[1]) for row in rows if row[1]}


def _myself(actor: Actor) -> int:
    require(actor, Act.OWN_HOURS)
    assert actor.volunteer_id is not None, "only a volunteer holds this act"
    return actor.volunteer_id


def newest() -> ColumnElement[bool]:
    """Keep of each record the version that nothing replaces."""
    later = aliased(ServiceRecord)
    return ~exists(select(later.id).where(later.replaces_id == ServiceRecord.id))


def is_newest(record_id: int) -> bool:
    """Whether nothing replaces this version."""
    return not db.session.scalar(select(exists().where(ServiceRecord.replaces_id == record_id)))


def minutes_of_day(volunteer_ids: list[int], on: date) -> dict[int, int]:
    """What was recorded for these people on a day over all activities, waiting minutes included.

    The cap of a day looks at this: minutes that wait fill the day as well.
    """
    sums: dict[int, int] = {}
    for start in range(0, len(volunteer_ids), 400):
        rows = db.session.execute(
            select(
                ServiceRecord.volunteer_id,
                func.sum(ServiceRecord.credited_minutes + ServiceRecord.pending_minutes),
            )
            .where(
                ServiceRecord.volunteer_id.in_(volunteer_ids[start : start + 400]),
                ServiceRecord.service_on == on,
                newest(),
            )
            .group_by(ServiceRecord.volunteer_id)
        )
        sums.update({row[0]: int(row[1]) for row in rows})
    return sums


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One record of a list."""

    record: ServiceRecord
    activity: Activity
    kind: ActivityKind


@dataclass(frozen=True, slots=True)
class RecordPage:
    """One page of the own records."""

    lines: list[RecordLine]
    total: int
    page: int
    pages: int


def my_records(
    actor: Actor, *, first: date | None = None, last: date | None = None, page: int = 1
) -> RecordPage:
    """The actor's own records, the newest first, each in its newest version."""
    base: Any = (
        select(ServiceRecord, Activity, ActivityKind)
        .join(Activity, Activity.id == ServiceRecord.activity_id)
        .join(ActivityKind, ActivityKind.id == ServiceRecord.kind_id)
        .where(of_person(ServiceRecord.volunteer_id, _myself(actor)), newest())
    )
    if first is not None:
        base = base.where(ServiceRecord.service_on >= first)
    if last is not None:
        base = base.where(ServiceRecord.service_on <= last)
    total = db.session.scalar(base.with_only_columns(func.count())) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    rows = db.session.execute(
        base.order_by(ServiceRecord.service_on.desc(), ServiceRecord.id.desc())
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return RecordPage([RecordLine(*row) for row in rows], total, page, pages)


def ledger_head() -> tuple[int, bytes]:
    """The number and the seal of the last entry, as printed on exports."""
    row = db.session.execute(select(LedgerHead.seq, LedgerHead.seal)).one()
    return row[0], row[1]
