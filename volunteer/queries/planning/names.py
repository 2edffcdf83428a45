"""Names: rows as the words of the exchange format, and back."""

from collections.abc import Iterable

Pair = tuple[str, str]


def person(volunteer_id: int) -> str:
    """Return the id of a volunteer in a problem."""
    return f"v{volunteer_id}"


def duty(shift_id: int) -> str:
    """Return the id of a shift in a problem."""
    return f"s{shift_id}"


def unit(unit_id: int) -> str:
    """Return the id of a unit in a problem."""
    return f"u{unit_id}"


def site(point_id: int) -> str:
    """Return the id of a point in a problem."""
    return f"p{point_id}"


def activity(kind_id: int, slot: tuple[int, int] | None = None) -> str:
    """Return the activity of a kind of service; with a slot, of that kind at that time alone."""
    return f"k{kind_id}" if slot is None else f"k{kind_id}@{slot[0]}-{slot[1]}"


def skill(code: str, day: int | None = None) -> str:
    """Return a skill; with a day, the same skill still valid on that day."""
    return code if day is None else f"{code}@{day}"


def skill_code(name: str) -> str:
    """Return the code of a skill, whichever day it was asked for."""
    return name.partition("@")[0]


def number_of(name: str) -> int:
    """Return the row's number behind ``v12``, ``s34``, ``u5``, ``p7`` or ``k3``."""
    return int(name[1:].partition("@")[0])


def pair_of(volunteer_id: int, shift_id: int) -> Pair:
    """Return the pair of a person and a shift."""
    return person(volunteer_id), duty(shift_id)


def pairs_of(seats: Iterable[tuple[int, int]]) -> set[Pair]:
    """Return the pairs of (shift id, volunteer id) seats, in the problem's order of the two."""
    return {pair_of(volunteer_id, shift_id) for shift_id, volunteer_id in seats}
