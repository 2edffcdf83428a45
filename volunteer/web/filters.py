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
from volunteer.domain.terms import DeferredProblem, Signal
from volunteer.domain.timekeeping import BEIJING
from volunteer.domain.words import say
from volunteer.web import once
from volunteer.web.words import label, told_each

WEEKDAYS = (_l("周一"), _l("周二"), _l("周三"), _l("周四"), _l("周五"), _l("周六"), _l("周日"))
UNTIL = "\u2060—\u2060"
"""The dash of a stretch of time; no line breaks beside it."""
MONTHS = (
    _l("1月"),
    _l("2月"),
    _l("3月"),
    _l("4月"),
    _l("5月"),
    _l("6月"),
    _l("7月"),
    _l("8月"),
    _l("9月"),
    _l("10月"),
    _l("11月"),
    _l("12月"),
)


def signal_label(code: str) -> str:
    """The words of a signal that a stamp carries as its code."""
    return next((label(signal) for signal in Signal if signal.value == code), code)


def case_words(evidence: Any) -> str:
    """What a rule saw, in the reader's language: the sentence of a piece of evidence."""
    return say(evidence.template, evidence.values, _)


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
        return _("%(n)s 分", n=f"{sign}{rest}")
    if not rest:
        return _("%(h)s 小时", h=f"{sign}{whole}")
    return _("%(h)s 小时 %(n)s 分", h=f"{sign}{whole}", n=f"{rest:02d}")


def _local(at: datetime) -> datetime:
    return at.astimezone(BEIJING)


def clock(at: datetime | None) -> str:
    """07:30 in Beijing."""
    return "" if at is None else _local(at).strftime("%H:%M")


def clock_seconds(at: datetime | None) -> str:
    """07:30:05 in Beijing."""
    return "" if at is None else _local(at).strftime("%H:%M:%S")


def day(value: date | datetime | str | None, style: str = "") -> str:
    """11月23日 周一; ``short`` 11/23, ``plain`` without the weekday, ``full`` 2026年11月23日, ``long`` with both, ``iso``."""
    if value is None:
        return ""
    if isinstance(value, str):
        value = date.fromisoformat(value)
    on = _local(value).date() if isinstance(value, datetime) else value
    if style == "short":
        return f"{on.month}/{on.day}"
    if style == "iso":
        return on.isoformat()
    date_words = _("%(month)s%(day)s日", month=MONTHS[on.month - 1], day=on.day)
    if style == "plain":
        return date_words
    if style == "full":
        return _("%(year)s年%(date)s", year=on.year, date=date_words)
    named = {"date": date_words, "weekday": WEEKDAYS[on.weekday()]}
    if style == "long":
        return _("%(year)s年%(date)s %(weekday)s", year=on.year, **named)
    return _("%(date)s %(weekday)s", **named)


def month(value: date | str) -> str:
    """2026年11月; also of 2026-11."""
    if isinstance(value, str):
        value = date.fromisoformat(f"{value}-01")
    return _("%(year)s年%(month)s", year=value.year, month=MONTHS[value.month - 1])


def weekday(value: date) -> str:
    """周一."""
    return str(WEEKDAYS[value.weekday()])


def when(at: datetime | None) -> str:
    """11月23日 周一 07:30 in Beijing."""
    return "" if at is None else f"{day(at)} {clock(at)}"


def span(start: datetime, end: datetime) -> str:
    """11月23日 周一 07:30—08:30; a window past midnight says 次日."""
    first, last = _local(start), _local(end)
    tail = clock(end)
    if last.date() == first.date() + timedelta(days=1):
        tail = _("次日 %(time)s", time=tail)
    elif last.date() != first.date():
        tail = when(end)
    return f"{day(start)} {clock(start)}{UNTIL}{tail}"


def clocks(start: datetime, end: datetime) -> str:
    """07:30—08:30."""
    tail = clock(end)
    if _local(end).date() != _local(start).date():
        tail = _("次日 %(time)s", time=tail)
    return f"{clock(start)}{UNTIL}{tail}"


def week(monday: date) -> str:
    """第 48 周 · 11月23日—29日."""
    sunday = monday + timedelta(days=6)
    number = monday.isocalendar().week
    if sunday.month == monday.month:
        return _(
            "第 %(number)s 周 · %(month)s%(first)s日—%(last)s日",
            number=number,
            month=MONTHS[monday.month - 1],
            first=monday.day,
            last=sunday.day,
        )
    return _(
        "第 %(number)s 周 · %(first)s—%(last)s",
        number=number,
        first=day(monday, "plain"),
        last=day(sunday, "plain"),
    )


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


def problem_words(code: str) -> str:
    """Why a deferred stamp waits, in words."""
    return label(DeferredProblem[code.upper()])


FILTERS = {
    "problem_words": problem_words,
    "signal_label": signal_label,
    "told": told_each,
    "case_words": case_words,
    "device_name": device_name,
    "label": label,
    "hours": hours,
    "minutes": minutes_text,
    "clock": clock,
    "clock_seconds": clock_seconds,
    "day": day,
    "weekday": weekday,
    "month": month,
    "when": when,
    "week": week,
    "percent": percent,
    "shifted": shifted,
    "masked": masked,
}


def install(app: Flask) -> None:
    """Give the filters to the templates."""
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(once=once.field, span=span, clocks=clocks)
