"""What would fill a duty: each relaxation is tried on the sub-problem of the duty, and then verified.

The sub-problem keeps everybody where they stand and asks how many more people can join once one
thing is relaxed. The people found are the witness: with them the relaxed problem is handed to the
verifier, and what it refuses is not offered.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from volunteer.scheduling.candidates import Index
from volunteer.scheduling.columns import Bools, Ints, floor_root
from volunteer.scheduling.problem import DAY, Duty, Person, Problem
from volunteer.scheduling.review import added_cost
from volunteer.scheduling.roster import Roster
from volunteer.scheduling.rules import HARD, SEAT
from volunteer.scheduling.verify import violations

_AROUND = tuple(rule for rule in HARD if rule not in SEAT)  # what depends on the rest of the roster
_STEPS = tuple(sign * step for step in (15, 30, 45, 60, 90, 120) for sign in (-1, 1))  # minutes
_TRIED = 400  # people asked per relaxation, at most
_ROUND_METRES = 500


@dataclass(frozen=True, slots=True)
class Remedy:
    """One relaxation that was tried and found to help.

    Parameters
    ----------
    change
        ``widen_reach``, ``open_to_residents``, ``tie_unit``, ``other_hours``, ``raise_max_minutes``,
        ``raise_max_shifts``, ``train_people``, ``ask_people``, ``move_person``.
    to
        The new value: metres, None, a unit, the new start in minutes, minutes a person, duties a
        day, a skill, or the person to move.
    gains
        How many more people can stand on the duty.
    people
        Who they are.
    leaves
        The duty the moved person leaves, and who steps in there (ids), for ``move_person``.
    effort
        How much is asked of people and office; smaller is cheaper. Orders the list.
    """

    change: str
    to: int | str | None
    gains: int
    people: tuple[str, ...]
    effort: int
    leaves: tuple[str, ...] = ()


class Remedies:
    """The search for one duty of one roster."""

    def __init__(self, index: Index, roster: Roster, duty_id: str) -> None:
        self.index = index
        self.roster = roster
        self.duty: Duty = roster.book.duties[duty_id]
        self.at = index.columns.duty_at[duty_id]
        self.crew = roster.people_on(duty_id)
        wanted = self.duty.min if len(self.crew) < self.duty.min else self.duty.target
        self.missing = wanted - len(self.crew)
        everybody = np.arange(index.columns.n_people, dtype=np.int64)
        self.allowed: dict[str, Bools] = {
            rule.code: rule.allows(index.columns, self.at, everybody) for rule in SEAT
        }

    def found(self) -> list[Remedy]:
        """Return what helps, the most help for the least effort first."""
        if self.missing <= 0:
            return []
        ways: tuple[Callable[[], Iterator[Remedy]], ...] = (
            self._move_person,
            self._widen_reach,
            self._open_to_residents,
            self._tie_unit,
            self._other_hours,
            self._raise_caps,
            self._train_people,
            self._ask_people,
        )
        made = [remedy for way in ways for remedy in way()]
        return sorted(made, key=lambda r: (r.effort, -r.gains, r.change, str(r.to)))

    # --- who would be allowed ---------------------------------------------------------------------

    def _all_but(self, *codes: str) -> Bools:
        mask: Bools = np.ones(self.index.columns.n_people, np.bool_)
        for code, allowed in self.allowed.items():
            if code not in codes:
                mask &= allowed
        return mask

    def _people(self, rows: Ints) -> list[Person]:
        everybody = self.index.columns.problem.people
        return [everybody[i] for i in rows.tolist()]

    def _joiners(
        self, people: Iterable[Person], duty: Duty, skip: tuple[str, ...] = (), limit: int = 0
    ) -> list[str]:
        """Return who of these, in their order, can join the duty with everything else as it is."""
        limit = limit or self.missing
        rules = [rule for rule in _AROUND if rule.code not in skip]
        roster = self.roster
        joined: list[str] = []
        for person in people:
            if len(joined) == limit:
                break
            if person.id in self.crew:
                continue
            if not any(f for rule in rules for f in rule.objections(roster, person, duty)):
                joined.append(person.id)
                roster = roster.changed(add=[(person.id, duty.id)])
        return joined

    def _holds(
        self, duty: Duty, joined: list[str], people: dict[str, Person] | None = None
    ) -> bool:
        """Hand the relaxed sub-problem with these people on the duty to the verifier."""
        return holds(self.roster, duty, joined, people or {})

    # --- one way after the other ------------------------------------------------------------------

    def _widen_reach(self) -> Iterator[Remedy]:
        if not self.duty.open:
            return
        columns = self.index.columns
        rows = np.flatnonzero(self._all_but("reach") & ~self.allowed["reach"])
        metres = floor_root(columns.squares(self.at, rows))
        order = np.argsort(metres, kind="stable")[:_TRIED]
        joined = self._joiners(self._people(rows[order]), replace(self.duty, reach=10**9))
        away = dict(
            zip((p.id for p in self._people(rows[order])), metres[order].tolist(), strict=True)
        )
        for count in sorted({1, len(joined)} - {0}):
            if count > len(joined):
                continue
            some = joined[:count]
            reach = -(-(max(away[v] for v in some) + 1) // _ROUND_METRES) * _ROUND_METRES
            if self._holds(replace(self.duty, reach=reach), some):
                extra = (reach - self.duty.reach) // 1000
                yield Remedy("widen_reach", reach, count, tuple(some), 20 + 2 * extra)

    def _open_to_residents(self) -> Iterator[Remedy]:
        if self.duty.open:
            return
        columns = self.index.columns
        rows = np.flatnonzero(self._all_but("reach") & ~self.allowed["reach"])
        square = columns.squares(self.at, rows)
        near = rows[square <= self.duty.reach * self.duty.reach]
        opened = replace(self.duty, open=True)
        joined = self._joiners(self._people(near[:_TRIED]), opened)
        if joined and self._holds(opened, joined):
            yield Remedy("open_to_residents", None, len(joined), tuple(joined), 25)

    def _tie_unit(self) -> Iterator[Remedy]:
        columns = self.index.columns
        rows = np.flatnonzero(self._all_but("reach") & ~self.allowed["reach"])
        by_unit = np.bincount(columns.unit[rows], minlength=len(columns.unit_at))
        best: tuple[int, str, list[str], Duty] | None = None
        for unit in np.argsort(-by_unit, kind="stable")[:8].tolist():
            if not by_unit[unit] or (best is not None and by_unit[unit] <= best[0]):
                break
            name = columns.problem.units[unit].id
            tied = replace(self.duty, tied=self.duty.tied | {name})
            members = rows[columns.unit[rows] == unit][:_TRIED]
            joined = self._joiners(self._people(members), tied)
            if joined and (best is None or len(joined) > best[0]):
                best = (len(joined), name, joined, tied)
            if best is not None and best[0] == self.missing:
                break
        if best is not None and self._holds(best[3], best[2]):
            yield Remedy("tie_unit", best[1], best[0], tuple(best[2]), 30)

    def _other_hours(self) -> Iterator[Remedy]:
        columns, best = self.index.columns, None
        rest = self._all_but("availability")
        crew = [self.roster.book.people[v] for v in sorted(self.crew)]
        for step in _STEPS:
            moved = replace(self.duty, start=self.duty.start + step, end=self.duty.end + step)
            if moved.start // DAY != self.duty.start // DAY:
                continue
            if not self._keeps(crew, moved):
                continue
            rows = np.flatnonzero(rest & columns.free(moved.start, moved.end))
            joined = self._joiners(self._people(rows[:_TRIED]), moved)
            if (
                joined
                and (best is None or len(joined) > len(best[1]))
                and self._holds(moved, joined)
            ):
                best = (moved, joined, abs(step))
            if best is not None and len(best[1]) == self.missing:
                break
        if best is not None:
            moved, joined, away = best
            yield Remedy("other_hours", moved.start, len(joined), tuple(joined), 15 + away // 15)

    def _keeps(self, crew: list[Person], moved: Duty) -> bool:
        """Whether everybody who stands there now still can at the other hours."""
        rules = (*SEAT, *_AROUND)
        for person in crew:
            without = self.roster.changed(remove=[(person.id, moved.id)])
            if any(f for rule in rules for f in rule.objections(without, person, moved)):
                return False
        return True

    def _raise_caps(self) -> Iterator[Remedy]:
        rows = np.flatnonzero(self._all_but())
        people = [p for p in self._people(rows) if p.id not in self.crew][:_TRIED]
        for code, change in (("total", "raise_max_minutes"), ("day", "raise_max_shifts")):
            raised: dict[str, Person] = {}
            for person in people:
                more = self._raised(person, code)
                if more is not None:
                    raised[person.id] = more
            key = "max_minutes" if code == "total" else "max_shifts_per_day"
            order = sorted(raised.values(), key=lambda p: (self._step(p, key), p.id))
            joined = self._joiners(order, self.duty)
            if joined and self._holds(self.duty, joined, raised):
                to = max(getattr(raised[v], key) for v in joined)
                step = max(self._step(raised[v], key) for v in joined)
                effort = 30 + (step // 15 if code == "total" else 10 * step)
                yield Remedy(change, to, len(joined), tuple(joined), effort)

    def _step(self, person: Person, key: str) -> int:
        return int(getattr(person, key)) - int(getattr(self.roster.book.people[person.id], key))

    def _raised(self, person: Person, code: str) -> Person | None:
        """Return the person with the one cap raised that alone stands in the way, if that is so."""
        against = [f for rule in _AROUND for f in rule.objections(self.roster, person, self.duty)]
        if not against or any(f.rule != code for f in against):
            return None
        have = against[0].params["have"]
        if not isinstance(have, int):
            return None
        if code == "total":
            return replace(person, max_minutes=have)
        return replace(person, max_shifts_per_day=have)

    def _train_people(self) -> Iterator[Remedy]:
        """Teach one skill to people who lack nothing else."""
        rows = np.flatnonzero(self._all_but("qualification") & ~self.allowed["qualification"])
        lacking: dict[str, list[Person]] = defaultdict(list)
        for person in self._people(rows):
            lacks = self.duty.requires - person.skills
            if len(lacks) == 1:
                lacking[min(lacks)].append(person)
        for skill, people in sorted(lacking.items(), key=lambda item: (-len(item[1]), item[0])):
            trained = {p.id: replace(p, skills=p.skills | {skill}) for p in people[:_TRIED]}
            joined = self._joiners(trained.values(), self.duty)
            if joined and self._holds(self.duty, joined, trained):
                yield Remedy("train_people", skill, len(joined), tuple(joined), 45)
                return

    def _ask_people(self) -> Iterator[Remedy]:
        """Ask people who did not offer these hours and whom nothing else keeps away: the idle first."""
        rows = np.flatnonzero(self._all_but("availability") & ~self.allowed["availability"])
        load = self.index.columns.served
        order = sorted(
            zip(self._people(rows), load[rows].tolist(), strict=True),
            key=lambda row: (self.roster.minutes_of(row[0].id), row[1], row[0].id),
        )
        hours = (self.duty.start, self.duty.end)
        asked = {p.id: replace(p, available=(*p.available, hours)) for p, _ in order[:_TRIED]}
        joined = self._joiners(asked.values(), self.duty)
        if joined and self._holds(self.duty, joined, asked):
            yield Remedy("ask_people", None, len(joined), tuple(joined), 50)

    def _move_person(self) -> Iterator[Remedy]:
        """One person comes over from a duty that can spare them, or where somebody free steps in."""
        rows = np.flatnonzero(self._all_but())
        best: tuple[int, Remedy] | None = None
        for person in self._people(rows)[:_TRIED]:
            for remedy, price in self._moves_of(person):
                if best is None or price < best[0]:
                    best = (price, remedy)
            if best is not None and best[0] <= -self._head():
                break
        if best is not None and best[0] < 0:
            yield best[1]

    def _head(self) -> int:
        """What one head is worth here."""
        weights = self.roster.book.problem.weights
        short = len(self.crew) < self.duty.min
        return weights.min[self.duty.priority - 1] if short else weights.target

    def _moves_of(self, person: Person) -> Iterator[tuple[Remedy, int]]:
        if person.id in self.crew:
            return
        book = self.roster.book
        for left in self.roster.duties_of(person.id):
            if (person.id, left) in book.pins:
                continue
            without = self.roster.changed(remove=[(person.id, left)])
            if any(f for rule in _AROUND for f in rule.objections(without, person, self.duty)):
                continue
            lost = -added_cost(without, person.id, left).coverage
            moved = without.changed(add=[(person.id, self.duty.id)])
            price = lost + added_cost(without, person.id, self.duty.id).coverage
            yield Remedy("move_person", person.id, 1, (person.id,), 10, (left,)), price
            if lost > 0:
                yield from self._stand_ins(moved, person, left, price)

    def _stand_ins(
        self, moved: Roster, person: Person, left: str, price: int
    ) -> Iterator[tuple[Remedy, int]]:
        duty = moved.book.duties[left]
        for other in self.index.eligible(left)[:_TRIED]:
            if other.id == person.id or other.id in moved.people_on(left):
                continue
            if any(f for rule in _AROUND for f in rule.objections(moved, other, duty)):
                continue
            won = added_cost(moved, other.id, left).coverage
            yield (
                Remedy("move_person", person.id, 1, (person.id,), 12, (left, other.id)),
                price + won,
            )
            return


def holds(roster: Roster, duty: Duty, joined: Iterable[str], people: dict[str, Person]) -> bool:
    """Return whether the verifier accepts these people on the relaxed duty, with all they hold.

    The sub-problem has everybody on the duty, old and new, and every duty that any of them holds;
    ``people`` are those whose own fields were relaxed.
    """
    book = roster.book
    crowd = sorted({*roster.people_on(duty.id), *joined})
    held = {d for v in crowd for d in roster.duties_of(v)} - {duty.id}
    pairs = [(v, d) for v in crowd for d in roster.duties_of(v) if d != duty.id]
    pairs += [(v, duty.id) for v in crowd]
    problem = book.problem
    inside = set(crowd)
    part: Problem = replace(
        problem,
        people=tuple(people.get(v, book.people[v]) for v in crowd),
        duties=(duty, *(book.duties[d] for d in sorted(held))),
        pins=(),
        published=(),
        bans=tuple(pair for pair in problem.bans if pair[0] in inside),
        apart=tuple(pair for pair in problem.apart if inside.issuperset(pair)),
    )
    return not violations(part, pairs)
