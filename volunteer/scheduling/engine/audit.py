"""The optimiser's quick look at its own work: does a set of chosen pairs keep every hard rule?

A plan is verified again, from the problem itself, before it leaves the library; this check is for
the many plans on the way.
"""

import numpy as np

from volunteer.scheduling.engine.arrays import Arrays, Bools
from volunteer.scheduling.engine.tally import heads, person_minutes


def sound(arrays: Arrays, chosen: Bools) -> bool:
    """Whether the chosen pairs keep seats, hours, days, place, rest, apart and pins."""
    if chosen.shape != (arrays.n_pairs,) or (arrays.pinned & ~chosen).any():
        return False
    if (heads(arrays, chosen) > arrays.max_heads).any():
        return False
    if (person_minutes(arrays, chosen) > arrays.max_minutes).any():
        return False
    if len(arrays.apart) and (chosen[arrays.apart[:, 0]] & chosen[arrays.apart[:, 1]]).any():
        return False
    return _days_kept(arrays, chosen) and not _clashes(arrays, chosen)


def _days_kept(arrays: Arrays, chosen: Bools) -> bool:
    days, day = np.unique(arrays.day, return_inverse=True)
    key = arrays.person[chosen] * max(1, len(days)) + day[arrays.duty[chosen]]
    _, at, count = np.unique(key, return_inverse=True, return_counts=True)
    return bool((count[at] <= arrays.day_room[chosen]).all())


def _clashes(arrays: Arrays, chosen: Bools) -> bool:
    person, duty = arrays.person[chosen], arrays.duty[chosen]
    most = int(np.bincount(person, minlength=1).max()) if len(person) else 0
    for step in range(1, most):
        same = person[step:] == person[:-step]
        if arrays.conflict[duty[step:][same], duty[:-step][same]].any():
            return True
    return False
