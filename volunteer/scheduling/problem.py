"""What a scheduling problem and a plan are made of: frozen values, integers only.

Time is minutes from 00:00 local time of the horizon's first day; day *d* is ``[1440 d, 1440 (d+1))``.
Place is metres east/north on a local plane. Intervals are half open. Every field means what
docs/schedule-format.md says of the key of the same name. The classes here hold values; whether a
value is allowed is judged by :mod:`volunteer.scheduling.wire` on the way in.
"""

from dataclasses import dataclass, field

DAY = 1440


@dataclass(frozen=True, slots=True)
class Horizon:
    """The days planned for: ``start`` is an ISO date, ``days`` their number."""

    start: str
    days: int


@dataclass(frozen=True, slots=True)
class Travel:
    """How people get from site to site: minutes = overhead + ceil(metres / metres_per_minute)."""

    overhead_minutes: int
    metres_per_minute: int


@dataclass(frozen=True, slots=True)
class Weights:
    """Costs of the two tiers; ``min`` holds one weight per priority 1, 2, 3."""

    min: tuple[int, int, int] = (1024, 256, 64)
    skill: int = 16
    quota: int = 4
    target: int = 1
    dropped: int = 64
    fairness: int = 1
    unit_overload: int = 40
    wish: int = 4
    distance: int = 1


@dataclass(frozen=True, slots=True)
class Site:
    """A place on the local plane, in metres."""

    id: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit (单位) and the minutes that are its fair share in the horizon."""

    id: str
    fair_minutes: int


@dataclass(frozen=True, slots=True)
class Person:
    """A volunteer as the solver sees one. ``wishes`` maps activity to 0 (loves) .. 3 (dislikes)."""

    id: str
    unit: str
    age: int
    skills: frozenset[str]
    home: tuple[int, int] | None
    available: tuple[tuple[int, int], ...]
    max_minutes: int
    max_shifts_per_day: int
    served_minutes: int
    wishes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Duty:
    """A shift (班次) as the solver sees one. ``at_least`` and ``quotas`` are (name, count) pairs."""

    id: str
    activity: str
    site: str
    start: int
    end: int
    priority: int
    min: int
    target: int
    max: int
    min_age: int
    max_age: int
    requires: frozenset[str]
    at_least: tuple[tuple[str, int], ...]
    tied: frozenset[str]
    quotas: tuple[tuple[str, int], ...]
    open: bool
    reach: int

    @property
    def minutes(self) -> int:
        """Length in minutes."""
        return self.end - self.start

    @property
    def day(self) -> int:
        """The day it belongs to: the one on which it starts."""
        return self.start // DAY


Pair = tuple[str, str]  # (person id, duty id)


@dataclass(frozen=True, slots=True)
class Problem:
    """One scheduling problem. ``pins``, ``bans``, ``published`` hold (person, duty) pairs."""

    name: str
    horizon: Horizon
    travel: Travel
    rest_minutes: int
    weights: Weights
    sites: tuple[Site, ...]
    units: tuple[Unit, ...]
    people: tuple[Person, ...]
    duties: tuple[Duty, ...]
    pins: tuple[Pair, ...] = ()
    bans: tuple[Pair, ...] = ()
    apart: tuple[Pair, ...] = ()
    published: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class Cost:
    """A value per tier; ``people`` is None where it was not computed (bounds only)."""

    coverage: int
    people: int | None


@dataclass(frozen=True, slots=True)
class Why:
    """How many people one hard rule shut out of one duty."""

    rule: str
    people: int


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A change that would fill seats, checked by solving: ``change`` is a code, ``to`` its new value."""

    change: str
    to: int | str | None
    gains: int


@dataclass(frozen=True, slots=True)
class Short:
    """A duty below its wanted heads, why, and what would help."""

    shift: str
    missing: int
    why: tuple[Why, ...] = ()
    would_help: tuple[Relaxation, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Pins that cannot all be kept, and the hard rule they break."""

    rule: str
    pins: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """An answer to a problem. ``status`` is optimal, feasible or refused (then only ``why`` is set)."""

    problem: str
    status: str
    assignments: tuple[Pair, ...]
    cost: Cost | None
    bound: Cost | None
    seconds: dict[str, float]
    seed: int
    short: tuple[Short, ...] = ()
    why: tuple[Refusal, ...] = ()
    report: dict[str, object] = field(default_factory=dict)
