"""The front door against brute force: ``python -m tests.scheduling.small_worlds --cases 10000``.

Prints the seeds of the cases in which the plan is not the proven optimum of both tiers, or is
refused without need, or is not refused in need.
"""

import argparse
import time

from tests.scheduling.tiny import best_of, tiny_problem
from volunteer.scheduling.plan import Limits, plan
from volunteer.scheduling.verify import violations


def disagreement(seed: int) -> str | None:
    """What is wrong with the plan of this tiny problem; None where brute force agrees."""
    problem = tiny_problem(seed)
    best = best_of(problem)
    made = plan(problem, limits=Limits(seconds=20, workers=1))
    if best is None or made.status == "refused":
        agreed = best is None and made.status == "refused" and made.why
        return None if agreed else f"{made.status} where brute force says {best}"
    broken = violations(problem, made.assignments)
    if broken:
        return str(broken[0])
    if (made.cost.coverage, made.cost.people) != (best.coverage, best.people):
        return f"{made.cost} where brute force finds {best.coverage}, {best.people}"
    if made.status != "optimal" or made.bound != made.cost:
        return f"{made.status} with the bound {made.bound}, not proven"
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    chosen = parser.parse_args()
    began, wrong = time.monotonic(), 0
    for seed in range(chosen.first, chosen.first + chosen.cases):
        found = disagreement(seed)
        if found is not None:
            wrong += 1
            print(f"seed {seed}: {found}")
    seconds = time.monotonic() - began
    print(f"{chosen.cases} cases in {seconds:.0f} s, {wrong} disagree with brute force")


if __name__ == "__main__":
    main()
