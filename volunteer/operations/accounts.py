"""Signing in and out (登录、退出): sessions that the server can end, attempts that are counted."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update

from volunteer.domain.access import Act, Actor
from volunteer.domain.refusal import Refused
from volunteer.models.base import db
from volunteer.models.people import Account, DeviceSession, SignInAttempt
from volunteer.operations.journal import note
from volunteer.operations.passwords import hash_password, require_good
from volunteer.queries.accounts import actor_of, digest_of, recent_attempts
from volunteer.queries.roles import require_over

WINDOW = timedelta(minutes=15)
PER_NAME = 10
PER_ADDRESS = 60


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session: the token goes into the cookie once, the row keeps its digest."""

    token: str
    device: DeviceSession


def charge_attempt(*, name: str, address: str, at: datetime) -> None:
    """Count a try before the password is looked at, so that guessing is slow and checks are bounded.

    Raises Refused ``too_many_attempts`` (429). Nobody is locked out for longer than the window.
    """
    since = at - WINDOW
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.at < at - timedelta(days=1)))
    for subject, most in (
        (f"name:{name.lower()}"[:80], PER_NAME),
        (f"address:{address}"[:80], PER_ADDRESS),
    ):
        if recent_attempts(subject, since=since) >= most:
            raise Refused(
                "too_many_attempts",
                "登录失败的次数太多。",
                "请 15 分钟后再试，或联系本单位组织者重置密码。",
                status=429,
            )
        db.session.add(SignInAttempt(subject=subject, at=at))


def _require_open(account: Account, at: datetime) -> None:
    if account.is_disabled:
        raise Refused("account_disabled", "这个账号已停用。", "请联系本单位组织者。", status=403)
    if (
        account.must_change_password
        and account.first_password_expires_at is not None
        and account.first_password_expires_at <= at
    ):
        raise Refused(
            "first_password_expired", "初始密码已过期。", "请联系本单位组织者重新发放。", status=403
        )


def open_session(
    account: Account,
    *,
    label: str,
    lasts: timedelta,
    at: datetime,
    name: str = "",
    address: str = "",
    mark: bytes | None = None,
) -> Opened:
    """Open a session on a device for an account whose secret was checked by the caller.

    ``name`` and ``address`` are those of the try that was charged: a right password gives it back, so
    that an office behind one address, where everybody signs in at eight, is not taken for a guesser.
    ``mark`` is the same for all who sign in with this phone.

    Raises Refused ``account_disabled`` or ``first_password_expired``.
    """
    _require_open(account, at)
    token = secrets.token_urlsafe(32)
    device = DeviceSession(
        account_id=account.id,
        token_hash=digest_of(token),
        session_version=account.session_version,
        mark=mark,
        label=label[:120],
        created_at=at,
        last_seen_at=at,
        expires_at=at + lasts,
    )
    account.last_signed_in_at = at
    db.session.add(device)
    if name:
        _give_back(name, address)
    note(
        actor_of(account, at=at),
        "sign_in",
        device,
        f"{account.name} 登录",
        at=at,
        unit_id=account.unit_id,
    )
    return Opened(token, device)


def _give_back(name: str, address: str) -> None:
    """Forget the tries under the name, and the one that was charged to the address."""
    db.session.execute(
        delete(SignInAttempt).where(SignInAttempt.subject == f"name:{name.lower()}"[:80])
    )
    newest = select(func.max(SignInAttempt.id)).where(
        SignInAttempt.subject == f"address:{address}"[:80]
    )
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.id == newest.scalar_subquery()))


def close_session(actor: Actor, device_id: int, *, at: datetime) -> None:
    """End one of the actor's own sessions.

    Raises Refused ``not_found`` if it is another's.
    """
    device = db.session.get(DeviceSession, device_id)
    if device is None or device.account_id != actor.account_id:
        raise Refused("not_found", "没有找到这台设备。", status=404)
    device.revoked_at = at
    note(actor, "sign_out", device, f"{actor.name} 退出登录", at=at, unit_id=actor.unit_id)


def end_all_sessions(actor: Actor, account: Account, *, at: datetime) -> None:
    """End every session of an account at once (own account, or by whoever manages it).

    Raises Refused ``not_yours`` or ``outranks_you``.
    """
    if account.id != actor.account_id:
        require_over(actor, Act.MANAGE_PEOPLE, account)
    account.session_version += 1
    db.session.execute(
        update(DeviceSession)
        .where(DeviceSession.account_id == account.id, DeviceSession.revoked_at.is_(None))
        .values(revoked_at=at)
    )
    note(
        actor,
        "end_all_sessions",
        account,
        f"结束 {account.name} 的全部登录",
        at=at,
        unit_id=account.unit_id,
    )


def change_password(actor: Actor, account: Account, *, password: str, at: datetime) -> None:
    """Set a new password of the own account; other sessions end.

    Raises Refused ``weak_password``.
    """
    if account.id != actor.account_id:
        raise Refused("not_found", "没有找到这个账号。", status=404)
    require_good(password, login=account.login, name=account.name)
    account.password_hash = hash_password(password)
    account.password_changed_at = at
    account.must_change_password = False
    account.first_password_expires_at = None
    account.session_version += 1
    note(
        actor,
        "change_password",
        account,
        f"{account.name} 修改了密码",
        at=at,
        unit_id=account.unit_id,
    )


def issue_first_password(actor: Actor, account: Account, *, lasts: timedelta, at: datetime) -> str:
    """Give an account a new first password, told once to whoever asked, to be changed at sign-in.

    Raises Refused ``not_yours`` outside the actor's reach, ``outranks_you`` for an account with a wider
    role than the actor's.
    """
    require_over(actor, Act.MANAGE_PEOPLE, account)
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    password = "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(3))
    account.password_hash = hash_password(password)
    account.must_change_password = True
    account.first_password_expires_at = at + lasts
    account.session_version += 1
    note(
        actor,
        "issue_first_password",
        account,
        f"为 {account.name} 重置初始密码",
        at=at,
        unit_id=account.unit_id,
    )
    return password
