"""What a phone kept without a signal: taken in once, judged by itself, kept whatever comes of it, settled by a person."""

import itertools
import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.builders import (
    MONDAY,
    City,
    a_city,
    a_shift,
    a_volunteer,
    an_account,
    an_activity,
    an_assignment,
)
from volunteer.domain.access import Actor
from volunteer.domain.attendance import intervals_of
from volunteer.domain.digits import personal_digits, shift_digits
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import (
    AssignmentState,
    ConsentPurpose,
    DeferredConflict,
    DeferredProblem,
    DeferredState,
    FenceVerdict,
    Grade,
    ShiftState,
    StampKind,
    Way,
)
from volunteer.domain.timekeeping import beijing, minutes_of
from volunteer.domain.token import personal_code, poster_code, rotating_code
from volunteer.models.attendance import AttendanceNote, CheckIn, DeferredStamp, StampCancellation
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry, Message
from volunteer.models.ledger import LedgerEntry, ServiceRecord
from volunteer.models.people import Account, Consent, DeviceSession
from volunteer.models.trust import FixTrace
from volunteer.operations.attendance import Touch, close_forgotten, stamp_by_code
from volunteer.operations.ledger import settle_shift
from volunteer.operations.offline import (
    accept_deferred,
    decline_deferred,
    receive,
    settle_conflict,
)
from volunteer.operations.reminders import due_reminders
from volunteer.queries.accounts import actor_of
from volunteer.queries.attendance import seat_at
from volunteer.queries.onsite import people_present, site_people


def clock(text: str) -> datetime:
    """An instant of the test Monday."""
    return beijing(MONDAY, minutes_of(text))


class Scene:
    """A shift of Monday 07:30-08:30 with a leader, Wang Fang on it, and phones without a signal."""

    def __init__(self) -> None:
        self.city: City = a_city()
        self.leader = a_volunteer(self.city.unit, "陈静")
        self.leader_account = an_account(volunteer=self.leader)
        self.activity = an_activity(self.city.unit)
        self.shift = a_shift(self.activity, self.city.point, leader_id=self.leader.id)
        self.seat = an_assignment(self.shift, self.city.volunteer)
        db.session.commit()
        self.serial = itertools.count(1)

    def who(self, account: Account, at: datetime) -> Actor:
        return actor_of(account, at=at)

    def item(self, source: str, act: str, when: str | datetime, **more: Any) -> dict[str, Any]:
        at = clock(when) if isinstance(when, str) else when
        base: dict[str, Any] = {
            "nonce": f"nonce-{next(self.serial):04d}",
            "source": source,
            "act": act,
            "device_at": int(at.timestamp() * 1000),
            "offset": 0,
            "shift": self.shift.id,
        }
        return {**base, **more}

    def own(self, act: str, when: str, **more: Any) -> dict[str, Any]:
        """A scan of the leader's screen on the volunteer's own phone."""
        kind = StampKind.OUT if act == "out" else StampKind.IN
        code = rotating_code(self.city.point.secret, self.shift.id, kind, clock(when))
        return self.item("own", act, when, **{"code": code, **more})

    def roll(self, act: str, when: str, **more: Any) -> dict[str, Any]:
        return self.item("roll", act, when, **{"person": self.city.volunteer.id, **more})

    def scan(self, act: str, when: str, **more: Any) -> dict[str, Any]:
        person = self.city.volunteer
        code = personal_code(person.personal_secret, person.id, clock(when))
        return self.item("scan", act, when, **{"code": code, **more})

    def send(self, item: Any, at: str | datetime, account: Account | None = None) -> DeferredStamp:
        """Bring one item in, by the phone that it belongs to."""
        when = clock(at) if isinstance(at, str) else at
        own = isinstance(item, dict) and item.get("source") == "own"
        account = account or (self.city.volunteer_account if own else self.leader_account)
        row = receive(self.who(account, when), item, device_id=None, at=when)
        db.session.commit()
        return row

    def stays(self) -> list[tuple[str, str | None]]:
        """From when to when the person was there, as the rules see it."""
        gate = seat_at(self.shift.id, self.city.volunteer.id, at=clock("09:00")).gate
        return [
            (f"{s.came.at:%H:%M}", f"{s.went.at:%H:%M}" if s.went else None)
            for s in intervals_of(gate.stamps)
        ]


@pytest.fixture
def scene(app: Flask) -> Scene:
    return Scene()


def stamps() -> list[CheckIn]:
    return list(db.session.scalars(select(CheckIn).order_by(CheckIn.at, CheckIn.nonce)))


def test_a_scan_that_arrives_soon_keeps_its_grade_and_both_times(scene: Scene) -> None:
    row = scene.send(scene.own("in", "07:28"), "07:45")
    assert row.state is DeferredState.RECORDED
    made = stamps()[0]
    assert (made.at, made.claimed_at, made.received_at) == (
        clock("07:28"),
        clock("07:28"),
        clock("07:45"),
    )
    assert (made.way, made.grade, made.late_minutes) == (Way.ROTATING_CODE, Grade.A, 0)
    assert made.nonce == row.nonce
    assert "offline" in made.signals
    line = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "deferred_stamp")).one()
    assert "王芳" in line.sentence


def test_the_same_item_again_and_again_is_one_row_and_one_answer(scene: Scene) -> None:
    item = scene.own("in", "07:28")
    first = scene.send(item, "07:40")
    for at in ("07:41", "08:20", "09:55"):
        again = scene.send(dict(item), at)
        assert (again.id, again.state, again.received_at) == (
            first.id,
            first.state,
            clock("07:40"),
        )
    assert len(stamps()) == 1
    assert db.session.scalar(select(func.count()).select_from(DeferredStamp)) == 1


def test_the_same_nonce_with_another_content_changes_nothing_and_is_kept(scene: Scene) -> None:
    item = scene.own("in", "07:28")
    scene.send(item, "07:40")
    other = scene.send({**item, "act": "out"}, "07:41")
    assert (other.state, other.problem) == (
        DeferredState.REFUSED,
        DeferredProblem.NONCE_REUSED,
    )
    stranger = scene.send(item, "07:42", scene.city.other_volunteer_account)
    assert stranger.problem is DeferredProblem.NONCE_REUSED
    assert stranger.shift_id is None
    assert len(stamps()) == 1


def test_one_that_arrives_late_counts_with_a_weaker_grade(scene: Scene) -> None:
    scene.send(scene.own("in", "07:28"), "08:10")
    scene.send(scene.scan("out", "08:31"), "09:10")
    assert [(s.kind, s.grade) for s in stamps()] == [
        (StampKind.IN, Grade.C),
        (StampKind.OUT, Grade.C),
    ]
    assert all("late_upload" in s.signals for s in stamps())
    gate = seat_at(scene.shift.id, scene.city.volunteer.id, at=clock("09:10")).gate
    assert {s.grade for s in gate.stamps} == {Grade.C}
    line = next(p for p in site_people(scene.shift.id, at=clock("09:10")))
    assert line.came_at == clock("07:28")


def test_after_a_day_a_person_must_agree(scene: Scene) -> None:
    late = clock("07:28") + timedelta(hours=26)
    row = scene.send(scene.own("in", "07:28"), late)
    assert (row.state, row.problem) == (DeferredState.WAITING, DeferredProblem.LATE)
    assert stamps() == []
    told = db.session.scalars(select(Message).where(Message.topic == "deferred")).one()
    assert told.volunteer_id == scene.leader.id
    boss = scene.who(scene.leader_account, late)
    taken = accept_deferred(boss, deferred_id=row.id, at=late, reason="当天亲见到岗")
    db.session.commit()
    assert taken.state is DeferredState.ACCEPTED
    made = stamps()[0]
    assert (made.at, made.grade, made.is_forced) == (clock("07:28"), Grade.C, False)
    with pytest.raises(Refused, match="已经处理过"):
        decline_deferred(boss, deferred_id=row.id, reason="不对", at=late)


def test_the_phones_clock_is_corrected_by_what_was_measured(scene: Scene) -> None:
    item = scene.own("in", "07:28", offset=600)
    item["device_at"] -= 600_000  # this phone is ten minutes behind
    row = scene.send(item, "07:35")
    assert (row.claimed_at, row.state) == (clock("07:28"), DeferredState.RECORDED)
    assert row.device_at == clock("07:18")
    assert "clock_differs" in row.signals
    unmeasured = scene.send(scene.own("out", "08:30", offset=None), "08:32")
    assert unmeasured.grade is Grade.C
    assert "clock_unmeasured" in unmeasured.signals


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"device_at": 180_000}, DeferredProblem.CODE_TIME),
        ({"device_at": -90_000}, DeferredProblem.CODE_TIME),
        ({"device_at": 3_600_000}, DeferredProblem.CLOCK_AHEAD),
    ],
)
def test_a_time_that_the_code_does_not_bear_out_waits(
    scene: Scene, change: dict[str, int], problem: DeferredProblem
) -> None:
    item = scene.own("in", "07:28")
    item["device_at"] += change["device_at"]
    row = scene.send(item, "07:35")
    assert (row.state, row.problem) == (DeferredState.WAITING, problem)
    assert stamps() == []
    taken = accept_deferred(
        scene.who(scene.leader_account, clock("07:50")),
        deferred_id=row.id,
        said=clock("07:30"),
        at=clock("07:50"),
    )
    assert (taken.way, taken.grade) == (Way.ROLL_CALL, Grade.D)
    assert stamps()[0].at == clock("07:30")


def test_typed_figures_and_a_bare_word_wait_and_betray_nothing(scene: Scene) -> None:
    right = shift_digits(scene.city.point.secret, scene.shift.id, StampKind.IN, clock("07:28"))
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    for digits, fits in ((right, True), (wrong, False), ("", None)):
        row = scene.send(scene.item("own", "in", "07:28", digits=digits), "07:29")
        assert (row.state, row.problem, row.fits_code) == (
            DeferredState.WAITING,
            DeferredProblem.NO_CODE,
            fits,
        )
    assert stamps() == []


def test_a_code_for_going_is_not_one_for_coming(scene: Scene) -> None:
    out = rotating_code(scene.city.point.secret, scene.shift.id, StampKind.OUT, clock("07:28"))
    scene.send(scene.own("in", "07:28", code=out), "07:30")
    assert stamps()[0].kind is StampKind.OUT


@pytest.mark.parametrize(
    "code", ["", "garbage", "i1.1.AAAAAAAAAAAAAAAA", "izzzzzzz.zzzzzzzzzzz.AAAAAAAAAAAAAAAA"]
)
def test_a_forged_code_is_kept_and_refused(scene: Scene, code: str) -> None:
    item = scene.own("in", "07:28", code=code)
    if not code:
        item["shift"] = None
    row = scene.send(item, "07:30")
    assert row.state is DeferredState.REFUSED
    assert row.problem in (DeferredProblem.BAD_CODE, DeferredProblem.NO_DUTY)
    assert row.volunteer_id == scene.city.volunteer.id
    assert stamps() == []


@pytest.mark.parametrize(
    "raw",
    [
        None,
        7,
        [],
        {},
        {"nonce": "x"},
        {"nonce": "nonce-0001", "source": "own", "act": "in", "device_at": "now"},
        {"nonce": "nonce-0001", "source": "own", "act": "in", "device_at": True},
        {"nonce": "a b c d e f", "source": "own", "act": "in", "device_at": 1},
        {"nonce": "nonce-0001", "source": "king", "act": "in", "device_at": 1},
        {"nonce": "nonce-0001", "source": "roll", "act": "in", "device_at": 1, "shift": -3},
        {"nonce": "nonce-0001", "source": "own", "act": "in", "device_at": 1, "code": "x" * 99},
    ],
)
def test_what_has_no_shape_is_kept_too(scene: Scene, raw: Any) -> None:
    row = scene.send(raw, "07:30", scene.city.volunteer_account)
    assert (row.state, row.problem) == (DeferredState.REFUSED, DeferredProblem.MALFORMED)
    assert scene.send(raw, "07:31", scene.city.volunteer_account).id == row.id


def test_the_poster_serves_without_a_signal_as_with_one(scene: Scene) -> None:
    code = poster_code(scene.city.point.secret, scene.city.point.id)
    scene.send(scene.own("in", "07:28", code=code), "07:30")
    scene.send(scene.own("out", "08:31", code=code), "08:32")
    assert [(s.kind, s.grade) for s in stamps()] == [
        (StampKind.IN, Grade.C),
        (StampKind.OUT, Grade.C),
    ]
    other = scene.send(
        scene.own("in", "07:28", code=poster_code(scene.city.point.secret, 999)), "07:30"
    )
    assert other.problem is DeferredProblem.BAD_CODE


def test_the_leader_scans_calls_and_is_told_who_it_is_not_for(scene: Scene) -> None:
    person = scene.city.volunteer
    assert scene.send(scene.scan("in", "07:29"), "07:40").grade is Grade.B
    figures = personal_digits(person.personal_secret, person.id, clock("08:30"))
    out = scene.send(scene.item("scan", "out", "08:30", digits=figures), "08:32")
    assert (out.state, out.grade) == (DeferredState.RECORDED, Grade.B)
    assert scene.send(scene.roll("out", "08:31"), "08:40").grade is Grade.D
    told = db.session.scalars(select(Message).where(Message.topic == "stamp")).all()
    assert len(told) == 3
    assert {m.volunteer_id for m in told} == {person.id}
    mine = personal_code(scene.leader.personal_secret, scene.leader.id, clock("07:29"))
    own = scene.send(scene.item("scan", "in", "07:29", code=mine), "07:31")
    assert own.problem is DeferredProblem.OWN_CASE
    wrong = scene.send(scene.item("scan", "in", "07:29", digits="000000"), "07:31")
    assert wrong.state is DeferredState.REFUSED


def test_the_leaders_own_name_is_told_apart(scene: Scene) -> None:
    an_assignment(scene.shift, scene.leader)
    db.session.commit()
    row = scene.send(scene.roll("in", "07:29", person=scene.leader.id), "07:31")
    assert (row.way, row.grade) == (Way.LEADER_SELF, Grade.C)


def test_who_does_not_run_the_shift_says_nothing_of_its_people(scene: Scene) -> None:
    for account in (scene.city.other_organizer, scene.city.other_volunteer_account):
        row = scene.send(scene.roll("in", "07:29"), "07:31", account)
        assert (row.state, row.shift_id, row.volunteer_id) == (DeferredState.REFUSED, None, None)
    other = scene.send(scene.own("in", "07:28"), "07:30", scene.city.other_volunteer_account)
    assert (other.state, other.problem) == (DeferredState.WAITING, DeferredProblem.NOT_ASSIGNED)
    with pytest.raises(Refused, match="不在本班次的名单中"):
        accept_deferred(
            scene.who(scene.leader_account, clock("07:40")), deferred_id=other.id, at=clock("07:40")
        )


def test_who_led_the_shift_long_ago_still_brings_it_in(scene: Scene) -> None:
    late = clock("07:29") + timedelta(days=20)
    assert scene.shift.id not in scene.who(scene.leader_account, late).led_shift_ids
    row = scene.send(scene.roll("in", "07:29"), late)
    assert (row.state, row.problem) == (DeferredState.WAITING, DeferredProblem.LATE)


def test_nobody_decides_on_what_they_sent_in_or_on_themselves(scene: Scene) -> None:
    late = clock("07:29") + timedelta(hours=30)
    mine = scene.send(scene.roll("in", "07:29"), late)
    with pytest.raises(Refused, match="要由别人核实"):
        accept_deferred(scene.who(scene.leader_account, late), deferred_id=mine.id, at=late)
    desk = scene.who(scene.city.organizer, late)
    assert accept_deferred(desk, deferred_id=mine.id, at=late).grade is Grade.D
    an_assignment(scene.shift, scene.leader)
    db.session.commit()
    self_sent = scene.send(
        scene.item("own", "in", "07:30", digits=""), "07:35", scene.leader_account
    )
    with pytest.raises(Refused, match="与本人有关"):
        accept_deferred(
            scene.who(scene.leader_account, clock("07:40")),
            deferred_id=self_sent.id,
            at=clock("07:40"),
        )
    with pytest.raises(Refused, match="没有找到"):
        accept_deferred(
            scene.who(scene.city.other_organizer, late), deferred_id=self_sent.id, at=late
        )


def test_declining_needs_a_reason_and_tells_the_person(scene: Scene) -> None:
    row = scene.send(scene.item("own", "in", "07:28"), "07:29")
    boss = scene.who(scene.leader_account, clock("07:40"))
    with pytest.raises(Refused, match="写明原因"):
        decline_deferred(boss, deferred_id=row.id, reason=" ", at=clock("07:40"))
    decline_deferred(boss, deferred_id=row.id, reason="人不在现场", at=clock("07:40"))
    db.session.commit()
    assert row.state is DeferredState.DECLINED
    told = db.session.scalars(
        select(Message).where(Message.volunteer_id == scene.city.volunteer.id)
    ).one()
    assert "人不在现场" in told.body
    assert stamps() == []


def test_the_window_has_two_sides_here_too(scene: Scene) -> None:
    early = scene.send(scene.roll("in", "07:10"), "07:12")
    assert (early.state, early.problem) == (DeferredState.WAITING, DeferredProblem.TOO_EARLY)
    late = scene.send(scene.roll("in", "08:40"), "08:45")
    assert late.problem is DeferredProblem.TOO_LATE
    gone = scene.send(scene.roll("out", "09:10"), "09:11")
    assert gone.problem is DeferredProblem.OUT_CLOSED
    desk = scene.who(scene.city.organizer, clock("09:20"))
    with pytest.raises(Refused, match="开放签到"):
        accept_deferred(desk, deferred_id=early.id, at=clock("09:20"))
    with pytest.raises(Refused, match="太远"):
        accept_deferred(desk, deferred_id=early.id, said=clock("03:00"), at=clock("09:20"))
    taken = accept_deferred(desk, deferred_id=late.id, at=clock("09:20"))
    assert stamps()[0].is_forced
    assert taken.late_minutes == 70


def test_a_cancelled_shift_takes_nothing_and_says_so(scene: Scene) -> None:
    scene.shift.state = ShiftState.CANCELLED
    db.session.commit()
    row = scene.send(scene.own("in", "07:28"), "07:30")
    assert (row.state, row.problem) == (DeferredState.REFUSED, DeferredProblem.SHIFT_CANCELLED)


def test_coming_without_a_signal_is_a_yes_as_well(scene: Scene) -> None:
    scene.seat.state = AssignmentState.PROPOSED
    db.session.commit()
    scene.send(scene.own("in", "07:28"), "07:30")
    assert scene.seat.state is AssignmentState.ACCEPTED


def test_the_tap_whose_answer_was_lost_is_not_made_twice(scene: Scene) -> None:
    item = scene.own("in", "07:28")
    live = stamp_by_code(
        scene.who(scene.city.volunteer_account, clock("07:28")),
        text=item["code"],
        touch=Touch(nonce=item["nonce"]),
        at=clock("07:28"),
    )
    db.session.commit()
    row = scene.send(item, "07:50")
    assert (row.state, row.stamp_id, row.grade) == (DeferredState.RECORDED, live.id, Grade.A)
    assert len(stamps()) == 1


def test_the_machines_check_out_yields_to_the_real_one(scene: Scene) -> None:
    scene.send(scene.own("in", "07:28"), "07:30")
    assert close_forgotten(scene.shift.id, at=clock("09:01"))
    db.session.commit()
    assert scene.stays() == [("23:28", "00:30")]
    scene.send(scene.own("out", "08:10"), "09:05")
    assert scene.stays() == [("23:28", "00:10")]
    assert people_present(scene.shift.id) == []


def test_a_place_is_judged_and_never_kept(scene: Scene) -> None:
    point = scene.city.point
    fix = {"lat": point.lat, "lon": point.lon, "accuracy": 30}
    without = scene.send(scene.own("in", "07:28", fix=fix), "07:30")
    assert without.place_verdict is FenceVerdict.UNKNOWN
    db.session.add(
        Consent(
            volunteer_id=scene.city.volunteer.id,
            purpose=ConsentPurpose.LOCATION,
            text_version="1",
            given_at=clock("07:00"),
        )
    )
    db.session.commit()
    far = {"lat": point.lat + 0.1, "lon": point.lon, "accuracy": 30}
    inside = scene.send(scene.own("out", "08:30", fix=fix), "08:31")
    outside = scene.send(scene.own("out", "08:31", fix=far), "08:33")
    assert (inside.place_verdict, inside.accuracy_metres) == (FenceVerdict.INSIDE, 30)
    assert (outside.place_verdict, outside.grade) == (FenceVerdict.OUTSIDE, Grade.C)
    assert "outside_fence" in outside.signals
    kept = {column.key for table in (DeferredStamp, CheckIn) for column in table.__table__.columns}
    assert not kept & {"lat", "lon", "fix", "position"}


def test_conflicts_are_kept_found_and_settled(scene: Scene) -> None:
    scene.send(scene.own("in", "07:28"), "07:40")
    scene.send(scene.roll("in", "07:35"), "07:41")
    rows = db.session.scalars(select(DeferredStamp)).all()
    assert {row.conflict for row in rows} == {DeferredConflict.DUPLICATE}
    assert scene.stays() == [("23:28", None)]
    boss = scene.who(scene.city.organizer, clock("07:50"))
    first = stamps()[0]
    with pytest.raises(Refused, match="写明原因"):
        settle_conflict(
            boss,
            shift_id=scene.shift.id,
            volunteer_id=scene.city.volunteer.id,
            set_aside=[first.id],
            reason="",
            at=clock("07:50"),
        )
    db.session.rollback()
    done = settle_conflict(
        boss,
        shift_id=scene.shift.id,
        volunteer_id=scene.city.volunteer.id,
        set_aside=[first.id],
        reason="07:28 时人还没到",
        at=clock("07:50"),
    )
    db.session.commit()
    assert done == 1
    assert db.session.scalars(select(StampCancellation.stamp_id)).all() == [first.id]
    assert {row.conflict for row in rows} == {None}
    assert scene.stays() == [("23:35", None)]
    with pytest.raises(Refused, match="没有要核对"):
        settle_conflict(
            boss,
            shift_id=scene.shift.id,
            volunteer_id=scene.city.volunteer.id,
            set_aside=[],
            reason="",
            at=clock("07:51"),
        )


def test_where_no_stamp_is_left_the_yes_that_it_stood_for_goes_too(scene: Scene) -> None:
    scene.seat.state = AssignmentState.PROPOSED
    scene.seat.answered_at = None
    db.session.commit()
    scene.send(scene.roll("in", "07:35"), "07:41")
    scene.send(scene.roll("in", "07:36"), "07:42")
    assert scene.seat.state is AssignmentState.ACCEPTED
    settle_conflict(
        scene.who(scene.city.organizer, clock("07:50")),
        shift_id=scene.shift.id,
        volunteer_id=scene.city.volunteer.id,
        set_aside=[stamp.id for stamp in stamps()],
        reason="点错了人",
        at=clock("07:50"),
    )
    db.session.commit()
    assert (scene.seat.state, scene.seat.answered_at) == (AssignmentState.PROPOSED, None)
    assert scene.stays() == []


def test_two_leaders_who_say_different_things_are_both_heard(scene: Scene) -> None:
    absent = scene.send(scene.roll("absent", "07:40"), "07:41", scene.city.organizer)
    came = scene.send(scene.roll("in", "07:45"), "07:46")
    db.session.refresh(absent)
    assert absent.conflict is came.conflict is DeferredConflict.MARK
    settle_conflict(
        scene.who(scene.city.district_admin, clock("07:50")),
        shift_id=scene.shift.id,
        volunteer_id=scene.city.volunteer.id,
        set_aside=[],
        reason="",
        at=clock("07:50"),
    )
    db.session.commit()
    verdicts = db.session.scalars(select(AttendanceNote.verdict).order_by(AttendanceNote.id)).all()
    assert verdicts == ["absent", "cleared"]
    assert scene.stays() == [("23:45", None)]


def test_out_before_in_is_no_stay_and_settles_without_harm(scene: Scene) -> None:
    row = scene.send(scene.roll("out", "08:30"), "08:31")
    assert (row.state, row.conflict) == (DeferredState.RECORDED, DeferredConflict.ORDER)
    assert scene.stays() == []
    done = settle_shift(
        scene.who(scene.city.organizer, clock("09:30")), shift_id=scene.shift.id, at=clock("09:30")
    )
    db.session.commit()
    assert done.records == []
    late = scene.send(scene.own("in", "07:28"), "09:40")
    assert (late.state, late.problem) == (DeferredState.WAITING, DeferredProblem.SHIFT_SETTLED)
    accept_deferred(
        scene.who(scene.city.organizer, clock("09:50")), deferred_id=late.id, at=clock("09:50")
    )
    db.session.commit()
    record = db.session.scalars(select(ServiceRecord)).one()
    assert (record.credited_minutes, record.grade) == (60, Grade.D)


def test_what_comes_after_settling_is_counted_anew_by_reversal(scene: Scene) -> None:
    desk = scene.who(scene.city.organizer, clock("09:30"))
    scene.send(scene.own("in", "07:50"), "08:00")
    settle_shift(desk, shift_id=scene.shift.id, at=clock("09:30"))
    db.session.commit()
    late = scene.send(scene.roll("in", "07:29"), "10:00")
    with pytest.raises(Refused, match="结算时长"):
        accept_deferred(
            scene.who(scene.leader_account, clock("10:05")), deferred_id=late.id, at=clock("10:05")
        )
    db.session.rollback()
    accept_deferred(desk, deferred_id=late.id, reason="带队名单证实", at=clock("10:05"))
    db.session.commit()
    minutes = db.session.scalars(select(LedgerEntry.minutes).order_by(LedgerEntry.seq)).all()
    assert minutes == [40, -40, 60]
    versions = db.session.scalars(
        select(ServiceRecord.credited_minutes).order_by(ServiceRecord.version)
    ).all()
    assert versions == [40, 60]


def _state(scene: Scene) -> Any:
    """All that must not depend on the order of arrival."""
    rows = db.session.scalars(select(DeferredStamp).order_by(DeferredStamp.nonce))
    marks = sorted(db.session.execute(select(AttendanceNote.verdict, AttendanceNote.at)).all())
    line = site_people(scene.shift.id, at=clock("09:00"))[0]
    return (
        [
            (r.nonce, r.state, r.problem, r.way, r.grade, r.conflict, r.late_minutes, r.claimed_at)
            for r in rows
        ],
        [(s.nonce, s.kind, s.at, s.grade, s.late_minutes, s.early_minutes) for s in stamps()],
        marks,
        scene.stays(),
        (line.came_at, line.went_at, line.late_minutes, line.attendance),
        people_present(scene.shift.id),
    )


def test_any_order_and_any_repetition_give_the_same_state(scene: Scene) -> None:
    items = [
        scene.own("in", "07:41"),
        scene.roll("in", "07:33"),
        scene.scan("in", "07:36"),
        scene.own("out", "07:55"),
        scene.roll("absent", "07:50"),
        scene.roll("in", "08:05"),
        scene.scan("out", "08:29"),
        scene.roll("out", "08:31"),
        scene.own("out", "08:31", code="garbage"),
        scene.roll("out", "09:20"),
        scene.item("own", "in", "07:30", digits="123456"),
    ]
    seen = set()
    for seed in range(12):
        pick = random.Random(seed)
        sent = items + pick.choices(items, k=12)
        pick.shuffle(sent)
        nested = db.session.begin_nested()
        for item in sent:
            account = (
                scene.city.volunteer_account if item["source"] == "own" else scene.leader_account
            )
            receive(actor_of(account, at=clock("08:50")), item, device_id=None, at=clock("08:50"))
        db.session.flush()
        seen.add(repr(_state(scene)))
        nested.rollback()
        db.session.expire_all()
    assert len(seen) == 1, "\n".join(sorted(seen)[:2])


def test_the_leaders_phone_is_not_the_persons_and_equal_fixes_can_be_told(scene: Scene) -> None:
    session = DeviceSession(
        account_id=scene.leader_account.id,
        token_hash=b"t" * 32,
        session_version=0,
        created_at=clock("07:00"),
        last_seen_at=clock("07:00"),
        expires_at=clock("23:00"),
    )
    db.session.add(session)
    db.session.add(
        Consent(
            volunteer_id=scene.city.volunteer.id,
            purpose=ConsentPurpose.LOCATION,
            text_version="1",
            given_at=clock("07:00"),
        )
    )
    db.session.commit()
    receive(
        scene.who(scene.leader_account, clock("07:31")),
        scene.roll("in", "07:29"),
        device_id=session.id,
        at=clock("07:31"),
    )
    point = scene.city.point
    fix = {"lat": point.lat, "lon": point.lon, "accuracy": 31.5}
    scene.send(scene.own("out", "08:30", fix=fix), "08:31")
    rolled, own = stamps()
    assert rolled.device_id is None
    row = db.session.scalars(select(DeferredStamp).where(DeferredStamp.stamp_id == rolled.id)).one()
    assert row.device_id == session.id
    assert db.session.scalars(select(FixTrace.stamp_id)).all() == [own.id]


def test_nobody_who_left_is_reminded_because_two_phones_saw_them_come(scene: Scene) -> None:
    scene.send(scene.own("in", "07:28"), "07:40")
    scene.send(scene.roll("in", "07:30"), "07:41")
    assert any("签退" in m["title"] for m in due_reminders(at=clock("08:32")))
    scene.send(scene.own("out", "08:29"), "08:31")
    assert due_reminders(at=clock("08:32")) == []
