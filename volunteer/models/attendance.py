"""Attendance (签到、签退): stamps are only ever added."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.terms import (
    DeferredAct,
    DeferredConflict,
    DeferredProblem,
    DeferredSource,
    DeferredState,
    DistanceBucket,
    FenceVerdict,
    Grade,
    StampKind,
    Way,
)
from volunteer.models.base import Base, Coded, UtcDateTime


class CheckIn(Base):
    """A stamp (一次签到或签退). ``round`` counts the stamps of a kind on a seat, those taken back included:
    of two that were judged by the same sight of the seat the database refuses the second.

    ``at`` is server time; ``claimed_at`` the device's or the leader's, kept where it differs. Location is
    kept as a verdict with its accuracy; raw coordinates are not stored. ``signals`` name what somebody
    should look at; they never decide.
    """

    __tablename__ = "check_in"
    __table_args__ = (
        UniqueConstraint("nonce"),
        UniqueConstraint("assignment_id", "kind", "round"),
        CheckConstraint("round BETWEEN 1 AND 200", name="round"),
        Index("ix_check_in_shift", "shift_id", "kind"),
        Index("ix_check_in_volunteer_at", "volunteer_id", "at"),
        Index("ix_check_in_device_at", "device_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"))
    kind: Mapped[StampKind] = mapped_column(Coded(StampKind))
    round: Mapped[int] = mapped_column(default=1)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    way: Mapped[Way] = mapped_column(Coded(Way))
    grade: Mapped[Grade] = mapped_column(Coded(Grade))
    nonce: Mapped[str] = mapped_column(String(64))
    late_minutes: Mapped[int] = mapped_column(default=0)
    early_minutes: Mapped[int] = mapped_column(default=0)
    place_verdict: Mapped[FenceVerdict] = mapped_column(
        Coded(FenceVerdict), default=FenceVerdict.UNKNOWN
    )
    distance_bucket: Mapped[DistanceBucket | None] = mapped_column(Coded(DistanceBucket))
    accuracy_metres: Mapped[int | None]
    is_forced: Mapped[bool] = mapped_column(default=False)
    signals: Mapped[list[Any]] = mapped_column(JSON, default=list)
    by_account_id: Mapped[int | None]  # None is the system: an automatic check-out
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device_session.id"))
    reason: Mapped[str] = mapped_column(String(200), default="")


class StampCancellation(Base):
    """A stamp taken back (撤销) with its reason; the stamp itself stays."""

    __tablename__ = "stamp_cancellation"

    stamp_id: Mapped[int] = mapped_column(ForeignKey("check_in.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_account_id: Mapped[int]
    reason: Mapped[str] = mapped_column(String(200), default="")


class AttendanceNote(Base):
    """What the leader says of a person on a shift: excused, absent, with a reason; newest wins."""

    __tablename__ = "attendance_note"
    __table_args__ = (Index("ix_attendance_note_assignment", "assignment_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    verdict: Mapped[str] = mapped_column(String(12))  # excused | absent | cleared
    reason: Mapped[str] = mapped_column(String(200), default="")
    by_account_id: Mapped[int | None]  # None: found missing when the shift was settled
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class DeferredStamp(Base):
    """What a phone kept without a signal (离线记录), as it arrived: one row for each nonce, whatever came of it.

    ``claimed_at`` is the phone's clock (``device_at``) with the offset that was measured at its last
    contact; ``received_at`` is the server's. ``digest`` is that of the whole item: the same nonce with
    another content is another row. ``fits_code`` tells a reviewer whether typed figures were right;
    no coordinates are kept. ``seen_at`` is set when somebody has looked at what was recorded all the same.
    """

    __tablename__ = "deferred_stamp"
    __table_args__ = (
        UniqueConstraint("nonce"),
        Index("ix_deferred_stamp_seat", "shift_id", "volunteer_id"),
        Index("ix_deferred_stamp_open", "state", "shift_id"),
        Index("ix_deferred_stamp_account", "account_id", "received_at"),
        Index("ix_deferred_stamp_volunteer", "volunteer_id", "received_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    nonce: Mapped[str] = mapped_column(String(80))
    digest: Mapped[str] = mapped_column(String(64))
    source: Mapped[DeferredSource | None] = mapped_column(Coded(DeferredSource))
    act: Mapped[DeferredAct | None] = mapped_column(Coded(DeferredAct))
    account_id: Mapped[int]
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device_session.id"))
    shift_id: Mapped[int | None] = mapped_column(ForeignKey("shift.id"))
    volunteer_id: Mapped[int | None] = mapped_column(ForeignKey("volunteer.id"))
    device_at: Mapped[datetime] = mapped_column(UtcDateTime)
    offset_seconds: Mapped[int | None]  # None: this phone never measured it
    claimed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    code: Mapped[str] = mapped_column(String(40), default="")
    fits_code: Mapped[bool | None]
    way: Mapped[Way | None] = mapped_column(Coded(Way))
    grade: Mapped[Grade | None] = mapped_column(Coded(Grade))
    place_verdict: Mapped[FenceVerdict] = mapped_column(
        Coded(FenceVerdict), default=FenceVerdict.UNKNOWN
    )
    distance_bucket: Mapped[DistanceBucket | None] = mapped_column(Coded(DistanceBucket))
    accuracy_metres: Mapped[int | None]
    late_minutes: Mapped[int] = mapped_column(default=0)
    early_minutes: Mapped[int] = mapped_column(default=0)
    signals: Mapped[list[Any]] = mapped_column(JSON, default=list)
    problems: Mapped[list[Any]] = mapped_column(JSON, default=list)
    problem: Mapped[DeferredProblem | None] = mapped_column(Coded(DeferredProblem))
    state: Mapped[DeferredState] = mapped_column(Coded(DeferredState))
    is_late: Mapped[bool] = mapped_column(default=False)  # recorded, and too late to keep its grade
    conflict: Mapped[DeferredConflict | None] = mapped_column(Coded(DeferredConflict))
    stamp_id: Mapped[int | None] = mapped_column(ForeignKey("check_in.id"))
    note_id: Mapped[int | None] = mapped_column(ForeignKey("attendance_note.id"))
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None]
    decided_reason: Mapped[str] = mapped_column(String(200), default="")
