"""Why may this person not stand on this duty - every rule at once, and what stands in the way."""

from dataclasses import dataclass

from volunteer.scheduling.problem import Cost
from volunteer.scheduling.review import added_cost, objections
from volunteer.scheduling.roster import Roster
from volunteer.scheduling.rule import Finding


@dataclass(frozen=True, slots=True)
class PairReason:
    """What is to be said about one person on one duty.

    ``findings`` are all hard rules against it; one about two duties names the assignment in the way
    second in ``where``. ``change`` is what both tiers gain or lose by this seat, whether or not it is
    allowed. ``is_assigned``, ``is_pinned`` and ``is_published`` say what holds now.
    """

    person: str
    duty: str
    is_assigned: bool
    is_pinned: bool
    is_published: bool
    findings: tuple[Finding, ...]
    change: Cost

    @property
    def in_the_way(self) -> tuple[str, ...]:
        """The person's other duties that stand in the way, each once."""
        return tuple(dict.fromkeys(d for f in self.findings for d in f.where[1:]))


def explain_pair(roster: Roster, person_id: str, duty_id: str) -> PairReason:
    """Return the reasons for one pair. Raises KeyError for an unknown id."""
    pair = (person_id, duty_id)
    without = roster.changed(remove=[pair])
    return PairReason(
        person=person_id,
        duty=duty_id,
        is_assigned=pair in roster,
        is_pinned=pair in roster.book.pins,
        is_published=pair in roster.book.published,
        findings=tuple(objections(without, person_id, duty_id)),
        change=added_cost(without, person_id, duty_id),
    )
