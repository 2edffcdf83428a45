"""A plan under construction: pairs are seated and unseated one by one, always within the hard rules."""

import numpy as np

from volunteer.scheduling.engine.arrays import Arrays, Bools, Floats, Ints


class Draft:
    """A sound set of chosen pairs, and who could still be seated.

    Everything is kept by person and asked duty by duty: what is looked up again and again fits into
    the processor's cache, whatever the number of pairs.
    """

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        self.chosen: Bools = np.zeros(arrays.n_pairs, np.bool_)
        self.heads: Ints = np.zeros(arrays.n_duties, np.int64)
        self.flags: Bools = np.zeros(arrays.n_pairs, np.bool_)  # scratch: all False between uses
        self._left = arrays.max_minutes.copy()
        self._seats = np.full(
            (1, arrays.n_people), -1, np.int64
        )  # duties of each person, from above
        self._count = np.zeros(arrays.n_people, np.int64)
        self._who = arrays.person[arrays.duty_pairs]
        self._apart: dict[int, list[int]] = {}
        for a, b in arrays.apart.tolist():
            self._apart.setdefault(a, []).append(b)
            self._apart.setdefault(b, []).append(a)
        self._feuders: dict[int, list[int]] = {}  # seated pairs with foes, by duty

    def seat(self, pair: int) -> None:
        """Take a seat. The caller has made sure that it is open."""
        v, s = int(self.arrays.person[pair]), int(self.arrays.duty[pair])
        k = int(self._count[v])
        self._room_for(k + 1)
        self._seats[k, v] = s
        self._count[v] = k + 1
        self.chosen[pair] = True
        self.heads[s] += 1
        self._left[v] -= self.arrays.minutes[s]
        if pair in self._apart:
            self._feuders.setdefault(s, []).append(pair)

    def _room_for(self, most: int) -> None:
        while len(self._seats) < most:
            none = np.full((len(self._seats), self.arrays.n_people), -1, np.int64)
            self._seats = np.concatenate((self._seats, none))

    def feuding(self, pair: int) -> bool:
        """Whether somebody exists who may not stand beside this person on this duty."""
        return pair in self._apart

    def is_open(self, pair: int) -> bool:
        """Whether the pair could be seated now, seats of the duty aside."""
        s = int(self.arrays.duty[pair])
        who = self.arrays.person[pair : pair + 1]
        return len(self._free(s, np.array([pair]), who)[0]) > 0

    def open_pairs(self, duty: int) -> tuple[Ints, Ints]:
        """Pairs of a duty that could be seated now, and their people; none when its seats are full."""
        a = self.arrays
        if self.heads[duty] >= a.max_heads[duty]:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        mine = slice(int(a.duty_ptr[duty]), int(a.duty_ptr[duty + 1]))
        return self._free(duty, a.duty_pairs[mine], self._who[mine])

    def _free(self, duty: int, pairs: Ints, who: Ints) -> tuple[Ints, Ints]:
        """Those of these pairs of one duty whose people have the hours and nothing in the way."""
        a = self.arrays
        free = self._left[who] >= a.minutes[duty]
        pairs, who = pairs[free], who[free]
        busy = np.flatnonzero(self._count[who])
        if len(busy):
            shut = a.conflict[duty].copy()
            shut[duty] = True
            free = np.ones(len(who), np.bool_)
            free[busy] = ~self._hindered(duty, pairs[busy], who[busy], shut)
            pairs, who = pairs[free], who[free]
        foes = [foe for pair in self._feuders.get(duty, ()) for foe in self._apart[pair]]
        if foes:
            free = ~np.isin(pairs, foes)
            pairs, who = pairs[free], who[free]
        return pairs, who

    def _hindered(self, duty: int, pairs: Ints, who: Ints, shut: Bools) -> Bools:
        """Whether a seat or the number of seats on the day is in the way, for people who have seats."""
        a = self.arrays
        on_day = np.zeros(len(who), np.int64)
        hindered = np.zeros(len(who), np.bool_)
        for k in range(int(self._count[who].max())):
            other = self._seats[k][who]
            there = other >= 0
            hindered |= there & shut[other]
            on_day += there & (a.day[other] == a.day[duty])
        return np.asarray(hindered | (on_day >= a.day_room[pairs]), np.bool_)

    def load(self, chosen: Bools) -> None:
        """Take over a sound set of pairs; the draft must be empty."""
        a = self.arrays
        picks = np.flatnonzero(chosen)
        who, where = a.person[picks], a.duty[picks]
        self.chosen = chosen.copy()
        self.heads += np.bincount(where, minlength=a.n_duties)
        np.subtract.at(self._left, who, a.minutes[where])
        self._count += np.bincount(who, minlength=a.n_people)
        rank = np.arange(len(who)) - np.searchsorted(who, who)
        self._room_for(int(self._count.max(initial=0)))
        self._seats[rank, who] = where
        for pair in picks[np.isin(picks, a.apart)].tolist():
            self._feuders.setdefault(int(a.duty[pair]), []).append(pair)


def drop_clashes(arrays: Arrays, chosen: Bools, worth: Floats | None = None) -> Bools:
    """A sound subset of any set of pairs: seated by falling worth, what no longer fits left out."""
    draft = Draft(arrays)
    picks = np.flatnonzero(chosen)
    if worth is not None:
        picks = picks[np.argsort(-worth[picks], kind="stable")]
    order = np.concatenate((picks[arrays.pinned[picks]], picks[~arrays.pinned[picks]]))
    for pair in order.tolist():
        room = draft.heads[arrays.duty[pair]] < arrays.max_heads[arrays.duty[pair]]
        if room and draft.is_open(pair):
            draft.seat(pair)
    return draft.chosen
