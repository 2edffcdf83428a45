"""The leader's word (带队确认): that a person about whom there is a doubt was on site."""

from datetime import datetime

from volunteer.domain.access import Actor, require_other
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import ShiftState
from volunteer.models.base import db
from volunteer.models.trust import Vouch
from volunteer.operations.attendance.stamping import require_site
from volunteer.operations.journal import note
from volunteer.queries.attendance import seat_at


def vouch_for(
    actor: Actor, *, shift_id: int, volunteer_id: int, reason: str, at: datetime
) -> Vouch:
    """Confirm that a person who has stamped was there; said once, kept with the name of who said it.

    Raises Refused ``own_case``, ``not_here``, ``shift_settled`` (then the minutes are reviewed instead).
    """
    seat = seat_at(shift_id, volunteer_id, at=at)
    require_site(actor, seat)
    require_other(actor, volunteer_id)
    if seat.assignment is None or not seat.stamps:
        raise Refused("not_here", "这个人没有签到，不需要确认。", "如本人到岗，请先点名签到。")
    if seat.shift.state is ShiftState.SETTLED:
        raise Refused("shift_settled", "本班次已结算。", "请由组织者在时长记录中复核通过。")
    known = db.session.get(Vouch, seat.assignment.id)
    if known is not None:
        return known
    row = Vouch(
        assignment_id=seat.assignment.id,
        at=at,
        by_account_id=actor.account_id or 0,
        reason=reason.strip()[:200],
    )
    db.session.add(row)
    note(
        actor,
        "vouch",
        seat.assignment,
        f"确认 {seat.volunteer.name} 本人在场",
        at=at,
        unit_id=seat.activity.unit_id,
        reason=reason.strip(),
    )
    return row
