from datetime import date, timedelta

import pytest
from flask import Flask

from tests.builders import (
    MONDAY,
    NOW,
    City,
    a_city,
    a_kind,
    a_point,
    a_shift,
    a_volunteer,
    an_activity,
    an_assignment,
)
from tests.counting import count_queries
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import AssignmentState, CancelCause, ShiftState
from volunteer.models.base import db
from volunteer.models.campaigns import Campaign, Inspection, KeyPoint
from volunteer.queries.accounts import actor_of
from volunteer.queries.shifts import (
    leader_windows,
    line_for,
    lines_by_id,
    overlapping,
    shifts_of_week,
)


def _inspected(city: City) -> None:
    campaign = Campaign(name="创文巩卫", starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31))
    db.session.add(campaign)
    db.session.flush()
    visit = Inspection(
        campaign_id=campaign.id,
        name="国检",
        badge="国检",
        starts_on=MONDAY + timedelta(days=1),
        ends_on=MONDAY + timedelta(days=2),
    )
    db.session.add(visit)
    db.session.flush()
    db.session.add(KeyPoint(inspection_id=visit.id, point_id=city.point.id))
    db.session.flush()


def test_a_week_counts_seats_and_says_what_is_missing(app: Flask) -> None:
    city = a_city()
    activity = an_activity(city.unit)
    shift = a_shift(activity, city.point, min_heads=3, target_heads=4, corner="东北角")
    an_assignment(shift, city.volunteer)
    an_assignment(shift, a_volunteer(city.unit), AssignmentState.PROPOSED)
    an_assignment(shift, a_volunteer(city.unit), AssignmentState.DECLINED)
    a_shift(activity, city.point, on=MONDAY + timedelta(days=7))
    actor = actor_of(city.organizer, at=NOW)
    (line,) = shifts_of_week(actor, MONDAY)
    assert (line.seated, line.accepted, line.short, line.wanted) == (2, 1, 1, 2)
    assert line.place == f"{city.point.name}（东北角）"
    assert line.unit_name == city.unit.name


def test_a_called_off_shift_misses_nobody(app: Flask) -> None:
    city = a_city()
    a_shift(
        an_activity(city.unit),
        city.point,
        state=ShiftState.CANCELLED,
        cancel_cause=CancelCause.WEATHER,
    )
    (line,) = shifts_of_week(actor_of(city.organizer, at=NOW), MONDAY)
    assert line.is_off
    assert (line.short, line.wanted) == (0, 0)


def test_another_units_shifts_never_come(app: Flask) -> None:
    city = a_city()
    own = a_shift(an_activity(city.unit), city.point)
    foreign = a_shift(an_activity(city.other_unit), a_point(city.other_district))
    organizer = actor_of(city.organizer, at=NOW)
    assert [line.id for line in shifts_of_week(organizer, MONDAY)] == [own.id]
    assert [line.id for line in lines_by_id(organizer, [own.id, foreign.id])] == [own.id]
    with pytest.raises(Refused) as no:
        line_for(organizer, foreign.id)
    assert no.value.status == 404
    auditor = actor_of(city.auditor, at=NOW)
    assert {line.id for line in shifts_of_week(auditor, MONDAY)} == {own.id, foreign.id}


def test_a_district_sees_what_happens_at_its_points(app: Flask) -> None:
    city = a_city()
    visiting = a_shift(an_activity(city.other_unit), city.point)
    district = actor_of(city.district_admin, at=NOW)
    assert [line.id for line in shifts_of_week(district, MONDAY)] == [visiting.id]


def test_a_week_can_be_narrowed(app: Flask) -> None:
    city = a_city()
    kind = a_kind()
    first = a_shift(an_activity(city.unit, kind_id=kind.id), city.point)
    second = a_shift(an_activity(city.other_unit), a_point(city.other_district))
    boss = actor_of(city.city_admin, at=NOW)

    def ids(**by: int) -> list[int]:
        return [line.id for line in shifts_of_week(boss, MONDAY, **by)]

    assert ids(unit_id=city.unit.id) == ids(kind_id=kind.id) == [first.id]
    assert ids(district_id=city.other_district.id) == [second.id]


def test_key_points_carry_the_badge_on_the_days_of_the_inspection_only(app: Flask) -> None:
    city = a_city()
    _inspected(city)
    activity = an_activity(city.unit)
    for offset in range(4):
        a_shift(activity, city.point, on=MONDAY + timedelta(days=offset))
    a_shift(activity, a_point(city.district), on=MONDAY + timedelta(days=1))
    lines = shifts_of_week(actor_of(city.organizer, at=NOW), MONDAY)
    badges = sorted(
        (line.service_on, line.point_id == city.point.id) for line in lines if line.badge
    )
    assert badges == [(MONDAY + timedelta(days=1), True), (MONDAY + timedelta(days=2), True)]


def test_overlaps_and_leaders_are_found(app: Flask) -> None:
    city = a_city()
    shift = a_shift(an_activity(city.unit), city.point, leader_id=city.volunteer.id)
    seat = a_shift(an_activity(city.unit), a_point(city.district), start="09:00", end="10:00")
    an_assignment(seat, city.volunteer)
    span = {"from_at": shift.starts_at, "until_at": seat.ends_at}
    assert [row[0] for row in overlapping(point_ids=[city.point.id], **span)] == [shift.id]
    assert [row[0] for row in leader_windows(city.volunteer.id, **span)] == [shift.id, seat.id]
    touching = {"from_at": shift.ends_at, "until_at": seat.starts_at}
    assert overlapping(point_ids=[city.point.id], **touching) == []
    assert leader_windows(city.volunteer.id, **touching) == []


@pytest.mark.parametrize("count", [10, 1000])
def test_a_week_costs_the_same_few_queries_whatever_its_size(app: Flask, count: int) -> None:
    city = a_city()
    activity = an_activity(city.unit)
    for number in range(count):
        a_shift(activity, city.point, on=MONDAY + timedelta(days=number % 7), corner=f"{number}")
    actor = actor_of(city.organizer, at=NOW)
    db.session.commit()
    with count_queries() as sent:
        assert len(shifts_of_week(actor, MONDAY)) == count
    assert len(sent) <= 2
