"""The sets of duties known so far, each once."""

import numpy as np

from volunteer.scheduling.engine.arrays import Arrays, Bools, Floats, Ints, pointers
from volunteer.scheduling.engine.pricing import Sets


class Pool:
    """Sets of duties in the order in which they came: row i is column i of a program."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        mixer = np.random.default_rng(20260302)
        self._mark = mixer.integers(1, 1 << 62, arrays.n_pairs, dtype=np.int64)
        self._seen: set[int] = set()
        self._chunks: list[Sets] = []
        self.count = 0

    def add(self, sets: Sets) -> Sets:
        """Take in what is new; return it."""
        keys = (self._mark[sets.pairs].sum(axis=1)).tolist()
        fresh = []
        for i, key in enumerate(keys):
            if key not in self._seen:
                self._seen.add(key)
                fresh.append(i)
        new = Sets(sets.person[fresh], sets.pairs[fresh], sets.worth[fresh])
        if fresh:
            self._chunks.append(new)
            self.count += len(fresh)
        return new

    def chunks(self) -> list[Sets]:
        """All sets, in groups of one size, in column order."""
        return self._chunks

    def rows(self) -> tuple[Ints, Ints]:
        """(column, pair) of every pair in every set."""
        cols, pairs, first = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], 0
        for s in self._chunks:
            n, k = s.pairs.shape
            cols.append(np.repeat(np.arange(first, first + n), k))
            pairs.append(s.pairs.reshape(-1))
            first += n
        return np.concatenate(cols), np.concatenate(pairs)

    def people(self) -> Ints:
        """Person by column."""
        return np.concatenate([np.zeros(0, np.int64), *(s.person for s in self._chunks)])

    def chosen(self, taken: Bools) -> Bools:
        """The pairs of the taken columns."""
        cols, pairs = self.rows()
        answer = np.zeros(self.arrays.n_pairs, np.bool_)
        answer[pairs[taken[cols]]] = True
        return answer


def sets_of(arrays: Arrays, chosen: Bools) -> list[Sets]:
    """The sets of a plan, one per person who serves, grouped by size."""
    picks = np.flatnonzero(chosen)
    person = arrays.person[picks]
    ptr = pointers(person, arrays.n_people)
    size = np.diff(ptr)
    groups = []
    for k in np.unique(size[size > 0]).tolist():
        who = np.flatnonzero(size == k)
        rows = ptr[who][:, None] + np.arange(k)[None, :]
        groups.append(Sets(who, picks[rows], np.zeros(len(who))))
    return groups


def reduced(pool: Pool, worth: Floats, hours: Floats, rent: Floats) -> Floats:
    """Value above the person's rent, by column (<= 0 once nothing can improve)."""
    cols, pairs = pool.rows()
    total = np.bincount(cols, worth[pairs], minlength=pool.count)
    return np.asarray(total - hours - rent[pool.people()])


def hours_by_column(pool: Pool) -> Ints:
    """Minutes of every set."""
    cols, pairs = pool.rows()
    minutes = pool.arrays.minutes[pool.arrays.duty[pairs]]
    return np.bincount(cols, minutes, minlength=pool.count).astype(np.int64)
