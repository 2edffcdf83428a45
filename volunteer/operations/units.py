"""Keeping units (单位维护): a tree without rings, closed with everything in order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from volunteer.domain.access import Act, Actor, require, scope_of
from volunteer.domain.identity import local_phone, normalise_phone, read_credit_code
from volunteer.domain.naming import place_initials
from volunteer.domain.refusal import Refused
from volunteer.domain.series import require_sound
from volunteer.domain.terms import UnitKind, UnitLevel
from volunteer.models.base import db
from volunteer.models.people import Unit
from volunteer.models.places import District
from volunteer.operations.changes import hold, put, told
from volunteer.operations.journal import note
from volunteer.queries.units import may_keep, trail_of, unit_for


@dataclass(frozen=True, slots=True)
class UnitParticulars:
    """What a unit shall be; texts as typed."""

    name: str
    level: UnitLevel
    kind: UnitKind
    full_name: str = ""
    district_id: int | None = None
    parent_id: int | None = None
    guiding_unit_id: int | None = None
    credit_code: str = ""
    staff_count: int | None = None
    contact_name: str = ""
    contact_phone: str = ""


def create_unit(actor: Actor, wanted: UnitParticulars, *, at: datetime) -> Unit:
    """Add a unit.

    Raises Refused ``not_sound`` with all faults at once, ``level_above`` for a district office that
    would make a city unit, and what ``require`` raises.
    """
    _require_keeper(actor, wanted)
    values = _sound(wanted)
    unit = Unit(**values)
    db.session.add(unit)
    db.session.flush()
    note(
        actor,
        "create_unit",
        unit,
        f"新增单位“{unit.name}”",
        at=at,
        unit_id=unit.id,
        after={name: told(value) for name, value in values.items() if value not in (None, "")},
    )
    return unit


def edit_unit(
    actor: Actor, unit_id: int, wanted: UnitParticulars, *, seen: str, at: datetime
) -> Unit:
    """Change a unit; a new parent is refused where it would close a ring.

    Raises Refused ``not_found``, ``changed_meanwhile``, ``not_sound``, ``level_above``.
    """
    unit = unit_to_keep(actor, unit_id)
    _require_keeper(actor, wanted)
    for one in sorted({unit.id, wanted.parent_id or unit.id}):
        if (row := db.session.get(Unit, one)) is not None:
            hold(row, seen if one == unit.id else None)
    before, after = put(unit, _sound(wanted, unit_id=unit_id))
    if after:
        note(
            actor,
            "edit_unit",
            unit,
            f"修改单位“{unit.name}”",
            at=at,
            unit_id=unit.id,
            before=before,
            after=after,
        )
    return unit


def unit_to_keep(actor: Actor, unit_id: int) -> Unit:
    """The unit, if the actor maintains it.

    Raises Refused ``not_found`` (404), ``not_allowed`` (403).
    """
    require(actor, Act.MANAGE_UNITS)
    unit = unit_for(actor, unit_id, act=Act.MANAGE_UNITS)
    if not may_keep(actor, unit):
        raise Refused("not_found", "没有找到这个单位。", "请从列表重新进入。", status=404)
    return unit


def _require_keeper(actor: Actor, wanted: UnitParticulars) -> None:
    """Pass if the actor may keep a unit of this level and district."""
    require(actor, Act.MANAGE_UNITS)
    if scope_of(actor, Act.MANAGE_UNITS).everything:
        return
    if wanted.level is UnitLevel.CITY or wanted.district_id is None:
        raise Refused(
            "level_above",
            "市级单位和不分区的单位由市级管理员维护。",
            "请选择本区和区级以下的层级。",
            field="level",
            status=422,
        )
    require(actor, Act.MANAGE_UNITS, district_id=wanted.district_id)


def _fault(code: str, sentence: str, field: str, hint: str = "") -> Refused:
    return Refused(code, sentence, hint, field=field, status=422)


def _sound(wanted: UnitParticulars, *, unit_id: int | None = None) -> dict[str, Any]:
    """The columns of a unit.

    Raises Refused ``not_sound`` with every fault in ``details``.
    """
    faults = [*_name_faults(wanted, unit_id), *_family_faults(wanted, unit_id)]
    code = phone = None
    try:
        code = read_credit_code(wanted.credit_code) if wanted.credit_code.strip() else None
        taken = select(Unit.id).where(Unit.credit_code == code, Unit.id != (unit_id or 0))
        if code and db.session.scalar(taken) is not None:
            faults.append(_fault("code_taken", "另一个单位已登记这个信用代码。", "credit_code"))
    except Refused as refused:
        faults.append(refused)
    try:
        typed = wanted.contact_phone.strip()
        phone = local_phone(normalise_phone(typed)) if typed else ""
    except Refused as refused:
        refused.field = "contact_phone"
        faults.append(refused)
    require_sound(faults)
    name = wanted.name.strip()
    return {
        "name": name,
        "full_name": wanted.full_name.strip() or name,
        "pinyin": place_initials(name),
        "level": wanted.level,
        "kind": wanted.kind,
        "district_id": wanted.district_id,
        "parent_id": wanted.parent_id,
        "guiding_unit_id": wanted.guiding_unit_id,
        "credit_code": code,
        "staff_count": wanted.staff_count,
        "contact_name": wanted.contact_name.strip(),
        "contact_phone": phone or "",
    }


def _name_faults(wanted: UnitParticulars, unit_id: int | None) -> list[Refused]:
    name = wanted.name.strip()
    if not name:
        return [_fault("name_missing", "请填写单位名称。", "name")]
    same = select(Unit.id).where(Unit.name == name, Unit.id != (unit_id or 0))
    if db.session.scalar(same) is not None:
        return [_fault("name_taken", "已经有一个同名的单位。", "name")]
    return []


def _family_faults(wanted: UnitParticulars, unit_id: int | None) -> list[Refused]:
    faults = []
    if wanted.level is not UnitLevel.CITY and wanted.district_id is None:
        faults.append(_fault("no_district", "区级以下的单位请选择所在的区。", "district_id"))
    if wanted.district_id is not None and db.session.get(District, wanted.district_id) is None:
        faults.append(_fault("no_district", "没有找到这个区。", "district_id"))
    if wanted.kind is UnitKind.INNER_TEAM and wanted.guiding_unit_id is None:
        hint = "单位内志愿服务队由它记录时长、出具证明。"
        faults.append(_fault("no_guide", "请选择指导单位。", "guiding_unit_id", hint))
    for field, other in (
        ("parent_id", wanted.parent_id),
        ("guiding_unit_id", wanted.guiding_unit_id),
    ):
        if other is None:
            continue
        unit = db.session.get(Unit, other)
        if unit is None or not unit.is_active:
            faults.append(_fault("unit_closed", "这个单位已停用，请另选。", field))
        elif other == unit_id:
            faults.append(_fault("itself", "不能选择本单位自己。", field))
    is_moved = unit_id is not None and wanted.parent_id not in (None, unit_id)
    if is_moved and unit_id in {one for one, _name in trail_of(wanted.parent_id)}:
        hint = "请另选上级单位。"
        faults.append(_fault("ring", "所选的上级单位本身在这个单位之下。", "parent_id", hint))
    return faults
