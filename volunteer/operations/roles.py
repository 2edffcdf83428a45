"""Accounts and roles (账号与角色): opened, trusted, shut; nobody gives more than the own reach."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from volunteer.domain.access import GIVEN, Act, Actor, may_give, require
from volunteer.domain.identity import normalise_phone
from volunteer.domain.naming import normalise_name
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Role
from volunteer.models.base import db
from volunteer.models.cipher import blind
from volunteer.models.people import Account, RoleGrant, Unit
from volunteer.models.places import District
from volunteer.operations.accounts import end_all_sessions, issue_first_password
from volunteer.operations.changes import hold, put
from volunteer.operations.journal import note, tell
from volunteer.operations.passwords import hash_password
from volunteer.queries.roles import account_for, grants_of, other_city_admins, require_over

LOGIN = re.compile(r"[a-z][a-z0-9._-]{2,29}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A role to give, and how far it shall reach."""

    role: Role
    unit_id: int | None = None
    district_id: int | None = None

    @property
    def reach(self) -> str:
        """The reach as the table keeps it."""
        if self.district_id is not None:
            return f"district:{self.district_id}"
        return f"unit:{self.unit_id}" if self.unit_id is not None else "city"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who gets a desk account; ``phone`` may be empty."""

    login: str
    name: str
    unit_id: int | None
    phone: str = ""


def open_desk_account(
    actor: Actor, newcomer: Newcomer, wanted: Wanted, *, lasts: timedelta, at: datetime
) -> tuple[Account, str]:
    """Open an account with one role and return it with its first password, which is told only now.

    Raises Refused ``login_shape``, ``login_taken``, ``name_missing``, ``phone_shape``, ``no_unit``, those
    of ``grant_role``, and what ``require`` raises.
    """
    require(actor, Act.MANAGE_ACCOUNTS, unit_id=newcomer.unit_id)
    if newcomer.unit_id is None and wanted.role not in (Role.CITY_ADMIN, Role.AUDITOR):
        raise Refused("no_unit", "请选择这个账号属于哪个单位。", field="unit_id", status=422)
    login = newcomer.login.strip().lower()
    if not LOGIN.fullmatch(login):
        raise Refused(
            "login_shape",
            "账号由 3 至 30 个小写字母、数字、点、横线组成，以字母开头。",
            "例如 yibaoju 或 wang.fang。",
            field="login",
            status=422,
        )
    if db.session.scalar(select(Account.id).where(Account.login == login)) is not None:
        raise Refused("login_taken", "这个账号已经有人使用。", field="login", status=422)
    _require_wanted(actor, wanted)
    password = new_password()
    account = Account(
        login=login,
        name=normalise_name(newcomer.name),
        phone_index=blind("phone", normalise_phone(newcomer.phone)) if newcomer.phone else None,
        password_hash=hash_password(password),
        must_change_password=True,
        first_password_expires_at=at + lasts,
        unit_id=newcomer.unit_id,
        created_at=at,
    )
    db.session.add(account)
    db.session.flush()
    note(
        actor,
        "open_account",
        account,
        f"开通账号 {login}（{account.name}）",
        at=at,
        unit_id=account.unit_id,
        after={"login": login, "name": account.name, "unit_id": account.unit_id},
    )
    _give(actor, account, wanted, at=at)
    return account, password


def new_password() -> str:
    """A first password that can be read out over the phone: twelve letters in three groups."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(3))


def _require_wanted(actor: Actor, wanted: Wanted) -> None:
    """Pass if the role has the reach it needs, and the actor may give it."""
    if wanted.role not in GIVEN:
        raise Refused(
            "role_by_fact",
            "带队和志愿者身份由班次和档案产生，不能手工授予。",
            field="role",
            status=422,
        )
    if wanted.role is Role.ORGANIZER:
        unit = db.session.get(Unit, wanted.unit_id) if wanted.unit_id else None
        if unit is None or not unit.is_active:
            raise Refused("no_unit", "请选择负责哪个单位。", field="grant_unit_id", status=422)
    elif wanted.role is Role.DISTRICT_ADMIN:
        if wanted.district_id is None or db.session.get(District, wanted.district_id) is None:
            raise Refused("no_district", "请选择负责哪个区。", field="district_id", status=422)
    elif wanted.unit_id is not None or wanted.district_id is not None:
        raise Refused("reach_is_city", "这个角色面向全市，不分单位和区。", field="role", status=422)
    if not may_give(actor, wanted.role, unit_id=wanted.unit_id, district_id=wanted.district_id):
        raise Refused(
            "cannot_give",
            "您不能授予这个角色或这个范围。",
            "区级管理员可以授予本区单位的组织者角色，其他请联系市级管理员。",
            field="role",
            status=403,
        )


def grant_role(actor: Actor, account_id: int, wanted: Wanted, *, at: datetime) -> RoleGrant:
    """Give an account a role; a second time changes nothing and returns the one that is there.

    Raises Refused ``not_found``, ``outranks_you``, ``role_by_fact``, ``no_unit``, ``no_district``,
    ``reach_is_city``, ``cannot_give``, and what ``require`` raises.
    """
    require(actor, Act.MANAGE_ACCOUNTS)
    account = account_for(actor, account_id, act=Act.MANAGE_ACCOUNTS)
    require_over(actor, Act.MANAGE_ACCOUNTS, account)
    _require_wanted(actor, wanted)
    hold(account)
    return _give(actor, account, wanted, at=at)


def _give(actor: Actor, account: Account, wanted: Wanted, *, at: datetime) -> RoleGrant:
    known = db.session.scalar(
        select(RoleGrant).where(
            RoleGrant.account_id == account.id,
            RoleGrant.role == wanted.role,
            RoleGrant.reach == wanted.reach,
            RoleGrant.revoked_at.is_(None),
        )
    )
    if known is not None:
        return known
    grant = RoleGrant(
        account_id=account.id,
        role=wanted.role,
        unit_id=wanted.unit_id,
        district_id=wanted.district_id,
        reach=wanted.reach,
        granted_at=at,
        granted_by_id=actor.account_id,
    )
    db.session.add(grant)
    db.session.flush()
    words = _words(account.id, grant.id)
    note(
        actor,
        "grant_role",
        account,
        f"授予 {account.name} {words}",
        at=at,
        unit_id=account.unit_id,
        after={"role": wanted.role.value, "reach": wanted.reach},
    )
    _tell(account, "您有了新的角色", f"{actor.name} 授予您：{words}。", at=at)
    return grant


def _words(account_id: int, grant_id: int) -> str:
    line = next(one for one in grants_of([account_id]) if one.id == grant_id)
    return f"{line.role.label}（{line.reach_words}）"


def _tell(account: Account, title: str, body: str, *, at: datetime) -> None:
    tell(
        topic="account",
        title=title,
        body=body,
        at=at,
        account_id=account.id,
        volunteer_id=account.volunteer_id,
    )


def revoke_role(actor: Actor, grant_id: int, *, at: datetime) -> RoleGrant:
    """Take a role back at once; a second time changes nothing.

    Raises Refused ``not_found``, ``outranks_you``, ``cannot_give``, ``last_city_admin``, and what
    ``require`` raises.
    """
    require(actor, Act.MANAGE_ACCOUNTS)
    grant = db.session.get(RoleGrant, grant_id)
    if grant is None:
        raise Refused("not_found", "没有找到这项授权。", status=404)
    account = account_for(actor, grant.account_id, act=Act.MANAGE_ACCOUNTS)
    require_over(actor, Act.MANAGE_ACCOUNTS, account)
    hold(grant)
    if grant.revoked_at is not None:
        return grant
    if not may_give(actor, grant.role, unit_id=grant.unit_id, district_id=grant.district_id):
        raise Refused("cannot_give", "您不能收回这个角色。", "请联系市级管理员。", status=403)
    if grant.role is Role.CITY_ADMIN:
        _require_another(account)
    words = _words(account.id, grant.id)
    grant.revoked_at = at
    note(
        actor,
        "revoke_role",
        account,
        f"收回 {account.name} 的 {words}",
        at=at,
        unit_id=account.unit_id,
        before={"role": grant.role.value, "reach": grant.reach},
    )
    _tell(account, "您的角色有变化", f"{actor.name} 收回了您的角色：{words}。", at=at)
    return grant


def _require_another(account: Account) -> None:
    if not other_city_admins(account.id):
        raise Refused(
            "last_city_admin",
            "这是最后一位市级管理员，不能停用或收回。",
            "请先把市级管理员授予另一位同事。",
        )


def edit_account(
    actor: Actor, account_id: int, *, name: str, unit_id: int | None, seen: str, at: datetime
) -> Account:
    """Correct the name or the unit of an account.

    Raises Refused ``not_found``, ``outranks_you``, ``changed_meanwhile``, ``name_missing``, ``no_unit``.
    """
    require(actor, Act.MANAGE_ACCOUNTS, unit_id=unit_id)
    account = account_for(actor, account_id, act=Act.MANAGE_ACCOUNTS)
    require_over(actor, Act.MANAGE_ACCOUNTS, account)
    hold(account, seen)
    if unit_id is not None and db.session.get(Unit, unit_id) is None:
        raise Refused("no_unit", "没有找到这个单位。", field="unit_id", status=422)
    before, after = put(account, {"name": normalise_name(name), "unit_id": unit_id})
    if after:
        note(
            actor,
            "edit_account",
            account,
            f"修改账号 {account.login}",
            at=at,
            unit_id=account.unit_id,
            before=before,
            after=after,
        )
    return account


def disable_account(actor: Actor, account_id: int, *, reason: str, at: datetime) -> Account:
    """Shut an account: its sessions end at once, its roles and records stay.

    Raises Refused ``not_found``, ``outranks_you``, ``own_account``, ``last_city_admin``.
    """
    account = _held(actor, account_id)
    if account.id == actor.account_id:
        raise Refused("own_account", "不能停用您自己的账号。", "请由另一位管理员办理。")
    if account.is_disabled:
        return account
    if any(grant.role is Role.CITY_ADMIN for grant in grants_of([account.id])):
        _require_another(account)
    account.is_disabled = True
    end_all_sessions(actor, account, at=at)
    note(
        actor,
        "disable_account",
        account,
        f"停用账号 {account.login}（{account.name}）",
        at=at,
        unit_id=account.unit_id,
        before={"is_disabled": False},
        after={"is_disabled": True},
        reason=reason,
    )
    return account


def enable_account(actor: Actor, account_id: int, *, at: datetime) -> Account:
    """Open a shut account again, with the roles it had.

    Raises Refused ``not_found``, ``outranks_you``.
    """
    account = _held(actor, account_id)
    if account.is_disabled:
        account.is_disabled = False
        note(
            actor,
            "enable_account",
            account,
            f"恢复账号 {account.login}（{account.name}）",
            at=at,
            unit_id=account.unit_id,
            before={"is_disabled": True},
            after={"is_disabled": False},
        )
    return account


def end_sessions_of(actor: Actor, account_id: int, *, at: datetime) -> Account:
    """Sign an account out everywhere.

    Raises Refused ``not_found``, ``outranks_you``.
    """
    account = _held(actor, account_id)
    end_all_sessions(actor, account, at=at)
    return account


def renew_password(
    actor: Actor, account_id: int, *, lasts: timedelta, at: datetime
) -> tuple[Account, str]:
    """Give an account a new first password, told once.

    Raises Refused ``not_found``, ``outranks_you``, ``own_account``.
    """
    account = _held(actor, account_id)
    if account.id == actor.account_id:
        raise Refused("own_account", "自己的密码请在“账号与设备”里修改。")
    return account, issue_first_password(actor, account, lasts=lasts, at=at)


def _held(actor: Actor, account_id: int) -> Account:
    require(actor, Act.MANAGE_ACCOUNTS)
    account = account_for(actor, account_id, act=Act.MANAGE_ACCOUNTS)
    require_over(actor, Act.MANAGE_ACCOUNTS, account)
    hold(account)
    return account
