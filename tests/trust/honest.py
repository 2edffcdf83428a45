"""An honest month of a city, seeded, with all that looks odd and is not: shared phones, poor fixes, crowds, long days."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from volunteer.domain.place import LatLon, from_plane
from volunteer.domain.signals.seen import (
    ActivitySeen,
    PersonSeen,
    PlanSeen,
    ReviewSeen,
    ShiftSeen,
    StampSeen,
    StaySeen,
    UnitSeen,
)
from volunteer.domain.terms import DistanceBucket, FenceVerdict, Nature, StampKind, Way
from volunteer.domain.timekeeping import Window, beijing

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
CENTRE = LatLon(27.2377, 111.4683)
PEOPLE, UNITS, POINTS, SHIFTS_A_DAY = 1200, 200, 60, 36
WAYS = ((Way.ROTATING_CODE, 0.80), (Way.PERSONAL_CODE, 0.12), (Way.ROLL_CALL, 0.08))


@dataclass(frozen=True)
class Phone:
    """A person's phone: whether it is located, keeps old fixes, or speaks in round figures."""

    mark: str
    is_located: bool
    is_lazy: bool
    is_rough: bool


@dataclass(frozen=True)
class Month:
    """What the rules are shown of a month."""

    shifts: tuple[ShiftSeen, ...]
    people: tuple[PersonSeen, ...]
    units: tuple[UnitSeen, ...]
    plans: tuple[PlanSeen, ...]


def pick(rng: random.Random, odds: tuple[tuple[Way, float], ...]) -> Way:
    return rng.choices([one for one, _ in odds], [share for _, share in odds])[0]


def a_stamp(
    rng: random.Random,
    number: int,
    shift: int,
    person: int,
    kind: StampKind,
    at: datetime,
    place: LatLon,
    phone: Phone,
) -> StampSeen:
    """One stamp as an honest person makes it."""
    way = pick(rng, WAYS)
    fence, bucket, mark = FenceVerdict.UNKNOWN, None, b""
    if way is Way.ROTATING_CODE and phone.is_located:
        luck = rng.random()
        fence = FenceVerdict.INSIDE if luck > 0.07 else FenceVerdict.UNKNOWN
        if luck < 0.012:  # between high houses; a fix off by kilometres mostly says so itself
            fence, bucket = FenceVerdict.OUTSIDE, DistanceBucket.WITHIN_1000
        if luck < 0.0003:
            bucket = DistanceBucket.WITHIN_5000
        lazy = phone.is_lazy and rng.random() < 0.08
        mark = f"lazy{person}-{round(place.lat, 4)}".encode() if lazy else rng.randbytes(8)
    return StampSeen(
        id=number,
        shift_id=shift,
        volunteer_id=person,
        kind=kind,
        at=at,
        way=way,
        fence=fence,
        bucket=bucket,
        device=phone.mark,
        fix_print=mark,
        is_round=bool(mark) and phone.is_rough and rng.random() < 0.4,
        is_forced=way is Way.ROLL_CALL and rng.random() < 0.2,
        place=place,
    )


class _Street:
    """Draws the shifts of a month and who stood there."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.number = 0
        self.places = [
            from_plane((rng.gauss(0, 3500), rng.gauss(0, 3500)), CENTRE) for _ in range(POINTS)
        ]
        self.phones = {
            person: Phone(
                f"phone{person - 1 if person % 75 == 1 else person}",  # some couples have one phone
                rng.random() < 0.6,
                rng.random() < 0.04,
                rng.random() < 0.04,
            )
            for person in range(PEOPLE)
        }
        self.stamps: dict[int, list[StampSeen]] = {person: [] for person in range(PEOPLE)}
        self.stays: dict[int, list[StaySeen]] = {person: [] for person in range(PEOPLE)}
        self.busy: dict[int, list[tuple[Window, LatLon]]] = {}

    def _is_free(self, person: int, window: Window, place: LatLon) -> bool:
        """Honest people leave themselves the way, even by bus."""
        for known, there in self.busy.get(person, []):
            gap = 20 if there == place else 50
            if known.widened(before=gap, after=gap).overlaps(window):
                return False
        return True

    def shift(self, number: int, on: date) -> ShiftSeen:
        rng = self.rng
        start = rng.choice((450, 450, 540, 870, 1050, 1050))
        minutes = rng.choice((60, 60, 75, 90, 90, 120, 180))
        window = Window(beijing(on, start), beijing(on, start + minutes))
        place = rng.choice(self.places)
        wanted = rng.choice((2, 3, 4, 4, 4, 6, 8, 12, 15))
        base = rng.randrange(PEOPLE)
        crew = [
            person
            for person in ((base + step) % PEOPLE for step in range(wanted * 2))
            if self._is_free(person, window, place)
        ][:wanted]
        self.busy_on(crew, window, place)
        gap = 1.5 if rng.random() < 0.05 else 9.0  # some come as one group
        stamps: list[StampSeen] = []
        vouched: set[int] = set()
        came = window.starts_at - timedelta(seconds=rng.uniform(0, 400))
        went = window.ends_at + timedelta(seconds=rng.uniform(0, 200))
        seen_phones: set[str] = set()
        for person in crew:
            came += timedelta(seconds=rng.expovariate(1 / gap))
            went += timedelta(seconds=rng.expovariate(1 / gap))
            phone = self.phones[person]
            if rng.random() < 0.002 and seen_phones:  # an empty battery: a neighbour's phone
                phone = Phone(rng.choice(sorted(seen_phones)), False, False, False)
            if phone.mark in seen_phones and rng.random() < 0.985:
                vouched.add(person)
            seen_phones.add(phone.mark)
            for kind, at in ((StampKind.IN, came), (StampKind.OUT, went)):
                if kind is StampKind.OUT and rng.random() < 0.05:
                    continue  # forgot to check out
                self.number += 1
                stamp = a_stamp(rng, self.number, number, person, kind, at, place, phone)
                stamps.append(stamp)
                self.stamps[person].append(stamp)
            self.stays[person].append(
                StaySeen(self.number, number, window, Nature.VOLUNTEER, minutes)
            )
        # now and then the check in the middle does not find one who is across the road; mostly the leader then saw them
        missed = {person for person in crew if rng.random() < 0.0004}
        return ShiftSeen(
            number,
            number % UNITS,
            window,
            tuple(stamps),
            frozenset(vouched),
            frozenset(missed),
            was_unrun=rng.random() < 0.004,
        )

    def busy_on(self, crew: list[int], window: Window, place: LatLon) -> None:
        for person in crew:
            self.busy.setdefault(person, []).append((window, place))

    def duty(self, person: int, on: date) -> None:
        """Office duty, sometimes overrun by a few minutes into a service."""
        window = Window(beijing(on, 1110), beijing(on, 1230 + self.rng.choice((0, 0, 0, 5))))
        if self._is_free(person, window, CENTRE):
            self.busy_on([person], window, CENTRE)
            self.number += 1
            self.stays[person].append(
                StaySeen(self.number, 90_000 + self.number, window, Nature.DUTY, 0)
            )


def a_unit(rng: random.Random, number: int) -> UnitSeen:
    """One honest unit over the month."""
    activities = []
    for place in range(rng.randrange(1, 6)):
        start = beijing(FIRST + timedelta(days=rng.randrange(28)), 450)
        people = frozenset(
            rng.sample(range(PEOPLE), rng.choices((1, 3, 4, 6, 8, 15), (2, 20, 25, 25, 20, 8))[0])
        )
        minutes = 60 * len(people) * rng.randrange(1, 10)
        hand = rng.betavariate(1.2, 12)
        activities.append(
            ActivitySeen(
                number * 100 + place,
                "文明交通劝导",
                start,
                start - timedelta(hours=rng.uniform(3, 400)),
                people,
                minutes,
                round(minutes * hand),
                0 if rng.random() < 0.85 else minutes // (len(people) + 1),
                leader_from_elsewhere=len(people) == 1 and rng.random() < 0.3,
            )
        )
    at, reviews = beijing(LAST, 540), []
    for place in range(rng.randrange(0, 40)):
        at += timedelta(seconds=max(2.5, rng.lognormvariate(3.2, 0.7)))
        reviews.append(ReviewSeen(number * 1000 + place, rng.randrange(1, 3), at))
    days, hands = {}, {}
    festive = rng.random() < 0.05
    share = rng.betavariate(1.2, 12)
    for offset in range(30):
        on = FIRST + timedelta(days=offset)
        minutes = round(rng.gammavariate(2, 120)) if rng.random() < 0.8 else 0
        if festive and offset >= 27:
            minutes *= 6
        if minutes:
            days[on], hands[on] = minutes, round(minutes * share)
    stamps = rng.randrange(10, 400)
    hand = round(
        stamps * (rng.betavariate(2, 16) if rng.random() < 0.96 else rng.uniform(0.2, 0.5))
    )
    return UnitSeen(
        number, FIRST, LAST, tuple(activities), tuple(reviews), days, hands, stamps, hand, hand // 6
    )


def honest_plans(rng: random.Random, first: int = 0) -> list[PlanSeen]:
    """Planned lengths of a month in eight kinds; a few truly long ones, in which people stayed."""
    plans = []
    for kind, (usual, count) in enumerate(
        ((60, 300), (90, 200), (120, 200), (150, 150), (180, 120), (210, 80), (510, 60), (75, 150))
    ):
        for _ in range(count):
            minutes = usual + 15 * round(rng.gauss(0, 1))
            if rng.random() < 0.003:
                minutes = round(usual * rng.uniform(1.3, 2.0))
            minutes = max(30, minutes)
            stayed = round(minutes * rng.uniform(0.85, 1.0))
            plans.append(PlanSeen(first + len(plans), kind % UNITS, kind, minutes, stayed))
    return plans


def a_month(seed: int) -> Month:
    """The honest month of a seed."""
    rng = random.Random(seed)
    street = _Street(rng)
    shifts = []
    for offset in range(30):
        on = FIRST + timedelta(days=offset)
        for _ in range(SHIFTS_A_DAY):
            shifts.append(street.shift(len(shifts) + 1, on))
        for person in rng.sample(range(PEOPLE), 20):
            street.duty(person, on)
    people = tuple(
        PersonSeen(person, tuple(street.stamps[person]), tuple(street.stays[person]))
        for person in range(PEOPLE)
    )
    units = tuple(a_unit(rng, number) for number in range(UNITS))
    return Month(tuple(shifts), people, units, tuple(honest_plans(rng)))
