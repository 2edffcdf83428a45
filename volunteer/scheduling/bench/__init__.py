"""Figures of what the optimiser reaches, made in one run on one machine.

Each size is drawn by ``tools/make_city.py``, planned under a limit, and set beside two yardsticks of
the same run: GLOP on the strong compact relaxation alone, and plain CP-SAT. ``whole.py`` strings the
measurements together and judges them by the bars.
"""

import importlib.util
import json
import os
import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from volunteer.scheduling.bench import baseline, strong
from volunteer.scheduling.engine.arrays import build
from volunteer.scheduling.engine.limits import Limits, Progress
from volunteer.scheduling.plan import plan
from volunteer.scheduling.problem import Plan, Problem
from volunteer.scheduling.wire import problem_from_json

TOOLS = Path(__file__).resolve().parents[3] / "tools" / "make_city.py"
SECONDS = {"unit": 5, "district": 60, "core": 90, "campaign": 90, "metropolis": 120}
LEVELS = (0.01, 0.005, 0.003, 0.001, 0.0)


@dataclass(slots=True)
class Row:
    """What one problem reached. Times are seconds from the call, gaps are shares."""

    size: str
    inspection: bool = False
    read: float = 0.0
    first: float = 0.0
    reached: dict[float, float] = field(default_factory=dict)
    people_reached: dict[float, float] = field(default_factory=dict)
    gap: float = 0.0
    of_influence: float = 0.0
    people_gap: float | None = None
    seconds: float = 0.0
    gigabytes: float = 0.0
    glop: float | None = None
    plain: int | None = None
    at_ten: int = 0
    coverage: int = 0
    allowed: float = 0.0

    @property
    def name(self) -> str:
        """The size, and whether it is an inspection week."""
        return f"{self.size}, inspection" if self.inspection else self.size


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


def run(row: Row, problem: Problem, limits: Limits, yardsticks: bool = False) -> tuple[Row, Plan]:
    """Plan one problem and measure it into the row."""
    memory = _Memory()
    row.allowed = limits.seconds

    def note(event: Progress) -> None:
        row.first = row.first or event.seconds
        gap = _share(event.coverage, event.bound_coverage)
        for level in LEVELS:
            if gap <= level:
                row.reached.setdefault(level, event.seconds)
            people = _share(event.people, event.bound_people)
            if gap == 0 and people <= level * 10:
                row.people_reached.setdefault(level * 10, event.seconds)
        if event.seconds <= 10:
            row.at_ten = event.coverage

    answer = plan(problem, limits=limits, progress=note)
    row.gigabytes = memory.end()
    row.seconds = answer.seconds["total"]
    assert answer.cost is not None
    assert answer.bound is not None
    row.coverage = answer.cost.coverage
    row.gap = _share(answer.cost.coverage, answer.bound.coverage)
    arrays = build(problem)
    open_gap = answer.cost.coverage - answer.bound.coverage
    row.of_influence = open_gap / max(1, answer.cost.coverage - arrays.floor)
    if answer.cost.people is not None and answer.bound.people is not None:
        row.people_gap = _share(answer.cost.people, answer.bound.people)
    if yardsticks and arrays.n_pairs < 600_000:
        row.glop, _ = strong.measure(arrays, 90.0)
        row.plain, _, _ = baseline.solve(arrays, 60.0, limits.workers)
    return row, answer


def _share(value: int, bound: int | None) -> float:
    """The gap as a share of the value; infinite without a bound."""
    return float("inf") if bound is None else (value - bound) / max(1, abs(value))


HEADLINES = (
    "size",
    "first plan s",
    "1 % s",
    "0.5 % s",
    "0.3 % s",
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
        row.name,
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


def table(headlines: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The rows as a Markdown table."""
    lines = ["| " + " | ".join(headlines) + " |", "|" + "---|" * len(headlines)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])
