"""The duties that few people can take: they decide what a city costs, and they come first.

Where a crowd stands ready, nearly any choice will do. A duty that a dozen people may take is won or
lost by who is kept free for it. All such duties of a city are solved as one block, whatever the
district; the others are filled around them.
"""

import numpy as np

from volunteer.scheduling.engine.arrays import Arrays, Bools, Floats, Ints
from volunteer.scheduling.engine.draft import drop_clashes


def scarce(a: Arrays, limit: int) -> Ints:
    """The duties with the fewest people, together at most ``limit`` pairs."""
    size = np.diff(a.duty_ptr)
    order = np.argsort(size, kind="stable")
    return np.sort(order[np.cumsum(size[order]) <= limit])


def seat_first(a: Arrays, first: Bools, worth: Floats, others: Bools) -> Bools:
    """The seats of ``first`` by falling worth, and of ``others`` what still fits."""
    rank = np.where(first, 1.0 + np.maximum(0.0, worth), 0.0)
    return drop_clashes(a, first | others, rank)
