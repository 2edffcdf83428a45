"""What a signal is (线索): a rule that saw something, with its words, its score, and what it might innocently be.

A signal opens a question and never answers it. Scores add up as independent doubts do, so that weak signs need
company: ``1 - (1 - a)(1 - b)``. 《志愿服务记录与证明出具办法（试行）》第二十条 asks for checks of truth; the words of
each rule are what the person concerned will read.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from volunteer.domain.policy import Policy
from volunteer.domain.terms import CaseSubject, Signal
from volunteer.domain.words import Values


@dataclass(frozen=True, slots=True)
class Sighting:
    """One thing seen. ``key`` names it for ever, so that the same thing is never evidence twice."""

    code: Signal
    subject: CaseSubject
    subject_id: int
    score: int
    template: str
    values: Values
    key: str
    shift_id: int | None = None
    stamp_ids: tuple[int, ...] = ()
    record_ids: tuple[int, ...] = ()
    activity_id: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that looks for one signal.

    ``parameters`` names the figures of the policy that it reads, ``innocent`` says in plain words what else it
    could be, and ``find`` looks.
    """

    code: Signal
    subject: CaseSubject
    innocent: str
    find: Callable[[Any, Policy], Iterator[Sighting]]
    parameters: tuple[str, ...] = field(default=())


def together(scores: Iterable[int]) -> int:
    """Return the joint weight of several doubts, 0 to 100."""
    innocent = 1.0
    for score in scores:
        innocent *= 1 - min(max(score, 0), 100) / 100
    return round(100 * (1 - innocent))


def weight(sightings: Iterable[Sighting]) -> int:
    """Return the joint weight of what was seen; of one rule only the gravest counts twice over, the rest a little.

    Ten shifts on which the same couple shared a phone are one habit, not ten doubts.
    """
    by_rule: dict[Signal, list[int]] = {}
    for one in sightings:
        by_rule.setdefault(one.code, []).append(one.score)
    scores = []
    for found in by_rule.values():
        best = max(found)
        scores.append(min(95, best + min(15, 5 * (len(found) - 1)) if best >= 30 else best))
    return together(scores)
