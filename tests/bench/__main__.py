"""``python -m tests.bench``: pages of the demo city, check-ins beside pgbench, totals of a long ledger."""

import argparse
import os
import sys

from tests.bench import checkins, pages, totals
from tests.showcase import demo_city
from volunteer.domain.timekeeping import now


def main() -> None:
    """Measure and print; what was missed is said, the exit status stays 0."""
    parser = argparse.ArgumentParser(description="Page times and check-ins a second.")
    parser.add_argument("--city", help="keep the demo city in this folder and use it again")
    parser.add_argument("--part", choices=("pages", "checkins", "totals", "all"), default="all")
    parser.add_argument("--long", action="store_true", help="totals over 10 million entries")
    parser.add_argument("--seconds", type=float, default=4.0, help="of each round of check-ins")
    chosen = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, load {load:.1f}" + (" (not idle)" if load > 0.7 else ""))
    if chosen.part in ("pages", "all"):
        with demo_city(chosen.city, at=now()) as folder:
            pages.report(folder)
    if chosen.part in ("checkins", "all"):
        checkins.report(chosen.seconds)
    if chosen.part in ("totals", "all"):
        totals.report(long=chosen.long)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
