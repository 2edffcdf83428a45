"""Activities (活动) and their shifts (班次): what is done, where, when, and how many are needed."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.terms import ActivityState, CancelCause, Nature, ShiftState
from volunteer.models.base import Base, Coded, UtcDateTime


class ActivityKind(Base):
    """A kind of service (服务类型) with its defaults; ``slots`` are [["07:30", "08:30"], …]."""

    __tablename__ = "activity_kind"
    __table_args__ = (
        CheckConstraint(
            "0 <= min_heads AND min_heads <= target_heads AND target_heads <= max_heads",
            name="heads",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    hue: Mapped[str] = mapped_column(String(40))
    nature: Mapped[Nature] = mapped_column(Coded(Nature), default=Nature.VOLUNTEER)
    slots: Mapped[list[Any]] = mapped_column(JSON)
    days: Mapped[str] = mapped_column(
        String(20), default="any"
    )  # workdays | weekend | saturday | any
    min_heads: Mapped[int] = mapped_column(default=2)
    target_heads: Mapped[int] = mapped_column(default=4)
    max_heads: Mapped[int] = mapped_column(default=6)
    needs_leader: Mapped[bool] = mapped_column(default=False)
    in_pairs: Mapped[bool] = mapped_column(default=False)
    min_age: Mapped[int] = mapped_column(default=16)
    max_age: Mapped[int] = mapped_column(default=70)
    is_dangerous: Mapped[bool] = mapped_column(default=False)
    required_skills: Mapped[list[Any]] = mapped_column(JSON, default=list)  # skill codes
    kit: Mapped[list[Any]] = mapped_column(JSON, default=list)
    counters: Mapped[list[Any]] = mapped_column(JSON, default=list)
    safety_note: Mapped[str] = mapped_column(String(400), default="")
    is_open: Mapped[bool] = mapped_column(default=True)
    reach_metres: Mapped[int] = mapped_column(default=4000)
    is_active: Mapped[bool] = mapped_column(default=True)


class Wish(Base):
    """A wish (意愿) of a volunteer for a kind: cost 0 (loves) to 3 (rather not)."""

    __tablename__ = "wish"
    __table_args__ = (CheckConstraint("cost BETWEEN 0 AND 3", name="cost"),)

    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"), primary_key=True)
    kind_id: Mapped[int] = mapped_column(ForeignKey("activity_kind.id"), primary_key=True)
    cost: Mapped[int]


class Activity(Base):
    """An activity (活动): one purpose, one organizing unit, many shifts."""

    __tablename__ = "activity"
    __table_args__ = (CheckConstraint("ends_on >= starts_on", name="dates"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(80))
    pinyin: Mapped[str] = mapped_column(String(80), default="", index=True)  # initials of the title
    kind_id: Mapped[int] = mapped_column(ForeignKey("activity_kind.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    nature: Mapped[Nature] = mapped_column(Coded(Nature))
    state: Mapped[ActivityState] = mapped_column(
        Coded(ActivityState), default=ActivityState.DRAFT, index=True
    )
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    purpose: Mapped[str] = mapped_column(Text, default="")
    content: Mapped[str] = mapped_column(Text, default="")
    conditions: Mapped[str] = mapped_column(Text, default="")
    risk_note: Mapped[str] = mapped_column(Text, default="")
    safeguards: Mapped[str] = mapped_column(Text, default="")
    insurance_reference: Mapped[str] = mapped_column(String(80), default="")
    contact_name: Mapped[str] = mapped_column(String(60), default="")
    contact_phone: Mapped[str] = mapped_column(String(30), default="")
    person_in_charge: Mapped[str] = mapped_column(String(60), default="")
    allows_minors: Mapped[bool] = mapped_column(default=False)
    lint_override: Mapped[str] = mapped_column(String(200), default="")
    cancel_reason: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int]
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)


class JointUnit(Base):
    """A unit that takes part (联合单位) in an activity of another."""

    __tablename__ = "joint_unit"

    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)


class ShiftBatch(Base):
    """One act of making shifts in bulk, so that it can be undone as one."""

    __tablename__ = "shift_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), index=True)
    wanted: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int]
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Shift(Base):
    """A shift (班次): one activity, one window, one point. Breaks are minutes from the start."""

    __tablename__ = "shift"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="window"),
        CheckConstraint(
            "0 <= min_heads AND min_heads <= target_heads AND target_heads <= max_heads",
            name="heads",
        ),
        CheckConstraint("priority BETWEEN 1 AND 3", name="priority"),
        UniqueConstraint("activity_id", "point_id", "starts_at", "corner"),
        Index("ix_shift_service_on_state", "service_on", "state"),
        Index("ix_shift_point_starts", "point_id", "starts_at"),
        Index("ix_shift_ends_at_state", "ends_at", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), index=True)
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("shift_batch.id"), index=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("check_point.id"))
    corner: Mapped[str] = mapped_column(String(20), default="")
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    service_on: Mapped[date]  # the Beijing day on which it starts
    state: Mapped[ShiftState] = mapped_column(Coded(ShiftState), default=ShiftState.PLANNED)
    min_heads: Mapped[int]
    target_heads: Mapped[int]
    max_heads: Mapped[int]
    priority: Mapped[int] = mapped_column(default=3)
    min_age: Mapped[int]
    max_age: Mapped[int]
    breaks: Mapped[list[Any]] = mapped_column(JSON, default=list)
    required_skills: Mapped[list[Any]] = mapped_column(JSON, default=list)
    is_open: Mapped[bool] = mapped_column(default=True)
    reach_metres: Mapped[int] = mapped_column(default=4000)
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("volunteer.id"), index=True)
    cancel_cause: Mapped[CancelCause | None] = mapped_column(Coded(CancelCause))
    cancel_reason: Mapped[str] = mapped_column(String(200), default="")
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # counter name -> number
    version: Mapped[int] = mapped_column(default=1)


class ShiftSkill(Base):
    """Skill mix: at least ``count`` people with the skill."""

    __tablename__ = "shift_skill"
    __table_args__ = (CheckConstraint("count > 0", name="count"),)

    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"), primary_key=True)
    skill_id: Mapped[int] = mapped_column(ForeignKey("skill.id"), primary_key=True)
    count: Mapped[int]


class ShiftQuota(Base):
    """Unit quota (单位名额): at least ``count`` people of the unit."""

    __tablename__ = "shift_quota"
    __table_args__ = (CheckConstraint("count > 0", name="count"),)

    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    count: Mapped[int]
