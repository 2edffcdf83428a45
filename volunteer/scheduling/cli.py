"""The command line: solve, check, explain, repair, carve, merge, bench.

Exit statuses: 0 done, 1 the checked plan is not sound, 2 bad input (one line on stderr that names the
path of the value), 3 the pins alone break a hard rule.
"""

import argparse
import dataclasses
import enum
import gc
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from volunteer.scheduling import blocks, wire
from volunteer.scheduling.arguments import number, read_seconds, read_whole
from volunteer.scheduling.bench import SECONDS
from volunteer.scheduling.bench.whole import PARTS
from volunteer.scheduling.bench.whole import main as measure
from volunteer.scheduling.candidates import Index
from volunteer.scheduling.check import faults_of
from volunteer.scheduling.engine.large import BLOCK
from volunteer.scheduling.explain import (
    explain_pair,
    explain_person,
    explain_shift,
    explained,
    load_report,
)
from volunteer.scheduling.plan import Limits, Progress, plan
from volunteer.scheduling.problem import Plan, Problem, Refusal
from volunteer.scheduling.repair import repair
from volunteer.scheduling.roster import Roster
from volunteer.scheduling.wire import BadInput
from volunteer.scheduling.words import Words

DONE, UNSOUND, BAD, REFUSED = 0, 1, 2, 3


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BadInput("arguments", message)


def _parser() -> _Parser:
    parser = _Parser(prog="python -m volunteer.scheduling", description=__doc__, allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)
    solve = commands.add_parser("solve", help="make a plan")
    solve.add_argument("problem")
    solve.add_argument("plan")
    _limits(solve)
    solve.set_defaults(run=_solve)
    check = commands.add_parser("check", help="verify a plan and the figures it states")
    check.add_argument("problem")
    check.add_argument("plan")
    check.set_defaults(run=_check)
    explain = commands.add_parser("explain", help="say why")
    explain.add_argument("problem")
    explain.add_argument("plan")
    about = explain.add_mutually_exclusive_group(required=True)
    about.add_argument("--shift", metavar="S", help="why is it short, and what would help")
    about.add_argument("--person", metavar="V", help="why them, why not them")
    about.add_argument("--pair", nargs=2, metavar=("V", "S"), help="every rule against it")
    about.add_argument("--load", action="store_true", help="how the load spreads")
    explain.add_argument("--language", choices=("zh", "en"), default="en")
    explain.add_argument("--json", action="store_true", help="the data instead of the sentences")
    explain.set_defaults(run=_explain)
    mend = commands.add_parser(
        "repair",
        help="mend a plan that people were told: PLAN is read and mended in place; where there is "
        "none yet, the published pairs of PROBLEM are mended into it",
    )
    mend.add_argument("problem")
    mend.add_argument("plan")
    mend.add_argument("--out", metavar="FILE", help="write here and leave PLAN as it is")
    mend.add_argument(
        "--moves",
        type=number("moves", 0, 10**6),
        default=5,
        metavar="K",
        help="people moved at most",
    )
    mend.add_argument(
        "--take", choices=("refill", "moves"), default="refill", help="the answer to be written"
    )
    _limits(mend, seconds=10.0)
    mend.set_defaults(run=_repair)
    _blocks_and_bench(commands)
    return parser


def _blocks_and_bench(commands: Any) -> None:
    cut = commands.add_parser("carve", help="cut a problem into blocks, each a file of its own")
    cut.add_argument("problem")
    cut.add_argument("folder")
    cut.add_argument(
        "--pairs",
        type=number("pairs", 1, 10**9),
        default=BLOCK,
        metavar="N",
        help="of a block, at most",
    )
    cut.add_argument("--seed", type=read_whole, default=1, metavar="K")
    cut.set_defaults(run=_carve)
    join = commands.add_parser("merge", help="make one plan of the blocks' plans, with their bound")
    join.add_argument("problem")
    join.add_argument("folder", help="block-1.json, block-1.plan.json and so on")
    join.add_argument("plan")
    join.set_defaults(run=_merge)
    bench = commands.add_parser("bench", help="measure what the optimiser reaches")
    bench.add_argument("sizes", nargs="*", metavar="SIZE", help=f"of {', '.join(SECONDS)}")
    bench.add_argument("--seconds", type=read_seconds, default=None, metavar="N")
    bench.add_argument("--seed", type=read_whole, default=901, metavar="K")
    bench.add_argument("--workers", type=number("workers", 1, 1024), default=2, metavar="W")
    bench.add_argument("--quick", action="store_true", help="three minutes, not twenty")
    bench.add_argument("--part", action="append", choices=PARTS, default=[], help="only this")
    bench.set_defaults(run=_bench)


def _limits(parser: argparse.ArgumentParser, seconds: float = 60.0) -> None:
    parser.add_argument("--seconds", type=read_seconds, default=seconds, metavar="N")
    parser.add_argument("--seed", type=read_whole, default=1, metavar="K")
    parser.add_argument(
        "--workers", type=number("workers", 1, 1024), default=os.cpu_count() or 1, metavar="W"
    )
    parser.add_argument(
        "--steps",
        type=number("steps", 0, 10**9),
        default=None,
        metavar="K",
        help="end after K pieces: same plan each time",
    )
    parser.add_argument("--progress", action="store_true", help="tell on stderr what happens")


def main(arguments: Sequence[str]) -> int:
    """Run one command; return the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        chosen = _parser().parse_args(arguments)
        run: Callable[[argparse.Namespace], int] = chosen.run
        return run(chosen)
    except BadInput as error:
        print(error, file=sys.stderr)
        return BAD
    except BrokenPipeError:  # whoever read our output has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE


def _writable(path: str) -> None:
    """Refuse an output that cannot be written before an hour is spent on it."""
    target = Path(path)
    try:
        if target.is_dir():
            raise BadInput(path, "cannot be written: it is a directory")
        folder = target.parent
        if not folder.is_dir():
            raise BadInput(path, f"cannot be written: no directory {str(folder)!r}")
        held = target if target.exists() and not target.is_file() else folder
        if not os.access(held, os.W_OK):
            raise BadInput(path, "cannot be written: permission denied")
    except (OSError, ValueError):
        raise BadInput(path, "cannot be written: not a path") from None


@contextmanager
def _stoppable() -> Iterator[Callable[[], bool]]:
    """Turn an interrupt or a termination into a wish to stop; the best plan so far is then kept."""
    wish = {"stop": False}

    def stop(number: int, frame: FrameType | None) -> None:
        wish["stop"] = True

    numbers: tuple[signal.Signals, ...] = (signal.SIGINT, signal.SIGTERM)
    if threading.current_thread() is not threading.main_thread():
        numbers = ()  # signals belong to the main thread
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield lambda: wish["stop"]
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _silent_solvers() -> Iterator[None]:
    """Keep what the solvers' own code prints away from our output."""
    try:
        sys.stdout.flush()
        kept = os.dup(1)
    except (OSError, AttributeError, ValueError):  # no output at all: nothing to keep clean
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def log(line: str) -> None:
    """Print one line on stderr."""
    print(line, file=sys.stderr, flush=True)


def tell(progress: Progress) -> None:
    """Print one event of a run on stderr."""
    log(" ".join(f"{key}={value}" for key, value in dataclasses.asdict(progress).items()))


def _solve(chosen: argparse.Namespace) -> int:
    _writable(chosen.plan)
    limits = Limits(chosen.seconds, chosen.seed, chosen.workers, chosen.steps)
    with _silent_solvers(), _stoppable() as stopped:
        problem = wire.read_problem(chosen.problem)
        gc.freeze()  # the problem stays to the end: spare the collector walking it
        made = plan(
            problem,
            limits=limits,
            progress=tell if chosen.progress else None,
            cancelled=stopped,
        )
        wire.write_plan(chosen.plan, explained(problem, made))
    return _told(made)


def _told(made: Plan) -> int:
    if made.status == "refused":
        return _refused(made.why)
    print(f"{made.status}: {len(made.assignments)} assignments{_figures(made)}")
    return DONE


def _refused(why: Sequence[Refusal]) -> int:
    for refusal in why:
        pins = ", ".join(f"{v} on {s}" for v, s in refusal.pins)
        print(wire.one_line(f"refused: {refusal.rule}: {pins}"))
    return REFUSED


def _repair(chosen: argparse.Namespace) -> int:
    out = chosen.out or chosen.plan
    _writable(out)
    with _silent_solvers():
        problem = wire.read_problem(chosen.problem)
        standing = None
        if chosen.out is not None or Path(chosen.plan).exists():
            standing = wire.read_plan(chosen.plan).assignments
        limits = Limits(seconds=chosen.seconds, seed=chosen.seed, workers=chosen.workers)
        mended = repair(problem, standing, moves=chosen.moves, limits=limits)
        if mended.refused:
            seconds = {"total": 0.0}
            none = Plan(
                problem.name, "refused", (), None, None, seconds, chosen.seed, why=mended.refused
            )
            wire.write_plan(out, none)
        else:
            kinds = {option.kind: option.plan for option in mended.options}
            taken = kinds.get(chosen.take, mended.options[0].plan)
            wire.write_plan(out, explained(problem, taken))
    if mended.refused:
        return _refused(mended.refused)
    print(
        f"{len(mended.lost)} told people fell away, coverage {mended.before.coverage} without repair"
    )
    for option in mended.options:
        price = "" if option.price is None else f", {option.price:.1f} won per move"
        print(
            f"{option.kind}: {len(option.called)} called up, {len(option.released)} released, "
            f"{option.moves} moved, coverage {option.plan.cost.coverage if option.plan.cost else 0} "
            f"({option.gain} better{price})"
        )
    return DONE


def _carve(chosen: argparse.Namespace) -> int:
    problem, folder = wire.read_problem(chosen.problem), Path(chosen.folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError):
        raise BadInput(chosen.folder, "cannot be made a directory") from None
    found = blocks.carve(problem, chosen.pairs, chosen.seed)
    for count, block in enumerate(found, start=1):
        wire.write_problem(folder / f"block-{count}.json", block)
    print(f"{len(found)} blocks in {chosen.folder}")
    return DONE


def _merge(chosen: argparse.Namespace) -> int:
    _writable(chosen.plan)
    problem, folder = wire.read_problem(chosen.problem), Path(chosen.folder)
    files: list[tuple[Problem, Plan]] = []
    while (path := folder / f"block-{len(files) + 1}.json").exists():
        block = wire.read_problem(path)
        files.append((block, wire.read_plan(path.with_suffix(".plan.json"), block)))
    if not files:
        raise BadInput(chosen.folder, "no file block-1.json")
    try:
        with _stoppable() as stopped:
            made = blocks.merge(problem, files, stopped)
    except blocks.Mismatch as error:
        raise BadInput(chosen.folder, str(error)) from None
    wire.write_plan(chosen.plan, made)
    return _told(made)


def _bench(chosen: argparse.Namespace) -> int:
    for size in chosen.sizes:
        if size not in SECONDS:
            raise BadInput("arguments", f"no size {size!r}")
    with _silent_solvers():
        limits = (chosen.seed, chosen.workers)
        found = measure(chosen.sizes, limits, chosen.seconds, chosen.quick, log, chosen.part)
    print(found)
    return DONE


def _figures(made: Plan) -> str:
    if made.cost is None or made.bound is None:
        return ""
    return (
        f", coverage {made.cost.coverage} (bound {made.bound.coverage}), "
        f"people {made.cost.people} (bound {made.bound.people})"
    )


def _check(chosen: argparse.Namespace) -> int:
    problem = wire.read_problem(chosen.problem)
    judged = faults_of(problem, wire.read_plan(chosen.plan))
    for line in judged.faults[:20]:
        print(wire.one_line(line))
    if len(judged.faults) > 20:
        print(f"and {len(judged.faults) - 20} more")
    print(wire.one_line(judged.summary))
    return UNSOUND if judged.faults else DONE


def _explain(chosen: argparse.Namespace) -> int:
    problem = wire.read_problem(chosen.problem)
    made = wire.read_plan(chosen.plan, problem)
    index = Index(problem)
    roster = Roster(index.book, made.assignments)
    _known(chosen, problem, index)
    words = Words(index.book, chosen.language)
    reason: Any
    if chosen.shift is not None:
        reason = explain_shift(index, roster, chosen.shift)
        lines = words.shift(reason)
    elif chosen.person is not None:
        reason = explain_person(roster, chosen.person)
        lines = words.person(reason)
    elif chosen.load:
        reason = load_report(index, roster)
        lines = words.load(reason)
    else:
        reason = explain_pair(roster, *chosen.pair)
        lines = words.pair(reason)
    if chosen.json:
        lines = [json.dumps(dataclasses.asdict(reason), ensure_ascii=False, default=_plain)]
    for line in lines:
        print(wire.one_line(line))
    return DONE


def _plain(value: object) -> object:
    if isinstance(value, enum.Enum):
        return value.value
    raise TypeError(f"{value!r} is not JSON")


def _known(chosen: argparse.Namespace, problem: Problem, index: Index) -> None:
    person, duty = chosen.person, chosen.shift
    if chosen.pair is not None:
        person, duty = chosen.pair
    if person is not None and person not in index.book.people:
        raise BadInput("arguments", f"no volunteer {wire.quoted(person)}")
    if duty is not None and duty not in index.book.duties:
        raise BadInput("arguments", f"no shift {wire.quoted(duty)}")
