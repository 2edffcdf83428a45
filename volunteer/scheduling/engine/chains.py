"""Chains of moves: how one more head reaches a duty where nobody is free.

A *step* seats a person on a duty, out of nowhere or from one seat given up. A chain is a step onto a
duty that gains by it, then a step onto the seat given up, and so on, until somebody free steps in or
the last seat is left empty at its price. The best value of "somebody steps in here" is worked out for
all duties at once, for 0, 1, 2 ... people moved; it takes every duty of the chain as it stands now, so
the chains it names are counted again, exactly, before one is taken.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from volunteer.scheduling.engine.arrays import Arrays, Bools, Floats, Ints, quarters
from volunteer.scheduling.engine.carve import spread
from volunteer.scheduling.engine.steps import FREE, MOVED, Search, Steps, Table, facing_foe

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
        self._keeps = np.zeros(a.n_duties, np.bool_)  # duties with a bonus
        self._keeps[a.duty[self._bonus > 0]] = True
        self._trifle = self._people_costs()
        self.joins = np.zeros(a.n_pairs, np.int64)  # won by one more head now
        self.steps_in = np.zeros(a.n_pairs, np.int64)  # won after somebody left; lost by leaving
        self._gains = np.zeros(a.n_duties, np.bool_)  # by one more head, if it is the right one
        self._worth = np.zeros(a.n_pairs)  # of stepping in, less the trifle
        self._weigh(np.arange(a.n_duties))
        self._table = Table(a, told, self.chosen, self._worth)

    def _people_costs(self) -> Floats:
        """A trifle for the second tier, well below one point of coverage."""
        a = self.arrays
        q = quarters(a.minutes)[a.duty]
        cost = a.served[a.person] * 2
        cost += q
        cost *= q
        cost *= a.fairness_weight
        cost += a.people_cost
        return np.asarray(cost * (0.01 / max(1, int(cost.max(initial=1)))))

    def _weigh(self, duties: Ints) -> None:
        """What the pairs of these duties are worth as the plan stands."""
        a = self.arrays
        grows, shrinks = self._head_worth()
        self._gains[duties] = (grows[duties] > 0) | self._keeps[duties]
        pairs: Ints | slice
        if len(duties) == a.n_duties:
            pairs, where = slice(None), a.duty
        else:
            pairs = a.duty_pairs[spread(a.duty_ptr, duties)[0]]
            where = a.duty[pairs]
        self.joins[pairs] = grows[where] + self._bonus[pairs]
        self.steps_in[pairs] = shrinks[where] + self._bonus[pairs]
        needs, _ = spread(self.need_ptr, duties)
        for worth, open_by in ((self.steps_in, 0), (self.joins, 1)):
            wanted = needs[self.have[needs] + open_by <= a.need_count[needs]]
            at, row = spread(a.need_ptr, wanted)
            np.add.at(worth, a.need_pairs[at], a.need_weight[wanted][row])
        self._gains[a.need_duty[needs[self.have[needs] < a.need_count[needs]]]] = True
        self._worth[pairs] = self.steps_in[pairs] - self._trifle[pairs]

    def _head_worth(self) -> tuple[Ints, Ints]:
        a, n = self.arrays, self.heads
        grows = np.where(n < a.min_heads, a.min_weight, 0)
        grows = np.where((n >= a.min_heads) & (n < a.target), a.target_weight, grows)
        shrinks = np.where(n <= a.min_heads, a.min_weight, 0)
        shrinks = np.where((n > a.min_heads) & (n <= a.target), a.target_weight, shrinks)
        return grows.astype(np.int64), np.where(n > 0, shrinks, 0).astype(np.int64)

    def facing_foe(self, pairs: Ints) -> Bools:
        """Which of these pairs stand against somebody who is seated on the duty."""
        return facing_foe(self.arrays, self.chosen, pairs)

    def best(
        self, most: int, looked: tuple[int, int, int] = (SIFTED, ALIKE, LOOKED_AT)
    ) -> list[Chain]:
        """Chains that win, of at most so many people moved, the best per person moved first.

        Those that move nobody come before all others. They are counted as the plan stands: taking one
        may change what another is worth where they share a person or a duty.
        """
        a = self.arrays
        search = Search(self._table.lists, a.n_duties, min(most, LONGEST), PASSES)
        starts = self._starts()
        found = []
        for m in range(len(search.levels)):
            for steps, row in _first(search, starts, m, looked):
                chain = self._counted(self._traced(search, steps, row, m))
                if chain is not None and chain.moves <= most:
                    found.append(chain)
        found.sort(key=lambda c: (c.moves > 0, -_rate(c), c.moves, c.steps))
        return found

    def _starts(self) -> list[tuple[Steps, Ints, Floats]]:
        """Steps that may begin a chain, by list, with what each wins by itself."""
        a = self.arrays
        duties = np.flatnonzero(self._gains & (self.heads < a.max_heads))
        out = []
        for steps in self._table.lists:
            rows, _ = spread(steps.ptr, duties)
            pair = steps.pair[rows]
            joins = self.joins[pair]
            wins = (joins > 0) & (steps.net[rows] > -np.inf)
            rows, pair = rows[wins], pair[wins]
            out.append((steps, rows, steps.net[rows] + (joins[wins] - self.steps_in[pair])))
        return out

    def _traced(self, search: Search, steps: Steps, row: int, m: int) -> list[tuple[int, int]]:
        """The steps of the chain that begins with this one."""
        out = [(int(steps.pair[row]), int(steps.source[row]))]
        people, duties = [int(steps.person[row])], [int(steps.into[row])]
        while steps.kind != FREE and len(out) <= LONGEST + 2 * PASSES:
            m -= int(steps.kind == MOVED)
            duty = int(steps.left[row])
            if search.levels[m][duty] <= HALF:
                break
            duties.append(duty)
            step = search.best_onto(duty, m, people, duties)
            if step is None:
                break
            steps, row = step
            people.append(int(steps.person[row]))
            out.append((int(steps.pair[row]), int(steps.source[row])))
        return out

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
        duties = np.unique(a.duty[[*come, *gone]])
        self._weigh(duties)
        self._table.renew(people, duties, self.chosen, self._worth)


def _rate(chain: Chain) -> float:
    """Coverage won per person moved."""
    return chain.gain / max(1, chain.moves)


def _come_and_gone(chain: Chain) -> tuple[list[int], list[int]]:
    """The pairs that a chain seats, and those it gives up."""
    return [pair for pair, _ in chain.steps], [source for _, source in chain.steps if source >= 0]


def _first(
    search: Search,
    starts: list[tuple[Steps, Ints, Floats]],
    m: int,
    looked: tuple[int, int, int],
) -> list[tuple[Steps, int]]:
    """The best first steps of chains of ``m`` people moved, a few for each duty."""
    sifted, alike, most = looked
    values, rows, lists = [], [], []
    for k, (steps, mine, gain) in enumerate(starts):
        value = gain + search.behind(steps, m, mine)
        hope = np.flatnonzero(value > HALF)
        values.append(value[hope])
        rows.append(mine[hope])
        lists.append(np.full(len(hope), k))
    value, row, which = np.concatenate(values), np.concatenate(rows), np.concatenate(lists)
    if len(value) > sifted:
        some = np.argpartition(-value, sifted)[:sifted]
        value, row, which = value[some], row[some], which[some]
    taken: dict[int, int] = {}
    out = []
    for at in np.lexsort((row, which, -value)).tolist():
        steps = starts[which[at]][0]
        duty = int(steps.into[row[at]])
        taken[duty] = taken.get(duty, 0) + 1
        if taken[duty] <= alike:
            out.append((steps, int(row[at])))
    return out[:most]
