"""Sealed rows, read from the database by its driver a block at a time, and hashed: here or in a child process.

The database writes the sealed bytes of a block's rows in one value, so that of each row nothing is left to do here
but its digest. The statements come from :mod:`volunteer.queries.chain`; what is found is judged there.
``python -m volunteer.gateways.ledger_blocks`` is the child: a task, then a range a line, an answer a line.
"""

import json
import os
import selectors
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

SEAL = 32
"""Bytes of a seal."""
BETWEEN = b"\x1e"
"""What stands between the lines of a block; a line that has it in itself makes more lines than rows."""
SPACE = b"\x1d"
"""What stands for a space of free text."""
KNOT = 8
"""Bytes that stand between seals, drawn for each run: nobody can have put them into a seal beforehand."""
AHEAD = 2
"""Ranges that a child has before it, so that it need not wait for the next."""
WAIT = 120.0
"""Seconds without an answer after which a child is given up."""


class Task(NamedTuple):
    """Where the rows are and the statements that read a block.

    ``quick`` gives for ``offset``, ``first``, ``last``: rows, rows to be looked at, lines, links, seals. ``knot``
    stands between links and between seals.
    Where ``spaced``, an instant has a space in place of its ``T``, and free text :data:`SPACE` in place of a space:
    replacing both here costs a tenth of what it costs there. ``numbers`` gives the numbers of a block's rows and where they lie.
    """

    database: str
    quick: str
    numbers: str
    knot: str
    spaced: bool
    offset: int


class Found(NamedTuple):
    """What a block holds if every row's seal fits: how many rows, what the first is sealed to, the last seal.

    ``lowest`` and ``highest`` bound the numbers of its rows, which rise.
    """

    rows: int
    before: bytes
    last: bytes
    lowest: int
    highest: int


class Reader:
    """Reads and hashes blocks through one connection of the driver."""

    def __init__(self, connection: Any, task: Task) -> None:
        self.task = task
        self.offset, self.knot = task.offset, bytes.fromhex(task.knot)
        self.cursor = (
            connection.cursor() if task.spaced else connection.cursor(binary=True)
        )  # psycopg would write bytes as figures

    def read(self, first: int, last: int) -> Found | None:
        """The rows that lie from ``first`` to ``last``; None where anything about them is not as it should be."""
        where = {"offset": self.offset, "first": first, "last": last}
        block = self.cursor.execute(self.task.quick, where).fetchone()
        bounds = self.offset + first, self.offset + last
        is_full = block[0] in (0, last - first + 1)
        if block[1] or (self.task.numbers and not is_full):
            rising = self._rising(first, last)
            if rising is None:
                return None
            bounds = rising
        lines = bytes(block[2] or b"")
        if self.task.spaced:
            lines = lines.replace(b" ", b"T").replace(SPACE, b" ")
        if not block[0]:
            return Found(0, b"", b"", *bounds)
        ends = hashed(block[0], lines, (bytes(block[3]), bytes(block[4])), self.knot)
        return ends and Found(block[0], *ends, *bounds)

    def _rising(self, first: int, last: int) -> tuple[int, int] | None:
        """The lowest and highest number of a block whose numbers rise, if not by one; None where they do not.

        The next block may be ahead of where it lies by as much as the last row of this one.
        """
        if not self.task.numbers:
            return None
        numbers: list[int] = []
        for seq, place, is_odd in self.cursor.execute(
            self.task.numbers, {"first": first, "last": last}
        ):
            if is_odd or not isinstance(seq, int) or (numbers and seq <= numbers[-1]):
                return None
            numbers.append(seq)
            self.offset = seq - place
        return numbers[0], numbers[-1]


def hashed(
    rows: int, lines: bytes, marks: tuple[bytes, bytes], knot: bytes
) -> tuple[bytes, bytes] | None:
    """Hash the lines one after the other: what the first is sealed to, and the last seal.

    None where a row is not linked to the one before, or not sealed by what comes out. ``marks`` are the links and
    the seals of all rows, ``knot`` between them.
    """
    links, seals = marks
    parts = lines.split(BETWEEN)
    if len(parts) != rows:
        return None
    mark = before = links[:SEAL]
    digests = [mark := sha256(mark + line).digest() for line in parts]
    if knot.join(digests) != seals or knot.join([before, *digests[:-1]]) != links:
        return None
    return before, mark


def connect(database: str) -> Any:
    """Open a connection of the driver that only reads."""
    if database.startswith("postgresql"):
        import psycopg

        connection: Any = psycopg.connect(database, autocommit=True)
        connection.execute("SET default_transaction_read_only TO on")
        connection.execute("SET DateStyle TO ISO")
        return connection
    import sqlite3

    connection = sqlite3.connect(
        f"{Path(database).absolute().as_uri()}?mode=ro", uri=True, isolation_level=None
    )
    connection.execute("PRAGMA busy_timeout=8000")
    connection.execute("PRAGMA mmap_size=2000000000")
    return connection


class Child:
    """A process that reads blocks beside this one."""

    def __init__(self, task: Task) -> None:
        root = str(Path(__file__).resolve().parents[2])
        self.process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": root},
        )
        self.asked: list[int] = []
        self.is_there = True
        self._heard = b""
        self._say(json.dumps(task))

    def _say(self, words: str) -> None:
        assert self.process.stdin is not None
        with suppress(OSError):  # a dead child answers nothing, and its ranges are read here
            self.process.stdin.write(words.encode() + b"\n")
            self.process.stdin.flush()

    def ask(self, number: int, first: int, last: int) -> None:
        """Give it a range."""
        self.asked.append(number)
        self._say(f"{first} {last}")

    def answers(self) -> list[tuple[int, Found | None]] | None:
        """What it has answered by now; None when it will answer no more."""
        assert self.process.stdout is not None
        part = os.read(self.process.stdout.fileno(), 1 << 16)
        *lines, self._heard = (self._heard + part).split(b"\n")
        if not part:
            return None
        return [(self.asked.pop(0), _told(line)) for line in lines]

    def leave(self) -> list[int]:
        """Ask it no more; the ranges that it did not answer."""
        self.is_there, left, self.asked = False, self.asked, []
        return left

    def end(self) -> None:
        """Let it go; it has nothing to lose."""
        self.process.kill()
        self.process.communicate()


def _told(line: bytes) -> Found | None:
    said = json.loads(line)
    if said is None:
        return None
    return Found(said[0], bytes.fromhex(said[1]), bytes.fromhex(said[2]), said[3], said[4])


def _spoken(found: Found | None) -> str:
    if found is None:
        return "null"
    return json.dumps(
        [found.rows, found.before.hex(), found.last.hex(), found.lowest, found.highest]
    )


def read_all(
    reader: Reader, ranges: Sequence[tuple[int, int]], helpers: int
) -> Iterator[Found | None]:
    """Read all ranges, ``helpers`` child processes beside this one; what was found, in their order.

    A child that ends early costs time and nothing else: its ranges are read here.
    """
    if not helpers:
        yield from (reader.read(*each) for each in ranges)
        return
    children = [Child(reader.task) for _ in range(helpers)]
    try:
        found = _shared(reader, ranges, children)
    finally:
        for child in children:
            child.end()
    yield from (found[number] for number in range(len(ranges)))


def _shared(
    reader: Reader, ranges: Sequence[tuple[int, int]], children: list[Child]
) -> dict[int, Found | None]:
    found: dict[int, Found | None] = {}
    waiting = list(reversed(range(len(ranges))))
    with selectors.DefaultSelector() as ears:
        for child in children:
            assert child.process.stdout is not None
            ears.register(child.process.stdout, selectors.EVENT_READ, child)
        while waiting or any(child.asked for child in children):
            for child in children:
                while waiting and child.is_there and len(child.asked) < AHEAD:
                    number = waiting.pop()
                    child.ask(number, *ranges[number])
            heard = ears.select(0 if waiting else WAIT)
            for key, _ in heard:
                answers = key.data.answers()
                found.update(answers or ())
                if answers is None:
                    ears.unregister(key.fileobj)
                    waiting += key.data.leave()
            if not heard and not waiting:
                waiting += [number for child in children for number in child.leave()]
            if waiting:
                number = waiting.pop()
                found[number] = reader.read(*ranges[number])
    return found


def _serve() -> None:
    task = Task(*json.loads(sys.stdin.readline()))
    reader = Reader(connect(task.database), task)
    for line in sys.stdin:
        first, last = line.split()
        sys.stdout.write(_spoken(reader.read(int(first), int(last))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
