"""Stamps (签到记录), read one by one: the own last one, and the story of one seat."""

from dataclasses import dataclass

from sqlalchemy import select

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.refusal import Refused
from volunteer.domain.words import N_
from volunteer.models.attendance import CheckIn, StampCancellation
from volunteer.models.base import db
from volunteer.models.people import Account


def own_stamp(actor: Actor, stamp_id: int) -> CheckIn:
    """One of the person's own stamps that was not taken back.

    Raises Refused ``not_found``.
    """
    require(actor, Act.OWN_STAMPS)
    row = db.session.scalar(
        select(CheckIn)
        .outerjoin(StampCancellation, StampCancellation.stamp_id == CheckIn.id)
        .where(
            CheckIn.id == stamp_id,
            CheckIn.volunteer_id == actor.volunteer_id,
            StampCancellation.stamp_id.is_(None),
        )
    )
    if row is None:
        raise Refused("not_found", "没有找到这次签到。", "可能已被撤销。", status=404)
    return row


@dataclass(frozen=True, slots=True)
class StampLine:
    """One stamp with whose hand made it, and whether and why it was taken back."""

    stamp: CheckIn
    by_name: str
    cancelled: StampCancellation | None


def stamps_of(assignment_id: int) -> list[StampLine]:
    """The whole story of a seat, the stamps that were taken back included, in order of arrival."""
    rows = db.session.execute(
        select(CheckIn, Account.name, StampCancellation)
        .outerjoin(Account, Account.id == CheckIn.by_account_id)
        .outerjoin(StampCancellation, StampCancellation.stamp_id == CheckIn.id)
        .where(CheckIn.assignment_id == assignment_id)
        .order_by(CheckIn.received_at, CheckIn.id)
    )
    return [StampLine(row[0], row[1] or N_("系统"), row[2]) for row in rows]
