"""What people stated (本人所报), read in bulk: one line of text a person, parsed once for each text.

Thousands of people state dozens of windows; as rows they would cost a page most of its time. The
database joins what one person stated into a line, and a line that was read before is not read again.
"""

from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, String, case, cast, func, or_, select

from volunteer.domain.terms import AvailabilityLevel
from volunteer.models.activities import Wish
from volunteer.models.people import Availability, Qualification, Skill
from volunteer.queries.planning.reading import Among, of, rows
from volunteer.queries.planning.windows import Dated, Free, Weekly, free_times

BETWEEN, AFTER = "\x1f", "\x1e"
"""The separators of ASCII, which no text of a form may hold. Shown as ``,`` and ``;`` below."""

BASE = 2_000
"""Weekday, start and end minute and the level travel as one number of this base: one cast for a row, not four."""
LEVELS = tuple(AvailabilityLevel)


def windows(among: Among) -> dict[int, str]:
    """Return the weekly windows of the people selected, one number each: ``moment;…``, see ``BASE``."""
    moment = (Availability.weekday * BASE + Availability.start_minute) * BASE
    level = case({word: at for at, word in enumerate(LEVELS)}, value=Availability.level)
    line = _line(cast((moment + Availability.end_minute) * len(LEVELS) + level, String))
    return _lines(select(Availability.volunteer_id, line), Availability.volunteer_id, among)


def skills(among: Among, week_on: date) -> dict[int, str]:
    """Return the skills held at the week's Monday: ``code,day of expiry or nothing;…``."""
    expiry = func.coalesce(cast(Qualification.expires_on, String), "")
    statement = (
        select(Qualification.volunteer_id, _line(Skill.code, expiry))
        .join(Skill, Skill.id == Qualification.skill_id)
        .where(or_(Qualification.expires_on.is_(None), Qualification.expires_on >= week_on))
    )
    return _lines(statement, Qualification.volunteer_id, among)


def wishes(among: Among) -> dict[int, str]:
    """Return the wishes: ``kind,cost;…``."""
    line = _line(cast(Wish.kind_id, String), cast(Wish.cost, String))
    return _lines(select(Wish.volunteer_id, line), Wish.volunteer_id, among)


def _line(*parts: ColumnElement[str] | Any) -> ColumnElement[str]:
    line = parts[0]
    for part in parts[1:]:
        line = line + BETWEEN + part
    joined: ColumnElement[str] = func.aggregate_strings(line, AFTER)
    return joined


def _lines(statement: Any, owner: Any, among: Among) -> dict[int, str]:
    return dict(rows(statement.where(*of(owner, among)).group_by(owner)))


def fields(line: str) -> list[list[str]]:
    """Return the parts of each entry of a line."""
    return [entry.split(BETWEEN) for entry in line.split(AFTER)] if line else []


@lru_cache(maxsize=100_000)
def free_of(weekly: str, dated: tuple[Dated, ...], week_on: date) -> Free:
    """Return when a person is free who stated this; the same object for the same words."""
    entries = [_window(int(moment)) for moment in weekly.split(AFTER)] if weekly else []
    return free_times(sorted(entries), dated, week_on)


def _window(moment: int) -> Weekly:
    rest, level = divmod(moment, len(LEVELS))
    rest, end = divmod(rest, BASE)
    weekday, start = divmod(rest, BASE)
    return weekday, start, end, LEVELS[level]
