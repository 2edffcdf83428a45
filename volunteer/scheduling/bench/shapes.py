"""Cities of other shapes than the generator's: each leans on one part of the rules until it bends.

``python -m volunteer.scheduling.bench.shapes SHAPE SEED OUT.json [--people N] [--duties N]`` writes one; the
tests draw small ones. Same arguments, same city.
"""

import argparse
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from volunteer.scheduling import wire
from volunteer.scheduling.book import Book
from volunteer.scheduling.problem import (
    DAY,
    Duty,
    Horizon,
    Person,
    Problem,
    Site,
    Travel,
    Unit,
    Weights,
)
from volunteer.scheduling.review import objections
from volunteer.scheduling.roster import Roster

SKILLS = ("leader", "first_aid", "care", "diving")
KINDS = ("traffic", "elderly", "cleaning", "patrol")


@dataclass(frozen=True)
class Style:
    """What a city is like; the defaults are an ordinary one."""

    units: int = 12
    giant: float = 0.0  # the share of everybody in the first unit
    skill: float = 0.3  # how many have each skill
    wanting: float = 0.4  # how many duties ask for each skill
    requiring: float = 0.05  # how many duties need it of everybody
    starts: tuple[int, ...] = (420, 540, 870, 1050)
    lengths: tuple[int, ...] = (60, 90, 120)
    heads: tuple[int, int] = (2, 8)
    quotas: float = 0.3  # how many duties have quotas, of how many units at most
    quota_units: int = 1
    open: float = 0.5
    max_minutes: tuple[int, ...] = (120, 240, 360, 480)
    per_day: tuple[int, ...] = (1, 2, 3)
    windows: int = 14
    rest: int = 600
    pace: int = 250
    side: int = 6000
    feuds: float = 0.01  # apart pairs per person
    pins: float = 0.0  # pins per duty
    published: float = 0.0


SHAPES: dict[str, Style] = {
    "ordinary": Style(),
    "giant_unit": Style(giant=0.8, open=0.1),
    "scarce_skills": Style(skill=0.02, wanting=0.9, requiring=0.2),
    "night_patrols": Style(
        starts=(1230, 1290, 1350, 1400, 30, 330), lengths=(120, 180, 240), rest=660, per_day=(2, 3)
    ),
    "many_quotas": Style(quotas=1.0, quota_units=5, units=20),
    "tight_hours": Style(max_minutes=(60, 90, 100, 120), lengths=(50, 60, 70, 90, 110)),
    "long_shifts": Style(
        starts=(360, 480, 600), lengths=(360, 480, 540), max_minutes=(480, 960, 1440), rest=720
    ),
    "feuding_pairs": Style(feuds=2.0),
    "slow_travel": Style(pace=25, side=9000, per_day=(3, 4), max_minutes=(480, 720), windows=20),
    "idle_crowd": Style(heads=(1, 2), windows=20),
    "empty_streets": Style(heads=(20, 40), windows=3),
    "all_alike": Style(units=1, skill=1.0, max_minutes=(240,), per_day=(2,), feuds=0, open=0.0),
    "pinned_down": Style(pins=1.0, published=2.0),
    "one_a_day": Style(per_day=(1,), max_minutes=(600,), windows=14),
}


def shaped(shape: str, seed: int, people: int = 120, duties: int = 40) -> Problem:
    """Draw the city of this shape and seed."""
    style, rng = SHAPES[shape], random.Random(f"{shape}/{seed}/{people}/{duties}")
    sites = tuple(
        Site(f"p{i}", rng.randrange(style.side), rng.randrange(style.side))
        for i in range(max(3, duties // 4))
    )
    units = tuple(Unit(f"u{i}", rng.choice((300, 900, 2700))) for i in range(style.units))
    problem = Problem(
        name=f"{shape} {seed}",
        horizon=Horizon("2026-03-02", 7),
        travel=Travel(5, style.pace),
        rest_minutes=style.rest,
        weights=Weights(),
        sites=sites,
        units=units,
        people=tuple(_person(rng, style, f"v{i}", units) for i in range(people)),
        duties=tuple(_duty(rng, style, f"s{i}", sites, units) for i in range(duties)),
    )
    feuds = set()
    for _ in range(int(style.feuds * people)):
        one, other = rng.sample(range(people), 2)
        feuds.add((f"v{min(one, other)}", f"v{max(one, other)}"))
    problem = replace(problem, apart=tuple(sorted(feuds)))
    return _told(rng, style, problem)


def _duty(
    rng: random.Random, style: Style, name: str, sites: Sequence[Site], units: Sequence[Unit]
) -> Duty:
    start = rng.randrange(7) * DAY + rng.choice(style.starts)
    low = rng.randint(*style.heads)
    target = low + rng.randint(0, max(1, low // 3))
    tied = rng.sample(units, min(len(units), rng.randint(1, 3)))
    quotas: tuple[tuple[str, int], ...] = ()
    if rng.random() < style.quotas:
        asked = rng.sample(units, min(len(units), rng.randint(1, style.quota_units)))
        quotas = tuple((u.id, rng.randint(1, max(1, low // 2))) for u in asked)
    return Duty(
        id=name,
        activity=rng.choice(KINDS),
        site=rng.choice(sites).id,
        start=start,
        end=start + rng.choice(style.lengths),
        priority=rng.choice((1, 2, 2, 3, 3)),
        min=low,
        target=target,
        max=target + rng.randint(0, 3),
        min_age=rng.choice((0, 16, 18)),
        max_age=rng.choice((65, 75)),
        requires=frozenset(s for s in SKILLS if rng.random() < style.requiring),
        at_least=tuple((s, rng.randint(1, 2)) for s in SKILLS if rng.random() < style.wanting),
        tied=frozenset(u.id for u in tied) | {name for name, _ in quotas},
        quotas=quotas,
        open=rng.random() < style.open,
        reach=rng.choice((1500, 3000, 6000)),
    )


def _person(rng: random.Random, style: Style, name: str, units: Sequence[Unit]) -> Person:
    unit = units[0] if rng.random() < style.giant else rng.choice(units)
    windows = []
    for _ in range(style.windows):
        start = rng.randrange(7) * DAY + rng.choice(style.starts) - rng.choice((0, 30, 60))
        windows.append((start, start + rng.choice(style.lengths) + rng.choice((60, 180, 400))))
    return Person(
        id=name,
        unit=unit.id,
        age=rng.randint(15, 72),
        skills=frozenset(s for s in SKILLS if rng.random() < style.skill),
        home=(rng.randrange(style.side), rng.randrange(style.side))
        if rng.random() < 0.95
        else None,
        available=tuple(sorted(windows)),
        max_minutes=rng.choice(style.max_minutes),
        max_shifts_per_day=rng.choice(style.per_day),
        served_minutes=int(rng.gammavariate(1.5, 700)),
        wishes={kind: rng.randint(0, 3) for kind in KINDS if rng.random() < 0.4},
    )


def _told(rng: random.Random, style: Style, problem: Problem) -> Problem:
    """Add pins that hold together, and a published plan of which some is no longer possible."""
    if not style.pins and not style.published:
        return problem
    roster = Roster(Book(problem))
    pins: list[tuple[str, str]] = []
    published: set[tuple[str, str]] = set()
    for _ in range(int(40 * style.pins * len(problem.duties))):
        pair = (rng.choice(problem.people).id, rng.choice(problem.duties).id)
        if len(pins) < style.pins * len(problem.duties) and not objections(roster, *pair):
            roster = roster.changed(add=[pair])
            pins.append(pair)
    for _ in range(int(style.published * len(problem.duties))):
        published.add((rng.choice(problem.people).id, rng.choice(problem.duties).id))
    published |= set(rng.sample(pins, len(pins) // 2))
    return replace(problem, pins=tuple(sorted(set(pins))), published=tuple(sorted(published)))


def main() -> None:
    """Write one city to a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("seed", type=int)
    parser.add_argument("out")
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--duties", type=int, default=400)
    chosen = parser.parse_args()
    problem = shaped(chosen.shape, chosen.seed, chosen.people, chosen.duties)
    wire.write_problem(chosen.out, problem)
    print(f"{problem.name}: {len(problem.people)} people, {len(problem.duties)} duties")


if __name__ == "__main__":
    main()
