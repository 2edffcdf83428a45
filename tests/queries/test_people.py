"""The register and the person's page: what is found, what is hidden, and how many statements it takes."""

import itertools
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from tests.builders import (
    MONDAY,
    NOW,
    City,
    a_city,
    a_kind,
    a_shift,
    a_skill,
    a_volunteer,
    an_activity,
    an_assignment,
    available,
)
from tests.counting import count_queries
from tests.refusals import refused
from volunteer.domain.access import Actor
from volunteer.domain.naming import initials
from volunteer.domain.terms import EntryKind, Grade, Nature, Source, VolunteerState
from volunteer.models.base import db
from volunteer.models.ledger import LedgerEntry, ServiceRecord
from volunteer.models.people import Pause, Qualification, Volunteer
from volunteer.queries.accounts import actor_of
from volunteer.queries.people.listing import Wanted, people_page
from volunteer.queries.people.own import own_copy, own_page
from volunteer.queries.people.person import person_page, volunteer_for

_seq = itertools.count(1)


@pytest.fixture
def city(app: Flask) -> City:
    return a_city()


@pytest.fixture
def organizer(city: City) -> Actor:
    return actor_of(city.organizer, at=NOW)


def served(person: Volunteer, city: City, minutes: int, on: date = MONDAY) -> None:
    """A record of service with its entry in the ledger."""
    activity = an_activity(city.unit)
    shift = a_shift(activity, city.point, on=on)
    seat = an_assignment(shift, person)
    record = ServiceRecord(
        assignment_id=seat.id,
        volunteer_id=person.id,
        unit_id=person.unit_id,
        recording_unit_id=city.unit.id,
        activity_id=activity.id,
        shift_id=shift.id,
        kind_id=activity.kind_id,
        district_id=city.district.id,
        nature=Nature.VOLUNTEER,
        service_on=on,
        place="红旗路口",
        content="劝导",
        person_in_charge="李主任",
        attended_minutes=minutes,
        served_minutes=minutes,
        credited_minutes=minutes,
        grade=Grade.A,
        source=Source.QR,
        rule_version="2026.1",
        arithmetic=[],
        settled_at=NOW,
    )
    db.session.add(record)
    db.session.flush()
    db.session.add(
        LedgerEntry(
            seq=next(_seq),
            kind=EntryKind.CREDIT,
            record_id=record.id,
            volunteer_id=person.id,
            unit_id=person.unit_id,
            district_id=city.district.id,
            kind_id=activity.kind_id,
            nature=Nature.VOLUNTEER,
            service_on=on,
            minutes=minutes,
            source=Source.QR,
            grade=Grade.A,
            posted_at=NOW,
            previous_seal=bytes(32),
            seal=bytes(32),
        )
    )
    db.session.flush()


def names(actor: Actor, **wanted: Any) -> list[str]:
    return [row.name for row in people_page(actor, Wanted(**wanted), at=NOW).rows]


def named(city: City, name: str, **given: Any) -> Volunteer:
    return a_volunteer(city.unit, name, pinyin=initials(name), **given)


def test_people_are_found_by_name_initials_number_and_phone(city: City, organizer: Actor) -> None:
    named(city, "曾国藩", phone="19907390007")
    named(city, "买买提·艾山")
    city.volunteer.pinyin = "wf"
    assert names(organizer, words="国藩") == ["曾国藩"]
    assert names(organizer, words="zgf") == ["曾国藩"]
    assert names(organizer, words="WF") == ["王芳"]
    assert names(organizer, words="·") == ["买买提·艾山"]
    assert names(organizer, words=city.volunteer.number.lower()) == ["王芳"]
    assert names(organizer, words="199 0739 0007") == ["曾国藩"]
    assert names(organizer, words="0007") == [], "part of a phone finds nobody"
    assert names(organizer, words="%") == []


def test_everybody_sees_the_own_reach_only(city: City, organizer: Actor) -> None:
    assert names(organizer) == ["王芳"]
    assert names(actor_of(city.other_organizer, at=NOW)) == ["赵强"]
    assert len(names(actor_of(city.city_admin, at=NOW))) == 2
    assert len(names(actor_of(city.auditor, at=NOW))) == 2
    assert names(actor_of(city.district_admin, at=NOW)) == ["王芳"]
    assert names(actor_of(city.volunteer_account, at=NOW)) == []
    with refused("not_found"):
        volunteer_for(organizer, city.other_volunteer.id)
    assert names(organizer, unit_id=city.other_unit.id) == []


def test_filters_narrow(city: City, organizer: Actor) -> None:
    skill = a_skill("first_aid", "急救")
    able = named(city, "能人", birth_year=1970)
    db.session.add(Qualification(volunteer_id=able.id, skill_id=skill.id, confirmed_at=NOW))
    lapsed = named(city, "过期")
    db.session.add(
        Qualification(
            volunteer_id=lapsed.id,
            skill_id=skill.id,
            confirmed_at=NOW,
            expires_on=MONDAY - timedelta(days=1),
        )
    )
    named(city, "待确认", state=VolunteerState.AWAITING_CONSENT)
    named(city, "走了", state=VolunteerState.LEFT)
    away = named(city, "出差")
    db.session.add(
        Pause(
            volunteer_id=away.id,
            since_on=MONDAY,
            until_on=MONDAY + timedelta(days=3),
            reason="出差",
            made_at=NOW,
        )
    )
    available(able, 2, start="07:00", end="09:00")
    served(able, city, 60)
    assert names(organizer, skill_id=skill.id) == ["能人"]
    assert names(organizer, age_from=50, age_until=60) == ["能人"]
    assert names(organizer, state=VolunteerState.AWAITING_CONSENT) == ["待确认"]
    assert names(organizer, state=VolunteerState.PAUSED) == ["出差"]
    assert names(organizer, state=VolunteerState.LEFT) == ["走了"]
    assert "走了" not in names(organizer)
    assert "走了" in names(organizer, words="走了")
    assert names(organizer, weekday=2, part="early") == ["能人"]
    assert names(organizer, weekday=3, part="early") == []
    assert "能人" not in names(organizer, never_served=True)
    line = people_page(organizer, Wanted(words="出差"), at=NOW).rows[0]
    assert (line.is_paused, line.paused_until) == (True, MONDAY + timedelta(days=3))


def test_hours_of_the_year_count_merged_profiles_and_no_other_year(
    city: City, organizer: Actor
) -> None:
    twin = named(city, "王芳", state=VolunteerState.LEFT, merged_into_id=city.volunteer.id)
    served(city.volunteer, city, 60)
    served(twin, city, 45)
    served(city.volunteer, city, 500, on=date(2025, 12, 31))
    (row,) = people_page(organizer, Wanted(), at=NOW).rows
    assert row.minutes == 105
    page = person_page(organizer, city.volunteer.id, at=NOW)
    assert (page.minutes_of_year, page.minutes, page.times) == (105, 605, 3)
    assert len(page.records) == 3


def test_the_busiest_come_first_when_asked(city: City, organizer: Actor) -> None:
    busy = named(city, "忙人")
    served(busy, city, 90)
    served(city.volunteer, city, 30)
    named(city, "闲人")
    assert names(organizer, sort="-hours") == ["忙人", "王芳", "闲人"]
    assert names(organizer, sort="hours") == ["闲人", "王芳", "忙人"]


def test_minors_stay_out_until_a_reason_was_given(city: City, organizer: Actor) -> None:
    named(city, "小明", birth_year=2011)
    page = people_page(organizer, Wanted(), at=NOW)
    assert ([row.name for row in page.rows], page.hidden_minors) == (["王芳"], 1)
    page = people_page(organizer, Wanted(sees_minors=True), at=NOW)
    assert (len(page.rows), page.hidden_minors) == (2, 0)


def test_a_line_masks_the_phone(city: City, organizer: Actor) -> None:
    named(city, "座机", phone="0739-5321234")
    assert people_page(organizer, Wanted(words="座机"), at=NOW).rows[0].phone == "0739-532****"


@pytest.mark.parametrize("sort", ["name", "-hours"])
def test_the_list_costs_the_same_for_ten_and_a_thousand(
    city: City, organizer: Actor, sort: str
) -> None:
    counts = []
    for more in (10, 990):
        for _number in range(more):
            a_volunteer(city.unit)
        db.session.flush()
        with count_queries() as sent:
            page = people_page(organizer, Wanted(sort=sort), at=NOW)
        counts.append(len(sent))
    assert page.total == 1001
    assert page.pages == 34
    assert counts[0] == counts[1] <= 4


def test_a_persons_page_costs_the_same_however_much_was_done(city: City, organizer: Actor) -> None:
    counts = []
    for more in (1, 12):
        for number in range(more):
            served(city.volunteer, city, 30, on=MONDAY - timedelta(days=number + more))
            available(city.volunteer, number % 7, start=f"{number:02d}:00", end=f"{number:02d}:30")
        with count_queries() as sent:
            person_page(organizer, city.volunteer.id, at=NOW)
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 20


def test_the_own_page_masks_and_the_copy_does_not(city: City) -> None:
    me = actor_of(city.volunteer_account, at=NOW)
    served(city.volunteer, city, 60)
    a_kind()
    page = own_page(me, at=NOW)
    assert "****" in page.phone
    copied = own_copy(me)
    assert "****" not in copied["基本资料"][0]["电话"]
    assert copied["服务记录"][0]["认定分钟"] == 60
    assert copied["时长流水"][0]["分钟"] == 60
    assert copied["班次"][0]["点位"] == city.point.name
