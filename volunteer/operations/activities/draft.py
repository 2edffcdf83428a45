"""Drawing up an activity (起草活动): nothing is asked twice, the last one of its kind lends its texts."""

from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.law import Statement
from volunteer.domain.naming import initials
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import ActivityState
from volunteer.domain.timekeeping import local_date
from volunteer.models.activities import Activity, ActivityKind, JointUnit
from volunteer.models.base import db
from volunteer.models.people import Unit
from volunteer.operations.journal import note
from volunteer.queries.activities import activity_for, joint_units_of, last_like

TEXTS = (
    "purpose",
    "content",
    "conditions",
    "risk_note",
    "safeguards",
    "insurance_reference",
    "contact_name",
    "contact_phone",
    "person_in_charge",
)
"""The texts of an activity, named as its columns and the form's fields."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars(Statement):
    """What an activity says of itself, and whose it is; names are those of the columns."""

    kind_id: int
    unit_id: int
    joint_unit_ids: tuple[int, ...] = field(default=())

    def columns(self) -> dict[str, Any]:
        """The columns of the activity's own row."""
        names = [f.name for f in fields(self) if f.name != "joint_unit_ids"]
        return {name: getattr(self, name) for name in names}


def draft_activity(actor: Actor, wanted: Particulars, *, at: datetime) -> Activity:
    """Make a draft. It may be incomplete: only publishing asks for everything.

    Raises Refused ``not_allowed``, ``not_yours``, ``no_such_kind``, ``no_such_unit``, ``ends_before_start``.
    """
    require(actor, Act.MANAGE_ACTIVITIES, unit_id=wanted.unit_id)
    require_sane(wanted)
    activity = Activity(
        **wanted.columns(),
        pinyin=initials(wanted.title)[:80],
        state=ActivityState.DRAFT,
        created_at=at,
        created_by_id=actor.account_id or 0,
    )
    db.session.add(activity)
    db.session.flush()
    put_joint_units(activity, wanted.joint_unit_ids)
    note(
        actor,
        "draft_activity",
        activity,
        f"起草活动“{activity.title}”",
        at=at,
        unit_id=activity.unit_id,
        after=told(wanted),
    )
    return activity


def copy_activity(actor: Actor, activity_id: int, *, at: datetime) -> Activity:
    """Make a draft with the texts of another, for the same length of time from today on, without shifts.

    Raises Refused ``not_found``, ``not_yours``, ``no_such_kind`` when the kind is no longer in use.
    """
    source = activity_for(actor, activity_id)
    require(actor, Act.MANAGE_ACTIVITIES, unit_id=source.unit_id)
    first = max(local_date(at), source.ends_on + timedelta(days=1))
    wanted = Particulars(
        title=source.title,
        kind_id=source.kind_id,
        unit_id=source.unit_id,
        nature=source.nature,
        starts_on=first,
        ends_on=first + (source.ends_on - source.starts_on),
        allows_minors=source.allows_minors,
        joint_unit_ids=tuple(unit_id for unit_id, _ in joint_units_of(source.id)),
        **{name: getattr(source, name) for name in TEXTS},
    )
    return draft_activity(actor, wanted, at=at)


def proposal_for(actor: Actor, *, kind_id: int, unit_id: int, on: date) -> dict[str, Any]:
    """What a new activity of this kind and unit would say, by field: last time, else kind and unit.

    Raises Refused ``no_such_kind``, ``no_such_unit``, and what ``require`` raises.
    """
    require(actor, Act.MANAGE_ACTIVITIES, unit_id=unit_id)
    kind, unit = db.session.get(ActivityKind, kind_id), db.session.get(Unit, unit_id)
    if kind is None or not kind.is_active:
        raise _no_kind()
    if unit is None:
        raise _no_unit()
    said: dict[str, Any] = {
        "title": kind.name,
        "kind_id": kind.id,
        "unit_id": unit.id,
        "nature": kind.nature,
        "starts_on": on,
        "ends_on": on + timedelta(days=27),
        "conditions": f"{kind.min_age}—{kind.max_age} 周岁，身体健康，服从现场安排",
        "risk_note": kind.safety_note,
        "safeguards": "、".join(["意外伤害保险", "饮用水", *map(str, kind.kit)]),
        "contact_name": unit.contact_name,
        "contact_phone": unit.contact_phone,
        "person_in_charge": unit.contact_name,
        "allows_minors": False,
        "joint_unit_ids": (),
    }
    last = last_like(kind_id, unit_id)
    if last is not None:
        texts = {name: getattr(last, name) for name in (*TEXTS, "title")}
        said.update({name: value for name, value in texts.items() if value})
        said["nature"], said["allows_minors"] = last.nature, last.allows_minors
        said["joint_unit_ids"] = tuple(other for other, _ in joint_units_of(last.id))
    return said


def require_sane(wanted: Particulars, *, own_kind_id: int | None = None) -> None:
    """Pass if the particulars point at things that exist and the dates are in order.

    A kind that was retired since may stay where it is (``own_kind_id``), not be chosen anew.
    """
    kind = db.session.get(ActivityKind, wanted.kind_id)
    if kind is None or not (kind.is_active or kind.id == own_kind_id):
        raise _no_kind()
    if db.session.get(Unit, wanted.unit_id) is None:
        raise _no_unit()
    if wanted.ends_on < wanted.starts_on:
        raise Refused("ends_before_start", "结束日期早于开始日期。", field="ends_on", status=422)
    known = db.session.scalars(select(Unit.id).where(Unit.id.in_(wanted.joint_unit_ids)))
    if set(wanted.joint_unit_ids) - set(known):
        raise _no_unit()


def put_joint_units(activity: Activity, unit_ids: tuple[int, ...]) -> None:
    """Make these the joint units; the organizing unit itself is never among them."""
    db.session.execute(delete(JointUnit).where(JointUnit.activity_id == activity.id))
    others = sorted(set(unit_ids) - {activity.unit_id})
    db.session.add_all(JointUnit(activity_id=activity.id, unit_id=other) for other in others)


def told(wanted: Particulars) -> dict[str, Any]:
    """The particulars as plain JSON, for audit lines."""
    plain = {**wanted.columns(), "joint_unit_ids": sorted(wanted.joint_unit_ids)}
    plain["nature"] = wanted.nature.value
    plain["starts_on"], plain["ends_on"] = wanted.starts_on.isoformat(), wanted.ends_on.isoformat()
    return plain


def _no_kind() -> Refused:
    return Refused("no_such_kind", "这个服务类型已停用，请另选一个。", field="kind_id", status=422)


def _no_unit() -> Refused:
    return Refused("no_such_unit", "没有找到这个单位，请重新选择。", field="unit_id", status=422)
