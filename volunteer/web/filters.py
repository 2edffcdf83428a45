"""How values are printed (显示): the only place that turns minutes into hours and UTC into Beijing time."""

from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from volunteer.domain.identity import mask_phone
from volunteer.domain.naming import mask_name
from volunteer.domain.standing import hours_of, percent_of
from volunteer.domain.terms import Signal
from volunteer.domain.timekeeping import BEIJING

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def label(term: Any) -> str:
    """The Chinese word of a term."""
    return "" if term is None else str(getattr(term, "label", term))


def signal_label(code: str) -> str:
    """The words of a signal that a stamp carries as its code."""
    return next((signal.label for signal in Signal if signal.value == code), code)


def hours(minutes: int | None) -> str:
    """Minutes as hours with one decimal, rounded half up once."""
    if minutes is None:
        return "—"
    return str(hours_of(minutes))


def minutes_text(minutes: int | None) -> str:
    """Minutes in words: 1 小时 05 分, 45 分."""
    if minutes is None:
        return "—"
    sign = "−" if minutes < 0 else ""
    whole, rest = divmod(abs(minutes), 60)
    if not whole:
        return f"{sign}{rest} 分"
    return f"{sign}{whole} 小时" + (f" {rest:02d} 分" if rest else "")


def _local(at: datetime) -> datetime:
    return at.astimezone(BEIJING)


def clock(at: datetime | None) -> str:
    """07:30 in Beijing."""
    return "" if at is None else _local(at).strftime("%H:%M")


def clock_seconds(at: datetime | None) -> str:
    """07:30:05 in Beijing."""
    return "" if at is None else _local(at).strftime("%H:%M:%S")


def day(value: date | datetime | None, style: str = "") -> str:
    """11月23日 周一; ``short`` 11/23, ``long`` 2026年11月23日 周一, ``iso`` 2026-11-23."""
    if value is None:
        return ""
    on = _local(value).date() if isinstance(value, datetime) else value
    if style == "short":
        return f"{on.month}/{on.day}"
    if style == "iso":
        return on.isoformat()
    words = f"{on.month}月{on.day}日"
    if style == "long":
        return f"{on.year}年{words} {WEEKDAYS[on.weekday()]}"
    if style == "plain":
        return words
    return f"{words} {WEEKDAYS[on.weekday()]}"


def weekday(value: date) -> str:
    """周一."""
    return WEEKDAYS[value.weekday()]


def when(at: datetime | None) -> str:
    """11月23日 周一 07:30 in Beijing."""
    return "" if at is None else f"{day(at)} {clock(at)}"


def span(start: datetime, end: datetime) -> str:
    """11月23日 周一 07:30—08:30; a window past midnight says 次日."""
    first, last = _local(start), _local(end)
    tail = clock(end)
    if last.date() == first.date() + timedelta(days=1):
        tail = f"次日 {tail}"
    elif last.date() != first.date():
        tail = when(end)
    return f"{day(start)} {clock(start)}—{tail}"


def clocks(start: datetime, end: datetime) -> str:
    """07:30—08:30."""
    tail = clock(end)
    return (
        f"{clock(start)}—{'次日 ' + tail if _local(end).date() != _local(start).date() else tail}"
    )


def week(monday: date) -> str:
    """第 48 周 · 11月23日—29日."""
    sunday = monday + timedelta(days=6)
    last = f"{sunday.day}日" if sunday.month == monday.month else f"{sunday.month}月{sunday.day}日"
    return f"第 {monday.isocalendar().week} 周 · {monday.month}月{monday.day}日—{last}"


def shifted(value: date, days: int) -> date:
    """The date so many days later."""
    return value + timedelta(days=days)


def percent(share: Fraction | float | None) -> str:
    """84.2 %, rounded half up."""
    return "—" if share is None else f"{percent_of(Fraction(share))} %"


def masked(value: str | None, kind: str = "name") -> str:
    """A name or phone as the public may see it."""
    if not value:
        return ""
    return mask_phone(value) if kind == "phone" else mask_name(value)


def device_name(agent: str) -> str:
    """A browser's own long name in words that its owner recognises."""
    place = next((word for mark, word in _DEVICES if mark in agent), _("其他设备"))
    program = next((word for mark, word in _BROWSERS if mark in agent), "")
    return f"{place} · {program}" if program else place


_DEVICES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", _l("安卓手机")),
    ("Windows", _l("Windows 电脑")),
    ("Macintosh", _l("苹果电脑")),
    ("Linux", _l("Linux 电脑")),
)
_BROWSERS = (
    ("MicroMessenger", _l("微信")),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)

FILTERS = {
    "signal_label": signal_label,
    "device_name": device_name,
    "label": label,
    "hours": hours,
    "minutes": minutes_text,
    "clock": clock,
    "clock_seconds": clock_seconds,
    "day": day,
    "weekday": weekday,
    "when": when,
    "week": week,
    "percent": percent,
    "shifted": shifted,
    "masked": masked,
}


def install(app: Flask) -> None:
    """Give the filters to the templates."""
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(span=span, clocks=clocks)
