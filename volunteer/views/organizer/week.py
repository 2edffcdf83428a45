"""The days of a week (一周) as boards show them."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import request
from flask_babel import gettext as _

from volunteer.domain.timekeeping import local_date, now, week_of
from volunteer.web.filters import WEEKDAYS, day


def asked_week() -> date:
    """The Monday asked for in the address; this week where none or a wrong one stands."""
    try:
        return week_of(date.fromisoformat(request.args.get("week", "")))
    except (ValueError, OverflowError):
        return week_of(local_date(now()))


def days_of(week_on: date, short: Collection[int] = ()) -> list[dict[str, Any]]:
    """The seven days with their words, today marked, and a link that chooses the day on a phone."""
    today = local_date(now())
    days = []
    for number in range(7):
        on = week_on + timedelta(days=number)
        arguments = {**request.args.to_dict(), "day": str(number)}
        days.append(
            {
                "key": str(number),
                "label": f"{WEEKDAYS[number]} {day(on, 'short')}",
                "note": _("今天") if on == today else "",
                "today": on == today,
                "rest": number >= 5,
                "weekday": WEEKDAYS[number],
                "date": str(on.day),
                "href": f"{request.path}?{urlencode(arguments)}",
                "is_short": number in short,
            }
        )
    return days


def asked_day(week_on: date) -> str:
    """The day that phones show: the one asked for, else today, else Monday."""
    asked = request.args.get("day", "")
    if len(asked) == 1 and asked in "0123456":
        return asked
    today = (local_date(now()) - week_on).days
    return str(today) if 0 <= today < 7 else "0"
