"""What was erased, when and how much (清除记录): a line for each kind of data, and the runs that erased something."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.policy import Policy
from volunteer.domain.retention import KEPT, Keeping
from volunteer.domain.timekeeping import local_date
from volunteer.models.base import db
from volunteer.models.journal import Erasure
from volunteer.queries.policy import policy_on

PAGE = 30
LATE = timedelta(hours=26)
"""After which a kind that is looked at every hour must be asked about."""


@dataclass(frozen=True, slots=True)
class KeepingLine:
    """One kind of data: how long it is kept, when it was last looked at, how much was erased in all."""

    keeping: Keeping
    length: int
    last_at: datetime | None
    total: int
    is_late: bool


@dataclass(frozen=True, slots=True)
class KeepingPage:
    """The report: all kinds, and a page of the runs that erased something, the newest first."""

    lines: list[KeepingLine]
    runs: list[tuple[Erasure, Keeping]]
    policy: Policy
    page: int
    pages: int
    total: int


def keeping_page(actor: Actor, *, at: datetime, page: int = 1) -> KeepingPage:
    """The report of what the clock erased.

    Raises Refused ``not_allowed``.
    """
    require(actor, Act.VIEW_SETTINGS)
    policy = policy_on(local_date(at))
    known = {
        row[0]: (row[1], int(row[2]))
        for row in db.session.execute(
            select(Erasure.what, func.max(Erasure.at), func.sum(Erasure.count)).group_by(
                Erasure.what
            )
        )
    }
    by_code = {keeping.code: keeping for keeping in KEPT}
    some = select(Erasure).where(Erasure.count > 0, Erasure.what.in_(sorted(by_code)))
    total = db.session.scalar(select(func.count()).select_from(some.subquery())) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    runs = db.session.scalars(
        some.order_by(Erasure.id.desc()).limit(PAGE).offset((page - 1) * PAGE)
    )
    return KeepingPage(
        [_line(keeping, known.get(keeping.code), policy, at) for keeping in KEPT],
        [(run, by_code[run.what]) for run in runs],
        policy,
        page,
        pages,
        total,
    )


def _line(
    keeping: Keeping, known: tuple[datetime, int] | None, policy: Policy, at: datetime
) -> KeepingLine:
    last, total = known or (None, 0)
    return KeepingLine(
        keeping, keeping.length(policy), last, total, last is not None and last < at - LATE
    )
