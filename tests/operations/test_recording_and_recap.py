"""The duty of recording by activity, its reminders, and the recap that asks the person."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.builders import (
    MONDAY,
    a_city,
    a_shift,
    a_volunteer,
    an_account,
    an_activity,
    an_assignment,
)
from tests.counting import count_queries
from tests.records import a_record
from tests.refusals import refused
from volunteer.domain.access import Actor
from volunteer.domain.terms import Nature, ShiftState
from volunteer.domain.timekeeping import beijing
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry, Message
from volunteer.models.tickets import RecordConfirmation
from volunteer.operations.recap import confirm_month, confirm_record, tell_recap
from volunteer.operations.recording import remind_recording
from volunteer.queries.accounts import actor_of
from volunteer.queries.recap import last_month, my_recap, people_to_ask, recap_waiting
from volunteer.queries.recording import recording_of, recordings_page, recordings_to_remind

NOON = 12 * 60


def noon(on: date) -> datetime:
    return beijing(on, NOON)


@pytest.fixture
def city(app: Any) -> Any:
    return a_city()


def ended(city: Any, on: date, **given: Any) -> Any:
    """An activity of the unit with two shifts, the last on a day."""
    activity = an_activity(city.unit, starts_on=on - timedelta(days=3), ends_on=on)
    a_shift(activity, city.point, on=on - timedelta(days=3), corner="早", **given)
    a_shift(activity, city.point, on=on, **given)
    db.session.commit()
    return activity


def settle(activity: Any, at: datetime) -> None:
    from volunteer.models.activities import Shift

    for shift in db.session.scalars(select(Shift).where(Shift.activity_id == activity.id)):
        shift.state, shift.settled_at = ShiftState.SETTLED, at
    db.session.commit()


@pytest.mark.parametrize(
    ("ended_on", "due_on"),
    [
        (date(2025, 12, 31), date(2026, 1, 15)),
        (date(2026, 2, 12), date(2026, 3, 4)),
        (date(2026, 4, 30), date(2026, 5, 18)),
        (date(2026, 6, 12), date(2026, 6, 29)),
        (date(2026, 9, 18), date(2026, 10, 9)),
        (date(2026, 9, 30), date(2026, 10, 20)),
    ],
)
def test_ten_working_days_after_the_last_shift(city: Any, ended_on: date, due_on: date) -> None:
    found = recording_of(ended(city, ended_on).id, at=noon(ended_on))
    assert found is not None
    assert (found.ended_on, found.due_on, found.shifts, found.unsettled) == (ended_on, due_on, 2, 2)


def test_a_night_shift_ends_on_the_next_day(city: Any) -> None:
    on = date(2026, 9, 17)
    activity = ended(city, on)
    before = recording_of(activity.id, at=noon(on))
    a_shift(activity, city.point, on=on, start="23:00", ends_at=beijing(on, 25 * 60))
    db.session.commit()
    after = recording_of(activity.id, at=noon(on))
    assert before is not None
    assert after is not None
    assert (before.due_on, after.due_on) == (date(2026, 10, 8), date(2026, 10, 9))


def test_an_activity_goes_through_its_stages(city: Any) -> None:
    activity = ended(city, MONDAY)  # due on 7 December
    stages = [
        (MONDAY - timedelta(days=1), "running"),
        (MONDAY, "open"),
        (date(2026, 12, 2), "soon"),
        (date(2026, 12, 7), "today"),
        (date(2026, 12, 8), "late"),
    ]
    for on, stage in stages:
        found = recording_of(activity.id, at=noon(on))
        assert found is not None
        assert found.stage == stage, on
    settle(activity, noon(date(2026, 12, 7)))
    assert recording_of(activity.id, at=noon(date(2026, 12, 20))).stage == "done"  # type: ignore[union-attr]
    settle(activity, noon(date(2026, 12, 9)))
    found = recording_of(activity.id, at=noon(date(2026, 12, 20)))
    assert found is not None
    assert (found.stage, found.days_left) == ("done_late", -2)


def test_shifts_that_did_not_take_place_are_no_duty(city: Any) -> None:
    activity = an_activity(city.unit)
    a_shift(activity, city.point, on=MONDAY, state=ShiftState.CANCELLED)
    a_shift(activity, city.point, on=MONDAY, state=ShiftState.PLANNED, corner="南")
    db.session.commit()
    assert recording_of(activity.id, at=noon(MONDAY)) is None


def test_the_list_is_by_reach_and_counts_what_is_late(city: Any) -> None:
    early, late = ended(city, MONDAY), ended(city, MONDAY - timedelta(days=21))
    at = noon(date(2026, 12, 2))
    desk = actor_of(city.organizer, at=at)
    page = recordings_page(desk, at=at)
    assert [line.activity_id for line in page.lines] == [late.id, early.id]
    assert (page.total, page.open, page.late) == (2, 2, 1)
    assert recordings_page(desk, at=at, stand="late").total == 1
    assert recordings_page(desk, at=at, stand="done").total == 0
    assert recordings_page(desk, at=at, q="没有这个").total == 0
    other = actor_of(city.other_organizer, at=at)
    assert recordings_page(other, at=at).total == 0
    assert recordings_page(actor_of(city.district_admin, at=at), at=at).total == 2
    settle(late, at)
    assert recordings_page(desk, at=at, stand="done").lines[0].stage == "done_late"


def test_reminders_come_before_on_and_weekly_after_the_day(city: Any) -> None:
    activity = ended(city, MONDAY)
    told: dict[str, int] = {}
    for days in range(40):
        at = noon(MONDAY + timedelta(days=days))
        for line in recordings_to_remind(at=at):
            assert line.activity_id == activity.id
            told[line.stage] = told.get(line.stage, 0) + remind_recording(line, at=at)
        db.session.commit()
    assert told["soon"] == 1
    assert told["today"] == 1
    weeks = {(MONDAY + timedelta(days=d)).isocalendar().week for d in range(15, 40)}
    assert told["late"] == 2 * len(weeks), "the organizer and the district, once a week"
    settle(activity, noon(MONDAY + timedelta(days=41)))
    assert recordings_to_remind(at=noon(MONDAY + timedelta(days=42))) == []


def test_listing_costs_the_same_for_ten_and_for_a_hundred(city: Any) -> None:
    at = noon(date(2026, 12, 2))
    desk = actor_of(city.organizer, at=at)
    costs = []
    for _ in range(2):
        for _n in range(12):
            ended(city, MONDAY)
        with count_queries() as sent:
            recordings_page(desk, at=at)
        costs.append(len(sent))
    assert costs[0] + 12 >= costs[1], costs


# ---- the recap -------------------------------------------------------------------------------

OCTOBER = date(2026, 10, 12)
FIRST = date(2026, 11, 1)


def mine(city: Any, at: datetime) -> Actor:
    return actor_of(city.volunteer_account, at=at)


def test_people_are_asked_once_on_the_first_days(city: Any) -> None:
    a_record(city.unit, city.volunteer, on=OCTOBER)
    a_record(city.unit, a_volunteer(city.unit), on=date(2026, 9, 10))
    db.session.commit()
    assert people_to_ask(at=noon(date(2026, 11, 4))) == []
    assert people_to_ask(at=noon(FIRST)) == [city.volunteer.id]
    assert tell_recap([city.volunteer.id], at=noon(FIRST)) == 1
    db.session.commit()
    assert people_to_ask(at=noon(date(2026, 11, 2))) == []
    assert tell_recap([city.volunteer.id], at=noon(FIRST)) == 0
    message = db.session.scalars(select(Message).where(Message.topic == "recap")).one()
    assert (message.title, message.link) == ("10月服务小结：这些对吗？", "/me/recap/2026-10")


def test_one_tap_for_one_and_one_for_all(city: Any) -> None:
    at = noon(date(2026, 11, 2))
    records = [
        a_record(city.unit, city.volunteer, on=OCTOBER + timedelta(days=n)) for n in range(3)
    ]
    a_record(city.unit, city.volunteer, on=OCTOBER, nature=Nature.DUTY)
    db.session.commit()
    me = mine(city, at)
    recap = my_recap(me, last_month(at.date()), at=at)
    assert (len(recap.lines), recap.minutes, recap.duty_minutes) == (4, 180, 60)
    assert recap_waiting(me, at=at) == 4
    confirm_record(me, record_id=records[0].id, at=at)
    confirm_record(me, record_id=records[0].id, at=at)
    db.session.commit()
    assert len(db.session.scalars(select(RecordConfirmation)).all()) == 1
    assert confirm_month(me, date(2026, 10, 1), at=at) == 3
    db.session.commit()
    assert recap_waiting(me, at=at) == 0
    assert confirm_month(me, date(2026, 10, 1), at=at) == 0
    lines = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "confirm_record")).all()
    assert len(lines) == 4
    with refused("not_found"):
        confirm_record(
            actor_of(city.other_volunteer_account, at=at), record_id=records[1].id, at=at
        )


def test_after_the_window_nothing_waits(city: Any) -> None:
    a_record(city.unit, city.volunteer, on=OCTOBER)
    db.session.commit()
    assert recap_waiting(mine(city, noon(date(2026, 11, 7))), at=noon(date(2026, 11, 7))) == 1
    late = noon(date(2026, 11, 8))
    assert recap_waiting(mine(city, late), at=late) == 0


def test_what_is_missing_is_shown_too(city: Any) -> None:
    at = noon(FIRST)
    activity = an_activity(city.unit)
    shift = a_shift(activity, city.point, on=OCTOBER, state=ShiftState.SETTLED, settled_at=at)
    an_assignment(shift, city.volunteer)
    an_account(volunteer=a_volunteer(city.unit))
    db.session.commit()
    recap = my_recap(mine(city, at), date(2026, 10, 1), at=at)
    assert [line.shift.id for line in recap.missing] == [shift.id]
    assert recap.lines == []
