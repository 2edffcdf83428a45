from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.domain.attendance import (
    FORCEABLE,
    Gate,
    Stamp,
    attendance_of,
    blockers,
    decide,
    forgotten,
    grade_of,
    intervals_of,
    next_kind,
    weakest,
)
from volunteer.domain.place import Whereabouts
from volunteer.domain.policy import Policy
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import (
    AssignmentState,
    Attendance,
    FenceVerdict,
    Grade,
    ShiftState,
    StampKind,
    Way,
)
from volunteer.domain.timekeeping import Window, beijing

IN, OUT = StampKind.IN, StampKind.OUT
DAY = date(2026, 3, 2)
WINDOW = Window.of(DAY, "07:30", "08:30")
GATE = Gate(WINDOW, assignment=AssignmentState.ACCEPTED)


def at(clock, seconds=0):
    hours, minutes = clock.split(":")
    return beijing(DAY, int(hours) * 60 + int(minutes)) + timedelta(seconds=seconds)


def stamp(kind, clock, way=Way.ROTATING_CODE):
    return Stamp(kind, at(clock), way)


def with_stamps(*stamps, gate=GATE):
    return replace(gate, stamps=stamps)


def refusal(gate, kind, moment, **how):
    with pytest.raises(Refused) as no:
        decide(gate, kind, moment, way=Way.ROTATING_CODE, **how)
    return no.value


@pytest.mark.parametrize(
    ("moment", "late"),
    [
        (at("07:19", 59), "too_early"),
        (at("07:20"), 0),
        (at("07:30"), 0),
        (at("07:30", 59), 0),
        (at("07:31"), 1),
        (at("07:51"), 21),
        (at("08:29", 59), 59),
        (at("08:30"), "too_late"),
        (at("09:00"), "too_late"),
        (at("07:30") - timedelta(days=7), "too_early"),
        (at("07:30") + timedelta(days=1), "too_late"),
    ],
)
def test_the_check_in_window_has_two_sides(moment, late):
    if isinstance(late, str):
        assert refusal(GATE, IN, moment).code == late
    else:
        assert decide(GATE, IN, moment, way=Way.ROTATING_CODE).late_minutes == late


@given(st.integers(-20_000, 20_000))
def test_open_exactly_inside_the_window(minutes):
    moment = WINDOW.starts_at + timedelta(minutes=minutes)
    assert (not blockers(GATE, IN, moment)) is (-10 <= minutes < 60)


@given(st.integers(-600, 900), st.sampled_from([IN, OUT]), st.booleans())
def test_the_page_and_the_act_never_disagree(seconds_of_ten, kind, is_present):
    gate = with_stamps(stamp(IN, "07:25")) if is_present else GATE
    moment = WINDOW.starts_at + timedelta(seconds=10 * seconds_of_ten)
    if blockers(gate, kind, moment):
        refusal(gate, kind, moment)
    else:
        verdict = decide(gate, kind, moment, way=Way.ROTATING_CODE)
        assert verdict.late_minutes >= 0
        assert verdict.early_minutes >= 0


def test_a_tolerance_forgives_wholly_or_not_at_all():
    kind_city = replace(GATE, policy=Policy(late_after_minutes=5))
    assert decide(kind_city, IN, at("07:35"), way=Way.ROLL_CALL).late_minutes == 0
    assert decide(kind_city, IN, at("07:36"), way=Way.ROLL_CALL).late_minutes == 6


def test_the_way_out_is_told():
    early = refusal(GATE, IN, at("07:08", 30))
    assert early.sentence == "还有 12 分钟开放签到。"
    assert early.hint == "07:20 起可以签到。"
    assert "3 月 2 日 07:30" in refusal(GATE, IN, at("07:30") - timedelta(days=2)).sentence
    assert "08:30" in refusal(GATE, IN, at("08:45")).sentence


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (None, "not_assigned"),
        (AssignmentState.DECLINED, "declined"),
        (AssignmentState.EXPIRED, "declined"),
        (AssignmentState.CANCELLED, "assignment_cancelled"),
    ],
)
def test_without_a_seat_there_is_no_check_in_but_by_the_leader(state, code):
    gate = replace(GATE, assignment=state)
    assert refusal(gate, IN, at("07:25")).code == code
    forced = decide(gate, IN, at("07:25"), way=Way.ROLL_CALL, forced_reason="临时顶班")
    assert forced.overrode == (code,)
    assert forced.is_forced
    assert refusal(gate, IN, at("07:25"), forced_reason="  ").code == code


def test_a_reason_counts_as_force_only_where_it_overrode_something():
    verdict = decide(GATE, IN, at("07:25"), way=Way.ROLL_CALL, forced_reason="以防万一")
    assert not verdict.is_forced


def test_walk_ins_pass_where_they_are_welcome():
    assert not blockers(Gate(WINDOW, takes_walk_ins=True), IN, at("07:25"))


def test_coming_accepts_an_open_proposal():
    proposed = replace(GATE, assignment=AssignmentState.PROPOSED)
    assert decide(proposed, IN, at("07:25"), way=Way.ROTATING_CODE).accepts
    assert not decide(GATE, IN, at("07:25"), way=Way.ROTATING_CODE).accepts


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (ShiftState.CANCELLED, "shift_cancelled"),
        (ShiftState.PLANNED, "shift_not_open"),
        (ShiftState.SETTLED, "shift_settled"),
    ],
)
def test_a_shift_that_is_not_on_takes_no_stamp_whatever_the_reason(state, code):
    gate = replace(GATE, shift_state=state)
    for kind in StampKind:
        assert refusal(gate, kind, at("07:25"), forced_reason="坚持").code == code


def test_all_reasons_are_told_at_once():
    no = refusal(Gate(WINDOW), IN, at("09:00"))
    assert [reason.code for reason in no.details] == ["not_assigned", "too_late"]


def test_a_second_check_in_tells_the_first():
    no = refusal(with_stamps(stamp(IN, "07:25")), IN, at("07:40"))
    assert (no.code, no.sentence) == ("already_in", "您已于 07:25 签到。")


def test_one_place_at_a_time():
    gate = replace(GATE, elsewhere=Window.of(DAY, "06:00", "07:35"))
    assert refusal(gate, IN, at("07:30")).code == "present_elsewhere"
    assert not blockers(gate, IN, at("07:35"))


def test_at_most_three_stays_a_day():
    gate = replace(GATE, pairs_today=3)
    assert refusal(gate, IN, at("07:40")).code == "pairs_used"
    assert not blockers(replace(GATE, pairs_today=2), IN, at("07:40"))


@pytest.mark.parametrize(
    ("moment", "early"),
    [(at("07:26"), 64), (at("08:29"), 1), (at("08:30"), 0), (at("08:59", 59), 0)],
)
def test_check_out(moment, early):
    gate = with_stamps(stamp(IN, "07:25"))
    assert decide(gate, OUT, moment, way=Way.ROTATING_CODE).early_minutes == early


def test_check_out_refusals():
    assert refusal(GATE, OUT, at("08:30")).code == "not_in"
    present = with_stamps(stamp(IN, "07:25"))
    assert refusal(present, OUT, at("09:00")).code == "out_closed"
    assert refusal(present, OUT, at("07:24")).code == "out_before_in"
    left = with_stamps(stamp(IN, "07:25"), stamp(OUT, "08:30"))
    assert refusal(left, OUT, at("08:31")).code == "already_out"
    assert "out_before_in" not in FORCEABLE


def test_coming_back_is_not_late():
    left = with_stamps(stamp(IN, "07:25"), stamp(OUT, "07:50"))
    assert next_kind(left) is IN
    assert decide(left, IN, at("08:00"), way=Way.ROTATING_CODE).late_minutes == 0


@pytest.mark.parametrize(
    ("way", "fence", "grade"),
    [
        (Way.ROTATING_CODE, FenceVerdict.INSIDE, Grade.A),
        (Way.ROTATING_CODE, FenceVerdict.UNKNOWN, Grade.A),
        (Way.ROTATING_CODE, FenceVerdict.OUTSIDE, Grade.C),
        (Way.PERSONAL_CODE, FenceVerdict.UNKNOWN, Grade.B),
        (Way.POSTER_CODE, FenceVerdict.INSIDE, Grade.C),
        (Way.ROLL_CALL, FenceVerdict.UNKNOWN, Grade.D),
        (Way.ROLL_CALL, FenceVerdict.OUTSIDE, Grade.D),
        (Way.SYSTEM_FAILURE, FenceVerdict.UNKNOWN, Grade.D),
        (Way.MAKE_UP, FenceVerdict.INSIDE, Grade.E),
    ],
)
def test_grades(way, fence, grade):
    assert grade_of(way, fence) is grade


@given(st.lists(st.sampled_from(list(Grade)), min_size=1))
def test_the_weakest_link(grades):
    assert weakest(grades) == sorted(grades, key="ABCDE".index)[-1]
    assert weakest([]) is None


def test_being_elsewhere_is_looked_at_not_refused():
    far = Whereabouts(FenceVerdict.OUTSIDE)
    verdict = decide(GATE, IN, at("07:25"), way=Way.ROTATING_CODE, whereabouts=far)
    assert verdict.review == ("outside_fence",)
    poster = decide(GATE, IN, at("07:25"), way=Way.POSTER_CODE)
    assert poster.review == ("poster_without_place",)
    near = Whereabouts(FenceVerdict.INSIDE)
    assert not decide(GATE, IN, at("07:25"), way=Way.POSTER_CODE, whereabouts=near).review


STAMPS = st.lists(
    st.builds(
        lambda kind, minute: Stamp(kind, at("07:00") + timedelta(minutes=minute), Way.ROLL_CALL),
        st.sampled_from(list(StampKind)),
        st.integers(0, 90),
    ),
    max_size=8,
)


@given(STAMPS, st.randoms(use_true_random=False))
def test_stays_do_not_depend_on_the_order_of_arrival(stamps, dice):
    shuffled = list(stamps)
    dice.shuffle(shuffled)
    assert intervals_of(shuffled) == intervals_of(stamps)


@given(STAMPS)
def test_stays_never_run_backwards_or_overlap(stamps):
    stays = intervals_of(stamps)
    for stay in stays:
        assert stay.went is None or stay.went.at >= stay.came.at
    for one, two in zip(stays, stays[1:], strict=False):
        assert one.went is not None
        assert one.went.at <= two.came.at


def test_doubled_stamps_count_once():
    stays = intervals_of(
        [stamp(IN, "07:25"), stamp(IN, "07:30"), stamp(OUT, "08:20"), stamp(OUT, "08:31")]
    )
    assert [(s.came.at, s.went.at) for s in stays] == [(at("07:25"), at("08:31"))]
    assert intervals_of([stamp(OUT, "07:00")]) == []


@pytest.mark.parametrize(
    ("gate", "moment", "expected"),
    [
        (GATE, at("07:00"), Attendance.EXPECTED),
        (GATE, at("08:29"), Attendance.EXPECTED),
        (GATE, at("08:30"), Attendance.ABSENT),
        (replace(GATE, assignment=AssignmentState.PROPOSED), at("09:00"), Attendance.EXCUSED),
        (replace(GATE, assignment=AssignmentState.CANCELLED), at("07:00"), Attendance.EXCUSED),
        (replace(GATE, shift_state=ShiftState.CANCELLED), at("09:00"), Attendance.EXCUSED),
        (with_stamps(stamp(IN, "07:25")), at("09:00"), Attendance.PRESENT),
        (with_stamps(stamp(IN, "07:25"), stamp(OUT, "08:30")), at("09:00"), Attendance.LEFT),
        (
            with_stamps(stamp(IN, "07:25"), stamp(OUT, "08:30", Way.AUTO_CLOSE)),
            at("09:00"),
            Attendance.AUTO_CLOSED,
        ),
    ],
)
def test_where_a_person_stands(gate, moment, expected):
    assert attendance_of(gate, moment) is expected


def test_a_forgotten_check_out_closes_at_the_planned_end():
    gate = with_stamps(stamp(IN, "07:25"))
    assert forgotten(gate, at("08:59", 59)) is None
    closed = forgotten(gate, at("12:00"))
    assert (closed.at, closed.way, closed.grade) == (at("08:30"), Way.AUTO_CLOSE, Grade.D)
    assert forgotten(replace(gate, stamps=(*gate.stamps, closed)), at("12:00")) is None
    assert forgotten(GATE, at("12:00")) is None


def test_who_stands_on_site():
    assert not GATE.is_present
    assert with_stamps(stamp(IN, "07:25")).is_present


def test_stamps_of_one_instant():
    both = [stamp(OUT, "07:30"), stamp(IN, "07:30")]
    ((came, went),) = [(s.came.at, s.went.at) for s in intervals_of(both)]
    assert came == went == at("07:30")
    back = [stamp(IN, "07:00"), *both]
    assert [(s.came.at, s.went and s.went.at) for s in intervals_of(back)] == [
        (at("07:00"), at("07:30")),
        (at("07:30"), None),
    ]


def test_a_forgotten_stay_is_due_at_the_very_minute():
    gate = with_stamps(stamp(IN, "07:25"))
    assert forgotten(gate, at("09:00")) is not None


def test_the_wait_is_told_in_minutes():
    assert "120 分钟" in refusal(GATE, IN, at("05:20")).sentence
    assert "1 分钟" in refusal(GATE, IN, at("07:19", 59)).sentence


def test_check_in_may_close_later_by_the_citys_rule():
    gate = replace(GATE, policy=Policy(check_in_closes_after_minutes=15))
    assert not blockers(gate, IN, at("08:44"))
    assert refusal(gate, IN, at("08:45")).code == "too_late"


def test_one_may_leave_in_the_minute_one_came():
    gate = with_stamps(stamp(IN, "07:40"))
    assert decide(gate, OUT, at("07:40"), way=Way.ROTATING_CODE).early_minutes == 50
