"""Keeping kinds of service and skills (服务类型、资质维护): defaults for what comes, never for what was."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.naming import syllables
from volunteer.domain.refusal import Refused
from volunteer.domain.series import Slot, require_sound
from volunteer.domain.terms import Nature
from volunteer.models.activities import ActivityKind
from volunteer.models.base import db
from volunteer.models.people import Skill
from volunteer.operations.changes import hold, put, told
from volunteer.operations.journal import note
from volunteer.queries.kinds import kind_for, skill_for

DAYS = ("workdays", "weekend", "saturday", "any")
MOST_SLOTS = 6


@dataclass(frozen=True, slots=True)
class KindParticulars:
    """What a kind of service shall be; ``slots`` are pairs of clock times as typed."""

    name: str
    hue: str
    nature: Nature
    slots: tuple[tuple[str, str], ...]
    days: str
    min_heads: int
    target_heads: int
    max_heads: int
    needs_leader: bool
    in_pairs: bool
    min_age: int
    max_age: int
    is_dangerous: bool
    required_skills: tuple[str, ...]
    kit: tuple[str, ...]
    counters: tuple[str, ...]
    safety_note: str
    is_open: bool
    reach_metres: int


def create_kind(actor: Actor, wanted: KindParticulars, *, at: datetime) -> ActivityKind:
    """Add a kind of service; its code follows from the name.

    Raises Refused ``not_sound`` with all faults at once, and what ``require`` raises.
    """
    require(actor, Act.MANAGE_KINDS)
    values = _sound(wanted)
    kind = ActivityKind(**values, code=_free_code(ActivityKind, wanted.name))
    db.session.add(kind)
    db.session.flush()
    note(
        actor,
        "create_kind",
        kind,
        f"新增服务类型“{kind.name}”",
        at=at,
        unit_id=actor.unit_id,
        after={name: told(value) for name, value in values.items()},
    )
    return kind


def edit_kind(
    actor: Actor, kind_id: int, wanted: KindParticulars, *, seen: str, at: datetime
) -> ActivityKind:
    """Change the defaults of a kind; activities and shifts that exist keep what they have.

    Raises Refused ``not_found``, ``changed_meanwhile``, ``not_sound``, and what ``require`` raises.
    """
    require(actor, Act.MANAGE_KINDS)
    kind = kind_for(kind_id)
    hold(kind, seen)
    before, after = put(kind, _sound(wanted, kind_id=kind_id))
    if after:
        note(
            actor,
            "edit_kind",
            kind,
            f"修改服务类型“{kind.name}”",
            at=at,
            unit_id=actor.unit_id,
            before=before,
            after=after,
        )
    return kind


def use_kind(actor: Actor, kind_id: int, *, is_active: bool, at: datetime) -> ActivityKind:
    """Take a kind out of use for new activities, or put it back; a second time changes nothing.

    Raises Refused ``not_found``, and what ``require`` raises.
    """
    require(actor, Act.MANAGE_KINDS)
    kind = kind_for(kind_id)
    hold(kind)
    if kind.is_active != is_active:
        kind.is_active = is_active
        word = "恢复" if is_active else "停用"
        note(
            actor,
            "use_kind",
            kind,
            f"{word}服务类型“{kind.name}”",
            at=at,
            unit_id=actor.unit_id,
            before={"is_active": not is_active},
            after={"is_active": is_active},
        )
    return kind


def keep_skill(
    actor: Actor,
    skill_id: int | None,
    *,
    name: str,
    valid_months: int | None,
    is_active: bool,
    at: datetime,
) -> Skill:
    """Add a skill, or change one; qualifications that were confirmed keep their dates.

    Raises Refused ``not_found``, ``name_missing``, ``name_taken``, ``in_use`` when a kind asks for it.
    """
    require(actor, Act.MANAGE_KINDS)
    name = name.strip()
    if not name:
        raise Refused("name_missing", "请填写资质名称。", field="name", status=422)
    same = select(Skill.id).where(Skill.name == name, Skill.id != (skill_id or 0))
    if db.session.scalar(same) is not None:
        raise Refused("name_taken", "已经有一个同名的资质。", field="name", status=422)
    values = {"name": name, "valid_months": valid_months, "is_active": is_active}
    if skill_id is None:
        skill = Skill(**values, code=_free_code(Skill, name))
        db.session.add(skill)
        before, after = None, values
        db.session.flush()
    else:
        skill = skill_for(skill_id)
        hold(skill)
        if skill.is_active and not is_active:
            _require_unused(skill)
        before, after = put(skill, values)
    if after:
        word = "新增" if skill_id is None else "修改"
        note(
            actor,
            "keep_skill",
            skill,
            f"{word}资质“{name}”",
            at=at,
            unit_id=actor.unit_id,
            before=before,
            after=after,
        )
    return skill


def _require_unused(skill: Skill) -> None:
    users = [
        name
        for name, codes in db.session.execute(
            select(ActivityKind.name, ActivityKind.required_skills).where(ActivityKind.is_active)
        )
        if skill.code in codes
    ]
    if users:
        raise Refused(
            "in_use",
            "这项资质是“%(names)s”的必备资质。",
            "请先在服务类型里去掉它。",
            field="is_active",
            status=422,
            values={"names": "”“".join(users)},
        )


def _free_code(table: Any, name: str) -> str:
    """A code out of the reading of the name that nobody has: jiaotong, jiaotong2."""
    letters = "".join(part for part in "_".join(syllables(name)).lower() if part.isascii())
    base = "".join(c for c in letters if c.isalnum() or c == "_").strip("_")[:32] or "kind"
    known = set(db.session.scalars(select(table.code).where(table.code.like(f"{base}%"))))
    code, number = base, 2
    while code in known:
        code, number = f"{base}{number}", number + 1
    return code


def _fault(code: str, sentence: str, field: str) -> Refused:
    return Refused(code, sentence, field=field, status=422)


def _sound(wanted: KindParticulars, *, kind_id: int | None = None) -> dict[str, Any]:
    """The columns of a kind.

    Raises Refused ``not_sound`` with every fault in ``details``.
    """
    faults = []
    name = wanted.name.strip()
    same = select(ActivityKind.id).where(
        ActivityKind.name == name, ActivityKind.id != (kind_id or 0)
    )
    if not name:
        faults.append(_fault("name_missing", "请填写名称。", "name"))
    elif db.session.scalar(same) is not None:
        faults.append(_fault("name_taken", "已经有一个同名的服务类型。", "name"))
    if not 0 <= wanted.min_heads <= wanted.target_heads <= wanted.max_heads:
        faults.append(_fault("heads", "最少、目标、最多人数要从小到大。", "min_heads"))
    if wanted.min_age > wanted.max_age:
        faults.append(_fault("ages", "最小年龄不能大于最大年龄。", "min_age"))
    if wanted.is_dangerous and wanted.min_age < 18:
        faults.append(
            _fault("minors", "有危险的服务不能安排未成年人，最小年龄至少 18 岁。", "min_age")
        )
    if wanted.days not in DAYS:
        faults.append(_fault("days", "请选择适用的日子。", "days"))
    faults += _slot_faults(wanted.slots)
    known = set(db.session.scalars(select(Skill.code).where(Skill.is_active)))
    if set(wanted.required_skills) - known:
        faults.append(_fault("skills", "有的资质已停用，请重新选择。", "required_skills"))
    require_sound(faults)
    return {
        "name": name,
        "hue": wanted.hue,
        "nature": wanted.nature,
        "slots": [list(slot) for slot in wanted.slots],
        "days": wanted.days,
        "min_heads": wanted.min_heads,
        "target_heads": wanted.target_heads,
        "max_heads": wanted.max_heads,
        "needs_leader": wanted.needs_leader,
        "in_pairs": wanted.in_pairs,
        "min_age": wanted.min_age,
        "max_age": wanted.max_age,
        "is_dangerous": wanted.is_dangerous,
        "required_skills": list(wanted.required_skills),
        "kit": list(wanted.kit),
        "counters": list(wanted.counters),
        "safety_note": wanted.safety_note.strip(),
        "is_open": wanted.is_open,
        "reach_metres": wanted.reach_metres,
    }


def _slot_faults(slots: tuple[tuple[str, str], ...]) -> list[Refused]:
    if not slots:
        return [_fault("no_slot", "请至少填写一个时段。", "slots")]
    if len(slots) > MOST_SLOTS:
        return [_fault("many_slots", f"最多 {MOST_SLOTS} 个时段。", "slots")]
    read = []
    for start, end in slots:
        try:
            slot = Slot.of(start, end)
        except (ValueError, Refused):
            return [_fault("slot_shape", f"“{start}—{end}”不是正确的时段。", "slots")]
        if not 15 <= slot.minutes <= 14 * 60:
            return [
                _fault("slot_length", f"“{start}—{end}”的长度应在 15 分钟到 14 小时之间。", "slots")
            ]
        read.append(slot)
    read.sort(key=lambda slot: slot.start)
    if any(one.end > other.start for one, other in zip(read, read[1:], strict=False)):
        return [_fault("slots_overlap", "时段之间不能重叠。", "slots")]
    return []
