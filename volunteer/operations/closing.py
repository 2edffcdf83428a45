"""Closing a unit (停用单位): people, ties and points go to the successor, or end in order."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from volunteer.domain.access import Actor
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import VolunteerState
from volunteer.domain.timekeeping import local_date
from volunteer.models.base import db
from volunteer.models.people import Account, PointContract, RoleGrant, Tie, Unit, Volunteer
from volunteer.operations.changes import hold
from volunteer.operations.journal import note, tell_many
from volunteer.operations.units import unit_to_keep
from volunteer.queries.units import organizes, shifts_ahead


@dataclass(frozen=True, slots=True)
class Closed:
    """What closing a unit did: people moved, ties and points ended or handed over, roles taken back."""

    moved: int
    ties: int
    points: int
    roles: int


def close_unit(
    actor: Actor, unit_id: int, *, successor_id: int | None, reason: str, at: datetime
) -> Closed:
    """Take a unit out of use today.

    With a successor, people move there and ties and points go on under it from tomorrow; without one,
    ties and points end today and people must have been moved before. Organizers lose the role for this
    unit. Records, hours and past activities keep the old unit's name.

    Raises Refused ``not_found``, ``has_children``, ``shifts_ahead``, ``has_people``, ``wrong_successor``.
    """
    unit = unit_to_keep(actor, unit_id)
    hold(unit)
    if not unit.is_active:
        return Closed(0, 0, 0, 0)
    _require_closable(unit, successor_id, at=at)
    successor = db.session.get(Unit, successor_id) if successor_id else None
    moved = _move_people(actor, unit, successor, at=at) if successor else 0
    ties = _hand_over(Tie, "community_id", unit, successor, at=at)
    points = _hand_over(PointContract, "point_id", unit, successor, at=at)
    grants = db.session.scalars(
        select(RoleGrant)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(organizes(unit.id))
    ).all()
    for grant in grants:
        grant.revoked_at = at
    unit.is_active = False
    unit.successor_unit_id = successor_id
    done = Closed(moved, ties, points, len(grants))
    note(
        actor,
        "close_unit",
        unit,
        f"停用单位“{unit.name}”" + (f"，由“{successor.name}”承接" if successor else ""),
        at=at,
        unit_id=unit.id,
        before={"is_active": True},
        after={
            "is_active": False,
            "successor_unit_id": successor_id,
            "moved": moved,
            "ties": ties,
            "points": points,
            "roles": len(grants),
        },
        reason=reason,
    )
    db.session.flush()
    return done


def reopen_unit(actor: Actor, unit_id: int, *, at: datetime) -> Unit:
    """Put a closed unit back into use; people, ties and roles are given anew.

    Raises Refused ``not_found``.
    """
    unit = unit_to_keep(actor, unit_id)
    hold(unit)
    if not unit.is_active:
        unit.is_active = True
        unit.successor_unit_id = None
        note(
            actor,
            "reopen_unit",
            unit,
            f"恢复单位“{unit.name}”",
            at=at,
            unit_id=unit.id,
            before={"is_active": False},
            after={"is_active": True},
        )
    return unit


def _require_closable(unit: Unit, successor_id: int | None, *, at: datetime) -> None:
    children = db.session.scalars(
        select(Unit.name).where(Unit.parent_id == unit.id, Unit.is_active).limit(4)
    ).all()
    if children:
        raise Refused(
            "has_children",
            "下级单位还在使用：%(names)s。",
            "请先把它们改到别的上级，或先停用它们。",
            values={"names": "、".join(children)},
        )
    if count := shifts_ahead(unit.id, at=at):
        raise Refused(
            "shifts_ahead",
            "这个单位还有 %(count)s 个未完成的班次。",
            "请先完成、取消，或由承接单位重新安排。",
            values={"count": count},
        )
    if successor_id is not None:
        successor = db.session.get(Unit, successor_id)
        if successor is None or not successor.is_active or successor.id == unit.id:
            raise Refused(
                "wrong_successor", "请选择另一个在用的单位承接。", field="successor_id", status=422
            )
        return
    people = db.session.scalar(
        select(Volunteer.id)
        .where(Volunteer.unit_id == unit.id, Volunteer.state != VolunteerState.LEFT)
        .limit(1)
    )
    if people is not None:
        raise Refused(
            "has_people",
            "这个单位还有志愿者。",
            "请选择承接单位，志愿者会一起转过去；或先把他们转到别的单位。",
            field="successor_id",
            status=422,
        )


def _move_people(actor: Actor, unit: Unit, successor: Unit, *, at: datetime) -> int:
    ids = list(
        db.session.scalars(
            select(Volunteer.id)
            .where(Volunteer.unit_id == unit.id, Volunteer.state != VolunteerState.LEFT)
            .with_for_update()
        )
    )
    if not ids:
        return 0
    db.session.execute(
        update(Volunteer)
        .where(Volunteer.unit_id == unit.id, Volunteer.state != VolunteerState.LEFT)
        .values(unit_id=successor.id)
    )
    db.session.execute(
        update(Account)
        .where(Account.volunteer_id.in_(select(Volunteer.id).where(Volunteer.unit_id == successor.id)),
               Account.unit_id == unit.id)
        .values(unit_id=successor.id)
    )  # fmt: skip
    note(
        actor,
        "move_people",
        successor,
        f"{len(ids)} 位志愿者由“{unit.name}”转入“{successor.name}”",
        at=at,
        unit_id=successor.id,
        before={"unit_id": unit.id},
        after={"unit_id": successor.id, "volunteer_ids": ids},
    )
    tell_many(
        [
            {
                "topic": "unit_moved",
                "title": "您的单位有变化",
                "body": f"“{unit.name}”由“{successor.name}”承接，您的志愿服务关系随之转入。已有时长不变。",
                "volunteer_id": volunteer_id,
                "dedupe": f"unit_moved:{unit.id}:{successor.id}:{volunteer_id}:{at.date()}",
            }
            for volunteer_id in ids
        ],
        at=at,
    )
    return len(ids)


def _hand_over(table: Any, target: str, unit: Unit, successor: Unit | None, *, at: datetime) -> int:
    """End what still holds today, drop what has not begun; a successor takes both over."""
    today = local_date(at)
    rows = db.session.scalars(
        select(table).where(
            table.unit_id == unit.id, (table.until_on.is_(None)) | (table.until_on >= today)
        )
    ).all()
    for row in rows:
        since, until, thing = row.since_on, row.until_on, getattr(row, target)
        if since > today:
            db.session.delete(row)
        else:
            row.until_on = today
        starts = max(since, today + timedelta(days=1))
        if successor is None or (until is not None and until < starts):
            continue
        known = db.session.scalar(
            select(table.id).where(
                table.unit_id == successor.id,
                getattr(table, target) == thing,
                (table.until_on.is_(None)) | (table.until_on >= starts),
            )
        )
        if known is None:
            made = table(unit_id=successor.id, since_on=starts, until_on=until)
            setattr(made, target, thing)
            db.session.add(made)
    return len(rows)
