"""What the rules of signals look at (所见): plain records of stamps, stays, plans and decisions, without a database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from volunteer.domain.place import LatLon
from volunteer.domain.terms import DistanceBucket, FenceVerdict, Nature, StampKind, Way
from volunteer.domain.timekeeping import Window

#: Ways in which the person's own phone makes the stamp.
OWN_WAYS = frozenset({Way.ROTATING_CODE, Way.POSTER_CODE})
#: Ways in which somebody else's word makes it.
BY_HAND_WAYS = frozenset({Way.ROLL_CALL, Way.SYSTEM_FAILURE})


@dataclass(frozen=True, slots=True)
class StampSeen:
    """One stamp that counts. ``device`` marks the phone, ``fix_print`` tells equal fixes from others."""

    id: int
    shift_id: int
    volunteer_id: int
    kind: StampKind
    at: datetime
    way: Way
    fence: FenceVerdict = FenceVerdict.UNKNOWN
    bucket: DistanceBucket | None = None
    device: str = ""
    fix_print: bytes = b""
    is_round: bool = False
    is_forced: bool = False
    place: LatLon | None = None
    radius: int = 200

    @property
    def is_own(self) -> bool:
        """Whether the person's own phone made it."""
        return self.way in OWN_WAYS


@dataclass(frozen=True, slots=True)
class ShiftSeen:
    """One settled shift. ``vouched`` are people whom the leader confirmed, ``missed`` those whom a spot check did not find.

    ``was_unrun`` says that a spot check was drawn and nobody carried it out.
    """

    id: int
    unit_id: int
    window: Window
    stamps: tuple[StampSeen, ...]
    vouched: frozenset[int] = frozenset()
    missed: frozenset[int] = frozenset()
    was_unrun: bool = False


@dataclass(frozen=True, slots=True)
class StaySeen:
    """One recorded stay of a person: what it earned and on what."""

    record_id: int
    shift_id: int
    window: Window
    nature: Nature
    minutes: int


@dataclass(frozen=True, slots=True)
class PersonSeen:
    """One person over the days looked back on: stamps in order, and recorded stays."""

    id: int
    stamps: tuple[StampSeen, ...] = ()
    stays: tuple[StaySeen, ...] = ()


@dataclass(frozen=True, slots=True)
class ActivitySeen:
    """One activity whose minutes were recorded. ``own_minutes`` went to the people who made, led or recorded it."""

    id: int
    title: str
    first_starts_at: datetime
    published_at: datetime | None
    people: frozenset[int]
    minutes: int
    by_hand_minutes: int
    own_minutes: int
    leader_from_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class ReviewSeen:
    """One decision on somebody's minutes that an account took at the desk."""

    id: int
    account_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class UnitSeen:
    """One recording unit over a month: its activities, decisions, minutes by day, and stamps by hand."""

    id: int
    first: date
    last: date
    activities: tuple[ActivitySeen, ...] = ()
    reviews: tuple[ReviewSeen, ...] = ()
    minutes_by_day: Mapping[date, int] = field(default_factory=dict)
    by_hand_by_day: Mapping[date, int] = field(default_factory=dict)
    stamps: int = 0
    by_hand: int = 0
    forced: int = 0


@dataclass(frozen=True, slots=True)
class PlanSeen:
    """One shift among those of its kind: planned minutes, and those that people truly stayed (their median)."""

    shift_id: int
    unit_id: int
    kind_id: int
    minutes: int
    stayed: int
