"""Publishing an activity (发布活动): everything that the law asks for is checked and said at once."""

from datetime import datetime

from sqlalchemy import select

from volunteer.domain import law
from volunteer.domain.access import Act, Actor, require
from volunteer.domain.lifecycle import advance
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import ActivityState, PointKind, ShiftState
from volunteer.domain.timekeeping import Window
from volunteer.models.activities import Activity, ActivityKind, Shift
from volunteer.models.base import db
from volunteer.models.places import CheckPoint
from volunteer.operations.journal import note
from volunteer.queries.activities import activity_for

AFTER_PUBLISHING = frozenset({"already_begun", "no_shifts"})
"""Findings that do not stand against changing what is published already."""


def plan_of(activity: Activity, *, lint_override: str = "") -> law.Plan:
    """The activity as the law's check sees it; shifts that were called off do not count."""
    kind = db.session.get_one(ActivityKind, activity.kind_id)
    rows = db.session.execute(
        select(Shift, CheckPoint.name, CheckPoint.kind)
        .join(CheckPoint, CheckPoint.id == Shift.point_id)
        .where(Shift.activity_id == activity.id, Shift.state != ShiftState.CANCELLED)
    ).all()
    return law.Plan(
        title=activity.title,
        nature=activity.nature,
        starts_on=activity.starts_on,
        ends_on=activity.ends_on,
        purpose=activity.purpose,
        content=activity.content,
        conditions=activity.conditions,
        risk_note=activity.risk_note,
        safeguards=activity.safeguards,
        insurance_reference=activity.insurance_reference,
        contact_name=activity.contact_name,
        contact_phone=activity.contact_phone,
        person_in_charge=activity.person_in_charge,
        allows_minors=activity.allows_minors,
        is_dangerous=kind.is_dangerous,
        is_crossing=any(point is PointKind.CROSSING for _, _, point in rows),
        lint_override=lint_override or activity.lint_override,
        shifts=tuple(
            law.PlannedShift(
                window=Window(shift.starts_at, shift.ends_at),
                place=place,
                heads=shift.target_heads,
                min_age=shift.min_age,
                has_leader=shift.leader_id is not None or kind.needs_leader,
            )
            for shift, place, _ in rows
        ),
    )


def what_is_missing(actor: Actor, activity_id: int, *, at: datetime) -> list[law.Finding]:
    """Everything that stands against publishing a draft at this instant, with its field; empty if nothing.

    Raises Refused ``not_found``.
    """
    return law.missing_for_publication(plan_of(activity_for(actor, activity_id)), at)


def publish_activity(
    actor: Actor, activity_id: int, *, version: int, lint_override: str = "", at: datetime
) -> Activity:
    """Publish a draft: residents may see it, its shifts may be planned and told.

    ``lint_override`` is the written reason why words of the exclusion list stand for true volunteer
    service; it is kept on the activity and in the audit line.

    Raises Refused ``not_publishable`` (all findings in ``details``), ``changed_meanwhile``,
    ``already_so``, ``wrong_state``, and what ``require`` raises.
    """
    activity = for_change(actor, activity_id, version=version)
    advance(activity.state, ActivityState.PUBLISHED)
    law.require_publishable(plan_of(activity, lint_override=lint_override), at)
    activity.state = ActivityState.PUBLISHED
    activity.published_at = at
    activity.lint_override = lint_override[:200] or activity.lint_override
    activity.version += 1
    note(
        actor,
        "publish_activity",
        activity,
        f"发布活动“{activity.title}”",
        at=at,
        unit_id=activity.unit_id,
        before={"state": ActivityState.DRAFT.value},
        after={"state": ActivityState.PUBLISHED.value},
        reason=lint_override,
    )
    return activity


def for_change(actor: Actor, activity_id: int, *, version: int | None = None) -> Activity:
    """The activity, locked, if the actor may change it and nobody changed it since ``version`` was seen.

    Raises Refused ``not_found``, ``not_allowed``, ``not_yours``, ``changed_meanwhile``.
    """
    activity = activity_for(actor, activity_id)
    require(actor, Act.MANAGE_ACTIVITIES, unit_id=activity.unit_id)
    db.session.refresh(activity, with_for_update=True)
    if version is not None and activity.version != version:
        raise Refused(
            "changed_meanwhile",
            "这个活动刚刚被别人修改过。",
            "请刷新页面，查看最新内容后再操作。",
        )
    return activity
