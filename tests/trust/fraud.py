"""Kinds of fraud (seeded), each with its subtle and its crude cases; every case names the subject that ought to be flagged."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from tests.trust.honest import CENTRE, FIRST, LAST, UNITS, Phone, a_stamp, a_unit, honest_plans
from volunteer.domain.place import from_plane
from volunteer.domain.policy import STANDARD
from volunteer.domain.signals import (
    Sighting,
    look_at_person,
    look_at_plans,
    look_at_shift,
    look_at_unit,
)
from volunteer.domain.signals.seen import (
    ActivitySeen,
    PersonSeen,
    PlanSeen,
    ReviewSeen,
    ShiftSeen,
    StampSeen,
    StaySeen,
)
from volunteer.domain.terms import CaseSubject, DistanceBucket, FenceVerdict, Nature, StampKind, Way
from volunteer.domain.timekeeping import Window, beijing

EACH = 60
ACCOMPLICE = 0.05
"""How often the leader is in it and vouches: nothing on site can show that."""


@dataclass(frozen=True)
class Fraud:
    """One case: the kind, the subject that ought to be flagged, and what the rules saw."""

    kind: str
    subject: tuple[CaseSubject, int]
    seen: tuple[Sighting, ...]


def _window(rng: random.Random, minutes: int = 90) -> Window:
    on = FIRST + timedelta(days=rng.randrange(28))
    return Window(beijing(on, 450), beijing(on, 450 + minutes))


def _own(rng: random.Random, number: int, shift: int, person: int, window: Window) -> StampSeen:
    """A plain own scan at the start of a shift, on an own phone."""
    phone = Phone(f"own{person}", False, False, False)
    at = window.starts_at + timedelta(seconds=rng.uniform(-300, 300))
    stamp = a_stamp(rng, number, shift, person, StampKind.IN, at, CENTRE, phone)
    return replace(stamp, way=Way.ROTATING_CODE, is_forced=False)


def _shift(rng: random.Random, stamps: list[StampSeen], **given: object) -> list[Sighting]:
    window = _window(rng)
    return look_at_shift(ShiftSeen(1, 1, window, tuple(stamps), **given))  # type: ignore[arg-type]


def one_phone_for_many(rng: random.Random) -> Fraud:
    window = _window(rng)
    count = rng.randrange(3, 9)
    stamps = [
        replace(
            _own(rng, n, 1, n, window),
            device="one",
            at=window.starts_at + timedelta(seconds=25 * n),
        )
        for n in range(count)
    ]
    return Fraud("", (CaseSubject.PERSON, count - 1), tuple(_shift(rng, stamps)))


def a_friends_phone(rng: random.Random) -> Fraud:
    window = _window(rng)
    stamps = [replace(_own(rng, n, 1, n, window), device="one") for n in (1, 2)]
    second = max(stamps, key=lambda stamp: (stamp.at, stamp.id)).volunteer_id
    vouched = frozenset({second} if rng.random() < ACCOMPLICE else ())
    return Fraud("", (CaseSubject.PERSON, second), tuple(_shift(rng, stamps, vouched=vouched)))


def relay(rng: random.Random) -> Fraud:
    near = rng.random() < 0.05  # from round the corner: looks like a poor fix
    far = rng.choice((DistanceBucket.WITHIN_5000, DistanceBucket.BEYOND_5000))
    far = DistanceBucket.WITHIN_1000 if near else far
    stamp = replace(
        _own(rng, 1, 1, 1, _window(rng)),
        fence=FenceVerdict.OUTSIDE,
        bucket=far,
        fix_print=rng.randbytes(8),
    )
    return Fraud("", (CaseSubject.PERSON, 1), tuple(_shift(rng, [stamp])))


def one_fix_for_ever(rng: random.Random) -> Fraud:
    stamps = []
    for n in range(rng.randrange(2, 14)):
        stamp = _own(rng, n, n // 2, 1, _window(rng))
        is_copy = n < 3 or rng.random() < 0.7
        stamps.append(replace(stamp, fix_print=b"fixedfix" if is_copy else rng.randbytes(8)))
    stamps = [replace(s, at=s.at + timedelta(hours=3 * n)) for n, s in enumerate(stamps)]
    return Fraud("", (CaseSubject.PERSON, 1), tuple(look_at_person(PersonSeen(1, tuple(stamps)))))


def typed_fix(rng: random.Random) -> Fraud:
    """Coordinates typed into a tool, sometimes moved a little: round figures throughout."""
    choices = [rng.randbytes(8) for _ in range(rng.randrange(2, 6))]
    stamps = []
    for n in range(rng.randrange(5, 14)):
        stamp = _own(rng, n, n, 1, _window(rng))
        stamps.append(replace(stamp, fix_print=rng.choice(choices), is_round=True))
    return Fraud("", (CaseSubject.PERSON, 1), tuple(look_at_person(PersonSeen(1, tuple(stamps)))))


def two_places_at_once(rng: random.Random) -> Fraud:
    window = _window(rng)
    away = from_plane((rng.choice((-1, 1)) * rng.uniform(2600, 15000), 0), CENTRE)
    first = replace(_own(rng, 1, 1, 1, window), place=CENTRE, at=window.starts_at)
    later = window.starts_at + timedelta(seconds=rng.uniform(1, 60))
    second = replace(_own(rng, 2, 2, 1, window), place=away, at=later)
    return Fraud("", (CaseSubject.PERSON, 1), tuple(look_at_person(PersonSeen(1, (first, second)))))


def scripted_burst(rng: random.Random) -> Fraud:
    window = _window(rng)
    count = rng.randrange(5, 16)
    pace = rng.uniform(0.02, 0.55)
    stamps = [
        replace(_own(rng, n, 1, n, window), at=window.starts_at + timedelta(seconds=pace * n))
        for n in range(count)
    ]
    return Fraud("", (CaseSubject.SHIFT, 1), tuple(_shift(rng, stamps)))


def gone_in_between(rng: random.Random) -> Fraud:
    stamps = [_own(rng, n, 1, n, _window(rng)) for n in range(4)]
    vouched = frozenset({3} if rng.random() < ACCOMPLICE else ())
    return Fraud(
        "",
        (CaseSubject.PERSON, 3),
        tuple(_shift(rng, stamps, missed=frozenset({3}), vouched=vouched)),
    )


def hours_on_duty(rng: random.Random) -> Fraud:
    on = FIRST + timedelta(days=rng.randrange(28))
    duty = Window(beijing(on, 510), beijing(on, 510 + rng.choice((240, 480))))
    start = duty.starts_at + timedelta(minutes=rng.randrange(0, 180))
    served = Window(start, start + timedelta(minutes=rng.choice((30, 60, 90, 120))))
    nature = rng.choice((Nature.DUTY, Nature.DUTY, Nature.TRAINING))
    stays = (
        StaySeen(1, 1, duty, nature, 0),
        StaySeen(2, 2, served, Nature.VOLUNTEER, served.minutes),
    )
    return Fraud("", (CaseSubject.PERSON, 1), tuple(look_at_person(PersonSeen(1, (), stays))))


def hours_sold(rng: random.Random) -> Fraud:
    """One name that many activities are typed onto."""
    stays = []
    for n in range(30):
        on = FIRST + timedelta(days=n)
        minutes = rng.randrange(300, 480)
        window = Window(beijing(on, 480), beijing(on, 480 + minutes))
        stays.append(StaySeen(n, n, window, Nature.VOLUNTEER, minutes))
    return Fraud(
        "", (CaseSubject.PERSON, 1), tuple(look_at_person(PersonSeen(1, (), tuple(stays))))
    )


def _unit(rng: random.Random, **changed: object) -> tuple[Sighting, ...]:
    return tuple(look_at_unit(replace(a_unit(rng, 1), **changed)))  # type: ignore[arg-type]


UNIT = (CaseSubject.UNIT, 1)


def invented_activity(rng: random.Random) -> Fraud:
    """Five hours for the elderly that nobody saw, typed by the one who gains."""
    people = frozenset(range(rng.randrange(1, 4)))
    minutes = 300 * len(people)
    own = minutes if len(people) == 1 else 300
    start = beijing(LAST, 540)
    made = ActivitySeen(
        1, "关爱老人", start, start - timedelta(hours=2), people, minutes, minutes, own
    )
    return Fraud("", UNIT, _unit(rng, activities=(made,)))


def published_afterwards(rng: random.Random) -> Fraud:
    start = beijing(LAST, 540)
    late = start + timedelta(minutes=rng.choice((5, 60, 600, 6000)))
    made = ActivitySeen(1, "清洁家园", start, late, frozenset(range(9)), 900, 90, 0)
    return Fraud("", UNIT, _unit(rng, activities=(made,)))


def rubber_stamp(rng: random.Random) -> Fraud:
    at, reviews = beijing(LAST, 540), []
    for n in range(rng.randrange(5, 40)):
        slow = n % 12 == 11  # a pause now and then
        at += timedelta(seconds=rng.uniform(15, 40) if slow else rng.uniform(0.6, 3.9))
        reviews.append(ReviewSeen(n + 1, 7, at))
    return Fraud("", UNIT, _unit(rng, reviews=tuple(reviews)))


def made_up_for_the_report(rng: random.Random) -> Fraud:
    days: dict[date, int] = {}
    hands: dict[date, int] = {}
    for offset in range(30):
        on = FIRST + timedelta(days=offset)
        days[on] = round(rng.gammavariate(2, 60)) if offset < 27 else rng.randrange(400, 2500)
        hands[on] = 0 if offset < 27 else round(days[on] * rng.uniform(0.6, 1.0))
    return Fraud("", UNIT, _unit(rng, minutes_by_day=days, by_hand_by_day=hands))


def typed_roll(rng: random.Random) -> Fraud:
    stamps = rng.randrange(40, 300)
    hand = round(stamps * rng.uniform(0.58, 1.0))
    return Fraud("", UNIT, _unit(rng, stamps=stamps, by_hand=hand, forced=hand // 2))


def inflated_plan(rng: random.Random) -> Fraud:
    plans = honest_plans(random.Random(rng.randrange(10**6)))
    usual, kind = rng.choice(((60, 0), (90, 1), (120, 2), (180, 4)))
    minutes = round(usual * rng.uniform(1.4, 5))
    made = PlanSeen(99_999, 1 % UNITS, kind, minutes, round(usual * rng.uniform(0.7, 1.1)))
    found = [one for one in look_at_plans([*plans, made]) if one.subject_id == 99_999]
    return Fraud("", (CaseSubject.SHIFT, 99_999), tuple(found))


KINDS: tuple[Callable[[random.Random], Fraud], ...] = (
    one_phone_for_many,
    a_friends_phone,
    relay,
    one_fix_for_ever,
    typed_fix,
    two_places_at_once,
    scripted_burst,
    gone_in_between,
    hours_on_duty,
    hours_sold,
    invented_activity,
    published_afterwards,
    rubber_stamp,
    made_up_for_the_report,
    typed_roll,
    inflated_plan,
)


def frauds(seed: int, *, each: int = EACH) -> Iterator[Fraud]:
    """Sixty cases of every kind."""
    for make in KINDS:
        rng = random.Random(f"{seed}:{make.__name__}")
        for _ in range(each):
            made = make(rng)
            yield replace(made, kind=make.__name__.replace("_", " "))


def threshold() -> int:
    """The weight from which a case is opened."""
    return STANDARD.case_score
