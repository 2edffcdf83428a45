"""Both corpora against the rules: which subjects are flagged, of the honest and of the fraudulent."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.trust.fraud import frauds, threshold
from tests.trust.honest import Month, a_month
from volunteer.domain.signals import (
    Sighting,
    look_at_person,
    look_at_plans,
    look_at_shift,
    look_at_unit,
    weight,
)
from volunteer.domain.terms import CaseSubject, Signal

Subject = tuple[CaseSubject, int]


@dataclass
class Tally:
    """How many of a kind were shown, and how many were flagged."""

    shown: int = 0
    flagged: int = 0

    @property
    def share(self) -> float:
        return self.flagged / self.shown if self.shown else 0.0


@dataclass
class Outcome:
    """What came of a run."""

    honest: dict[CaseSubject, Tally] = field(default_factory=lambda: defaultdict(Tally))
    fraud: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    by_signal: Counter[Signal] = field(default_factory=Counter)
    odd: int = 0  # honest subjects of whom some rule saw something

    @property
    def flagged_fraud(self) -> float:
        return sum(t.flagged for t in self.fraud.values()) / sum(
            t.shown for t in self.fraud.values()
        )

    @property
    def flagged_honest(self) -> float:
        return sum(t.flagged for t in self.honest.values()) / sum(
            t.shown for t in self.honest.values()
        )


def by_subject(sightings: Iterable[Sighting]) -> dict[Subject, list[Sighting]]:
    """What was seen of each subject."""
    found: dict[Subject, list[Sighting]] = defaultdict(list)
    for one in sightings:
        found[one.subject, one.subject_id].append(one)
    return found


def seen_of(month: Month) -> list[Sighting]:
    """Everything the rules see in a month, its planned lengths apart."""
    found = [one for shift in month.shifts for one in look_at_shift(shift)]
    found += [one for person in month.people for one in look_at_person(person)]
    found += [one for unit in month.units for one in look_at_unit(unit)]
    return found


def run(seed: int) -> Outcome:
    """Show the rules an honest month and every kind of fraud."""
    outcome = Outcome()
    month = a_month(seed)
    plans = {plan.shift_id for plan in month.plans}
    outcome.honest[CaseSubject.PERSON].shown = len(month.people)
    outcome.honest[CaseSubject.SHIFT].shown = len(month.shifts) + len(plans)
    outcome.honest[CaseSubject.UNIT].shown = len(month.units)
    for part in (seen_of(month), look_at_plans(month.plans)):
        for (subject, _), seen in by_subject(part).items():
            outcome.odd += 1
            if weight(seen) >= threshold():
                outcome.honest[subject].flagged += 1
                outcome.by_signal.update({one.code for one in seen})
    for case in frauds(seed):
        tally = outcome.fraud[case.kind]
        tally.shown += 1
        about = [one for one in case.seen if (one.subject, one.subject_id) == case.subject]
        tally.flagged += weight(about) >= threshold()
    return outcome
