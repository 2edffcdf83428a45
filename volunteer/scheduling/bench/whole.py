"""One run that measures everything and says which bars are passed."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from volunteer.scheduling.bench import HEADLINES, SECONDS, Row, cells, city, mending, run, table
from volunteer.scheduling.bench.shapes import SHAPES, shaped
from volunteer.scheduling.engine.limits import Limits
from volunteer.scheduling.problem import Plan, Problem

QUICK = {"unit": 5.0, "district": 20.0, "core": 40.0}
PARTS = ("plans", "inspections", "repairs", "shapes")
GLOPS = (
    4  # times what GLOP takes on the strong relaxation alone: the first plan within one per cent
)
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
    if row.glop is not None:
        at = row.reached.get(0.01)
        shown = "not reached" if at is None else f"{at:.1f} s"
        long = "more than 90 s" if row.glop == float("inf") else f"{row.glop:.1f} s"
        most = GLOPS * min(row.glop, 90.0)
        said = verdict(at, most, row.allowed < most)
        lines.append(
            (row.name, f"1 % within {GLOPS} x GLOP ({long})", f"{most:.1f} s", shown, said)
        )
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


@dataclass(slots=True)
class _Bench:
    """One run of the bench: what it is to measure, and what it has measured."""

    seed: int
    workers: int
    allowed: dict[str, float]
    quick: bool
    tell: Callable[[str], None]
    rows: list[Row] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    def plans(self, sizes: Sequence[str], inspection: bool) -> None:
        """Plan a week, or an inspection week, of every size."""
        for size in sizes:
            read = time.monotonic()
            problem = city(size, self.seed, inspection)
            row = Row(size, inspection, time.monotonic() - read)
            limits = Limits(self.allowed[size], self.seed, self.workers)
            run(row, problem, limits, not (self.quick or inspection))
            self._note([row], judged(row))

    def repairs(self, sizes: Sequence[str]) -> None:
        """Mend a plan of twenty seconds, and ask about it."""
        for size in filter(MENDED.__contains__, sizes):
            problem = city(size, self.seed)
            limits = Limits(min(20.0, self.allowed[size]), self.seed, self.workers)
            _, made = run(Row(size), problem, limits)
            self._note([], mended(size, problem, made, self.seed))

    def shapes(self) -> None:
        """Cities of other shapes."""
        seconds = 2.0 if self.quick else SHAPE[2]
        self._note([], shapes(Limits(seconds, self.seed, self.workers)))

    def _note(self, rows: list[Row], lines: list[Line]) -> None:
        self.rows += rows
        self.lines += lines
        self.tell("\n".join(" | ".join(line) for line in lines))


def main(
    sizes: Sequence[str],
    limits: tuple[int, int],
    seconds: float | None = None,
    quick: bool = False,
    tell: Callable[[str], None] = lambda line: None,
    only: Sequence[str] = (),
) -> str:
    """Measure the sizes (all of them unless named), part by part; the tables.

    ``limits`` are seed and workers. ``tell`` is told what has been measured so far. ``only`` names
    some of ``PARTS``: plans, inspection weeks, repairs with questions, other shapes of city.
    """
    began, (seed, workers) = time.monotonic(), limits
    chosen = list(sizes) or list(QUICK if quick else SECONDS)
    known = {**SECONDS, **QUICK} if quick else dict(SECONDS)
    allowed = {size: float(known[size]) if seconds is None else seconds for size in chosen}
    bench = _Bench(seed, workers, allowed, quick, tell)
    wanted = list(only) or [p for p in PARTS if p != "shapes" or not sizes]
    if "plans" in wanted:
        bench.plans(chosen, inspection=False)
    if "inspections" in wanted and not quick:
        bench.plans(chosen, inspection=True)
    if "repairs" in wanted:
        bench.repairs(chosen)
    if "shapes" in wanted:
        bench.shapes()
    bars = table(("problem", "what", "bar", "reached", ""), bench.lines)
    failed = sum(line[-1] == "FAIL" for line in bench.lines)
    passed = sum(line[-1] == "pass" for line in bench.lines)
    took = f"{time.monotonic() - began:.0f} s in all"
    head = f"{table(HEADLINES, [cells(row) for row in bench.rows])}\n\n" if bench.rows else ""
    return (
        f"{head}{bars}\n\nseed {seed}, {workers} workers, {took}; {passed} bars passed, "
        f"{len(bench.lines) - passed - failed} cut, {failed} failed"
    )
