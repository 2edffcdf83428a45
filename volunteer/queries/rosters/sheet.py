"""The table that units expect (排班表): 日期、星期、时段、点位、责任单位、人数、带班、人员、联系电话、备注."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from volunteer.domain.access import Act, Actor
from volunteer.domain.identity import local_phone
from volunteer.domain.naming import mask_name
from volunteer.domain.timekeeping import clock_at, local_date
from volunteer.models.activities import Activity
from volunteer.models.base import db
from volunteer.models.cipher import decrypt
from volunteer.models.people import Volunteer
from volunteer.queries.rosters.board import SeatLine, Wanted, seats_on
from volunteer.queries.rosters.drafts import parts
from volunteer.queries.scope import visible
from volunteer.queries.shifts import SEATED, ShiftLine, shifts_of_week

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One shift as the table on paper has it."""

    on: date
    weekday: str
    time: str
    point: str
    kind: str
    unit: str
    heads: int
    needed: int
    leader: str
    people: str
    phone: str
    note: str


def sheet_of_week(actor: Actor, week_on: date, wanted: Wanted, *, inner: bool) -> list[SheetRow]:
    """Return the week by time and point.

    ``inner`` is the version for the office: full names, the leader's phone where the actor may see the
    person, else the contact of the activity. The public version masks names and has no numbers.
    """
    lines = [
        line
        for line in shifts_of_week(
            actor,
            week_on,
            unit_id=wanted.unit_id,
            district_id=wanted.district_id,
            kind_id=wanted.kind_id,
        )
        if not line.is_off and line.activity_state.value != "draft"
    ]
    seats = seats_on(line.id for line in lines)
    phones = _phones(actor, lines) if inner else {}
    return [_row(line, seats.get(line.id, []), inner=inner, phones=phones) for line in lines]


def _row(
    line: ShiftLine, seats: list[SeatLine], *, inner: bool, phones: dict[int, str]
) -> SheetRow:
    here = [seat for seat in seats if seat.state in SEATED]
    names = [seat.name if inner else mask_name(seat.name) for seat in here]
    leader = line.leader_name or ""
    notes = []
    if line.badge:
        notes.append(line.badge)
    if line.short:
        notes.append(f"缺 {line.short} 人")
    if inner and line.proposed:
        notes.append(f"{line.proposed} 人待确认")
    return SheetRow(
        on=line.service_on,
        weekday=WEEKDAYS[line.service_on.weekday()],
        time=f"{clock_at(line.starts_at)}—{_end(line.starts_at, line.ends_at)}",
        point=line.place,
        kind=line.kind_name,
        unit=line.unit_name,
        heads=len(here),
        needed=line.min_heads,
        leader=leader if inner or not leader else mask_name(leader),
        people="、".join(names),
        phone=phones.get(line.id, ""),
        note="；".join(notes),
    )


def _end(starts_at: datetime, ends_at: datetime) -> str:
    tail = clock_at(ends_at)
    return tail if local_date(starts_at) == local_date(ends_at) else f"次日 {tail}"


def _phones(actor: Actor, lines: list[ShiftLine]) -> dict[int, str]:
    """The leader's own number where the person is in reach, else that of the activity's contact."""
    contacts: dict[int, str] = {}
    for part in parts(line.activity_id for line in lines):
        rows = db.session.execute(
            select(Activity.id, Activity.contact_phone).where(Activity.id.in_(part))
        )
        contacts.update({row[0]: row[1] for row in rows})
    leaders: dict[int, str] = {}
    for part in parts(line.leader_id for line in lines if line.leader_id is not None):
        statement: Any = select(Volunteer.id, Volunteer.phone_cipher).where(Volunteer.id.in_(part))
        statement = visible(statement, actor, Act.MANAGE_ROSTERS, unit=Volunteer.unit_id)
        leaders.update(
            {row[0]: local_phone(decrypt(row[1]) or "") for row in db.session.execute(statement)}
        )
    return {
        line.id: leaders.get(line.leader_id or 0) or contacts.get(line.activity_id, "")
        for line in lines
    }
