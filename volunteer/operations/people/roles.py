"""Who organizes for the own unit (本单位组织者): named and dismissed by the unit itself, inside its own reach.

Roles beyond the unit are given by the offices (``operations/roles``).
"""

from datetime import datetime

from sqlalchemy import select, update

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Role, VolunteerState
from volunteer.models.base import db
from volunteer.models.people import Account, DeviceSession, RoleGrant, Unit, Volunteer
from volunteer.operations.changes import hold
from volunteer.operations.journal import note, tell
from volunteer.operations.wechat import forget_wechat
from volunteer.queries.people.person import no_such_person


def _account_of(actor: Actor, volunteer_id: int) -> tuple[Volunteer, Account]:
    """The person and login that the actor may name or dismiss: of the own unit, and not oneself."""
    person = db.session.get(Volunteer, volunteer_id)
    if person is None:
        require(actor, Act.MANAGE_PEOPLE)
        raise no_such_person()
    require(actor, Act.MANAGE_PEOPLE, unit_id=person.unit_id)
    account = db.session.scalar(select(Account).where(Account.volunteer_id == person.id))
    if account is None:
        raise Refused(
            "no_login",
            "%(name)s 还没有登录账号。",
            "请先邀请本人确认资料。",
            values={"name": person.name},
        )
    if account.id == actor.account_id:
        raise Refused(
            "own_roles", "不能更改自己的角色。", "请由其他组织者或上级管理员办理。", status=403
        )
    hold(account)
    return person, account


def name_organizer(actor: Actor, volunteer_id: int, *, at: datetime) -> RoleGrant:
    """Make a person of the unit one of its organizers.

    Raises Refused ``no_login``, ``own_roles``, ``has_role``, ``not_active``, ``no_password`` (a desk is
    not opened by a link), ``auditor_apart``, and what ``require`` raises.
    """
    person, account = _account_of(actor, volunteer_id)
    reach = _reach_of_newcomer(person, account)
    granted = RoleGrant(
        account_id=account.id,
        role=Role.ORGANIZER,
        unit_id=person.unit_id,
        reach=reach,
        granted_at=at,
        granted_by_id=actor.account_id,
    )
    db.session.add(granted)
    unit = db.session.get(Unit, person.unit_id)
    place = unit.name if unit else ""
    note(
        actor,
        "grant_role",
        person,
        f"任命 {person.name} 为{place}组织者",
        at=at,
        unit_id=person.unit_id,
        after={"role": Role.ORGANIZER.value, "reach": reach},
    )
    tell(
        topic="account",
        title="您有了新的角色",
        body=f"{actor.name} 任命您为{place}组织者。请在电脑上登录。",
        at=at,
        account_id=account.id,
        volunteer_id=person.id,
        link="/",
    )
    return granted


def _reach_of_newcomer(person: Volunteer, account: Account) -> str:
    """The reach that a person would get, if nothing stands against it."""
    if person.state is not VolunteerState.ACTIVE or account.is_disabled:
        raise Refused(
            "not_active",
            "%(name)s 现在不能登录。",
            "请先恢复服务或启用账号。",
            values={"name": person.name},
        )
    if account.password_hash is None:
        raise Refused(
            "no_password",
            "%(name)s 还没有设置密码。",
            "组织者必须用密码登录：请先重置初始密码并交给本人。",
            values={"name": person.name},
        )
    held = live_grants(account.id)
    if any(grant.role is Role.AUDITOR for grant in held):
        raise Refused("auditor_apart", "审计员不能同时担任组织者。", "请使用另一个账号。")
    reach = f"unit:{person.unit_id}"
    if any(grant.role is Role.ORGANIZER and grant.reach == reach for grant in held):
        raise Refused("has_role", "%(name)s 已经是本单位组织者。", values={"name": person.name})
    return reach


def dismiss_organizer(actor: Actor, volunteer_id: int, *, reason: str, at: datetime) -> None:
    """End a person's role as organizer of the unit; it is gone at the next request.

    Raises Refused ``no_login``, ``own_roles``, ``no_role``, ``reason_missing``, and what ``require``
    raises.
    """
    person, account = _account_of(actor, volunteer_id)
    if not reason.strip():
        raise Refused("reason_missing", "请写明原因。", field="reason", status=422)
    held = [
        grant
        for grant in live_grants(account.id)
        if grant.role is Role.ORGANIZER and grant.unit_id == person.unit_id
    ]
    if not held:
        raise Refused("no_role", "%(name)s 不是本单位组织者。", values={"name": person.name})
    for grant in held:
        grant.revoked_at = at
    note(
        actor,
        "revoke_role",
        person,
        f"免去 {person.name} 的组织者角色",
        at=at,
        unit_id=person.unit_id,
        before={"role": Role.ORGANIZER.value},
        reason=reason.strip(),
    )
    tell(
        topic="account",
        title="您的角色有变化",
        body=f"您不再担任本单位组织者。原因：{reason.strip()}。",
        at=at,
        account_id=account.id,
        volunteer_id=person.id,
        link="/",
    )


def live_grants(account_id: int) -> list[RoleGrant]:
    """The roles that an account holds now."""
    return list(
        db.session.scalars(
            select(RoleGrant).where(
                RoleGrant.account_id == account_id, RoleGrant.revoked_at.is_(None)
            )
        )
    )


def shut_account(account: Account, *, at: datetime) -> None:
    """Shut a login whose end was decided by the caller: every session ends at its next request."""
    account.is_disabled = True
    account.session_version += 1
    forget_wechat(account.id)
    db.session.execute(
        update(DeviceSession)
        .where(DeviceSession.account_id == account.id, DeviceSession.revoked_at.is_(None))
        .values(revoked_at=at)
    )
