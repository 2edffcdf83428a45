"""The journal (日志): audit lines, messages to people, and jobs, written beside the act itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.terms import BreachStep, JobState, MessageState
from volunteer.models.base import Base, Coded, UtcDateTime


class AuditEntry(Base):
    """An audit line (操作日志): who did what to which thing, before and after, and why."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_subject", "subject", "subject_id"),
        Index("ix_audit_entry_unit_at", "unit_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    account_id: Mapped[int | None] = mapped_column(index=True)
    actor_name: Mapped[str] = mapped_column(String(100))
    act: Mapped[str] = mapped_column(String(60), index=True)
    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int | None]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    sentence: Mapped[str] = mapped_column(String(400))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(String(200), default="")
    request_id: Mapped[str] = mapped_column(String(40), default="")


class Message(Base):
    """A message (通知) in the outbox and in the person's list; ``dedupe`` forbids a second copy."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("dedupe"),
        Index("ix_message_account_read", "account_id", "read_at"),
        Index("ix_message_state_due", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    volunteer_id: Mapped[int | None] = mapped_column(ForeignKey("volunteer.id"), index=True)
    topic: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(80))
    body: Mapped[str] = mapped_column(String(400))
    link: Mapped[str] = mapped_column(String(200), default="")
    dedupe: Mapped[str | None] = mapped_column(String(120))
    state: Mapped[MessageState] = mapped_column(Coded(MessageState), default=MessageState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # claimed, or failed before
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Job(Base):
    """A job (后台任务): the truth about work outside the request; a silent heartbeat means run again."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_state_due", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    task: Mapped[str] = mapped_column(String(60))
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[JobState] = mapped_column(Coded(JobState), default=JobState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_by: Mapped[str] = mapped_column(String(60), default="")
    heartbeat_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_cancel_wished: Mapped[bool] = mapped_column(default=False)
    error: Mapped[str] = mapped_column(String(400), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Erasure(Base):
    """What the clock erased (到期清除): one row for each day and each time that anything was due.

    ``what`` is a code of :mod:`volunteer.domain.retention`; everything before ``cutoff_at`` was due.
    """

    __tablename__ = "erasure"
    __table_args__ = (Index("ix_erasure_what_at", "what", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(String(24))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    cutoff_at: Mapped[datetime] = mapped_column(UtcDateTime)
    count: Mapped[int]
    rule_version: Mapped[str] = mapped_column(String(20))


class Breach(Base):
    """A data breach (数据安全事件): what happened, to what data, to how many, when it was found."""

    __tablename__ = "breach"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(80))
    found_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    happened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    kinds: Mapped[str] = mapped_column(String(200))
    cause: Mapped[str] = mapped_column(String(400))
    harm: Mapped[str] = mapped_column(String(400))
    affected: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by_id: Mapped[int | None]
    made_by_name: Mapped[str] = mapped_column(String(100), default="")


class BreachEntry(Base):
    """One thing done about a breach (处置记录), added and never changed."""

    __tablename__ = "breach_entry"
    __table_args__ = (Index("ix_breach_entry_breach", "breach_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    breach_id: Mapped[int] = mapped_column(ForeignKey("breach.id"))
    step: Mapped[BreachStep] = mapped_column(Coded(BreachStep))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    whom: Mapped[str] = mapped_column(String(120), default="")
    words: Mapped[str] = mapped_column(String(400))
    count: Mapped[int] = mapped_column(default=0)
    by_id: Mapped[int | None]
    by_name: Mapped[str] = mapped_column(String(100), default="")
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class KeptAnswer(Base):
    """The answer to a form that creates something (一次提交), kept so that the same form gets it again.

    ``digest`` is of who, where and the form's key; ``contents`` of what was sent. Erased after some days.
    """

    __tablename__ = "kept_answer"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    contents: Mapped[bytes] = mapped_column(LargeBinary(32))
    status: Mapped[int] = mapped_column(default=0)
    location: Mapped[str] = mapped_column(String(500), default="")
    content_type: Mapped[str] = mapped_column(String(100), default="")
    body: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    flashes: Mapped[list[Any]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
