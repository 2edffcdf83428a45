"""Every step of every person: a seat taken, out of nowhere or for one seat given up.

Steps stand in order of the duty stepped onto, apart by kind, so that the best step onto each duty is
one sweep over memory. Steps of people whose seats have changed are struck out where they stand and
made anew in a small second list.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from volunteer.scheduling.engine.arrays import Arrays, Bools, Floats, Ints, by_duty, pointers
from volunteer.scheduling.engine.carve import spread

FREE, CALLED, MOVED = 0, 1, 2  # gives up nothing; a seat nobody was told of; a seat that was told
CROWDED = 4  # the second list is joined to the first when it is a quarter of it

Ids = NDArray[np.int32]


@dataclass(slots=True)
class Steps:
    """Steps of one kind: ``pair`` taken, ``source`` given up (-1: none), ``into`` and ``left`` their duties.

    ``net`` is what a step wins, -inf where it is struck out.
    """

    kind: int
    pair: Ids
    source: Ids
    person: Ids
    into: Ids
    left: Ids
    ptr: Ints
    net: Floats = field(init=False)
    _some: Ints = field(init=False)  # duties with any step, and where theirs begin
    _from: Ints = field(init=False)

    def __post_init__(self) -> None:
        self.net = np.zeros(len(self.pair))
        self._some = np.flatnonzero(self.ptr[:-1] < self.ptr[1:])
        self._from = self.ptr[self._some]

    @staticmethod
    def of(a: Arrays, kind: int, pair: Ints, source: Ints) -> "Steps":
        """Put steps in order of duty."""
        into = a.duty[pair]
        order = by_duty(into, a.n_duties)
        pair, source, into = pair[order], source[order], into[order]
        left = into if kind == FREE else a.duty[source]
        return Steps(
            kind=kind,
            pair=pair.astype(np.int32),
            source=source.astype(np.int32),
            person=a.person[pair].astype(np.int32),
            into=into.astype(np.int32),
            left=left.astype(np.int32),
            ptr=pointers(into, a.n_duties),
        )

    def value(self, worth: Floats, rows: Ints | slice) -> None:
        """Count anew what these steps win; what is struck out stays so."""
        net = worth[self.pair[rows]]
        if self.kind != FREE:
            net -= worth[self.source[rows]]
        net[np.isneginf(self.net[rows])] = -np.inf
        self.net[rows] = net

    def best_into(self, value: Floats, best: Floats) -> None:
        """Raise ``best`` per duty to the highest value of a step onto it."""
        if len(self._some):
            top = np.maximum.reduceat(value, self._from)
            best[self._some] = np.maximum(best[self._some], top)


class Table:
    """All steps that the rules of a person allow, as a plan stands."""

    def __init__(self, arrays: Arrays, told: Bools, chosen: Bools, worth: Floats) -> None:
        self._arrays, self._told = arrays, told
        made = self._made(np.arange(arrays.n_people), chosen)
        self._old = [self._valued(steps, worth) for steps in made]
        self._new: list[Steps] = []

    @property
    def lists(self) -> list[Steps]:
        """Lists of steps; those of a kind may stand in two."""
        return self._old + self._new

    def renew(self, people: Ints, duties: Ints, chosen: Bools, worth: Floats) -> None:
        """Make the steps of these people anew, and count anew what steps of these duties win."""
        a = self._arrays
        touched, weighed = np.zeros(a.n_people, np.bool_), np.zeros(a.n_duties, np.bool_)
        touched[people], weighed[duties] = True, True
        for steps in self.lists:
            for duty in duties.tolist():
                steps.value(worth, slice(int(steps.ptr[duty]), int(steps.ptr[duty + 1])))
            if steps.kind != FREE:
                steps.value(worth, np.flatnonzero(weighed[steps.left]))
            steps.net[touched[steps.person]] = -np.inf
        self._new = self._joined(self._new, self._made(people, chosen), worth)
        size = sum(len(steps.pair) for steps in self._new)
        if CROWDED * size > sum(len(steps.pair) for steps in self._old):
            self._old, self._new = self._joined(self._old, self._new, worth), []

    def _joined(self, some: list[Steps], others: list[Steps], worth: Floats) -> list[Steps]:
        """The steps of both that are not struck out, kind by kind."""
        out = []
        for kind in (FREE, CALLED, MOVED):
            both = [s for s in (*some, *others) if s.kind == kind]
            keep = [~np.isneginf(s.net) for s in both]
            pair = np.concatenate([s.pair[k] for s, k in zip(both, keep, strict=True)])
            source = np.concatenate([s.source[k] for s, k in zip(both, keep, strict=True)])
            steps = Steps.of(self._arrays, kind, pair.astype(np.int64), source.astype(np.int64))
            out.append(self._valued(steps, worth))
        return out

    @staticmethod
    def _valued(steps: Steps, worth: Floats) -> Steps:
        steps.value(worth, slice(None))
        return steps

    def _made(self, people: Ints, chosen: Bools) -> list[Steps]:
        """All steps of these people, by kind."""
        seats, count, minutes = self._seats(people, chosen)
        spare = self._arrays.max_minutes[people] - minutes
        free, pairs, sources = ([np.zeros(0, np.int64)] for _ in range(3))
        for held in range(seats.shape[1] + 1):
            mine = np.flatnonzero(count == held)
            if len(mine):
                some = self._steps_of(people[mine], spare[mine], seats[mine, :held], chosen)
                free.append(some[0])
                pairs += some[1]
                sources += some[2]
        calm, pair, source = (np.concatenate(x) for x in (free, pairs, sources))
        told = self._told[source]
        return [
            Steps.of(self._arrays, FREE, calm, np.full(len(calm), -1, np.int64)),
            Steps.of(self._arrays, CALLED, pair[~told], source[~told]),
            Steps.of(self._arrays, MOVED, pair[told], source[told]),
        ]

    def _steps_of(
        self, people: Ints, spare: Ints, seats: Ints, chosen: Bools
    ) -> tuple[Ints, list[Ints], list[Ints]]:
        """The pairs open to people who all hold as many seats, then those for one seat given up."""
        a = self._arrays
        at, row = spread(a.person_ptr, people)
        keep = ~chosen[at]
        if len(a.apart):
            keep &= ~facing_foe(a, chosen, at)
        at, row = at[keep], row[keep]
        duty = a.duty[at]
        lack = a.minutes[duty] - spare[row]
        day, room = a.day[duty], a.day_room[at]
        clashes = np.zeros(len(at), np.int8)
        others = []
        for k in range(seats.shape[1]):
            held = a.duty[seats[:, k]]
            clash, same = a.conflict[duty, held[row]], day == a.day[held][row]
            clashes += clash
            room = room - same
            others.append((clash, same))
        free = (clashes == 0) & (lack <= 0) & (room > 0)
        shut = np.flatnonzero(~free)
        row, lack, room, clashes = row[shut], lack[shut], room[shut], clashes[shut]
        pairs, sources = [], []
        for k, (clash, same) in enumerate(others):
            there = seats[:, k]
            gives = np.where(a.pinned[there], -1, a.minutes[a.duty[there]])[row]
            ok = (clashes == clash[shut]) & (lack <= gives) & (room + same[shut] > 0) & (gives >= 0)
            pairs.append(at[shut[ok]])
            sources.append(there[row[ok]])
        return at[free], pairs, sources

    def _seats(self, people: Ints, chosen: Bools) -> tuple[Ints, Ints, Ints]:
        """Per person: chosen pairs (rows filled up with -1), their number, their minutes."""
        a = self._arrays
        at, row = spread(a.person_ptr, people)
        hit = chosen[at]
        at, row = at[hit], row[hit]
        count = np.bincount(row, minlength=len(people)).astype(np.int64)
        minutes = np.bincount(row, a.minutes[a.duty[at]], len(people)).astype(np.int64)
        seats = np.full((len(people), int(count.max(initial=0))), -1, np.int64)
        seats[row, np.arange(len(row)) - np.searchsorted(row, row)] = at
        return seats, count, minutes


def facing_foe(a: Arrays, chosen: Bools, pairs: Ints) -> Bools:
    """Which of these pairs stand against somebody who is seated on the duty."""
    shut = np.zeros(len(pairs), np.bool_)
    if len(a.apart):
        for one, two in ((0, 1), (1, 0)):
            shut |= np.isin(pairs, a.apart[chosen[a.apart[:, one]], two])
    return shut


class Search:
    """One look at the table: what the best chain onto every duty is worth, read back step by step.

    ``levels[m]`` is, per duty, what it is worth that somebody steps in, at best, when ``m`` people who
    were told may be moved in all.
    """

    def __init__(self, lists: list[Steps], n_duties: int, most: int, passes: int) -> None:
        self.lists = lists
        self.levels: list[Floats] = []
        now = np.zeros(n_duties)
        for steps in lists:
            if steps.kind == FREE:
                steps.best_into(steps.net, now)
        for m in range(most + 1):
            if m:
                now = self.levels[-1].copy()
                self._pass(MOVED, self.levels[-1], now)
            for _ in range(passes):
                self._pass(CALLED, now, now)
            self.levels.append(now)

    def _pass(self, kind: int, behind: Floats, best: Floats) -> None:
        for steps in self.lists:
            if steps.kind == kind:
                steps.best_into(steps.net + behind[steps.left], best)

    def behind(self, steps: Steps, m: int, rows: Ints | slice) -> Floats | float:
        """What happens behind these steps is worth, at best, with ``m`` people moved in all."""
        if steps.kind == FREE:
            return 0.0
        if steps.kind == MOVED:
            return self.levels[m - 1][steps.left[rows]] if m else -np.inf
        return np.asarray(self.levels[m][steps.left[rows]])

    def best_onto(
        self, duty: int, m: int, people: list[int], duties: list[int]
    ) -> tuple[Steps, int] | None:
        """The best step onto a duty: nobody twice, and round in no circle; None where none wins."""
        best, found = 0.0, None
        for steps in self.lists:
            rows = slice(int(steps.ptr[duty]), int(steps.ptr[duty + 1]))
            if rows.start == rows.stop:
                continue
            value = steps.net[rows] + self.behind(steps, m, rows)
            for person in people:
                value[steps.person[rows] == person] = -np.inf
            if steps.kind != FREE:
                for other in duties:
                    value[steps.left[rows] == other] = -np.inf
            top = int(np.argmax(value))
            if value[top] > best:
                best, found = float(value[top]), (steps, rows.start + top)
        return found
