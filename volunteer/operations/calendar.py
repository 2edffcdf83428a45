"""Keeping the calendar (日历维护): single days by hand, whole years from the published calendar."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import DayKind
from volunteer.domain.timekeeping import seed_calendar
from volunteer.models.base import db
from volunteer.models.places import CalendarDay
from volunteer.operations.journal import note
from volunteer.queries.calendar import entered_day, published_day

OFFICE, LIBRARY = "office", "library"


@dataclass(frozen=True, slots=True)
class Seeded:
    """What taking over a published year did; ``kept`` are days that were set by hand."""

    added: int
    changed: int
    removed: int
    kept: int


def set_day(actor: Actor, on: date, *, kind: DayKind, name: str, at: datetime) -> CalendarDay:
    """Say what kind of day this is; the office's word wins over the published calendar.

    Raises Refused ``far_off`` outside 2004 to 2100, and what ``require`` raises.
    """
    require(actor, Act.MANAGE_CALENDAR)
    if not 2004 <= on.year <= 2100:
        raise Refused("far_off", "日历只维护 2004 至 2100 年。", field="on", status=422)
    row = entered_day(on)
    before = {"kind": row.kind.value, "name": row.name} if row else None
    if row is None:
        row = CalendarDay(on_date=on, kind=kind, name=name.strip(), source=OFFICE)
        db.session.add(row)
    row.kind, row.name, row.source, row.changed_at = kind, name.strip(), OFFICE, at
    db.session.flush()
    note(
        actor,
        "set_day",
        "calendar_day",
        f"{on} 设为{kind.label}" + (f"（{row.name}）" if row.name else ""),
        at=at,
        unit_id=actor.unit_id,
        before=before,
        after={"on": on.isoformat(), "kind": kind.value, "name": row.name},
    )
    return row


def clear_day(actor: Actor, on: date, *, at: datetime) -> None:
    """Take the own word about a day back: the published calendar, or the week, holds again.

    Raises Refused ``nothing_own``, and what ``require`` raises.
    """
    require(actor, Act.MANAGE_CALENDAR)
    row = entered_day(on)
    if row is None or row.source != OFFICE:
        raise Refused("nothing_own", "这一天没有手工修改过。")
    before = {"on": on.isoformat(), "kind": row.kind.value, "name": row.name}
    seed = published_day(on)
    if seed is None:
        db.session.delete(row)
    else:
        row.kind, row.name, row.source, row.changed_at = seed.kind, seed.note, LIBRARY, at
    note(
        actor,
        "clear_day",
        "calendar_day",
        f"{on} 恢复为公布的日历",
        at=at,
        unit_id=actor.unit_id,
        before=before,
    )
    db.session.flush()


def seed_year(actor: Actor, year: int, *, at: datetime) -> Seeded:
    """Take a published year over into the table; days set by hand stay as they are.

    Raises Refused ``not_published`` while the State Council's notice is not in the calendar.
    """
    require(actor, Act.MANAGE_CALENDAR)
    seed = {day.on: day for day in seed_calendar(year)}
    if not seed:
        raise Refused(
            "not_published",
            "%(year)s 年的放假安排还没有公布，或系统还没有更新。",
            "国务院办公厅一般在前一年 11 月公布；在此之前按周一至周五工作处理，也可以逐日设置。",
            values={"year": year},
        )
    rows = {
        row.on_date: row
        for row in db.session.scalars(
            select(CalendarDay).where(
                CalendarDay.on_date.between(date(year, 1, 1), date(year, 12, 31))
            )
        )
    }
    added = changed = removed = 0
    for on, day in seed.items():
        row = rows.get(on)
        if row is None:
            db.session.add(CalendarDay(on_date=on, kind=day.kind, name=day.note, source=LIBRARY))
            added += 1
        elif row.source != OFFICE and (row.kind, row.name) != (day.kind, day.note):
            row.kind, row.name, row.changed_at = day.kind, day.note, at
            changed += 1
    for on, row in rows.items():
        if row.source != OFFICE and on not in seed:
            db.session.delete(row)
            removed += 1
    done = Seeded(added, changed, removed, sum(row.source == OFFICE for row in rows.values()))
    note(
        actor,
        "seed_year",
        "calendar_day",
        f"从公布的日历更新 {year} 年：新增 {added} 天，修改 {changed} 天，删除 {removed} 天",
        at=at,
        unit_id=actor.unit_id,
        after={"year": year, "added": added, "changed": changed, "removed": removed},
    )
    db.session.flush()
    return done
