"""Cases (核查事项), read: the desk's list, one with all that was seen, the person's own, and the city's counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select

from volunteer.domain.access import Act, Actor, may, require
from volunteer.domain.refusal import Refused
from volunteer.domain.signals import BY_CODE
from volunteer.domain.terms import CaseState, CaseSubject, Signal
from volunteer.domain.timekeeping import day_words
from volunteer.models.activities import Shift
from volunteer.models.base import db
from volunteer.models.ledger import ServiceRecord
from volunteer.models.people import Unit, Volunteer
from volunteer.models.places import CheckPoint
from volunteer.models.trust import CaseEvent, CaseEvidence, TrustCase
from volunteer.queries.ledger import newest
from volunteer.queries.scope import visible

PAGE = 30
MOST_RECORDS = 200
LIVE = (CaseState.OPEN, CaseState.ASKED, CaseState.ANSWERED, CaseState.HELD, CaseState.APPEALED)


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case of a list: whom or what it is about, and which signals were seen."""

    case: TrustCase
    about: str
    unit_name: str
    signals: tuple[Signal, ...]


@dataclass(frozen=True, slots=True)
class CasePage:
    """One page of cases, and how many wait in each state."""

    lines: list[CaseLine]
    total: int
    page: int
    pages: int
    waiting: dict[CaseState, int]


@dataclass(frozen=True, slots=True)
class Clue:
    """One thing that was seen, with what it might innocently be."""

    evidence: CaseEvidence
    innocent: str


@dataclass(frozen=True, slots=True)
class CaseStory:
    """One case with everything that belongs to it."""

    line: CaseLine
    clues: list[Clue]
    events: list[CaseEvent]
    records: list[tuple[ServiceRecord, str]]
    shift: Shift | None
    may_decide: bool
    may_answer: bool

    @property
    def case(self) -> TrustCase:
        """The case itself."""
        return self.line.case


def _rows() -> Any:
    return (
        select(TrustCase, Volunteer.name, Unit.name, CheckPoint.name, Shift.service_on)
        .join(Unit, Unit.id == TrustCase.unit_id)
        .outerjoin(Volunteer, Volunteer.id == TrustCase.volunteer_id)
        .outerjoin(Shift, Shift.id == TrustCase.shift_id)
        .outerjoin(CheckPoint, CheckPoint.id == Shift.point_id)
    )


def _lines(rows: Sequence[Any]) -> list[CaseLine]:
    ids = [row[0].id for row in rows]
    found: dict[int, list[Signal]] = {}
    for case_id, code in db.session.execute(
        select(CaseEvidence.case_id, CaseEvidence.code)
        .where(CaseEvidence.case_id.in_(ids))
        .order_by(CaseEvidence.score.desc(), CaseEvidence.id)
    ):
        known = found.setdefault(case_id, [])
        if code not in known:
            known.append(code)
    return [CaseLine(row[0], _about(row), row[2], tuple(found.get(row[0].id, ()))) for row in rows]


def _about(row: Any) -> str:
    case, person, unit, point, on = row
    if case.subject is CaseSubject.PERSON:
        return str(person)
    if case.subject is CaseSubject.SHIFT:
        return f"{point} {day_words(on)}"
    return str(unit)


def _in_reach(statement: Any, actor: Actor, act: Act) -> Any:
    return visible(statement, actor, act, unit=TrustCase.unit_id)


def cases_of(
    actor: Actor, *, words: str = "", state: CaseState | None = None, page: int = 1
) -> CasePage:
    """The cases within reach, those that wait first, the newest of each first: three statements."""
    require(actor, Act.VIEW_CASES)
    found = _in_reach(_rows(), actor, Act.VIEW_CASES)
    waiting = dict(
        db.session.execute(
            _in_reach(
                select(TrustCase.state, func.count()).group_by(TrustCase.state),
                actor,
                Act.VIEW_CASES,
            )
        ).all()
    )
    if state is not None:
        found = found.where(TrustCase.state == state)
    if words.strip():
        found = found.where(_matches(words.strip()))
    total = (
        db.session.scalar(found.with_only_columns(func.count(), maintain_column_froms=True)) or 0
    )
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    rows = db.session.execute(
        found.order_by(
            TrustCase.state.in_(LIVE).desc(), TrustCase.opened_at.desc(), TrustCase.id.desc()
        )
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    ).all()
    return CasePage(_lines(rows), total, page, pages, waiting)


def _matches(words: str) -> Any:
    return or_(
        Volunteer.name.contains(words, autoescape=True),
        Volunteer.pinyin.startswith(words.lower(), autoescape=True),
        Unit.name.contains(words, autoescape=True),
        CheckPoint.name.contains(words, autoescape=True),
    )


def waiting_cases(actor: Actor) -> int:
    """How many cases within reach wait for the desk."""
    statement = select(func.count()).where(
        TrustCase.state.in_((CaseState.OPEN, CaseState.ANSWERED, CaseState.APPEALED))
    )
    return db.session.scalar(_in_reach(statement, actor, Act.DECIDE_CASES)) or 0


def case_story(actor: Actor, case_id: int) -> CaseStory:
    """One case within the desk's reach. Raises Refused ``not_found``."""
    require(actor, Act.VIEW_CASES)
    row = db.session.execute(
        _in_reach(_rows().where(TrustCase.id == case_id), actor, Act.VIEW_CASES)
    ).one_or_none()
    if row is None:
        raise _not_found()
    return _story(actor, row)


def _not_found() -> Refused:
    return Refused("not_found", "没有找到这件核查事项。", "请从列表重新进入。", status=404)


def _story(actor: Actor, row: Any) -> CaseStory:
    (line,) = _lines([row])
    case = line.case
    clues = [Clue(one, BY_CODE[one.code].innocent) for one in evidence_of(case.id)]
    events = list(
        db.session.scalars(
            select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(CaseEvent.id)
        )
    )
    shift = db.session.get(Shift, case.shift_id) if case.shift_id else None
    records = records_of_case(case)
    return CaseStory(
        line,
        clues,
        events,
        records,
        shift,
        may_decide=may_decide(actor, case, [record for record, _ in records]),
        may_answer=may_answer(actor, case),
    )


def evidence_of(case_id: int) -> list[CaseEvidence]:
    """What was seen in a case, the gravest first."""
    return list(
        db.session.scalars(
            select(CaseEvidence)
            .where(CaseEvidence.case_id == case_id)
            .order_by(CaseEvidence.score.desc(), CaseEvidence.id)
        )
    )


def records_of_case(case: TrustCase) -> list[tuple[ServiceRecord, str]]:
    """The records that a case touches, each in its newest version with its person's name."""
    clauses: list[Any] = []
    seats: set[int] = set()
    for one in evidence_of(case.id):
        seats.update(one.record_ids)
        if one.activity_id is not None:
            clauses.append(ServiceRecord.activity_id == one.activity_id)
        if case.subject is CaseSubject.PERSON and one.shift_id is not None:
            clauses.append(
                (ServiceRecord.shift_id == one.shift_id)
                & (ServiceRecord.volunteer_id == case.volunteer_id)
            )
    if case.subject is CaseSubject.SHIFT:
        clauses.append(ServiceRecord.shift_id == case.subject_id)
    if seats:
        named = select(ServiceRecord.assignment_id).where(ServiceRecord.id.in_(sorted(seats)))
        clauses.append(ServiceRecord.assignment_id.in_(named))
    if not clauses:
        return []
    rows = db.session.execute(
        select(ServiceRecord, Volunteer.name)
        .join(Volunteer, Volunteer.id == ServiceRecord.volunteer_id)
        .where(or_(*clauses), newest())
        .order_by(ServiceRecord.service_on, ServiceRecord.id)
        .limit(MOST_RECORDS)
    )
    return [(row[0], row[1]) for row in rows]


def may_decide(actor: Actor, case: TrustCase, records: Sequence[ServiceRecord]) -> bool:
    """Whether a case is the actor's to decide: never the own hours, a unit's own conduct only from above.

    An appeal is decided from above too, and by somebody else than the decision.
    """
    own = {case.volunteer_id, *(record.volunteer_id for record in records)}
    if actor.volunteer_id is not None and actor.volunteer_id in own:
        return False
    if case.state is CaseState.APPEALED and actor.account_id == case.decided_by_id:
        return False
    if case.subject is CaseSubject.UNIT or case.state is CaseState.APPEALED:
        return is_above(actor, case.unit_id)
    return may(actor, Act.DECIDE_CASES, unit_id=case.unit_id)


def is_above(actor: Actor, unit_id: int) -> bool:
    """Whether the actor reaches a unit from the unit above it, its district office, or the city."""
    unit = db.session.get(Unit, unit_id)
    assert unit is not None, "a case lies on a unit's desk"
    above = unit.parent_id is not None and may(actor, Act.DECIDE_CASES, unit_id=unit.parent_id)
    office = unit.district_id is not None and may(
        actor, Act.DECIDE_CASES, district_id=unit.district_id
    )
    return above or office or may(actor, Act.REVIEW_CITY, unit_id=unit_id)


def may_answer(actor: Actor, case: TrustCase) -> bool:
    """Whether the actor is the one whom a case asks: the person, who led the shift, or the unit's organizers."""
    if case.subject is CaseSubject.PERSON:
        return actor.volunteer_id is not None and actor.volunteer_id == case.volunteer_id
    if case.subject is CaseSubject.SHIFT and actor.volunteer_id is not None:
        led = db.session.scalar(select(Shift.leader_id).where(Shift.id == case.subject_id))
        if led == actor.volunteer_id:
            return True
    return may(actor, Act.MANAGE_ACTIVITIES, unit_id=case.unit_id)


def my_cases(actor: Actor) -> list[CaseLine]:
    """The cases about which the actor was asked, the newest first; what nobody has asked yet is not shown."""
    require(actor, Act.OWN_CASES)
    rows = db.session.execute(
        _rows()
        .where(TrustCase.volunteer_id == actor.volunteer_id, TrustCase.asked_at.is_not(None))
        .order_by(TrustCase.id.desc())
        .limit(50)
    ).all()
    return _lines(rows)


def my_case(actor: Actor, case_id: int) -> CaseStory:
    """One of them. Raises Refused ``not_found``."""
    require(actor, Act.OWN_CASES)
    row = db.session.execute(
        _rows().where(
            TrustCase.id == case_id,
            TrustCase.volunteer_id == actor.volunteer_id,
            TrustCase.asked_at.is_not(None),
        )
    ).one_or_none()
    if row is None:
        raise _not_found()
    return _story(actor, row)


def cases_that_ask(actor: Actor) -> list[TrustCase]:
    """The own cases that wait for the person's answer, for the notice on the home page."""
    if actor.volunteer_id is None:
        return []
    return list(
        db.session.scalars(
            select(TrustCase)
            .where(
                TrustCase.volunteer_id == actor.volunteer_id,
                TrustCase.state == CaseState.ASKED,
            )
            .order_by(TrustCase.id)
        )
    )


def appeals_run_out(at: datetime, today: Any) -> list[int]:
    """Corrected cases whose time for an appeal is over."""
    return list(
        db.session.scalars(
            select(TrustCase.id).where(
                TrustCase.state == CaseState.CORRECTED, TrustCase.appeal_due_on < today
            )
        )
    )
