"""What people keep of themselves: consents, contact, home, week, wishes, limits, the way out."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.builders import (
    MONDAY,
    NOW,
    City,
    a_city,
    a_kind,
    a_shift,
    an_activity,
    an_assignment,
    available,
)
from tests.refusals import refused
from volunteer.domain.access import Actor
from volunteer.domain.place import LatLon, metres_between
from volunteer.domain.terms import (
    AssignmentState,
    AvailabilityLevel,
    ConsentPurpose,
    VolunteerState,
)
from volunteer.domain.week import FreeWindow
from volunteer.models.activities import Wish
from volunteer.models.base import db
from volunteer.models.cipher import blind, decrypt, encrypt
from volunteer.models.journal import AuditEntry, Message
from volunteer.models.people import Availability, AvailabilityException, Consent
from volunteer.operations.people.closing import close_own_account
from volunteer.operations.people.consents import give_consent, live_consents, withdraw_consent
from volunteer.operations.people.own import (
    forget_home,
    note_own_copy,
    prefer_large_type,
    prefer_usual_type,
    set_contact,
    set_home_community,
    set_home_position,
    set_limits,
    set_wishes,
)
from volunteer.operations.people.weeks import drop_exception, except_days, set_day
from volunteer.queries.accounts import actor_of
from volunteer.queries.people.holdings import windows_of

CAN, RATHER_NOT, CANNOT = AvailabilityLevel


@pytest.fixture
def city(app: Flask) -> City:
    return a_city()


@pytest.fixture
def me(city: City) -> Actor:
    return actor_of(city.volunteer_account, at=NOW)


def test_consents_are_given_once_and_withdrawn_alone(city: City, me: Actor) -> None:
    for purpose in (ConsentPurpose.IDENTITY, ConsentPurpose.PUBLIC_DISPLAY):
        give_consent(me, purpose, at=NOW)
        give_consent(me, purpose, at=NOW)
    assert db.session.scalar(select(func.count()).select_from(Consent)) == 2
    assert city.volunteer.is_public
    city.volunteer.id_cipher, city.volunteer.id_index = encrypt("x"), blind("id", "x")
    withdraw_consent(me, ConsentPurpose.IDENTITY, at=NOW)
    db.session.flush()
    assert city.volunteer.id_index is None, "the number goes with the consent"
    assert set(live_consents(city.volunteer.id)) == {ConsentPurpose.PUBLIC_DISPLAY}
    withdraw_consent(me, ConsentPurpose.PUBLIC_DISPLAY, at=NOW)
    assert not city.volunteer.is_public
    with refused("already_so"):
        withdraw_consent(me, ConsentPurpose.TRANSFER, at=NOW)
    with refused("needed_to_serve"):
        withdraw_consent(me, ConsentPurpose.ACCOUNT, at=NOW)
    with refused("not_allowed"):
        give_consent(actor_of(city.organizer, at=NOW), ConsentPurpose.TRANSFER, at=NOW)


def test_a_new_phone_reaches_the_login_and_the_organizer(city: City, me: Actor) -> None:
    set_contact(me, phone="199-0739-0055", guardian_name="", guardian_phone="", at=NOW)
    assert decrypt(city.volunteer.phone_cipher) == "+8619907390055"
    assert city.volunteer_account.phone_index == city.volunteer.phone_index
    told = db.session.scalars(select(Message)).one()
    assert told.account_id == city.organizer.id
    assert "0055" not in told.body
    set_contact(me, phone="19907390055", guardian_name="", guardian_phone="", at=NOW)
    assert db.session.scalar(select(func.count()).select_from(Message)) == 1, "nothing changed"
    with refused("phone_shape"):
        set_contact(me, phone="12", guardian_name="", guardian_phone="", at=NOW)


def test_only_a_rough_home_is_kept(city: City, me: Actor) -> None:
    at_home = LatLon(27.23456, 111.46789)
    set_home_position(me, lat=at_home.lat, lon=at_home.lon, at=NOW)
    kept = LatLon(city.volunteer.home_lat, city.volunteer.home_lon)
    assert kept != at_home
    assert metres_between(kept, at_home) < 180
    assert "27.2" not in str(db.session.scalars(select(AuditEntry)).all()[-1].after)
    with refused("no_position"):
        set_home_position(me, lat=200, lon=0, at=NOW)
    set_home_community(me, city.community.id, at=NOW)
    assert (
        metres_between(
            LatLon(city.point.lat, city.point.lon),
            LatLon(city.volunteer.home_lat, city.volunteer.home_lon),
        )
        < 180
    )
    with refused("no_community"):
        set_home_community(me, 9999, at=NOW)
    forget_home(me, at=NOW)
    assert city.volunteer.home_lat is None


def test_a_day_is_painted_copied_and_fine_hours_stay(city: City, me: Actor) -> None:
    available(city.volunteer, 0, start="06:50", end="09:00")
    who = city.volunteer.id
    set_day(me, who, weekday=0, levels={"early": CAN, "evening": RATHER_NOT}, at=NOW)
    assert windows_of(who) == [FreeWindow(0, 410, 540, CAN), FreeWindow(0, 1140, 1320, RATHER_NOT)]
    set_day(me, who, weekday=0, levels={"evening": CANNOT}, copy_to=[1, 4], at=NOW)
    assert windows_of(who) == [FreeWindow(day, 410, 540, CAN) for day in (0, 1, 4)]
    lines = db.session.scalar(select(func.count()).select_from(AuditEntry))
    set_day(me, who, weekday=0, levels={"early": CAN}, at=NOW)
    assert db.session.scalar(select(func.count()).select_from(AuditEntry)) == lines
    with refused("wrong_day"):
        set_day(me, who, weekday=7, levels={}, at=NOW)
    with refused("wrong_day"):
        set_day(me, who, weekday=1, levels={"midnight": CAN}, at=NOW)


def test_an_organizer_keeps_the_week_of_the_own_people(city: City) -> None:
    who = city.volunteer.id
    set_day(actor_of(city.organizer, at=NOW), who, weekday=2, levels={"noon": CAN}, at=NOW)
    assert windows_of(who) == [FreeWindow(2, 720, 840, CAN)]
    with refused("not_yours"):
        set_day(actor_of(city.other_organizer, at=NOW), who, weekday=2, levels={}, at=NOW)
    with refused("not_allowed"):
        set_day(actor_of(city.other_volunteer_account, at=NOW), who, weekday=2, levels={}, at=NOW)


def test_certain_days_differ_and_can_be_taken_back(city: City, me: Actor) -> None:
    who = city.volunteer.id
    given = {"part": "", "level": CANNOT, "reason": "探亲", "at": NOW}
    first = MONDAY + timedelta(days=1)
    assert except_days(me, who, first_on=first, last_on=first + timedelta(days=2), **given) == 3
    assert except_days(me, who, first_on=first, last_on=None, **given) == 1
    rows = db.session.scalars(select(AvailabilityException)).all()
    assert len(rows) == 3, "a day said again is said once"
    drop_exception(me, who, rows[0].id, at=NOW)
    db.session.flush()
    with refused("not_found"):
        drop_exception(me, who, rows[0].id, at=NOW)
    with refused("wrong_dates"):
        except_days(me, who, first_on=MONDAY - timedelta(days=1), last_on=None, **given)
    with refused("too_many_days"):
        except_days(me, who, first_on=first, last_on=date(2027, 11, 1), **given)
    with refused("wrong_day"):
        except_days(me, who, first_on=first, last_on=None, **{**given, "part": "night"})


def test_limits_and_wishes(city: City, me: Actor) -> None:
    who = city.volunteer.id
    set_limits(me, who, minutes_per_week=180, shifts_per_day=2, at=NOW)
    assert (city.volunteer.max_minutes_per_week, city.volunteer.max_shifts_per_day) == (180, 2)
    for minutes, shifts in ((-1, 1), (5000, 1), (60, 0), (60, 7)):
        with refused("wrong_limits"):
            set_limits(me, who, minutes_per_week=minutes, shifts_per_day=shifts, at=NOW)
    kind, other = a_kind(), a_kind()
    assert set_wishes(me, who, {kind.id: 0, other.id: 3}, at=NOW) == 2
    db.session.flush()
    assert set_wishes(me, who, {kind.id: None, other.id: 3}, at=NOW) == 1
    db.session.flush()
    assert db.session.execute(select(Wish.kind_id, Wish.cost)).all() == [(other.id, 3)]
    with refused("wrong_wish"):
        set_wishes(me, who, {kind.id: 4}, at=NOW)
    with refused("wrong_wish"):
        set_wishes(me, who, {9999: 1}, at=NOW)


def test_large_type_follows_the_person(city: City, me: Actor) -> None:
    prefer_large_type(me, at=NOW)
    assert city.volunteer.prefers_large_type
    prefer_usual_type(me, at=NOW)
    assert not city.volunteer.prefers_large_type


def test_who_leaves_is_forgotten_but_for_the_record(city: City, me: Actor) -> None:
    person = city.volunteer
    available(person, 0)
    give_consent(me, ConsentPurpose.ACCOUNT, at=NOW)
    seat = an_assignment(a_shift(an_activity(city.unit), on=MONDAY + timedelta(days=1)), person)
    db.session.flush()
    note_own_copy(me, form="xlsx", at=NOW)
    assert close_own_account(me, at=NOW) == 1
    db.session.flush()
    assert person.state is VolunteerState.LEFT
    assert person.name == "王芳"
    assert (person.phone_cipher, person.phone_index, person.home_lat) == (None, None, None)
    assert db.session.scalars(select(Availability)).all() == []
    assert live_consents(person.id) == {}
    assert city.volunteer_account.is_disabled
    assert city.volunteer_account.phone_index is None
    db.session.refresh(seat)
    assert seat.state is AssignmentState.CANCELLED
    topics = set(db.session.scalars(select(Message.topic)))
    assert topics == {"seat_freed", "left"}
