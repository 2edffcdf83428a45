"""Verifying the chain of seals (台账校验): is it what was written, and if not, which row was touched.

Every row carries the seal before it and its own. A row whose seal does not fit its content was
edited; a link that leads nowhere shows where rows are gone; a row that the chain passes by was
put in; a row that the chain visits out of its place was moved. The head, kept elsewhere and
printed on exports, shows what happened to the end of the chain.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from volunteer.domain.ledger import GENESIS, seal
from volunteer.domain.terms import ChainFault
from volunteer.domain.words import N_, fill


class Row(NamedTuple):
    """One sealed row as stored: its place, its bytes as its columns give them, and both seals."""

    seq: int
    line: bytes
    previous: bytes
    seal: bytes


class Head(NamedTuple):
    """The end of a chain as witnessed: the number of the last row and its seal."""

    seq: int
    seal: bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: what, on which row (the first one if several are gone), and how many."""

    kind: ChainFault
    seq: int
    count: int = 1

    @property
    def sentence(self) -> str:
        """The fault in Chinese."""
        return fill(self.template, {"seq": self.seq, "count": self.count, "kind": self.kind.label})

    @property
    def template(self) -> str:
        """The sentence with its places open."""
        if self.kind is ChainFault.DELETED:
            return N_("自第 %(seq)d 条起有 %(count)d 条流水%(kind)s")
        return N_("第 %(seq)d 条流水%(kind)s")


@dataclass(frozen=True, slots=True)
class Report:
    """What a verification found: rows read, the last seal, and every fault by row."""

    count: int
    seal: bytes
    faults: tuple[Fault, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


ORIGIN = Row(0, b"", b"", GENESIS)


def verify_chain(
    rows: Iterable[tuple[int, bytes, bytes, bytes]], head: Head | None = None
) -> Report:
    """Verify rows (see :class:`Row`) in the order of their numbers; the first is 1 and sealed to GENESIS.

    One pass, at about the cost of hashing, as long as the links hold. From the first broken link
    on the rest is held in memory and the story told from the links.
    """
    faults: dict[int, Fault] = {}
    stream = iter(rows)
    last: tuple[int, bytes, bytes, bytes] = ORIGIN
    before, earlier, count = ORIGIN.seal, last, 0
    for row in stream:
        seq, line, previous, mark = row
        if previous != before or (head is not None and before == head.seal):
            faults.pop(last[0], None)  # judged again, now that one knows what follows it
            rest = [Row._make(one) for one in (row, *stream)]
            known = [last] if last is earlier else [earlier, last]
            _Story([*map(Row._make, known), *rest], head, faults).tell()
            return _report(count + len(rest), rest[-1].seal, faults)
        if sha256(before + line).digest() != mark:
            faults[seq] = Fault(ChainFault.EDITED, seq)
        before, last, earlier, count = mark, row, last, count + 1
    if head is not None and before != head.seal:
        _judge_end(Row._make(last), head, faults)
    return _report(count, before, faults)


def _report(count: int, last: bytes, faults: dict[int, Fault]) -> Report:
    return Report(count, last, tuple(faults[seq] for seq in sorted(faults)))


def _judge_end(last: Row, head: Head, faults: dict[int, Fault]) -> None:
    if last.seq < head.seq:
        gone = Fault(ChainFault.DELETED, last.seq + 1, head.seq - last.seq)
        faults.setdefault(gone.seq, gone)
    else:
        faults.setdefault(last.seq, Fault(ChainFault.EDITED, last.seq))


class _Story:
    """What the links of a broken chain tell; row 0 is sound and lies just before the break."""

    def __init__(self, rows: Sequence[Row], head: Head | None, faults: dict[int, Fault]) -> None:
        self.rows = rows
        self.head = head
        self.faults = faults
        self.visited = [False] * len(rows)
        self.children: dict[bytes, list[int]] = {}
        for place, row in enumerate(rows[1:], 1):
            self.children.setdefault(row.previous, []).append(place)
        self.seals = {row.seal for row in rows}

    def tell(self) -> None:
        path = self._walk()
        for place in path[1:]:
            row = self.rows[place]
            if seal(row.previous, row.line) != row.seal:
                self._blame(ChainFault.EDITED, row.seq)
        for place in _moved(path):
            self._blame(ChainFault.REORDERED, self.rows[place].seq)
        for place, row in enumerate(self.rows):
            if not self.visited[place]:
                self._blame(ChainFault.INSERTED, row.seq)

    def _blame(self, kind: ChainFault, seq: int, count: int = 1) -> None:
        self.faults.setdefault(seq, Fault(kind, seq, count))

    def _walk(self) -> list[int]:
        """Follow the links; where one leads nowhere, judge why and go on at the next loose end."""
        roots = self._roots()
        path, place = [0], 0
        self.visited[0] = True
        while True:
            row = self.rows[place]
            if self.head is not None and row.seal == self.head.seal:
                return path
            following = self._follow(row.seal)
            if following is None:
                following = next((r for r in roots if r > max(path[-1], 0)), None)
                if following is None:
                    if self.head is not None:
                        _judge_end(row, self.head, self.faults)
                    return path
                self._judge_gap(row, self.rows[following])
            self.visited[following] = True
            path.append(following)
            place = following

    def _roots(self) -> Iterator[int]:
        """Places whose link leads nowhere, but for strays that nothing follows and no seal fits."""
        for place, row in enumerate(self.rows[1:]):
            if row.previous in self.seals or self.visited[place + 1]:
                continue
            fits = row.seal in (
                seal(row.previous, row.line),
                seal(self.rows[place].seal, row.line),  # only its link was edited
            )
            if fits or row.seal in self.children or self._is_end(place):
                yield place + 1

    def _is_end(self, place: int) -> bool:
        """Whether a head tells that there must be a last row here."""
        return self.head is not None and place + 2 == len(self.rows)

    def _follow(self, mark: bytes) -> int | None:
        open_places = [p for p in self.children.get(mark, ()) if not self.visited[p]]
        if len(open_places) < 2:
            return open_places[0] if open_places else None
        return self._longest(open_places)

    def _longest(self, places: list[int]) -> int:
        """Choose the branch that leads furthest; of twins the first, of equals the last."""
        if len({self.rows[place].seal for place in places}) == 1:
            return places[0]
        fronts = {place: place for place in places}
        for _ in range(len(self.rows)):
            ahead = {
                place: following[0]
                for place, front in fronts.items()
                if (following := self.children.get(self.rows[front].seal))
            }
            if len(ahead) < 2:
                return next(iter(ahead), max(fronts))
            fronts = ahead
        return max(fronts)

    def _judge_gap(self, before: Row, after: Row) -> None:
        gone = after.seq - before.seq - 1
        if seal(before.previous, before.line) == after.previous:
            self._blame(ChainFault.EDITED, before.seq)
        elif seal(before.seal, after.line) == after.seal:
            self._blame(ChainFault.EDITED, after.seq)
        elif gone > 0:
            self._blame(ChainFault.DELETED, before.seq + 1, gone)
        elif self.head is not None and self.rows[-1].seq < self.head.seq:
            missing = self.head.seq - self.rows[-1].seq  # the rest was renumbered over the gap
            self._blame(ChainFault.DELETED, before.seq + 1, missing)
        elif seal(after.previous, after.line) == after.seal:
            self._blame(ChainFault.EDITED, before.seq)  # edited and sealed anew
        else:
            self._blame(ChainFault.EDITED, after.seq)  # its link went with its content


def _moved(path: Sequence[int]) -> list[int]:
    """Return the fewest places that must be moved to put a path in rising order."""
    ends: list[int] = []  # place in which a rising run of each length ends at the lowest
    ending: list[int] = []
    for place in path:
        length = bisect_left(ends, place)
        ends[length : length + 1] = [place]
        ending.append(length)
    staying, length = set(), len(ends) - 1
    for index in range(len(path) - 1, -1, -1):
        if ending[index] == length:
            staying.add(path[index])
            length -= 1
    return [place for place in path if place not in staying]
