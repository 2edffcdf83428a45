"""The best sets of duties of every person at given prices: exact, for all people at once.

A set of duties is built in order of time. A partial set is a *label*: its last pair, its worth, its
minutes, its duties on the last day. One step extends every label by every later pair that fits; it
is enough to look at the last duty, because travel times obey the triangle inequality and rest is
longer than no rest. A label is dropped when even the densest pairs left could not lift it above
what is looked for. So near the optimal prices hardly any label lives, and pricing a whole city
takes milliseconds.
"""

from dataclasses import dataclass

import numpy as np

from volunteer.scheduling.engine.arrays import Arrays, Floats, Ints, quarters

EPS = 1e-6  # below it, a gain is not looked for; every bound pays it
PLENTY = 200_000  # labels of one step that need no cap
CROWD = 30_000  # pairs looked at together
MOST = 20_000_000  # extensions of one step without a cap


@dataclass(frozen=True, slots=True)
class Burden:
    """What hours cost a person: weight * ((s+q)^2 - s^2) + per_quarter[person] * q.

    q are the quarter-hours added. ``smooth`` people count minutes/15 instead of begun quarters
    (never more than the true cost, and safe to add up over copies of the same person).
    """

    weight: int
    per_quarter: Floats
    smooth: np.ndarray

    def of(self, arrays: Arrays, person: Ints, minutes: Ints) -> Floats:
        """Cost of so many minutes, by row."""
        begun = quarters(arrays.spent[person])
        s = arrays.served[person] + begun
        q = (quarters(arrays.spent[person] + minutes) - begun).astype(np.float64)
        exact = self.weight * (2 * s + q) * q + self.per_quarter[person] * q
        if not self.smooth.any():
            return np.asarray(exact)
        m = minutes / 15.0
        lower = self.weight * (2 * s + m) * m + self.per_quarter[person] * m
        lower = np.floor(lower * 1024) / 1024
        lower[arrays.spent[person] % 15 != 0] = 0.0  # begun quarters of what is spent may be shared
        return np.where(self.smooth[person], lower, exact)

    def slope(self, arrays: Arrays, person: Ints, minutes: Ints) -> Floats:
        """Least cost of one more minute from here on, by row."""
        total = arrays.served[person] + (arrays.spent[person] + minutes) / 15.0
        slope = (2 * self.weight * total + self.per_quarter[person]) / 15.0
        slope[self.smooth[person] & (arrays.spent[person] % 15 != 0)] = 0.0
        return np.asarray(slope)


@dataclass(frozen=True, slots=True)
class Sets:
    """Sets of one size: people and a (rows x size) matrix of their pairs."""

    person: Ints
    pairs: Ints
    worth: Floats


@dataclass(slots=True)
class _Labels:
    at: Ints  # position among the candidates
    linear: Floats
    minutes: Ints
    on_day: Ints
    parent: Ints

    def __getitem__(self, rows: np.ndarray) -> "_Labels":
        return _Labels(
            self.at[rows],
            self.linear[rows],
            self.minutes[rows],
            self.on_day[rows],
            self.parent[rows],
        )


class Pricer:
    """Prices all people of some arrays; holds the pairs in order of person and time."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = a = arrays
        self._order = np.lexsort((a.duty, a.minutes[a.duty], a.start[a.duty], a.person))
        self.complete = True
        self.every = False  # True: find all sets above the bar, not only the best of every kind
        self.plenty = PLENTY
        self.least = EPS  # pairs worth no more are left out: they make no set better, only longer

    def best(
        self, worth: Floats, burden: Burden, above: Floats, many: int = 2, cap: int = 0
    ) -> tuple[Floats, list[Sets]]:
        """Best value per person (at least ``above``), and up to ``many`` sets of each size above it.

        ``cap`` limits the labels per person and step; when it cut something, ``complete`` is False
        afterwards and the values are only lower bounds on the best.
        """
        self.complete = True
        c = _Candidates(self.arrays, self._order, worth, self.least)
        best = above.copy()
        found: list[Sets] = []
        labels = c.singles()
        history: list[_Labels] = []
        while len(labels.at):
            history.append(labels)
            v = c.person[labels.at]
            value = labels.linear - burden.of(self.arrays, v, labels.minutes)
            np.maximum.at(best, v, value)
            self._collect(c, history, value, above, (many, found))
            labels = self._extend(c, labels, burden, above, cap)
        return best, found

    def tops(self, worth: Floats, burden: Burden) -> Floats:
        """Best value per person, at least 0: some people at a time, each time a rough search first.

        What the rough search finds lets the full one end early, and memory stays small.
        """
        a, answer, complete = self.arrays, np.zeros(self.arrays.n_people), True
        pays = np.flatnonzero(worth > self.least)
        cuts = np.flatnonzero(np.diff(a.person[pays])) + 1  # where the next person begins
        marks = np.arange(CROWD, len(pays), CROWD)
        ends = cuts[np.minimum(np.searchsorted(cuts, marks), len(cuts) - 1)] if len(cuts) else cuts
        nothing = np.zeros(a.n_people)
        for some in np.split(pays, np.unique(ends)):
            part = np.zeros(a.n_pairs)
            part[some] = worth[some]
            rough, _ = self.best(part, burden, nothing, many=1, cap=8)
            best, _ = self.best(part, burden, rough, many=1)
            complete &= self.complete
            answer = np.maximum(answer, best)
        self.complete = complete
        return answer

    def _collect(
        self,
        c: "_Candidates",
        history: list[_Labels],
        value: Floats,
        above: Floats,
        into: tuple[int, list[Sets]],
    ) -> None:
        many, found = into
        v = c.person[history[-1].at]
        good = np.flatnonzero(value > above[v] + EPS)
        if not len(good):
            return
        good = good[_ranks(v[good], -value[good], many)]
        rows, columns = good, []
        for labels in reversed(history):
            columns.append(c.pair[labels.at[rows]])
            rows = labels.parent[rows]
        found.append(Sets(v[good], np.stack(columns, axis=1), value[good]))

    def _extend(
        self, c: "_Candidates", labels: _Labels, burden: Burden, above: Floats, cap: int
    ) -> _Labels:
        a = self.arrays
        keep = c.hopeful(labels, burden, above, c.next_density[labels.at])
        count = c.end[labels.at] - labels.at - 1
        keep &= count > 0
        rows = self._within(c, labels, np.flatnonzero(keep), count, cap)
        count = count[rows]
        total = int(count.sum())
        source = np.repeat(rows, count)
        step = np.arange(total) - np.repeat(np.cumsum(count) - count, count)
        j = step + labels.at[source] + 1
        i = labels.at[source]
        fits = labels.minutes[source] + c.minutes[j] <= a.max_minutes[c.person[j]]
        source, i, j = source[fits], i[fits], j[fits]
        fits = ~a.conflict[c.duty[i], c.duty[j]]
        source, i, j = source[fits], i[fits], j[fits]
        on_day = np.where(c.day[i] == c.day[j], labels.on_day[source] + 1, 1)
        fits = on_day <= c.room[j]
        source, j, on_day = source[fits], j[fits], on_day[fits]
        grown = _Labels(
            j,
            labels.linear[source] + c.worth[j],
            labels.minutes[source] + c.minutes[j],
            on_day,
            source,
        )
        value = grown.linear - burden.of(a, c.person[j], grown.minutes)
        grown = grown[
            c.hopeful(grown, burden, above, c.next_density[j]) | (value > above[c.person[j]] + EPS)
        ]
        if not self.every:
            grown = grown[_undominated(grown)]
        if cap and len(grown.at) > self.plenty:
            grown = grown[self._within(c, grown, np.arange(len(grown.at)), None, cap)]
        return grown

    def _within(
        self, c: "_Candidates", labels: _Labels, rows: Ints, count: Ints | None, cap: int
    ) -> Ints:
        """The most hopeful rows: ``cap`` per person, and no more extensions than memory allows."""
        v = c.person[labels.at[rows]]
        total = len(rows) if count is None else int(count[rows].sum())
        if total <= (self.plenty if cap else MOST):
            return rows
        left = self.arrays.max_minutes[v] - labels.minutes[rows]
        hope = labels.linear[rows] + left * c.next_density[labels.at[rows]]
        most = cap or 50
        chosen = np.sort(rows[_ranks(v, -hope, most)])
        self.complete &= len(chosen) == len(rows)
        return chosen


def _undominated(labels: _Labels) -> Ints:
    """Of labels with the same last pair, minutes and duties on the day: the one worth most."""
    if len(labels.at) < 2:
        return np.arange(len(labels.at))
    key = (labels.at * (int(labels.minutes.max()) + 1) + labels.minutes) * 4096
    key += np.minimum(labels.on_day, 4095)
    order = np.lexsort((-labels.linear, key))
    first = np.ones(len(order), np.bool_)
    first[1:] = np.diff(key[order]) != 0
    return np.sort(order[first])


def _ranks(group: Ints, key: Floats, most: int) -> Ints:
    """Rows of the ``most`` smallest keys of every group."""
    order = np.lexsort((key, group))
    g = group[order]
    rank = np.arange(len(g)) - np.searchsorted(g, g)
    return np.asarray(order[rank < most], np.int64)


class _Candidates:
    """The pairs worth more than ``least`` at these prices, in order of person and time."""

    def __init__(self, a: Arrays, order: Ints, worth: Floats, least: float) -> None:
        self.arrays = a
        self.pair = order[worth[order] > least]
        self.person = a.person[self.pair]
        self.duty = a.duty[self.pair]
        self.minutes = a.minutes[self.duty]
        self.worth = worth[self.pair]
        self.day = a.day[self.duty]
        self.room = a.day_room[self.pair]
        self.end = np.searchsorted(self.person, self.person, side="right")
        self.next_density = self._later()

    def _later(self) -> Floats:
        """Highest worth per minute among the later candidates of the same person."""
        n = len(self.pair)
        if not n:
            return np.zeros(0)
        density = self.worth / self.minutes
        lift = (self.arrays.n_people - self.person[::-1]) * (density.max() + 1)
        running = (np.maximum.accumulate(density[::-1] + lift) - lift)[::-1]
        later = np.append(running[1:], 0.0)
        later[self.end == np.arange(n) + 1] = 0.0
        return np.asarray(later * (1 + 1e-13))

    def singles(self) -> _Labels:
        """One label per candidate."""
        n = len(self.pair)
        return _Labels(
            np.arange(n),
            self.worth.copy(),
            self.minutes.copy(),
            np.ones(n, np.int64),
            np.full(n, -1),
        )

    def hopeful(
        self, labels: _Labels, burden: Burden, above: Floats, density: Floats
    ) -> np.ndarray:
        """Which labels could still rise above what is looked for by adding later pairs."""
        a = self.arrays
        v = self.person[labels.at]
        left = a.max_minutes[v] - labels.minutes
        total = (a.spent[v] + labels.minutes) / 15.0
        base = a.served[v] + quarters(a.spent[v])
        # real-valued hours never cost more than begun quarters, and cost more the more there are
        floor = burden.weight * ((a.served[v] + total) ** 2 - base.astype(np.float64) ** 2)
        floor += burden.per_quarter[v] * (total - quarters(a.spent[v]))
        if burden.smooth.any():
            floor = np.minimum(floor, burden.of(a, v, labels.minutes))
        gain = np.maximum(0.0, density - burden.slope(a, v, labels.minutes))
        ceiling = labels.linear - floor + left * gain
        return np.asarray(ceiling > above[v] + EPS)
