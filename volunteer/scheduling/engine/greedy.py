"""A first sound plan at once: the dearest missing heads first, the scarcest duties first."""

from collections.abc import Callable

import numpy as np

from volunteer.scheduling.engine.arrays import Arrays, Bools, Floats, Ints
from volunteer.scheduling.engine.draft import Draft


def fill(draft: Draft, cancelled: Callable[[], bool] | None = None) -> None:
    """Fill open seats of a draft in place, most valuable seats first.

    People with few other chances and little served time go first.
    """
    a = draft.arrays
    score = _Scarcity(a)
    needs = _needs_by_duty(a)
    supply = np.diff(a.duty_ptr) / np.maximum(1, a.min_heads)
    order = np.lexsort((supply, -a.min_weight)).tolist()
    for goal in (a.min_heads, a.target):
        goal = np.minimum(goal, a.max_heads)
        for s in order:
            if cancelled is not None and cancelled():
                return
            _fill_duty(draft, s, int(goal[s] - draft.heads[s]), score, needs.get(s, ()))
    for s in order:
        for need in needs.get(s, ()):
            _answer_need(draft, s, need, score)


class _Scarcity:
    """Static worth of using a person now: few other duties, much free time, little served."""

    def __init__(self, a: Arrays) -> None:
        chances = np.diff(a.person_ptr)
        self._arrays = a
        self._rank = -chances / np.maximum(1, a.max_minutes) - 1e-5 * a.served

    def of(self, pairs: Ints, who: Ints) -> Floats:
        """The score of pairs, whose people are ``who``: higher is taken first."""
        return np.asarray(self._rank[who] - 1e-7 * self._arrays.people_cost[pairs], np.float64)


_Need = tuple[Ints, int, int]


def _needs_by_duty(a: Arrays) -> dict[int, list[_Need]]:
    needs: dict[int, list[_Need]] = {}
    for i, s in enumerate(a.need_duty.tolist()):
        pairs = a.need_pairs[a.need_ptr[i] : a.need_ptr[i + 1]]
        needs.setdefault(s, []).append((pairs, int(a.need_count[i]), int(a.need_weight[i])))
    return needs


def _fill_duty(
    draft: Draft, duty: int, wanted: int, score: _Scarcity, needs: list[_Need] | tuple[()]
) -> None:
    """Seat up to ``wanted`` people, those first who answer most of what is still needed."""
    if wanted <= 0:
        return
    free, who = draft.open_pairs(duty)
    if not len(free):
        return
    answers = [_member(draft, free, n[0]) for n in needs]
    missing = [_missing(draft, duty, n) for n in needs]
    rank = score.of(free, who)
    span = float(np.ptp(rank)) + 1e-9
    while wanted > 0:
        if not any(lack > 0 for lack in missing):
            _seat_best(draft, free, rank, wanted)
            return
        bonus = rank.copy()
        for answer, lack, need in zip(answers, missing, needs, strict=True):
            if lack > 0:
                bonus += (1 + need[2]) * span * answer
        best = int(np.argmax(bonus))
        if not np.isfinite(rank[best]):
            return
        rank[best] = -np.inf
        pair = int(free[best])
        if draft.feuding(pair) and not draft.is_open(pair):
            continue
        draft.seat(pair)
        wanted -= 1
        missing = [m - int(answer[best]) for m, answer in zip(missing, answers, strict=True)]


def _seat_best(draft: Draft, free: Ints, rank: Floats, wanted: int) -> None:
    """Seat the ``wanted`` of highest rank, the first of equals first."""
    most = min(len(free), wanted + 8)
    top = np.flatnonzero(rank >= np.partition(rank, -most)[-most])
    top = top[np.argsort(-rank[top], kind="stable")]
    if len(top) < len(free) and any(draft.feuding(pair) for pair in free[top].tolist()):
        top = np.argsort(-rank, kind="stable")
    for at in top[np.isfinite(rank[top])].tolist():
        if wanted <= 0:
            return
        pair = int(free[at])
        if draft.feuding(pair) and not draft.is_open(pair):
            continue
        draft.seat(pair)
        wanted -= 1


def _member(draft: Draft, values: Ints, pool: Ints) -> Bools:
    """Which of these pairs are in the pool."""
    draft.flags[pool] = True
    answer = draft.flags[values]
    draft.flags[pool] = False
    return answer


def _missing(draft: Draft, duty: int, need: _Need) -> int:
    """How many people the need still lacks."""
    return need[1] - (int(draft.chosen[need[0]].sum()) if draft.heads[duty] else 0)


def _answer_need(draft: Draft, duty: int, need: _Need, score: _Scarcity) -> None:
    """Seat people above the target, where seats are left, to answer a need still open."""
    missing = _missing(draft, duty, need)
    if missing <= 0:
        return
    free, who = draft.open_pairs(duty)
    mine = _member(draft, free, need[0])
    free, who = free[mine], who[mine]
    for pair in free[np.argsort(-score.of(free, who), kind="stable")].tolist():
        room = draft.heads[duty] < draft.arrays.max_heads[duty]
        if missing > 0 and room and draft.is_open(pair):
            draft.seat(pair)
            missing -= 1


def first_plan(arrays: Arrays, cancelled: Callable[[], bool] | None = None) -> Draft:
    """Pins and kept published pairs first, then the rest by :func:`fill`."""
    draft = Draft(arrays)
    for pair in np.flatnonzero(arrays.pinned).tolist():
        draft.seat(pair)
    if arrays.dropped_weight:
        for pair in np.flatnonzero(arrays.published & ~arrays.pinned).tolist():
            room = draft.heads[arrays.duty[pair]] < arrays.max_heads[arrays.duty[pair]]
            if room and draft.is_open(pair):
                draft.seat(pair)
    fill(draft, cancelled=cancelled)
    return draft


def refill(arrays: Arrays, chosen: Bools, cancelled: Callable[[], bool] | None = None) -> Bools:
    """A sound plan with open seats filled."""
    draft = Draft(arrays)
    draft.load(chosen)
    fill(draft, cancelled=cancelled)
    return draft.chosen
