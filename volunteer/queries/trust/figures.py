"""Trust in figures (核查概况): counts of cases by signal, state and unit, within the reader's reach."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, select

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.terms import CaseState, Signal
from volunteer.models.base import db
from volunteer.models.people import Unit
from volunteer.models.trust import CaseEvidence, TrustCase, TrustLook
from volunteer.queries.scope import visible

DAYS = 92
MOST_UNITS = 30


@dataclass(frozen=True, slots=True)
class SignalLine:
    """One signal: in how many cases it was seen, and how those ended."""

    signal: Signal
    cases: int
    waiting: int
    cleared: int
    corrected: int

    @property
    def right_percent(self) -> int | None:
        """Of the decided cases, how many led to a correction; none while nothing is decided."""
        decided = self.cleared + self.corrected
        return round(100 * self.corrected / decided) if decided else None


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit: its cases, those that wait, and the oldest of them."""

    unit_id: int
    name: str
    cases: int
    waiting: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class TrustFigures:
    """All counts of the last three months."""

    states: dict[CaseState, int]
    signals: list[SignalLine]
    units: list[UnitLine]
    last_look: datetime | None

    @property
    def total(self) -> int:
        """All cases."""
        return sum(self.states.values())

    def of(self, *states: str) -> int:
        """Cases in any of the named states."""
        return sum(count for state, count in self.states.items() if state.value in states)


_WAITING = (CaseState.OPEN, CaseState.ASKED, CaseState.ANSWERED, CaseState.HELD, CaseState.APPEALED)
_CORRECTED = (CaseState.CORRECTED, CaseState.CLOSED)


def _count(*states: CaseState) -> Any:
    return func.sum(case((TrustCase.state.in_(states), 1), else_=0))


def trust_figures(actor: Actor, *, at: datetime) -> TrustFigures:
    """Counts over three months: four statements."""
    require(actor, Act.VIEW_AUDIT)
    recent = TrustCase.opened_at >= at - timedelta(days=DAYS)

    def seen(statement: Any) -> Any:
        return visible(statement.where(recent), actor, Act.VIEW_CASES, unit=TrustCase.unit_id)

    states = db.session.execute(
        seen(select(TrustCase.state, func.count()).group_by(TrustCase.state))
    ).all()
    pairs = (
        seen(select(TrustCase.id, TrustCase.state, CaseEvidence.code))
        .join(CaseEvidence, CaseEvidence.case_id == TrustCase.id)
        .distinct()
        .subquery()
    )

    def share(*among: CaseState) -> Any:
        return func.sum(case((pairs.c.state.in_(among), 1), else_=0))

    signals = db.session.execute(
        select(
            pairs.c.code,
            func.count(),
            share(*_WAITING),
            share(CaseState.CLEARED),
            share(*_CORRECTED),
        )
        .group_by(pairs.c.code)
        .order_by(func.count().desc(), pairs.c.code)
    ).all()
    return TrustFigures(
        {row[0]: row[1] for row in states},
        [SignalLine(row[0], *(int(n or 0) for n in row[1:])) for row in signals],
        _units(seen),
        db.session.scalar(select(func.max(TrustLook.at))),
    )


def _units(seen: Callable[[Any], Any]) -> list[UnitLine]:
    """Cases by unit, those with most that wait first."""
    rows = db.session.execute(
        seen(
            select(
                Unit.id,
                Unit.name,
                func.count(),
                _count(*_WAITING),
                func.min(case((TrustCase.state.in_(_WAITING), TrustCase.opened_at))),
            ).join(Unit, Unit.id == TrustCase.unit_id)
        )
        .group_by(Unit.id, Unit.name)
        .order_by(_count(*_WAITING).desc(), func.count().desc(), Unit.id)
        .limit(MOST_UNITS)
    ).all()
    return [UnitLine(row[0], row[1], row[2], int(row[3] or 0), row[4]) for row in rows]
