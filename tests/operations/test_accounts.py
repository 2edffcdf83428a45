"""Signing in: attempts are bounded, sessions can be ended by the server, passwords must be good."""

from datetime import timedelta

import pytest
from flask import Flask

from tests.builders import NOW, a_city, an_account
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Role
from volunteer.models.base import db
from volunteer.operations.accounts import (
    PER_ADDRESS,
    PER_NAME,
    change_password,
    charge_attempt,
    close_session,
    end_all_sessions,
    issue_first_password,
    open_session,
)
from volunteer.operations.passwords import hash_password, matches
from volunteer.queries.accounts import account_by_name, actor_of, signed_in_account

DAY = timedelta(days=1)


def test_a_session_lives_until_its_end(app: Flask) -> None:
    account = an_account(Role.AUDITOR)
    token = open_session(account, label="Chrome", lasts=DAY, at=NOW).token
    assert signed_in_account(token, at=NOW) is not None
    assert signed_in_account(token, at=NOW + DAY) is None
    assert signed_in_account("another", at=NOW) is None


def test_signing_out_ends_this_session_at_once(app: Flask) -> None:
    account = an_account(Role.AUDITOR)
    opened = open_session(account, label="", lasts=DAY, at=NOW)
    other = open_session(account, label="", lasts=DAY, at=NOW)
    close_session(actor_of(account, at=NOW), opened.device.id, at=NOW)
    assert signed_in_account(opened.token, at=NOW) is None
    assert signed_in_account(other.token, at=NOW) is not None


def test_a_session_of_another_is_not_found(app: Flask) -> None:
    mine, theirs = an_account(Role.AUDITOR), an_account(Role.AUDITOR)
    opened = open_session(theirs, label="", lasts=DAY, at=NOW)
    with pytest.raises(Refused) as told:
        close_session(actor_of(mine, at=NOW), opened.device.id, at=NOW)
    assert (told.value.code, told.value.status) == ("not_found", 404)


def test_disabling_or_a_new_password_ends_every_session(app: Flask) -> None:
    account = an_account(Role.AUDITOR)
    token = open_session(account, label="", lasts=DAY, at=NOW).token
    change_password(actor_of(account, at=NOW), account, password="三江口的春天 2026", at=NOW)
    db.session.flush()
    assert signed_in_account(token, at=NOW) is None
    token = open_session(account, label="", lasts=DAY, at=NOW).token
    account.is_disabled = True
    db.session.flush()
    assert signed_in_account(token, at=NOW) is None
    with pytest.raises(Refused) as told:
        open_session(account, label="", lasts=DAY, at=NOW)
    assert told.value.code == "account_disabled"


def test_an_expired_first_password_opens_nothing(app: Flask) -> None:
    account = an_account(Role.AUDITOR, must_change_password=True, first_password_expires_at=NOW)
    with pytest.raises(Refused) as told:
        open_session(account, label="", lasts=DAY, at=NOW)
    assert told.value.code == "first_password_expired"


def test_guessing_is_stopped_for_a_while_and_never_for_good(app: Flask) -> None:
    for _ in range(PER_NAME):
        charge_attempt(name="Li", address="10.0.0.1", at=NOW)
    with pytest.raises(Refused) as told:
        charge_attempt(name="li", address="10.0.0.2", at=NOW + timedelta(minutes=14))
    assert (told.value.code, told.value.status) == ("too_many_attempts", 429)
    charge_attempt(name="li", address="10.0.0.1", at=NOW + timedelta(minutes=16))


def test_an_office_behind_one_address_signs_in_at_eight(app: Flask) -> None:
    account = an_account()
    for number in range(PER_ADDRESS + 5):
        name = f"li{number}"
        charge_attempt(name=name, address="10.0.0.1", at=NOW)
        open_session(account, label="", lasts=DAY, at=NOW, name=name, address="10.0.0.1")
    for number in range(PER_ADDRESS):
        charge_attempt(name=f"guess{number}", address="10.0.0.1", at=NOW)
    with pytest.raises(Refused) as told:
        charge_attempt(name="another", address="10.0.0.1", at=NOW)
    assert told.value.code == "too_many_attempts"


@pytest.mark.parametrize(
    "password",
    ["short", "12345678", "aaaaaaaa", "my-account9-is-here", "x" * 129, "王芳的密码很长很长"],
)
def test_weak_passwords_are_refused_at_their_field(app: Flask, password: str) -> None:
    account = an_account(login="account9", name="王芳")
    with pytest.raises(Refused) as told:
        change_password(actor_of(account, at=NOW), account, password=password, at=NOW)
    assert (told.value.code, told.value.field) == ("weak_password", "password")


def test_an_organizer_resets_only_the_own_units_accounts(app: Flask) -> None:
    city = a_city()
    organizer = actor_of(city.organizer, at=NOW)
    password = issue_first_password(organizer, city.volunteer_account, lasts=DAY, at=NOW)
    assert matches(city.volunteer_account.password_hash, password)
    assert city.volunteer_account.must_change_password
    with pytest.raises(Refused) as told:
        issue_first_password(organizer, city.other_volunteer_account, lasts=DAY, at=NOW)
    assert told.value.status == 404
    with pytest.raises(Refused) as told:
        end_all_sessions(actor_of(city.auditor, at=NOW), city.volunteer_account, at=NOW)
    assert told.value.status == 403


def test_an_account_is_found_by_login_or_by_a_phone_of_its_own(app: Flask) -> None:
    from volunteer.models.cipher import blind

    one = an_account(login="wang", phone_index=blind("phone", "+8613800138000"))
    assert account_by_name("WANG") is one
    assert account_by_name("13800138000") is one
    an_account(phone_index=blind("phone", "+8613800138000"))
    assert account_by_name("13800138000") is None


def test_passwords_are_argon2id_and_an_unknown_account_still_costs_a_check(app: Flask) -> None:
    stored = hash_password("三江口的春天")
    assert stored.startswith("$argon2id$")
    assert matches(stored, "三江口的春天")
    assert not matches(stored, "三江口的秋天")
    assert not matches(None, "nobody has this password")
