"""Erasing what work leaves behind (痕迹): devices, messages, rolls, jobs, exports, failed sign-ins."""

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select, update

from volunteer.domain import retention
from volunteer.domain.terms import JobState
from volunteer.models.base import db
from volunteer.models.journal import Job, Message
from volunteer.models.ledger import ExportLog
from volunteer.models.people import DeviceSession, SignInAttempt
from volunteer.models.rosters import SchedulingRun
from volunteer.operations.keeping import BITE, erases
from volunteer.operations.people.rolls import forget_old_rolls

ENDED = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
EMPTIED = 0
"""The session version of a device that was emptied; a living session begins at 1."""


def _ids(statement: Any) -> list[int]:
    return list(db.session.scalars(statement.limit(BITE)))


def _drop(table: Any, *clauses: Any) -> int:
    due = _ids(select(table.id).where(*clauses).order_by(table.id))
    if due:
        db.session.execute(delete(table).where(table.id.in_(due)))
    return len(due)


@erases(retention.SESSIONS)
def empty_devices(cutoff: datetime, at: datetime) -> int:
    """Empty devices that ended; the row stays as a number, since stamps name it and are never changed."""
    due = db.session.scalars(
        select(DeviceSession)
        .where(
            DeviceSession.session_version != EMPTIED,
            or_(DeviceSession.revoked_at < cutoff, DeviceSession.expires_at < cutoff),
        )
        .order_by(DeviceSession.id)
        .limit(BITE)
    ).all()
    for device in due:
        empty_device(device)
    return len(due)


def empty_device(device: DeviceSession) -> None:
    """Take all that tells anything out of a device's row."""
    device.label, device.mark, device.session_version = "", None, EMPTIED
    device.token_hash = hashlib.sha256(f"emptied {device.id}".encode()).digest()
    device.last_seen_at = device.created_at
    device.revoked_at = device.revoked_at or device.expires_at


@erases(retention.MESSAGES)
def drop_messages(cutoff: datetime, at: datetime) -> int:
    """Delete messages written before the cutoff."""
    return _drop(Message, Message.created_at < cutoff)


@erases(retention.ROLLS)
def forget_rolls(cutoff: datetime, at: datetime) -> int:
    """Empty rolls that nobody confirmed."""
    return forget_old_rolls(before=cutoff, at=at)


@erases(retention.JOBS)
def drop_jobs(cutoff: datetime, at: datetime) -> int:
    """Delete ended jobs, and empty runs of the problem and plan that they keep for replay."""
    jobs = _drop(Job, Job.state.in_(ENDED), Job.finished_at < cutoff)
    runs = _ids(
        select(SchedulingRun.id)
        .where(
            func.coalesce(SchedulingRun.finished_at, SchedulingRun.asked_at) < cutoff,
            or_(SchedulingRun.problem_gz.is_not(None), SchedulingRun.plan_gz.is_not(None)),
        )
        .order_by(SchedulingRun.id)
    )
    if runs:
        db.session.execute(
            update(SchedulingRun)
            .where(SchedulingRun.id.in_(runs))
            .values(problem_gz=None, plan_gz=None)
        )
    return jobs + len(runs)


@erases(retention.EXPORTS)
def drop_exports(cutoff: datetime, at: datetime) -> int:
    """Delete lines of the export log; the audit line of each export stays."""
    return _drop(ExportLog, ExportLog.at < cutoff)


@erases(retention.ATTEMPTS)
def drop_attempts(cutoff: datetime, at: datetime) -> int:
    """Delete failed sign-ins."""
    return _drop(SignInAttempt, SignInAttempt.at < cutoff)
