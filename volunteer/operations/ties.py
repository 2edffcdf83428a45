"""Ties of units to communities (联点): with dates, so that history stays."""

from datetime import date, datetime, timedelta

from sqlalchemy import select

from volunteer.domain.access import Actor
from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import local_date
from volunteer.models.base import db
from volunteer.models.people import Tie
from volunteer.models.places import Community
from volunteer.operations.changes import hold, told
from volunteer.operations.journal import note
from volunteer.operations.units import unit_to_keep


def add_tie(
    actor: Actor,
    unit_id: int,
    *,
    community_id: int,
    since_on: date,
    until_on: date | None,
    at: datetime,
) -> Tie:
    """Tie a unit to a community for a time.

    Raises Refused ``not_found``, ``unit_closed``, ``no_community``, ``dates``, ``overlaps``.
    """
    unit = unit_to_keep(actor, unit_id)
    hold(unit)
    if not unit.is_active:
        raise Refused("unit_closed", "这个单位已停用，不能再联点。")
    community = db.session.get(Community, community_id)
    if community is None:
        raise Refused("no_community", "请选择社区。", field="community_id", status=422)
    if until_on is not None and until_on < since_on:
        raise Refused("dates", "截止日期不能早于开始日期。", field="until_on", status=422)
    for other in db.session.scalars(
        select(Tie).where(Tie.unit_id == unit_id, Tie.community_id == community_id)
    ):
        lasts = other.until_on is None or other.until_on >= since_on
        if lasts and (until_on is None or other.since_on <= until_on):
            raise Refused(
                "overlaps",
                "这段时间已经联点这个社区。",
                "请先结束原来的，或改日期。",
                field="community_id",
                status=422,
            )
    tie = Tie(unit_id=unit_id, community_id=community_id, since_on=since_on, until_on=until_on)
    db.session.add(tie)
    db.session.flush()
    note(
        actor,
        "add_tie",
        tie,
        f"“{unit.name}”联点“{community.name}”",
        at=at,
        unit_id=unit_id,
        after={"since_on": since_on.isoformat(), "until_on": told(until_on)},
    )
    return tie


def end_tie(actor: Actor, tie_id: int, *, at: datetime) -> Tie:
    """End a tie today; one that has not begun is removed.

    Raises Refused ``not_found``.
    """
    tie = db.session.get(Tie, tie_id)
    if tie is None:
        raise Refused("not_found", "没有找到这项联点。", status=404)
    unit = unit_to_keep(actor, tie.unit_id)
    hold(tie)
    today = local_date(at)
    before = {"until_on": told(tie.until_on)}
    last = today
    if tie.since_on > today:
        last = tie.since_on - timedelta(days=1)
        db.session.delete(tie)
    elif tie.until_on is None or tie.until_on > today:
        tie.until_on = today
    else:
        return tie
    community = db.session.scalar(select(Community.name).where(Community.id == tie.community_id))
    note(
        actor,
        "end_tie",
        tie,
        f"“{unit.name}”与“{community}”的联点到 {last} 为止",
        at=at,
        unit_id=unit.id,
        before=before,
        after={"until_on": last.isoformat()},
    )
    db.session.flush()
    return tie
