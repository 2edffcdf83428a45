"""Taking in what a phone kept (离线记录上传): one row for each nonce, the same answer for the same item."""

from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from volunteer.domain.access import Actor
from volunteer.domain.attendance import doubts
from volunteer.domain.deferred_item import Item, digest_of_item, read_item
from volunteer.domain.offline import Claim, Ruling, judge
from volunteer.domain.place import locate
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import (
    AssignmentState,
    DeferredAct,
    DeferredProblem,
    DeferredSource,
    DeferredState,
    ShiftState,
    Signal,
    Way,
)
from volunteer.domain.timekeeping import local_date
from volunteer.models.attendance import CheckIn, DeferredStamp
from volunteer.models.base import db
from volunteer.operations.attendance.stamping import CLOCK_TOLERANCE
from volunteer.operations.attendance.traces import keep_trace
from volunteer.operations.journal import note, tell
from volunteer.operations.offline.finding import Hopeless, Target, target_of
from volunteer.operations.offline.making import (
    MOST_ROUNDS,
    log_arrival,
    make_deferred_stamp,
    make_mark,
    weigh_seat,
)
from volunteer.queries.attendance import (
    Seat,
    hold_seat,
    others_on_device,
    seat_at,
    stamp_by_nonce,
)
from volunteer.queries.deferred import arrived_since, deferred_by_nonce
from volunteer.queries.policy import policy_on

MOST_ITEMS = 50
"""So many items one upload may bring; a phone with more sends them in turn."""


MOST_A_DAY = 2_000
"""So many items one account may bring in within a day: a leader with several long rolls stays far below."""


def check_room(actor: Actor, *, at: datetime) -> None:
    """Pass while the account may bring in more today; the phone keeps the rest until tomorrow.

    Raises Refused ``too_many_items`` (429).
    """
    brought = arrived_since(actor.account_id or 0, since=at - timedelta(days=1))
    if brought >= MOST_A_DAY:
        raise Refused(
            "too_many_items",
            "今天上传的离线记录太多。",
            "记录仍在手机里，明天会继续上传；也可以联系组织者。",
            status=429,
        )


def receive(actor: Actor, raw: object, *, device_id: int | None, at: datetime) -> DeferredStamp:
    """Take in one item of a phone's queue and say what became of it.

    The same item again gives the same row. What cannot be used is kept too, with the reason; nothing is
    raised for it. Each item stands in a savepoint of its own, so that one that fails leaves the others.
    """
    digest = digest_of_item(raw)
    item = read_item(raw)
    nonce = item.nonce if item is not None else f"bad:{digest[:60]}"
    before = deferred_by_nonce(nonce)
    if before is not None and (before.digest, before.account_id) != (digest, actor.account_id):
        nonce = f"dup:{digest[:60]}"
        before, item = deferred_by_nonce(nonce), None
    if before is not None:
        return before
    row = DeferredStamp(nonce=nonce, digest=digest, account_id=actor.account_id or 0, signals=[])
    row.device_id, row.received_at, row.problems = device_id, at, []
    try:
        with db.session.begin_nested():
            _take_in(actor, row, item, at)
            db.session.flush()
    except IntegrityError:
        twin = deferred_by_nonce(nonce)  # the same item on another connection
        if twin is None:
            raise Refused(
                "try_again", "刚才有另一次操作同时进行。", "稍后会自动再传。", status=503
            ) from None
        return twin
    return row


def _take_in(actor: Actor, row: DeferredStamp, item: Item | None, at: datetime) -> None:
    if item is None:
        reused = row.nonce.startswith("dup:")
        row.device_at = row.claimed_at = at
        problem = DeferredProblem.NONCE_REUSED if reused else DeferredProblem.MALFORMED
        _refuse(actor, row, problem, at)
        return
    row.source, row.act = item.source, item.act
    row.device_at, row.claimed_at, row.code = item.device_at, item.claimed_at, item.code
    row.offset_seconds = None if item.offset is None else int(item.offset.total_seconds())
    try:
        target = target_of(actor, item)
    except Hopeless as hopeless:
        _refuse(actor, row, hopeless.problem, at)
        return
    _place(actor, row, item, target, at)


def _refuse(actor: Actor, row: DeferredStamp, problem: DeferredProblem, at: datetime) -> None:
    """Keep what cannot be used; it belongs to no seat and is shown to who sent it."""
    row.state, row.problem, row.problems = DeferredState.REFUSED, problem, [problem.value]
    if row.source is DeferredSource.OWN:
        row.volunteer_id = actor.volunteer_id
    db.session.add(row)
    note(
        actor,
        "deferred_stamp",
        row,
        f"收到 {actor.name} 的离线记录，不能记入：{problem.label}",
        at=at,
        unit_id=actor.unit_id,
        after={"state": row.state.value, "problem": problem.value},
    )


def _place(actor: Actor, row: DeferredStamp, item: Item, target: Target, at: datetime) -> None:
    shift_id, volunteer_id = target.seat.shift.id, target.seat.volunteer.id
    hold_seat(shift_id, volunteer_id)
    policy = policy_on(local_date(item.claimed_at))
    seat = seat_at(shift_id, volunteer_id, at=item.claimed_at, policy=policy)
    row.shift_id, row.volunteer_id, row.fits_code = shift_id, volunteer_id, target.fits_code
    if item.act is DeferredAct.ABSENT:
        _take_mark(row, seat, at)
    else:
        ruling = _rule(row, item, target, seat, at)
        made = _take_stamp(row, seat, ruling, at)
        if made is not None and seat.may_locate and item.source is DeferredSource.OWN:
            keep_trace(made, item.fix, at=at)
    db.session.add(row)
    db.session.flush()
    weigh_seat(shift_id, volunteer_id, at=at)
    log_arrival(actor, row, seat, at=at)
    if row.state is DeferredState.WAITING:
        _tell_leader(row, seat, at)


def _rule(row: DeferredStamp, item: Item, target: Target, seat: Seat, at: datetime) -> Ruling:
    claim = Claim(
        kind=target.kind,
        way=target.way,
        claimed_at=item.claimed_at,
        received_at=at,
        has_code=target.has_code,
        shown_at=target.shown_at,
        shown_for=target.shown_for,
        is_clock_known=item.offset is not None,
    )
    fix = item.fix if seat.may_locate and item.source is DeferredSource.OWN else None
    where = locate(fix, seat.place, seat.point.radius_metres)
    ruling = judge(seat.gate, claim, policy_on(local_date(at)), whereabouts=where)
    row.act = DeferredAct[target.kind.name]
    row.way, row.grade = ruling.stamp.way, ruling.stamp.grade
    row.place_verdict, row.distance_bucket = where.verdict, where.bucket
    row.accuracy_metres = where.accuracy_metres
    row.late_minutes, row.early_minutes = ruling.late_minutes, ruling.early_minutes
    row.signals = [
        *(signal.value for signal in ruling.signals),
        *doubts(ruling.stamp.way, where),
        *_signals(row, item, seat, at),
    ]
    row.problems = [problem.value for problem in ruling.problems]
    row.problem, row.state = ruling.problem, ruling.state
    row.is_late = Signal.LATE_UPLOAD in ruling.signals
    return ruling


def _signals(row: DeferredStamp, item: Item, seat: Seat, at: datetime) -> list[str]:
    found = []
    if item.offset is not None and abs(item.offset) > CLOCK_TOLERANCE:
        found.append(Signal.CLOCK_DIFFERS.value)
    if (
        item.source is DeferredSource.OWN
        and row.device_id is not None
        and others_on_device(
            seat.shift, device_id=row.device_id, volunteer_id=seat.volunteer.id, at=at
        )
    ):
        found.append(Signal.SHARED_DEVICE.value)
    return found


def _take_stamp(row: DeferredStamp, seat: Seat, ruling: Ruling, at: datetime) -> CheckIn | None:
    twin = stamp_by_nonce(row.nonce)
    if twin is not None:  # the tap had arrived after all; only its answer was lost
        _join(row, seat, twin)
    elif ruling.state is not DeferredState.RECORDED:
        return None
    elif seat.next_round(ruling.stamp.kind) > MOST_ROUNDS:
        row.state, row.problem = DeferredState.REFUSED, DeferredProblem.TOO_MANY
        row.problems = [DeferredProblem.TOO_MANY.value]
    else:
        return make_deferred_stamp(row, seat, ruling.stamp, forced=False)
    return None


def _join(row: DeferredStamp, seat: Seat, twin: CheckIn) -> None:
    if twin.volunteer_id != seat.volunteer.id:
        row.state, row.problem = DeferredState.REFUSED, DeferredProblem.NONCE_REUSED
        row.problems = [DeferredProblem.NONCE_REUSED.value]
        return
    row.state, row.problem, row.problems = DeferredState.RECORDED, None, []
    row.stamp_id, row.way, row.grade, row.signals = twin.id, twin.way, twin.grade, twin.signals


def _take_mark(row: DeferredStamp, seat: Seat, at: datetime) -> None:
    """The leader's "did not come": only of who accepted, only once the shift has begun."""
    row.way, row.signals = Way.ROLL_CALL, [Signal.OFFLINE.value]
    problem = _against_mark(row, seat, at)
    if problem is not None:
        waits = problem in (DeferredProblem.LATE, DeferredProblem.SHIFT_SETTLED)
        row.state = DeferredState.WAITING if waits else DeferredState.REFUSED
        row.problem, row.problems = problem, [problem.value]
        return
    row.state = DeferredState.RECORDED
    make_mark(row, seat, reason="离线点名时未到")


def _against_mark(row: DeferredStamp, seat: Seat, at: datetime) -> DeferredProblem | None:
    policy = policy_on(local_date(at))
    if seat.shift.state is ShiftState.CANCELLED:
        return DeferredProblem.SHIFT_CANCELLED
    if row.claimed_at < seat.shift.starts_at:
        return DeferredProblem.NOT_STARTED
    if seat.gate.assignment is not AssignmentState.ACCEPTED:
        return DeferredProblem.NEVER_ACCEPTED
    if seat.shift.state is ShiftState.SETTLED:
        return DeferredProblem.SHIFT_SETTLED
    hours = (at - row.claimed_at).total_seconds() / 3600
    return DeferredProblem.LATE if hours > policy.offline_review_hours else None


def _tell_leader(row: DeferredStamp, seat: Seat, at: datetime) -> None:
    """One message a day and shift to the leader, however many wait."""
    if seat.shift.leader_id is None:
        return
    tell(
        topic="deferred",
        title="有离线记录待核实",
        body=f"{seat.point.name}的班次收到离线记录，需要核实后才能记入。请打开“离线记录”逐条处理。",
        at=at,
        volunteer_id=seat.shift.leader_id,
        link="/onsite/deferred",
        dedupe=f"deferred:{seat.shift.id}:{local_date(at)}",
    )
