"""Inviting (邀请): links that let a person confirm the own profile, sign in again, or join a unit."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Role, VolunteerState
from volunteer.models.base import db
from volunteer.models.people import Account, Invitation, Volunteer
from volunteer.operations.journal import note
from volunteer.operations.people.register import reached, unit_of
from volunteer.operations.people.roles import live_grants
from volunteer.queries.accounts import digest_of
from volunteer.queries.people.invitations import invitees, token_from

LASTS = timedelta(days=30)
MOST_USES = 500


def _link(
    actor: Actor, *, unit_id: int, volunteer_id: int | None, uses: int, at: datetime
) -> Invitation:
    nonce = secrets.token_bytes(16)
    return Invitation(
        token_hash=digest_of(token_from(nonce)),
        nonce=nonce,
        unit_id=unit_id,
        volunteer_id=volunteer_id,
        role=Role.VOLUNTEER,
        created_by_id=actor.account_id,
        created_at=at,
        expires_at=at + LASTS,
        uses_left=uses,
    )


def invite_person(actor: Actor, volunteer_id: int, *, at: datetime) -> Invitation:
    """Make a fresh link for one person; older ones stop working.

    It confirms a waiting profile, or signs the person in again on a new phone. Raises Refused
    ``has_left``, ``desk_account`` (who works at a desk signs in with a password), and what ``reached``
    raises.
    """
    person = reached(actor, volunteer_id)
    if person.state is VolunteerState.LEFT:
        raise Refused(
            "has_left", "%(name)s 已退出。", "请先办理返回，再邀请。", values={"name": person.name}
        )
    require_no_desk(person.id)
    db.session.execute(
        update(Invitation)
        .where(Invitation.volunteer_id == person.id, Invitation.revoked_at.is_(None))
        .values(revoked_at=at)
    )
    link = _link(actor, unit_id=person.unit_id, volunteer_id=person.id, uses=1, at=at)
    db.session.add(link)
    note(
        actor,
        "invite_person",
        person,
        f"为 {person.name} 生成邀请链接",
        at=at,
        unit_id=person.unit_id,
        after={"expires_at": link.expires_at.isoformat()},
    )
    return link


def require_no_desk(volunteer_id: int) -> None:
    """Pass if the person's login holds no role: a link must never open a desk.

    Raises Refused ``desk_account``.
    """
    account = db.session.scalar(select(Account).where(Account.volunteer_id == volunteer_id))
    if account is not None and live_grants(account.id):
        raise Refused(
            "desk_account",
            "这个人的账号有管理或组织角色，不能用链接登录。",
            "请改为重置初始密码。",
        )


def invite_waiting(
    actor: Actor, unit_id: int, *, at: datetime, roll_import_id: int | None = None
) -> int:
    """Make links for everybody of a unit who has not confirmed and has none; returns how many."""
    require(actor, Act.MANAGE_PEOPLE, unit_id=unit_id)
    unit = unit_of(unit_id)
    waiting = [
        line
        for line in invitees(actor, unit_id, at=at, roll_import_id=roll_import_id)
        if line.invitation is None
    ]
    db.session.add_all(
        _link(actor, unit_id=unit_id, volunteer_id=line.volunteer_id, uses=1, at=at)
        for line in waiting
    )
    if waiting:
        note(
            actor,
            "invite_waiting",
            unit,
            f"为 {len(waiting)} 位待确认的志愿者生成邀请链接",
            at=at,
            unit_id=unit_id,
            after={"volunteer_ids": [line.volunteer_id for line in waiting]},
        )
    return len(waiting)


def invite_to_unit(actor: Actor, unit_id: int, *, uses: int, days: int, at: datetime) -> Invitation:
    """Make a link by which people join a unit themselves, so many times, so many days.

    Raises Refused ``wrong_uses``, ``wrong_days``, ``no_unit``, and what ``require`` raises.
    """
    require(actor, Act.MANAGE_PEOPLE, unit_id=unit_id)
    unit = unit_of(unit_id)
    if not 1 <= uses <= MOST_USES:
        raise Refused(
            "wrong_uses",
            "人数请填 1 到 %(most)s。",
            field="uses",
            status=422,
            values={"most": MOST_USES},
        )
    if not 1 <= days <= 90:
        raise Refused("wrong_days", "有效天数请填 1 到 90。", field="days", status=422)
    link = _link(actor, unit_id=unit_id, volunteer_id=None, uses=uses, at=at)
    link.expires_at = at + timedelta(days=days)
    db.session.add(link)
    note(
        actor,
        "invite_to_unit",
        unit,
        f"生成{unit.name}的加入链接（{uses} 人，{days} 天）",
        at=at,
        unit_id=unit_id,
        after={"uses": uses, "days": days},
    )
    return link


def revoke_invitation(actor: Actor, invitation_id: int, *, at: datetime) -> Invitation:
    """Stop a link from working.

    Raises Refused ``not_found``, ``already_so``, and what ``require`` raises.
    """
    link = db.session.get(Invitation, invitation_id, populate_existing=True)
    if link is None:
        require(actor, Act.MANAGE_PEOPLE)
        raise Refused("not_found", "没有找到这个链接。", status=404)
    require(actor, Act.MANAGE_PEOPLE, unit_id=link.unit_id)
    if link.revoked_at is not None:
        raise Refused("already_so", "这个链接已经收回。")
    link.revoked_at = at
    person = db.session.get(Volunteer, link.volunteer_id) if link.volunteer_id else None
    note(
        actor,
        "revoke_invitation",
        person if person is not None else link,
        "收回邀请链接",
        at=at,
        unit_id=link.unit_id,
    )
    return link


def note_links_shown(actor: Actor, unit_id: int, *, count: int, at: datetime) -> None:
    """Write down that a sheet of links was shown: whoever holds it can hand out profiles."""
    require(actor, Act.MANAGE_PEOPLE, unit_id=unit_id)
    note(
        actor,
        "print_invitations",
        unit_of(unit_id),
        f"打印 {count} 份邀请单",
        at=at,
        unit_id=unit_id,
        after={"count": count},
    )
