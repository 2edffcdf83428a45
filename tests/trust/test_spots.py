"""Spot checks: drawn by a secret that was committed to, answered by scan or eye; who is missed waits, nobody loses."""

import hashlib
import hmac
import random
import secrets
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.builders import MONDAY
from tests.operations.test_attendance import clock
from tests.refusals import refused
from tests.trust.scenes import Street
from volunteer.domain import spot
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import SpotState, StampKind
from volunteer.domain.timekeeping import Window, beijing
from volunteer.domain.token import rotating_code, spot_code
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry, Message
from volunteer.models.ledger import LedgerEntry
from volunteer.models.trust import SpotCheck, SpotDay, SpotPerson, TrustCase
from volunteer.operations.ledger import approve_pending
from volunteer.operations.trust import (
    begin_spot_checks,
    carry_out,
    end_spot_checks,
    look_at_settled,
    secret_of_day,
    show_up,
    vouch_for,
)
from volunteer.queries.trust.spots import register, spot_of

SHIFT = Window(clock("07:30"), clock("08:30"))


@pytest.fixture
def street(app: Any) -> Street:
    """The shift, with everything drawn."""
    street = Street()
    secret_of_day(MONDAY, at=clock("00:10") - timedelta(days=1))
    db.session.execute(update(SpotDay).values(percent=100))
    db.session.commit()
    return street


def test_the_draw_follows_the_published_rule_and_its_share() -> None:
    secret = bytes(range(32))
    by_hand = hmac.new(secret, b"volunteer-spot/1:42", hashlib.sha256).digest()
    assert spot.is_drawn(secret, 42, 50) == (by_hand[0] < 128)
    assert spot.commitment(secret) == hashlib.sha256(b"volunteer-spot/1\0" + secret).digest()
    drawn = sum(spot.is_drawn(secret, shift, 5) for shift in range(20_000))
    assert 850 < drawn < 1150
    assert not any(spot.is_drawn(secret, shift, 0) for shift in range(1000))
    assert all(spot.is_drawn(secret, shift, 100) for shift in range(1000))
    with pytest.raises(ValueError, match="32"):
        spot.is_drawn(b"short", 1, 5)


def test_the_moment_lies_in_the_middle_half() -> None:
    for _ in range(500):
        moment = spot.moment(secrets.token_bytes(32), random.randrange(10**6), SHIFT)
        assert clock("07:45") <= moment < clock("08:15")


def test_another_days_secret_says_nothing_about_this_one() -> None:
    """Knowing yesterday's secret and result predicts today's no better than the share."""
    one, other = secrets.token_bytes(32), secrets.token_bytes(32)
    both = sum(
        spot.is_drawn(one, shift, 50) == spot.is_drawn(other, shift, 50) for shift in range(4000)
    )
    assert 1850 < both < 2150


def test_the_secret_is_committed_to_before_and_shown_after(street: Street) -> None:
    day, secret = secret_of_day(MONDAY, at=clock("06:00"))
    assert secret_of_day(MONDAY, at=clock("06:01"))[1] == secret
    assert day.commitment == spot.commitment(secret)
    assert secret.hex() not in str(bytes(day.secret_cipher))
    line = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "spot_day")).one()
    assert day.commitment.hex() in line.sentence
    (during,) = register(at=clock("12:00"))
    assert (during.secret, during.drawn) == ("", ())
    begin_spot_checks(at=clock("08:20"))
    (after,) = [one for one in register(at=beijing(MONDAY, 1440)) if one.day == MONDAY]
    assert after.secret == secret.hex()
    assert after.drawn == (street.shift.id,)


def begun(street: Street) -> SpotCheck:
    street.scan("07:28")
    street.stamp(
        street.friend_account, clock("07:29"), device_id=street.phone(street.friend_account)
    )
    (check,) = begin_spot_checks(at=clock("08:16"))
    db.session.commit()
    return check


def test_a_check_begins_at_its_moment_once_and_tells_the_leader(street: Street) -> None:
    assert begin_spot_checks(at=clock("07:44")) == []
    check = begun(street)
    assert clock("07:45") <= check.due_at < clock("08:15")
    assert begin_spot_checks(at=clock("08:17")) == []
    told = db.session.scalars(select(Message).where(Message.topic == "spot")).one()
    assert told.volunteer_id == street.leader.id
    assert "现场抽查" in told.title


def test_seen_and_scanned_are_found_the_rest_waits_and_loses_nothing(street: Street) -> None:
    begun(street)
    with refused("not_a_spot_code"):
        code = rotating_code(
            street.city.point.secret, street.shift.id, StampKind.IN, clock("08:17")
        )
        show_up(street.person, text=code, at=clock("08:17"))
    code = spot_code(street.city.point.secret, street.shift.id, clock("08:17"))
    with refused("old_code"):
        show_up(street.person, text=code, at=clock("08:19"))
    row = show_up(street.person, text=code, at=clock("08:17"))
    assert show_up(street.person, text=code, at=clock("08:17")) is row
    rows = carry_out(street.lead, shift_id=street.shift.id, found_ids=[], at=clock("08:18"))
    db.session.commit()
    assert {r.volunteer_id: r.is_found for r in rows} == {
        street.city.volunteer.id: True,
        street.friend.id: False,
    }
    with refused("spot_over"):
        carry_out(street.lead, shift_id=street.shift.id, found_ids=[], at=clock("08:19"))
    street.settled()
    found, missed = street.record_of(street.city.volunteer), street.record_of(street.friend)
    assert (found.credited_minutes, found.pending_minutes) == (60, 0)
    assert (missed.credited_minutes, missed.pending_minutes) == (0, 60)
    assert missed.pending[0]["doubts"] == ["spot_missed"]
    assert db.session.scalars(select(LedgerEntry)).one().volunteer_id == street.city.volunteer.id
    look_at_settled(street.shift.id, at=clock("09:10"))
    case = db.session.scalars(select(TrustCase)).one()
    assert case.volunteer_id == street.friend.id
    approve_pending(street.desk, record_id=missed.id, at=clock("09:30"), reason="带队证实在岗")
    assert street.record_of(street.friend).credited_minutes == 60


def test_the_leaders_word_afterwards_lets_the_hours_count(street: Street) -> None:
    begun(street)
    carry_out(street.lead, shift_id=street.shift.id, found_ids=[], at=clock("08:18"))
    with refused("not_here"):
        vouch_for(
            street.desk,
            shift_id=street.shift.id,
            volunteer_id=street.leader.id,
            reason="",
            at=clock("08:20"),
        )
    for person in (street.friend, street.city.volunteer):
        vouch_for(
            street.lead,
            shift_id=street.shift.id,
            volunteer_id=person.id,
            reason="在对面路口",
            at=clock("08:21"),
        )
    street.settled()
    assert street.record_of(street.friend).credited_minutes == 60


def test_a_check_that_nobody_ran_blames_nobody_on_site(street: Street) -> None:
    check = begun(street)
    assert end_spot_checks(at=clock("08:20")) == 0
    assert end_spot_checks(at=check.expires_at + timedelta(seconds=1)) == 1
    assert check.state is SpotState.UNRUN
    with refused("spot_over"):
        carry_out(street.lead, shift_id=street.shift.id, found_ids=[], at=clock("08:40"))
    street.settled()
    assert street.record_of(street.friend).credited_minutes == 60
    assert db.session.scalars(select(SpotPerson)).all() == []
    assert spot_of(street.shift.id) is not None


def test_only_who_runs_the_site_calls_the_roll(street: Street) -> None:
    begun(street)
    for account in (street.city.other_organizer, street.friend_account):
        with pytest.raises(Refused):
            carry_out(
                street.actor(account), shift_id=street.shift.id, found_ids=[], at=clock("08:18")
            )
    db.session.delete(db.session.scalars(select(SpotCheck)).one())
    db.session.flush()
    with refused("no_spot"):
        carry_out(street.lead, shift_id=street.shift.id, found_ids=[], at=clock("08:18"))
