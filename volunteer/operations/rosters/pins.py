"""Pins (锁定、禁排): a seat fixed or forbidden by hand; the next run and every move obey."""

from datetime import datetime

from sqlalchemy import select

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import PinVerdict
from volunteer.domain.words import N_
from volunteer.models.base import db
from volunteer.models.rosters import Pin
from volunteer.operations import journal
from volunteer.queries.rosters.board import shift_in_reach, volunteer_in_reach
from volunteer.queries.rosters.table import shift_names


def pin_seat(
    actor: Actor,
    *,
    shift_id: int,
    volunteer_id: int,
    verdict: PinVerdict,
    reason: str = "",
    at: datetime,
) -> Pin:
    """Fix a person on a shift (锁定), or forbid it (不安排). A second verdict replaces the first.

    Raises
    ------
    Refused
        ``not_found`` (404) for a shift or person out of reach, ``not_allowed``; ``already_so``.
    """
    line = shift_in_reach(actor, shift_id)
    require(actor, Act.MANAGE_ROSTERS, unit_id=line.unit_id, district_id=line.district_id)
    person = volunteer_in_reach(actor, volunteer_id, shift_id)
    pin = _pin(shift_id, volunteer_id)
    if pin is not None and pin.verdict is verdict:
        raise Refused("already_so", N_("现在已经是“%(state)s”。"), values={"state": verdict.label})
    before = None if pin is None else {"verdict": pin.verdict.value}
    if pin is None:
        pin = Pin(shift_id=shift_id, volunteer_id=volunteer_id)
        db.session.add(pin)
    pin.verdict, pin.reason = verdict, reason[:200]
    pin.by_id, pin.at = actor.account_id or 0, at
    db.session.flush()
    journal.note(
        actor,
        "pin_seat",
        pin,
        f"{verdict.label}：{person.name} · {shift_names([shift_id])[shift_id]}",
        at=at,
        unit_id=line.unit_id,
        before=before,
        after={"verdict": verdict.value, "shift": shift_id, "volunteer": volunteer_id},
        reason=reason,
    )
    return pin


def unpin_seat(actor: Actor, *, shift_id: int, volunteer_id: int, at: datetime) -> None:
    """Take a pin or ban away.

    Raises
    ------
    Refused
        ``not_found`` (404), ``not_allowed``; ``no_pin``.
    """
    line = shift_in_reach(actor, shift_id)
    require(actor, Act.MANAGE_ROSTERS, unit_id=line.unit_id, district_id=line.district_id)
    person = volunteer_in_reach(actor, volunteer_id, shift_id)
    pin = _pin(shift_id, volunteer_id)
    if pin is None:
        raise Refused("no_pin", N_("这里没有锁定或禁排。"), N_("请刷新页面查看最新状态。"))
    journal.note(
        actor,
        "unpin_seat",
        pin,
        f"解除{pin.verdict.label}：{person.name} · {shift_names([shift_id])[shift_id]}",
        at=at,
        unit_id=line.unit_id,
        before={"verdict": pin.verdict.value},
    )
    db.session.delete(pin)
    db.session.flush()


def _pin(shift_id: int, volunteer_id: int) -> Pin | None:
    return db.session.scalar(
        select(Pin)
        .where(Pin.shift_id == shift_id, Pin.volunteer_id == volunteer_id)
        .with_for_update()
    )
