"""The register of data breaches (数据安全事件), with what is still to be done and until when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import BreachStep
from volunteer.domain.timekeeping import local_date
from volunteer.models.base import db
from volunteer.models.journal import Breach, BreachEntry
from volunteer.queries.policy import policy_on

MOST = 200
MUST = (BreachStep.REMEDY, BreachStep.AUTHORITY, BreachStep.PEOPLE)
"""What 《个人信息保护法》第五十七条 asks for: measures at once, the office in charge, the people."""


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that the law asks for: until when, and when it was done."""

    step: BreachStep
    until: datetime
    done_at: datetime | None
    is_late: bool


@dataclass(frozen=True, slots=True)
class BreachLine:
    """One breach with its entries in order and its duties."""

    breach: Breach
    entries: list[BreachEntry]
    due: list[Due]
    is_closed: bool

    @property
    def open_due(self) -> list[Due]:
        """What is not done yet."""
        return [] if self.is_closed else [one for one in self.due if one.done_at is None]


def breaches(actor: Actor, *, at: datetime) -> list[BreachLine]:
    """All breaches, the newest first.

    Raises Refused ``not_allowed``.
    """
    require(actor, Act.VIEW_SETTINGS)
    rows = db.session.scalars(
        select(Breach).order_by(Breach.found_at.desc(), Breach.id.desc()).limit(MOST)
    ).all()
    return _lines(list(rows), at)


def breach_for(actor: Actor, breach_id: int, *, at: datetime) -> BreachLine:
    """One breach.

    Raises Refused ``not_allowed``, ``not_found``.
    """
    require(actor, Act.VIEW_SETTINGS)
    row = db.session.get(Breach, breach_id)
    if row is None:
        raise Refused("not_found", "没有找到这个事件。", "请从列表重新进入。", status=404)
    return _lines([row], at)[0]


def _lines(rows: list[Breach], at: datetime) -> list[BreachLine]:
    found: dict[int, list[BreachEntry]] = {row.id: [] for row in rows}
    for entry in db.session.scalars(
        select(BreachEntry)
        .where(BreachEntry.breach_id.in_(sorted(found)))
        .order_by(BreachEntry.at, BreachEntry.id)
    ):
        found[entry.breach_id].append(entry)
    return [_line(row, found[row.id], at) for row in rows]


def _line(breach: Breach, entries: list[BreachEntry], at: datetime) -> BreachLine:
    policy = policy_on(local_date(breach.found_at))
    hours = {
        BreachStep.REMEDY: policy.breach_report_hours,
        BreachStep.AUTHORITY: policy.breach_report_hours,
        BreachStep.PEOPLE: policy.breach_people_hours,
    }
    due = []
    for step in MUST:
        done = next((entry.at for entry in entries if entry.step is step), None)
        until = breach.found_at + timedelta(hours=hours[step])
        due.append(Due(step, until, done, (done or at) > until))
    return BreachLine(
        breach, entries, due, any(entry.step is BreachStep.CLOSE for entry in entries)
    )
