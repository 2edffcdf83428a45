"""Accounts and roles (账号与角色): who may sign in, what each is trusted with, and since when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from sqlalchemy import Select, exists, func, or_, select

from volunteer.domain.access import Act, Actor, may_give, require, scope_of
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Role
from volunteer.models.base import db
from volunteer.models.people import Account, DeviceSession, RoleGrant, Unit, Volunteer
from volunteer.models.places import District
from volunteer.queries.choices import like_words
from volunteer.queries.scope import visible

PAGE = 30


@dataclass(frozen=True, slots=True)
class GrantLine:
    """One live role of an account, with the words of its reach."""

    id: int
    account_id: int
    role: Role
    unit_id: int | None
    district_id: int | None
    reach_words: str
    granted_at: datetime


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One account in the list; ``state`` is active, waiting (first password not yet changed) or disabled."""

    id: int
    login: str
    name: str
    unit_name: str
    volunteer_id: int | None
    state: str
    last_signed_in_at: datetime | None
    roles: tuple[GrantLine, ...]


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """How the list is narrowed; ``who`` is desk, volunteers or all."""

    words: str = ""
    role: Role | None = None
    unit_id: int | None = None
    state: str = ""
    who: str = "desk"


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One page of accounts."""

    rows: tuple[AccountLine, ...]
    total: int
    page: int
    pages: int


def _granted(*roles: Role) -> Any:
    clause = exists().where(RoleGrant.account_id == Account.id, RoleGrant.revoked_at.is_(None))
    return clause.where(RoleGrant.role.in_(roles)) if roles else clause


def _state_of(account: Account) -> str:
    if account.is_disabled:
        return "disabled"
    return "waiting" if account.must_change_password and account.password_hash else "active"


def _narrowed(statement: Select[Any], wanted: AccountFilter) -> Select[Any]:
    if wanted.words:
        like = like_words(wanted.words)
        statement = statement.where(
            or_(
                Account.login.like(like.lower(), escape="\\"),
                Account.name.like(like, escape="\\"),
                Unit.name.like(like, escape="\\"),
                Unit.pinyin.like(like.lower().removeprefix("%"), escape="\\"),
            )
        )
    if wanted.role is not None:
        statement = statement.where(_granted(wanted.role))
    if wanted.unit_id is not None:
        statement = statement.where(Account.unit_id == wanted.unit_id)
    if wanted.who == "desk":
        statement = statement.where(or_(_granted(), Account.volunteer_id.is_(None)))
    elif wanted.who == "volunteers":
        statement = statement.where(Account.volunteer_id.is_not(None))
    if wanted.state == "disabled":
        statement = statement.where(Account.is_disabled)
    elif wanted.state:
        waits = Account.must_change_password & Account.password_hash.is_not(None)
        statement = statement.where(
            ~Account.is_disabled, waits if wanted.state == "waiting" else ~waits
        )
    return statement


def accounts_listed(actor: Actor, wanted: AccountFilter, *, page: int = 1) -> AccountPage:
    """Accounts within reach, desk accounts first by name; three statements however many rows."""
    base: Any = select(Account.id).outerjoin(Unit, Unit.id == Account.unit_id)
    base = visible(base, actor, Act.VIEW_AUDIT, unit=Account.unit_id)
    base = _narrowed(base, wanted)
    total = db.session.scalar(select(func.count()).select_from(base.subquery())) or 0
    pages = max(1, ceil(total / PAGE))
    page = min(max(1, page), pages)
    rows = db.session.execute(
        base.with_only_columns(Account, Unit.name)
        .order_by(Account.is_disabled, Account.name, Account.id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    ).all()
    grants = grants_of([account.id for account, _ in rows])
    lines = tuple(
        AccountLine(
            account.id,
            account.login,
            account.name,
            unit_name or "",
            account.volunteer_id,
            _state_of(account),
            account.last_signed_in_at,
            tuple(grant for grant in grants if grant.account_id == account.id),
        )
        for account, unit_name in rows
    )
    return AccountPage(lines, total, page, pages)


def grants_of(account_ids: Iterable[int]) -> list[GrantLine]:
    """The live roles of these accounts, widest first."""
    rows = db.session.execute(
        select(RoleGrant, Unit.name, District.name)
        .outerjoin(Unit, Unit.id == RoleGrant.unit_id)
        .outerjoin(District, District.id == RoleGrant.district_id)
        .where(RoleGrant.account_id.in_(sorted(set(account_ids))), RoleGrant.revoked_at.is_(None))
        .order_by(RoleGrant.id)
    )
    return [
        GrantLine(
            grant.id,
            grant.account_id,
            grant.role,
            grant.unit_id,
            grant.district_id,
            unit or district or "全市",
            grant.granted_at,
        )
        for grant, unit, district in rows
    ]


def account_of_grant(grant_id: int) -> int:
    """The account that holds a role, live or taken back; 0 where there is none."""
    found = db.session.scalar(select(RoleGrant.account_id).where(RoleGrant.id == grant_id))
    return found or 0


@dataclass(frozen=True, slots=True)
class AccountSheet:
    """One account with its roles and live devices; ``may_manage`` says whether the actor outranks it."""

    account: Account
    unit_name: str
    volunteer_name: str
    state: str
    grants: tuple[GrantLine, ...]
    devices: tuple[DeviceSession, ...]
    may_manage: bool
    is_own: bool


def account_for(actor: Actor, account_id: int, *, act: Act = Act.VIEW_AUDIT) -> Account:
    """One account within reach of this act.

    Raises Refused ``not_found`` (404).
    """
    statement = visible(
        select(Account).where(Account.id == account_id), actor, act, unit=Account.unit_id
    )
    account = db.session.scalar(statement)
    if account is None:
        raise Refused("not_found", "没有找到这个账号。", "请从列表重新进入。", status=404)
    return account


def account_sheet(actor: Actor, account_id: int, *, at: datetime) -> AccountSheet:
    """All that the page of an account shows.

    Raises Refused ``not_found`` (404).
    """
    account = account_for(actor, account_id)
    unit_name = db.session.scalar(select(Unit.name).where(Unit.id == account.unit_id)) or ""
    volunteer = db.session.scalar(
        select(Volunteer.name).where(Volunteer.id == account.volunteer_id)
    )
    devices = db.session.scalars(
        select(DeviceSession)
        .where(
            DeviceSession.account_id == account.id,
            DeviceSession.revoked_at.is_(None),
            DeviceSession.session_version == account.session_version,
            DeviceSession.expires_at > at,
        )
        .order_by(DeviceSession.created_at.desc())
        .limit(20)
    ).all()
    return AccountSheet(
        account,
        unit_name,
        volunteer or "",
        _state_of(account),
        tuple(grants_of([account.id])),
        tuple(devices),
        is_over(actor, Act.MANAGE_ACCOUNTS, account),
        account.id == actor.account_id,
    )


def is_over(actor: Actor, act: Act, account: Account) -> bool:
    """Whether the actor may manage this account: it is within reach and holds no role beyond the actor's."""
    scope = scope_of(actor, act)
    if scope.everything:
        return True
    if account.unit_id is None or account.unit_id not in scope.unit_ids:
        return False
    return all(
        may_give(actor, grant.role, unit_id=grant.unit_id, district_id=grant.district_id)
        for grant in grants_of([account.id])
    )


def require_over(actor: Actor, act: Act, account: Account) -> None:
    """Pass if the actor may manage this account; nobody resets the password of a higher office.

    Raises Refused ``not_yours`` (404) outside the reach, ``outranks_you`` (403) for a wider role,
    and ``not_allowed`` (403) without the act.
    """
    require(actor, act)
    scope = scope_of(actor, act)
    if not scope.everything and account.unit_id not in scope.unit_ids:
        raise Refused("not_yours", "没有找到这个账号。", "请从列表重新进入。", status=404)
    if not is_over(actor, act, account):
        raise Refused(
            "outranks_you",
            "这个账号的权限范围比您的大，您不能管理它。",
            "请联系市级管理员。",
            status=403,
        )


def other_city_admins(account_id: int) -> int:
    """How many other working accounts hold the city office; their grants are locked for this act."""
    ids = db.session.scalars(
        select(RoleGrant.account_id)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(
            RoleGrant.role == Role.CITY_ADMIN,
            RoleGrant.revoked_at.is_(None),
            ~Account.is_disabled,
        )
        .with_for_update()
    ).all()
    return len(set(ids) - {account_id})


def units_to_grant(actor: Actor) -> list[tuple[int, str]]:
    """Units in use over which the actor manages accounts."""
    statement: Any = select(Unit.id, Unit.name).where(Unit.is_active)
    statement = visible(statement, actor, Act.MANAGE_ACCOUNTS, unit=Unit.id)
    return [(row[0], row[1]) for row in db.session.execute(statement.order_by(Unit.name))]
