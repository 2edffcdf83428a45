"""Closing the own account, opening it again in time, and what minors never agree to."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.builders import MONDAY, NOW, City, a_city, a_volunteer, an_account, an_entry, sign_in
from tests.refusals import refused
from volunteer.domain import retention
from volunteer.domain.terms import ConsentPurpose, VolunteerState
from volunteer.models.base import db
from volunteer.models.cipher import encrypt
from volunteer.models.journal import AuditEntry
from volunteer.models.people import Account, DeviceSession
from volunteer.operations.keeping import erase_due, load_erasers
from volunteer.operations.people.closing import close_own_account, reopen_account
from volunteer.operations.people.consents import give_consent, keep_consents, live_consents
from volunteer.operations.people.states import take_back
from volunteer.queries.accounts import actor_of
from volunteer.queries.attendance import seats_at
from volunteer.queries.people.own import own_consents

load_erasers()


@pytest.fixture
def city(session) -> City:
    return a_city()


def act(account):
    return actor_of(account, at=NOW)


def test_closing_ends_every_session_and_keeps_what_the_law_wants(app, city):
    person = city.volunteer
    person.id_cipher, person.guardian_name = encrypt("430502198506150011"), "李四"
    an_entry(person, 60)
    client = sign_in(app, city.volunteer_account)
    close_own_account(act(city.volunteer_account), at=NOW)
    db.session.commit()
    assert client.get("/me").status_code == 302
    assert db.session.scalars(select(DeviceSession.revoked_at)).all() == [NOW]
    assert (person.state, person.left_at) == (VolunteerState.LEFT, NOW)
    assert (person.phone_cipher, person.phone_index, person.guardian_name) == (None, None, "")
    assert (person.name, person.id_cipher is None) == ("王芳", False)


def test_an_office_opens_it_again_within_the_days_of_return(city):
    person = city.volunteer
    close_own_account(act(city.volunteer_account), at=NOW)
    later = NOW + timedelta(days=15)
    with refused("not_allowed"):
        reopen_account(act(city.organizer), person.id, reason="本人误操作", at=later)
    with refused("not_yours"):
        reopen_account(act(city.other_organizer), person.id, reason="本人误操作", at=later)
    with refused("reason_missing"):
        reopen_account(act(city.district_admin), person.id, reason=" ", at=later)
    reopen_account(act(city.district_admin), person.id, reason="本人误操作", at=later)
    assert (person.state, person.left_at) == (VolunteerState.AWAITING_CONSENT, None)
    assert not city.volunteer_account.is_disabled
    assert live_consents(person.id) == {}, "consents are asked anew"
    line = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "reopen_account")).one()
    assert line.reason == "本人误操作"


def test_after_the_days_of_return_it_is_too_late(city):
    person = city.volunteer
    close_own_account(act(city.volunteer_account), at=NOW)
    later = NOW + timedelta(days=15, seconds=1)
    with refused("too_late"):
        reopen_account(act(city.city_admin), person.id, reason="本人误操作", at=later)
    assert erase_due(retention.ACCOUNTS, at=later) == 1
    take_back(act(city.organizer), person.id, at=later)
    account = db.session.scalars(select(Account).where(Account.volunteer_id == person.id)).one()
    assert account.login.startswith("closed-"), "a new link gives a new login"


def test_whoever_is_nameless_does_not_come_back(city):
    city.volunteer.state, city.volunteer.nameless_at = VolunteerState.LEFT, NOW
    with refused("nameless"):
        take_back(act(city.organizer), city.volunteer.id, at=NOW)


def test_r8_4_a_minor_is_never_located_nor_shown(city):
    child = a_volunteer(city.unit, "小明", birth_year=MONDAY.year - 17)
    account = an_account(volunteer=child)
    me = act(account)
    for purpose in (ConsentPurpose.LOCATION, ConsentPurpose.PUBLIC_DISPLAY):
        with refused("minor"):
            give_consent(me, purpose, at=NOW)
    kept = keep_consents(me, child, list(ConsentPurpose), at=NOW)
    assert set(kept) == {ConsentPurpose.ACCOUNT, ConsentPurpose.IDENTITY, ConsentPurpose.TRANSFER}
    assert not child.is_public
    assert give_consent(act(city.volunteer_account), ConsentPurpose.LOCATION, at=NOW) is None


def test_r8_4_a_consent_given_before_the_age_was_known_locates_nobody(city):
    from tests.builders import a_shift, an_assignment

    give_consent(act(city.volunteer_account), ConsentPurpose.LOCATION, at=NOW)
    shift = a_shift()
    an_assignment(shift, city.volunteer)
    assert seats_at(shift.id, [city.volunteer.id], at=NOW)[0].may_locate
    city.volunteer.birth_year = MONDAY.year - 17
    db.session.flush()
    assert not seats_at(shift.id, [city.volunteer.id], at=NOW)[0].may_locate


def test_nobody_is_asked_about_photos_that_are_not_taken(city):
    lines = own_consents(act(city.volunteer_account))
    assert {line.text.purpose for line in lines} == set(ConsentPurpose)
    assert not any("照片" in line.text.use + line.text.without for line in lines)
    assert all(line.text.withdrawn for line in lines)
