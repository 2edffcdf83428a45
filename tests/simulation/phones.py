"""Phones without a signal in the simulation: queued items arrive late, twice, out of order, and a person decides."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from tests.simulation.scene import IDLE, Scene
from volunteer.domain.terms import DeferredAct, DeferredState, StampKind
from volunteer.domain.token import personal_code, poster_code, rotating_code
from volunteer.models.activities import Shift
from volunteer.models.attendance import CheckIn, DeferredStamp
from volunteer.models.base import db
from volunteer.models.people import Volunteer
from volunteer.models.places import CheckPoint
from volunteer.operations.offline import (
    accept_deferred,
    decline_deferred,
    receive,
    settle_conflict,
)


def upload(scene: Scene) -> str | None:
    """A phone finds a signal: a new item, or one that it does not know to have arrived."""
    chance = scene.chance
    if scene.queue and chance.random() < 0.25:
        account, item = chance.choice(scene.queue)
    else:
        account, item = _item(scene)
        scene.queue.append((account, item))
    row = receive(scene.actor(account), item, device_id=None, at=scene.at)
    known = scene.brought.get(item["nonce"])
    assert known is None or known == (row.id, row.received_at), "the same item got another row"
    scene.brought[item["nonce"]] = (row.id, row.received_at)
    if row.stamp_id is not None:
        stamp = db.session.get(CheckIn, row.stamp_id)
        assert stamp is not None
        scene.keep(stamp)
    return row.state.value


def _item(scene: Scene) -> tuple[int, dict[str, Any]]:
    """What a phone kept: seen minutes, hours or more than a day ago, by a clock that may be wrong."""
    chance = scene.chance
    shift, volunteer_id = scene.seat()
    length = int((shift.ends_at - shift.starts_at).total_seconds()) // 60
    seen = shift.starts_at + timedelta(minutes=chance.randint(-25, length + 40))
    seen = min(seen, scene.at)
    kind = chance.choice((StampKind.IN, StampKind.OUT))
    source = chance.choice(("own", "own", "roll", "scan"))
    act = "absent" if source == "roll" and chance.random() < 0.2 else kind.value
    off = timedelta(minutes=chance.choice((0, 0, 0, 0, 10, -10)))
    item: dict[str, Any] = {
        "nonce": scene.nonce(),
        "source": source,
        "act": act,
        "device_at": int((seen + off).timestamp() * 1000),
        "offset": chance.choice((0, 0, 0, None)),
        "shift": shift.id,
    }
    person = db.session.get(Volunteer, volunteer_id)
    point = db.session.get(CheckPoint, shift.point_id)
    assert person is not None
    assert point is not None
    if source == "own":
        if chance.random() < 0.8:
            fixed = chance.random() < 0.2
            item["code"] = (
                poster_code(point.secret, point.id)
                if fixed
                else rotating_code(point.secret, shift.id, kind, seen)
            )
        return scene.cast.accounts[volunteer_id], item
    if source == "scan":
        item["code"] = personal_code(person.personal_secret, person.id, seen)
    else:
        item["person"] = volunteer_id
    leader = scene.cast.accounts.get(shift.leader_id or 0)
    desk = chance.choice(scene.cast.organizers)
    return leader if leader is not None and chance.random() < 0.7 else desk, item


def decide_late(scene: Scene) -> str | None:
    """Somebody takes a waiting item or does not; at times who sent it in, or whose it is."""
    rows = list(
        db.session.scalars(
            select(DeferredStamp)
            .where(DeferredStamp.state == DeferredState.WAITING)
            .order_by(DeferredStamp.id)
        )
    )
    if not rows:
        return IDLE
    row = scene.chance.choice(rows)
    shift = db.session.get(Shift, row.shift_id)
    assert shift is not None
    actor = scene.site(shift)
    if scene.chance.random() < 0.25:
        decline_deferred(actor, deferred_id=row.id, reason="没有这回事", at=scene.at)
        return None
    is_stamp = row.act is not DeferredAct.ABSENT
    said = shift.starts_at if is_stamp and scene.chance.random() < 0.2 else None
    done = accept_deferred(actor, deferred_id=row.id, said=said, reason="带队证实", at=scene.at)
    if done.stamp_id is not None:
        stamp = db.session.get(CheckIn, done.stamp_id)
        assert stamp is not None
        scene.keep(stamp)
    return None


def settle_contradiction(scene: Scene) -> str | None:
    """Somebody says what counts where late stamps do not fit."""
    row = scene.chance.choice(
        list(
            db.session.scalars(
                select(DeferredStamp)
                .where(DeferredStamp.seen_at.is_(None), DeferredStamp.shift_id.is_not(None))
                .order_by(DeferredStamp.id)
            )
        )
        or [None]
    )
    if row is None or row.shift_id is None or row.volunteer_id is None:
        return IDLE
    shift = db.session.get(Shift, row.shift_id)
    assert shift is not None
    stamps = list(
        db.session.scalars(
            select(CheckIn.id)
            .where(CheckIn.shift_id == row.shift_id, CheckIn.volunteer_id == row.volunteer_id)
            .order_by(CheckIn.id)
        )
    )
    settle_conflict(
        scene.site(shift),
        shift_id=row.shift_id,
        volunteer_id=row.volunteer_id,
        set_aside=[one for one in stamps if scene.chance.random() < 0.3],
        reason="核对过",
        at=scene.at,
    )
    return None
