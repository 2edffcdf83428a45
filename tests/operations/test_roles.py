"""Accounts and roles: opened, given, taken, shut; nobody reaches further than the giver."""

from datetime import timedelta

import pytest
from flask import Flask

from tests.builders import NOW, City, a_city, a_unit, an_account
from volunteer.domain.access import Act, Actor, may
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Role
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry, Message
from volunteer.models.people import Account, DeviceSession, RoleGrant
from volunteer.operations.accounts import issue_first_password, open_session
from volunteer.operations.passwords import matches
from volunteer.operations.roles import (
    Newcomer,
    Wanted,
    disable_account,
    edit_account,
    enable_account,
    end_sessions_of,
    grant_role,
    open_desk_account,
    renew_password,
    revoke_role,
)
from volunteer.queries.accounts import actor_of
from volunteer.queries.roles import (
    AccountFilter,
    account_sheet,
    accounts_listed,
    grants_of,
)
from volunteer.queries.seen import mark_of

LASTS = timedelta(days=14)


@pytest.fixture
def city(app: Flask) -> City:
    return a_city()


def _actor(account: Account) -> Actor:
    return actor_of(account, at=NOW)


def _open(actor: Actor, city: City, login: str = "wang.li", **given: object) -> Account:
    newcomer = Newcomer(login, "王丽", city.unit.id, "13800138000")
    wanted = Wanted(Role.ORGANIZER, unit_id=city.unit.id)
    account, _ = open_desk_account(
        actor, given.get("newcomer", newcomer), given.get("wanted", wanted), lasts=LASTS, at=NOW
    )
    return account


def test_a_desk_account_is_opened_with_a_password_told_once(city: City) -> None:
    actor = _actor(city.district_admin)
    account, password = open_desk_account(
        actor,
        Newcomer("Wang.Li", " 王丽 ", city.unit.id, "138 0013 8000"),
        Wanted(Role.ORGANIZER, unit_id=city.unit.id),
        lasts=LASTS,
        at=NOW,
    )
    assert (account.login, account.name) == ("wang.li", "王丽")
    assert matches(account.password_hash, password)
    assert account.must_change_password
    assert account.first_password_expires_at == NOW + LASTS
    assert may(_actor(account), Act.MANAGE_ACTIVITIES, unit_id=city.unit.id)
    lines = db.session.query(AuditEntry).filter_by(subject="account", subject_id=account.id).all()
    assert {line.act for line in lines} == {"open_account", "grant_role"}
    assert password not in " ".join(f"{line.sentence}{line.after}" for line in lines)


@pytest.mark.parametrize(
    ("login", "code"), [("a b", "login_shape"), ("13800138000", "login_shape"), ("", "login_shape")]
)
def test_a_login_has_a_shape(city: City, login: str, code: str) -> None:
    with pytest.raises(Refused) as told:
        _open(_actor(city.city_admin), city, login)
    assert (told.value.code, told.value.field) == (code, "login")


def test_a_login_is_given_once(city: City) -> None:
    _open(_actor(city.city_admin), city)
    with pytest.raises(Refused) as told:
        _open(_actor(city.city_admin), city)
    assert told.value.code == "login_taken"


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (Wanted(Role.CITY_ADMIN), "cannot_give"),
        (Wanted(Role.AUDITOR), "cannot_give"),
        (Wanted(Role.LEADER), "role_by_fact"),
        (Wanted(Role.ORGANIZER), "no_unit"),
        (Wanted(Role.DISTRICT_ADMIN), "no_district"),
        (Wanted(Role.AUDITOR, unit_id=1), "reach_is_city"),
    ],
)
def test_a_district_office_gives_no_wider_role(city: City, wanted: Wanted, code: str) -> None:
    with pytest.raises(Refused) as told:
        _open(_actor(city.district_admin), city, wanted=wanted)
    assert told.value.code == code
    assert db.session.query(Account).filter_by(login="wang.li").count() == 0


def test_a_district_office_does_not_reach_another_district(city: City) -> None:
    actor = _actor(city.district_admin)
    with pytest.raises(Refused) as told:
        _open(actor, city, wanted=Wanted(Role.ORGANIZER, unit_id=city.other_unit.id))
    assert told.value.code == "cannot_give"
    with pytest.raises(Refused) as told:
        _open(actor, city, newcomer=Newcomer("x.yz", "甲", city.other_unit.id))
    assert told.value.status == 404
    with pytest.raises(Refused) as told:
        grant_role(actor, city.other_organizer.id, Wanted(Role.ORGANIZER, city.unit.id), at=NOW)
    assert told.value.status == 404


@pytest.mark.parametrize("who", ["organizer", "auditor", "volunteer_account"])
def test_others_manage_no_accounts(city: City, who: str) -> None:
    actor = _actor(getattr(city, who))
    for act in (
        lambda: _open(actor, city),
        lambda: grant_role(actor, city.organizer.id, Wanted(Role.AUDITOR), at=NOW),
        lambda: disable_account(actor, city.organizer.id, reason="", at=NOW),
    ):
        with pytest.raises(Refused) as told:
            act()
        assert told.value.status == 403


def test_granting_twice_leaves_one_live_role_and_tells_once(city: City) -> None:
    actor = _actor(city.city_admin)
    wanted = Wanted(Role.ORGANIZER, unit_id=city.unit.id)
    first = grant_role(actor, city.volunteer_account.id, wanted, at=NOW)
    assert grant_role(actor, city.volunteer_account.id, wanted, at=NOW) is first
    told = db.session.query(Message).filter_by(account_id=city.volunteer_account.id).all()
    assert [message.title for message in told] == ["您有了新的角色"]
    revoke_role(actor, first.id, at=NOW)
    revoke_role(actor, first.id, at=NOW + timedelta(hours=1))
    assert first.revoked_at == NOW
    assert grants_of([city.volunteer_account.id]) == []


def test_the_last_city_admin_stays(city: City) -> None:
    actor = _actor(city.city_admin)
    grant = db.session.query(RoleGrant).filter_by(account_id=city.city_admin.id).one()
    with pytest.raises(Refused) as told:
        revoke_role(actor, grant.id, at=NOW)
    assert told.value.code == "last_city_admin"
    another = an_account(Role.CITY_ADMIN)
    disable_account(_actor(another), city.city_admin.id, reason="调离", at=NOW)
    with pytest.raises(Refused) as told:
        disable_account(_actor(another), another.id, reason="", at=NOW)
    assert told.value.code == "own_account"
    other_grant = db.session.query(RoleGrant).filter_by(account_id=another.id).one()
    with pytest.raises(Refused) as told:
        revoke_role(_actor(another), other_grant.id, at=NOW)
    assert told.value.code == "last_city_admin", "a disabled account is no city admin"


def test_disabling_ends_the_sessions_and_enabling_keeps_the_roles(city: City) -> None:
    open_session(city.organizer, label="x", lasts=LASTS, at=NOW)
    disable_account(_actor(city.district_admin), city.organizer.id, reason="离职", at=NOW)
    device = db.session.query(DeviceSession).filter_by(account_id=city.organizer.id).one()
    assert city.organizer.is_disabled
    assert device.revoked_at == NOW
    enable_account(_actor(city.district_admin), city.organizer.id, at=NOW)
    assert not city.organizer.is_disabled
    assert [line.role for line in grants_of([city.organizer.id])] == [Role.ORGANIZER]


def test_nobody_manages_an_account_with_a_wider_role(city: City) -> None:
    boss = an_account(Role.CITY_ADMIN, unit_id=city.unit.id)
    for actor, act in (
        (city.district_admin, lambda a: renew_password(a, boss.id, lasts=LASTS, at=NOW)),
        (city.district_admin, lambda a: end_sessions_of(a, boss.id, at=NOW)),
        (city.district_admin, lambda a: disable_account(a, boss.id, reason="", at=NOW)),
        (city.organizer, lambda a: issue_first_password(a, boss, lasts=LASTS, at=NOW)),
    ):
        with pytest.raises(Refused) as told:
            act(_actor(actor))
        assert told.value.code == "outranks_you"
    bare = an_account(Role.CITY_ADMIN)
    with pytest.raises(Refused) as told:
        issue_first_password(_actor(city.organizer), bare, lasts=LASTS, at=NOW)
    assert told.value.status == 404, "an account without a unit belongs to the city"


def test_a_new_first_password_replaces_the_old_one(city: City) -> None:
    account, password = renew_password(
        _actor(city.district_admin), city.organizer.id, lasts=LASTS, at=NOW
    )
    assert matches(account.password_hash, password)
    with pytest.raises(Refused) as told:
        renew_password(_actor(city.city_admin), city.city_admin.id, lasts=LASTS, at=NOW)
    assert told.value.code == "own_account"


def test_an_edit_over_a_stale_page_is_refused(city: City) -> None:
    actor, seen = _actor(city.city_admin), mark_of(city.organizer)
    edit_account(actor, city.organizer.id, name="陈静", unit_id=city.unit.id, seen=seen, at=NOW)
    assert city.organizer.name == "陈静"
    with pytest.raises(Refused) as told:
        edit_account(actor, city.organizer.id, name="陈", unit_id=city.unit.id, seen=seen, at=NOW)
    assert told.value.code == "changed_meanwhile"


def test_the_list_shows_what_is_within_reach(city: City) -> None:
    a_unit()
    everyone = accounts_listed(_actor(city.auditor), AccountFilter(who="all"))
    assert everyone.total == 7
    district = accounts_listed(_actor(city.district_admin), AccountFilter(who="all"))
    assert {row.id for row in district.rows} == {city.organizer.id, city.volunteer_account.id}
    desk = accounts_listed(_actor(city.city_admin), AccountFilter(role=Role.AUDITOR))
    assert [row.id for row in desk.rows] == [city.auditor.id]
    found = accounts_listed(_actor(city.city_admin), AccountFilter(words="医保", who="all"))
    assert {row.id for row in found.rows} == {city.organizer.id, city.volunteer_account.id}
    sheet = account_sheet(_actor(city.auditor), city.organizer.id, at=NOW)
    assert (sheet.may_manage, sheet.state) == (False, "active")
    with pytest.raises(Refused) as told:
        account_sheet(_actor(city.district_admin), city.other_organizer.id, at=NOW)
    assert told.value.status == 404
