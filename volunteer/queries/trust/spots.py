"""Spot checks (现场抽查), read: the one of a shift, and the public register of days, digests and results."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import case, func, select

from volunteer.domain.terms import SpotState
from volunteer.domain.timekeeping import beijing, local_date
from volunteer.models.base import db
from volunteer.models.cipher import decrypt
from volunteer.models.trust import SpotCheck, SpotDay, SpotPerson, TrustLook

DAYS = 31


@dataclass(frozen=True, slots=True)
class DayLine:
    """One day of the register. ``secret`` is shown when the day is over, the drawn shifts with it."""

    day: date
    commitment: str
    secret: str
    percent: int
    drawn: tuple[int, ...]
    done: int
    unrun: int
    found: int
    missed: int


@dataclass(frozen=True, slots=True)
class SpotSeen:
    """The spot check of a shift, and whom it has found so far."""

    check: SpotCheck
    found: frozenset[int]
    missed: frozenset[int]

    def is_open(self, at: datetime) -> bool:
        """Whether it can still be carried out."""
        return self.check.state is SpotState.OPEN and at <= self.check.expires_at


def spot_of(shift_id: int) -> SpotSeen | None:
    """The spot check of a shift, if it was drawn and has begun."""
    check = db.session.scalar(select(SpotCheck).where(SpotCheck.shift_id == shift_id))
    if check is None:
        return None
    rows = db.session.execute(
        select(SpotPerson.volunteer_id, SpotPerson.is_found).where(SpotPerson.spot_id == check.id)
    ).all()
    return SpotSeen(
        check,
        frozenset(row[0] for row in rows if row[1]),
        frozenset(row[0] for row in rows if not row[1]),
    )


def is_looked_at(day: date) -> bool:
    """Whether the units of a day were looked at."""
    return db.session.get(TrustLook, day) is not None


def register(*, at: datetime, days: int = DAYS) -> list[DayLine]:
    """The last days, tomorrow's digest first: how many were drawn, done and not, and how many were found.

    Counts and numbers of shifts, no names: 《志愿服务记录与证明出具办法（试行）》第二十条 wants results public.
    """
    today = local_date(at)
    known = list(
        db.session.scalars(
            select(SpotDay)
            .where(SpotDay.day > today - timedelta(days=days))
            .order_by(SpotDay.day.desc())
        )
    )
    people = (
        select(
            SpotPerson.spot_id,
            func.sum(case((SpotPerson.is_found.is_(True), 1), else_=0)).label("found"),
            func.sum(case((SpotPerson.is_found.is_(True), 0), else_=1)).label("missed"),
        )
        .group_by(SpotPerson.spot_id)
        .subquery()
    )
    checks: dict[date, list[tuple[int, SpotState, int, int]]] = {}
    rows = db.session.execute(
        select(SpotCheck.day, SpotCheck.shift_id, SpotCheck.state, people.c.found, people.c.missed)
        .outerjoin(people, people.c.spot_id == SpotCheck.id)
        .where(SpotCheck.day.in_([row.day for row in known]))
        .order_by(SpotCheck.shift_id)
    )
    for day, shift_id, state, found, missed in rows:
        checks.setdefault(day, []).append((shift_id, state, int(found or 0), int(missed or 0)))
    return [_line(row, checks.get(row.day, []), at) for row in known]


def _line(row: SpotDay, checks: list[tuple[int, SpotState, int, int]], at: datetime) -> DayLine:
    is_over = at >= beijing(row.day, 1440)
    return DayLine(
        day=row.day,
        commitment=bytes(row.commitment).hex(),
        secret=(decrypt(row.secret_cipher) or "") if is_over else "",
        percent=row.percent,
        drawn=tuple(one[0] for one in checks) if is_over else (),
        done=sum(one[1] is SpotState.DONE for one in checks),
        unrun=sum(one[1] is SpotState.UNRUN for one in checks),
        found=sum(one[2] for one in checks),
        missed=sum(one[3] for one in checks),
    )
