"""How a shift is named in audit lines and messages: day, time and place in Beijing."""

from datetime import datetime

from volunteer.domain.timekeeping import clock_at, day_words, local

_WEEKDAYS = "一二三四五六日"


def window_words(starts_at: datetime, ends_at: datetime) -> str:
    """11月23日 周一 07:30—08:30."""
    first, last = local(starts_at), local(ends_at)
    tail = clock_at(ends_at) if last.date() == first.date() else f"次日 {clock_at(ends_at)}"
    day = f"{day_words(first.date())} 周{_WEEKDAYS[first.weekday()]}"
    return f"{day} {clock_at(starts_at)}—{tail}"


def place_words(name: str, corner: str) -> str:
    """红旗路口（东北角）."""
    return f"{name}（{corner}）" if corner else name
