"""A unit names and dismisses its own organizers: people with a password, never oneself, never elsewhere."""

import pytest
from flask import Flask

from tests.builders import NOW, City, a_city, a_volunteer, an_account
from tests.refusals import refused
from volunteer.domain.terms import Role
from volunteer.models.people import Account
from volunteer.operations.people.roles import dismiss_organizer, name_organizer
from volunteer.queries.accounts import actor_of


@pytest.fixture
def city(app: Flask) -> City:
    city = a_city()
    city.volunteer_account.password_hash = "a hash"
    return city


def who(account: Account):
    return actor_of(account, at=NOW)


def test_an_organizer_is_named_and_dismissed(city: City) -> None:
    person = city.volunteer.id
    name_organizer(who(city.organizer), person, at=NOW)
    assert who(city.volunteer_account).roles == {Role.VOLUNTEER, Role.ORGANIZER}
    with refused("has_role"):
        name_organizer(who(city.organizer), person, at=NOW)
    with refused("reason_missing"):
        dismiss_organizer(who(city.organizer), person, reason=" ", at=NOW)
    dismiss_organizer(who(city.organizer), person, reason="岗位调整", at=NOW)
    assert who(city.volunteer_account).roles == {Role.VOLUNTEER}
    with refused("no_role"):
        dismiss_organizer(who(city.organizer), person, reason="岗位调整", at=NOW)


def test_only_inside_the_own_unit(city: City) -> None:
    with refused("not_yours"):
        name_organizer(who(city.organizer), city.other_volunteer.id, at=NOW)
    with refused("not_allowed"):
        name_organizer(who(city.volunteer_account), city.volunteer.id, at=NOW)
    with refused("not_found"):
        name_organizer(who(city.organizer), 99999, at=NOW)


def test_never_oneself(city: City) -> None:
    person = a_volunteer(city.unit, "组织者本人")
    account = an_account(Role.ORGANIZER, unit=city.unit, volunteer=person)
    with refused("own_roles"):
        dismiss_organizer(who(account), person.id, reason="试试", at=NOW)


def test_a_desk_needs_a_password_and_a_living_login(city: City) -> None:
    city.volunteer_account.password_hash = None
    with refused("no_password"):
        name_organizer(who(city.organizer), city.volunteer.id, at=NOW)
    city.volunteer_account.is_disabled = True
    with refused("not_active"):
        name_organizer(who(city.organizer), city.volunteer.id, at=NOW)
    paper = a_volunteer(city.unit, "没有账号")
    with refused("no_login"):
        name_organizer(who(city.organizer), paper.id, at=NOW)


def test_an_auditor_does_not_organize(city: City) -> None:
    person = a_volunteer(city.unit, "审计员")
    an_account(Role.AUDITOR, volunteer=person, password_hash="a hash")
    with refused("auditor_apart"):
        name_organizer(who(city.organizer), person.id, at=NOW)
