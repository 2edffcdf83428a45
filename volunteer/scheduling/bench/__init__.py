"""Figures of what the optimiser reaches, made in one run on one machine.

Each size is drawn by ``tools/make_city.py``, planned under a limit, and set beside two yardsticks of
the same run: GLOP on the strong compact relaxation alone, and plain CP-SAT.
"""

import importlib.util
import json
import os
import random
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from volunteer.scheduling.bench import baseline, strong
from volunteer.scheduling.engine.arrays import build
from volunteer.scheduling.engine.limits import Limits, Progress
from volunteer.scheduling.plan import plan
from volunteer.scheduling.problem import Problem
from volunteer.scheduling.wire import problem_from_json

TOOLS = Path(__file__).resolve().parents[3] / "tools" / "make_city.py"
SECONDS = {"unit": 5, "district": 60, "core": 120, "campaign": 180, "metropolis": 180}
LEVELS = (0.01, 0.005, 0.001, 0.0)


@dataclass(slots=True)
class Row:
    """What one size reached."""

    size: str
    first: float = 0.0
    reached: dict[float, float] = field(default_factory=dict)
    gap: float = 0.0
    of_influence: float = 0.0
    people_gap: float | None = None
    seconds: float = 0.0
    gigabytes: float = 0.0
    glop: float | None = None
    plain: int | None = None
    at_ten: int = 0
    coverage: int = 0


def city(size: str, seed: int, inspection: bool = False) -> Problem:
    """A problem of the generator. Raises FileNotFoundError where the tools are not at hand."""
    spec = importlib.util.spec_from_file_location("make_city", TOOLS)
    if spec is None or spec.loader is None or not TOOLS.exists():
        raise FileNotFoundError(str(TOOLS))
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    rng = random.Random(f"{size}/{seed}/{inspection}")
    text = json.dumps(maker.draw(rng, size, seed, inspection), ensure_ascii=False)
    return problem_from_json(text.encode())


class _Memory:
    """Highest resident memory of this process and its children, in gigabytes."""

    def __init__(self) -> None:
        self.peak = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stop.wait(0.3):
            self.peak = max(self.peak, sum(_resident(p) for p in _family()) / 1e9)

    def end(self) -> float:
        self._stop.set()
        self._thread.join()
        return self.peak


def _family() -> list[int]:
    me, found = os.getpid(), [os.getpid()]
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            parent = Path(f"/proc/{name}/stat").read_text().rsplit(")", 1)[1].split()[1]
        except (OSError, IndexError):
            continue
        if int(parent) == me:
            found.append(int(name))
    return found


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
    except (OSError, IndexError):
        return 0


def run(size: str, seed: int, seconds: float, workers: int, yardsticks: bool) -> Row:
    """Plan one size and measure."""
    problem = city(size, seed)
    row = Row(size)
    memory = _Memory()

    def note(event: Progress) -> None:
        if not row.first:
            row.first = event.seconds
        gap = (event.coverage - event.bound_coverage) / max(1, event.coverage)
        for level in LEVELS:
            if gap <= level:
                row.reached.setdefault(level, event.seconds)
        if event.seconds <= 10:
            row.at_ten = event.coverage

    limits = Limits(seconds=seconds, seed=seed, workers=workers)
    answer = plan(problem, limits=limits, progress=note)
    row.gigabytes = memory.end()
    row.seconds = answer.seconds["total"]
    assert answer.cost is not None
    assert answer.bound is not None
    row.coverage = answer.cost.coverage
    open_gap = answer.cost.coverage - answer.bound.coverage
    row.gap = open_gap / max(1, answer.cost.coverage)
    arrays = build(problem)
    row.of_influence = open_gap / max(1, answer.cost.coverage - arrays.floor)
    if answer.cost.people and answer.bound.people is not None:
        row.people_gap = (answer.cost.people - answer.bound.people) / max(1, answer.cost.people)
    if yardsticks:
        row.glop, _ = strong.measure(arrays, 300.0)
        if arrays.n_pairs < 600_000:
            row.plain, _, _ = baseline.solve(arrays, 60.0, workers)
    return row


HEADLINES = (
    "size",
    "first plan s",
    "1 % s",
    "0.5 % s",
    "0.1 % s",
    "0 s",
    "gap %",
    "of influence %",
    "people gap %",
    "GB",
    "GLOP s",
    "after 10 s",
    "CP-SAT 60 s",
)


def cells(row: Row) -> list[str]:
    """One line of the table."""

    def share(value: float | None) -> str:
        return "-" if value is None else f"{100 * value:.3f}"

    def seconds(value: float | None) -> str:
        return "-" if value is None else f"{value:.1f}"

    return [
        row.size,
        f"{row.first:.2f}",
        *(seconds(row.reached.get(level)) for level in LEVELS),
        share(row.gap),
        share(row.of_influence),
        share(row.people_gap),
        f"{row.gigabytes:.2f}",
        seconds(row.glop),
        str(row.at_ten),
        "-" if row.plain is None else str(row.plain),
    ]


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| " + " | ".join(HEADLINES) + " |", "|" + "---|" * len(HEADLINES)]
    return "\n".join(lines + ["| " + " | ".join(cells(row)) + " |" for row in rows])


def main(
    sizes: list[str],
    seed: int = 901,
    seconds: float | None = None,
    workers: int = 2,
    yardsticks: bool = True,
) -> str:
    """Measure the sizes one after another; the table."""
    began = time.monotonic()
    rows = [
        run(size, seed, SECONDS[size] if seconds is None else seconds, workers, yardsticks)
        for size in sizes
    ]
    return (
        f"{table(rows)}\n\nseed {seed}, {workers} workers, {time.monotonic() - began:.0f} s in all"
    )
