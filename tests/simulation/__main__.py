"""``python -m tests.simulation``: live through many seeds, or replay one with its log."""

import argparse
import sys
import time
from collections import Counter

from tests.simulation.run import AFTER, BATCH, STEPS, Life, live
from tests.simulation.world import a_world


def _lives(given: argparse.Namespace, seeds: range) -> list[Life]:
    """Live through seeds in a city of one's own."""
    lives = []
    with a_world() as world:
        for seed in seeds:
            batch = 1 if given.log else BATCH
            life = live(world, seed, steps=given.steps, after=given.after, batch=batch)
            if given.log:
                print("\n".join(life.log))
            if life.broken:
                print(f"seed {seed}: {life.broken}", flush=True)
            life.log.clear()
            lives.append(life)
    return lives


def main() -> int:
    """Run the seeds asked for; the exit status is 1 if an invariant broke."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seeds", type=int, default=1000, help="how many seeds")
    asked.add_argument("--first", type=int, default=1, help="the first seed")
    asked.add_argument("--steps", type=int, default=STEPS, help="acts in the days of service")
    asked.add_argument("--after", type=int, default=AFTER, help="acts in the days after them")
    asked.add_argument(
        "--log", action="store_true", help="show each act, and look after each of them"
    )
    given = asked.parse_args()
    began = time.monotonic()
    seeds = range(given.first, given.first + given.seeds)
    lives = _lives(given, seeds)
    took = time.monotonic() - began
    outcomes = sum((life.outcomes for life in lives), Counter[str]())
    broken = sorted(life.seed for life in lives if life.broken)
    for name, count in sorted(outcomes.items()):
        print(f"{count:7} {name}")
    print(
        f"{given.seeds} seeds, {sum(outcomes.values())} acts, {took:.0f} s"
        f" ({took / given.seeds:.2f} s a seed), {len(broken)} broken"
    )
    if broken:
        print(f"replay: python -m tests.simulation --first {broken[0]} --seeds 1 --log")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
