"""Reading messages (通知已读): the person's own mark, no audit line; nothing else of a message ever changes."""

from datetime import datetime

from sqlalchemy import update

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.refusal import Refused
from volunteer.models.base import db
from volunteer.models.journal import Message


def read_message(actor: Actor, *, message_id: int, at: datetime) -> Message:
    """Mark one of the own messages as read and return it, with the page that it leads to.

    Raises Refused ``not_found``.
    """
    require(actor, Act.OWN_MESSAGES)
    message = db.session.get(Message, message_id)
    if message is None or message.account_id != actor.account_id:
        raise Refused("not_found", "没有找到这条通知。", status=404)
    if message.read_at is None:
        message.read_at = at
    return message


def read_all(actor: Actor, *, at: datetime) -> int:
    """Mark all own messages as read; returns how many were not."""
    require(actor, Act.OWN_MESSAGES)
    done = db.session.execute(
        update(Message)
        .where(
            Message.account_id == actor.account_id,
            Message.read_at.is_(None),
            Message.due_at <= at,
        )
        .values(read_at=at)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]
