"""Areas: made, renamed, moved, deleted only where nothing hangs on them."""

import pytest
from flask import Flask

from tests.builders import NOW, City, a_city, a_community, a_point
from volunteer.domain.refusal import Refused
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry
from volunteer.models.places import Building, Community, GridArea, Street
from volunteer.operations.areas import create_area, create_areas, delete_area, edit_area
from volunteer.queries.accounts import actor_of
from volunteer.queries.areas import (
    AreaLevel,
    community_sheet,
    district_sheet,
    districts_listed,
)
from volunteer.queries.seen import mark_of


@pytest.fixture
def city(app: Flask) -> City:
    return a_city()


def test_a_district_office_builds_its_own_tree(city: City) -> None:
    actor = actor_of(city.district_admin, at=NOW)
    street = create_area(
        actor, AreaLevel.STREET, {"name": " 城北路街道 ", "district_id": city.district.id}, at=NOW
    )
    values = {"district_id": city.district.id, "street_id": street.id}
    made = create_areas(actor, AreaLevel.COMMUNITY, "翠园社区\n\n西湖社区", values, at=NOW)
    grid = create_area(
        actor, AreaLevel.GRID, {"name": "一片区", "community_id": made[0].id}, at=NOW
    )
    building = {"name": "1 号楼", "community_id": made[0].id, "grid_area_id": grid.id}
    create_area(actor, AreaLevel.BUILDING, building, at=NOW)
    assert street.name == "城北路街道"
    sheet = district_sheet(actor, city.district.id)
    assert [(row.name, row.street_name, row.grids, row.buildings) for row in sheet.communities][-1][
        1:
    ] in [("城北路街道", 1, 1), ("城北路街道", 0, 0)]
    assert community_sheet(actor, made[0].id).buildings[0][1] == "一片区"
    assert {row.district.name: row.communities for row in districts_listed()} == {
        "大祥区": 3,
        "双清区": 0,
    }
    acts = [line.act for line in db.session.query(AuditEntry).order_by(AuditEntry.id)]
    assert acts[-5:] == [
        "create_street", "create_community", "create_community", "create_grid", "create_building",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("names", "code"),
    [("", "name_missing"), ("人民巷社区", "name_taken"), ("长" * 61, "name_long")],
)
def test_a_name_is_there_free_and_short(city: City, names: str, code: str) -> None:
    actor = actor_of(city.city_admin, at=NOW)
    with pytest.raises(Refused) as told:
        create_areas(actor, AreaLevel.COMMUNITY, names, {"district_id": city.district.id}, at=NOW)
    assert (told.value.code, told.value.field) == (code, "names")


def test_parents_belong_together(city: City) -> None:
    actor = actor_of(city.city_admin, at=NOW)
    street = Street(district_id=city.other_district.id, name="兴隆街道")
    db.session.add(street)
    grid = GridArea(community_id=a_community(city.other_district).id, name="甲")
    db.session.add(grid)
    db.session.flush()
    wrong = {"name": "新", "district_id": city.district.id, "street_id": street.id}
    with pytest.raises(Refused) as told:
        create_area(actor, AreaLevel.COMMUNITY, wrong, at=NOW)
    assert (told.value.code, told.value.field) == ("wrong_parent", "street_id")
    wrong = {"name": "新", "community_id": city.community.id, "grid_area_id": grid.id}
    with pytest.raises(Refused) as told:
        create_area(actor, AreaLevel.BUILDING, wrong, at=NOW)
    assert told.value.field == "grid_area_id"


def test_an_area_with_things_in_it_stays_and_says_what(city: City) -> None:
    actor = actor_of(city.city_admin, at=NOW)
    db.session.add(Building(community_id=city.community.id, name="1 号楼"))
    db.session.flush()
    with pytest.raises(Refused) as told:
        delete_area(actor, AreaLevel.COMMUNITY, city.community.id, at=NOW)
    assert told.value.code == "has_things"
    assert "1 个楼栋" in told.value.sentence
    assert "1 个点位" in told.value.sentence
    assert "1 项联点" in told.value.sentence
    with pytest.raises(Refused) as told:
        delete_area(actor, AreaLevel.DISTRICT, city.district.id, at=NOW)
    assert "个社区" in told.value.sentence


def test_a_bare_area_goes(city: City) -> None:
    bare = a_community(city.district, "空社区")
    assert (
        delete_area(actor_of(city.district_admin, at=NOW), AreaLevel.COMMUNITY, bare.id, at=NOW)
        == "空社区"
    )
    assert db.session.get(Community, bare.id) is None


def test_renaming_is_told_before_and_after_and_not_over_a_stale_page(city: City) -> None:
    actor, seen = actor_of(city.district_admin, at=NOW), mark_of(city.community)
    edit_area(
        actor, AreaLevel.COMMUNITY, city.community.id, {"name": "人民社区"}, seen=seen, at=NOW
    )
    line = db.session.query(AuditEntry).filter_by(act="edit_community").one()
    assert (line.before, line.after) == ({"name": "人民巷社区"}, {"name": "人民社区"})
    with pytest.raises(Refused) as told:
        edit_area(actor, AreaLevel.COMMUNITY, city.community.id, {"name": "x"}, seen=seen, at=NOW)
    assert told.value.code == "changed_meanwhile"


def test_an_area_with_things_does_not_change_district(city: City) -> None:
    actor = actor_of(city.city_admin, at=NOW)
    a_point(city.district, community_id=city.community.id)
    with pytest.raises(Refused) as told:
        edit_area(
            actor,
            AreaLevel.COMMUNITY,
            city.community.id,
            {"district_id": city.other_district.id},
            seen=mark_of(city.community),
            at=NOW,
        )
    assert told.value.code == "has_things"


@pytest.mark.parametrize(
    ("who", "level", "status"),
    [
        ("district_admin", AreaLevel.DISTRICT, 403),
        ("organizer", AreaLevel.COMMUNITY, 403),
        ("auditor", AreaLevel.COMMUNITY, 403),
    ],
)
def test_others_keep_nothing(city: City, who: str, level: AreaLevel, status: int) -> None:
    actor = actor_of(getattr(city, who), at=NOW)
    with pytest.raises(Refused) as told:
        create_area(actor, level, {"name": "新", "district_id": city.district.id}, at=NOW)
    assert told.value.status == status


def test_the_other_district_is_not_there_for_a_district_office(city: City) -> None:
    actor = actor_of(city.district_admin, at=NOW)
    stranger = a_community(city.other_district)
    with pytest.raises(Refused) as told:
        delete_area(actor, AreaLevel.COMMUNITY, stranger.id, at=NOW)
    assert told.value.status == 404
    with pytest.raises(Refused) as told:
        create_area(
            actor, AreaLevel.STREET, {"name": "x", "district_id": city.other_district.id}, at=NOW
        )
    assert told.value.status == 404
