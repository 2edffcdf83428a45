"""Oversight (监督): the audit log, jobs, the outbox and exports, a page at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, case, func, or_, select

from volunteer.config import Settings
from volunteer.domain.access import Act, Actor, require
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import JobState, MessageState
from volunteer.domain.timekeeping import beijing
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry, Job, Message
from volunteer.models.ledger import ExportLog
from volunteer.models.people import Account, Unit, Volunteer, WeChatBond
from volunteer.queries.choices import like_words
from volunteer.queries.scope import visible

PAGE = 40
SILENT_AFTER = timedelta(minutes=2)
"""A running job without a heartbeat for so long, or a due one that nobody takes, is a silent worker."""

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Sheet(Generic[Row]):
    """One page of a long list."""

    rows: tuple[Row, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """How the audit log is narrowed; ``words`` search the sentence and the person."""

    words: str = ""
    account_id: int | None = None
    unit_id: int | None = None
    subject: str = ""
    subject_id: int | None = None
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One audit line with the unit it is about."""

    entry: AuditEntry
    unit_name: str


def _audit(actor: Actor, wanted: AuditFilter) -> Select[Any]:
    statement: Any = select(AuditEntry, Unit.name).outerjoin(Unit, Unit.id == AuditEntry.unit_id)
    statement = visible(statement, actor, Act.VIEW_AUDIT, unit=AuditEntry.unit_id)
    if wanted.words:
        like = like_words(wanted.words)
        statement = statement.where(
            or_(
                AuditEntry.sentence.like(like, escape="\\"),
                AuditEntry.actor_name.like(like, escape="\\"),
                AuditEntry.request_id == wanted.words,
            )
        )
    for column, value in (
        (AuditEntry.account_id, wanted.account_id),
        (AuditEntry.unit_id, wanted.unit_id),
        (AuditEntry.subject, wanted.subject or None),
        (AuditEntry.subject_id, wanted.subject_id),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if wanted.first is not None:
        statement = statement.where(AuditEntry.at >= beijing(wanted.first))
    if wanted.last is not None:
        statement = statement.where(AuditEntry.at < beijing(wanted.last + timedelta(days=1)))
    return statement.order_by(AuditEntry.at.desc(), AuditEntry.id.desc())


def _sheet(statement: Any, page: int, line: Any) -> Sheet[Any]:
    counted = statement.order_by(None).with_only_columns(func.count(), maintain_column_froms=True)
    total = db.session.scalar(counted) or 0
    pages = max(1, ceil(total / PAGE))
    page = min(max(1, page), pages)
    rows = db.session.execute(statement.limit(PAGE).offset((page - 1) * PAGE))
    return Sheet(tuple(line(row) for row in rows), total, page, pages)


def audit_log(actor: Actor, wanted: AuditFilter, *, page: int = 1) -> Sheet[AuditLine]:
    """The audit lines within reach, newest first; two statements however many rows."""
    return _sheet(_audit(actor, wanted), page, lambda row: AuditLine(row[0], row[1] or ""))


def audit_lines(actor: Actor, wanted: AuditFilter, *, most: int = 20_000) -> Iterator[AuditLine]:
    """All lines that fit, newest first, for an export."""
    for entry, unit_name in db.session.execute(
        _audit(actor, wanted).limit(most).execution_options(yield_per=500)
    ):
        yield AuditLine(entry, unit_name or "")


def audit_line_for(actor: Actor, entry_id: int) -> AuditLine:
    """One audit line within reach.

    Raises Refused ``not_found`` (404).
    """
    statement = _audit(actor, AuditFilter()).where(AuditEntry.id == entry_id)
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise Refused("not_found", "没有找到这条日志。", "请从列表重新进入。", status=404)
    return AuditLine(row[0], row[1] or "")


def jobs_listed(actor: Actor, state: JobState | None, *, page: int = 1) -> Sheet[Job]:
    """The jobs, those that failed or run first.

    Raises what ``require`` raises: jobs are the whole city's.
    """
    require(actor, Act.VIEW_SETTINGS)
    urgency = case(
        (Job.state == JobState.FAILED, 0),
        (Job.state == JobState.RUNNING, 1),
        (Job.state == JobState.QUEUED, 2),
        else_=3,
    )
    statement = select(Job).order_by(urgency, Job.id.desc())
    if state is not None:
        statement = statement.where(Job.state == state)
    return _sheet(statement, page, lambda row: row[0])


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One message of the outbox with the person it is for."""

    message: Message
    person: str


def messages_listed(
    actor: Actor, state: MessageState | None, *, page: int = 1
) -> Sheet[MessageLine]:
    """The outbox, newest first.

    Raises what ``require`` raises: the outbox is the whole city's.
    """
    require(actor, Act.VIEW_SETTINGS)
    statement = (
        select(Message, func.coalesce(Volunteer.name, Account.name))
        .outerjoin(Volunteer, Volunteer.id == Message.volunteer_id)
        .outerjoin(Account, Account.id == Message.account_id)
        .order_by(Message.id.desc())
    )
    if state is not None:
        statement = statement.where(Message.state == state)
    return _sheet(statement, page, lambda row: MessageLine(row[0], row[1] or ""))


@dataclass(frozen=True, slots=True)
class Channels:
    """By which ways messages leave the house; ``lost`` are bound people whom WeChat cannot reach now."""

    has_wechat: bool
    bound: int
    lost: int
    has_sms: bool


def channels(actor: Actor) -> Channels:
    """The channels of this installation, and how many people bound their WeChat.

    Raises what ``require`` raises.
    """
    require(actor, Act.VIEW_SETTINGS)
    settings = Settings()
    bound, lost = db.session.execute(
        select(func.count(), func.count(WeChatBond.lost_at)).select_from(WeChatBond)
    ).one()
    has_wechat = bool(settings.wechat_app_id and settings.wechat_templates)
    return Channels(has_wechat, bound, lost, bool(settings.sms_gateway_url))


@dataclass(frozen=True, slots=True)
class ExportLine:
    """One export with who took it."""

    entry: ExportLog
    person: str
    unit_name: str


def exports_listed(actor: Actor, *, page: int = 1) -> Sheet[ExportLine]:
    """What files left, newest first, within reach."""
    statement: Any = (
        select(ExportLog, Account.name, Unit.name)
        .outerjoin(Account, Account.id == ExportLog.account_id)
        .outerjoin(Unit, Unit.id == ExportLog.unit_id)
    )
    statement = visible(statement, actor, Act.VIEW_AUDIT, unit=ExportLog.unit_id)
    return _sheet(
        statement.order_by(ExportLog.id.desc()),
        page,
        lambda row: ExportLine(row[0], row[1] or "", row[2] or ""),
    )


@dataclass(frozen=True, slots=True)
class Health:
    """How the work behind the pages is doing, in counts."""

    failed_jobs: int
    silent_jobs: int
    waiting_jobs: int
    failed_messages: int
    waiting_messages: int


def health(*, at: datetime) -> Health:
    """Failed jobs and messages, and work that nobody takes up."""
    late = at - SILENT_AFTER
    jobs = db.session.execute(
        select(
            func.count().filter(Job.state == JobState.FAILED),
            func.count().filter(
                or_(
                    (Job.state == JobState.RUNNING) & (Job.heartbeat_at < late),
                    (Job.state == JobState.QUEUED) & (Job.due_at < late),
                )
            ),
            func.count().filter(Job.state == JobState.QUEUED),
        )
    ).one()
    messages = db.session.execute(
        select(
            func.count().filter(Message.state == MessageState.FAILED),
            func.count().filter((Message.state == MessageState.QUEUED) & (Message.due_at < late)),
        )
    ).one()
    return Health(*(int(value) for value in (*jobs, *messages)))
