"""The own messages (通知), the newest first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from volunteer.domain.access import Act, Actor, require
from volunteer.models.base import db
from volunteer.models.journal import Message

PAGE = 30


@dataclass(frozen=True, slots=True)
class MessagePage:
    """One page of messages, and how many are unread in all."""

    messages: list[Message]
    total: int
    unread: int
    page: int
    pages: int


def my_messages(actor: Actor, *, at: datetime, page: int = 1) -> MessagePage:
    """The messages of the account that are due, the newest first."""
    require(actor, Act.OWN_MESSAGES)
    mine = (Message.account_id == actor.account_id, Message.due_at <= at)
    total, unread = db.session.execute(
        select(func.count(), func.count().filter(Message.read_at.is_(None)))
        .select_from(Message)
        .where(*mine)
    ).one()
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    rows = db.session.scalars(
        select(Message)
        .where(*mine)
        .order_by(Message.due_at.desc(), Message.id.desc())
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return MessagePage(list(rows), total, unread, page, pages)
