"""One run that measures everything and says which bars are passed."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from volunteer.scheduling.bench import HEADLINES, SECONDS, Row, cells, city, mending, run, table
from volunteer.scheduling.bench.shapes import SHAPES, shaped
from volunteer.scheduling.engine.limits import Limits
from volunteer.scheduling.problem import Plan, Problem

QUICK = {"unit": 5.0, "district": 20.0, "core": 40.0}
INSPECTED = ("unit", "district", "core")
MENDED = {"core": (0.5, 0.020), "campaign": (3.0, None)}
SHAPE = (400, 120, 8.0)  # people, duties, seconds


@dataclass(frozen=True, slots=True)
class Bar:
    """One thing a size has to reach: a gap within so many seconds."""

    level: float
    seconds: float
    people: bool = False


BARS: dict[str, tuple[float, float | None, float | None, tuple[Bar, ...]]] = {
    # first plan in seconds, gigabytes, gap of influence, gaps in time
    "unit": (0.1, None, None, (Bar(0.0, 1.0), Bar(0.0, 5.0, people=True))),
    "district": (
        0.5,
        0.5,
        0.02,
        (Bar(0.001, 10.0), Bar(0.0, 60.0), Bar(0.1, 60.0, people=True)),
    ),
    "core": (1.0, 1.0, 0.05, (Bar(0.01, 30.0), Bar(0.005, 120.0))),
    "campaign": (3.0, 2.0, 0.05, (Bar(0.01, 60.0), Bar(0.003, 180.0))),
    "metropolis": (15.0, 4.0, 0.05, (Bar(0.005, 180.0),)),
}
Line = tuple[str, str, str, str, str]


def verdict(have: float | None, bar: float, cut: bool = False) -> str:
    """``pass``, ``FAIL``, or ``cut`` where the run was shorter than the bar allows."""
    if have is not None and have <= bar:
        return "pass"
    return "cut" if cut else "FAIL"


def judged(row: Row) -> list[Line]:
    """The bars of one size, each with what was reached."""
    first, memory, influence, bars = BARS[row.size]
    lines = [
        (
            row.name,
            "first verified plan",
            f"{first} s",
            f"{row.first:.2f} s",
            verdict(row.first, first),
        )
    ]
    for bar in bars:
        at = (row.people_reached if bar.people else row.reached).get(bar.level)
        what = f"{'people' if bar.people else 'coverage'} gap {100 * bar.level:g} %"
        shown = "not reached" if at is None else f"{at:.1f} s"
        cut = row.allowed < bar.seconds
        lines.append((row.name, what, f"{bar.seconds:g} s", shown, verdict(at, bar.seconds, cut)))
    if influence is not None:
        have = f"{100 * row.of_influence:.2f} %"
        said = verdict(row.of_influence, influence, row.allowed < SECONDS[row.size])
        lines.append((row.name, "gap of influence", f"{100 * influence:g} %", have, said))
    if memory is not None:
        have = f"{row.gigabytes:.2f} GB"
        lines.append((row.name, "memory", f"{memory} GB", have, verdict(row.gigabytes, memory)))
    if row.plain is not None and row.size != "unit":
        beats = row.at_ten <= row.plain
        told = (f"{row.plain} (CP-SAT, 60 s)", f"{row.at_ten}", "pass" if beats else "FAIL")
        lines.append((row.name, "coverage after 10 s", *told))
    return lines


def mended(size: str, problem: Problem, made: Plan, seed: int) -> list[Line]:
    """The bars of the questions about a standing plan."""
    bar, seat = MENDED[size]
    got = mending.measure(problem, made, seed)
    wins = f"wins {got.refill_gain}"
    more = f"wins {got.moves_gain} with {got.moved} moved"
    lines = [
        (
            size,
            "repair: refill",
            f"{bar} s",
            f"{got.refill:.2f} s, {wins}",
            verdict(got.refill, bar),
        ),
        (
            size,
            "repair: refill and moves",
            f"{bar} s",
            f"{got.both:.2f} s, {more}",
            verdict(got.both, bar),
        ),
    ]
    if seat is not None:
        for what, have, most in (
            ("candidates of a seat", got.candidates, seat),
            ("explain a pair", got.pair, 0.05),
            ("explain a shift", got.shift, 2.0),
        ):
            lines.append(
                (size, what, f"{1000 * most:g} ms", f"{1000 * have:.1f} ms", verdict(have, most))
            )
    return lines


def shapes(limits: Limits) -> list[Line]:
    """Cities of other shapes: proven gap of the first tier, one per cent at most."""
    people, duties, _ = SHAPE
    lines = []
    for shape in SHAPES:
        row, _ = run(Row(shape), shaped(shape, limits.seed, people, duties), limits)
        said = verdict(row.gap, 0.01, limits.seconds < SHAPE[2])
        lines.append((shape, "coverage gap", "1 %", f"{100 * row.gap:.2f} %", said))
    return lines


def main(
    sizes: Sequence[str],
    limits: tuple[int, int],
    seconds: float | None = None,
    quick: bool = False,
    tell: Callable[[str], None] = lambda line: None,
) -> str:
    """Measure the sizes (all of them unless named), inspection weeks, repairs and shapes; the tables.

    ``limits`` are seed and workers. ``tell`` is told what has been measured so far.
    """
    began, (seed, workers) = time.monotonic(), limits
    allowed = dict(QUICK if quick else SECONDS)
    chosen = list(sizes) or list(allowed)
    rows: list[Row] = []
    lines: list[Line] = []
    for size in chosen:
        for inspection in (False, True):
            if inspection and (size not in INSPECTED or quick):
                continue
            read = time.monotonic()
            problem = city(size, seed, inspection)
            row = Row(size, inspection, time.monotonic() - read)
            long = allowed.get(size, SECONDS[size]) if seconds is None else seconds
            yardsticks = not (quick or inspection)
            run(row, problem, Limits(long, seed, workers), yardsticks)
            rows.append(row)
            lines += judged(row)
            tell(table(HEADLINES, [cells(row)]))
        if size in MENDED:
            problem = city(size, seed)
            _, made = run(
                Row(size), problem, Limits(min(20.0, allowed.get(size, 20.0)), seed, workers)
            )
            lines += mended(size, problem, made, seed)
    if not sizes:
        lines += shapes(Limits(2.0 if quick else SHAPE[2], seed, workers))
    bars = table(("problem", "what", "bar", "reached", ""), lines)
    failed = sum(line[-1] == "FAIL" for line in lines)
    took = f"{time.monotonic() - began:.0f} s in all"
    return (
        f"{table(HEADLINES, [cells(row) for row in rows])}\n\n{bars}\n\n"
        f"seed {seed}, {workers} workers, {took}; {len(lines) - failed} bars passed or cut, {failed} failed"
    )
