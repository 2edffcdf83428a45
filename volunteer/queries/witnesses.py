"""Who can vouch for somebody (证明人): of the same shift, with a scanned record at the same time."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from volunteer.domain.terms import MakeUpState
from volunteer.domain.ticket import MAKE_UP_LIVE, WITNESS_GRADES, vouches
from volunteer.domain.timekeeping import Window
from volunteer.models.base import db
from volunteer.models.ledger import LedgerEntry, ServiceRecord
from volunteer.models.people import Account
from volunteer.models.tickets import MakeUp
from volunteer.queries.ledger import counted_natures, newest
from volunteer.queries.policy import current_policy


def witnesses_of(
    shift_id: int, claimed: Window, *, besides: tuple[int | None, ...]
) -> list[tuple[int, int]]:
    """Volunteer and account of each who can vouch: newest record of grade A or B that overlaps the claim."""
    rows = db.session.execute(
        select(
            ServiceRecord.volunteer_id,
            Account.id,
            ServiceRecord.grade,
            ServiceRecord.first_in_at,
            ServiceRecord.last_out_at,
        )
        .join(Account, Account.volunteer_id == ServiceRecord.volunteer_id)
        .where(
            ServiceRecord.shift_id == shift_id,
            ServiceRecord.grade.in_(WITNESS_GRADES),
            ServiceRecord.attended_minutes > 0,
            Account.is_disabled.is_(False),
            newest(),
        )
        .order_by(ServiceRecord.volunteer_id)
    )
    return [
        (person, account)
        for person, account, grade, came, went in rows
        if person not in besides
        and came is not None
        and went is not None
        and came < went
        and vouches(grade, Window(came, went), claimed)
    ]


def overlapping_claims(volunteer_id: int, claimed: Window, *, besides_shift: int) -> bool:
    """Whether the person has a record, or another request under way, at the same time on another shift."""
    record: Any = select(ServiceRecord.id).where(
        ServiceRecord.volunteer_id == volunteer_id,
        ServiceRecord.shift_id != besides_shift,
        ServiceRecord.served_minutes > 0,
        ServiceRecord.first_in_at < claimed.ends_at,
        ServiceRecord.last_out_at > claimed.starts_at,
        newest(),
    )
    other: Any = select(MakeUp.id).where(
        MakeUp.volunteer_id == volunteer_id,
        MakeUp.shift_id != besides_shift,
        MakeUp.state.in_(MAKE_UP_LIVE),
        MakeUp.came_at < claimed.ends_at,
        MakeUp.went_at > claimed.starts_at,
    )
    return any(db.session.scalar(each.limit(1)) is not None for each in (record, other))


def used_quota(unit_id: int, month: date) -> int:
    """How many requests of a unit count against its month: all but those that came to nothing."""
    count = db.session.scalar(
        select(func.count()).where(
            MakeUp.unit_id == unit_id,
            MakeUp.month == month,
            MakeUp.state.not_in([MakeUpState.WITHDRAWN, MakeUpState.REFUSED, MakeUpState.LAPSED]),
        )
    )
    return count or 0


def false_request(volunteer_id: int) -> datetime | None:
    """When the last request of the person was found to be false, if ever."""
    return db.session.scalar(
        select(func.max(MakeUp.ended_at)).where(
            MakeUp.volunteer_id == volunteer_id, MakeUp.is_false.is_(True)
        )
    )


def earned_since(volunteer_id: int, on: date) -> int:
    """Minutes credited for service after a day."""
    minutes = db.session.scalar(
        select(func.coalesce(func.sum(LedgerEntry.minutes), 0)).where(
            LedgerEntry.volunteer_id == volunteer_id,
            LedgerEntry.service_on > on,
            LedgerEntry.nature.in_(counted_natures(current_policy())),
        )
    )
    return int(minutes or 0)
