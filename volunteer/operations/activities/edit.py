"""Changing an activity (修改活动): freely while it is a draft, with notice to the people once published."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from volunteer.domain import law
from volunteer.domain.access import Act, Actor, require
from volunteer.domain.naming import initials
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import ActivityState, ShiftState
from volunteer.models.activities import Activity, Shift
from volunteer.models.base import db
from volunteer.models.rosters import Assignment
from volunteer.operations.activities.draft import (
    Particulars,
    put_joint_units,
    require_sane,
    told,
)
from volunteer.operations.activities.publish import AFTER_PUBLISHING, for_change, plan_of
from volunteer.operations.journal import note, tell_many
from volunteer.queries.activities import joint_units_of
from volunteer.queries.shifts import SEATED

LABELS = {
    "title": "名称",
    "kind_id": "服务类型",
    "unit_id": "组织单位",
    "nature": "性质",
    "starts_on": "开始日期",
    "ends_on": "结束日期",
    "purpose": "目的",
    "content": "服务内容",
    "conditions": "参加条件",
    "risk_note": "风险提示",
    "safeguards": "保障措施",
    "insurance_reference": "保险单号",
    "contact_name": "联系人",
    "contact_phone": "联系电话",
    "person_in_charge": "负责人",
    "allows_minors": "接受未成年人",
    "joint_unit_ids": "联合单位",
}
TOLD = (
    "title",
    "content",
    "conditions",
    "risk_note",
    "safeguards",
    "contact_name",
    "contact_phone",
)
"""Fields whose change concerns those who are to serve."""
FIXED = ("kind_id", "unit_id", "nature")
"""What cannot change after publishing: it decides what is recorded, and by whom."""


def edit_activity(
    actor: Actor, activity_id: int, wanted: Particulars, *, version: int, at: datetime
) -> list[str]:
    """Put new particulars; returns the labels of what changed (nothing changed: nothing is written).

    A published activity keeps its kind, unit and nature, stays lawful, and people with a seat ahead
    get one message that names the changed fields before and after.

    Raises Refused ``changed_meanwhile``, ``wrong_state``, ``fixed_after_publishing``,
    ``shifts_outside``, ``not_publishable``, and what ``require`` raises.
    """
    activity = for_change(actor, activity_id, version=version)
    require(actor, Act.MANAGE_ACTIVITIES, unit_id=wanted.unit_id)
    if activity.state not in (ActivityState.DRAFT, ActivityState.PUBLISHED):
        raise Refused(
            "wrong_state",
            "活动%(state)s，不能再修改。",
            "可以复制为新活动。",
            values={"state": activity.state.label},
        )
    require_sane(wanted, own_kind_id=activity.kind_id)
    _require_covers(activity, wanted.starts_on, wanted.ends_on)
    before = told(_now(activity))
    after = told(wanted)
    changed = [name for name in LABELS if before[name] != after[name]]
    if not changed:
        return []
    is_published = activity.state is ActivityState.PUBLISHED
    if is_published:
        _require_free(changed)
    for name, value in wanted.columns().items():
        setattr(activity, name, value)
    activity.pinyin = initials(activity.title)[:80]
    activity.version += 1
    put_joint_units(activity, wanted.joint_unit_ids)
    if is_published:
        _require_lawful(activity, at)
        _tell(activity, changed, before, after, at=at)
    labels = [LABELS[name] for name in changed]
    note(
        actor,
        "edit_activity",
        activity,
        f"修改活动“{activity.title}”：{'、'.join(labels)}",
        at=at,
        unit_id=activity.unit_id,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
    )
    return labels


def _now(activity: Activity) -> Particulars:
    names = [name for name in LABELS if name != "joint_unit_ids"]
    joint = tuple(unit_id for unit_id, _ in joint_units_of(activity.id))
    return Particulars(**{name: getattr(activity, name) for name in names}, joint_unit_ids=joint)


def _require_free(changed: list[str]) -> None:
    fixed = [name for name in FIXED if name in changed]
    if fixed:
        raise Refused(
            "fixed_after_publishing",
            "已发布的活动不能再改%(names)s。",
            "如确需更改，请取消后另建活动。",
            field=fixed[0],
            status=422,
            values={"names": "、".join(LABELS[name] for name in fixed)},
        )


def _require_lawful(activity: Activity, at: datetime) -> None:
    findings = law.missing_for_publication(plan_of(activity), at)
    standing = [finding for finding in findings if finding.code not in AFTER_PUBLISHING]
    if standing:
        raise Refused(
            "not_publishable",
            "已发布的活动必须始终符合发布要求。",
            field=standing[0].field,
            status=422,
            details=[
                Refused(finding.code, finding.sentence, field=finding.field, status=422)
                for finding in standing
            ],
        )


def _require_covers(activity: Activity, first: date, last: date) -> None:
    earliest, latest = db.session.execute(
        select(func.min(Shift.service_on), func.max(Shift.service_on)).where(
            Shift.activity_id == activity.id, Shift.state != ShiftState.CANCELLED
        )
    ).one()
    if earliest is not None and (earliest < first or latest > last):
        raise Refused(
            "shifts_outside",
            "活动已有 %(earliest)s 至 %(latest)s 的班次，起止日期必须包含它们。",
            "请先取消或移动这些班次。",
            field="starts_on" if earliest < first else "ends_on",
            status=422,
            values={"earliest": earliest, "latest": latest},
        )


def _tell(
    activity: Activity,
    changed: list[str],
    before: dict[str, Any],
    after: dict[str, Any],
    *,
    at: datetime,
) -> None:
    concerned = [name for name in TOLD if name in changed]
    if not concerned:
        return
    people = db.session.scalars(
        select(Assignment.volunteer_id)
        .join(Shift, Shift.id == Assignment.shift_id)
        .where(
            Shift.activity_id == activity.id,
            Shift.ends_at > at,
            Assignment.state.in_(SEATED),
        )
        .distinct()
    )
    lines = [
        f"{LABELS[name]}：{_brief(before[name])} → {_brief(after[name])}" for name in concerned
    ]
    body = f"您参加的“{activity.title}”有变化。" + "；".join(lines)
    tell_many(
        [
            {
                "topic": "activity_changed",
                "title": "活动信息有变化",
                "body": body,
                "volunteer_id": person,
                "link": "/me/duties",
                "dedupe": f"activity_changed:{activity.id}:{activity.version}:{person}",
            }
            for person in people
        ],
        at=at,
    )


def _brief(text: object) -> str:
    words = " ".join(str(text).split()) or "（空）"
    return words if len(words) <= 40 else f"{words[:39]}…"
