"""Rosters (排班): runs of the optimiser, drafts, pins, and assignments that people were told."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.terms import AssignmentState, CancelCause, DraftState, PinVerdict, RunState
from volunteer.models.base import Base, Coded, UtcDateTime


class SchedulingRun(Base):
    """One asked-for solve (排班任务) over a week and a scope; the problem is kept for replay."""

    __tablename__ = "scheduling_run"
    __table_args__ = (
        Index("ix_scheduling_run_week", "week_on", "unit_id", "district_id"),
        CheckConstraint("seconds_limit BETWEEN 1 AND 3600", name="seconds"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    week_on: Mapped[date]  # the Monday
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    district_id: Mapped[int | None] = mapped_column(ForeignKey("district.id"), index=True)
    state: Mapped[RunState] = mapped_column(Coded(RunState), default=RunState.QUEUED, index=True)
    seconds_limit: Mapped[int] = mapped_column(default=30)
    seed: Mapped[int] = mapped_column(default=1)
    keeps_published: Mapped[bool] = mapped_column(default=False)  # refill only, move nobody
    asked_by_id: Mapped[int]
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    job_id: Mapped[int | None]
    is_cancel_wished: Mapped[bool] = mapped_column(default=False)
    problem_gz: Mapped[bytes | None] = mapped_column(LargeBinary)  # exchange format, gzip
    plan_gz: Mapped[bytes | None] = mapped_column(LargeBinary)
    people_count: Mapped[int] = mapped_column(default=0)
    duty_count: Mapped[int] = mapped_column(default=0)
    curve: Mapped[list[Any]] = mapped_column(
        JSON, default=list
    )  # [seconds, stage, cost, bound, people]
    error: Mapped[str] = mapped_column(String(400), default="")


class DraftRoster(Base):
    """A draft (排班草案) of one week and scope, before publishing. ``version`` guards against races."""

    __tablename__ = "draft_roster"
    __table_args__ = (Index("ix_draft_roster_week", "week_on", "unit_id", "district_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("scheduling_run.id"), index=True)
    week_on: Mapped[date]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    district_id: Mapped[int | None] = mapped_column(ForeignKey("district.id"))
    state: Mapped[DraftState] = mapped_column(
        Coded(DraftState), default=DraftState.OPEN, index=True
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    base: Mapped[list[Any]] = mapped_column(
        JSON, default=list
    )  # [[shift_id, volunteer_id, state], …]: the live seats when the draft was made
    version: Mapped[int] = mapped_column(default=1)


class DraftSeat(Base):
    """One person on one shift in a draft; ``source`` is solver, hand or kept."""

    __tablename__ = "draft_seat"

    draft_id: Mapped[int] = mapped_column(ForeignKey("draft_roster.id"), primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"), primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"), primary_key=True)
    source: Mapped[str] = mapped_column(String(10), default="solver")
    forced_reason: Mapped[str] = mapped_column(String(200), default="")


class DraftMove(Base):
    """One hand-made change of a draft, so that it can be undone: seats before and after."""

    __tablename__ = "draft_move"

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft_roster.id"), index=True)
    added: Mapped[list[Any]] = mapped_column(JSON)  # [[shift_id, volunteer_id], …]
    removed: Mapped[list[Any]] = mapped_column(JSON)
    made_by_id: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Pin(Base):
    """A seat fixed or forbidden by hand (锁定、禁排) before a run."""

    __tablename__ = "pin"
    __table_args__ = (UniqueConstraint("shift_id", "volunteer_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"), index=True)
    verdict: Mapped[PinVerdict] = mapped_column(Coded(PinVerdict))
    reason: Mapped[str] = mapped_column(String(200), default="")
    by_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Assignment(Base):
    """A seat that was published (派班): proposed, then accepted or declined by the person.

    ``unit_id`` is the person's unit at that time. One row per person and shift; every change of state
    leaves an audit line. ``is_seated`` repeats "counts against max_heads" for the seat guard.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        UniqueConstraint("shift_id", "volunteer_id"),
        Index("ix_assignment_volunteer_state", "volunteer_id", "state"),
        Index("ix_assignment_unit", "unit_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    state: Mapped[AssignmentState] = mapped_column(Coded(AssignmentState))
    source: Mapped[str] = mapped_column(
        String(12), default="solver"
    )  # solver | hand | sign_up | cover | make_up
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("draft_roster.id"))
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer_reason: Mapped[str] = mapped_column(String(200), default="")
    cancel_cause: Mapped[CancelCause | None] = mapped_column(Coded(CancelCause))
    covers_id: Mapped[int | None] = mapped_column(ForeignKey("assignment.id"))
    version: Mapped[int] = mapped_column(default=1)
