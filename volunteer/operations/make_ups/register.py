"""Objecting to what stands in the public register (公示异议): anybody may, it stops the entry until looked into."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from volunteer.domain.access import Actor
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import MakeUpState, TicketLevel, TicketStep
from volunteer.domain.timekeeping import local_date
from volunteer.models.base import db
from volunteer.models.cipher import encrypt
from volunteer.models.people import SignInAttempt
from volunteer.models.tickets import MakeUp, RegisterObjection
from volunteer.operations.make_ups.story import held_make_up, step_to, tell_desk, write_down
from volunteer.queries.accounts import recent_attempts

PER_ADDRESS = 5
"""Objections from one address in an hour: a person has one or two, a machine has many."""
MOST = 20
"""Objections to one request: more tell nothing new."""
CONCEALED = "公示中的群众"


def object_in_register(
    actor: Actor | None, *, make_up_id: int, words: str, contact: str, address: str, at: datetime
) -> MakeUp:
    """Object to a request that is public; the city office looks into it before anything is entered.

    Who objects is known to who looks into it, and to nobody else. Raises Refused ``not_found``,
    ``words_needed``, ``register_over``, ``too_many``.
    """
    row = held_make_up(make_up_id)
    if row.announced_until is None:
        raise Refused("not_found", "没有找到这条公示。", "请从公示列表重新进入。", status=404)
    is_public = row.state in (MakeUpState.ANNOUNCED, MakeUpState.CONTESTED)
    if not is_public or (
        row.state is MakeUpState.ANNOUNCED and local_date(at) > row.announced_until
    ):
        raise Refused("register_over", "这条公示已经结束。", "如有线索，请联系市级办公室。")
    if len(words.strip()) < 5:
        raise Refused("words_needed", "请写明哪里不实。", field="words", status=422)
    _charge(row.id, address, at)
    db.session.add(
        RegisterObjection(
            make_up_id=row.id,
            at=at,
            by_account_id=actor.account_id if actor else None,
            contact_cipher=encrypt(contact.strip()[:60]) if contact.strip() else None,
            words=words.strip()[:400],
        )
    )
    if row.state is MakeUpState.ANNOUNCED:
        step_to(row, MakeUpState.CONTESTED, at=at, level=TicketLevel.CITY)
        tell_desk(row, "补录公示有异议，请核查", at=at, key=f"contested:{row.version}")
    hidden = Actor(account_id=None, name=CONCEALED)
    write_down(hidden, row, TicketStep.CONTESTED, at=at, before=MakeUpState.ANNOUNCED.value)
    return row


def _charge(make_up_id: int, address: str, at: datetime) -> None:
    subject = f"register:{address}"[:80]
    known = db.session.scalar(
        select(func.count()).where(RegisterObjection.make_up_id == make_up_id)
    )
    if recent_attempts(subject, since=at - timedelta(hours=1)) >= PER_ADDRESS:
        raise Refused("too_many", "提交得太频繁了。", "请过一小时再试。", status=429)
    if (known or 0) >= MOST:
        raise Refused("too_many", "这条公示已收到很多异议，正在核查。", status=429)
    db.session.add(SignInAttempt(subject=subject, at=at))
