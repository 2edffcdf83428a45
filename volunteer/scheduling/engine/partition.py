"""Part the duties into pieces that share few people."""

from collections.abc import Iterator

import numpy as np

from volunteer.scheduling.engine.arrays import Arrays, Floats, Ints
from volunteer.scheduling.engine.carve import spread

SAMPLE = 60_000  # pairs looked at to find one cut


def parts(a: Arrays, limit: int, seed: int, style: str = "people") -> Iterator[Ints]:
    """Halve the duties until a part has at most ``limit`` pairs; parts come as they are found.

    ``people``: halves that share few people (a spectral cut of the co-eligibility of duties);
    ``time``: halves by time; ``mixed``: by a random mixture of both. Same seed, same parts.
    """
    size = np.diff(a.duty_ptr)
    rng = np.random.default_rng(seed)
    work = [np.arange(a.n_duties)]
    while work:
        part = work.pop()
        if size[part].sum() <= limit or len(part) < 8:
            yield part
            continue
        time = style == "time" or (style == "mixed" and rng.random() < 0.5)
        line = _by_time(a, part, rng) if time else _by_people(a, part, rng)
        order = part[np.argsort(line, kind="stable")]
        cut = len(part) // 2 if time else _cheapest_cut(a, order)
        work += [np.sort(order[:cut]), np.sort(order[cut:])]


def _by_time(a: Arrays, part: Ints, rng: np.random.Generator) -> Floats:
    width = 1 + int(np.ptp(a.start[part]))
    return np.asarray(a.start[part] + rng.normal(size=len(part)) * width * 0.05)


def _local(a: Arrays, part: Ints) -> tuple[Ints, Ints, int]:
    """People and rank of the duty in ``part``, of the pairs of these duties; and how many people.

    Of large parts every k-th person is looked at. People are numbered anew, from 0.
    """
    where, owner = spread(a.duty_ptr, part)
    person = a.person[a.duty_pairs[where]]
    every = 1 + len(person) // SAMPLE
    if every > 1:
        seen = person % every == len(part) % every
        person, owner = person[seen], owner[seen]
    names, person = np.unique(person, return_inverse=True)
    return person, owner, len(names)


def _by_people(a: Arrays, part: Ints, rng: np.random.Generator) -> Floats:
    """The second eigenvector of the walk duty -> person -> duty, by power iteration."""
    person, duty, people = _local(a, part)
    n = len(part)
    degree = np.bincount(person, minlength=people)
    weight = np.where(degree > n / 2, 0.0, 1.0 / np.maximum(1, degree))
    total = np.bincount(duty, (weight * degree)[person], minlength=n) + 1e-9
    root = np.sqrt(total)
    flat = root / np.linalg.norm(root)
    x = rng.normal(size=n) * root
    for _ in range(40):
        x -= flat * (flat @ x)
        x /= np.linalg.norm(x) + 1e-300
        walk = np.bincount(person, (x / root)[duty], minlength=people) * weight
        x = x + np.bincount(duty, walk[person], minlength=n) / root
    return np.asarray(x / root)


def _cheapest_cut(a: Arrays, order: Ints) -> int:
    """Where to cut the line of duties so that few people stand on both sides."""
    person, rank, people = _local(a, order)
    n = len(order)
    first = np.full(people, n)
    last = np.full(people, -1)
    np.minimum.at(first, person, rank)
    np.maximum.at(last, person, rank)
    seen = last >= 0
    change = np.zeros(n + 1)
    np.add.at(change, first[seen] + 1, 1)
    np.add.at(change, last[seen] + 1, -1)
    across = np.cumsum(change)[:n]
    low, high = max(1, int(n * 0.3)), max(2, int(n * 0.7))
    spot = np.arange(low, high)
    return low + int(np.argmin(across[low:high] / np.minimum(spot, n - spot)))
