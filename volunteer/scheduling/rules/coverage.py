"""Coverage, the first tier: heads, wanted heads, skills and quotas. What is missing is a cost.

``Σ min[priority-1]·max(0, min-n) + target·max(0, target-max(n, min)) + skill·Σ max(0, count - people
with the skill) + quota·Σ max(0, count - people of the unit)``, with n the people on the duty
(docs/schedule-format.md, "Cost").
"""

from abc import abstractmethod
from collections.abc import Iterator

import numpy as np

from volunteer.scheduling.columns import Columns, Ints
from volunteer.scheduling.problem import Duty, Person, Problem
from volunteer.scheduling.roster import Roster
from volunteer.scheduling.rule import DutyRule, Finding, Level


def _heads(columns: Columns, duties: Ints) -> Ints:
    return np.bincount(duties, minlength=columns.n_duties).astype(np.int64)


class Heads(DutyRule):
    """Fewer people than ``min``: each one missing costs the weight of the duty's priority (缺口)."""

    code = "min"

    def on_duty(self, roster: Roster, duty: Duty) -> Iterator[Finding]:
        """Yield what is missing to the minimum."""
        weights = roster.book.problem.weights.min
        have = len(roster.people_on(duty.id))
        if have < duty.min:
            cost = weights[duty.priority - 1] * (duty.min - have)
            figures = {"have": have, "want": duty.min, "missing": duty.min - have}
            yield Finding(self.code, self.level, (), (duty.id,), cost, figures)

    def added(self, roster: Roster, person: Person, duty: Duty) -> int:
        """Earn one head's weight while the minimum is not reached."""
        short = len(roster.people_on(duty.id)) < duty.min
        return -roster.book.problem.weights.min[duty.priority - 1] if short else 0

    def total(self, columns: Columns, people: Ints, duties: Ints) -> int:
        """Count heads by duty."""
        weights = columns.problem.weights.min
        return sum(
            weights[duty.priority - 1] * max(0, duty.min - have)
            for duty, have in zip(
                columns.problem.duties, _heads(columns, duties).tolist(), strict=True
            )
        )


class Target(DutyRule):
    """Fewer people than ``target`` beyond the minimum: each one missing costs the target weight."""

    code = "target"

    def on_duty(self, roster: Roster, duty: Duty) -> Iterator[Finding]:
        """Yield what is missing to the target; what is missing to the minimum is not counted twice."""
        weight = roster.book.problem.weights.target
        have = len(roster.people_on(duty.id))
        missing = duty.target - max(have, duty.min)
        if missing > 0:
            figures = {"have": have, "want": duty.target, "missing": missing}
            yield Finding(self.code, self.level, (), (duty.id,), weight * missing, figures)

    def added(self, roster: Roster, person: Person, duty: Duty) -> int:
        """Earn the weight between minimum and target."""
        have = len(roster.people_on(duty.id))
        return -roster.book.problem.weights.target if duty.min <= have < duty.target else 0

    def total(self, columns: Columns, people: Ints, duties: Ints) -> int:
        """Count heads by duty."""
        missing = sum(
            max(0, duty.target - max(have, duty.min))
            for duty, have in zip(
                columns.problem.duties, _heads(columns, duties).tolist(), strict=True
            )
        )
        return columns.problem.weights.target * int(missing)


class _Share(DutyRule):
    """So many of a kind are wanted on a duty: the shape that skills and quotas have in common."""

    level = Level.WANTED

    @abstractmethod
    def _wants(self, duty: Duty) -> tuple[tuple[str, int], ...]:
        """Return the kinds wanted on the duty, with their counts."""

    @abstractmethod
    def _is(self, person: Person, kind: str) -> bool:
        """Return whether the person is of the kind."""

    @abstractmethod
    def _weight(self, problem: Problem) -> int:
        """Return the cost of one missing."""

    @abstractmethod
    def _hits(self, columns: Columns, people: Ints, kind: str) -> int:
        """Count the people of the kind."""

    def _have(self, roster: Roster, duty: Duty, kind: str) -> int:
        key = (self.code, duty.id, kind)
        if key not in roster.memo:
            people = roster.book.people
            roster.memo[key] = sum(self._is(people[v], kind) for v in roster.people_on(duty.id))
        return roster.memo[key]

    def on_duty(self, roster: Roster, duty: Duty) -> Iterator[Finding]:
        """Yield every kind of which some are missing."""
        weight = self._weight(roster.book.problem)
        for kind, want in self._wants(duty):
            have = self._have(roster, duty, kind)
            if have < want:
                figures: dict[str, int | str | tuple[str, ...]] = {
                    "have": have,
                    "want": want,
                    "missing": want - have,
                    self.code if self.code == "skill" else "unit": kind,
                }
                cost = weight * (want - have)
                yield Finding(self.code, self.level, (), (duty.id,), cost, figures)

    def added(self, roster: Roster, person: Person, duty: Duty) -> int:
        """Earn the weight for every kind the person is of and that is missing."""
        wants = self._wants(duty)
        if not wants:
            return 0
        met = sum(
            self._is(person, kind) and self._have(roster, duty, kind) < want for kind, want in wants
        )
        return -met * self._weight(roster.book.problem)

    def total(self, columns: Columns, people: Ints, duties: Ints) -> int:
        """Count the kinds duty by duty."""
        missing = 0
        for i, duty in enumerate(columns.problem.duties):
            if wants := self._wants(duty):
                crowd = people[duties == i]
                missing += sum(max(0, want - self._hits(columns, crowd, k)) for k, want in wants)
        return missing * self._weight(columns.problem)


class Skill(_Share):
    """``at_least`` so many with a skill (a leader in each team, 带队)."""

    code = "skill"

    def _wants(self, duty: Duty) -> tuple[tuple[str, int], ...]:
        return duty.at_least

    def _is(self, person: Person, kind: str) -> bool:
        return kind in person.skills

    def _weight(self, problem: Problem) -> int:
        return problem.weights.skill

    def _hits(self, columns: Columns, people: Ints, kind: str) -> int:
        return int(columns.holders(kind)[people].sum())


class Quota(_Share):
    """So many of a unit, because the duty lies in its contracted area (楼栋包干, 联点)."""

    code = "quota"

    def _wants(self, duty: Duty) -> tuple[tuple[str, int], ...]:
        return duty.quotas

    def _is(self, person: Person, kind: str) -> bool:
        return person.unit == kind

    def _weight(self, problem: Problem) -> int:
        return problem.weights.quota

    def _hits(self, columns: Columns, people: Ints, kind: str) -> int:
        return int((columns.unit[people] == columns.unit_at[kind]).sum())
