"""Trust (核查与抽查): what the rules of signals saw, the cases that people decide, and spot checks on site."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.terms import CaseState, CaseStep, CaseSubject, Signal, SpotState
from volunteer.models.base import Base, Coded, UtcDateTime


class FixTrace(Base):
    """What tells two fixes apart without saying where they were: a keyed digest, erased with the location.

    ``is_round`` says that coordinates and accuracy were all round figures.
    """

    __tablename__ = "fix_trace"

    stamp_id: Mapped[int] = mapped_column(ForeignKey("check_in.id"), primary_key=True)
    fix_print: Mapped[bytes] = mapped_column(LargeBinary(8))
    is_round: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class Vouch(Base):
    """The leader's word (带队确认) that a person was on site in spite of a doubt; never about oneself."""

    __tablename__ = "vouch"

    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_account_id: Mapped[int]
    reason: Mapped[str] = mapped_column(String(200), default="")


class TrustCase(Base):
    """A case (核查事项): a question about a person, a shift or a unit. One is open for each subject at a time.

    ``unit_id`` is the unit whose desk it lies on: the one that recorded the hours.
    """

    __tablename__ = "trust_case"
    __table_args__ = (
        Index("ix_trust_case_unit_state", "unit_id", "state"),
        Index(
            "uq_trust_case_open",
            "subject",
            "subject_id",
            unique=True,
            sqlite_where=text("is_open"),
            postgresql_where=text("is_open"),
        ),
        CheckConstraint("score BETWEEN 0 AND 100", name="score"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[CaseSubject] = mapped_column(Coded(CaseSubject))
    subject_id: Mapped[int]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    volunteer_id: Mapped[int | None] = mapped_column(ForeignKey("volunteer.id"), index=True)
    shift_id: Mapped[int | None] = mapped_column(ForeignKey("shift.id"), index=True)
    state: Mapped[CaseState] = mapped_column(Coded(CaseState), default=CaseState.OPEN)
    is_open: Mapped[bool] = mapped_column(default=True)
    score: Mapped[int]
    rule_version: Mapped[str] = mapped_column(String(20))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    question: Mapped[str] = mapped_column(String(400), default="")
    answer_due_on: Mapped[date | None]
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None]
    decision: Mapped[str] = mapped_column(String(400), default="")
    appeal_due_on: Mapped[date | None]
    appealed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    appeal: Mapped[str] = mapped_column(Text, default="")
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)


class CaseEvidence(Base):
    """One thing that a rule saw (线索); ``key`` names it for ever, so that it is evidence once."""

    __tablename__ = "case_evidence"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("trust_case.id"), index=True)
    code: Mapped[Signal] = mapped_column(Coded(Signal))
    score: Mapped[int]
    template: Mapped[str] = mapped_column(String(200))
    values: Mapped[dict[str, Any]] = mapped_column(JSON)
    key: Mapped[str] = mapped_column(String(120))
    shift_id: Mapped[int | None] = mapped_column(ForeignKey("shift.id"))
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id"))
    stamp_ids: Mapped[list[Any]] = mapped_column(JSON, default=list)
    record_ids: Mapped[list[Any]] = mapped_column(JSON, default=list)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CaseEvent(Base):
    """One step of a case (办理过程): who did what, when and why. Only ever added."""

    __tablename__ = "case_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("trust_case.id"), index=True)
    step: Mapped[CaseStep] = mapped_column(Coded(CaseStep))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_account_id: Mapped[int | None]
    by_name: Mapped[str] = mapped_column(String(100), default="")
    reason: Mapped[str] = mapped_column(Text, default="")


class SpotDay(Base):
    """The secret of a day's spot checks (抽查密钥), kept as ciphertext, and its digest that is published before.

    When the day is over the secret is shown, and everybody can check which shifts it draws.
    """

    __tablename__ = "spot_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    secret_cipher: Mapped[bytes] = mapped_column(LargeBinary)
    commitment: Mapped[bytes] = mapped_column(LargeBinary(32))
    percent: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SpotCheck(Base):
    """A spot check (现场抽查) of a shift that was drawn, to be carried out between two instants."""

    __tablename__ = "spot_check"
    __table_args__ = (
        UniqueConstraint("shift_id"),
        CheckConstraint("expires_at > due_at", name="window"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(ForeignKey("spot_day.day"), index=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    state: Mapped[SpotState] = mapped_column(Coded(SpotState), default=SpotState.OPEN, index=True)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    run_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    run_by_id: Mapped[int | None]


class SpotPerson(Base):
    """Whether a spot check found a person who stood checked in; by their own scan or by the leader's eye."""

    __tablename__ = "spot_person"

    spot_id: Mapped[int] = mapped_column(ForeignKey("spot_check.id"), primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(
        ForeignKey("volunteer.id"), primary_key=True, index=True
    )
    is_found: Mapped[bool]
    by_scan: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ShiftLook(Base):
    """That the rules of signals have looked at a settled shift (已看过的班次)."""

    __tablename__ = "shift_look"

    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    sightings: Mapped[int] = mapped_column(default=0)


class TrustLook(Base):
    """That the rules have looked at the units of a day (每日巡看), and how much they saw."""

    __tablename__ = "trust_look"

    day: Mapped[date] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    sightings: Mapped[int] = mapped_column(default=0)
    cases: Mapped[int] = mapped_column(default=0)
