"""The outbox (待发通知): messages are claimed, carried outside any transaction, and what came of it is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import aliased

from volunteer.domain.lifecycle import advance
from volunteer.domain.terms import MessageState
from volunteer.models.base import db
from volunteer.models.cipher import decrypt
from volunteer.models.journal import Message
from volunteer.models.people import Account, Volunteer, WeChatBond

LEASE = timedelta(minutes=10)
"""How long a claimed message is left alone; after that its worker is taken for dead and it is tried again."""
STALE = timedelta(days=3)
"""An older message is not news any more: it stays in the person's list and is not carried out."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A claimed message with what a channel needs; ``reference`` is the same for every try."""

    message_id: int
    tries: int
    topic: str
    title: str
    body: str
    link: str
    phone: str
    openid: str = ""

    @property
    def reference(self) -> str:
        """What names the message to the outside, try after try."""
        return f"message-{self.message_id}"


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of one letter: sent, skipped, or a fault and when to try again, if ever.

    ``on_wechat``: WeChat carried it (True), says that it cannot reach the person (False), or was not asked.
    """

    message_id: int
    state: MessageState
    error: str = ""
    again_in_seconds: int | None = None
    on_wechat: bool | None = None


def _due(at: datetime, most: int) -> Sequence[Any]:
    """Messages that are due, with the addresses of their readers as they are kept."""
    own = aliased(Account)
    return db.session.execute(
        select(Message, Volunteer.phone_cipher, WeChatBond.openid_cipher)
        .outerjoin(Account, Account.id == Message.account_id)
        .outerjoin(
            Volunteer,
            or_(Volunteer.id == Message.volunteer_id, Volunteer.id == Account.volunteer_id),
        )
        .outerjoin(own, own.volunteer_id == Message.volunteer_id)
        .outerjoin(WeChatBond, WeChatBond.account_id == func.coalesce(Account.id, own.id))
        .where(
            Message.state == MessageState.QUEUED,
            Message.due_at <= at,
            or_(Message.next_try_at.is_(None), Message.next_try_at <= at),
        )
        .order_by(Message.due_at, Message.id)
        .limit(most)
    ).all()


def claim_letters(*, at: datetime, most: int = 50) -> list[Letter]:
    """Claim the messages that are due; nobody else gets them while the lease lasts.

    Compare-and-swap on the number of tries, so that two workers never carry the same try.
    """
    letters = []
    for message, phone, openid in _due(at, most):
        taken = db.session.execute(
            update(Message)
            .where(
                Message.id == message.id,
                Message.state == MessageState.QUEUED,
                Message.attempts == message.attempts,
            )
            .values(attempts=message.attempts + 1, next_try_at=at + LEASE)
            .execution_options(synchronize_session=False)
        )
        if taken.rowcount != 1:  # type: ignore[attr-defined]
            continue
        letters.append(
            Letter(
                message_id=message.id,
                tries=message.attempts + 1,
                topic=message.topic,
                title=message.title,
                body=message.body,
                link=message.link,
                phone=decrypt(phone) or "",
                openid=decrypt(openid) or "",
            )
        )
    db.session.expire_all()
    return letters


def keep_receipts(carried: list[Carried], *, at: datetime) -> None:
    """Write down what became of the letters; a message that was settled meanwhile is left as it is."""
    for one in carried:
        message = db.session.get(Message, one.message_id, populate_existing=True)
        if message is None or message.state is not MessageState.QUEUED:
            continue
        _note_reached(message, one.on_wechat, at=at)
        message.last_error = one.error[:200]
        if one.again_in_seconds is not None:
            message.next_try_at = at + timedelta(seconds=one.again_in_seconds)
            continue
        message.state = advance(message.state, one.state)
        message.next_try_at = None
        if one.state is MessageState.SENT:
            message.sent_at = at


def _note_reached(message: Message, on_wechat: bool | None, *, at: datetime) -> None:
    """Keep at the bond whether WeChat reaches the person, so that their page can say it."""
    if on_wechat is None:
        return
    account = Account.id == message.account_id if message.account_id else None
    if account is None:
        account = Account.volunteer_id == message.volunteer_id
    bond = db.session.scalar(
        select(WeChatBond).join(Account, Account.id == WeChatBond.account_id).where(account)
    )
    if bond is not None:
        bond.lost_at = None if on_wechat else bond.lost_at or at


def drop_stale(*, at: datetime) -> int:
    """Stop trying messages that are no news any more; they stay in the person's list."""
    done = db.session.execute(
        update(Message)
        .where(Message.state == MessageState.QUEUED, Message.due_at < at - STALE)
        .values(state=MessageState.SKIPPED, last_error="过期未发")
    )
    return int(done.rowcount)  # type: ignore[attr-defined]
