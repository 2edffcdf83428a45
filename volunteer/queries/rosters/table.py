"""The table (桌面): a roster laid out for the rules, with names, so that a change can be judged in words.

Drag and drop, menus, candidates and explanations all ask here, and meet the rules of the optimiser.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from threading import Lock

from sqlalchemy import select

from volunteer.domain.access import Actor
from volunteer.domain.timekeeping import WEEKDAYS, clock_at, local
from volunteer.domain.words import N_, Sentence, Translate, sentence, spoken
from volunteer.models.activities import ActivityKind, Shift
from volunteer.models.base import db
from volunteer.models.people import Skill, Unit, Volunteer
from volunteer.models.places import CheckPoint
from volunteer.models.rosters import Assignment, DraftRoster, DraftSeat
from volunteer.queries.planning import names as words_for
from volunteer.queries.planning import number_of, pair_of, problem_of
from volunteer.queries.planning.scope import PlanScope, plannable
from volunteer.queries.planning.seats import LIVE
from volunteer.queries.rosters.board import scope_for, week_holding
from volunteer.queries.rosters.changes import Seat
from volunteer.queries.rosters.drafts import parts, scope_of_draft
from volunteer.queries.shifts import ShiftLine
from volunteer.scheduling.candidates import Index
from volunteer.scheduling.problem import Problem
from volunteer.scheduling.roster import Roster
from volunteer.scheduling.rule import Finding
from volunteer.scheduling.words import Language, Words

MOST_OPENED = 3
LANGUAGE = N_("zh")
"""The code of the language, which the catalogue of another language translates to its own."""
_opened: list[Index] = []
_opening = Lock()


@dataclass
class Table:
    """A problem, opened, with who stands where; names are read when first asked for."""

    problem: Problem
    seats: set[Seat]

    @cached_property
    def index(self) -> Index:
        """The problem as arrays; the same ones as long as nothing in the problem has changed."""
        with _opening:
            known = next((index for index in _opened if index.book.problem == self.problem), None)
            index = known or Index(self.problem)
            _opened[:] = [*(other for other in _opened if other is not index), index][-MOST_OPENED:]
        return index

    @cached_property
    def roster(self) -> Roster:
        """Who stands where, as far as the problem knows the person and the shift."""
        book = self.index.book
        pairs = (pair_of(v, s) for s, v in self.seats)
        return Roster(book, [p for p in pairs if p[0] in book.people and p[1] in book.duties])

    def with_seat(self, seat: Seat) -> "Table":
        """Return the table with one more seat taken."""
        shift_id, volunteer_id = seat
        pair = pair_of(volunteer_id, shift_id)
        book = self.index.book
        table = Table(self.problem, {*self.seats, seat})
        table.__dict__["index"] = self.index
        if pair[0] in book.people and pair[1] in book.duties:
            table.__dict__["roster"] = self.roster.changed(add=[pair])
        return table

    def knows(self, volunteer_id: int) -> bool:
        """Whether the person may be planned at all."""
        return words_for.person(volunteer_id) in self.index.book.people

    def has(self, shift_id: int) -> bool:
        """Whether the shift may be planned now."""
        return words_for.duty(shift_id) in self.index.book.duties

    def finding(self, found: Finding) -> Sentence:
        """What a finding says, with the names of people, shifts, units and skills."""
        return Sentence.made(lambda t: self._words(t).finding(found), self._chinese.finding(found))

    def rule(self, code: str) -> Sentence:
        """What a rule is called."""
        return Sentence.made(lambda t: self._words(t).rule(code), self._chinese.rule(code))

    def _words(self, translate: Translate) -> Words:
        language: Language = "en" if translate(LANGUAGE) == "en" else "zh"
        names = self.name
        return Words(self.index.book, language, lambda kind, n: spoken(names(kind, n), translate))

    @cached_property
    def _chinese(self) -> Words:
        return Words(self.index.book, "zh", self.name)

    @cached_property
    def _people(self) -> dict[int, str]:
        return _names_of({volunteer_id for _, volunteer_id in self.seats})

    def _person(self, number: int) -> str | None:
        """The name of a person: those seated are read together, others when somebody asks."""
        if number not in self._people:
            self._people.update(_names_of({number}))
        return self._people.get(number)

    @cached_property
    def _duties(self) -> dict[int, str]:
        return shift_names(number_of(duty.id) for duty in self.problem.duties)

    @cached_property
    def _units(self) -> dict[int, str]:
        return {row[0]: row[1] for row in db.session.execute(select(Unit.id, Unit.name))}

    @cached_property
    def _skills(self) -> dict[str, str]:
        return {row[0]: row[1] for row in db.session.execute(select(Skill.code, Skill.name))}

    @cached_property
    def _kinds(self) -> dict[int, str]:
        rows = db.session.execute(select(ActivityKind.id, ActivityKind.name))
        return {row[0]: row[1] for row in rows}

    def name(self, kind: str, name: str) -> str:
        """The name behind an id of the problem: of a person, duty, unit, skill or activity."""
        if kind == "skill":
            code = words_for.skill_code(name)
            return self._skills.get(code, code)
        if kind == "person":
            return self._person(number_of(name)) or name
        known = {
            "duty": self._duties,
            "unit": self._units,
            "activity": self._kinds,
        }.get(kind)
        return name if known is None else known.get(number_of(name), name)


def _names_of(volunteer_ids: Collection[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for part in parts(volunteer_ids):
        rows = db.session.execute(
            select(Volunteer.id, Volunteer.name).where(Volunteer.id.in_(part))
        )
        found.update((row[0], row[1]) for row in rows)
    return found


def shift_names(shift_ids: Iterable[int]) -> dict[int, str]:
    """Return how sentences name the shifts: 周一 07:30 红旗路口."""
    found: dict[int, str] = {}
    for part in parts(shift_ids):
        for shift_id, starts_at, point, corner in db.session.execute(
            select(Shift.id, Shift.starts_at, CheckPoint.name, Shift.corner)
            .join(CheckPoint, CheckPoint.id == Shift.point_id)
            .where(Shift.id.in_(part))
        ):
            place = f"{point}（{corner}）" if corner else point
            found[shift_id] = sentence(
                N_("%(day)s %(clock)s %(place)s"),
                {
                    "day": WEEKDAYS[local(starts_at).weekday()],
                    "clock": clock_at(starts_at),
                    "place": place,
                },
            )
    return found


def table_of_draft(
    draft: DraftRoster, *, at: datetime, also: Collection[int] = (), everybody: bool = False
) -> Table:
    """Lay out a draft: the people seated in it and ``also``; everybody in reach if so wished."""
    rows = db.session.execute(
        select(DraftSeat.shift_id, DraftSeat.volunteer_id).where(DraftSeat.draft_id == draft.id)
    )
    seats: set[Seat] = {(row[0], row[1]) for row in rows}
    only = None if everybody else {v for _, v in seats} | set(also)
    return Table(problem_of(draft.week_on, scope_of_draft(draft), at=at, only=only), seats)


def table_of_week(
    week_on: date,
    scope: PlanScope,
    *,
    at: datetime,
    also: Collection[int] = (),
    everybody: bool = False,
) -> Table:
    """Lay out what is published for a week and scope: the people seated and ``also``, or everybody."""
    seats: set[Seat] = set()
    ids = list(db.session.scalars(plannable(select(Shift.id), week_on, scope, at)))
    for part in parts(ids):
        rows = db.session.execute(
            select(Assignment.shift_id, Assignment.volunteer_id).where(
                Assignment.shift_id.in_(part), Assignment.state.in_(LIVE)
            )
        )
        seats.update((row[0], row[1]) for row in rows)
    only = None if everybody else {v for _, v in seats} | set(also)
    return Table(problem_of(week_on, scope, at=at, only=only), seats)


def table_of_shift(
    actor: Actor,
    line: ShiftLine,
    *,
    at: datetime,
    also: Collection[int] = (),
    everybody: bool = False,
) -> Table:
    """Lay out the week around one shift, as far as the actor may choose people for it."""
    scope = scope_for(actor, line)
    return table_of_week(week_holding(line), scope, at=at, also=also, everybody=everybody)
