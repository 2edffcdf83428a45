"""What the command line reads as a number: each reader raises ValueError for anything else."""

import math
from collections.abc import Callable


def read_seconds(text: str) -> float:
    """Read seconds, not negative and not without end."""
    value = float(text)
    if not 0 <= value < math.inf:
        raise ValueError
    return value


def read_whole(text: str) -> int:
    """Read a whole number that fits into 63 bits."""
    value = int(text)
    if abs(value) > 2**62:
        raise ValueError
    return value


def number(name: str, low: int, high: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from ``low`` to ``high``, called ``name`` in messages."""

    def read(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise ValueError
        return value

    read.__name__ = name
    return read


read_seconds.__name__, read_whole.__name__ = "seconds", "integer"
