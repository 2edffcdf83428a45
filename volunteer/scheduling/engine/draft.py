"""A plan under construction: pairs are seated and unseated one by one, always within the hard rules."""

import numpy as np

from volunteer.scheduling.engine.arrays import Arrays, Bools, Floats, Ints


class Draft:
    """A sound set of chosen pairs, with the pairs that it shuts out (``blocked`` counts the reasons).

    The pairs of one person that clash with a seat taken are blocked by count, so that a seat can be
    given up again. Caps of hours and days are tested when asked, by :meth:`open_pairs`.
    """

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        self.chosen: Bools = np.zeros(arrays.n_pairs, np.bool_)
        self.blocked: Ints = np.zeros(arrays.n_pairs, np.int64)
        self.heads: Ints = np.zeros(arrays.n_duties, np.int64)
        self.left: Ints = arrays.max_minutes.copy()
        days, self._day = np.unique(arrays.day, return_inverse=True)
        self.on_day: Ints = np.zeros((arrays.n_people, max(1, len(days))), np.int64)
        self._apart: dict[int, list[int]] = {}
        for a, b in arrays.apart.tolist():
            self._apart.setdefault(a, []).append(b)
            self._apart.setdefault(b, []).append(a)

    def seat(self, pair: int) -> None:
        """Take a seat. The caller has made sure that it is open."""
        self._turn(pair, 1)

    def unseat(self, pair: int) -> None:
        """Give a seat up."""
        self._turn(pair, -1)

    def _turn(self, pair: int, sign: int) -> None:
        a = self.arrays
        v, s = int(a.person[pair]), int(a.duty[pair])
        self.chosen[pair] = sign > 0
        self.heads[s] += sign
        self.left[v] -= sign * int(a.minutes[s])
        self.on_day[v, self._day[s]] += sign
        lo, hi = a.person_ptr[v], a.person_ptr[v + 1]
        self.blocked[lo:hi] += sign * a.conflict[s, a.duty[lo:hi]]
        for other in self._apart.get(pair, ()):
            self.blocked[other] += sign

    def feuding(self, pair: int) -> bool:
        """Whether somebody exists who may not stand beside this person on this duty."""
        return pair in self._apart

    def open_mask(self, pairs: Ints) -> Bools:
        """Which of these pairs could be seated now, seats of the duty aside."""
        a = self.arrays
        v, s = a.person[pairs], a.duty[pairs]
        mask = (self.blocked[pairs] == 0) & ~self.chosen[pairs]
        mask &= a.minutes[s] <= self.left[v]
        mask &= self.on_day[v, self._day[s]] < a.day_room[pairs]
        return np.asarray(mask, np.bool_)

    def open_pairs(self, duty: int) -> Ints:
        """Pairs of a duty that could be seated now; empty when its seats are full."""
        a = self.arrays
        if self.heads[duty] >= a.max_heads[duty]:
            return np.zeros(0, np.int64)
        pairs = a.duty_pairs[a.duty_ptr[duty] : a.duty_ptr[duty + 1]]
        return pairs[self.open_mask(pairs)]

    def load(self, chosen: Bools) -> None:
        """Take over a sound set of pairs."""
        for pair in np.flatnonzero(chosen & ~self.chosen).tolist():
            self.seat(pair)


def drop_clashes(arrays: Arrays, chosen: Bools, worth: Floats | None = None) -> Bools:
    """A sound subset of any set of pairs: seated by falling worth, what no longer fits left out."""
    draft = Draft(arrays)
    picks = np.flatnonzero(chosen)
    if worth is not None:
        picks = picks[np.argsort(-worth[picks], kind="stable")]
    order = np.concatenate((picks[arrays.pinned[picks]], picks[~arrays.pinned[picks]]))
    for pair in order.tolist():
        one = np.array([pair])
        room = draft.heads[arrays.duty[pair]] < arrays.max_heads[arrays.duty[pair]]
        if room and draft.open_mask(one)[0]:
            draft.seat(pair)
    return draft.chosen
