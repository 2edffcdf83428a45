"""What people do in the simulation: each act is the product's own operation with random, often foolish, wishes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from tests.simulation.scene import IDLE, Scene
from volunteer.domain.refusal import Refused
from volunteer.domain.series import Terms
from volunteer.domain.terms import CancelCause, ShiftState, StampKind, Way
from volunteer.domain.timekeeping import local_date
from volunteer.domain.token import personal_code, poster_code, rotating_code
from volunteer.models.activities import Shift
from volunteer.models.attendance import CheckIn
from volunteer.models.base import db
from volunteer.models.ledger import ServiceRecord
from volunteer.models.people import Volunteer
from volunteer.models.places import CheckPoint
from volunteer.models.rosters import Assignment
from volunteer.operations import attendance, ledger, sign_up
from volunteer.operations.attendance import Touch
from volunteer.operations.attendance.stamping import Wanted
from volunteer.operations.people.merge import merge_volunteers
from volunteer.operations.people.moves import move_volunteer
from volunteer.operations.people.states import end_pauses, let_go, pause_volunteer, take_back
from volunteer.operations.rosters.live import add_on_the_spot, offer_seat, release_seat
from volunteer.operations.sealing import seal_due
from volunteer.operations.shifts.cancel import cancel_shifts, restore_shift
from volunteer.operations.shifts.edit import Change, edit_shift


def scan(scene: Scene) -> None:
    """A person scans the code on site: mostly the right one, fresh; at times a photo of an old one."""
    shift, volunteer_id = scene.seat()
    point = db.session.get(CheckPoint, shift.point_id)
    assert point is not None
    age = timedelta(seconds=scene.chance.choice((0, 0, 0, 0, 0, 5, 25, 3600)))
    kind = scene.sensible(shift.id, volunteer_id)
    text = (
        poster_code(point.secret, point.id)
        if scene.chance.random() < 0.15
        else rotating_code(point.secret, shift.id, kind, scene.at - age)
    )
    _stamp(scene, volunteer_id, text, scene.nonce())


def _stamp(scene: Scene, volunteer_id: int, text: str, nonce: str) -> None:
    scene.sent.append((nonce, volunteer_id, text))
    actor = scene.actor(scene.cast.accounts[volunteer_id])
    skew = timedelta(minutes=scene.chance.choice((0, 0, 0, -10, 10)))
    touch = Touch(nonce=nonce, claimed_at=scene.at + skew)
    scene.keep(attendance.stamp_by_code(actor, text=text, touch=touch, at=scene.at))


def _together(scene: Scene, kind: StampKind) -> str | None:
    """Everybody who should, and can, scans the code on the leader's screen, one after the other."""
    edge = Shift.starts_at if kind is StampKind.IN else Shift.ends_at
    rows = db.session.scalars(
        select(Shift)
        .where(
            Shift.state == ShiftState.PUBLISHED,
            edge.between(scene.at - timedelta(minutes=30), scene.at + timedelta(minutes=9)),
        )
        .order_by(Shift.id)
    ).all()
    if not rows:
        return IDLE
    shift = scene.chance.choice(rows)
    point = db.session.get(CheckPoint, shift.point_id)
    assert point is not None
    text = rotating_code(point.secret, shift.id, kind, scene.at)
    seated = select(Assignment.volunteer_id).where(Assignment.shift_id == shift.id)
    done = 0
    for volunteer_id in db.session.scalars(seated.order_by(Assignment.id)).all():
        try:
            _stamp(scene, volunteer_id, text, scene.nonce())
            done += 1
        except Refused:
            continue
    return None if done else "nobody"


def arrive_together(scene: Scene) -> str | None:
    """A shift begins as it should."""
    return _together(scene, StampKind.IN)


def leave_together(scene: Scene) -> str | None:
    """A shift ends as it should."""
    return _together(scene, StampKind.OUT)


def scan_again(scene: Scene) -> str | None:
    """The same page is sent once more, whether its first answer arrived or not."""
    if not scene.sent:
        return IDLE
    nonce, volunteer_id, text = scene.chance.choice(scene.sent)
    known = scene.acked.get(nonce)
    actor = scene.actor(scene.cast.accounts[volunteer_id])
    row = attendance.stamp_by_code(actor, text=text, touch=Touch(nonce=nonce), at=scene.at)
    if known is not None:
        assert (row.id, row.kind.value, row.at) == known, "the same tap got another answer"
    scene.keep(row)
    return None


def scan_person(scene: Scene) -> None:
    """The leader scans a person's code."""
    shift, volunteer_id = scene.seat()
    person = db.session.get(Volunteer, volunteer_id)
    assert person is not None
    row = attendance.stamp_scanned(
        scene.site(shift),
        shift_id=shift.id,
        scanned=personal_code(person.personal_secret, person.id, scene.at),
        touch=Touch(nonce=scene.nonce()),
        at=scene.at,
    )
    scene.keep(row)


def roll_call(scene: Scene) -> None:
    """The leader ticks several people."""
    shift = scene.shift()
    people = scene.chance.sample(scene.cast.volunteers, scene.chance.randint(1, 4))
    done = attendance.call_roll(
        scene.site(shift),
        shift_id=shift.id,
        volunteer_ids=people,
        kind=scene.kind(),
        touch=Touch(nonce=scene.nonce()),
        at=scene.at,
    )
    for row in done.done:
        scene.keep(row)


def force(scene: Scene) -> None:
    """The leader enters a stamp for an earlier instant, with a reason."""
    shift, volunteer_id = scene.seat()
    length = int((shift.ends_at - shift.starts_at).total_seconds()) // 60
    said = scene.chance.choice(
        (None, shift.starts_at + timedelta(minutes=scene.chance.randint(-20, length + 20)))
    )
    row = attendance.force_stamp(
        scene.site(shift),
        shift_id=shift.id,
        volunteer_id=volunteer_id,
        wanted=Wanted(scene.sensible(shift.id, volunteer_id), Way.ROLL_CALL, "手机没电", said),
        touch=Touch(nonce=scene.nonce()),
        at=scene.at,
    )
    scene.keep(row)


def fail_system(scene: Scene) -> None:
    """The leader says that scanning failed and who was there."""
    shift = scene.shift()
    people = scene.chance.sample(scene.cast.volunteers, scene.chance.randint(1, 3))
    done = attendance.declare_failure(
        scene.site(shift),
        shift_id=shift.id,
        volunteer_ids=people,
        reason="网络不通",
        touch=Touch(nonce=scene.nonce()),
        at=scene.at,
    )
    for row in done.done:
        scene.keep(row)


def mark(scene: Scene) -> None:
    """The leader excuses, marks absent, or takes a mark back."""
    shift, volunteer_id = scene.seat()
    given: dict[str, Any] = {"shift_id": shift.id, "volunteer_id": volunteer_id, "at": scene.at}
    actor = scene.site(shift)
    match scene.chance.randrange(3):
        case 0:
            attendance.excuse(actor, reason="生病", **given)
        case 1:
            attendance.mark_absent(actor, reason="", **given)
        case _:
            attendance.clear_mark(actor, **given)


def undo(scene: Scene) -> str | None:
    """A stamp is taken back, by the person or on site."""
    if not scene.acked:
        return IDLE
    number, _, _ = scene.acked[scene.chance.choice(sorted(scene.acked))]
    row = db.session.get(CheckIn, number)
    if row is None:
        return IDLE
    if scene.chance.random() < 0.5:
        attendance.undo_own_stamp(
            scene.actor(scene.cast.accounts[row.volunteer_id]), stamp_id=row.id, at=scene.at
        )
    else:
        shift = db.session.get(Shift, row.shift_id)
        assert shift is not None
        attendance.undo_stamp(scene.site(shift), stamp_id=row.id, reason="扫错了人", at=scene.at)
    return None


def answer(scene: Scene) -> None:
    """A person accepts, declines or withdraws."""
    shift, volunteer_id = scene.seat()
    actor = scene.actor(scene.cast.accounts[volunteer_id])
    match scene.chance.randrange(4):
        case 0 | 1:
            sign_up.accept(actor, shift_id=shift.id, at=scene.at)
        case 2:
            sign_up.decline(actor, shift_id=shift.id, reason="", at=scene.at)
        case _:
            sign_up.withdraw(actor, shift_id=shift.id, reason="有事", at=scene.at)


def offer(scene: Scene) -> None:
    """The desk offers a seat, at times against the rules with a reason."""
    shift = scene.shift()
    offer_seat(
        scene.organizer(),
        shift_id=shift.id,
        volunteer_id=scene.person(),
        force=scene.chance.choice(("", "人手不够")),
        at=scene.at,
    )


def seat_somebody(scene: Scene) -> None:
    """Somebody is put on a shift on the spot, from the site or from the board."""
    shift, volunteer_id = scene.shift(), scene.person()
    if scene.chance.random() < 0.5:
        attendance.add_seat(
            scene.site(shift),
            shift_id=shift.id,
            volunteer_id=volunteer_id,
            reason="来帮忙",
            at=scene.at,
        )
    else:
        add_on_the_spot(
            scene.organizer(),
            shift_id=shift.id,
            volunteer_id=volunteer_id,
            reason="来帮忙",
            at=scene.at,
        )


def release(scene: Scene) -> None:
    """The desk takes somebody off."""
    shift, volunteer_id = scene.seat()
    release_seat(
        scene.organizer(),
        shift_id=shift.id,
        volunteer_id=volunteer_id,
        reason="调整",
        at=scene.at,
    )


def settle(scene: Scene) -> None:
    """The desk settles a shift, mostly one that is over."""
    rows = db.session.scalars(
        select(Shift.id)
        .where(Shift.state == ShiftState.PUBLISHED, Shift.ends_at <= scene.at)
        .order_by(Shift.id)
    ).all()
    is_due = bool(rows) and scene.chance.random() < 0.8
    shift_id = scene.chance.choice(rows) if is_due else scene.shift().id
    ledger.settle_shift(scene.organizer(), shift_id=shift_id, at=scene.at)


def clockwork(scene: Scene) -> None:
    """The jobs of the minute: close, settle, expire, seal; each in the same transaction here."""
    for shift_id in scene.cast.shifts:
        shift = db.session.get(Shift, shift_id)
        if shift is None or shift.state is not ShiftState.PUBLISHED or shift.ends_at > scene.at:
            continue
        for row in attendance.close_forgotten(shift_id, at=scene.at):
            scene.keep(row)
        ledger.settle_due(shift_id, at=scene.at)
    sign_up.expire_unanswered(at=scene.at)
    seal_due(at=scene.at)


def _record(scene: Scene) -> ServiceRecord | None:
    rows = list(db.session.scalars(select(ServiceRecord).order_by(ServiceRecord.id)))
    return scene.chance.choice(rows[-6:]) if rows else None


def restate(scene: Scene) -> str | None:
    """A record is corrected, voided, approved or refused; at times by the person whose it is."""
    record = _record(scene)
    if record is None:
        return IDLE
    is_own = scene.chance.random() < 0.15
    own = scene.cast.accounts[record.volunteer_id]
    actor = scene.actor(own) if is_own else scene.organizer()
    wish = scene.chance.choice(("correct", "correct", "correct", "void"))
    if record.pending and scene.chance.random() < 0.7 or scene.chance.random() < 0.1:
        wish = scene.chance.choice(("approve", "refuse"))
    match wish:
        case "correct":
            base = record.first_in_at or scene.at
            came = base + timedelta(minutes=scene.chance.randint(-40, 40))
            ledger.correct_record(
                actor,
                record_id=record.id,
                came_at=came,
                went_at=came + timedelta(minutes=scene.chance.randint(0, 150)),
                reason="核对后更正",
                at=scene.at,
            )
        case "void":
            ledger.void_record(actor, record_id=record.id, reason="不是服务", at=scene.at)
        case "approve":
            ledger.approve_pending(actor, record_id=record.id, at=scene.at)
        case _:
            ledger.refuse_pending(actor, record_id=record.id, reason="无依据", at=scene.at)
    return None


def call_off(scene: Scene) -> None:
    """A shift is called off, or set up again."""
    shift = scene.shift()
    if scene.chance.random() < 0.5:
        cancel_shifts(
            scene.organizer(),
            [shift.id],
            cause=CancelCause.WEATHER,
            reason="暴雨",
            at=scene.at,
        )
    else:
        restore_shift(scene.organizer(), shift.id, at=scene.at)


def change_shift(scene: Scene) -> None:
    """A shift is moved, lengthened, or gets more or fewer seats."""
    shift = scene.shift()
    by = timedelta(minutes=scene.chance.choice((-60, -30, 0, 0, 30, 60)))
    most = scene.chance.choice((shift.max_heads, 1, 2, 4))
    terms = Terms(
        min_heads=0,
        target_heads=most,
        max_heads=most,
        min_age=shift.min_age,
        max_age=shift.max_age,
        leader_id=shift.leader_id,
    )
    wanted = Change(shift.starts_at + by, shift.ends_at + by, shift.point_id, shift.corner, terms)
    longer = replace(wanted, ends_at=wanted.ends_at + timedelta(minutes=30))
    edit_shift(
        scene.organizer(),
        shift.id,
        scene.chance.choice((wanted, longer)),
        version=shift.version,
        at=scene.at,
    )


def change_person(scene: Scene) -> None:
    """A person moves, pauses, comes back, leaves, or turns out to be another one."""
    actor, volunteer_id = scene.organizer(), scene.person()
    today = local_date(scene.at)
    match scene.chance.randrange(6):
        case 0:
            move_volunteer(
                scene.actor(scene.cast.offices[1]),
                volunteer_id,
                unit_id=scene.chance.choice(scene.cast.units),
                reason="工作调动",
                at=scene.at,
            )
        case 1:
            pause_volunteer(
                actor, volunteer_id, since_on=today, until_on=None, reason="休假", at=scene.at
            )
        case 2:
            end_pauses(actor, volunteer_id, at=scene.at)
        case 3:
            let_go(actor, volunteer_id, reason="退出", at=scene.at)
        case 4:
            take_back(actor, volunteer_id, at=scene.at)
        case _:
            other = scene.person()
            merge_volunteers(actor, volunteer_id, other, reason="同一个人", at=scene.at)
