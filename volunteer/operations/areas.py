"""Keeping the areas of the city (区划维护): made, renamed, moved; deleted only where nothing hangs on them."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from volunteer.domain.access import Act, Actor, require, scope_of
from volunteer.domain.refusal import Refused
from volunteer.models.base import db
from volunteer.models.places import Community, GridArea, Street
from volunteer.operations.changes import hold, put
from volunteer.operations.journal import note
from volunteer.queries.areas import TABLES, AreaLevel, area_for, district_of, hanging_on

PARENTS = {
    AreaLevel.DISTRICT: (),
    AreaLevel.STREET: ("district_id",),
    AreaLevel.COMMUNITY: ("district_id", "street_id"),
    AreaLevel.GRID: ("community_id",),
    AreaLevel.BUILDING: ("community_id", "grid_area_id"),
}


def create_area(actor: Actor, level: AreaLevel, values: dict[str, Any], *, at: datetime) -> Any:
    """Make an area; ``values`` are its name and the areas it lies in.

    Raises Refused ``name_missing``, ``name_taken``, ``wrong_parent``, and what ``require`` raises.
    """
    _require_keeper(actor, level, values)
    wanted = _sound(level, values)
    area = TABLES[level](**wanted)
    db.session.add(area)
    db.session.flush()
    note(
        actor,
        f"create_{level.value}",
        area,
        f"新增{level.label}“{area.name}”",
        at=at,
        unit_id=actor.unit_id,
        after=wanted,
    )
    return area


def create_areas(
    actor: Actor, level: AreaLevel, names: str, values: dict[str, Any], *, at: datetime
) -> list[Any]:
    """Make several areas at once, one name a line; all or none.

    Raises Refused ``name_missing``, and those of ``create_area``.
    """
    lines = [line.strip() for line in names.splitlines() if line.strip()]
    if not lines:
        raise Refused("name_missing", "请填写名称，每行一个。", field="names", status=422)
    if len(lines) > 200:
        raise Refused("too_many", "一次最多新增 200 个。", field="names", status=422)
    made = []
    for line in lines:
        try:
            made.append(create_area(actor, level, {**values, "name": line}, at=at))
        except Refused as refused:
            if refused.field == "name":
                refused.field = "names"
            raise
    return made


def edit_area(
    actor: Actor, level: AreaLevel, area_id: int, values: dict[str, Any], *, seen: str, at: datetime
) -> Any:
    """Rename or move an area.

    Raises Refused ``not_found``, ``changed_meanwhile``, ``name_missing``, ``name_taken``,
    ``wrong_parent``, ``has_things`` when it would change district with things in it.
    """
    area = _for_keeping(actor, level, area_id)
    hold(area, seen)
    _require_keeper(actor, level, {**_kept(level, area), **values})
    wanted = _sound(level, {**_kept(level, area), **values}, area_id=area_id)
    moves = any(wanted.get(name) != getattr(area, name) for name in ("district_id", "community_id")
                if hasattr(area, name))  # fmt: skip
    if moves and (things := hanging_on(level, area_id)):
        raise Refused(
            "has_things",
            "这个%(level)s里还有%(things)s，不能移到别处。",
            "请先移走它们，或只修改名称。",
            status=422,
            values={"level": level.label, "things": _words(things)},
        )
    before, after = put(area, wanted)
    if after:
        note(
            actor,
            f"edit_{level.value}",
            area,
            f"修改{level.label}“{area.name}”",
            at=at,
            unit_id=actor.unit_id,
            before=before,
            after=after,
        )
    return area


def delete_area(actor: Actor, level: AreaLevel, area_id: int, *, at: datetime) -> str:
    """Delete an area on which nothing hangs; returns its name.

    Raises Refused ``not_found``, ``has_things`` with what hangs on it.
    """
    area = _for_keeping(actor, level, area_id)
    hold(area)
    if level is AreaLevel.DISTRICT:
        _require_city(actor)
    if things := hanging_on(level, area_id):
        raise Refused(
            "has_things",
            "%(level)s“%(name)s”里还有%(things)s，不能删除。",
            "请先移走或停用它们；也可以只改名称。",
            values={"level": level.label, "name": area.name, "things": _words(things)},
        )
    name = str(area.name)
    note(
        actor,
        f"delete_{level.value}",
        area,
        f"删除{level.label}“{name}”",
        at=at,
        unit_id=actor.unit_id,
        before=_kept(level, area),
    )
    db.session.delete(area)
    db.session.flush()
    return name


def _words(things: list[tuple[int, str]]) -> str:
    return "、".join(f" {count} {words}" for count, words in things)


def _kept(level: AreaLevel, area: Any) -> dict[str, Any]:
    names = ["name", *PARENTS[level]]
    names += ["note"] if level is AreaLevel.COMMUNITY else []
    names += ["centre_lat", "centre_lon"] if level is AreaLevel.DISTRICT else []
    return {name: getattr(area, name) for name in names}


def _require_city(actor: Actor) -> None:
    if not scope_of(actor, Act.MANAGE_PLACES).everything:
        raise Refused("city_only", "区由市级管理员维护。", "请联系市级管理员。", status=403)


def _require_keeper(actor: Actor, level: AreaLevel, values: dict[str, Any]) -> None:
    """Pass if the actor keeps the place where the area shall lie."""
    require(actor, Act.MANAGE_PLACES)
    if level is AreaLevel.DISTRICT:
        _require_city(actor)
    elif level in (AreaLevel.STREET, AreaLevel.COMMUNITY):
        require(actor, Act.MANAGE_PLACES, district_id=values.get("district_id") or 0)
    else:
        community = db.session.get(Community, values.get("community_id") or 0)
        require(actor, Act.MANAGE_PLACES, district_id=community.district_id if community else 0)


def _for_keeping(actor: Actor, level: AreaLevel, area_id: int) -> Any:
    require(actor, Act.MANAGE_PLACES)
    area = area_for(actor, level, area_id, act=Act.MANAGE_PLACES)
    require(actor, Act.MANAGE_PLACES, district_id=district_of(level, area))
    return area


def _sound(
    level: AreaLevel, values: dict[str, Any], *, area_id: int | None = None
) -> dict[str, Any]:
    """The values as they are kept: a name that is free among its neighbours, parents that belong together."""
    name = str(values.get("name") or "").strip()
    if not name:
        raise Refused("name_missing", "请填写名称。", field="name", status=422)
    if len(name) > 60:
        raise Refused("name_long", "名称最多 60 个字。", field="name", status=422)
    table: Any = TABLES[level]
    same = select(table.id).where(table.name == name)
    if PARENTS[level]:
        owner = PARENTS[level][0]
        same = same.where(getattr(table, owner) == values[owner])
    if area_id is not None:
        same = same.where(table.id != area_id)
    if db.session.scalar(same) is not None:
        raise Refused(
            "name_taken",
            "已经有一个叫“%(name)s”的%(level)s。",
            field="name",
            status=422,
            values={"name": name, "level": level.label},
        )
    _require_family(level, values)
    return {**values, "name": name}


def _require_family(level: AreaLevel, values: dict[str, Any]) -> None:
    inner: Any = None
    if level is AreaLevel.COMMUNITY and values.get("street_id"):
        inner = db.session.get(Street, values["street_id"])
        fits = inner is not None and inner.district_id == values["district_id"]
        field, words = "street_id", "这个街道不在所选的区里。"
    elif level is AreaLevel.BUILDING and values.get("grid_area_id"):
        inner = db.session.get(GridArea, values["grid_area_id"])
        fits = inner is not None and inner.community_id == values["community_id"]
        field, words = "grid_area_id", "这个网格不在所选的社区里。"
    else:
        return
    if not fits:
        raise Refused("wrong_parent", words, field=field, status=422)
