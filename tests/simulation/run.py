"""One seed is one life of the city: acts, faults and clock jumps, and the invariants every few steps."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from tests.simulation.acts import WEIGHTS, Scene
from tests.simulation.invariants import Broken, check
from tests.simulation.world import BEGIN, Cut, World, moment
from volunteer.domain.refusal import Refused
from volunteer.models.base import db, unit_of_work

STEPS = 48
BATCH = 16
"""The invariants are read after so many steps, and at the end."""
FAULTY = 0.06
"""Share of acts in the middle of which the database goes away."""
BATTERY = list(WEIGHTS)
WORTH = list(WEIGHTS.values())


@dataclass
class Life:
    """What came of a seed."""

    seed: int
    log: list[str] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    broken: str = ""


def live(world: World, seed: int, *, steps: int = STEPS, batch: int = BATCH) -> Life:
    """Live through a seed from the same morning; stops where an invariant breaks."""
    world.dawn()
    chance = Random(seed)
    scene = Scene(chance, BEGIN, world.cast)
    life = Life(seed)
    seals: list[bytes] = []
    try:
        for number in range(1, steps + 1):
            _tick(scene)
            _step(world, scene, life, number)
            if number % batch == 0 or number == steps:
                seals = check(scene, seals, is_last=number == steps)
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


def _step(world: World, scene: Scene, life: Life, number: int) -> None:
    act = scene.chance.choices(BATTERY, WORTH)[0]
    is_faulty = scene.chance.random() < FAULTY
    before = b""
    if is_faulty:
        db.session.rollback()
        before = world.image()
        world.fail_at = scene.chance.randint(0, 45)
    known = dict(scene.acked)
    outcome = "done"
    try:
        with unit_of_work():
            outcome = act(scene) or outcome
    except Refused as no:
        outcome = no.code
        scene.acked = known  # what was not committed was not acknowledged
    except Cut:
        outcome = "cut"
        scene.acked = known
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
