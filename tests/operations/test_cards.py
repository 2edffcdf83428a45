"""Paper cards: scanned by a leader as grade C, as a roll-call by who made them, and worth nothing once replaced or lost."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.operations.test_attendance import clock
from tests.refusals import refused
from tests.trust.scenes import Street
from volunteer.domain.terms import DeferredState, Grade, VolunteerState, Way
from volunteer.domain.token import card_code
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry, Message
from volunteer.models.people import Volunteer
from volunteer.operations.attendance import stamp_scanned
from volunteer.operations.offline import receive
from volunteer.operations.people.cards import issue_card, void_card
from volunteer.queries.people.card import card_for
from volunteer.queries.trust.doubts import doubted_on


@pytest.fixture
def street(app: Flask) -> Street:
    return Street()


def _card(person: Volunteer, issue: int = 1) -> str:
    return card_code(person.personal_secret, person.id, issue)


def _scan(street: Street, actor: Any, text: str, at: str = "07:28") -> Any:
    row = stamp_scanned(
        actor, shift_id=street.shift.id, scanned=text, touch=street.touch(), at=clock(at)
    )
    db.session.commit()
    return row


def test_a_card_is_evidence_of_grade_c_for_ever(street: Street) -> None:
    person = street.city.volunteer
    issue_card(street.person, person.id, at=clock("06:00"))
    db.session.commit()
    assert card_for(street.person, person.id).is_valid
    row = _scan(street, street.lead, _card(person))
    assert (row.way, row.grade, row.volunteer_id) == (Way.PAPER_CARD, Grade.C, person.id)
    out = _scan(street, street.lead, _card(person), "08:31")
    assert out.way is Way.PAPER_CARD
    street.settled()
    record = street.record_of(person)
    assert (record.grade, record.credited_minutes) == (Grade.C, 60)
    told = select(Message).where(Message.volunteer_id == person.id, Message.topic == "stamp")
    assert len(db.session.scalars(told).all()) == 2, "whose card it is hears of each scan"


def test_who_made_the_card_and_scans_it_gives_the_own_word(street: Street) -> None:
    person = street.city.volunteer
    issue_card(street.desk, person.id, at=clock("06:00"))
    db.session.commit()
    assert _scan(street, street.desk, _card(person)).grade is Grade.D
    assert _scan(street, street.lead, _card(person), "08:31").grade is Grade.C


def test_an_old_or_lost_card_is_turned_away(street: Street) -> None:
    person = street.city.volunteer
    with refused("bad_code"):
        _scan(street, street.lead, card_code(b"x" * 32, person.id, 1))
    with refused("old_card"):
        _scan(street, street.lead, _card(person, 1))
    issue_card(street.person, person.id, at=clock("06:00"))
    assert issue_card(street.person, person.id, at=clock("06:01")).card_issue == 2
    with refused("old_card"):
        _scan(street, street.lead, _card(person, 1))
    void_card(street.person, person.id, at=clock("06:02"))
    assert card_for(street.person, person.id).is_lost
    with refused("old_card"):
        _scan(street, street.lead, _card(person, 2))
    with refused("no_card"):
        void_card(street.person, person.id, at=clock("06:03"))
    with refused("not_found"):
        card_for(street.person, person.id, is_needed=True)
    assert issue_card(street.person, person.id, at=clock("06:04")).card_issue == 3
    acts = db.session.scalars(
        select(AuditEntry.act).where(AuditEntry.act.like("%_card")).order_by(AuditEntry.id)
    ).all()
    assert acts == ["issue_card", "issue_card", "void_card", "issue_card"]


def test_who_may_make_a_card(street: Street) -> None:
    with refused("not_allowed"):
        issue_card(street.person, street.friend.id, at=clock("06:00"))
    with refused("not_yours"):
        issue_card(street.actor(street.city.other_organizer), street.friend.id, at=clock("06:00"))
    street.friend.state = VolunteerState.PAUSED
    with refused("not_active"):
        issue_card(street.desk, street.friend.id, at=clock("06:00"))


def test_a_card_answers_no_doubt(street: Street) -> None:
    """Somebody who shared a phone is not confirmed by a card that a friend may have brought."""
    issue_card(street.actor(street.friend_account), street.friend.id, at=clock("06:00"))
    for account, minute in (
        (street.city.volunteer_account, "07:28"),
        (street.friend_account, "07:29"),
    ):
        phone = street.phone(account, b"m" * 32)
        street.stamp(account, clock(minute), device_id=phone)
    _scan(street, street.lead, _card(street.friend), "08:31")
    assert [person.id for person, _ in doubted_on(street.shift.id, at=clock("08:45"))] == [
        street.friend.id
    ]


def test_a_card_scanned_without_a_signal(street: Street) -> None:
    person = street.city.volunteer
    issue_card(street.person, person.id, at=clock("06:00"))
    db.session.commit()
    item = {
        "nonce": "card-nonce-0001",
        "source": "scan",
        "act": "in",
        "device_at": int(clock("07:28").timestamp() * 1000),
        "offset": 0,
        "shift": street.shift.id,
        "code": _card(person),
    }
    row = receive(street.lead, item, device_id=None, at=clock("07:40"))
    assert (row.state, row.way, row.grade) == (DeferredState.RECORDED, Way.PAPER_CARD, Grade.C)
    old = {**item, "nonce": "card-nonce-0002", "code": _card(person, 7)}
    assert receive(street.lead, old, device_id=None, at=clock("07:41")).state is (
        DeferredState.REFUSED
    )
