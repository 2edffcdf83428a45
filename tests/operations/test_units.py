"""Units: a tree without rings, ties with dates, closing with a successor."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask

from tests.builders import (
    MONDAY,
    NOW,
    City,
    a_city,
    a_shift,
    a_tie,
    a_unit,
    a_volunteer,
    an_activity,
)
from tests.counting import count_queries
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import UnitKind, UnitLevel
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry, Message
from volunteer.models.people import PointContract, Tie, Unit
from volunteer.operations.closing import close_unit, reopen_unit
from volunteer.operations.ties import add_tie, end_tie
from volunteer.operations.units import UnitParticulars, create_unit, edit_unit
from volunteer.queries.accounts import actor_of
from volunteer.queries.seen import mark_of
from volunteer.queries.units import UnitFilter, organizers_of, ties_of, unit_sheet, units_listed

TODAY = MONDAY


@pytest.fixture
def city(app: Flask) -> City:
    return a_city()


def _wanted(city: City, **given: object) -> UnitParticulars:
    wanted = UnitParticulars(
        "大祥区市监局",
        UnitLevel.DISTRICT,
        UnitKind.AGENCY,
        district_id=city.district.id,
        credit_code="12430500ME1234567W",
        contact_phone="0739 532 1234",
    )
    return replace(wanted, **given)


def _codes(told: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [part.code for part in told.value.details]


def test_a_unit_is_kept_as_it_is_searched_and_called(city: City) -> None:
    unit = create_unit(actor_of(city.district_admin, at=NOW), _wanted(city), at=NOW)
    assert (unit.pinyin, unit.full_name, unit.contact_phone) == (
        "dxqsjj",
        "大祥区市监局",
        "0739-5321234",
    )
    line = db.session.query(AuditEntry).filter_by(act="create_unit").one()
    assert line.after["credit_code"] == "12430500ME1234567W"


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ({"name": " "}, ["name_missing"]),
        ({"name": "市医保局"}, ["name_taken"]),
        ({"district_id": None, "level": UnitLevel.STREET}, ["no_district"]),
        ({"kind": UnitKind.INNER_TEAM}, ["no_guide"]),
        ({"credit_code": "12430500ME1234567X"}, ["credit_code_check"]),
        ({"contact_phone": "12"}, ["phone_shape"]),
        ({"name": "", "credit_code": "1", "contact_phone": "9"},
         ["name_missing", "credit_code_shape", "phone_shape"]),
    ],
)  # fmt: skip
def test_every_fault_is_told_at_its_field(city: City, given: dict, codes: list[str]) -> None:
    with pytest.raises(Refused) as told:
        create_unit(actor_of(city.city_admin, at=NOW), _wanted(city, **given), at=NOW)
    assert _codes(told) == codes
    assert all(part.field for part in told.value.details)


def test_a_credit_code_names_one_unit(city: City) -> None:
    actor = actor_of(city.city_admin, at=NOW)
    create_unit(actor, _wanted(city), at=NOW)
    with pytest.raises(Refused) as told:
        create_unit(actor, _wanted(city, name="另一个"), at=NOW)
    assert _codes(told) == ["code_taken"]


def test_the_tree_has_no_ring(city: City) -> None:
    actor = actor_of(city.city_admin, at=NOW)
    top = create_unit(actor, _wanted(city, name="上", credit_code=""), at=NOW)
    low = create_unit(actor, _wanted(city, name="下", credit_code="", parent_id=top.id), at=NOW)
    for parent, code in ((low.id, "ring"), (top.id, "itself")):
        with pytest.raises(Refused) as told:
            edit_unit(
                actor,
                top.id,
                _wanted(city, name="上", credit_code="", parent_id=parent),
                seen=mark_of(top),
                at=NOW,
            )
        assert _codes(told) == [code]
    found = units_listed(actor, UnitFilter(), on=TODAY)
    depths = {row.name: (row.depth, row.above) for row in found.rows}
    assert (depths["上"], depths["下"]) == ((0, ""), (1, "上"))
    names = [row.name for row in found.rows]
    assert names.index("下") == names.index("上") + 1


def test_a_district_office_keeps_units_of_its_district(city: City) -> None:
    actor = actor_of(city.district_admin, at=NOW)
    for given, status in (
        ({"level": UnitLevel.CITY}, 422),
        ({"district_id": None}, 422),
        ({"district_id": city.other_district.id}, 404),
    ):
        with pytest.raises(Refused) as told:
            create_unit(actor, _wanted(city, **given), at=NOW)
        assert told.value.status == status
    with pytest.raises(Refused) as told:
        close_unit(actor, city.other_unit.id, successor_id=None, reason="", at=NOW)
    assert told.value.status == 404
    for who in ("organizer", "auditor"):
        with pytest.raises(Refused) as told:
            create_unit(actor_of(getattr(city, who), at=NOW), _wanted(city), at=NOW)
        assert told.value.status == 403


def test_a_stale_page_overwrites_nothing(city: City) -> None:
    actor, seen = actor_of(city.city_admin, at=NOW), mark_of(city.unit)
    wanted = _wanted(city, name="市医疗保障局", level=UnitLevel.CITY)
    edit_unit(actor, city.unit.id, wanted, seen=seen, at=NOW)
    with pytest.raises(Refused) as told:
        edit_unit(actor, city.unit.id, wanted, seen=seen, at=NOW)
    assert told.value.code == "changed_meanwhile"


def test_ties_have_dates_and_history(city: City) -> None:
    actor = actor_of(city.district_admin, at=NOW)
    with pytest.raises(Refused) as told:
        add_tie(
            actor,
            city.unit.id,
            community_id=city.community.id,
            since_on=TODAY,
            until_on=None,
            at=NOW,
        )
    assert told.value.code == "overlaps"
    old = db.session.query(Tie).one()
    end_tie(actor, old.id, at=NOW)
    end_tie(actor, old.id, at=NOW)
    assert old.until_on == TODAY
    tomorrow = TODAY + timedelta(days=1)
    new = add_tie(
        actor,
        city.unit.id,
        community_id=city.community.id,
        since_on=tomorrow,
        until_on=None,
        at=NOW,
    )
    assert [line.state for line in ties_of(city.unit.id, on=TODAY)] == ["coming", "now"]
    end_tie(actor, new.id, at=NOW)
    assert [line.state for line in ties_of(city.unit.id, on=tomorrow)] == ["over"]
    with pytest.raises(Refused) as told:
        add_tie(
            actor,
            city.unit.id,
            community_id=city.community.id,
            since_on=tomorrow,
            until_on=TODAY,
            at=NOW,
        )
    assert told.value.code == "dates"


def _contract(unit: Unit, city: City) -> PointContract:
    contract = PointContract(unit_id=unit.id, point_id=city.point.id, since_on=date(2026, 1, 1))
    db.session.add(contract)
    db.session.flush()
    return contract


def test_a_successor_takes_people_ties_and_points_over(city: City) -> None:
    actor = actor_of(city.city_admin, at=NOW)
    contract, heir = _contract(city.unit, city), a_unit("新局", district_id=city.district.id)
    done = close_unit(actor, city.unit.id, successor_id=heir.id, reason="机构改革", at=NOW)
    assert (done.moved, done.ties, done.points, done.roles) == (1, 1, 1, 1)
    db.session.refresh(city.volunteer)
    db.session.refresh(city.volunteer_account)
    assert city.volunteer.unit_id == city.volunteer_account.unit_id == heir.id
    assert (contract.until_on, city.unit.is_active) == (TODAY, False)
    taken = db.session.query(PointContract).filter_by(unit_id=heir.id).one()
    assert (taken.since_on, taken.until_on) == (TODAY + timedelta(days=1), None)
    assert organizers_of(city.unit.id) == []
    told = db.session.query(Message).filter_by(volunteer_id=city.volunteer.id).one()
    assert "新局" in told.body
    again = close_unit(actor, city.unit.id, successor_id=heir.id, reason="", at=NOW)
    assert again.moved == 0
    reopen_unit(actor, city.unit.id, at=NOW)
    assert (city.unit.is_active, city.unit.successor_unit_id) == (True, None)


def test_a_unit_is_not_closed_over_what_is_under_way(city: City) -> None:
    actor = actor_of(city.city_admin, at=NOW)

    def refused(successor: int | None = None) -> str:
        with pytest.raises(Refused) as told:
            close_unit(actor, city.unit.id, successor_id=successor, reason="", at=NOW)
        return told.value.code

    assert refused() == "has_people"
    assert refused(city.unit.id) == "wrong_successor"
    child = a_unit("下级", parent_id=city.unit.id)
    assert refused(city.other_unit.id) == "has_children"
    child.parent_id = None
    a_shift(an_activity(city.unit), city.point, on=TODAY + timedelta(days=2))
    assert refused(city.other_unit.id) == "shifts_ahead"


def test_a_unit_page_counts_what_hangs_on_it(city: City) -> None:
    a_volunteer(city.unit)
    sheet = unit_sheet(actor_of(city.organizer, at=NOW), city.unit.id, on=TODAY, at=NOW)
    assert sheet.people["active"] == 2
    assert [name for _number, name, _login in sheet.organizers] == [city.organizer.name]
    assert (sheet.may_manage, len(sheet.ties), sheet.minutes) == (False, 1, 0)
    with pytest.raises(Refused) as told:
        unit_sheet(actor_of(city.organizer, at=NOW), city.other_unit.id, on=TODAY, at=NOW)
    assert told.value.status == 404


def test_the_list_is_narrowed_and_does_not_ask_more_with_more_rows(city: City) -> None:
    actor = actor_of(city.auditor, at=NOW)
    counts = []
    for more in (8, 990):
        for _ in range(more):
            a_unit(district_id=city.other_district.id, parent_id=city.other_unit.id)
        with count_queries() as sent:
            found = units_listed(actor, UnitFilter(), on=TODAY)
        counts.append((len(sent), found.total, len(found.rows)))
    assert counts == [(2, 10, 10), (2, 1000, 50)]
    assert units_listed(actor, UnitFilter(lack="organizer"), on=TODAY).total == 998
    assert units_listed(actor, UnitFilter(words="医保"), on=TODAY).rows[0].organizers == 1
    own = units_listed(actor_of(city.organizer, at=NOW), UnitFilter(), on=TODAY)
    assert [row.name for row in own.rows] == ["市医保局"]
    assert (own.rows[0].people, own.rows[0].ties) == (1, 1)
    a_tie(city.unit, city.community, since=date(2027, 1, 1))
    assert units_listed(actor, UnitFilter(words="医保"), on=TODAY).rows[0].ties == 1
