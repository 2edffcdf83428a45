"""Registering, editing, revealing, skills, pairs, pausing and leaving."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.builders import (
    MONDAY,
    NOW,
    City,
    a_city,
    a_shift,
    a_skill,
    a_unit,
    a_volunteer,
    an_activity,
    an_assignment,
)
from tests.refusals import refused
from volunteer.domain.access import Actor
from volunteer.domain.terms import AssignmentState, Sex, UnitKind, VolunteerState
from volunteer.models.base import db
from volunteer.models.cipher import decrypt
from volunteer.models.journal import AuditEntry, Message
from volunteer.models.people import Account, Apart, Pause, Qualification
from volunteer.operations.people.consents import note_guardian_consent
from volunteer.operations.people.identity import open_minors, reveal
from volunteer.operations.people.pairs import keep_apart, lift_apart
from volunteer.operations.people.register import (
    PersonFacts,
    edit_volunteer,
    register_volunteer,
)
from volunteer.operations.people.skills import confirm_skill, months_later, remove_skill
from volunteer.operations.people.states import (
    begin_due_pauses,
    end_pauses,
    let_go,
    pause_volunteer,
    take_back,
)
from volunteer.queries.accounts import actor_of

NUMBER = "430502198506150011"


@pytest.fixture
def city(app: Flask) -> City:
    return a_city()


@pytest.fixture
def organizer(city: City) -> Actor:
    return actor_of(city.organizer, at=NOW)


def register(actor: Actor, city: City, **given: object):
    facts = {"name": "买买提•艾山", "phone": "+86 199-0739-0001", **given}
    return register_volunteer(actor, PersonFacts(**facts), unit_id=city.unit.id, at=NOW)


def test_a_person_is_entered_in_one_form_and_waits(city: City, organizer: Actor) -> None:
    person = register(organizer, city, id_number=NUMBER)
    assert person.name == "买买提·艾山"
    assert person.pinyin.startswith("mmt")
    assert person.number == f"ZY{person.id:07d}"
    assert decrypt(person.phone_cipher) == "+8619907390001"
    assert decrypt(person.id_cipher) == NUMBER
    assert (person.sex, person.birth_year) == (Sex.MALE, 1985)
    assert person.state is VolunteerState.AWAITING_CONSENT
    line = db.session.scalars(
        select(AuditEntry).where(AuditEntry.act == "register_volunteer")
    ).one()
    assert NUMBER not in str(line.after)
    assert "19907390001" not in str(line.after)


def test_rare_characters_and_shared_phones_are_welcome(city: City, organizer: Actor) -> None:
    one = register(organizer, city, name="𬱖某", phone="19907390001")
    other = register(organizer, city, name="王奶奶", phone="19907390001")
    assert one.phone_index == other.phone_index
    assert one.name == "𬱖某"


def test_a_number_is_registered_once_and_the_refusal_says_whom_to_ask(
    city: City, organizer: Actor
) -> None:
    register(organizer, city, id_number=NUMBER)
    with refused("already_registered") as no:
        register(organizer, city, name="别人", id_number=NUMBER)
    assert "买买提·艾山" in no.value.sentence
    city.unit.contact_name, city.unit.contact_phone = "李主任", "0739-5320001"
    with refused("already_registered") as no:
        register_volunteer(
            actor_of(city.other_organizer, at=NOW),
            PersonFacts(name="别人", phone="19907390009", id_number=NUMBER),
            unit_id=city.other_unit.id,
            at=NOW,
        )
    assert "买买提" not in no.value.sentence
    assert "李主任0739-5320001" in no.value.hint


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"name": " "}, "name_missing", "name"),
        ({"phone": ""}, "phone_missing", "phone"),
        ({"phone": "123"}, "phone_shape", "phone"),
        ({"id_number": "430502198506150012"}, "number_check", "id_number"),
        ({"id_number": NUMBER, "sex": Sex.FEMALE}, "sex_differs", "sex"),
        ({"id_number": NUMBER, "birth_year": 1984}, "birth_differs", "birth_year"),
        ({"birth_year": 2030}, "birth_strange", "birth_year"),
        ({"birth_year": 2015}, "too_young", "birth_year"),
        ({"birth_year": 2010}, "no_guardian_consent", "guardian_name"),
        ({"birth_year": 2010, "guardian_name": "张母"}, "no_guardian_consent", "guardian_name"),
        ({"guardian_phone": "12"}, "phone_shape", "guardian_phone"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    city: City, organizer: Actor, given: dict[str, object], code: str, field: str
) -> None:
    with refused(code) as no:
        register(organizer, city, **given)
    assert no.value.field == field


def test_a_minor_needs_a_guardian_and_a_school_may_go_lower(city: City, organizer: Actor) -> None:
    register(
        organizer,
        city,
        birth_year=2010,
        guardian_name="张母",
        guardian_phone="19907390002",
    )
    school = a_unit("一中", kind=UnitKind.SCHOOL, parent_id=city.unit.id)
    register_volunteer(
        actor_of(city.organizer, at=NOW),
        PersonFacts(
            name="小明",
            phone="19907390003",
            birth_year=2014,
            guardian_name="明母",
            guardian_phone="19907390003",
        ),
        unit_id=school.id,
        at=NOW,
    )


def test_the_same_name_and_phone_is_refused_without_a_number(city: City, organizer: Actor) -> None:
    register(organizer, city)
    with refused("looks_registered"):
        register(organizer, city)
    register(organizer, city, id_number=NUMBER)


def test_another_units_organizer_registers_nobody_here(city: City) -> None:
    with refused("not_yours"):
        register(actor_of(city.other_organizer, at=NOW), city)
    with refused("not_allowed"):
        register(actor_of(city.auditor, at=NOW), city)


def test_editing_keeps_what_was_left_empty_and_sees_others_edits(
    city: City, organizer: Actor
) -> None:
    person = register(organizer, city, id_number=NUMBER)
    seen = person.version
    edit_volunteer(
        organizer,
        person.id,
        PersonFacts(name="买买提", note="住三楼", max_shifts_per_day=2),
        seen_version=seen,
        at=NOW,
    )
    assert decrypt(person.phone_cipher) == "+8619907390001"
    assert decrypt(person.id_cipher) == NUMBER
    assert (person.name, person.note, person.birth_year) == ("买买提", "住三楼", 1985)
    with refused("changed_since"):
        edit_volunteer(organizer, person.id, PersonFacts(name="甲"), seen_version=seen, at=NOW)


def test_an_edit_reaches_the_login(city: City, organizer: Actor) -> None:
    person = city.volunteer
    edit_volunteer(
        organizer,
        person.id,
        PersonFacts(name="王芳芳", phone="19907390077"),
        seen_version=person.version,
        at=NOW,
    )
    account = db.session.scalar(select(Account).where(Account.volunteer_id == person.id))
    assert account is not None
    assert (account.name, account.phone_index) == ("王芳芳", person.phone_index)


def test_full_numbers_are_shown_for_a_reason_and_leave_a_line(city: City, organizer: Actor) -> None:
    person = register(organizer, city, id_number=NUMBER)
    assert reveal(organizer, person.id, part="number", reason="核对保险名单", at=NOW) == NUMBER
    assert (
        reveal(organizer, person.id, part="phone", reason="通知临时改期", at=NOW) == "19907390001"
    )
    lines = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "reveal_identity")).all()
    assert [line.reason for line in lines] == ["核对保险名单", "通知临时改期"]
    assert all("19907390001" not in str(line.after) for line in lines)
    with refused("reason_missing"):
        reveal(organizer, person.id, part="phone", reason=" 看 ", at=NOW)
    with refused("nothing_there"):
        reveal(organizer, person.id, part="guardian", reason="联系监护人", at=NOW)
    with refused("not_allowed"):
        reveal(actor_of(city.auditor, at=NOW), person.id, part="phone", reason="抽查核对", at=NOW)
    with refused("not_found"):
        reveal(
            actor_of(city.other_organizer, at=NOW),
            person.id,
            part="phone",
            reason="看看是谁",
            at=NOW,
        )


def test_minors_are_opened_with_a_reason(city: City, organizer: Actor) -> None:
    with refused("reason_missing"):
        open_minors(organizer, reason="", at=NOW)
    open_minors(organizer, reason="暑期活动选人", at=NOW)
    assert db.session.scalars(
        select(AuditEntry.reason).where(AuditEntry.act == "open_minors")
    ).one()


def test_a_guardians_paper_is_noted_once(city: City, organizer: Actor) -> None:
    child = register(
        organizer, city, birth_year=2010, guardian_name="张母", guardian_phone="19907390002"
    )
    with refused("paper_missing"):
        note_guardian_consent(organizer, child.id, paper=" ", at=NOW)
    note_guardian_consent(organizer, child.id, paper="档案柜三号", at=NOW)
    assert (child.has_guardian_consent, child.guardian_consent_at) == (True, NOW)
    with refused("already_so"):
        note_guardian_consent(organizer, child.id, paper="档案柜三号", at=NOW)
    with refused("guardian_missing"):
        note_guardian_consent(organizer, city.volunteer.id, paper="档案柜三号", at=NOW)
    with refused("not_yours"):
        note_guardian_consent(
            actor_of(city.other_organizer, at=NOW), child.id, paper="档案柜", at=NOW
        )


def test_skills_are_confirmed_prolonged_and_taken_back(city: City, organizer: Actor) -> None:
    skill = a_skill("first_aid", "急救")
    skill.valid_months = 24
    person = city.volunteer
    held = confirm_skill(organizer, person.id, skill_id=skill.id, expires_on=None, at=NOW)
    assert held.expires_on == date(2028, 11, 23)
    assert held.confirmed_by_id == city.organizer.id
    confirm_skill(organizer, person.id, skill_id=skill.id, expires_on=date(2027, 1, 1), at=NOW)
    assert db.session.scalars(select(Qualification)).one().expires_on == date(2027, 1, 1)
    with refused("already_over"):
        confirm_skill(organizer, person.id, skill_id=skill.id, expires_on=date(2026, 1, 1), at=NOW)
    with refused("no_skill"):
        confirm_skill(organizer, person.id, skill_id=999, expires_on=None, at=NOW)
    with refused("reason_missing"):
        remove_skill(organizer, person.id, held.id, reason=" ", at=NOW)
    with refused("not_found"):
        remove_skill(organizer, person.id, 9999, reason="证书过期", at=NOW)
    remove_skill(organizer, person.id, held.id, reason="证书作废", at=NOW)
    db.session.flush()
    assert db.session.scalars(select(Qualification)).all() == []


@pytest.mark.parametrize(
    ("on", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 11, 23), 24, date(2028, 11, 23)),
    ],
)
def test_validity_ends_on_a_day_that_exists(on: date, months: int, expected: date) -> None:
    assert months_later(on, months) == expected


def test_two_people_are_kept_apart_once(city: City, organizer: Actor) -> None:
    other = a_volunteer(city.unit, "李明")
    a_volunteer(city.other_unit, "外人")
    pair = keep_apart(organizer, other.id, other=city.volunteer.number.lower(), at=NOW)
    db.session.flush()
    with refused("already_so"):
        keep_apart(organizer, city.volunteer.id, other="李明", at=NOW)
    with refused("same_person"):
        keep_apart(organizer, other.id, other="李明", at=NOW)
    with refused("nobody_meant"):
        keep_apart(organizer, other.id, other="外人", at=NOW)
    a_volunteer(city.unit, "李明")
    with refused("several_meant"):
        keep_apart(organizer, city.volunteer.id, other="李明", at=NOW)
    with refused("not_yours"):
        lift_apart(actor_of(city.other_organizer, at=NOW), pair.id, at=NOW)
    lift_apart(organizer, pair.id, at=NOW)
    db.session.flush()
    assert db.session.scalars(select(Apart)).all() == []
    assert db.session.scalars(select(Message)).all() == [], "the two are never told"


@pytest.fixture
def seats(city: City):
    """Three duties of the volunteer: tomorrow, in a week, in two weeks; the second is led, too."""
    activity = an_activity(city.unit)
    made = []
    for days in (1, 7, 13):
        shift = a_shift(activity, city.point, on=MONDAY + timedelta(days=days))
        made.append(an_assignment(shift, city.volunteer))
        if days == 7:
            shift.leader_id = city.volunteer.id
    db.session.flush()
    return made


def states(seats) -> list[AssignmentState]:
    db.session.flush()
    for seat in seats:
        db.session.refresh(seat)
    return [seat.state for seat in seats]


KEPT, GONE = AssignmentState.ACCEPTED, AssignmentState.CANCELLED


def test_a_dated_pause_frees_only_its_days(city: City, organizer: Actor, seats) -> None:
    freed = pause_volunteer(
        organizer,
        city.volunteer.id,
        since_on=MONDAY + timedelta(days=5),
        until_on=MONDAY + timedelta(days=9),
        reason="公出培训",
        at=NOW,
    )
    assert (freed.seats, freed.led) == (1, 1)
    assert states(seats) == [KEPT, GONE, KEPT]
    assert city.volunteer.state is VolunteerState.ACTIVE, "before and after the person serves"
    told = db.session.scalars(select(Message).order_by(Message.id)).all()
    assert {m.topic for m in told} == {"seat_freed", "paused"}
    assert any(m.account_id == city.organizer.id for m in told)
    with refused("pause_overlaps"):
        pause_volunteer(
            organizer,
            city.volunteer.id,
            since_on=MONDAY + timedelta(days=9),
            until_on=None,
            reason="休假",
            at=NOW,
        )


def test_an_open_pause_holds_until_it_is_ended(city: City, organizer: Actor, seats) -> None:
    pause_volunteer(
        organizer, city.volunteer.id, since_on=MONDAY, until_on=None, reason="产假", at=NOW
    )
    assert city.volunteer.state is VolunteerState.PAUSED
    assert states(seats) == [GONE, GONE, GONE]
    assert end_pauses(organizer, city.volunteer.id, at=NOW) == 1
    assert city.volunteer.state is VolunteerState.ACTIVE
    assert states(seats) == [GONE, GONE, GONE], "seats are not given back silently"
    with refused("nothing_paused"):
        end_pauses(organizer, city.volunteer.id, at=NOW)


def test_an_open_pause_to_come_begins_by_the_clock(city: City, organizer: Actor) -> None:
    pause_volunteer(
        organizer,
        city.volunteer.id,
        since_on=MONDAY + timedelta(days=3),
        until_on=None,
        reason="住院手术",
        at=NOW,
    )
    assert city.volunteer.state is VolunteerState.ACTIVE
    assert begin_due_pauses(at=NOW + timedelta(days=2)) == 0
    assert begin_due_pauses(at=NOW + timedelta(days=3)) == 1
    assert begin_due_pauses(at=NOW + timedelta(days=3)) == 0
    assert city.volunteer.state is VolunteerState.PAUSED


@pytest.mark.parametrize(
    ("since", "until", "reason", "code"),
    [
        (-1, 3, "公出", "wrong_dates"),
        (3, 1, "公出", "wrong_dates"),
        (1, 500, "公出", "wrong_dates"),
        (1, 3, " ", "reason_missing"),
    ],
)
def test_a_pause_needs_a_reason_and_days_that_make_sense(
    city: City, organizer: Actor, since: int, until: int, reason: str, code: str
) -> None:
    with refused(code):
        pause_volunteer(
            organizer,
            city.volunteer.id,
            since_on=MONDAY + timedelta(days=since),
            until_on=MONDAY + timedelta(days=until),
            reason=reason,
            at=NOW,
        )
    assert db.session.scalars(select(Pause)).all() == []


def test_leaving_shuts_the_login_and_returning_asks_anew(
    city: City, organizer: Actor, seats
) -> None:
    with refused("reason_missing"):
        let_go(organizer, city.volunteer.id, reason="", at=NOW)
    let_go(organizer, city.volunteer.id, reason="调离本市", at=NOW)
    assert states(seats) == [GONE, GONE, GONE]
    assert city.volunteer.state is VolunteerState.LEFT
    assert city.volunteer_account.is_disabled
    with refused("already_so"):
        let_go(organizer, city.volunteer.id, reason="调离本市", at=NOW)
    take_back(organizer, city.volunteer.id, at=NOW)
    assert city.volunteer.state is VolunteerState.AWAITING_CONSENT
    with refused("not_yours"):
        let_go(actor_of(city.other_organizer, at=NOW), city.volunteer.id, reason="乱来", at=NOW)
