"""Accounts (账号) and who is signed in."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import bindparam, func, select

from volunteer.domain.access import Actor, Grant
from volunteer.domain.identity import normalise_phone
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Role, ShiftState
from volunteer.models.activities import Shift
from volunteer.models.base import db
from volunteer.models.cipher import blind
from volunteer.models.journal import Message
from volunteer.models.people import (
    Account,
    DeviceSession,
    RoleGrant,
    SignInAttempt,
    Unit,
    Volunteer,
    WeChatBond,
)

LED_BEFORE = timedelta(days=7)
LED_AFTER = timedelta(days=14)
"""A leader sees the site of shifts from a week ago (to settle) to two weeks ahead."""


@dataclass(frozen=True, slots=True)
class SignedInAccount:
    """What the web edge needs to know of the account behind a device token."""

    actor: Actor
    device_id: int
    must_change_password: bool
    prefers_large_type: bool
    unread_count: int
    unit_name: str


def digest_of(token: str) -> bytes:
    """What the tables keep of a bearer token."""
    return hashlib.sha256(token.encode()).digest()


def units_below(unit_ids: set[int]) -> frozenset[int]:
    """The units and all below them in the tree."""
    children: dict[int | None, list[int]] = {}
    for unit_id, parent_id in db.session.execute(select(Unit.id, Unit.parent_id)):
        children.setdefault(parent_id, []).append(unit_id)
    found, waiting = set(unit_ids), list(unit_ids)
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in found:
                found.add(child)
                waiting.append(child)
    return frozenset(found)


def _grant(row: RoleGrant) -> Grant:
    if row.role is Role.DISTRICT_ADMIN and row.district_id is not None:
        units = db.session.scalars(select(Unit.id).where(Unit.district_id == row.district_id))
        return Grant(row.role, None, row.district_id, frozenset(units))
    if row.unit_id is not None:
        return Grant(row.role, row.unit_id, None, units_below({row.unit_id}))
    return Grant(row.role, row.unit_id, row.district_id)


def actor_of(account: Account, *, at: datetime) -> Actor:
    """The actor behind an account, with live grants and the shifts led now."""
    grants = db.session.scalars(
        select(RoleGrant)
        .where(RoleGrant.account_id == account.id, RoleGrant.revoked_at.is_(None))
        .order_by(RoleGrant.id)
    )
    led: frozenset[int] = frozenset()
    if account.volunteer_id is not None:
        led = frozenset(
            db.session.scalars(
                select(Shift.id).where(
                    Shift.leader_id == account.volunteer_id,
                    Shift.state.in_([ShiftState.PUBLISHED, ShiftState.SETTLED]),
                    Shift.starts_at.between(at - LED_BEFORE, at + LED_AFTER),
                )
            )
        )
    return Actor(
        account_id=account.id,
        name=account.name,
        volunteer_id=account.volunteer_id,
        unit_id=account.unit_id,
        grants=tuple(_grant(row) for row in grants),
        led_shift_ids=led,
    )


@cache
def _behind_token() -> Any:
    """Session, account, type size, unit and unread messages of ``token_hash``: every request asks this."""
    unread = (
        select(func.count())
        .select_from(Message)
        .where(Message.account_id == Account.id, Message.read_at.is_(None))
        .correlate(Account)
        .scalar_subquery()
    )
    return (
        select(DeviceSession, Account, Volunteer.prefers_large_type, Unit.name, unread)
        .join(Account, Account.id == DeviceSession.account_id)
        .outerjoin(Volunteer, Volunteer.id == Account.volunteer_id)
        .outerjoin(Unit, Unit.id == Account.unit_id)
        .where(DeviceSession.token_hash == bindparam("token_hash"))
    )


def is_session_open(
    ended: tuple[datetime | None, datetime],
    versions: tuple[int, int],
    *,
    is_disabled: bool,
    at: datetime,
) -> bool:
    """Whether a session may still act: not revoked nor expired (``ended``), of its account's version, not shut."""
    revoked_at, expires_at = ended
    return revoked_at is None and expires_at > at and versions[0] == versions[1] and not is_disabled


def signed_in_account(token: str, *, at: datetime) -> SignedInAccount | None:
    """The account of a device token, or None if it was ended, is out of date, or the account is shut."""
    row = db.session.execute(_behind_token(), {"token_hash": digest_of(token)}).one_or_none()
    if row is None:
        return None
    device, account, large, unit_name, unread = row
    versions = (device.session_version, account.session_version)
    ended = (device.revoked_at, device.expires_at)
    if not is_session_open(ended, versions, is_disabled=account.is_disabled, at=at):
        return None
    return SignedInAccount(
        actor=actor_of(account, at=at),
        device_id=device.id,
        must_change_password=account.must_change_password and account.password_hash is not None,
        prefers_large_type=bool(large),
        unread_count=unread or 0,
        unit_name=unit_name or "",
    )


def account_by_name(name: str) -> Account | None:
    """The account of a login name, or of a phone number that belongs to one account only."""
    account = db.session.scalar(select(Account).where(Account.login == name.lower()))
    if account is not None:
        return account
    index = phone_index_of(name)
    if index is None:
        return None
    found = db.session.scalars(select(Account).where(Account.phone_index == index).limit(2)).all()
    return found[0] if len(found) == 1 else None


def phone_index_of(typed: str) -> bytes | None:
    """The blind index of a phone number as a person types it, or None where it is none."""
    try:
        return blind("phone", normalise_phone(typed))
    except Refused:
        return None


def phone_is_shared(phone: str) -> bool:
    """Whether several accounts carry this phone (elders often share one)."""
    count = db.session.scalar(
        select(func.count())
        .select_from(Account)
        .where(Account.phone_index == phone_index_of(phone), Account.phone_index.is_not(None))
    )
    return (count or 0) > 1


def recent_attempts(subject: str, *, since: datetime) -> int:
    """How many sign-ins failed for this name or address since then."""
    count = db.session.scalar(
        select(func.count())
        .select_from(SignInAttempt)
        .where(SignInAttempt.subject == subject, SignInAttempt.at >= since)
    )
    return count or 0


def wechat_of(account_id: int) -> WeChatBond | None:
    """The WeChat to which the messages of an account go, if one is bound."""
    return db.session.get(WeChatBond, account_id)


def devices_of(account_id: int, *, at: datetime) -> list[DeviceSession]:
    """The live sessions of an account, newest first."""
    return list(
        db.session.scalars(
            select(DeviceSession)
            .where(
                DeviceSession.account_id == account_id,
                DeviceSession.revoked_at.is_(None),
                DeviceSession.expires_at > at,
            )
            .order_by(DeviceSession.created_at.desc())
        )
    )


def account_of(actor: Actor) -> Account:
    """The actor's own account."""
    account = db.session.get(Account, actor.account_id)
    assert account is not None, "an actor of the web has an account"
    return account
