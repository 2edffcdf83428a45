"""Setting work behind the pages going again (重试): failed jobs and messages."""

from datetime import datetime

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import JobState, MessageState
from volunteer.models.base import db
from volunteer.models.journal import Job, Message
from volunteer.operations.changes import hold
from volunteer.operations.journal import note


def retry_job(actor: Actor, job_id: int, *, at: datetime) -> Job:
    """Queue a failed job again; every task is safe to run twice.

    Raises Refused ``not_found``, ``not_failed``, and what ``require`` raises.
    """
    require(actor, Act.MANAGE_SETTINGS)
    job = db.session.get(Job, job_id)
    if job is None:
        raise Refused("not_found", "没有找到这项后台任务。", status=404)
    hold(job)
    if job.state is not JobState.FAILED:
        raise Refused("not_failed", "这项任务没有失败，不用重试。")
    job.state, job.attempts, job.due_at = JobState.QUEUED, 0, at
    job.finished_at, job.claimed_by, job.heartbeat_at = None, "", None
    note(
        actor,
        "retry_job",
        job,
        f"重试后台任务 {job.id}",
        at=at,
        unit_id=actor.unit_id,
        before={"state": JobState.FAILED.value},
        after={"state": JobState.QUEUED.value},
    )
    return job


def retry_message(actor: Actor, message_id: int, *, at: datetime) -> Message:
    """Put a failed message into the outbox again.

    Raises Refused ``not_found``, ``not_failed``, and what ``require`` raises.
    """
    require(actor, Act.MANAGE_SETTINGS)
    message = db.session.get(Message, message_id)
    if message is None:
        raise Refused("not_found", "没有找到这条通知。", status=404)
    hold(message)
    if message.state is not MessageState.FAILED:
        raise Refused("not_failed", "这条通知没有失败，不用重发。")
    message.state, message.attempts, message.due_at = MessageState.QUEUED, 0, at
    note(
        actor,
        "retry_message",
        message,
        f"重发通知“{message.title}”",
        at=at,
        unit_id=actor.unit_id,
        before={"state": MessageState.FAILED.value},
        after={"state": MessageState.QUEUED.value},
    )
    return message
