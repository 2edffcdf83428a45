"""Checkers: each takes a value of the tree and returns it in its own type, or raises Fault.

A Fault carries the path *below* the checked value; whoever called the checker puts its own step in
front. So nothing is spent on paths while the input is good.
"""

import datetime
import re
from collections.abc import Callable, Collection, Mapping
from operator import length_hint
from typing import Any

from volunteer.scheduling.wire.fault import key_path, quoted
from volunteer.scheduling.wire.text import Huge, Repeated

LIMIT = 10**7  # no number of a problem lies beyond
Checker = Callable[[Any], Any]


class Fault(Exception):
    """A value the format does not allow: the path below where it is raised, and a sentence."""

    def __init__(self, below: str, sentence: str) -> None:
        super().__init__(below, sentence)
        self.below = below
        self.sentence = sentence


def refuse(value: Any, wanted: str) -> Fault:
    """Return the Fault of a value that is not what was wanted."""
    if isinstance(value, Repeated):
        return Fault(key_path(value.key), "the key is given twice")
    return Fault("", f"{_shown(value)} is not {wanted}")


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, Huge) or (type(value) is int and abs(value) >= 10**18):
        return "an endless number"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(shown := repr(value), shown)


def text(value: Any) -> str:
    """Any string."""
    if type(value) is str:
        return value
    raise refuse(value, "a string")


def truth(value: Any) -> bool:
    """True or false."""
    if type(value) is bool:
        return value
    raise refuse(value, "true or false")


def whole(low: int = -LIMIT, high: int = LIMIT) -> Checker:
    """Return the checker of an integer within ``low .. high``, both included."""

    def check(value: Any) -> int:
        if type(value) is int:
            if low <= value <= high:
                return value
            side = f"below {low}" if value < low else f"above {high}"
            raise Fault("", f"{_digits(value)} is {side}")
        if isinstance(value, Huge):
            raise Fault("", f"the number is beyond {high}")
        raise refuse(value, "an integer")

    return check


def _digits(value: int) -> str:
    return str(value) if abs(value) < 10**18 else "the number"


def one_of(*allowed: str) -> Checker:
    """Return the checker of a string out of a few."""

    def check(value: Any) -> str:
        if type(value) is str and value in allowed:
            return value
        raise refuse(value, " or ".join(map(repr, allowed)))

    return check


def maybe(inner: Checker) -> Checker:
    """Return the checker of null or what ``inner`` checks."""
    return lambda value: None if value is None else inner(value)


def listed(inner: Checker) -> Callable[[Any], list[Any]]:
    """Return the checker of a list of what ``inner`` checks."""

    def check(value: Any) -> list[Any]:
        if type(value) is not list:
            raise refuse(value, "a list")
        elements = iter(value)  # remembers how far it came, and costs nothing while all is well
        try:
            return [inner(element) for element in elements]
        except Fault as fault:
            at = len(value) - length_hint(elements) - 1
            raise Fault(f"[{at}]{fault.below}", fault.sentence) from None

    return check


def exactly(count: int, inner: Checker) -> Checker:
    """Return the checker of a list of ``count`` things, made a tuple."""
    inner_list = listed(inner)

    def check(value: Any) -> tuple[Any, ...]:
        if type(value) is list and len(value) != count:
            raise Fault("", f"{len(value)} values where {count} are needed")
        return tuple(inner_list(value))

    return check


def fields(value: Any, wanted: Mapping[str, Checker], optional: Collection[str] = ()) -> list[Any]:
    """Return the checked values of an object's keys in the order of ``wanted``.

    An optional key that is absent gives None. Unknown, missing and repeated keys are faults.
    """
    if type(value) is not dict:
        raise refuse(value, "an object")
    if len(value) != len(wanted) or value.keys() != wanted.keys():
        for key in value:
            if key not in wanted:
                raise Fault(key_path(key), "the format knows no such key")
        for key in wanted:
            if key not in value and key not in optional:
                raise Fault(key_path(key), "the key is missing")
    checks = iter(wanted.items())
    try:
        if optional:
            return [check(value[key]) if key in value else None for key, check in checks]
        return [check(value[key]) for key, check in checks]
    except Fault as fault:
        key = list(wanted)[len(wanted) - length_hint(checks) - 1]
        raise Fault(key_path(key) + fault.below, fault.sentence) from None


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)


def day(value: Any) -> str:
    """An ISO date that exists."""
    if type(value) is not str:
        raise refuse(value, "a date")
    try:
        if not _DATE.match(value):
            raise ValueError
        datetime.date.fromisoformat(value)
    except ValueError:
        raise Fault("", f"{quoted(value)} is not a date") from None
    return value


_time = whole()


def interval(value: Any) -> tuple[int, int]:
    """``[start, end]`` with start before end."""
    start, end = exactly(2, _time)(value)
    if start < end:
        return start, end
    raise Fault("[1]", f"the end {end} is not after the start {start}")


_intervals = listed(interval)


def intervals(value: Any) -> tuple[tuple[int, int], ...]:
    """A list of intervals."""
    try:  # all good, as nearly always: one pass without a call
        made = tuple(
            [
                (a, b)
                for a, b in value
                if type(a) is int and type(b) is int and -LIMIT <= a < b <= LIMIT
            ]
        )
        if type(value) is list and len(made) == len(value):
            return made
    except (TypeError, ValueError):
        pass
    return tuple(_intervals(value))


_texts = listed(text)


def names(value: Any) -> frozenset[str]:
    """A list of strings, made a set."""
    if type(value) is list and set(map(type, value)) <= {str}:
        return frozenset(value)
    return frozenset(_texts(value))


def graded(low: int, high: int) -> Checker:
    """Return the checker of an object whose values are integers within ``low .. high``."""
    grade = whole(low, high)

    def check(value: Any) -> dict[str, int]:
        if type(value) is not dict:
            raise refuse(value, "an object")
        grades = value.values()
        if not value or (
            set(map(type, grades)) == {int} and low <= min(grades) and max(grades) <= high
        ):
            return value
        fields(value, dict.fromkeys(value, grade))
        raise AssertionError("unreachable: a grade out of range passed its checker")

    return check
