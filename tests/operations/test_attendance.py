from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

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
from volunteer.domain.digits import personal_digits, shift_digits
from volunteer.domain.place import Fix, LatLon
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import (
    AssignmentState,
    ConsentPurpose,
    DistanceBucket,
    FenceVerdict,
    Grade,
    ShiftState,
    StampKind,
    Way,
)
from volunteer.domain.timekeeping import beijing, minutes_of
from volunteer.domain.token import personal_code, poster_code, rotating_code
from volunteer.models.attendance import CheckIn, StampCancellation
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry, Message
from volunteer.models.people import Consent
from volunteer.operations.attendance import (
    Touch,
    add_seat,
    call_roll,
    clear_mark,
    close_forgotten,
    declare_failure,
    excuse,
    force_stamp,
    mark_absent,
    note_refused_scan,
    record_outcome,
    stamp_by_code,
    stamp_by_digits,
    stamp_scanned,
    undo_own_stamp,
    undo_stamp,
)
from volunteer.operations.attendance.stamping import Wanted
from volunteer.queries.accounts import actor_of
from volunteer.queries.onsite import site_people

Clock = Callable[[str], Any]


def clock(text: str) -> Any:
    """An instant of the test Monday."""
    return beijing(MONDAY, minutes_of(text))


class Scene:
    """A shift of Monday 07:30-08:30 with a leader, and the volunteer Wang Fang on it."""

    def __init__(self) -> None:
        self.city: City = a_city()
        self.leader = a_volunteer(self.city.unit, "陈静")
        self.leader_account = an_account(volunteer=self.leader)
        self.activity = an_activity(self.city.unit)
        self.shift = a_shift(self.activity, self.city.point, leader_id=self.leader.id)
        self.seat = an_assignment(self.shift, self.city.volunteer)
        db.session.commit()
        self.serial = 0

    def actor(self, account: Any, at: str = "07:30") -> Actor:
        return actor_of(account, at=clock(at))

    @property
    def person(self) -> Actor:
        return self.actor(self.city.volunteer_account)

    @property
    def lead(self) -> Actor:
        return self.actor(self.leader_account)

    def touch(self, **given: Any) -> Touch:
        self.serial += 1
        return Touch(**{"nonce": f"nonce-of-tap-{self.serial}", **given})

    def code(self, kind: StampKind, at: str) -> str:
        return rotating_code(self.city.point.secret, self.shift.id, kind, clock(at))

    def scan(self, at: str, kind: StampKind = StampKind.IN, **given: Any) -> CheckIn:
        return stamp_by_code(
            self.person, text=self.code(kind, at), touch=self.touch(**given), at=clock(at)
        )

    def roll(self, at: str, kind: StampKind = StampKind.IN, *people: int) -> Any:
        return call_roll(
            self.lead,
            shift_id=self.shift.id,
            volunteer_ids=list(people) or [self.city.volunteer.id],
            kind=kind,
            touch=self.touch(),
            at=clock(at),
        )


@pytest.fixture
def scene(app: Any) -> Scene:
    return Scene()


def refused_as(code: str) -> Any:
    class _Expect:
        def __enter__(self) -> None:
            return None

        def __exit__(self, kind: Any, value: Any, _trace: Any) -> bool:
            assert isinstance(value, Refused), f"expected Refused {code}, got {value!r}"
            assert value.code == code, f"expected {code}, got {value.code}"
            assert value.sentence
            return True

    return _Expect()


# ---- the person's own way --------------------------------------------------------------------


def test_a_scan_in_time_is_a_stamp_of_grade_a_with_audit(scene: Scene) -> None:
    stamp = scene.scan("07:28")
    db.session.commit()
    assert (stamp.kind, stamp.way, stamp.grade) == (StampKind.IN, Way.ROTATING_CODE, Grade.A)
    assert (stamp.late_minutes, stamp.round, stamp.at) == (0, 1, clock("07:28"))
    line = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "check_in")).one()
    assert line.subject_id == stamp.id
    assert line.unit_id == scene.city.unit.id


def test_late_and_early_are_told_in_minutes(scene: Scene) -> None:
    assert scene.scan("07:41").late_minutes == 11
    assert scene.scan("08:20", StampKind.OUT).early_minutes == 10


def test_the_same_nonce_gives_the_same_stamp(scene: Scene) -> None:
    touch = scene.touch()
    text = scene.code(StampKind.IN, "07:28")
    first = stamp_by_code(scene.person, text=text, touch=touch, at=clock("07:28"))
    again = stamp_by_code(scene.person, text="anything", touch=touch, at=clock("09:00"))
    assert again.id == first.id


def test_a_second_nonce_learns_when_the_first_one_came(scene: Scene) -> None:
    scene.scan("07:28")
    with pytest.raises(Refused) as no:
        scene.scan("07:29")
    assert no.value.code == "already_in"
    assert "07:28" in no.value.sentence


def test_the_window_has_two_sides(scene: Scene) -> None:
    with refused_as("too_early"):
        scene.scan("07:19")
    assert scene.scan("07:20").late_minutes == 0


def test_after_the_end_nobody_comes_in(scene: Scene) -> None:
    with refused_as("too_late"):
        scene.scan("08:30")


def test_out_needs_in_and_ends_after_half_an_hour(scene: Scene) -> None:
    with refused_as("not_in"):
        scene.scan("08:00", StampKind.OUT)
    scene.scan("08:01")
    with refused_as("out_closed"):
        scene.scan("09:00", StampKind.OUT)
    assert scene.scan("08:59", StampKind.OUT).kind is StampKind.OUT


def test_a_code_is_worth_nothing_half_a_minute_later(scene: Scene) -> None:
    old = scene.code(StampKind.IN, "07:28")
    with refused_as("old_code"):
        stamp_by_code(
            scene.person,
            text=old,
            touch=scene.touch(),
            at=clock("07:28") + timedelta(seconds=30),
        )
    seen = clock("07:28")
    late = stamp_by_code(
        scene.person,
        text=old,
        touch=scene.touch(),
        at=seen + timedelta(seconds=90),
        seen_at=seen,
    )
    assert late.at == seen + timedelta(seconds=90)


def test_a_forged_code_and_another_ones_nonce_are_refused(scene: Scene) -> None:
    forged = rotating_code(b"x" * 32, scene.shift.id, StampKind.IN, clock("07:28"))
    with refused_as("bad_code"):
        stamp_by_code(scene.person, text=forged, touch=scene.touch(), at=clock("07:28"))
    with refused_as("bad_nonce"):
        scene.scan("07:28", nonce="short")
    scene.scan("07:28", nonce="nonce-that-is-mine")
    other = scene.actor(scene.city.other_volunteer_account)
    with refused_as("bad_nonce"):
        stamp_by_code(
            other,
            text=scene.code(StampKind.IN, "07:28"),
            touch=Touch(nonce="nonce-that-is-mine"),
            at=clock("07:28"),
        )


def test_only_a_seat_may_stamp_and_coming_is_a_yes(scene: Scene) -> None:
    other = scene.actor(scene.city.other_volunteer_account)
    text = scene.code(StampKind.IN, "07:28")
    with refused_as("not_assigned"):
        stamp_by_code(other, text=text, touch=scene.touch(), at=clock("07:28"))
    scene.seat.state = AssignmentState.DECLINED
    db.session.flush()
    with refused_as("declined"):
        scene.scan("07:28")
    scene.seat.state = AssignmentState.PROPOSED
    db.session.flush()
    scene.scan("07:28")
    assert scene.seat.state is AssignmentState.ACCEPTED
    assert scene.seat.answered_at == clock("07:28")


def test_an_account_without_a_volunteer_has_no_stamps(scene: Scene) -> None:
    with refused_as("not_allowed"):
        stamp_by_code(
            scene.actor(scene.city.organizer),
            text=scene.code(StampKind.IN, "07:28"),
            touch=scene.touch(),
            at=clock("07:28"),
        )


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (ShiftState.PLANNED, "shift_not_open"),
        (ShiftState.CANCELLED, "shift_cancelled"),
        (ShiftState.SETTLED, "shift_settled"),
    ],
)
def test_a_shift_that_is_not_open_takes_no_stamps(
    scene: Scene, state: ShiftState, code: str
) -> None:
    scene.shift.state = state
    db.session.flush()
    with refused_as(code):
        scene.scan("07:28")


def test_who_serves_next_door_lands_on_the_own_shift(scene: Scene) -> None:
    mine = a_shift(scene.activity, scene.city.point, corner="东南角")
    newcomer = a_volunteer(scene.city.unit, "李娜")
    account = an_account(volunteer=newcomer)
    an_assignment(mine, newcomer)
    stamp = stamp_by_code(
        scene.actor(account),
        text=scene.code(StampKind.IN, "07:28"),
        touch=scene.touch(),
        at=clock("07:28"),
    )
    assert stamp.shift_id == mine.id


def test_one_is_present_in_one_place_only(scene: Scene) -> None:
    other = a_shift(scene.activity, scene.city.point, start="08:00", end="09:00", corner="北")
    an_assignment(other, scene.city.volunteer)
    scene.scan("07:28")
    text = rotating_code(scene.city.point.secret, other.id, StampKind.IN, clock("08:00"))
    with refused_as("present_elsewhere"):
        stamp_by_code(scene.person, text=text, touch=scene.touch(), at=clock("08:00"))


def test_a_poster_is_weak_evidence_and_knows_the_next_stamp(scene: Scene) -> None:
    text = poster_code(scene.city.point.secret, scene.city.point.id)
    came = stamp_by_code(scene.person, text=text, touch=scene.touch(), at=clock("07:28"))
    went = stamp_by_code(scene.person, text=text, touch=scene.touch(), at=clock("08:30"))
    assert (came.kind, went.kind) == (StampKind.IN, StampKind.OUT)
    assert came.grade is Grade.C
    assert came.signals == ["poster_without_place"]
    with refused_as("no_duty_here"):
        stamp_by_code(
            scene.actor(scene.city.other_volunteer_account),
            text=text,
            touch=scene.touch(),
            at=clock("07:28"),
        )


def test_the_own_code_is_for_the_leader(scene: Scene) -> None:
    own = personal_code(
        scene.city.volunteer.personal_secret, scene.city.volunteer.id, clock("07:28")
    )
    with refused_as("not_a_site_code"):
        stamp_by_code(scene.person, text=own, touch=scene.touch(), at=clock("07:28"))


def test_the_leader_scanning_the_own_screen_is_told_apart(scene: Scene) -> None:
    an_assignment(scene.shift, scene.leader)
    stamp = stamp_by_code(
        scene.lead,
        text=scene.code(StampKind.IN, "07:28"),
        touch=scene.touch(),
        at=clock("07:28"),
    )
    assert (stamp.way, stamp.grade) == (Way.LEADER_SELF, Grade.C)


def test_six_figures_do_what_the_code_does(scene: Scene) -> None:
    typed = shift_digits(scene.city.point.secret, scene.shift.id, StampKind.IN, clock("07:28"))
    stamp = stamp_by_digits(
        scene.person, typed=f"{typed[:3]} {typed[3:]}", touch=scene.touch(), at=clock("07:28")
    )
    assert stamp.grade is Grade.A
    out = shift_digits(scene.city.point.secret, scene.shift.id, StampKind.OUT, clock("08:29"))
    stamp = stamp_by_digits(scene.person, typed=out, touch=scene.touch(), at=clock("08:29"))
    assert stamp.kind is StampKind.OUT


def test_wrong_figures_are_counted_and_then_rest(scene: Scene) -> None:
    with refused_as("no_duty_now"):
        stamp_by_digits(
            scene.actor(scene.city.other_volunteer_account),
            typed="000000",
            touch=scene.touch(),
            at=clock("07:28"),
        )
    for second in range(8):
        at = clock("07:28") + timedelta(seconds=second)
        with pytest.raises(Refused) as no:
            stamp_by_digits(scene.person, typed="12345", touch=scene.touch(), at=at)
        assert no.value.code == "wrong_digits"
        note_refused_scan(scene.person, no.value, what="输入数字", at=at)
        db.session.flush()
    with refused_as("too_many_tries"):
        stamp_by_digits(scene.person, typed="12345", touch=scene.touch(), at=clock("07:29"))


# ---- place and devices -----------------------------------------------------------------------


def consents_to_location(scene: Scene) -> None:
    db.session.add(
        Consent(
            volunteer_id=scene.city.volunteer.id,
            purpose=ConsentPurpose.LOCATION,
            text_version="1",
            given_at=clock("07:00"),
        )
    )
    db.session.flush()


NEAR = Fix(LatLon(27.2378, 111.4684), 15)
FAR = Fix(LatLon(27.30, 111.60), 15)


def test_without_consent_a_fix_is_not_even_looked_at(scene: Scene) -> None:
    stamp = scene.scan("07:28", fix=NEAR)
    assert stamp.place_verdict is FenceVerdict.UNKNOWN
    assert stamp.accuracy_metres is None


def test_with_consent_the_verdict_is_kept_and_no_coordinate(scene: Scene) -> None:
    consents_to_location(scene)
    stamp = scene.scan("07:28", fix=NEAR)
    assert stamp.place_verdict is FenceVerdict.INSIDE
    assert stamp.distance_bucket is DistanceBucket.WITHIN_100
    assert stamp.accuracy_metres == 15
    assert not any(isinstance(value, float) for value in vars(stamp).values())


def test_from_afar_the_grade_falls_and_a_question_opens(scene: Scene) -> None:
    consents_to_location(scene)
    stamp = scene.scan("07:28", fix=FAR)
    assert (stamp.place_verdict, stamp.grade) == (FenceVerdict.OUTSIDE, Grade.C)
    assert stamp.signals == ["outside_fence"]


def test_a_second_person_on_one_phone_is_flagged_not_refused(scene: Scene) -> None:
    from volunteer.models.people import DeviceSession

    device = DeviceSession(
        account_id=scene.city.volunteer_account.id,
        token_hash=b"d" * 32,
        session_version=1,
        created_at=clock("07:00"),
        last_seen_at=clock("07:00"),
        expires_at=clock("20:00"),
    )
    db.session.add(device)
    friend = a_volunteer(scene.city.unit, "赵敏")
    account = an_account(volunteer=friend)
    an_assignment(scene.shift, friend)
    assert scene.scan("07:28", device_id=device.id).signals == []
    stamp = stamp_by_code(
        scene.actor(account),
        text=scene.code(StampKind.IN, "07:29"),
        touch=scene.touch(device_id=device.id),
        at=clock("07:29"),
    )
    assert stamp.signals == ["shared_device"]


def test_a_phone_whose_clock_is_off_keeps_both_times(scene: Scene) -> None:
    stamp = scene.scan("07:28", claimed_at=clock("07:15"))
    assert (stamp.at, stamp.claimed_at) == (clock("07:28"), clock("07:15"))
    assert stamp.signals == ["clock_differs"]


# ---- the leader ------------------------------------------------------------------------------


def test_the_leader_scans_the_personal_code_or_types_it(scene: Scene) -> None:
    volunteer = scene.city.volunteer
    code = personal_code(volunteer.personal_secret, volunteer.id, clock("07:28"))
    stamp = stamp_scanned(
        scene.lead, shift_id=scene.shift.id, scanned=code, touch=scene.touch(), at=clock("07:28")
    )
    assert (stamp.kind, stamp.grade) == (StampKind.IN, Grade.B)
    typed = personal_digits(volunteer.personal_secret, volunteer.id, clock("08:30"))
    stamp = stamp_scanned(
        scene.lead, shift_id=scene.shift.id, scanned=typed, touch=scene.touch(), at=clock("08:30")
    )
    assert stamp.kind is StampKind.OUT
    assert db.session.scalars(select(Message).where(Message.topic == "stamp")).all()


def test_what_the_leader_cannot_scan(scene: Scene) -> None:
    def scan(scanned: str) -> None:
        stamp_scanned(
            scene.lead,
            shift_id=scene.shift.id,
            scanned=scanned,
            touch=scene.touch(),
            at=clock("07:28"),
        )

    with refused_as("not_a_person"):
        scan(scene.code(StampKind.IN, "07:28"))
    with refused_as("wrong_digits"):
        scan("123456")
    with refused_as("bad_code"):
        scan("hello")
    an_assignment(scene.shift, scene.leader)
    with refused_as("own_case"):
        scan(personal_code(scene.leader.personal_secret, scene.leader.id, clock("07:28")))


def test_only_who_runs_the_site_may_scan_there(scene: Scene) -> None:
    volunteer = scene.city.volunteer
    code = personal_code(volunteer.personal_secret, volunteer.id, clock("07:28"))
    for account, expected in (
        (scene.city.other_organizer, "not_yours"),
        (scene.city.auditor, "not_allowed"),
        (scene.city.other_volunteer_account, "not_allowed"),
    ):
        with refused_as(expected):
            stamp_scanned(
                scene.actor(account),
                shift_id=scene.shift.id,
                scanned=code,
                touch=scene.touch(),
                at=clock("07:28"),
            )


def test_a_roll_call_names_who_could_not_be_stamped(scene: Scene) -> None:
    second = a_volunteer(scene.city.unit, "李娜")
    an_assignment(scene.shift, second, AssignmentState.DECLINED)
    called = scene.roll("07:31", StampKind.IN, scene.city.volunteer.id, second.id)
    assert [stamp.grade for stamp in called.done] == [Grade.D]
    assert called.done[0].late_minutes == 1
    assert [(name, no.code) for name, no in called.refused] == [("李娜", "declined")]
    with refused_as("nobody_ticked"):
        call_roll(
            scene.lead,
            shift_id=scene.shift.id,
            volunteer_ids=[],
            kind=StampKind.IN,
            touch=scene.touch(),
            at=clock("07:31"),
        )


def test_the_same_roll_sent_twice_is_one_roll(scene: Scene) -> None:
    touch = scene.touch()
    for _ in range(2):
        call_roll(
            scene.lead,
            shift_id=scene.shift.id,
            volunteer_ids=[scene.city.volunteer.id],
            kind=StampKind.IN,
            touch=touch,
            at=clock("07:31"),
        )
    assert len(db.session.scalars(select(CheckIn)).all()) == 1


def test_nobody_but_the_leader_calls_the_own_name(scene: Scene) -> None:
    an_assignment(scene.shift, scene.leader)
    called = scene.roll("07:31", StampKind.IN, scene.leader.id)
    assert called.done[0].way is Way.LEADER_SELF
    organizer = an_account(volunteer=a_volunteer(scene.city.unit, "周洋"))
    seat = organizer.volunteer_id
    assert seat is not None
    from volunteer.models.people import RoleGrant, Volunteer

    db.session.add(
        RoleGrant(
            account_id=organizer.id,
            role="organizer",
            unit_id=scene.city.unit.id,
            reach=f"unit:{scene.city.unit.id}",
            granted_at=clock("07:00"),
        )
    )
    an_assignment(scene.shift, db.session.get(Volunteer, seat))
    called = call_roll(
        scene.actor(organizer),
        shift_id=scene.shift.id,
        volunteer_ids=[seat],
        kind=StampKind.IN,
        touch=scene.touch(),
        at=clock("07:31"),
    )
    assert [no.code for _, no in called.refused] == ["own_case"]


def test_a_forced_stamp_needs_a_reason_and_shows_it(scene: Scene) -> None:
    def force(at: str, said: str | None, reason: str, kind: StampKind = StampKind.IN) -> CheckIn:
        wanted = Wanted(kind, Way.ROLL_CALL, reason, clock(said) if said else None)
        return force_stamp(
            scene.lead,
            shift_id=scene.shift.id,
            volunteer_id=scene.city.volunteer.id,
            wanted=wanted,
            touch=scene.touch(),
            at=clock(at),
        )

    with refused_as("reason_needed"):
        force("08:40", "07:30", " ")
    with refused_as("in_future"):
        force("07:40", "07:50", "手机没电")
    stamp = force("08:40", "07:30", "手机没电，带队亲见")
    assert (stamp.at, stamp.received_at) == (clock("07:30"), clock("08:40"))
    assert stamp.is_forced
    assert stamp.grade is Grade.D
    out = force("08:41", "08:30", "手机没电，带队亲见", StampKind.OUT)
    assert out.early_minutes == 0
    with refused_as("too_early"):
        undo_stamp(scene.lead, stamp_id=out.id, reason="重来一次", at=clock("08:42"))
        undo_stamp(scene.lead, stamp_id=stamp.id, reason="重来一次", at=clock("08:42"))
        force("08:45", "07:00", "早到")


def test_forcing_a_declined_person_in_is_their_yes(scene: Scene) -> None:
    scene.seat.state = AssignmentState.DECLINED
    db.session.flush()
    wanted = Wanted(StampKind.IN, Way.ROLL_CALL, "本人到场并同意服务")
    stamp = force_stamp(
        scene.lead,
        shift_id=scene.shift.id,
        volunteer_id=scene.city.volunteer.id,
        wanted=wanted,
        touch=scene.touch(),
        at=clock("07:31"),
    )
    assert stamp.is_forced
    assert scene.seat.state is AssignmentState.ACCEPTED


def test_a_failure_of_the_system_costs_nobody_a_minute(scene: Scene) -> None:
    def declare(at: str, reason: str = "网络中断") -> Any:
        return declare_failure(
            scene.lead,
            shift_id=scene.shift.id,
            volunteer_ids=[scene.city.volunteer.id],
            reason=reason,
            touch=scene.touch(),
            at=clock(at),
        )

    with refused_as("reason_needed"):
        declare("07:50", "")
    done = declare("07:50").done
    assert [(s.at, s.late_minutes, s.grade) for s in done] == [(clock("07:30"), 0, Grade.D)]
    done = declare("08:35").done
    assert [(s.kind, s.at, s.early_minutes) for s in done] == [(StampKind.OUT, clock("08:30"), 0)]


# ---- taking back, marks, seats ----------------------------------------------------------------


def test_a_mistaken_tap_is_taken_back_within_five_minutes(scene: Scene) -> None:
    stamp = scene.scan("07:28")
    with refused_as("not_found"):
        undo_own_stamp(
            scene.actor(scene.city.other_volunteer_account), stamp_id=stamp.id, at=clock("07:30")
        )
    undo_own_stamp(scene.person, stamp_id=stamp.id, at=clock("07:33"))
    with refused_as("not_found"):
        undo_own_stamp(scene.person, stamp_id=stamp.id, at=clock("07:33"))
    again = scene.scan("07:34")
    assert (again.round, again.late_minutes) == (2, 4)
    with refused_as("undo_too_late"):
        undo_own_stamp(scene.person, stamp_id=again.id, at=clock("07:40"))


def test_the_leader_takes_back_later_with_a_reason_the_last_one_first(scene: Scene) -> None:
    came = scene.scan("07:28")
    went = scene.scan("08:29", StampKind.OUT)
    with refused_as("reason_needed"):
        undo_stamp(scene.lead, stamp_id=went.id, reason="", at=clock("09:00"))
    with refused_as("not_the_last"):
        undo_stamp(scene.lead, stamp_id=came.id, reason="扫错了人", at=clock("09:00"))
    undo_stamp(scene.lead, stamp_id=went.id, reason="扫错了人", at=clock("09:00"))
    assert db.session.scalars(select(StampCancellation)).one().reason == "扫错了人"
    scene.shift.state = ShiftState.SETTLED
    db.session.flush()
    with refused_as("shift_settled"):
        undo_stamp(scene.lead, stamp_id=came.id, reason="扫错了人", at=clock("09:00"))


def test_marks_excuse_and_absent(scene: Scene) -> None:
    given = {"shift_id": scene.shift.id, "volunteer_id": scene.city.volunteer.id}
    with refused_as("reason_needed"):
        excuse(scene.lead, **given, reason="", at=clock("07:40"))
    with refused_as("not_started"):
        mark_absent(scene.lead, **given, reason="", at=clock("07:20"))
    with refused_as("nothing_to_clear"):
        clear_mark(scene.lead, **given, at=clock("07:40"))
    mark_absent(scene.lead, **given, reason="", at=clock("07:40"))
    assert [p.attendance.value for p in site_people(scene.shift.id, at=clock("07:41"))] == [
        "absent"
    ]
    clear_mark(scene.lead, **given, at=clock("07:42"))
    people = site_people(scene.shift.id, at=clock("07:43"))
    assert [(p.attendance.value, p.is_missing) for p in people] == [("expected", True)]
    excuse(scene.lead, **given, reason="孩子生病", at=clock("07:44"))
    people = site_people(scene.shift.id, at=clock("07:45"))
    assert [(p.attendance.value, p.note_reason) for p in people] == [("excused", "孩子生病")]
    scene.seat.state = AssignmentState.PROPOSED
    db.session.flush()
    with refused_as("never_accepted"):
        mark_absent(scene.lead, **given, reason="", at=clock("07:50"))
    scene.scan("07:50")
    with refused_as("already_came"):
        excuse(scene.lead, **given, reason="孩子生病", at=clock("07:51"))


def test_a_helper_gets_a_seat_while_there_is_room(scene: Scene) -> None:
    helper = a_volunteer(scene.city.unit, "刘洋")
    given = {"shift_id": scene.shift.id, "reason": "临时帮忙", "at": clock("07:30")}
    with refused_as("not_found"):
        add_seat(scene.lead, volunteer_id=scene.city.other_volunteer.id, **given)
    seat = add_seat(scene.lead, volunteer_id=helper.id, **given)
    assert seat.state is AssignmentState.ACCEPTED
    with refused_as("already_seated"):
        add_seat(scene.lead, volunteer_id=helper.id, **given)
    with refused_as("wrong_age"):
        add_seat(scene.lead, volunteer_id=a_volunteer(scene.city.unit, birth_year=2010).id, **given)
    with refused_as("not_active"):
        pending = a_volunteer(scene.city.unit, state="awaiting_consent")
        add_seat(scene.lead, volunteer_id=pending.id, **given)
    scene.shift.max_heads = 3
    a_third = a_volunteer(scene.city.unit)
    add_seat(scene.lead, volunteer_id=a_third.id, **given)
    with refused_as("shift_full"):
        add_seat(scene.lead, volunteer_id=a_volunteer(scene.city.unit).id, **given)
    with refused_as("shift_over"):
        add_seat(scene.lead, volunteer_id=helper.id, **{**given, "at": clock("08:30")})


def test_one_who_declined_may_still_be_seated(scene: Scene) -> None:
    for state in (AssignmentState.DECLINED, AssignmentState.CANCELLED, AssignmentState.EXPIRED):
        scene.seat.state = state
        db.session.flush()
        seat = add_seat(
            scene.lead,
            shift_id=scene.shift.id,
            volunteer_id=scene.city.volunteer.id,
            reason="改主意",
            at=clock("07:30"),
        )
        assert (seat.id, seat.state) == (scene.seat.id, AssignmentState.ACCEPTED)


def test_outcome_counters_are_those_of_the_kind(scene: Scene) -> None:
    from volunteer.models.activities import ActivityKind

    kind = db.session.get(ActivityKind, scene.activity.kind_id)
    assert kind is not None
    kind.counters = ["劝导闯红灯", "帮扶过马路"]
    db.session.flush()
    given = {"shift_id": scene.shift.id, "at": clock("08:30")}
    with refused_as("unknown_counter"):
        record_outcome(scene.lead, counters={"喝茶": 3}, **given)
    with refused_as("bad_number"):
        record_outcome(scene.lead, counters={"劝导闯红灯": -1}, **given)
    record_outcome(scene.lead, counters={"劝导闯红灯": 12}, **given)
    shift = record_outcome(scene.lead, counters={"帮扶过马路": 5}, **given)
    assert shift.outcome == {"劝导闯红灯": 12, "帮扶过马路": 5}


# ---- forgotten --------------------------------------------------------------------------------


def test_a_forgotten_check_out_closes_at_the_planned_end_once(scene: Scene) -> None:
    scene.scan("07:28")
    assert close_forgotten(scene.shift.id, at=clock("08:59")) == []
    closed = close_forgotten(scene.shift.id, at=clock("09:00"))
    assert [(s.at, s.way, s.by_account_id) for s in closed] == [
        (clock("08:30"), Way.AUTO_CLOSE, None)
    ]
    assert close_forgotten(scene.shift.id, at=clock("09:05")) == []
    told = db.session.scalars(select(Message).where(Message.topic == "auto_close")).all()
    assert {m.volunteer_id for m in told} == {scene.city.volunteer.id, scene.leader.id}
