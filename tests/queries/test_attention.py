from datetime import date, timedelta

import pytest
from flask import Flask

from tests.builders import (
    MONDAY,
    NOW,
    a_city,
    a_point,
    a_shift,
    a_volunteer,
    an_activity,
    an_assignment,
)
from tests.counting import count_queries
from tests.operations.test_activities import stamp
from volunteer.domain.terms import ActivityState, AssignmentState, DraftState, ShiftState
from volunteer.models.attendance import CheckIn, StampCancellation
from volunteer.models.base import db
from volunteer.models.rosters import DraftRoster
from volunteer.queries.accounts import actor_of
from volunteer.queries.attention import (
    activity_drafts,
    records_due,
    roster_drafts,
    shortages,
    todays_shifts,
    waiting_seats,
)


def test_today_names_who_should_be_here_and_is_not(app: Flask) -> None:
    city = a_city()
    activity = an_activity(city.unit)
    running = a_shift(activity, city.point)  # 07:30 to 08:30, and NOW is 08:00
    later = a_shift(activity, city.point, start="17:30", end="18:30")
    over = a_shift(activity, city.point, start="06:00", end="07:00")
    here, absent = a_volunteer(city.unit, "到了"), a_volunteer(city.unit, "没到")
    stamp(running, an_assignment(running, here))
    an_assignment(running, absent)
    an_assignment(running, a_volunteer(city.unit), AssignmentState.PROPOSED)
    an_assignment(later, absent)
    today = todays_shifts(actor_of(city.organizer, at=NOW), at=NOW)
    assert [entry.line.id for entry in today] == [running.id, later.id, over.id]
    assert [entry.stands for entry in today] == ["running", "ahead", "over"]
    assert (today[0].present, today[0].missing) == (1, ("没到",))
    assert today[1].missing == ()


def test_a_stamp_taken_back_leaves_the_person_missing(app: Flask) -> None:
    city = a_city()
    shift = a_shift(an_activity(city.unit), city.point)
    stamp(shift, an_assignment(shift, city.volunteer))
    taken = db.session.query(CheckIn).one()
    db.session.add(StampCancellation(stamp_id=taken.id, at=NOW, by_account_id=1, reason="扫错人"))
    db.session.flush()
    (entry,) = todays_shifts(actor_of(city.organizer, at=NOW), at=NOW)
    assert (entry.present, entry.missing) == (0, (city.volunteer.name,))


def test_shortages_are_those_ahead_in_two_weeks(app: Flask) -> None:
    city = a_city()
    activity = an_activity(city.unit, ends_on=MONDAY + timedelta(days=30))
    a_shift(activity, city.point)  # begun
    soon = a_shift(activity, city.point, on=MONDAY + timedelta(days=1))
    an_assignment(soon, city.volunteer)
    a_shift(activity, city.point, on=MONDAY + timedelta(days=8), min_heads=3)
    a_shift(activity, city.point, on=MONDAY + timedelta(days=14))
    a_shift(activity, city.point, on=MONDAY + timedelta(days=2), state=ShiftState.CANCELLED)
    a_shift(an_activity(city.other_unit), a_point(city.other_district), on=soon.service_on)
    this, following = shortages(actor_of(city.organizer, at=NOW), at=NOW)
    assert (this.shifts, this.heads, [line.id for line in this.first]) == (1, 1, [soon.id])
    assert (following.shifts, following.heads) == (1, 3)


def test_seats_without_an_answer_are_counted_and_the_near_ones_apart(app: Flask) -> None:
    city = a_city()
    activity = an_activity(city.unit)
    near = a_shift(activity, city.point, on=MONDAY + timedelta(days=1))
    far = a_shift(activity, city.point, on=MONDAY + timedelta(days=5))
    for shift in (near, far, far):
        an_assignment(shift, a_volunteer(city.unit), AssignmentState.PROPOSED)
    an_assignment(near, city.volunteer)
    waiting = waiting_seats(actor_of(city.organizer, at=NOW), at=NOW)
    assert (waiting.seats, waiting.soon) == (3, 1)
    assert [(line.id, count) for line, count in waiting.first] == [(near.id, 1), (far.id, 2)]


def test_records_are_due_ten_working_days_after_the_day(app: Flask) -> None:
    city = a_city()
    activity = an_activity(city.unit, starts_on=date(2026, 9, 1))
    a_shift(activity, city.point, on=date(2026, 9, 30))  # over the holidays: due 2026-10-20
    a_shift(activity, city.point, on=date(2026, 11, 20))
    a_shift(activity, city.point, on=date(2026, 11, 19), state=ShiftState.SETTLED)
    a_shift(activity, city.point, on=date(2026, 11, 18), state=ShiftState.PLANNED)
    a_shift(activity, city.point, on=MONDAY + timedelta(days=1))
    due = records_due(actor_of(city.organizer, at=NOW), at=NOW)
    assert [(d.on, d.due_on) for d in due] == [
        (date(2026, 9, 30), date(2026, 10, 20)),
        (date(2026, 11, 20), date(2026, 12, 4)),
    ]
    assert [d.is_overdue for d in due] == [True, False]
    assert due[0].workdays_left == -24
    assert due[1].workdays_left == 9


def test_drafts_of_the_own_reach_wait(app: Flask) -> None:
    city = a_city()
    draft = an_activity(city.unit, state=ActivityState.DRAFT)
    an_activity(city.other_unit, state=ActivityState.DRAFT)
    for unit_id, state in ((city.unit.id, DraftState.OPEN), (city.unit.id, DraftState.DISCARDED),
                           (city.other_unit.id, DraftState.OPEN)):  # fmt: skip
        db.session.add(DraftRoster(week_on=MONDAY, unit_id=unit_id, state=state, created_at=NOW))
    db.session.flush()
    actor = actor_of(city.organizer, at=NOW)
    assert activity_drafts(actor) == (1, [(draft.id, draft.title, draft.starts_on)])
    assert [line.whose for line in roster_drafts(actor)] == [city.unit.name]
    assert activity_drafts(actor_of(city.auditor, at=NOW))[0] == 0


@pytest.mark.parametrize("count", [10, 1000])
def test_the_desk_costs_the_same_few_queries_whatever_the_day(app: Flask, count: int) -> None:
    city = a_city()
    activity = an_activity(city.unit)
    for number in range(count):
        shift = a_shift(
            activity, city.point, on=MONDAY + timedelta(days=number % 3), corner=f"{number}"
        )
        if number % 5 == 0:
            an_assignment(shift, city.volunteer, AssignmentState.PROPOSED)
    actor = actor_of(city.city_admin, at=NOW)
    db.session.commit()
    with count_queries() as sent:
        todays_shifts(actor, at=NOW)
        shortages(actor, at=NOW)
        waiting_seats(actor, at=NOW)
        records_due(actor, at=NOW)
        roster_drafts(actor)
        activity_drafts(actor)
    assert len(sent) <= 16
