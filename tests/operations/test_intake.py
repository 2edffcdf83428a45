"""The express lane: the same stamps as the ordinary way, several in a commit, and nothing that is not plain."""

import secrets
import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, event, func, select

from tests.builders import MONDAY, a_city, a_shift, a_volunteer, an_account, an_assignment
from volunteer.domain.place import Fix, LatLon
from volunteer.domain.terms import (
    AssignmentState,
    CancelCause,
    ConsentPurpose,
    ShiftState,
    StampKind,
)
from volunteer.domain.timekeeping import beijing, minutes_of
from volunteer.domain.token import rotating_code
from volunteer.models.attendance import CheckIn
from volunteer.models.base import db, unit_of_work
from volunteer.models.group_commit import Crowded, GroupCommit, Undone
from volunteer.models.journal import AuditEntry
from volunteer.models.people import Consent, DeviceSession
from volunteer.models.rosters import Assignment
from volunteer.models.trust import FixTrace
from volunteer.operations.attendance import Tap, TapWriter, Touch, keys_of, stamp_by_code, tap_of
from volunteer.queries.accounts import actor_of, digest_of

AT = beijing(MONDAY, minutes_of("07:28"))


class Lane:
    """A shift with people, each signed in on a phone, and the writer that they share."""

    def __init__(self, app: Flask, heads: int = 1, **given: Any) -> None:
        self.app = app
        self.city = city = a_city()
        self.shift = a_shift(point=city.point, max_heads=heads + 2)
        self.people = [city.volunteer, *(a_volunteer(city.unit) for _ in range(heads - 1))]
        self.accounts = [
            city.volunteer_account,
            *(an_account(volunteer=person) for person in self.people[1:]),
        ]
        self.seats = [an_assignment(self.shift, person) for person in self.people]
        self.tokens = [self.sign_in(account) for account in self.accounts]
        self.writer: GroupCommit[Tap, int | None] = GroupCommit(
            TapWriter(db.engine.dialect), keys=keys_of, **given
        )
        db.session.commit()

    def sign_in(self, account: Any) -> str:
        token = secrets.token_urlsafe(32)
        db.session.add(
            DeviceSession(
                account_id=account.id,
                token_hash=digest_of(token),
                session_version=account.session_version,
                created_at=AT,
                last_seen_at=AT,
                expires_at=AT + timedelta(days=1),
            )
        )
        db.session.flush()
        return token

    def tap(self, number: int = 0, *, nonce: str = "", at: Any = AT, code: str = "") -> Tap:
        code = code or rotating_code(self.city.point.secret, self.shift.id, StampKind.IN, at)
        touch = Touch(nonce or secrets.token_urlsafe(16))
        tap = tap_of(self.tokens[number], code, touch, at=at, request_id="a-request")
        assert tap is not None
        return tap

    def ask(self, tap: Tap) -> int | None:
        db.session.rollback()
        return self.writer.ask(db.engine, tap)

    def stamps(self) -> int:
        db.session.rollback()
        return db.session.scalar(select(func.count()).select_from(CheckIn)) or 0


@pytest.fixture
def lane(app: Flask) -> Any:
    lane = Lane(app)
    yield lane
    lane.writer.close()


def _columns(row: Any, but: set[str]) -> dict[str, Any]:
    return {c.name: getattr(row, c.name) for c in row.__table__.columns if c.name not in but}


def test_it_writes_what_the_ordinary_way_writes(app: Flask) -> None:
    lane = Lane(app, heads=2)
    made = lane.ask(lane.tap(0))
    actor = actor_of(lane.accounts[1], at=AT)
    text = rotating_code(lane.city.point.secret, lane.shift.id, StampKind.IN, AT)
    with unit_of_work():
        other = stamp_by_code(actor, text=text, touch=Touch("an-ordinary-nonce"), at=AT)
    mine = db.session.get(CheckIn, made)
    assert mine is not None
    own = {"id", "nonce", "volunteer_id", "assignment_id", "by_account_id", "device_id"}
    assert _columns(mine, own) == _columns(other, own)
    assert (mine.volunteer_id, mine.assignment_id) == (lane.people[0].id, lane.seats[0].id)
    assert mine.by_account_id == lane.accounts[0].id
    assert mine.device_id == db.session.scalar(
        select(DeviceSession.id).where(DeviceSession.token_hash == digest_of(lane.tokens[0]))
    )
    lines = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "check_in")).all()
    one, two = sorted(lines, key=lambda line: line.subject_id or 0)
    own = {"id", "subject_id", "account_id", "actor_name", "sentence", "request_id"}
    assert _columns(one, own) == _columns(two, own)
    assert (one.subject_id, one.account_id) == (made, lane.accounts[0].id)
    assert one.request_id == "a-request"
    assert one.sentence.replace(lane.people[0].name, "") == two.sentence.replace(
        lane.people[1].name, ""
    )
    lane.writer.close()


def test_a_located_tap_leaves_the_trace_that_the_ordinary_way_leaves(app: Flask) -> None:
    lane = Lane(app, heads=2)
    point = lane.city.point
    assert point.lat is not None
    assert point.lon is not None
    fix = Fix(LatLon(point.lat + 0.000_31, point.lon), 12.5)
    for person in lane.people:
        db.session.add(
            Consent(
                volunteer_id=person.id,
                purpose=ConsentPurpose.LOCATION,
                given_at=AT,
                text_version="1",
            )
        )
    db.session.commit()
    code = rotating_code(point.secret, lane.shift.id, StampKind.IN, AT)
    tap = tap_of(lane.tokens[0], code, Touch("a-located-nonce", fix), at=AT, request_id="")
    assert tap is not None
    made = lane.ask(tap)
    with unit_of_work():
        actor = actor_of(lane.accounts[1], at=AT)
        other = stamp_by_code(actor, text=code, touch=Touch("an-ordinary-nonce", fix), at=AT)
    traces = {row.stamp_id: row for row in db.session.scalars(select(FixTrace))}
    assert set(traces) == {made, other.id}
    assert _columns(traces[made], {"id", "stamp_id"}) == _columns(
        traces[other.id], {"id", "stamp_id"}
    )
    mine = db.session.get(CheckIn, made)
    assert mine is not None
    assert (mine.place_verdict, mine.accuracy_metres) == (
        other.place_verdict,
        other.accuracy_metres,
    )
    lane.writer.close()


def test_one_phone_for_two_takes_the_ordinary_way_even_in_one_commit(app: Flask) -> None:
    lane = Lane(app, heads=3)
    phones = db.session.scalars(select(DeviceSession).order_by(DeviceSession.id)).all()
    for phone in phones[1:]:
        phone.mark = b"m" * 32
    db.session.commit()
    answers = _held_together(lane, [lane.tap(1), lane.tap(2)])
    assert sorted(answer is None for answer in answers) == [False, True]
    left = answers.index(None)
    assert lane.ask(lane.tap(1 + left)) is None
    assert lane.stamps() == 1
    lane.writer.close()


def test_the_same_tap_again_is_the_same_stamp_and_another_takes_the_ordinary_way(
    lane: Lane,
) -> None:
    first = lane.ask(lane.tap(nonce="one-and-the-same"))
    assert first is not None
    assert lane.ask(lane.tap(nonce="one-and-the-same")) == first
    assert lane.ask(lane.tap()) is None
    assert lane.stamps() == 1


def test_coming_is_a_yes(lane: Lane) -> None:
    lane.seats[0].state = AssignmentState.PROPOSED
    db.session.commit()
    version = lane.seats[0].version
    assert lane.ask(lane.tap())
    seat = db.session.get(Assignment, lane.seats[0].id, populate_existing=True)
    assert seat is not None
    assert (seat.state, seat.answered_at, seat.version) == (
        AssignmentState.ACCEPTED,
        AT,
        version + 1,
    )


def _end_session(lane: Lane) -> None:
    db.session.scalars(
        select(DeviceSession).where(DeviceSession.token_hash == digest_of(lane.tokens[0]))
    ).one().revoked_at = AT


def _expire(lane: Lane) -> None:
    db.session.scalars(
        select(DeviceSession).where(DeviceSession.token_hash == digest_of(lane.tokens[0]))
    ).one().expires_at = AT


def _end_all(lane: Lane) -> None:
    lane.accounts[0].session_version += 1


def _disable(lane: Lane) -> None:
    lane.accounts[0].is_disabled = True


def _first_password(lane: Lane) -> None:
    lane.accounts[0].must_change_password = True
    lane.accounts[0].password_hash = "x"


def _cancel_seat(lane: Lane) -> None:
    lane.seats[0].state = AssignmentState.CANCELLED
    lane.seats[0].cancel_cause = list(CancelCause)[0]


def _decline(lane: Lane) -> None:
    lane.seats[0].state = AssignmentState.DECLINED


def _cancel_shift(lane: Lane) -> None:
    lane.shift.state = ShiftState.CANCELLED
    lane.shift.cancel_cause = list(CancelCause)[0]


def _settle(lane: Lane) -> None:
    lane.shift.state = ShiftState.SETTLED


def _new_secret(lane: Lane) -> None:
    lane.city.point.secret = b"s" * 32


def _move_seat(lane: Lane) -> None:
    lane.seats[0].shift_id = a_shift(point=lane.city.point, corner="别处").id


def _share_phone(lane: Lane) -> None:
    other = a_volunteer(lane.city.unit)
    seat = an_assignment(lane.shift, other)
    device = db.session.scalars(
        select(DeviceSession.id).where(DeviceSession.token_hash == digest_of(lane.tokens[0]))
    ).one()
    like = CheckIn(
        assignment_id=seat.id,
        shift_id=lane.shift.id,
        volunteer_id=other.id,
        kind=StampKind.IN,
        at=AT - timedelta(minutes=1),
        received_at=AT,
        way="rotating_code",
        grade="A",
        nonce="of-somebody-else",
        signals=[],
        device_id=device,
    )
    db.session.add(like)


@pytest.mark.parametrize(
    "spoil",
    [
        _end_session,
        _expire,
        _end_all,
        _disable,
        _first_password,
        _cancel_seat,
        _decline,
        _cancel_shift,
        _settle,
        _new_secret,
        _move_seat,
        _share_phone,
    ],
)
def test_whatever_is_not_plain_takes_the_ordinary_way(lane: Lane, spoil: Any) -> None:
    tap = lane.tap()
    spoil(lane)
    db.session.commit()
    before = lane.stamps()
    assert lane.ask(tap) is None
    assert lane.stamps() == before


def test_an_old_code_an_early_hour_and_a_strange_session_take_the_ordinary_way(lane: Lane) -> None:
    old = rotating_code(
        lane.city.point.secret, lane.shift.id, StampKind.IN, AT - timedelta(minutes=2)
    )
    assert lane.ask(lane.tap(code=old)) is None
    assert lane.ask(lane.tap(at=AT - timedelta(hours=2))) is None
    lane.tokens[0] = "nobody's"
    assert lane.ask(lane.tap()) is None
    assert lane.stamps() == 0


def test_codes_of_other_kinds_and_bad_nonces_are_no_taps(lane: Lane) -> None:
    code = rotating_code(lane.city.point.secret, lane.shift.id, StampKind.IN, AT)
    for text, nonce in (("rubbish", "a" * 20), (code, "short"), (code, "x" * 65)):
        assert tap_of("token", text, Touch(nonce), at=AT, request_id="") is None


def test_many_at_once_share_commits_and_each_has_one_stamp(app: Flask) -> None:
    lane = Lane(app, heads=24)
    answers = _together(lane, [lane.tap(n) for n in range(24)] + [lane.tap(n) for n in range(24)])
    assert lane.stamps() == 24
    assert sum(answer is not None for answer in answers) == 24
    assert lane.writer.transactions < 48
    assert lane.writer.written == 48
    lane.writer.close()


def _together(lane: Lane, taps: list[Tap]) -> list[Any]:
    barrier, answers = threading.Barrier(len(taps)), [None] * len(taps)

    def one(number: int) -> None:
        with lane.app.app_context():
            barrier.wait(30)
            try:
                answers[number] = lane.writer.ask(db.engine, taps[number])  # type: ignore[call-overload]
            except Exception as error:  # noqa: BLE001 - a thread must report, not vanish
                answers[number] = error  # type: ignore[call-overload]

    threads = [threading.Thread(target=one, args=(n,)) for n in range(len(taps))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def test_one_that_the_database_refuses_harms_nobody_else(app: Flask) -> None:
    """Two processes: this one has not seen that the other stamped with the very same nonce."""
    lane = Lane(app, heads=6)
    stolen = lane.ask(lane.tap(0, nonce="a-nonce-of-the-first"))
    assert stolen is not None
    work = TapWriter(db.engine.dialect)
    taps = [lane.tap(n) for n in range(1, 5)]
    taps.insert(2, lane.tap(5, nonce="a-nonce-of-the-first"))
    batch: list[Any] = []
    with pytest.raises(Exception, match="(?i)unique"), db.engine.connect() as connection:
        batch = work(connection, taps)
    assert batch == []
    answers = _held_together(lane, taps)
    assert [isinstance(answer, int) for answer in answers] == [True, True, False, True, True]
    assert isinstance(answers[2], Undone)
    assert lane.stamps() == 5
    lane.writer.close()


def _held_together(lane: Lane, taps: list[Tap]) -> list[Any]:
    """Make sure that all are in one transaction: they come while the first is being written."""
    real, gate = lane.writer._work, threading.Event()
    seen: list[int] = []

    def slow(connection: Connection, asks: Sequence[Tap]) -> list[int | None]:
        seen.append(len(asks))
        if len(seen) == 1:
            gate.wait(20)
            return [None] * len(asks)
        return real(connection, asks)

    lane.writer._work = slow
    with lane.app.app_context():
        engine = db.engine
    first = threading.Thread(target=lane.writer.ask, args=(engine, lane.tap(0)))
    first.start()
    while not seen:
        pass
    done: list[Any] = []
    runner = threading.Thread(target=lambda: done.extend(_together(lane, taps)))
    runner.start()
    while len(lane.writer._waiting) < len(taps):
        pass
    gate.set()
    first.join(20)
    runner.join(60)
    assert seen[1] == len(taps)
    return done


def test_a_lone_tap_waits_for_nobody_and_a_few_share(app: Flask) -> None:
    lane = Lane(app, heads=6, most_writing=2)
    sizes: list[int] = []
    real = lane.writer._work

    def counted(connection: Connection, asks: Sequence[Tap]) -> list[int | None]:
        sizes.append(len(asks))
        return real(connection, asks)

    lane.writer._work = counted
    assert lane.ask(lane.tap(0))
    assert sizes == [1]
    lane.writer._came = float("inf")  # somebody came just now, and goes on coming
    answers = _together(lane, [lane.tap(n) for n in range(1, 5)])
    assert all(isinstance(answer, int) for answer in answers)
    assert sum(sizes) == 5
    assert len(lane.writer._waiting) == lane.writer._writing == 0
    lane.writer._came = float("inf")
    assert lane.ask(lane.tap(5))  # nobody came to share with: it was written after the wait
    assert lane.stamps() == 6
    lane.writer.close()


def test_those_who_waited_through_a_slow_write_are_next_however_few(app: Flask) -> None:
    lane = Lane(app, heads=3, most_writing=1)
    answers = _held_together(lane, [lane.tap(1), lane.tap(2)])
    assert all(isinstance(answer, int) for answer in answers)
    assert lane.stamps() == 2
    lane.writer.close()


def test_nothing_is_answered_before_the_commit(lane: Lane) -> None:
    """A commit that fails is told; a writer that answered before it would say yes here."""

    def fail(_connection: Any) -> None:
        raise RuntimeError("the power went")

    tap = lane.tap()
    event.listen(db.engine, "commit", fail)
    try:
        with pytest.raises(RuntimeError, match="power"):
            lane.ask(tap)
    finally:
        event.remove(db.engine, "commit", fail)
    assert lane.stamps() == 0
    assert lane.ask(tap) is not None


def test_beyond_the_bound_nobody_waits_and_who_waits_too_long_is_told(app: Flask) -> None:
    lane = Lane(app, heads=4, most_waiting=1, patience=0.2)
    gate, inside = threading.Event(), threading.Event()
    real = lane.writer._work

    def slow(connection: Connection, asks: Sequence[Tap]) -> list[int | None]:
        inside.set()
        gate.wait(20)
        return real(connection, asks)

    lane.writer._work = slow
    engine, taps = db.engine, [lane.tap(n) for n in range(4)]
    first = threading.Thread(target=lane.writer.ask, args=(engine, taps[0]))
    first.start()
    assert inside.wait(20)
    told: list[str] = []

    def wait() -> None:
        try:
            lane.writer.ask(engine, taps[1])
        except Crowded:
            told.append("waited too long")

    second = threading.Thread(target=wait)
    second.start()
    while not lane.writer._waiting and second.is_alive():
        pass
    with pytest.raises(Crowded):
        lane.writer.ask(engine, taps[2])
    second.join(20)
    gate.set()
    first.join(20)
    assert told == ["waited too long"]
    assert lane.stamps() == 1
    lane.writer.close()
