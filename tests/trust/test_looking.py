"""What the clock looks at, from real rows: each shift and each day once, units from above, lists of any size in few statements."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.builders import MONDAY, a_volunteer
from tests.counting import count_queries
from tests.operations.test_attendance import clock
from tests.records import a_record
from tests.trust.scenes import Street
from volunteer.domain.policy import STANDARD
from volunteer.domain.signals import Sighting
from volunteer.domain.terms import CaseState, CaseSubject, Nature, Signal, SpotState, StampKind
from volunteer.domain.timekeeping import beijing
from volunteer.jobs import queue, tasks_trust
from volunteer.models.activities import Activity
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry
from volunteer.models.ledger import LedgerEntry
from volunteer.models.people import DeviceSession
from volunteer.models.trust import CaseEvidence, SpotCheck, SpotDay, TrustCase, TrustLook
from volunteer.operations.trust import look_at_units, open_cases, secret_of_day
from volunteer.queries.trust.cases import cases_of
from volunteer.queries.trust.figures import trust_figures
from volunteer.queries.trust.looking import people_seen, plans_seen, shift_seen
from volunteer.queries.trust.units import unit_seen


@pytest.fixture
def street(app: Any) -> Street:
    return Street()


def set_clock(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(tasks_trust, "now", lambda: moment)


def test_the_worker_knows_the_tasks_of_trust(app: Any) -> None:
    queue.load_tasks()
    names = [name for name, _, _ in queue.PERIODIC]
    for name in ("spot_checks", "look_at_settled", "look_at_units", "lapse_appeals"):
        assert names.count(name) == 1


def test_a_day_of_the_clock(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    secret_of_day(MONDAY, at=clock("06:00"))
    db.session.execute(update(SpotDay).values(percent=100))
    street.share_a_phone()
    db.session.commit()
    set_clock(monkeypatch, clock("08:20"))
    assert tasks_trust.spot_checks() == 1
    assert tasks_trust.spot_checks() == 0
    set_clock(monkeypatch, clock("08:40"))
    tasks_trust.spot_checks()
    assert db.session.scalars(select(SpotCheck.state)).one() is SpotState.UNRUN
    db.session.rollback()
    set_clock(monkeypatch, clock("09:00"))
    assert tasks_trust.look_at_all_settled() == 0, "nothing is settled yet"
    street.settled("09:05")
    set_clock(monkeypatch, clock("09:10"))
    assert tasks_trust.look_at_all_settled() == 1
    assert tasks_trust.look_at_all_settled() == 0
    set_clock(monkeypatch, clock("00:30") + timedelta(days=1))
    tasks_trust.look_at_yesterday()
    tasks_trust.look_at_yesterday()
    assert [look.day for look in db.session.scalars(select(TrustLook))] == [MONDAY]
    assert tasks_trust.lapse_appeals() == 0


def test_what_the_rules_are_shown_of_a_shift_and_its_people(street: Street) -> None:
    street.may_be_located(street.city.volunteer)
    street.share_a_phone()
    street.settled()
    seen = shift_seen(street.shift.id)
    assert len({stamp.device for stamp in seen.stamps}) == 1
    assert {stamp.volunteer_id for stamp in seen.stamps} == {
        street.city.volunteer.id,
        street.friend.id,
    }
    assert db.session.scalars(select(DeviceSession.mark)).all()
    (one,) = people_seen([street.friend.id], since=clock("06:00"), until=clock("23:00"))
    assert [stamp.kind for stamp in one.stamps] == [StampKind.IN, StampKind.OUT]
    assert [stay.window.minutes for stay in one.stays] == [63]
    (plan,) = plans_seen(MONDAY, MONDAY)
    assert (plan.minutes, plan.shift_id) == (60, street.shift.id)


def test_invented_hours_and_reviews_without_reading_open_a_case_on_the_unit(
    street: Street,
) -> None:
    unit, at = street.city.unit, clock("12:00")
    lonely = a_record(unit, a_volunteer(unit), on=MONDAY, minutes=300, grade="D")
    activity = db.session.get(Activity, lonely.activity_id)
    assert activity is not None
    activity.published_at = clock("10:00")
    for n in range(9):
        db.session.add(
            AuditEntry(
                at=at + timedelta(seconds=2 * n),
                account_id=street.city.organizer.id,
                actor_name="账号",
                act="restate_record",
                subject="service_record",
                subject_id=n,
                unit_id=unit.id,
                sentence="更正",
                request_id=f"request-{n}",
            )
        )
    db.session.flush()
    seen = unit_seen(unit.id, MONDAY.replace(day=1), MONDAY)
    assert (len(seen.activities), len(seen.reviews)) == (1, 9)
    entries = len(db.session.scalars(select(LedgerEntry)).all())
    (case,) = look_at_units(MONDAY, at=at + timedelta(days=1))
    assert (case.subject, case.unit_id) == (CaseSubject.UNIT, unit.id)
    codes = set(db.session.scalars(select(CaseEvidence.code)))
    assert codes == {Signal.SELF_DEALING, Signal.LATE_NOTICE, Signal.FAST_REVIEWS}
    assert look_at_units(MONDAY, at=at + timedelta(days=1)) == []
    assert len(db.session.scalars(select(LedgerEntry)).all()) == entries, "no hour was touched"


def test_hours_on_top_of_duty_are_seen(street: Street) -> None:
    unit, person = street.city.unit, street.city.volunteer
    a_record(unit, person, on=MONDAY, minutes=90, nature=Nature.DUTY)
    a_record(unit, person, on=MONDAY, minutes=60)
    (one,) = people_seen([person.id], since=clock("00:00"), until=clock("23:00"))
    assert {stay.nature for stay in one.stays} == {Nature.DUTY, Nature.VOLUNTEER}
    from volunteer.domain.signals import look_at_person

    assert [found.code for found in look_at_person(one)] == [Signal.DOUBLE_TIME]


def some_cases(street: Street, first: int, count: int) -> None:
    """Cases on so many people, closed so that each may have another."""
    for n in range(first, first + count):
        person = a_volunteer(street.city.unit)
        open_cases(
            [
                Sighting(
                    Signal.TRAVEL,
                    CaseSubject.PERSON,
                    person.id,
                    60,
                    "相距 %(km)s 公里",
                    {"km": "9"},
                    f"many:{n}",
                    street.shift.id,
                )
            ],
            STANDARD,
            at=clock("09:00"),
        )
    db.session.commit()


def test_lists_take_as_many_statements_for_many_cases_as_for_few(street: Street) -> None:
    office = street.actor(street.city.city_admin)
    counts = []
    for first, count in ((0, 10), (10, 200)):
        some_cases(street, first, count)
        with count_queries() as sent:
            page = cases_of(street.desk)
            trust_figures(office, at=clock("10:00"))
        counts.append(len(sent))
    assert counts[0] == counts[1]
    assert page.total == 210
    assert page.waiting == {CaseState.OPEN: 210}


def test_figures_say_how_often_a_signal_was_right(street: Street) -> None:
    some_cases(street, 0, 4)
    cases = list(db.session.scalars(select(TrustCase).order_by(TrustCase.id)))
    for case, state in zip(
        cases, (CaseState.CLEARED, CaseState.CORRECTED, CaseState.CLOSED), strict=False
    ):
        case.state, case.is_open = state, False
    db.session.commit()
    figures = trust_figures(street.actor(street.city.city_admin), at=clock("10:00"))
    (line,) = figures.signals
    assert (line.cases, line.waiting, line.cleared, line.corrected) == (4, 1, 1, 2)
    assert line.right_percent == 67
    assert figures.units[0].waiting == 1
    stranger = trust_figures(street.actor(street.city.auditor), at=clock("10:00"))
    assert stranger.total == 4


def test_a_days_secret_is_of_its_beijing_day(street: Street) -> None:
    day, _ = secret_of_day(date(2026, 11, 30), at=beijing(MONDAY, 10))
    assert (day.day, day.percent) == (date(2026, 11, 30), STANDARD.spot_check_percent)
