"""The two tiers of cost of a set of chosen pairs, computed on the arrays.

This is the optimiser's own fast account. The plan that leaves the library is counted again, from
the problem itself, by :mod:`volunteer.scheduling.cost`.
"""

import numpy as np

from volunteer.scheduling.engine.arrays import Arrays, Bools, Ints, quarters


def heads(arrays: Arrays, chosen: Bools) -> Ints:
    """People per duty."""
    return np.bincount(arrays.duty[chosen], minlength=arrays.n_duties).astype(np.int64)


def need_counts(arrays: Arrays, chosen: Bools) -> Ints:
    """People per need who answer it."""
    running = np.concatenate(([0], np.cumsum(chosen[arrays.need_pairs])))
    return np.asarray(running[arrays.need_ptr[1:]] - running[arrays.need_ptr[:-1]], np.int64)


def duty_costs(arrays: Arrays, chosen: Bools) -> Ints:
    """Coverage cost by duty, without the dropped pairs."""
    n = heads(arrays, chosen)
    cost = arrays.min_weight * np.maximum(0, arrays.min_heads - n)
    cost += arrays.target_weight * np.maximum(0, arrays.target - np.maximum(n, arrays.min_heads))
    missing = np.maximum(0, arrays.need_count - need_counts(arrays, chosen))
    np.add.at(cost, arrays.need_duty, missing * arrays.need_weight)
    return np.asarray(cost, np.int64)


def coverage(arrays: Arrays, chosen: Bools) -> int:
    """The first tier: shortages, missing skills and quotas, dropped published pairs."""
    kept = int((chosen & arrays.published).sum()) * arrays.dropped_weight
    return int(duty_costs(arrays, chosen).sum()) + arrays.dropped_base - kept


def person_minutes(arrays: Arrays, chosen: Bools) -> Ints:
    """Assigned minutes per person."""
    count = np.zeros(arrays.n_people, np.int64)
    np.add.at(count, arrays.person[chosen], arrays.minutes[arrays.duty[chosen]])
    return count


def loads(arrays: Arrays, minutes: Ints) -> Ints:
    """Quarter-hours per person that so many minutes add to what is spent outside already."""
    return np.asarray(quarters(arrays.spent + minutes) - quarters(arrays.spent), np.int64)


def people(arrays: Arrays, chosen: Bools) -> int:
    """The second tier: fairness over people, overload of units, wishes and distance."""
    more = loads(arrays, person_minutes(arrays, chosen))
    before = arrays.served + quarters(arrays.spent)
    fair = int(((2 * before + more) * more).sum()) * arrays.fairness_weight
    load = np.zeros(len(arrays.fair), np.int64)
    np.add.at(load, arrays.unit, more)
    over = int(np.maximum(0, load - arrays.fair).sum()) * arrays.overload_weight
    return fair + over + int(arrays.people_cost[chosen].sum())
