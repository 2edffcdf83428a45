"""The ground of the demo city: districts, communities, points, units, ties, kinds, skills, the calendar."""

import json
import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from volunteer.domain.naming import initials, place_initials
from volunteer.domain.terms import Datum, Nature, PointKind, UnitKind, UnitLevel
from volunteer.domain.timekeeping import seed_calendar
from volunteer.models import activities, campaigns, people, places
from volunteer.models.base import db

SOURCE = Path(__file__).parent / "data" / "shaoyang.json"

POINT_KINDS = {
    "crossing": PointKind.CROSSING,
    "road section": PointKind.ROAD_SECTION,
    "park": PointKind.PARK,
    "station": PointKind.STATION,
    "market": PointKind.MARKET,
    "community": PointKind.COMMUNITY,
    "care home": PointKind.CARE_HOME,
    "net cafe": PointKind.NET_CAFE,
}
UNIT_KINDS = {
    "office": UnitKind.OFFICE,
    "agency": UnitKind.AGENCY,
    "public institution": UnitKind.PUBLIC_INSTITUTION,
    "state enterprise": UnitKind.STATE_ENTERPRISE,
    "mass organisation": UnitKind.MASS_ORGANISATION,
    "street office": UnitKind.STREET_OFFICE,
    "residents' committee": UnitKind.RESIDENTS_COMMITTEE,
}
RADIUS = {
    PointKind.ROAD_SECTION: 600,
    PointKind.COMMUNITY: 500,
    PointKind.PARK: 400,
    PointKind.NET_CAFE: 500,
}
SAFETY = {
    PointKind.CROSSING: "请站在路沿石以内，服从现场交警指挥，不与行人争执，不进入机动车道。",
    PointKind.ROAD_SECTION: "请靠人行道内侧行走，两人以上同行，注意非机动车。",
    PointKind.PARK: "请留意湿滑路面，使用工具时与他人保持两米以上距离。",
    PointKind.MARKET: "市场内人车混行，请结伴巡查，注意地面湿滑。",
    PointKind.STATION: "请勿进入车辆通道，旅客求助请引导到服务台。",
    PointKind.COMMUNITY: "入户请两人同行，亮明身份，未经同意不进门、不拍照。",
    PointKind.CARE_HOME: "请先洗手、戴口罩，动作轻缓，老人不适立即告知护理员。",
    PointKind.NET_CAFE: "请两人同行，亮明身份，发现问题登记上报，不与人争执。",
}
SKILLS = (
    ("leader", "带队", None),
    ("first_aid", "急救", 24),
    ("traffic", "交通劝导培训", 24),
    ("care", "陪护培训", 24),
)
HUES = {
    "traffic": "traffic",
    "elderly": "elderly",
    "greenery": "greenery",
    "net_cafe": "net_cafe",
    "cleaning": "cleaning",
    "hazard_waste": "hazard_waste",
    "household": "household",
    "street_patrol": "street_patrol",
    "posters": "posters",
    "parking_order": "parking_order",
    "road_inspection": "road_inspection",
}
KIND_SAFETY = {
    "traffic": "穿红马甲、戴红帽，站在路沿石以内，听从交警指挥。六级以上大风或暴雨自动取消。",
    "greenery": "戴好手套，工具不朝向他人；雷雨和高温橙色预警时停止作业。",
    "elderly": "先洗手再进门，动作轻缓，不代老人保管钱物。",
    "household": "两人一组，亮明身份，未经同意不进门、不拍照。",
}


PARENTS = {
    "市交警支队": "市公安局",
    "双清交警大队": "市交警支队",
    "大祥公安分局": "市公安局",
    "大祥区市监局": "市市监局",
}
"""Which unit stands below which; the newspaper does not say, the administration does."""


def source() -> dict[str, Any]:
    """The facts the demo starts from."""
    facts: dict[str, Any] = json.loads(SOURCE.read_text(encoding="utf-8"))
    return facts


class Ground:
    """The rows that the rest of the demo refers to by name."""

    def __init__(self) -> None:
        self.districts: dict[str, places.District] = {}
        self.communities: dict[str, places.Community] = {}
        self.points: dict[str, places.CheckPoint] = {}
        self.units: dict[str, people.Unit] = {}
        self.kinds: dict[str, activities.ActivityKind] = {}
        self.skills: dict[str, people.Skill] = {}
        self.staff: dict[str, int] = {}
        self.responsible: dict[str, str] = {}
        self.ties: dict[str, list[str]] = {}


def _areas(ground: Ground, facts: dict[str, Any]) -> None:
    for item in facts["districts"]:
        lat, lon = item["centre"]
        district = places.District(name=item["name"], centre_lat=lat, centre_lon=lon)
        ground.districts[item["name"]] = district
        db.session.add(district)
    db.session.flush()
    for item in facts["districts"]:
        district = ground.districts[item["name"]]
        db.session.add_all(
            places.Street(district_id=district.id, name=name) for name in item["streets"]
        )
    for item in facts["communities"]:
        community = places.Community(
            district_id=ground.districts[item["district"]].id,
            name=item["name"],
            note=item.get("note", ""),
        )
        ground.communities[item["name"]] = community
        db.session.add(community)
    db.session.flush()
    for item in facts["communities"]:
        community = ground.communities[item["name"]]
        grids = [
            places.GridArea(community_id=community.id, name=f"第{'一二三四五六'[i]}片区")
            for i in range(item.get("grid_areas", 0))
        ]
        db.session.add_all(grids)
        db.session.flush()
        for i in range(item.get("buildings", 0)):
            db.session.add(
                places.Building(
                    community_id=community.id,
                    grid_area_id=grids[i % len(grids)].id,
                    name=f"{i + 1} 号楼",
                )
            )


def _points(ground: Ground, facts: dict[str, Any], rng: random.Random) -> None:
    for item in facts["points"]:
        kind = POINT_KINDS[item["kind"]]
        community = next(
            (c for name, c in ground.communities.items() if item["name"].startswith(name)), None
        )
        lat, lon = item["at"]
        point = places.CheckPoint(
            name=item["name"],
            pinyin=place_initials(item["name"]),
            kind=kind,
            district_id=ground.districts[item["district"]].id,
            community_id=community.id if community else None,
            address=f"{item['district']}{item['name']}",
            lat=lat,
            lon=lon,
            entered_datum=Datum.WGS84.value,
            radius_metres=RADIUS.get(kind, 200),
            priority=2 if kind in (PointKind.CROSSING, PointKind.STATION) else 3,
            safety_note=SAFETY.get(kind, ""),
            secret=rng.randbytes(32),
        )
        ground.points[item["name"]] = point
        ground.responsible[item["name"]] = item["responsible"]
        db.session.add(point)
    db.session.flush()


def _stations(ground: Ground, rng: random.Random) -> None:
    """A practice station (新时代文明实践站) in every community; the places are invented."""
    for name, community in ground.communities.items():
        district = next(d for d in ground.districts.values() if d.id == community.district_id)
        station = places.CheckPoint(
            name=f"{name}文明实践站",
            kind=PointKind.CIVIC_STATION,
            district_id=district.id,
            community_id=community.id,
            address=f"{district.name}{name}",
            lat=round((district.centre_lat or 27.24) + rng.uniform(-0.012, 0.012), 5),
            lon=round((district.centre_lon or 111.47) + rng.uniform(-0.012, 0.012), 5),
            radius_metres=300,
            priority=3,
            safety_note="请先到实践站签到，统一行动；入户请两人同行，亮明身份。",
            secret=rng.randbytes(32),
        )
        ground.points[station.name] = station
        db.session.add(station)
    db.session.flush()


def _units(ground: Ground, facts: dict[str, Any], since: date, rng: random.Random) -> None:
    for item in facts["units"]:
        unit = people.Unit(
            name=item["name"],
            full_name=item.get("full", item["name"]),
            pinyin=initials(item["name"]),
            level=UnitLevel[item["level"].upper()],
            kind=UNIT_KINDS[item["kind"]],
            district_id=ground.districts[item["district"]].id if "district" in item else None,
            staff_count=item.get("staff"),
            contact_name=rng.choice("李王张刘陈杨黄周吴罗") + "主任",
            contact_phone=f"0739-53{rng.randrange(10000, 99999)}",
        )
        db.session.add(unit)
        db.session.flush()
        ground.units[item["name"]] = unit
        ground.staff[item["name"]] = item.get("staff", 0)
        ground.ties[item["name"]] = item.get("ties", [])
        for community in item.get("ties", []):
            db.session.add(
                people.Tie(
                    unit_id=unit.id, community_id=ground.communities[community].id, since_on=since
                )
            )
    for name, parent in PARENTS.items():
        ground.units[name].parent_id = ground.units[parent].id
    for point, name in ground.responsible.items():
        db.session.add(
            people.PointContract(
                unit_id=ground.units[name].id, point_id=ground.points[point].id, since_on=since
            )
        )


def _kinds(ground: Ground, facts: dict[str, Any]) -> None:
    for code, name, months in SKILLS:
        ground.skills[code] = people.Skill(code=code, name=name, valid_months=months)
        db.session.add(ground.skills[code])
    for item in facts["kinds"]:
        low, high = item["heads"]
        needs = ["care"] if item.get("requires") else []
        kind = activities.ActivityKind(
            code=item["code"],
            name=item["name"],
            hue=HUES.get(item["code"], "hue-1"),
            nature=Nature.VOLUNTEER,
            slots=[slot.split("-") for slot in item["slots"]],
            days=item["days"],
            min_heads=low,
            target_heads=max(low, round((low + high) / 2)),
            max_heads=high,
            needs_leader=item.get("leader", low >= 3),
            in_pairs=item.get("pairs", False),
            min_age=item.get("min_age", 16),
            max_age=65 if item.get("dangerous") else 70,
            is_dangerous=item.get("dangerous", False),
            required_skills=needs,
            kit=item.get("kit", []),
            counters=item.get("counters", []),
            safety_note=KIND_SAFETY.get(item["code"], ""),
            is_open=True,
            reach_metres=5000,
        )
        ground.kinds[item["code"]] = kind
        db.session.add(kind)


def _calendar(years: range) -> None:
    for year in years:
        for day in seed_calendar(year):
            db.session.add(
                places.CalendarDay(on_date=day.on, kind=day.kind, name=day.note, source="library")
            )


def _campaign(ground: Ground, facts: dict[str, Any], monday: date) -> None:
    campaign = campaigns.Campaign(
        name=facts["city"]["campaign"].replace("2023", str(monday.year)),
        starts_on=date(monday.year, 1, 1),
        ends_on=date(monday.year, 12, 31),
    )
    db.session.add(campaign)
    db.session.flush()
    windows = (
        (
            f"{monday.year}年省检测评",
            "省检",
            monday - timedelta(days=19),
            monday - timedelta(days=17),
        ),
        (
            f"{monday.year}年国检实地测评",
            "国检",
            monday + timedelta(days=2),
            monday + timedelta(days=3),
        ),
        ("国家卫生城市复审", "复审", monday + timedelta(days=9), monday + timedelta(days=10)),
    )
    for name, badge, first, last in windows:
        inspection = campaigns.Inspection(
            campaign_id=campaign.id, name=name, badge=badge, starts_on=first, ends_on=last
        )
        db.session.add(inspection)
        db.session.flush()
        for point in ground.points.values():
            if point.kind in (PointKind.CROSSING, PointKind.STATION, PointKind.MARKET):
                db.session.add(campaigns.KeyPoint(inspection_id=inspection.id, point_id=point.id))


def lay_ground(monday: date, rng: random.Random) -> Ground:
    """Add the places, units, kinds, calendar and campaign; ``monday`` is this week's."""
    facts = source()
    ground = Ground()
    since = date(monday.year, 1, 1)
    _areas(ground, facts)
    _points(ground, facts, rng)
    _stations(ground, rng)
    _units(ground, facts, since, rng)
    _kinds(ground, facts)
    _calendar(range(monday.year - 1, monday.year + 2))
    _campaign(ground, facts, monday)
    db.session.flush()
    return ground
