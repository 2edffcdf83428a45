"""Inspections: what becomes critical, how it is strengthened, and how it is lowered again."""

from dataclasses import replace
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
from volunteer.domain.access import Actor
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import AssignmentState, InspectionKind, PointKind
from volunteer.domain.timekeeping import beijing
from volunteer.models.activities import Activity, ShiftBatch
from volunteer.models.base import db
from volunteer.models.campaigns import Campaign, Inspection, KeyPoint
from volunteer.models.journal import Message
from volunteer.operations.campaigns import (
    InspectionParticulars,
    add_points,
    bolster,
    close_inspection,
    drop_point,
    edit_inspection,
    keep_campaign,
    open_inspection,
)
from volunteer.queries.accounts import actor_of
from volunteer.queries.campaigns import (
    Bolster,
    bolster_preview,
    campaigns_listed,
    inspection_sheet,
    points_to_add,
)
from volunteer.queries.seen import mark_of
from volunteer.queries.shifts import inspection_badges

WEDNESDAY = MONDAY + timedelta(days=2)
FRIDAY = MONDAY + timedelta(days=4)


@pytest.fixture
def city(app: Flask) -> City:
    return a_city()


@pytest.fixture
def office(city: City) -> Actor:
    return actor_of(city.city_admin, at=NOW)


@pytest.fixture
def campaign(office: Actor) -> Campaign:
    return keep_campaign(
        office,
        None,
        name="创文巩卫 2026",
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
        at=NOW,
    )


@pytest.fixture
def inspection(office: Actor, campaign: Campaign) -> Inspection:
    return open_inspection(office, campaign.id, _wanted(), at=NOW)


def _wanted(**given: object) -> InspectionParticulars:
    wanted = InspectionParticulars("国检实地测评", InspectionKind.NATIONAL, WEDNESDAY, FRIDAY)
    return replace(wanted, **given)


def _made_critical(city: City, on: date) -> tuple[Activity, object]:
    """A shift that was made in bulk at a key point: critical, though the organizer asked for 3."""
    activity = an_activity(city.unit, kind_id=a_kind().id)
    batch = ShiftBatch(
        activity_id=activity.id,
        wanted={"terms": {"priority": 3}},
        created_at=NOW,
        created_by_id=1,
    )
    db.session.add(batch)
    db.session.flush()
    shift = a_shift(activity, city.point, on=on, priority=1, batch_id=batch.id)
    return activity, shift


def test_an_inspection_makes_its_points_critical_on_its_days(
    city: City, office: Actor, inspection: Inspection
) -> None:
    market = a_point(city.district, kind=PointKind.MARKET)
    a_point(city.other_district, kind=PointKind.MARKET, retired_on=MONDAY)
    for on in (MONDAY, WEDNESDAY, FRIDAY):
        a_shift(an_activity(city.unit), city.point, on=on)
    adding = points_to_add(inspection, kinds=[PointKind.CROSSING, PointKind.MARKET])
    assert set(adding.point_ids) == {city.point.id, market.id}
    assert [(week.monday, week.shifts, week.missing) for week in adding.weeks] == [(MONDAY, 2, 4)]
    assert add_points(office, inspection.id, adding.point_ids, at=NOW) == 2
    assert inspection_badges(MONDAY, FRIDAY)[city.point.id, WEDNESDAY] == "国检"
    sheet = inspection_sheet(office, inspection.id, on=MONDAY)
    assert (sheet.shifts, sheet.missing, sheet.idle, sheet.line.state) == (2, 4, 1, "coming")
    with pytest.raises(Refused) as told:
        add_points(office, inspection.id, adding.point_ids, at=NOW)
    assert told.value.code == "no_point"
    assert campaigns_listed(on=MONDAY)[0][1][0].points == 2


def test_closing_lowers_what_was_raised_and_keeps_the_past(
    city: City, office: Actor, inspection: Inspection
) -> None:
    add_points(office, inspection.id, [city.point.id], at=NOW)
    shifts = [_made_critical(city, on)[1] for on in (WEDNESDAY, FRIDAY)]
    at = beijing(WEDNESDAY, 12 * 60)
    assert close_inspection(office, inspection.id, reason="提前结束", at=at) == 1
    assert [shift.priority for shift in shifts] == [1, 3]
    assert (inspection.ends_on, inspection.closed_at) == (WEDNESDAY, at)
    assert (city.point.id, FRIDAY) not in inspection_badges(MONDAY, FRIDAY)
    assert close_inspection(office, inspection.id, reason="", at=at) == 0
    with pytest.raises(Refused) as told:
        add_points(office, inspection.id, [city.point.id], at=at)
    assert told.value.code == "closed"


def test_calling_off_before_it_begins_leaves_no_key_points(
    city: City, office: Actor, inspection: Inspection
) -> None:
    add_points(office, inspection.id, [city.point.id], at=NOW)
    shift = _made_critical(city, WEDNESDAY)[1]
    assert close_inspection(office, inspection.id, reason="", at=NOW) == 1
    assert shift.priority == 3
    assert db.session.query(KeyPoint).count() == 0


def test_another_inspection_keeps_a_shift_critical(
    city: City, office: Actor, campaign: Campaign, inspection: Inspection
) -> None:
    other = open_inspection(office, campaign.id, _wanted(name="省检"), at=NOW)
    for one in (inspection, other):
        add_points(office, one.id, [city.point.id], at=NOW)
    shift = _made_critical(city, WEDNESDAY)[1]
    assert drop_point(office, inspection.id, city.point.id, at=NOW) == 0
    assert shift.priority == 1
    assert drop_point(office, other.id, city.point.id, at=NOW) == 1
    assert shift.priority == 3


def test_fewer_days_lower_the_days_that_fall_out(
    city: City, office: Actor, inspection: Inspection
) -> None:
    add_points(office, inspection.id, [city.point.id], at=NOW)
    first, last = (_made_critical(city, on)[1] for on in (WEDNESDAY, FRIDAY))
    wanted = _wanted(ends_on=WEDNESDAY)
    edit_inspection(office, inspection.id, wanted, seen=mark_of(inspection), at=NOW)
    assert (first.priority, last.priority) == (1, 3)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"name": " "}, "name_missing"),
        ({"ends_on": MONDAY}, "dates"),
        ({"ends_on": date(2027, 1, 1)}, "outside_campaign"),
    ],
)
def test_an_inspection_that_cannot_be_is_refused(
    office: Actor, campaign: Campaign, given: dict, code: str
) -> None:
    with pytest.raises(Refused) as told:
        open_inspection(office, campaign.id, _wanted(**given), at=NOW)
    assert told.value.code == code


def test_a_district_office_runs_inspections_of_its_district_only(
    city: City, campaign: Campaign, inspection: Inspection
) -> None:
    actor = actor_of(city.district_admin, at=NOW)
    own = open_inspection(actor, campaign.id, _wanted(district_id=city.district.id), at=NOW)
    stranger = a_point(city.other_district)
    assert add_points(actor, own.id, [city.point.id, stranger.id], at=NOW) == 1
    for act, status in (
        (lambda: open_inspection(actor, campaign.id, _wanted(), at=NOW), 403),
        (lambda: add_points(actor, inspection.id, [city.point.id], at=NOW), 403),
        (lambda: open_inspection(
            actor, campaign.id, _wanted(district_id=city.other_district.id), at=NOW), 404),
        (lambda: keep_campaign(
            actor, campaign.id, name="x", starts_on=MONDAY, ends_on=MONDAY, at=NOW), 403),
    ):  # fmt: skip
        with pytest.raises(Refused) as told:
            act()
        assert told.value.status == status
    for who in ("organizer", "auditor"):
        with pytest.raises(Refused) as told:
            close_inspection(actor_of(getattr(city, who), at=NOW), own.id, reason="", at=NOW)
        assert told.value.status == 403


def test_the_inspection_mode_does_what_its_preview_says(
    city: City, office: Actor, inspection: Inspection
) -> None:
    add_points(office, inspection.id, [city.point.id], at=NOW)
    shift = a_shift(an_activity(city.unit), city.point, on=WEDNESDAY, breaks=[[10, 20]])
    a_shift(an_activity(city.unit), city.point, on=WEDNESDAY, start="17:30", end="18:30",
            min_heads=5, target_heads=6, max_heads=8)  # fmt: skip
    seat = an_assignment(shift, city.volunteer)
    wanted = Bolster(least_heads=4, reserves=1, later_minutes=30)
    preview = bolster_preview(office, inspection, wanted, at=NOW)
    assert (len(preview.changing), preview.told, preview.asked_anew) == (2, 1, 1)
    assert (preview.more_heads, preview.without_leader) == (3 + 5, 2)
    done = bolster(office, inspection.id, wanted, at=NOW)
    assert (done.changed, done.told, done.asked_anew, done.refused) == (2, 1, 1, ())
    assert (shift.min_heads, shift.target_heads, shift.max_heads) == (4, 4, 5)
    assert shift.ends_at == beijing(WEDNESDAY, 9 * 60)
    assert seat.state is AssignmentState.PROPOSED
    assert db.session.query(Message).filter_by(topic="shift_moved").count() == 1
    with pytest.raises(Refused) as told:
        bolster(office, inspection.id, Bolster(least_heads=4, reserves=1), at=NOW)
    assert told.value.code == "nothing_to_do"


def test_a_shift_that_clashes_stays_and_says_why(
    city: City, office: Actor, inspection: Inspection
) -> None:
    add_points(office, inspection.id, [city.point.id], at=NOW)
    first = a_shift(an_activity(city.unit), city.point, on=WEDNESDAY)
    a_shift(an_activity(city.unit), city.point, on=WEDNESDAY, start="08:40", end="09:40")
    a_volunteer(city.unit)
    done = bolster(office, inspection.id, Bolster(later_minutes=30), at=NOW)
    assert done.changed == 1
    [(row, why)] = done.refused
    assert row.line.id == first.id
    assert "班次" in why
    db.session.refresh(first)
    assert (first.min_heads, first.ends_at) == (2, beijing(WEDNESDAY, 8 * 60 + 30))
