"""A first sound plan at once: the dearest missing heads first, the scarcest duties first."""

from collections.abc import Callable

import numpy as np

from volunteer.scheduling.engine.arrays import Arrays, Bools, Floats, Ints
from volunteer.scheduling.engine.draft import Draft


def fill(
    draft: Draft, guide: Floats | None = None, cancelled: Callable[[], bool] | None = None
) -> None:
    """Fill open seats of a draft in place, most valuable seats first.

    ``guide`` is a score per pair (higher is taken first), for example the values of a relaxed
    solution; without one, people with few other chances and little served time go first.
    """
    a = draft.arrays
    score = _scarcity(a) if guide is None else guide
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
        for pairs, count, _ in needs.get(s, ()):
            _answer_need(draft, s, pairs, count, score)


def _scarcity(a: Arrays) -> Floats:
    """Static worth of using a person now: few other duties, much free time, little served."""
    chances = np.diff(a.person_ptr)
    hours = np.maximum(1, a.max_minutes)
    rank = -chances / hours - 1e-5 * a.served
    taste = -1e-7 * a.people_cost
    return np.asarray(rank[a.person] + taste, np.float64)


_Need = tuple[Ints, int, int]


def _needs_by_duty(a: Arrays) -> dict[int, list[_Need]]:
    needs: dict[int, list[_Need]] = {}
    for i, s in enumerate(a.need_duty.tolist()):
        pairs = np.sort(a.need_pairs[a.need_ptr[i] : a.need_ptr[i + 1]])
        needs.setdefault(s, []).append((pairs, int(a.need_count[i]), int(a.need_weight[i])))
    return needs


def _fill_duty(
    draft: Draft, duty: int, wanted: int, score: Floats, needs: list[_Need] | tuple[()]
) -> None:
    """Seat up to ``wanted`` people, those first who answer most of what is still needed."""
    free = draft.open_pairs(duty) if wanted > 0 else np.zeros(0, np.int64)
    if not len(free):
        return
    answers = [_member(free, n[0]) for n in needs]
    missing = [n[1] - int(draft.chosen[n[0]].sum()) for n in needs]
    rank = score[free]
    span = float(np.ptp(rank)) + 1e-9
    while wanted > 0:
        bonus = rank.copy()
        for answer, lack, need in zip(answers, missing, needs, strict=True):
            if lack > 0:
                bonus += (1 + need[2]) * span * answer
        best = int(np.argmax(bonus))
        if not np.isfinite(rank[best]):
            return
        rank[best] = -np.inf
        pair = int(free[best])
        if draft.feuding(pair) and not draft.open_mask(free[best : best + 1])[0]:
            continue
        draft.seat(pair)
        wanted -= 1
        missing = [m - int(answer[best]) for m, answer in zip(missing, answers, strict=True)]


def _member(values: Ints, pool: Ints) -> Bools:
    if not len(pool):
        return np.zeros(len(values), np.bool_)
    at = np.minimum(np.searchsorted(pool, values), len(pool) - 1)
    return np.asarray(pool[at] == values, np.bool_)


def _answer_need(draft: Draft, duty: int, pairs: Ints, count: int, score: Floats) -> None:
    """Seat people above the target, where seats are left, to answer a need still open."""
    missing = count - int(draft.chosen[pairs].sum())
    if missing <= 0:
        return
    free = draft.open_pairs(duty)
    free = free[_member(free, pairs)]
    for pair in free[np.argsort(-score[free], kind="stable")].tolist():
        room = draft.heads[duty] < draft.arrays.max_heads[duty]
        if missing > 0 and room and draft.open_mask(np.array([pair]))[0]:
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
            if room and draft.open_mask(np.array([pair]))[0]:
                draft.seat(pair)
    fill(draft, cancelled=cancelled)
    return draft


def refill(arrays: Arrays, chosen: Bools, cancelled: Callable[[], bool] | None = None) -> Bools:
    """A sound plan with open seats filled."""
    draft = Draft(arrays)
    draft.load(chosen)
    fill(draft, cancelled=cancelled)
    return draft.chosen
