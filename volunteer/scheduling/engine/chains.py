"""Chains of moves: how one more head reaches a duty where nobody is free.

A *step* seats a person on a duty, out of nowhere or from one seat given up. A chain is a step onto a
duty that gains by it, then a step onto the seat given up, and so on, until somebody free steps in or
the last seat is left empty at its price. The best value of "somebody steps in here" is worked out for
all duties at once, for 0, 1, 2 ... people moved; it takes every duty of the chain as it stands now, so
the chains it names are counted again, exactly, before one is taken.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

from volunteer.scheduling.engine.arrays import (
    Arrays,
    Bools,
    Floats,
    Ints,
    by_duty,
    pointers,
    quarters,
)
from volunteer.scheduling.engine.carve import spread

LONGEST = 3  # people moved in one chain
SIFTED, ALIKE, LOOKED_AT = 600, 3, 16  # first steps: sifted, of one duty, counted exactly
MANY = 300  # first steps of different duties that are counted where nobody was told yet
GOOD = 0.9  # of the best chain's gain per person moved: taken without looking again
PASSES = 2  # steps of people called up only now, between two moves
HALF = 0.5  # gains are whole numbers, less a trifle for the second tier


@dataclass(frozen=True, slots=True)
class Chain:
    """Steps (pair, pair given up or -1), what they win for coverage, and people moved."""

    steps: tuple[tuple[int, int], ...]
    gain: int
    moves: int


@dataclass(frozen=True, slots=True)
class _Steps:
    """All steps that the rules of a person allow, row by row.

    ``pair``, and the pair given up in ``source`` (-1: none); ``into`` and ``left`` are their duties,
    ``told`` says whether a pair is given up that the person was told.
    """

    pair: Ints
    source: Ints
    person: Ints
    into: Ints
    left: Ints
    told: Bools

    @staticmethod
    def of(a: Arrays, told: Bools, pair: Ints, source: Ints) -> "_Steps":
        moving = source >= 0
        left = np.where(moving, a.duty[source], 0) if len(source) else source
        told = moving & told[source] if len(source) else moving
        return _Steps(pair, source, a.person[pair], a.duty[pair], left, told)

    def changed(self, keep: Bools, new: "_Steps") -> "_Steps":
        """Only the rows kept, and the new ones behind them."""
        names = [f.name for f in fields(self)]
        return _Steps(*(np.concatenate((getattr(self, n)[keep], getattr(new, n))) for n in names))


class Chains:
    """A sound plan that is bettered chain by chain. ``told`` are the pairs people were told."""

    def __init__(self, arrays: Arrays, chosen: Bools, told: Bools) -> None:
        self.arrays, self.chosen, self.told = arrays, chosen.copy(), told
        a = arrays
        self.heads = np.bincount(a.duty[chosen], minlength=a.n_duties).astype(np.int64)
        owner = np.repeat(np.arange(len(a.need_duty)), np.diff(a.need_ptr))
        hit = chosen[a.need_pairs]
        self.have = np.bincount(owner[hit], minlength=len(a.need_duty)).astype(np.int64)
        self.need_ptr = np.searchsorted(a.need_duty, np.arange(a.n_duties + 1))
        self._bonus = np.where(a.published, a.dropped_weight, 0)
        self._trifle = self._people_costs()
        self.joins = np.zeros(a.n_pairs, np.int64)  # won by one more head now
        self.steps_in = np.zeros(a.n_pairs, np.int64)  # won after somebody left; lost by leaving
        self._weigh(np.arange(a.n_duties))
        self._steps = self._steps_of(np.arange(a.n_people))

    def _people_costs(self) -> Floats:
        """A trifle for the second tier, well below one point of coverage."""
        a = self.arrays
        q = quarters(a.minutes)[a.duty]
        cost = a.fairness_weight * (2 * a.served[a.person] + q) * q + a.people_cost
        return np.asarray(0.01 * cost / max(1, int(cost.max(initial=1))))

    def _weigh(self, duties: Ints) -> None:
        """What the pairs of these duties are worth as the plan stands."""
        a = self.arrays
        grows, shrinks = self._head_worth()
        at, _ = spread(a.duty_ptr, duties)
        pairs = a.duty_pairs[at]
        self.joins[pairs] = grows[a.duty[pairs]] + self._bonus[pairs]
        self.steps_in[pairs] = shrinks[a.duty[pairs]] + self._bonus[pairs]
        needs, _ = spread(self.need_ptr, duties)
        for need in needs[self.have[needs] <= a.need_count[needs]].tolist():
            mine = a.need_pairs[a.need_ptr[need] : a.need_ptr[need + 1]]
            self.steps_in[mine] += a.need_weight[need]
            if self.have[need] < a.need_count[need]:
                self.joins[mine] += a.need_weight[need]

    def _head_worth(self) -> tuple[Ints, Ints]:
        a, n = self.arrays, self.heads
        grows = np.where(n < a.min_heads, a.min_weight, 0)
        grows = np.where((n >= a.min_heads) & (n < a.target), a.target_weight, grows)
        shrinks = np.where(n <= a.min_heads, a.min_weight, 0)
        shrinks = np.where((n > a.min_heads) & (n <= a.target), a.target_weight, shrinks)
        return grows.astype(np.int64), np.where(n > 0, shrinks, 0).astype(np.int64)

    def _steps_of(self, people: Ints) -> _Steps:
        """All steps of these people as the plan stands."""
        a = self.arrays
        seats, count, minutes = self._seats(people)
        at, row = spread(a.person_ptr, people)
        keep = ~self.chosen[at] & ~self.facing_foe(at)
        at, row = at[keep], row[keep]
        duty = a.duty[at]
        lack = minutes[row] + a.minutes[duty] - a.max_minutes[a.person[at]]
        clashes, on_day = np.zeros(len(at), np.int64), np.zeros(len(at), np.int64)
        busy = np.flatnonzero(count[row] > 0)
        others = []
        for k in range(seats.shape[1]):
            busy = busy[count[row[busy]] > k]
            there = seats[row[busy], k]
            clash = a.conflict[duty[busy], a.duty[there]]
            same = a.day[duty[busy]] == a.day[a.duty[there]]
            clashes[busy] += clash
            on_day[busy] += same
            others.append((busy, there, clash, same))
        room = a.day_room[at] - on_day
        free = (clashes == 0) & (lack <= 0) & (room > 0)
        pairs, sources = [at[free]], [np.full(int(free.sum()), -1, np.int64)]
        for busy, there, clash, same in others:
            ok = ~free[busy] & (clashes[busy] == clash) & (room[busy] + same > 0)
            ok &= (lack[busy] <= a.minutes[a.duty[there]]) & ~a.pinned[there]
            pairs.append(at[busy[ok]])
            sources.append(there[ok])
        return _Steps.of(a, self.told, np.concatenate(pairs), np.concatenate(sources))

    def _seats(self, people: Ints) -> tuple[Ints, Ints, Ints]:
        """Per person: chosen pairs (rows filled up with -1), their number, their minutes."""
        a = self.arrays
        at, row = spread(a.person_ptr, people)
        hit = self.chosen[at]
        at, row = at[hit], row[hit]
        count = np.bincount(row, minlength=len(people)).astype(np.int64)
        minutes = np.bincount(row, a.minutes[a.duty[at]], len(people)).astype(np.int64)
        seats = np.full((len(people), int(count.max(initial=0))), -1, np.int64)
        seats[row, np.arange(len(row)) - np.searchsorted(row, row)] = at
        return seats, count, minutes

    def facing_foe(self, pairs: Ints) -> Bools:
        """Which of these pairs stand against somebody who is seated on the duty."""
        a = self.arrays
        shut = np.zeros(len(pairs), np.bool_)
        if len(a.apart):
            for one, two in ((0, 1), (1, 0)):
                shut |= np.isin(pairs, a.apart[self.chosen[a.apart[:, one]], two])
        return shut

    def best(
        self, most: int, looked: tuple[int, int, int] = (SIFTED, ALIKE, LOOKED_AT)
    ) -> list[Chain]:
        """Chains that win, of at most so many people moved, the best per person moved first.

        Those that move nobody come before all others. They are counted as the plan stands: taking one
        may change what another is worth where they share a person or a duty.
        """
        s, a = self._steps, self.arrays
        net = self.steps_in[s.pair] - self._trifle[s.pair]
        moving = np.flatnonzero(s.source >= 0)
        sources = s.source[moving]
        net[moving] -= self.steps_in[sources] - self._trifle[sources]
        levels = self._levels(min(most, LONGEST), s, net)
        order = by_duty(s.into, a.n_duties)
        search = _Search(s, net, levels, order, pointers(s.into[order], a.n_duties))
        starts = np.flatnonzero(self.joins[s.pair] > 0)
        starts = starts[self.heads[s.into[starts]] < a.max_heads[s.into[starts]]]
        gain = net[starts] + (self.joins - self.steps_in)[s.pair[starts]]
        found = []
        for m in range(len(levels)):
            for row in search.first(starts, gain, m, looked):
                chain = self._counted(search.trace(row, m))
                if chain is not None and chain.moves <= most:
                    found.append(chain)
        found.sort(key=lambda c: (c.moves > 0, -_rate(c), c.moves, c.steps))
        return found

    def settle(self, stop: Callable[[], bool]) -> None:
        """Take all chains that win where nobody was told yet, many at a time."""
        while not stop():
            people: set[int] = set()
            duties: set[int] = set()
            come: list[int] = []
            gone: list[int] = []
            for chain in self.best(0, (8 * MANY, 1, MANY)):
                who, where = self._concerned(chain)
                if people & who or duties & where:
                    continue
                people, duties = people | who, duties | where
                come += [pair for pair, _ in chain.steps]
                gone += [source for _, source in chain.steps if source >= 0]
            if not come:
                return
            self.take(come, gone)

    def _concerned(self, chain: Chain) -> tuple[set[int], set[int]]:
        pairs = [p for step in chain.steps for p in step if p >= 0]
        return set(self.arrays.person[pairs].tolist()), set(self.arrays.duty[pairs].tolist())

    def better(self, most: int, stop: Callable[[], bool]) -> None:
        """Take chains until none wins any more, at most ``most`` people are moved, or ``stop`` says so."""
        allowed = most
        while not stop():
            people: set[int] = set()
            duties: set[int] = set()
            found = self.best(most)
            for chain in found:
                if min(1, chain.moves) != min(1, found[0].moves):
                    break
                if _rate(chain) < GOOD * _rate(found[0]):
                    break
                who, where = self._concerned(chain)
                if chain.moves > most or people & who or duties & where:
                    continue
                people, duties, most = people | who, duties | where, most - chain.moves
                self.take(*_come_and_gone(chain))
            if not people or (allowed and not most):
                return

    def _levels(self, most: int, s: _Steps, net: Floats) -> list[Floats]:
        """Per number of people moved: what it is worth, at best, that somebody steps in on a duty."""
        moving = s.source >= 0
        now = np.zeros(self.arrays.n_duties)
        np.maximum.at(now, s.into[~moving], net[~moving])
        called, moved = np.flatnonzero(moving & ~s.told), np.flatnonzero(s.told)
        called_net, called_into, called_left = net[called], s.into[called], s.left[called]
        moved_net, moved_into, moved_left = net[moved], s.into[moved], s.left[moved]
        levels: list[Floats] = []
        for m in range(most + 1):
            if m:
                now = levels[-1].copy()
                np.maximum.at(now, moved_into, moved_net + levels[-1][moved_left])
            for _ in range(PASSES):
                np.maximum.at(now, called_into, called_net + now[called_left])
            levels.append(now)
        return levels

    def _counted(self, steps: list[tuple[int, int]]) -> Chain | None:
        """The chain with its true gain; None where it names a person twice, or breaks a rule."""
        a = self.arrays
        pairs = [pair for pair, _ in steps]
        if len({int(a.person[p]) for p in pairs}) < len(pairs):
            return None
        if len(a.apart) and any(np.isin(row, pairs).all() for row in self._feuds(pairs)):
            return None
        gone = [source for _, source in steps if source >= 0]
        gain = self.gain(pairs, gone)
        moves = len({int(a.person[p]) for p in gone if self.told[p]})
        return None if gain is None or gain <= 0 else Chain(tuple(steps), gain, moves)

    def _feuds(self, pairs: list[int]) -> Ints:
        feuds = self.arrays.apart
        return feuds[np.isin(feuds, pairs).any(axis=1)]

    def gain(self, come: list[int], gone: list[int]) -> int | None:
        """Coverage won by seating some pairs and giving others up; None beyond the seats of a duty."""
        a = self.arrays
        change: dict[int, list[tuple[int, int]]] = {}
        for pairs, sign in ((come, 1), (gone, -1)):
            for pair in pairs:
                change.setdefault(int(a.duty[pair]), []).append((pair, sign))
        total = sum(sign * int(self._bonus[p]) for part in change.values() for p, sign in part)
        for duty, part in change.items():
            n = int(self.heads[duty])
            after = n + sum(sign for _, sign in part)
            if after > a.max_heads[duty]:
                return None
            total += self._lack(duty, n) - self._lack(duty, after)
            for need in range(self.need_ptr[duty], self.need_ptr[duty + 1]):
                have = int(self.have[need])
                then = have + sum(sign for pair, sign in part if self._answers(need, pair))
                want = int(a.need_count[need])
                total += int(a.need_weight[need]) * (max(0, want - have) - max(0, want - then))
        return total

    def _lack(self, duty: int, n: int) -> int:
        a = self.arrays
        low, wanted = int(a.min_heads[duty]), int(a.target[duty])
        missing = int(a.min_weight[duty]) * max(0, low - n)
        return missing + a.target_weight * max(0, wanted - max(n, low))

    def _answers(self, need: int, pair: int) -> bool:
        a = self.arrays
        mine = a.need_pairs[a.need_ptr[need] : a.need_ptr[need + 1]]
        at = int(np.searchsorted(mine, pair))
        return at < len(mine) and int(mine[at]) == pair

    def take(self, come: list[int], gone: list[int]) -> None:
        """Change the plan, and look again at the people and duties concerned."""
        a = self.arrays
        for pairs, sign in ((gone, -1), (come, 1)):
            self.chosen[pairs] = sign > 0
            for pair in pairs:
                duty = int(a.duty[pair])
                self.heads[duty] += sign
                for need in range(self.need_ptr[duty], self.need_ptr[duty + 1]):
                    self.have[need] += sign * self._answers(need, pair)
        people = np.unique(a.person[[*come, *gone]])
        foes = self._feuds([*come, *gone])
        people = np.union1d(people, a.person[foes.reshape(-1)])
        touched = np.zeros(a.n_people, np.bool_)
        touched[people] = True
        keep = ~touched[self._steps.person]
        self._steps = self._steps.changed(keep, self._steps_of(people))
        self._weigh(np.unique(a.duty[[*come, *gone]]))


def _rate(chain: Chain) -> float:
    """Coverage won per person moved."""
    return chain.gain / max(1, chain.moves)


def _come_and_gone(chain: Chain) -> tuple[list[int], list[int]]:
    """The pairs that a chain seats, and those it gives up."""
    return [pair for pair, _ in chain.steps], [source for _, source in chain.steps if source >= 0]


@dataclass(frozen=True, slots=True)
class _Search:
    """The table of steps of one search, from which chains are read back."""

    steps: _Steps
    net: Floats
    levels: list[Floats]
    order: Ints  # rows by duty stepped onto
    ptr: Ints

    def after(self, m: int, rows: Ints) -> Floats:
        """Per step: what happens behind it is worth, at best, when ``m`` people may be moved in all."""
        s = self.steps
        left = s.left[rows]
        before = self.levels[m - 1][left] if m else np.full(len(left), -np.inf)
        behind = np.where(s.told[rows], before, self.levels[m][left])
        return np.where(s.source[rows] >= 0, behind, 0.0)

    def first(self, starts: Ints, gain: Floats, m: int, looked: tuple[int, int, int]) -> list[int]:
        """The best first steps of chains of ``m`` people moved, a few for each duty."""
        value = gain + self.after(m, starts)
        hope = value > HALF
        rows, value = starts[hope], value[hope]
        sifted, alike, most = looked
        if len(rows) > sifted:
            some = np.argpartition(-value, sifted)[:sifted]
            rows, value = rows[some], value[some]
        rows = rows[np.lexsort((rows, -value))]
        taken: dict[int, int] = {}
        out = []
        for row, duty in zip(rows.tolist(), self.steps.into[rows].tolist(), strict=True):
            taken[duty] = taken.get(duty, 0) + 1
            if taken[duty] <= alike:
                out.append(row)
        return out[:most]

    def trace(self, row: int, m: int) -> list[tuple[int, int]]:
        """The steps of the chain that begins with this one."""
        s = self.steps
        out = [(int(s.pair[row]), int(s.source[row]))]
        people, duties = [int(s.person[row])], [int(s.into[row])]
        while s.source[row] >= 0 and len(out) <= LONGEST + 2 * PASSES:
            m -= int(s.told[row])
            duty = int(s.left[row])
            if self.levels[m][duty] <= HALF:
                break
            rows = self.order[self.ptr[duty] : self.ptr[duty + 1]]
            value = self.net[rows] + self.after(m, rows)
            duties.append(duty)
            # nobody twice, and round in no circle
            value[np.isin(s.person[rows], people)] = -np.inf
            value[(s.source[rows] >= 0) & np.isin(s.left[rows], duties)] = -np.inf
            best = int(np.argmax(value))
            if value[best] <= 0:
                break
            row = int(rows[best])
            people.append(int(s.person[row]))
            out.append((int(s.pair[row]), int(s.source[row])))
        return out
