"""A tree to a Problem: every key, type, range and reference of the format is judged here."""

from collections.abc import Iterable, Sequence
from typing import Any

from volunteer.scheduling.problem import (
    Duty,
    Horizon,
    Pair,
    Person,
    Problem,
    Site,
    Travel,
    Unit,
    Weights,
)
from volunteer.scheduling.wire.fault import BadInput, quoted
from volunteer.scheduling.wire.shape import (
    LIMIT,
    Checker,
    Fault,
    day,
    exactly,
    fields,
    graded,
    intervals,
    listed,
    maybe,
    names,
    one_of,
    text,
    truth,
    whole,
)

FORMAT = "volunteer-schedule/1"
_count = whole(0)
_positive = whole(1)
_metres = whole()
_weight = whole(0, 10**6)
_texts = listed(text)
_pair = exactly(2, text)

_SITE: dict[str, Checker] = {"id": text, "x": _metres, "y": _metres}
_UNIT: dict[str, Checker] = {"id": text, "fair_minutes": _count}
_MIX: dict[str, Checker] = {"skill": text, "count": _count}
_QUOTA: dict[str, Checker] = {"unit": text, "count": _count}


def _each_once(shape: dict[str, Checker], key: str) -> Checker:
    """Return the checker of a list of (key, count) objects in which no key comes twice."""
    inner = listed(lambda value: tuple(fields(value, shape)))

    def check(value: Any) -> tuple[tuple[str, int], ...]:
        made = inner(value)
        _no_repeats([name for name, _ in made], f".{key}")
        return tuple(made)

    return check


def _tied(value: Any) -> frozenset[str]:
    made = _texts(value)
    _no_repeats(made)
    return frozenset(made)


def _no_repeats(given: Sequence[str], step: str = "") -> None:
    if len(set(given)) == len(given):
        return
    first: dict[str, int] = {}
    for i, name in enumerate(given):
        if first.setdefault(name, i) != i:
            raise Fault(f"[{i}]{step}", f"{quoted(name)} is named already at [{first[name]}]")


_PERSON: dict[str, Checker] = {
    "id": text,
    "unit": text,
    "age": _count,
    "skills": names,
    "home": maybe(exactly(2, _metres)),
    "available": intervals,
    "max_minutes": _count,
    "max_shifts_per_day": _count,
    "served_minutes": _count,
    "wishes": graded(0, 3),
}
_DUTY: dict[str, Checker] = {
    "id": text,
    "activity": text,
    "site": text,
    "start": _metres,
    "end": _metres,
    "priority": whole(1, 3),
    "min": _count,
    "target": _count,
    "max": _count,
    "min_age": _count,
    "max_age": _count,
    "requires": names,
    "at_least": _each_once(_MIX, "skill"),
    "tied": _tied,
    "quotas": _each_once(_QUOTA, "unit"),
    "open": truth,
    "reach": _count,
}
_WEIGHTS: dict[str, Checker] = {
    "min": exactly(3, _weight),
    **dict.fromkeys(
        ("skill", "quota", "target", "dropped", "fairness", "unit_overload", "wish", "distance"),
        _weight,
    ),
}
_HORIZON: dict[str, Checker] = {"start": day, "days": _positive}
_TRAVEL: dict[str, Checker] = {"overhead_minutes": _count, "metres_per_minute": _positive}


def _weights(value: Any) -> Weights:
    made = Weights(*fields(value, _WEIGHTS))
    if made.target > min(made.min):
        raise Fault(".target", f"{made.target} is above the smallest min weight {min(made.min)}")
    return made


def _person(value: Any) -> Person:
    return Person(*fields(value, _PERSON))


def _duty(value: Any) -> Duty:
    made = Duty(*fields(value, _DUTY))
    if made.end <= made.start:
        raise Fault(".end", f"the end {made.end} is not after the start {made.start}")
    if made.min > made.target:
        raise Fault(".min", f"{made.min} is above the target {made.target}")
    if made.target > made.max:
        raise Fault(".target", f"{made.target} is above the max {made.max}")
    return made


_pairs = listed(_pair)
_ROOT: dict[str, Checker] = {
    "format": one_of(FORMAT),
    "name": text,
    "horizon": lambda value: Horizon(*fields(value, _HORIZON)),
    "travel": lambda value: Travel(*fields(value, _TRAVEL)),
    "rest_minutes": _count,
    "weights": _weights,
    "sites": listed(lambda value: Site(*fields(value, _SITE))),
    "units": listed(lambda value: Unit(*fields(value, _UNIT))),
    "volunteers": listed(_person),
    "shifts": listed(_duty),
    "pins": _pairs,
    "bans": _pairs,
    "apart": _pairs,
    "published": _pairs,
}
_OPTIONAL = ("pins", "bans", "apart", "published")


def problem_of(tree: Any) -> Problem:
    """Return the Problem this tree describes.

    Raises BadInput with the path of the first value the format does not allow.
    """
    try:
        made = fields(tree, _ROOT, _OPTIONAL)
        # format, name, horizon, travel, rest, weights, then the collections
        problem = Problem(*made[1:6], *(tuple(part or ()) for part in made[6:]))
        _judge_references(problem)
    except Fault as fault:
        raise BadInput(fault.below.lstrip(".") or "$", fault.sentence) from None
    return problem


def _judge_references(problem: Problem) -> None:
    sites = _ids("sites", problem.sites)
    units = _ids("units", problem.units)
    people = _ids("volunteers", problem.people)
    duties = _ids("shifts", problem.duties)
    for i, person in enumerate(problem.people):
        if person.unit not in units:
            raise Fault(f".volunteers[{i}].unit", f"no unit {quoted(person.unit)}")
    for i, duty in enumerate(problem.duties):
        if duty.site not in sites:
            raise Fault(f".shifts[{i}].site", f"no site {quoted(duty.site)}")
        _judge_units(f".shifts[{i}]", duty, units)
    for name in ("pins", "bans", "published"):
        judge_pairs(name, getattr(problem, name), people, duties)
    _judge_apart(problem.apart, people)


def _judge_units(path: str, duty: Duty, units: set[str]) -> None:
    for unit in sorted(duty.tied - units):
        raise Fault(f"{path}.tied", f"no unit {quoted(unit)}")
    for k, (unit, _) in enumerate(duty.quotas):
        if unit not in units:
            raise Fault(f"{path}.quotas[{k}].unit", f"no unit {quoted(unit)}")


def _ids(name: str, things: Iterable[Any]) -> set[str]:
    first: dict[str, int] = {}
    for i, thing in enumerate(things):
        if first.setdefault(thing.id, i) != i:
            told = f"{quoted(thing.id)} is the id of {name}[{first[thing.id]}] already"
            raise Fault(f".{name}[{i}].id", told)
    return set(first)


def judge_pairs(name: str, pairs: Sequence[Pair], people: set[str], duties: set[str]) -> None:
    """Raise Fault unless every pair names a person and a shift there are, and none comes twice."""
    first: dict[Pair, int] = {}
    for i, (person, duty) in enumerate(pairs):
        if person not in people:
            raise Fault(f".{name}[{i}][0]", f"no volunteer {quoted(person)}")
        if duty not in duties:
            raise Fault(f".{name}[{i}][1]", f"no shift {quoted(duty)}")
        if first.setdefault((person, duty), i) != i:
            raise Fault(
                f".{name}[{i}]", f"the pair stands already at {name}[{first[person, duty]}]"
            )


def _judge_apart(pairs: Sequence[Pair], people: set[str]) -> None:
    first: dict[frozenset[str], int] = {}
    for i, pair in enumerate(pairs):
        for k, person in enumerate(pair):
            if person not in people:
                raise Fault(f".apart[{i}][{k}]", f"no volunteer {quoted(person)}")
        if pair[0] == pair[1]:
            raise Fault(f".apart[{i}]", f"{quoted(pair[0])} cannot be kept apart from themselves")
        if first.setdefault(frozenset(pair), i) != i:
            told = f"the pair stands already at apart[{first[frozenset(pair)]}]"
            raise Fault(f".apart[{i}]", told)


__all__ = ["FORMAT", "LIMIT", "judge_pairs", "problem_of"]
