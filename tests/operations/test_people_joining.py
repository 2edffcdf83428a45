"""Invitations: a link opens one profile once, asks for consent, and never opens a desk."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.builders import NOW, City, a_city, a_unit, a_volunteer, an_account
from tests.refusals import refused
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import ConsentPurpose, Role, UnitKind, VolunteerState
from volunteer.models.base import db, unit_of_work
from volunteer.models.cipher import decrypt
from volunteer.models.journal import Message
from volunteer.models.people import Account, Consent, Invitation, Volunteer
from volunteer.operations.people.invitations import (
    invite_person,
    invite_to_unit,
    invite_waiting,
    revoke_invitation,
)
from volunteer.operations.people.joining import Answer, take_up
from volunteer.operations.people.roles import shut_account
from volunteer.queries.accounts import actor_of
from volunteer.queries.people.invitations import invitees, opened_link, token_from

YES = frozenset({ConsentPurpose.ACCOUNT})


@pytest.fixture
def city(app: Flask) -> City:
    return a_city()


@pytest.fixture
def waiting(city: City) -> Volunteer:
    return a_volunteer(
        city.unit, "张建国", phone="19907390001", state=VolunteerState.AWAITING_CONSENT
    )


def link_for(city: City, person: Volunteer) -> str:
    link = invite_person(actor_of(city.organizer, at=NOW), person.id, at=NOW)
    db.session.flush()
    return token_from(link.nonce)


def test_a_person_confirms_the_own_profile(city: City, waiting: Volunteer) -> None:
    token = link_for(city, waiting)
    opened = opened_link(token, at=NOW)
    assert (opened.unit_name, opened.inviter) == (city.unit.name, city.organizer.name)
    assert opened.shown_name == "张*国"
    answer = Answer(
        consents=YES | {ConsentPurpose.LOCATION}, digits="0001", password_hash="hash of it"
    )
    account = take_up(token, answer, at=NOW)
    assert (account.login, account.volunteer_id) == (waiting.number.lower(), waiting.id)
    assert account.password_hash == "hash of it"
    assert not account.must_change_password
    assert waiting.state is VolunteerState.ACTIVE
    receipts = db.session.scalars(select(Consent.purpose).order_by(Consent.id)).all()
    assert receipts == [ConsentPurpose.ACCOUNT, ConsentPurpose.LOCATION]
    with refused("link_used"):
        take_up(token, answer, at=NOW)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(consents=YES, digits="9999"), "wrong_digits"),
        (Answer(consents=YES), "wrong_digits"),
        (Answer(consents=frozenset(), digits="0001"), "consent_missing"),
        (Answer(consents=frozenset({ConsentPurpose.TRANSFER}), digits="0001"), "consent_missing"),
    ],
)
def test_digits_and_the_one_consent_are_needed(
    city: City, waiting: Volunteer, answer: Answer, code: str
) -> None:
    token = link_for(city, waiting)
    with refused(code):
        take_up(token, answer, at=NOW)
    assert waiting.state is VolunteerState.AWAITING_CONSENT
    assert db.session.scalar(select(Invitation.uses_left)) == 1, "a slip costs nothing"


def test_links_end(city: City, waiting: Volunteer) -> None:
    organizer = actor_of(city.organizer, at=NOW)
    first = link_for(city, waiting)
    second = link_for(city, waiting)
    with refused("link_revoked"):
        opened_link(first, at=NOW)
    with refused("link_over"):
        opened_link(second, at=NOW + timedelta(days=31))
    with refused("link_unknown"):
        opened_link("x" * 24, at=NOW)
    newest = db.session.scalars(select(Invitation).order_by(Invitation.id.desc())).first()
    assert newest is not None
    with refused("not_yours"):
        revoke_invitation(actor_of(city.other_organizer, at=NOW), newest.id, at=NOW)
    revoke_invitation(organizer, newest.id, at=NOW)
    with refused("already_so"):
        revoke_invitation(organizer, newest.id, at=NOW)
    with refused("link_revoked"):
        opened_link(second, at=NOW)


def test_the_table_alone_opens_nothing(city: City, waiting: Volunteer) -> None:
    token = link_for(city, waiting)
    link = db.session.scalars(select(Invitation)).one()
    assert token.encode() not in link.token_hash + link.nonce
    assert len(token) == 24


def test_a_minor_needs_the_guardian(city: City, waiting: Volunteer) -> None:
    waiting.birth_year = 2010
    token = link_for(city, waiting)
    with refused("no_guardian_consent"):
        take_up(token, Answer(consents=YES, digits="0001"), at=NOW)
    with refused("no_guardian_consent"):
        take_up(
            token,
            Answer(consents=YES, digits="0001", guardian_name="张母", guardian_phone="19907390002"),
            at=NOW,
        )


def test_a_guardian_says_yes(city: City, waiting: Volunteer) -> None:
    waiting.birth_year = 2010
    take_up(
        link_for(city, waiting),
        Answer(
            consents=YES,
            digits="0001",
            guardian_name="张母",
            guardian_phone="19907390002",
            guardian_agrees=True,
        ),
        at=NOW,
    )
    assert waiting.has_guardian_consent
    assert waiting.guardian_consent_at == NOW
    assert decrypt(waiting.guardian_phone_cipher) == "+8619907390002"


def test_a_link_signs_in_again_but_never_opens_a_desk(city: City) -> None:
    person = city.volunteer
    person.phone_cipher = None
    city.volunteer_account.password_hash = "an old first password"
    city.volunteer_account.must_change_password = True
    account = take_up(link_for(city, person), Answer(consents=frozenset()), at=NOW)
    assert account.id == city.volunteer_account.id
    assert account.password_hash is None
    chief = a_volunteer(city.unit, "组织者本人")
    token = link_for(city, chief)
    an_account(Role.ORGANIZER, unit=city.unit, volunteer=chief)
    with refused("desk_account"):
        take_up(token, Answer(consents=YES, digits=opened_link(token, at=NOW).phone_tail), at=NOW)
    with refused("desk_account"):
        link_for(city, chief)


def test_a_shut_login_is_not_opened_by_a_link(city: City) -> None:
    token = link_for(city, city.volunteer)
    shut_account(city.volunteer_account, at=NOW)
    digits = opened_link(token, at=NOW).phone_tail
    assert take_up(token, Answer(consents=frozenset(), digits=digits), at=NOW).is_disabled


def join(city: City, **given: object):
    link = invite_to_unit(actor_of(city.organizer, at=NOW), city.unit.id, uses=3, days=7, at=NOW)
    db.session.flush()
    answer = {"name": "李小妹", "phone": "199 0739 0005", "birth_year": 1999, **given}
    return take_up(token_from(link.nonce), Answer(consents=YES, **answer), at=NOW)


def test_somebody_joins_by_the_units_link(city: City) -> None:
    account = join(city)
    person = db.session.get(Volunteer, account.volunteer_id)
    assert person is not None
    assert (person.unit_id, person.state) == (city.unit.id, VolunteerState.ACTIVE)
    assert person.number == f"ZY{person.id:07d}"
    assert db.session.scalar(select(Invitation.uses_left)) == 2
    told = db.session.scalars(select(Message).where(Message.topic == "joined")).one()
    assert told.account_id == city.organizer.id
    with refused("already_registered"):
        join(city)


def test_joining_finds_the_profile_that_waits(city: City, waiting: Volunteer) -> None:
    account = join(city, name="张建国", phone="19907390001")
    assert account.volunteer_id == waiting.id
    assert waiting.state is VolunteerState.ACTIVE


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"name": ""}, "name_missing"),
        ({"phone": ""}, "phone_missing"),
        ({"birth_year": 2015}, "too_young"),
        ({"birth_year": 2010}, "no_guardian_consent"),
    ],
)
def test_who_joins_says_who(city: City, given: dict[str, object], code: str) -> None:
    with refused(code):
        join(city, **given)


def test_a_school_may_take_younger_ones(city: City) -> None:
    school = a_unit("一中", kind=UnitKind.SCHOOL, parent_id=city.unit.id)
    city.unit = school
    guardian = {
        "guardian_name": "明母",
        "guardian_phone": "19907390009",
        "guardian_agrees": True,
    }
    assert join(city, birth_year=2014, **guardian).id


def test_everybody_who_waits_gets_one_link(city: City, waiting: Volunteer) -> None:
    organizer = actor_of(city.organizer, at=NOW)
    a_volunteer(city.unit, "另一位", state=VolunteerState.AWAITING_CONSENT)
    assert invite_waiting(organizer, city.unit.id, at=NOW) == 2
    db.session.flush()
    assert invite_waiting(organizer, city.unit.id, at=NOW) == 0
    lines = invitees(organizer, city.unit.id, at=NOW)
    assert all(len(line.token) == 24 for line in lines)
    assert invitees(actor_of(city.other_organizer, at=NOW), city.unit.id, at=NOW) == []
    with refused("not_yours"):
        invite_waiting(actor_of(city.other_organizer, at=NOW), city.unit.id, at=NOW)


@pytest.mark.parametrize(("uses", "days", "code"), [(0, 7, "wrong_uses"), (5, 0, "wrong_days")])
def test_a_units_link_has_bounds(city: City, uses: int, days: int, code: str) -> None:
    with refused(code):
        invite_to_unit(actor_of(city.organizer, at=NOW), city.unit.id, uses=uses, days=days, at=NOW)


def test_of_eight_who_open_one_link_at_once_one_gets_in(
    app: Flask, city: City, waiting: Volunteer
) -> None:
    token = link_for(city, waiting)
    db.session.commit()

    def race(_number: int) -> str:
        with app.app_context():
            try:
                with unit_of_work():
                    take_up(token, Answer(consents=YES, digits="0001"), at=NOW)
            except Refused as no:
                return no.code
            finally:
                db.session.remove()
            return "in"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(race, range(8)))
    assert outcomes.count("in") == 1
    assert set(outcomes) == {"in", "link_used"}
    db.session.expire_all()
    assert (
        db.session.scalar(
            select(func.count()).select_from(Account).where(Account.volunteer_id == waiting.id)
        )
        == 1
    )
