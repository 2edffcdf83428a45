"""Points: typed in any datum, kept in WGS-84; responsibilities with dates; retired and returned."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask

from tests.builders import (
    MONDAY,
    NOW,
    City,
    a_city,
    a_point,
    a_shift,
    an_activity,
)
from tests.counting import count_queries
from volunteer.domain.place import LatLon, metres_between
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import PointKind
from volunteer.domain.token import read, verify
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry
from volunteer.models.people import PointContract
from volunteer.operations.points import (
    LINK,
    PointParticulars,
    Whereabouts,
    add_contract,
    create_point,
    edit_point,
    end_contract,
    renew_poster,
    retire_point,
    return_point,
)
from volunteer.queries.accounts import actor_of
from volunteer.queries.points import PointFilter, point_sheet, points_listed, poster_for
from volunteer.queries.seen import mark_of

HERE = LatLon(27.238, 111.468)
TODAY = MONDAY


@pytest.fixture
def city(app: Flask) -> City:
    return a_city()


def _wanted(city: City, **given: object) -> PointParticulars:
    wanted = PointParticulars(
        name="红旗路—宝庆中路口",
        kind=PointKind.CROSSING,
        district_id=city.district.id,
        community_id=city.community.id,
        address="红旗路 1 号",
        radius_metres=200,
        priority=2,
        safety_note="站在路沿石以内",
        police_team="一中队",
        where=Whereabouts("gcj02", HERE.lat, HERE.lon),
    )
    return replace(wanted, **given)


def _codes(told: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [part.code for part in told.value.details]


def test_a_point_typed_from_amap_is_kept_in_wgs84(city: City) -> None:
    actor = actor_of(city.district_admin, at=NOW)
    point = create_point(actor, _wanted(city), unit_id=city.unit.id, at=NOW)
    kept = LatLon(point.lat, point.lon)
    assert 600 < metres_between(kept, HERE) < 720
    assert (point.entered_datum, point.pinyin, len(point.secret)) == ("gcj02", "hqlbqzlk", 32)
    sheet = point_sheet(actor, point.id, on=TODAY, at=NOW)
    assert sheet.gcj is not None
    assert metres_between(sheet.gcj, HERE) < 0.1
    assert [(line.unit_name, line.state) for line in sheet.contracts] == [("市医保局", "now")]
    assert (sheet.may_manage, sheet.may_print) == (True, True)


def test_a_link_a_typed_pair_and_nothing_are_all_ways_to_say_where(city: City) -> None:
    actor = actor_of(city.city_admin, at=NOW)
    link = Whereabouts(LINK, link="https://uri.amap.com/marker?position=111.468000,27.238000")
    by_link = create_point(actor, _wanted(city, name="甲路口", where=link), unit_id=None, at=NOW)
    typed = create_point(
        actor, _wanted(city, name="乙路口", where=Whereabouts("wgs84", *HERE)), unit_id=None, at=NOW
    )
    bare = create_point(
        actor, _wanted(city, name="丙路口", where=Whereabouts()), unit_id=None, at=NOW
    )
    assert by_link.entered_datum == "gcj02"
    assert (typed.lat, typed.lon) == HERE
    assert (bare.lat, bare.lon) == (None, None)


@pytest.mark.parametrize(
    ("where", "code"),
    [
        (Whereabouts("wgs84", 111.468, 27.238), "swapped"),
        (Whereabouts("wgs84", 27.238, None), "half_a_pair"),
        (Whereabouts("wgs84", 39.9, 116.4), "far_away"),
        (Whereabouts("wgs84", 1.0, 1.0), "not_in_china"),
        (Whereabouts(LINK, link="https://surl.amap.com/abc"), "short_link"),
    ],
)
def test_a_place_that_cannot_be_is_refused(city: City, where: Whereabouts, code: str) -> None:
    with pytest.raises(Refused) as told:
        create_point(
            actor_of(city.city_admin, at=NOW), _wanted(city, where=where), unit_id=None, at=NOW
        )
    assert _codes(told) == [code]


def test_all_faults_are_told_at_once(city: City) -> None:
    wrong = _wanted(city, name=city.point.name, district_id=city.other_district.id)
    with pytest.raises(Refused) as told:
        create_point(
            actor_of(city.city_admin, at=NOW),
            replace(wrong, where=Whereabouts("wgs84", None, 111.0)),
            unit_id=None,
            at=NOW,
        )
    assert _codes(told) == ["name_taken", "wrong_community", "half_a_pair"]


def test_an_edit_keeps_the_code_and_tells_what_changed(city: City) -> None:
    actor = actor_of(city.district_admin, at=NOW)
    point = create_point(actor, _wanted(city), unit_id=None, at=NOW)
    secret, seen = point.secret, mark_of(point)
    same = _wanted(city, where=Whereabouts("wgs84", point.lat, point.lon), priority=1)
    edit_point(actor, point.id, same, seen=seen, at=NOW)
    line = db.session.query(AuditEntry).filter_by(act="edit_point").one()
    assert (line.before, line.after) == ({"priority": 2}, {"priority": 1})
    assert point.secret == secret
    with pytest.raises(Refused) as told:
        edit_point(actor, point.id, same, seen=seen, at=NOW)
    assert told.value.code == "changed_meanwhile"


def test_a_point_with_shifts_to_come_is_not_retired(city: City) -> None:
    actor = actor_of(city.district_admin, at=NOW)
    shift = a_shift(an_activity(city.unit), city.point, on=TODAY + timedelta(days=1))
    with pytest.raises(Refused) as told:
        retire_point(actor, city.point.id, reason="", at=NOW)
    assert told.value.code == "shifts_ahead"
    after = shift.ends_at + timedelta(minutes=1)
    retire_point(actor, city.point.id, reason="道路施工", at=after)
    retire_point(actor, city.point.id, reason="再次", at=after)
    assert city.point.retired_on is not None
    assert db.session.query(AuditEntry).filter_by(act="retire_point").count() == 1
    return_point(actor, city.point.id, at=after)
    assert city.point.retired_on is None


def test_responsibilities_have_dates_and_do_not_overlap(city: City) -> None:
    actor = actor_of(city.district_admin, at=NOW)
    point_id = city.point.id

    def add(unit_id: int, since: date, until: date | None = None) -> PointContract:
        return add_contract(
            actor, point_id, unit_id=unit_id, since_on=since, until_on=until, at=NOW
        )

    first = add(city.unit.id, date(2026, 1, 1))
    with pytest.raises(Refused) as told:
        add(city.unit.id, date(2026, 6, 1))
    assert told.value.code == "overlaps"
    add(city.other_unit.id, date(2026, 6, 1))
    with pytest.raises(Refused) as told:
        add(city.other_unit.id, date(2025, 6, 1), date(2025, 5, 1))
    assert told.value.code == "dates"
    end_contract(actor, first.id, at=NOW)
    assert first.until_on == TODAY
    later = add(city.unit.id, date(2027, 1, 1))
    end_contract(actor, later.id, at=NOW)
    assert db.session.get(PointContract, later.id) is None, "what has not begun leaves no trace"
    sheet = point_sheet(actor, point_id, on=TODAY + timedelta(days=1), at=NOW)
    assert [(line.unit_name, line.state) for line in sheet.contracts] == [
        ("双清交警大队", "now"),
        ("市医保局", "over"),
    ]


def test_the_poster_is_for_those_who_keep_the_point_or_answer_for_it(city: City) -> None:
    organizer = actor_of(city.organizer, at=NOW)
    with pytest.raises(Refused) as told:
        poster_for(organizer, city.point.id, on=TODAY)
    assert told.value.status == 404
    admin = actor_of(city.district_admin, at=NOW)
    add_contract(admin, city.point.id, unit_id=city.unit.id, since_on=TODAY, until_on=None, at=NOW)
    poster = poster_for(organizer, city.point.id, on=TODAY)
    assert verify(read(poster.code), city.point.secret, NOW).is_poster
    assert poster.unit_name == "市医保局"
    old = city.point.secret
    renew_poster(admin, city.point.id, reason="外传", at=NOW)
    assert city.point.secret != old
    with pytest.raises(Refused):
        verify(read(poster.code), city.point.secret, NOW)


@pytest.mark.parametrize("who", ["organizer", "auditor", "volunteer_account"])
def test_others_change_no_point(city: City, who: str) -> None:
    actor = actor_of(getattr(city, who), at=NOW)
    with pytest.raises(Refused) as told:
        create_point(actor, _wanted(city), unit_id=None, at=NOW)
    assert told.value.status == 403


def test_a_district_office_keeps_its_own_points_only(city: City) -> None:
    actor = actor_of(city.district_admin, at=NOW)
    stranger = a_point(city.other_district)
    for act in (
        lambda: retire_point(actor, stranger.id, reason="", at=NOW),
        lambda: edit_point(actor, stranger.id, _wanted(city), seen=mark_of(stranger), at=NOW),
        lambda: edit_point(
            actor,
            city.point.id,
            _wanted(city, district_id=city.other_district.id, community_id=None),
            seen=mark_of(city.point),
            at=NOW,
        ),
    ):
        with pytest.raises(Refused) as told:
            act()
        assert told.value.status == 404


def test_the_list_is_narrowed_and_does_not_ask_more_with_more_rows(city: City) -> None:
    actor = actor_of(city.auditor, at=NOW)
    add_contract(
        actor_of(city.city_admin, at=NOW),
        city.point.id,
        unit_id=city.unit.id,
        since_on=TODAY,
        until_on=None,
        at=NOW,
    )
    for _ in range(9):
        a_point(city.other_district, lat=None, lon=None, pinyin="ddlk")
    counts = []
    for more in (0, 990):
        for _ in range(more):
            a_point(city.other_district)
        with count_queries() as sent:
            found = points_listed(actor, PointFilter(), on=TODAY)
        counts.append((len(sent), found.total, len(found.rows)))
    assert counts == [(2, 10, 10), (2, 1000, 40)]
    for wanted, total in (
        (PointFilter(unit_id=city.unit.id), 1),
        (PointFilter(lack="coordinates"), 9),
        (PointFilter(words="ddl"), 9),
        (PointFilter(lack="unit", district_id=city.district.id), 0),
        (PointFilter(state="retired"), 0),
        (PointFilter(kind=PointKind.PARK), 0),
    ):
        assert points_listed(actor, wanted, on=TODAY).total == total, wanted
