"""Keeping points (点位维护): where they are, who answers for them, retired and returned."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.map_link import read_map_link, read_pair, require_near
from volunteer.domain.naming import place_initials
from volunteer.domain.place import LatLon, gcj02_to_wgs84
from volunteer.domain.refusal import Refused
from volunteer.domain.series import require_sound
from volunteer.domain.terms import Datum, PointKind
from volunteer.domain.timekeeping import local_date
from volunteer.models.base import db
from volunteer.models.people import PointContract, Unit
from volunteer.models.places import CheckPoint, Community, District
from volunteer.operations.changes import hold, put, told
from volunteer.operations.journal import note
from volunteer.queries.points import district_centre, point_for, shifts_ahead

LINK = "link"
"""Instead of a datum: the coordinate is in a link out of AMap."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a point is, as it was typed: two figures in a datum, or a link; all empty is unknown."""

    datum: str = Datum.WGS84.value
    lat: float | None = None
    lon: float | None = None
    link: str = ""

    def in_wgs84(self) -> LatLon | None:
        """The coordinate to keep, or None where nothing was typed.

        Raises Refused ``half_a_pair``, and those of ``read_map_link`` and ``read_pair``.
        """
        if self.datum == LINK:
            return gcj02_to_wgs84(read_map_link(self.link))
        if self.lat is None and self.lon is None:
            return None
        if self.lat is None or self.lon is None:
            raise Refused(
                "half_a_pair",
                "纬度和经度要一起填写。",
                field="lon" if self.lon is None else "lat",
                status=422,
            )
        return read_pair(self.lat, self.lon, Datum[self.datum.upper()])


@dataclass(frozen=True, slots=True)
class PointParticulars:
    """What a point shall be."""

    name: str
    kind: PointKind
    district_id: int
    community_id: int | None
    address: str
    radius_metres: int
    priority: int
    safety_note: str
    police_team: str
    where: Whereabouts


def create_point(
    actor: Actor, wanted: PointParticulars, *, unit_id: int | None, at: datetime
) -> CheckPoint:
    """Add a point, with a responsible unit from today on if one is named.

    Raises Refused ``not_sound`` with all faults at once, and what ``require`` raises.
    """
    require(actor, Act.MANAGE_PLACES, district_id=wanted.district_id)
    values = _sound(wanted)
    point = CheckPoint(**values, secret=secrets.token_bytes(32))
    db.session.add(point)
    db.session.flush()
    note(
        actor,
        "create_point",
        point,
        f"新增点位“{point.name}”",
        at=at,
        unit_id=actor.unit_id,
        after={name: told(value) for name, value in values.items()},
    )
    if unit_id is not None:
        add_contract(
            actor, point.id, unit_id=unit_id, since_on=local_date(at), until_on=None, at=at
        )
    return point


def edit_point(
    actor: Actor, point_id: int, wanted: PointParticulars, *, seen: str, at: datetime
) -> CheckPoint:
    """Change a point; its code stays, so posters on site remain valid.

    Raises Refused ``not_found``, ``changed_meanwhile``, ``not_sound`` with all faults at once.
    """
    point = _for_keeping(actor, point_id)
    require(actor, Act.MANAGE_PLACES, district_id=wanted.district_id)
    hold(point, seen)
    values = _sound(wanted, point_id=point_id)
    if (values["lat"], values["lon"]) == (point.lat, point.lon):
        values["entered_datum"] = point.entered_datum
    before, after = put(point, values)
    if after:
        note(
            actor,
            "edit_point",
            point,
            f"修改点位“{point.name}”",
            at=at,
            unit_id=actor.unit_id,
            before=before,
            after=after,
        )
    return point


def retire_point(actor: Actor, point_id: int, *, reason: str, at: datetime) -> CheckPoint:
    """Take a point out of use from today on: no new shifts, its poster opens nothing; history stays.

    Raises Refused ``not_found``, ``shifts_ahead`` while shifts are still to come there.
    """
    point = _for_keeping(actor, point_id)
    hold(point)
    if point.retired_on is not None:
        return point
    if count := shifts_ahead(point_id, at=at):
        raise Refused(
            "shifts_ahead",
            "这个点位还有 %(count)s 个未完成的班次，不能停用。",
            "请先把班次改到别的点位，或取消它们。",
            values={"count": count},
        )
    today = local_date(at)
    point.retired_on = today
    note(
        actor,
        "retire_point",
        point,
        f"停用点位“{point.name}”",
        at=at,
        unit_id=actor.unit_id,
        after={"retired_on": today.isoformat()},
        reason=reason,
    )
    return point


def return_point(actor: Actor, point_id: int, *, at: datetime) -> CheckPoint:
    """Put a retired point back into use.

    Raises Refused ``not_found``.
    """
    point = _for_keeping(actor, point_id)
    hold(point)
    if point.retired_on is not None:
        before = {"retired_on": point.retired_on.isoformat()}
        point.retired_on = None
        note(
            actor,
            "return_point",
            point,
            f"恢复点位“{point.name}”",
            at=at,
            unit_id=actor.unit_id,
            before=before,
        )
    return point


def renew_poster(actor: Actor, point_id: int, *, reason: str, at: datetime) -> CheckPoint:
    """Give a point a new code because the old one got about: posters on site must be replaced.

    Raises Refused ``not_found``.
    """
    point = _for_keeping(actor, point_id)
    hold(point)
    point.secret = secrets.token_bytes(32)
    note(
        actor,
        "renew_poster",
        point,
        f"更换点位“{point.name}”的固定码，原海报作废",
        at=at,
        unit_id=actor.unit_id,
        reason=reason,
    )
    return point


def add_contract(
    actor: Actor,
    point_id: int,
    *,
    unit_id: int,
    since_on: date,
    until_on: date | None,
    at: datetime,
) -> PointContract:
    """Make a unit answer for a point for a time.

    Raises Refused ``not_found``, ``no_unit``, ``dates``, ``overlaps`` with the unit's own contract.
    """
    point = _for_keeping(actor, point_id)
    unit = db.session.get(Unit, unit_id)
    if unit is None or not unit.is_active:
        raise Refused("no_unit", "请选择在用的单位。", field="unit_id", status=422)
    if until_on is not None and until_on < since_on:
        raise Refused("dates", "截止日期不能早于开始日期。", field="until_on", status=422)
    hold(point)
    for other in db.session.scalars(
        select(PointContract).where(
            PointContract.point_id == point_id, PointContract.unit_id == unit_id
        )
    ):
        ends = other.until_on is None or other.until_on >= since_on
        if ends and (until_on is None or other.since_on <= until_on):
            raise Refused(
                "overlaps",
                "这个单位在这段时间已经是责任单位。",
                "请先结束原来的，或改日期。",
                field="unit_id",
                status=422,
            )
    contract = PointContract(
        unit_id=unit_id, point_id=point_id, since_on=since_on, until_on=until_on
    )
    db.session.add(contract)
    db.session.flush()
    note(
        actor,
        "add_contract",
        contract,
        f"“{unit.name}”负责点位“{point.name}”",
        at=at,
        unit_id=unit_id,
        after={"since_on": since_on.isoformat(), "until_on": told(until_on)},
    )
    return contract


def end_contract(
    actor: Actor, contract_id: int, *, until_on: date | None = None, at: datetime
) -> PointContract:
    """End a responsibility: the day named is the last one (today if none); one not begun is removed.

    Raises Refused ``not_found``, ``dates``.
    """
    contract = db.session.get(PointContract, contract_id)
    if contract is None:
        raise Refused("not_found", "没有找到这项责任。", status=404)
    point = _for_keeping(actor, contract.point_id)
    hold(contract)
    today = local_date(at)
    last = until_on or today
    unit_name = db.session.scalar(select(Unit.name).where(Unit.id == contract.unit_id))
    before = {"until_on": told(contract.until_on)}
    if contract.since_on > today and until_on is None:
        db.session.delete(contract)
        last = contract.since_on - timedelta(days=1)
    elif last < contract.since_on:
        raise Refused("dates", "截止日期不能早于开始日期。", field="until_on", status=422)
    else:
        contract.until_on = last
    note(
        actor,
        "end_contract",
        contract,
        f"“{unit_name}”对点位“{point.name}”的责任到 {last} 为止",
        at=at,
        unit_id=contract.unit_id,
        before=before,
        after={"until_on": last.isoformat()},
    )
    db.session.flush()
    return contract


def _for_keeping(actor: Actor, point_id: int) -> CheckPoint:
    require(actor, Act.MANAGE_PLACES)
    point = point_for(actor, point_id)
    require(actor, Act.MANAGE_PLACES, district_id=point.district_id)
    return point


def _sound(wanted: PointParticulars, *, point_id: int | None = None) -> dict[str, object]:
    """The columns of a point.

    Raises Refused ``not_sound`` with every fault in ``details``.
    """
    faults = []
    where = None
    name = wanted.name.strip()
    taken = select(CheckPoint.id).where(CheckPoint.name == name)
    if point_id is not None:
        taken = taken.where(CheckPoint.id != point_id)
    if not name:
        faults.append(Refused("name_missing", "请填写点位名称。", field="name", status=422))
    elif db.session.scalar(taken) is not None:
        faults.append(Refused("name_taken", "已经有一个同名的点位。", field="name", status=422))
    if db.session.get(District, wanted.district_id) is None:
        faults.append(Refused("no_district", "请选择所在的区。", field="district_id", status=422))
    if wanted.community_id is not None:
        community = db.session.get(Community, wanted.community_id)
        if community is None or community.district_id != wanted.district_id:
            faults.append(
                Refused(
                    "wrong_community", "这个社区不在所选的区里。", field="community_id", status=422
                )
            )
    try:
        where = wanted.where.in_wgs84()
        if where is not None:
            require_near(where, district_centre(wanted.district_id))
    except Refused as refused:
        faults.append(refused)
    require_sound(faults)
    return {
        "name": name,
        "pinyin": place_initials(name),
        "kind": wanted.kind,
        "district_id": wanted.district_id,
        "community_id": wanted.community_id,
        "address": wanted.address,
        "lat": round(where.lat, 7) if where else None,
        "lon": round(where.lon, 7) if where else None,
        "entered_datum": "gcj02" if wanted.where.datum in (LINK, "gcj02") else "wgs84",
        "radius_metres": wanted.radius_metres,
        "priority": wanted.priority,
        "safety_note": wanted.safety_note,
        "police_team": wanted.police_team,
    }
