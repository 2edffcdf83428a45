"""Tiny problems and the truth about them: a seeded generator, and brute force over all subsets.

``tiny_problem(seed)`` draws a problem of up to 7 people and 7 duties in which every rule and every
cost of the format has a say. ``best_of(problem)`` goes through all sets of pairs (cut where nothing
can be gained) and returns the lexicographic optimum of both tiers, or None where the pins alone
break a hard rule. It works from the text of the format and uses nothing of the library but the
values of :mod:`volunteer.scheduling.problem`.
"""

import math
import random
from dataclasses import dataclass

from volunteer.scheduling.problem import (
    DAY,
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

SKILLS = ("leader", "first_aid", "care")
KINDS = ("traffic", "elderly", "cleaning")


SPACE = 200_000  # sound combinations, at most, that brute force has to tell apart


def tiny_problem(seed: int, most: int = 7) -> Problem:
    """Draw the problem of this seed; at most ``most`` people and as many duties.

    What is too wide for brute force is drawn again.
    """
    for again in range(1000):
        problem = _drawn(seed, again, most)
        if math.prod(max(1, len(menu)) for menu in _Search(problem).menus) <= SPACE:
            return problem
    raise AssertionError("every draw was too wide")


def _drawn(seed: int, again: int, most: int) -> Problem:
    rng = random.Random(f"tiny/{seed}/{again}")
    n_people, n_duties = rng.randint(0 if seed % 50 == 0 else 1, most), rng.randint(1, most)
    sites = tuple(Site(f"p{i}", rng.randint(0, 6) * 700, rng.randint(0, 6) * 700) for i in range(3))
    units = tuple(Unit(f"u{i}", rng.choice((0, 60, 120, 400))) for i in range(rng.randint(1, 3)))
    days = rng.randint(1, 3)
    ease = rng.choice((0.5, 0.75, 0.9, 0.98))  # how rarely a rule of one seat says no
    duties = tuple(_duty(rng, f"s{i}", (days, ease), sites, units) for i in range(n_duties))
    people = tuple(_person(rng, f"v{i}", ease, units, duties) for i in range(n_people))
    every = [(p.id, d.id) for p in people for d in duties]
    rng.shuffle(every)
    some = rng.choice((0, 0, 1, 2, 3))
    pins = every[: rng.choice((0, 0, 0, 0, 1, 2))]
    if rng.random() < 0.7:  # pins that can hold, most of the time
        pins = [pair for pair in pins if _eligible_by_id(people, duties, sites, pair)]
    apart = set()
    for _ in range(rng.choice((0, 0, 1, 2)) if n_people > 1 else 0):
        one, other = rng.sample(range(n_people), 2)
        apart.add((f"v{min(one, other)}", f"v{max(one, other)}"))
    apart = {pair if rng.random() < 0.5 else pair[::-1] for pair in sorted(apart)}
    return Problem(
        name=f"tiny {seed}",
        horizon=Horizon("2026-03-02", days),
        travel=Travel(rng.choice((0, 5, 20)), rng.choice((50, 90, 250))),
        rest_minutes=rng.choice((0, 480, 600, 900)),
        weights=_weights(rng),
        sites=sites,
        units=units,
        people=people,
        duties=duties,
        pins=tuple(sorted(pins)),
        bans=tuple(sorted(rng.sample(every, min(len(every), rng.choice((0, 0, 1, 2)))))),
        apart=tuple(sorted(apart)),
        published=tuple(sorted(rng.sample(every, min(len(every), some)))),
    )


def _weights(rng: random.Random) -> Weights:
    if rng.random() < 0.4:
        return Weights()
    low = rng.sample(range(1, 40), 3)
    return Weights(
        min=tuple(sorted(low, reverse=True)) if rng.random() < 0.8 else tuple(low),
        skill=rng.randint(0, 20),
        quota=rng.randint(0, 10),
        target=rng.randint(0, min(low)),
        dropped=rng.randint(0, 30),
        fairness=rng.choice((0, 1, 1, 3)),
        unit_overload=rng.choice((0, 5, 40, 500)),
        wish=rng.choice((0, 4, 100)),
        distance=rng.choice((0, 1, 30)),
    )


def _duty(rng: random.Random, name: str, shape: tuple[int, float], sites, units) -> Duty:
    days, ease = shape
    day = rng.randrange(days)
    start = day * DAY + rng.choice((0, 420, 450, 540, 600, 900, 1080, 1320, 1410))
    low = rng.choice((0, 1, 1, 2, 2, 3))
    target = low + rng.choice((0, 0, 1, 2))
    tied = frozenset(u.id for u in units if rng.random() < 0.5)
    return Duty(
        id=name,
        activity=rng.choice(KINDS),
        site=rng.choice(sites).id,
        start=start,
        end=start + rng.choice((30, 50, 60, 90, 120, 240)),
        priority=rng.randint(1, 3),
        min=low,
        target=target,
        max=target + rng.choice((0, 0, 1, 3)),
        min_age=0 if rng.random() < ease else rng.choice((18, 25)),
        max_age=99 if rng.random() < ease else rng.choice((60, 65)),
        requires=frozenset(s for s in SKILLS if rng.random() < (1 - ease) / 3),
        at_least=tuple((s, rng.randint(0, 2)) for s in SKILLS if rng.random() < 0.25),
        tied=tied,
        quotas=tuple((u.id, rng.randint(0, 3)) for u in units if rng.random() < 0.25),
        open=rng.random() < 0.6,
        reach=9000 if rng.random() < ease else rng.choice((0, 1400, 2100, 3000)),
    )


def _person(rng: random.Random, name: str, ease: float, units, duties) -> Person:
    windows = []
    for duty in duties:
        if rng.random() < ease:
            windows.append(
                (duty.start - rng.choice((0, 0, 30)), duty.end + rng.choice((0, 0, 15, 400)))
            )
        elif rng.random() < 0.3:  # two that touch, and are not one
            middle = (duty.start + duty.end) // 2
            windows += [(duty.start, middle), (middle, duty.end)]
    return Person(
        id=name,
        unit=rng.choice(units).id,
        age=rng.choice((16, 18, 24, 40, 60, 65, 70)),
        skills=frozenset(s for s in SKILLS if rng.random() < 0.5),
        home=(rng.randint(0, 6) * 700, rng.randint(0, 6) * 700) if rng.random() < 0.85 else None,
        available=tuple(windows),
        max_minutes=0 if rng.random() < 0.04 else rng.choice((60, 120, 120, 200, 300, 1000)),
        max_shifts_per_day=0 if rng.random() < 0.04 else rng.choice((1, 1, 2, 3)),
        served_minutes=rng.choice((0, 0, 100, 400, 1410)),
        wishes={kind: rng.randint(0, 3) for kind in KINDS if rng.random() < 0.5},
    )


# --- the truth -----------------------------------------------------------------------------------


def _eligible_by_id(people, duties, sites, pair: Pair) -> bool:
    person = next(p for p in people if p.id == pair[0])
    duty = next(d for d in duties if d.id == pair[1])
    return eligible(person, duty, {s.id: s for s in sites}, set())


def eligible(person: Person, duty: Duty, sites: dict[str, Site], bans: set[Pair]) -> bool:
    """The rule "eligible" of the format."""
    site = sites[duty.site]
    near = person.home is None or math.dist(person.home, (site.x, site.y)) <= duty.reach
    return (
        any(a <= duty.start and duty.end <= b for a, b in person.available)
        and duty.min_age <= person.age <= duty.max_age
        and duty.requires <= person.skills
        and (person.id, duty.id) not in bans
        and (person.unit in duty.tied or (duty.open and near))
    )


def compatible(problem: Problem, one: Duty, other: Duty, sites: dict[str, Site]) -> bool:
    """Whether one person may serve on both: place, travel, rest."""
    a, b = sorted((one, other), key=lambda d: (d.start, d.end))
    need = 0
    if a.site != b.site:
        p, q = sites[a.site], sites[b.site]
        pace = problem.travel.metres_per_minute
        minutes = 0
        while (minutes * pace) ** 2 < (p.x - q.x) ** 2 + (p.y - q.y) ** 2:
            minutes += 1
        need = minutes + problem.travel.overhead_minutes
    if a.start // DAY != b.start // DAY:
        need = max(need, problem.rest_minutes)
    return b.start - a.end >= need


@dataclass(frozen=True)
class Best:
    """The lexicographic optimum and one plan that reaches it."""

    coverage: int
    people: int
    pairs: tuple[Pair, ...]


def quarters(minutes: int) -> int:
    return math.ceil(minutes / 15)


def best_of(problem: Problem) -> Best | None:
    """Exhaustive search, person by person, over every sound set of duties of each.

    Two ways of staffing the first i people that nobody still to come can tell apart (same heads,
    skills and quotas on every duty, same hours of every unit, same feuds open) are one state; the
    cheaper one is kept. Nothing else is cut but what cannot reach the best coverage known. None: the
    pins break a hard rule.
    """
    return _Search(problem).run()


State = tuple[tuple[tuple[int, ...], ...], tuple[int, ...], int]
# per duty (heads, needs met.., feuding people by bit); quarter-hours per unit; published pairs kept


class _Search:
    def __init__(self, problem: Problem):
        self.problem = problem
        self.sites = {s.id: s for s in problem.sites}
        self.duties = {d.id: d for d in problem.duties}
        self.at = {d.id: i for i, d in enumerate(problem.duties)}
        self.unit_at = {u.id: i for i, u in enumerate(problem.units)}
        self.bans = set(problem.bans)
        self.published = set(problem.published)
        self.feuds = {frozenset(pair) for pair in problem.apart}
        feuding = sorted({v for pair in problem.apart for v in pair})
        self.bit = {v: 1 << i for i, v in enumerate(feuding)}
        self.menus = [self._menu(person) for person in problem.people]

    def run(self) -> Best | None:
        if any(not menu for menu in self.menus):
            return None
        empty = tuple((0,) * (2 + len(d.at_least) + len(d.quotas)) for d in self.problem.duties)
        start: State = (empty, (0,) * len(self.problem.units), 0)
        layer: dict[State, tuple[int, tuple[Pair, ...]]] = {start: (0, ())}
        for i, person in enumerate(self.problem.people):
            layer = self._next(i, person, layer)
        if not layer:
            return None
        coverage, people, pairs = min(
            (self._coverage(state), cost + self._overload(state), pairs)
            for state, (cost, pairs) in layer.items()
        )
        return Best(coverage, people, tuple(sorted(pairs)))

    def _next(self, i: int, person: Person, layer):
        made: dict[State, tuple[int, tuple[Pair, ...]]] = {}
        for state, (cost, pairs) in layer.items():
            for chosen in self.menus[i]:
                new = self._joined(state, person, chosen)
                if new is None:
                    continue
                value = (
                    cost + self._own_cost(person, chosen),
                    pairs + tuple((person.id, d) for d in chosen),
                )
                if new not in made or value < made[new]:
                    made[new] = value
        # an upper bound on the best coverage: nobody else joins (pins are kept by the menus)
        if all(() in menu for menu in self.menus[i + 1 :]) and made:
            known = min(self._coverage(state) for state in made)
            late = self._late(i + 1)
            made = {s: v for s, v in made.items() if self._at_least(late, s) <= known}
        return made

    def _joined(self, state: State, person: Person, chosen: tuple[str, ...]) -> State | None:
        crowds, hours, kept = list(state[0]), list(state[1]), state[2]
        mine = self.bit.get(person.id, 0)
        for name in chosen:
            duty, crowd = self.duties[name], crowds[self.at[name]]
            if crowd[0] >= duty.max:
                return None
            if mine and any(
                crowd[-1] & bit and frozenset((person.id, v)) in self.feuds
                for v, bit in self.bit.items()
            ):
                return None
            met = [
                min(count, had + (skill in person.skills))
                for (skill, count), had in zip(duty.at_least, crowd[1:-1], strict=False)
            ] + [
                min(count, had + (unit == person.unit))
                for (unit, count), had in zip(
                    duty.quotas, crowd[1 + len(duty.at_least) : -1], strict=True
                )
            ]
            crowds[self.at[name]] = (crowd[0] + 1, *met, crowd[-1] | mine)
            kept += (person.id, name) in self.published
        hours[self.unit_at[person.unit]] += quarters(sum(self.duties[d].minutes for d in chosen))
        return tuple(crowds), tuple(hours), kept

    def _own_cost(self, person: Person, chosen: tuple[str, ...]) -> int:
        w = self.problem.weights
        before = quarters(person.served_minutes)
        now = quarters(sum(self.duties[d].minutes for d in chosen))
        total = w.fairness * ((before + now) ** 2 - before**2)
        for name in chosen:
            duty = self.duties[name]
            total += w.wish * person.wishes.get(duty.activity, 1)
            if person.home is not None:
                site = self.sites[duty.site]
                east, north = site.x - person.home[0], site.y - person.home[1]
                total += w.distance * ((math.isqrt(east * east + north * north) + 500) // 1000)
        return total

    def _coverage(self, state: State) -> int:
        cost = sum(
            self._duty_cost(duty, crowd[0], crowd[1:-1])
            for duty, crowd in zip(self.problem.duties, state[0], strict=True)
        )
        people = {p.id: p for p in self.problem.people}
        told = sum(
            eligible(people[v], self.duties[s], self.sites, self.bans) for v, s in self.published
        )
        return cost + self.problem.weights.dropped * (told - state[2])

    def _duty_cost(self, duty: Duty, n: int, met: tuple[int, ...]) -> int:
        w = self.problem.weights
        cost = w.min[duty.priority - 1] * max(0, duty.min - n)
        cost += w.target * max(0, duty.target - max(n, duty.min))
        skills, quotas = met[: len(duty.at_least)], met[len(duty.at_least) :]
        cost += w.skill * sum(
            count - had for (_, count), had in zip(duty.at_least, skills, strict=True)
        )
        cost += w.quota * sum(
            count - had for (_, count), had in zip(duty.quotas, quotas, strict=True)
        )
        return cost

    def _overload(self, state: State) -> int:
        over = sum(
            max(0, had - quarters(unit.fair_minutes))
            for unit, had in zip(self.problem.units, state[1], strict=True)
        )
        return self.problem.weights.unit_overload * over

    def _late(self, i: int):
        """Per duty: how many of the people from i on could stand there, and what needs they meet."""
        late, kept = [], 0
        for name, duty in self.duties.items():
            rest = [
                person
                for person, menu in zip(self.problem.people[i:], self.menus[i:], strict=True)
                if any(name in chosen for chosen in menu)
            ]
            needs = [sum(skill in p.skills for p in rest) for skill, _ in duty.at_least]
            needs += [sum(p.unit == unit for p in rest) for unit, _ in duty.quotas]
            limits = [count for _, count in duty.at_least + duty.quotas]
            late.append((len(rest), needs, limits))
            kept += sum((p.id, name) in self.published for p in rest)
        return late, kept

    def _at_least(self, late, state: State) -> int:
        """No completion costs less than everybody still to come, on every duty of any menu."""
        more, kept = late
        crowds = tuple(
            (
                crowd[0] + heads,
                *(min(c, had + n) for c, had, n in zip(limits, crowd[1:-1], needs, strict=True)),
                0,
            )
            for crowd, (heads, needs, limits) in zip(state[0], more, strict=True)
        )
        return self._coverage((crowds, state[1], state[2] + kept))

    def _menu(self, person: Person) -> list[tuple[str, ...]]:
        """Every set of duties the person could serve, with all of the person's pins in it."""
        pinned = {s for v, s in self.problem.pins if v == person.id}
        may = [d for d in self.problem.duties if eligible(person, d, self.sites, self.bans)]
        sets: list[tuple[Duty, ...]] = [()]
        for duty in may:
            sets += [
                (*chosen, duty)
                for chosen in sets
                if all(compatible(self.problem, duty, other, self.sites) for other in chosen)
                and sum(d.minutes for d in chosen) + duty.minutes <= person.max_minutes
                and sum(d.day == duty.day for d in chosen) < person.max_shifts_per_day
            ]
        menu = [tuple(d.id for d in chosen) for chosen in sets]
        return [chosen for chosen in menu if pinned <= set(chosen)]
