"""Keeping a week (可服务时间): painted by parts of the day, with dated exceptions."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, select

from volunteer.domain.access import Actor
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import AvailabilityLevel
from volunteer.domain.timekeeping import DAY_MINUTES, local_date
from volunteer.domain.week import PART_BY_CODE, FreeWindow, copy_day, paint, shade
from volunteer.models.base import db
from volunteer.models.people import Availability, AvailabilityException, Volunteer
from volunteer.operations.journal import note
from volunteer.operations.people.own import tended
from volunteer.queries.people.holdings import windows_of

MOST_EXCEPTIONS = 120
DAYS = "一二三四五六日"


def set_day(
    actor: Actor,
    volunteer_id: int,
    *,
    weekday: int,
    levels: Mapping[str, AvailabilityLevel],
    copy_to: Iterable[int] = (),
    at: datetime,
) -> list[FreeWindow]:
    """Set parts of one weekday, then copy that day onto others; what was not changed stays to the minute.

    Raises Refused ``wrong_day``, and what ``tended`` raises.
    """
    person = tended(actor, volunteer_id)
    targets = sorted(set(copy_to))
    if not all(0 <= day <= 6 for day in (weekday, *targets)) or levels.keys() - PART_BY_CODE:
        raise Refused("wrong_day", "时间段的选项不对。", "请刷新页面后重新选择。", status=422)
    before = windows_of(person.id)
    after = before
    for code, level in levels.items():
        part = PART_BY_CODE[code]
        if shade(after, weekday, part).level is not level:
            after = paint(after, weekday, part, level)
    after = copy_day(after, weekday, targets)
    if after == before:
        return before
    _replace(person, after)
    days = "、".join(f"周{DAYS[day]}" for day in sorted({weekday, *targets}))
    note(
        actor,
        "set_availability",
        person,
        f"修改 {person.name} 的可服务时间（{days}）",
        at=at,
        unit_id=person.unit_id,
        before={"windows": [list(window) for window in before]},
        after={"windows": [list(window) for window in after]},
    )
    return after


def _replace(person: Volunteer, windows: list[FreeWindow]) -> None:
    db.session.execute(delete(Availability).where(Availability.volunteer_id == person.id))
    db.session.add_all(
        Availability(
            volunteer_id=person.id,
            weekday=window.weekday,
            start_minute=window.start,
            end_minute=window.end,
            level=window.level,
        )
        for window in windows
    )
    db.session.flush()


def except_days(  # noqa: PLR0913 - which days, which part, how free, why
    actor: Actor,
    volunteer_id: int,
    *,
    first_on: date,
    last_on: date | None,
    part: str,
    level: AvailabilityLevel,
    reason: str,
    at: datetime,
) -> int:
    """Say that certain days differ from the week, whole or in one part; returns how many days.

    Seats that were accepted already are not touched: who cannot come says so at the duty. Raises Refused
    ``wrong_dates``, ``too_many_days``, ``wrong_day``, and what ``tended`` raises.
    """
    person = tended(actor, volunteer_id)
    end = last_on or first_on
    days = _days_asked(person, first_on, end, today=local_date(at))
    if part and part not in PART_BY_CODE:
        raise Refused("wrong_day", "时间段的选项不对。", field="part", status=422)
    start, stop = (PART_BY_CODE[part].start, PART_BY_CODE[part].end) if part else (0, DAY_MINUTES)
    for offset in range(days):
        _except(person, first_on + timedelta(days=offset), (start, stop), level, reason.strip())
    label = PART_BY_CODE[part].label if part else "全天"
    note(
        actor,
        "except_days",
        person,
        f"{person.name} {first_on.isoformat()} 起 {days} 天{label}：{level.label}",
        at=at,
        unit_id=person.unit_id,
        after={"first_on": first_on.isoformat(), "last_on": end.isoformat(), "level": level.value},
        reason=reason.strip(),
    )
    return days


def _days_asked(person: Volunteer, first_on: date, end: date, *, today: date) -> int:
    """How many days are meant, if they make sense and are not too many."""
    if first_on < today or end < first_on:
        raise Refused(
            "wrong_dates", "日期不能早于今天，结束不能早于开始。", field="first_on", status=422
        )
    days = (end - first_on).days + 1
    held = db.session.scalar(
        select(func.count())
        .select_from(AvailabilityException)
        .where(
            AvailabilityException.volunteer_id == person.id,
            AvailabilityException.on_date >= today,
        )
    )
    if days > 62 or (held or 0) + days > MOST_EXCEPTIONS:
        raise Refused(
            "too_many_days",
            "一次最多两个月，总共最多 120 天。",
            "长期不能服务请联系组织者登记暂停。",
            field="last_on",
            status=422,
        )
    return days


def _except(
    person: Volunteer,
    on: date,
    window: tuple[int, int],
    level: AvailabilityLevel,
    reason: str,
) -> None:
    """Write one day's exception in place of those that lie inside it."""
    start, stop = window
    db.session.execute(
        delete(AvailabilityException).where(
            AvailabilityException.volunteer_id == person.id,
            AvailabilityException.on_date == on,
            AvailabilityException.start_minute >= start,
            AvailabilityException.end_minute <= stop,
        )
    )
    db.session.add(
        AvailabilityException(
            volunteer_id=person.id,
            on_date=on,
            start_minute=start,
            end_minute=stop,
            level=level,
            reason=reason[:100],
        )
    )


def drop_exception(actor: Actor, volunteer_id: int, exception_id: int, *, at: datetime) -> None:
    """Let a day follow the week again.

    Raises Refused ``not_found``, and what ``tended`` raises.
    """
    person = tended(actor, volunteer_id)
    row = db.session.get(AvailabilityException, exception_id)
    if row is None or row.volunteer_id != person.id:
        raise Refused("not_found", "没有找到这一天的安排。", status=404)
    db.session.delete(row)
    note(
        actor,
        "drop_exception",
        person,
        f"{person.name} 取消 {row.on_date.isoformat()} 的特别安排",
        at=at,
        unit_id=person.unit_id,
        before={"on_date": row.on_date.isoformat(), "level": row.level.value},
    )
