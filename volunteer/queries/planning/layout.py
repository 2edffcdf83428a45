"""A volunteer laid out as a person of a problem; whoever was laid out before, from the same facts, is not again."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, NamedTuple

from volunteer.domain.place import LatLon, plane_metres
from volunteer.queries.planning import names
from volunteer.queries.planning.stated import fields
from volunteer.queries.planning.windows import Free, Span, covers, cut, overlaps
from volunteer.scheduling.problem import Person

AGE_UNSAID = 30
"""The age of a person whose birth year nobody entered: units enter their staff, minors need a year."""
DISLIKE = 3
UNNAMED_WISH = 1
MOST_SETTINGS = 4
MOST_KEPT = 30_000
"""People kept laid out in one process, over all settings; about 2 kB each."""


class Setting(NamedTuple):
    """What is the same for everybody: the week, the city's middle, the slots with names of their own."""

    week_on: date
    centre: LatLon
    times: tuple[tuple[Span, tuple[tuple[int, str], ...]], ...]
    skill_days: tuple[tuple[str, tuple[int, ...]], ...]


class Told(NamedTuple):
    """Everything that decides what a volunteer is in the problem. ``row``: see ``persons.read_crowd``."""

    row: tuple[Any, ...]
    free: Free
    promised: tuple[Span, ...]
    busy: tuple[Span, ...]
    minutes_elsewhere: int
    served: int
    skills: str
    wishes: str


_kept: OrderedDict[Setting, dict[Told, Person]] = OrderedDict()


def laid_out(setting: Setting) -> Callable[[Told], Person]:
    """Return who lays people out in a setting.

    The person depends on the facts alone, so one made before from the same facts is handed out again:
    judging one move in a city of thousands then costs reading them, not laying them out anew.
    """
    known = _kept.pop(setting, None) or {}
    while _kept and (
        len(_kept) >= MOST_SETTINGS or sum(map(len, _kept.values())) + len(known) > MOST_KEPT
    ):
        _kept.popitem(last=False)
    _kept[setting] = known
    days = dict(setting.skill_days)

    def made(told: Told) -> Person:
        person = known.get(told)
        if person is None:
            person = _person(setting, days, told)
            if len(known) < MOST_KEPT:
                known[told] = person
        return person

    return made


def age_of(birth_year: int | None, year: int) -> int:
    """Return the age reached in the year."""
    return AGE_UNSAID if birth_year is None else max(0, year - birth_year)


def _person(setting: Setting, days: dict[str, tuple[int, ...]], told: Told) -> Person:
    number, unit_id, birth_year, _, lat, lon, max_minutes, max_shifts = told.row
    windows = cut([*told.free.can, *told.promised], told.busy)
    home = None if lat is None or lon is None else plane_metres(LatLon(lat, lon), setting.centre)
    stated = {int(kind): int(cost) for kind, cost in fields(told.wishes)}
    return Person(
        id=names.person(number),
        unit=names.unit(unit_id),
        age=age_of(birth_year, setting.week_on.year),
        skills=_skills(setting.week_on, days, told.skills),
        home=home,
        available=tuple(windows),
        max_minutes=max(0, max_minutes - told.minutes_elsewhere),
        max_shifts_per_day=max_shifts,
        served_minutes=told.served,
        wishes=_wishes(stated, told.free, windows, setting),
    )


def _skills(week_on: date, days: dict[str, tuple[int, ...]], held: str) -> frozenset[str]:
    found: set[str] = set()
    for code, expiry in fields(held):
        found.add(names.skill(code))
        for day in days.get(code, ()):
            if not expiry or date.fromisoformat(expiry) >= week_on + timedelta(days=day):
                found.add(names.skill(code, day))
    return frozenset(found)


def _wishes(
    stated: dict[int, int], free: Free, windows: list[Span], setting: Setting
) -> dict[str, int]:
    """The stated wishes; at a slot of its own, the same wish there, or dislike if rather not then."""
    wishes = {names.activity(kind): cost for kind, cost in sorted(stated.items())}
    if not stated and not free.rather_not:
        return wishes
    for time, slots in setting.times:
        if not covers(windows, *time):
            continue
        if free.rather_not and overlaps(free.rather_not, *time):
            wishes.update((name, DISLIKE) for _, name in slots)
            continue
        for kind, name in slots:
            if stated.get(kind, UNNAMED_WISH) != UNNAMED_WISH:
                wishes[name] = stated[kind]
    return wishes
