from datetime import timedelta

import pytest
from flask import Flask

from tests.builders import (
    MONDAY,
    NOW,
    a_city,
    a_kind,
    a_shift,
    a_volunteer,
    an_activity,
    an_assignment,
)
from tests.counting import count_queries
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import ActivityState, AssignmentState, ShiftState
from volunteer.models.activities import JointUnit
from volunteer.models.base import db
from volunteer.queries.accounts import actor_of
from volunteer.queries.activities import (
    PER_PAGE,
    Wanted,
    activities_page,
    activity_for,
    batches_of,
    facts_for,
    shifts_of_activity,
    weeks_of_activity,
)


def titles(actor, **by) -> list[str]:
    return sorted(row.title for row in activities_page(actor, Wanted(**by), page=1, at=NOW).rows)


def test_a_list_is_narrowed_by_state_kind_unit_dates_words_and_initials(app: Flask) -> None:
    city = a_city()
    kind = a_kind()
    an_activity(city.unit, title="周一劝导", pinyin="zyqd", kind_id=kind.id)
    an_activity(
        city.unit,
        title="清洁家园",
        pinyin="qjjy",
        state=ActivityState.DRAFT,
        starts_on=MONDAY + timedelta(days=60),
        ends_on=MONDAY + timedelta(days=70),
    )
    an_activity(city.other_unit, title="双清劝导_夜", pinyin="sqqd")
    boss = actor_of(city.city_admin, at=NOW)
    assert titles(boss, words="劝导") == ["双清劝导_夜", "周一劝导"]
    assert titles(boss, words="QJ") == ["清洁家园"]
    assert titles(boss, words="_") == ["双清劝导_夜"]
    assert titles(boss, state=ActivityState.DRAFT) == ["清洁家园"]
    assert titles(boss, kind_id=kind.id) == ["周一劝导"]
    assert titles(boss, unit_id=city.other_unit.id) == ["双清劝导_夜"]
    assert titles(boss, from_on=MONDAY + timedelta(days=30)) == ["清洁家园"]
    assert titles(boss, until_on=MONDAY) == ["双清劝导_夜", "周一劝导"]
    assert titles(actor_of(city.organizer, at=NOW)) == ["周一劝导", "清洁家园"]


def test_a_list_counts_shifts_ahead_and_those_that_lack_people(app: Flask) -> None:
    city = a_city()
    activity = an_activity(city.unit)
    a_shift(activity, city.point)  # begun before NOW
    full = a_shift(activity, city.point, on=MONDAY + timedelta(days=1), min_heads=1)
    an_assignment(full, city.volunteer, AssignmentState.PROPOSED)
    a_shift(activity, city.point, on=MONDAY + timedelta(days=2))
    a_shift(activity, city.point, on=MONDAY + timedelta(days=3), state=ShiftState.CANCELLED)
    (row,) = activities_page(actor_of(city.organizer, at=NOW), Wanted(), page=1, at=NOW).rows
    assert (row.shifts, row.upcoming, row.short) == (3, 2, 1)
    (week,) = weeks_of_activity(activity.id, at=NOW)
    assert (week.monday, week.shifts, week.short) == (MONDAY, 4, 1)
    assert len(shifts_of_activity(activity.id, first=MONDAY, days=2)) == 2
    assert batches_of(activity.id) == []


def test_pages_end_and_begin_where_they_should(app: Flask) -> None:
    city = a_city()
    for number in range(PER_PAGE + 3):
        an_activity(city.unit, title=f"活动{number:02d}")
    actor = actor_of(city.organizer, at=NOW)
    first = activities_page(actor, Wanted(order="title"), page=1, at=NOW)
    last = activities_page(actor, Wanted(order="title"), page=99, at=NOW)
    assert (first.total, first.pages, len(first.rows)) == (PER_PAGE + 3, 2, PER_PAGE)
    assert (last.page, [row.title for row in last.rows]) == (2, ["活动25", "活动26", "活动27"])


def test_a_joint_unit_sees_the_activity_and_others_do_not(app: Flask) -> None:
    city = a_city()
    activity = an_activity(city.unit)
    guest = actor_of(city.other_organizer, at=NOW)
    with pytest.raises(Refused) as no:
        activity_for(guest, activity.id)
    assert (no.value.code, no.value.status) == ("not_found", 404)
    db.session.add(JointUnit(activity_id=activity.id, unit_id=city.other_unit.id))
    db.session.flush()
    assert facts_for(guest, activity.id).joint_units == [(city.other_unit.id, city.other_unit.name)]
    assert titles(guest) == [activity.title]


@pytest.mark.parametrize("count", [10, 1000])
def test_a_list_costs_the_same_few_queries_whatever_its_size(app: Flask, count: int) -> None:
    city = a_city()
    kind = a_kind()
    for _ in range(count):
        an_activity(city.unit, kind_id=kind.id)
    actor = actor_of(city.organizer, at=NOW)
    db.session.commit()
    with count_queries() as sent:
        assert activities_page(actor, Wanted(), page=1, at=NOW).total == count
    assert len(sent) == 3


def test_a_page_of_one_activity_costs_the_same_whatever_its_shifts(app: Flask) -> None:
    city = a_city()
    activity = an_activity(city.unit)
    for number in range(300):
        shift = a_shift(
            activity, city.point, on=MONDAY + timedelta(days=number % 7), corner=f"{number}"
        )
        if number % 10 == 0:
            an_assignment(shift, a_volunteer(city.unit))
    db.session.commit()
    with count_queries() as sent:
        assert len(shifts_of_activity(activity.id, first=MONDAY, days=7)) == 300
        weeks_of_activity(activity.id, at=NOW)
        batches_of(activity.id)
    assert len(sent) == 4
