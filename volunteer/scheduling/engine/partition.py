"""Part the duties into pieces that share few people."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from volunteer.scheduling.engine.arrays import Arrays, Floats, Ints
from volunteer.scheduling.engine.carve import spread

CAREFUL = 100_000  # parts of this size are worth several tries
STEPS = 60
THICK = 1_000_000  # pairs beyond which some people are enough to find a cut
SAMPLE = 60_000  # pairs looked at to find one cut


def parts(
    a: Arrays, limit: int, seed: int, style: str = "people", duties: Ints | None = None
) -> Iterator[Ints]:
    """Halve the duties (all of them, unless told which) until a part has at most ``limit`` pairs; parts come as they are found.

    ``people``: halves that share few people (a spectral cut of the co-eligibility of duties);
    ``time``: halves by time; ``mixed``: by a random mixture of both. Same seed, same parts.
    """
    size = np.diff(a.duty_ptr)
    rng = np.random.default_rng(seed)
    thin = _thinned(a)
    work = [np.arange(a.n_duties) if duties is None else duties]
    while work:
        part = work.pop()
        if size[part].sum() <= limit or len(part) < 8:
            yield part
            continue
        if style == "time" or (style == "mixed" and rng.random() < 0.5):
            order = part[np.argsort(_by_time(a, part, rng), kind="stable")]
            cut = len(part) // 2
        else:
            seen = thin if size[part].sum() > THICK else a
            order, cut = _best_cut(seen, part, rng, 2 if limit >= CAREFUL else 1)
        work += [np.sort(order[:cut]), np.sort(order[cut:])]


def _thinned(a: Arrays) -> Arrays:
    """The same duties seen by every k-th person alone, where there are very many pairs: to cut by only."""
    every = 1 + a.n_pairs // THICK
    if every == 1:
        return a
    kept = a.person[a.duty_pairs] % every == 0
    ptr = np.concatenate(([0], np.cumsum(kept)))[a.duty_ptr]
    return replace(a, duty_pairs=a.duty_pairs[kept], duty_ptr=ptr.astype(np.int64))


def _best_cut(a: Arrays, part: Ints, rng: np.random.Generator, tries: int) -> tuple[Ints, int]:
    """The cheapest of a few spectral cuts, as an order of the duties and where to cut it."""
    seen = _local(a, part)
    best: tuple[float, Ints, int] | None = None
    for _ in range(tries):
        order = np.argsort(_by_people(seen, len(part), rng), kind="stable")
        cut, cost = _cheapest_cut(seen, order)
        if best is None or cost < best[0]:
            best = (cost, part[order], cut)
    assert best is not None
    return best[1], best[2]


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


def _by_people(seen: tuple[Ints, Ints, int], n: int, rng: np.random.Generator) -> Floats:
    """A smooth line of the duties: some steps of the walk duty -> person -> duty from a random one.

    Not the eigenvector itself: that would single out some small group that stands alone.
    """
    person, duty, people = seen
    degree = np.bincount(person, minlength=people)
    weight = np.where(degree > n / 2, 0.0, 1.0 / np.maximum(1, degree))
    total = np.bincount(duty, (weight * degree)[person], minlength=n) + 1e-9
    root = np.sqrt(total)
    flat = root / np.linalg.norm(root)
    x = rng.normal(size=n) * root
    for _ in range(STEPS):
        x -= flat * (flat @ x)
        x /= np.linalg.norm(x) + 1e-300
        walk = np.bincount(person, (x / root)[duty], minlength=people) * weight
        x = x + np.bincount(duty, walk[person], minlength=n) / root
    return np.asarray(x / root)


def _cheapest_cut(seen: tuple[Ints, Ints, int], order: Ints) -> tuple[int, float]:
    """Where to cut the line of duties, and the price: the normalized cut of the walk.

    A person with d duties, l of them on the left, costs l (d - l) / d.
    """
    person, duty, people = seen
    n = len(order)
    place = np.empty(n, np.int64)
    place[order] = np.arange(n)
    rank = place[duty]
    degree = np.bincount(person, minlength=people)
    rows = np.lexsort((rank, person))
    first = np.cumsum(degree) - degree
    left = np.arange(len(rows)) - first[person[rows]]
    d = degree[person[rows]]
    change = np.bincount(rank[rows], (d - 2 * left - 1) / d, minlength=n)
    volume = np.cumsum(np.bincount(rank, minlength=n))
    cost = np.cumsum(change) / np.maximum(1, np.minimum(volume, volume[-1] - volume))
    low, high = max(1, int(n * 0.25)), max(2, int(n * 0.75))
    best = low + int(np.argmin(cost[low - 1 : high - 1]))
    return best, float(cost[best - 1])
