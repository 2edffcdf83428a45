"""One seed is one life of the city: acts, faults and clock jumps, and the invariants every few steps."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from tests.simulation.invariants import Broken, check
from tests.simulation.likely import AFTERWARDS, SERVICE
from tests.simulation.scene import Act, Scene
from tests.simulation.world import BEGIN, Cut, World, moment
from volunteer.domain.refusal import Refused
from volunteer.models.base import db, unit_of_work

STEPS = 48
AFTER = 20
"""Acts in the days of service, and in those after them."""
BATCH = 16
"""The invariants are read after so many steps, and at the end."""
FAULTY = 0.06
"""Share of acts in the middle of which the database goes away."""
CHAPTERS = tuple((list(acts), list(acts.values())) for acts in (SERVICE, AFTERWARDS))


@dataclass
class Life:
    """What came of a seed."""

    seed: int
    log: list[str] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    broken: str = ""


def live(
    world: World, seed: int, *, steps: int = STEPS, after: int = AFTER, batch: int = BATCH
) -> Life:
    """Live through a seed from the same morning: the days of service by minutes, those after them by
    hours and days; stops where an invariant breaks."""
    world.dawn()
    chance = Random(seed)
    scene = Scene(chance, BEGIN, world.cast)
    life = Life(seed)
    seals: list[bytes] = []
    try:
        last = steps + after
        for number in range(1, last + 1):
            is_after = number > steps
            _leap(scene) if is_after else _tick(scene)
            _step(world, scene, life, number, chapter=CHAPTERS[is_after])
            if number % batch == 0 or number == last:
                seals = check(scene, seals, is_last=number == last)
    except Broken as broken:
        life.broken = str(broken)
    except Exception as error:  # noqa: BLE001 - an act that crashes is a finding of its own
        life.broken = f"{type(error).__name__}: {error}"
    if life.broken:
        life.log.append(f"BROKEN {life.broken}")
    return life


def _tick(scene: Scene) -> None:
    """The clock goes on: mostly by minutes, at times by half a day, at times an hour back."""
    jump = scene.chance.random()
    if jump < 0.03:
        scene.at -= timedelta(hours=1)
    elif jump < 0.06:
        scene.at += timedelta(hours=scene.chance.randint(3, 14))
    else:
        scene.at += timedelta(minutes=scene.chance.choice((0, 1, 3, 8, 15, 25, 40)))


def _leap(scene: Scene) -> None:
    """After the service the clock goes on by hours; days pass with the jobs of the day."""
    scene.at += timedelta(hours=scene.chance.choice((0, 0, 1, 2, 6)))


def _step(
    world: World, scene: Scene, life: Life, number: int, chapter: tuple[list[Act], list[int]]
) -> None:
    act = scene.chance.choices(*chapter)[0]
    is_faulty = scene.chance.random() < FAULTY
    before = b""
    if is_faulty:
        db.session.rollback()
        before = world.image()
        world.fail_at = scene.chance.randint(0, 45)
    known, brought = dict(scene.acked), dict(scene.brought)
    outcome = "done"
    try:
        with unit_of_work():
            outcome = act(scene) or outcome
    except Refused as no:
        outcome = no.code
        scene.acked, scene.brought = known, brought  # what was not committed was not acknowledged
    except Cut:
        outcome = "cut"
        scene.acked, scene.brought = known, brought
    finally:
        struck = is_faulty and world.fail_at is None
        world.fail_at = None
    life.outcomes[f"{act.__name__} {outcome}"] += 1
    life.log.append(f"{number:3} {moment(scene.at)} {act.__name__}: {outcome}")
    if struck:
        db.session.remove()
        if outcome != "cut":
            raise Broken(f"I1 the database went away in {act.__name__} and it was {outcome}")
        if world.image() != before:
            raise Broken(f"I1 {act.__name__} was cut and left something behind")
