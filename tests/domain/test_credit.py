import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.domain.attendance import Interval, Stamp
from volunteer.domain.credit import credited_minutes, earns, share_of_day, told_again
from volunteer.domain.policy import Policy
from volunteer.domain.terms import Grade, Nature, ReviewTier, StampKind, Way
from volunteer.domain.timekeeping import Window, beijing, minutes_of

DAY = date(2026, 3, 2)
COUNTING = Policy(training_counts=True)


def stay(came, went, way=Way.ROTATING_CODE, out_way=None):
    def stamp(kind, clock, how):
        return Stamp(kind, beijing(DAY, minutes_of(clock)), how)

    out = stamp(StampKind.OUT, went, out_way or way) if went else None
    return Interval(stamp(StampKind.IN, came, way), out)


def window(start, end):
    return Window.of(DAY, start, end)


def lines(credit):
    return [(step.code, step.minutes) for step in credit.steps]


def test_a_long_day_with_a_rest_earns_510():
    credit = credited_minutes(
        [stay("07:30", "18:00")], window("07:30", "18:00"), [window("12:30", "14:30")]
    )
    assert credit.credited_minutes == 510
    assert lines(credit) == [("stay", 630), ("break", -120), ("result", 510)]
    assert [step.sentence for step in credit.steps] == [
        "签到 07:30，签退 18:00，在岗 630 分钟",
        "休息 12:30 至 14:30，扣除 120 分钟",
        "认定 510 分钟",
    ]


def test_a_station_day_of_nine_hours_with_one_of_rest_earns_eight_and_a_half():
    credit = credited_minutes(
        [stay("08:00", "17:30")], window("08:00", "18:00"), [window("12:00", "13:00")]
    )
    assert credit.credited_minutes == 510


def test_the_way_there_and_back_is_not_service():
    credit = credited_minutes([stay("08:20", "11:20")], window("07:30", "11:30"))
    assert credit.credited_minutes == 180


def test_early_and_late_are_clipped_and_told():
    credit = credited_minutes([stay("07:21", "08:50")], window("07:30", "08:30"))
    assert (credit.credited_minutes, credit.overtime_minutes) == (60, 20)
    assert lines(credit) == [("stay", 89), ("early", -9), ("overtime", -20), ("result", 60)]


def test_allowances_widen_the_plan():
    kind_city = Policy(early_allowance_minutes=5, overrun_allowance_minutes=15)
    credit = credited_minutes([stay("07:21", "08:50")], window("07:30", "08:30"), (), kind_city)
    assert (credit.credited_minutes, credit.overtime_minutes) == (80, 5)


def test_there_is_no_cliff():
    for minutes in range(61):
        out = f"{7 + (30 + minutes) // 60:02d}:{(30 + minutes) % 60:02d}"
        credit = credited_minutes([stay("07:30", out)], window("07:30", "08:30"))
        assert credit.credited_minutes == minutes


def test_a_forgotten_check_out_earns_to_the_planned_end_and_is_marked():
    credit = credited_minutes([stay("07:40", None)], window("07:30", "08:30"))
    assert credit.credited_minutes == 50
    assert credit.overtime_minutes == 0
    assert credit.grade is Grade.D
    assert credit.steps[0].sentence == "签到 07:40，未签退，按计划 08:30 结束，在岗 50 分钟"


def test_nobody_came():
    credit = credited_minutes([], window("07:30", "08:30"))
    assert (credit.credited_minutes, credit.grade) == (0, None)
    assert lines(credit) == [("absent", 0), ("result", 0)]


def test_office_duty_never_becomes_volunteer_service():
    credit = credited_minutes(
        [stay("07:30", "08:30")], window("07:30", "08:30"), nature=Nature.DUTY
    )
    assert (credit.credited_minutes, credit.served_minutes) == (0, 60)
    assert lines(credit) == [("stay", 60), ("nature", -60), ("result", 0)]
    assert "公务值守" in credit.steps[1].sentence


def test_which_natures_earn():
    assert [earns(nature) for nature in Nature] == [True, False, False, False]
    assert earns(Nature.TRAINING, COUNTING)
    assert not earns(Nature.DUTY, COUNTING)


def test_stays_that_overlap_count_once():
    credit = credited_minutes(
        [stay("07:30", "08:10"), stay("08:00", "08:30")], window("07:30", "08:30")
    )
    assert lines(credit) == [("stay", 60), ("result", 60)]


def test_a_stay_within_one_minute_explains_its_zero():
    credit = credited_minutes([stay("07:30", "07:30")], window("07:30", "08:30"))
    assert lines(credit) == [("stay", 0), ("result", 0)]


def test_a_night_shift_counts_over_midnight():
    night = window("23:00", "01:00")
    came = Stamp(StampKind.IN, night.starts_at, Way.ROLL_CALL)
    went = Stamp(StampKind.OUT, night.ends_at, Way.ROLL_CALL)
    assert credited_minutes([Interval(came, went)], night).credited_minutes == 120


def test_seconds_do_not_count_and_the_arithmetic_fits_the_clock():
    night = window("07:30", "08:30")
    came = Stamp(StampKind.IN, night.starts_at + timedelta(seconds=59), Way.ROLL_CALL)
    went = Stamp(StampKind.OUT, night.ends_at - timedelta(seconds=1), Way.ROLL_CALL)
    credit = credited_minutes([Interval(came, went)], night)
    assert credit.steps[0].sentence == "签到 07:30，签退 08:29，在岗 59 分钟"
    assert credit.credited_minutes == 59


@pytest.mark.parametrize(
    ("ways", "grade"),
    [
        ((Way.ROTATING_CODE, Way.ROTATING_CODE), Grade.A),
        ((Way.ROTATING_CODE, Way.PERSONAL_CODE), Grade.B),
        ((Way.ROTATING_CODE, Way.ROLL_CALL), Grade.D),
        ((Way.MAKE_UP, Way.ROTATING_CODE), Grade.E),
    ],
)
def test_the_grade_is_the_weakest_link(ways, grade):
    credit = credited_minutes([stay("07:30", "08:30", *ways)], window("07:30", "08:30"))
    assert credit.grade is grade


@st.composite
def stays(draw):
    edges = sorted(draw(st.lists(st.integers(420, 600), min_size=2, max_size=6, unique=True)))
    return [
        stay(f"{a // 60:02d}:{a % 60:02d}", f"{b // 60:02d}:{b % 60:02d}")
        for a, b in zip(edges[::2], edges[1::2], strict=False)
    ]


@given(stays(), st.integers(440, 500), st.integers(0, 60), st.sampled_from(list(Nature)))
def test_the_steps_add_up_and_nothing_exceeds_plan_or_presence(spans, start, rest, nature):
    plan = Window(beijing(DAY, start), beijing(DAY, start + 90))
    breaks = [Window(beijing(DAY, start + 10), beijing(DAY, start + 10 + rest))] if rest else []
    credit = credited_minutes(spans, plan, breaks, nature=nature)
    assert sum(step.minutes for step in credit.steps[:-1]) == credit.steps[-1].minutes
    assert credit.steps[-1].minutes == credit.credited_minutes
    assert 0 <= credit.credited_minutes <= credit.served_minutes
    assert credit.served_minutes <= min(credit.attended_minutes, 90 - min(rest, 80))
    assert credit.overtime_minutes >= 0


@pytest.mark.parametrize(
    ("already", "minutes", "share", "tier"),
    [
        (0, 360, (360, 0, 0, 0), ReviewTier.NONE),
        (360, 180, (120, 60, 0, 0), ReviewTier.UNIT),
        (0, 480, (480, 0, 0, 0), ReviewTier.NONE),
        (0, 481, (480, 1, 0, 0), ReviewTier.UNIT),
        (0, 720, (480, 240, 0, 0), ReviewTier.UNIT),
        (700, 50, (0, 20, 30, 0), ReviewTier.CITY),
        (0, 1440, (480, 240, 720, 0), ReviewTier.CITY),
        (1400, 100, (0, 0, 40, 60), ReviewTier.CITY),
        (1440, 10, (0, 0, 0, 10), ReviewTier.NONE),
    ],
)
def test_a_day_over_all_activities(already, minutes, share, tier):
    got = share_of_day(already, minutes)
    assert (got.effective, got.unit_review, got.city_review, got.beyond_day) == share
    assert got.tier is tier


def test_six_and_three_hours_on_one_day():
    first, second = share_of_day(0, 360), share_of_day(360, 180)
    assert first.effective + second.effective == 480
    assert second.unit_review == 60


@given(st.integers(0, 1500), st.lists(st.integers(0, 500), max_size=6))
def test_no_minute_is_lost_or_doubled(start, parts):
    already, effective = start, 0
    for minutes in parts:
        share = share_of_day(already, minutes)
        total = share.effective + share.unit_review + share.city_review + share.beyond_day
        assert total == minutes
        already += minutes
        effective += share.effective
    assert effective == max(0, min(already, 480) - min(start, 480))
    with pytest.raises(ValueError, match="negative"):
        share_of_day(-1, 0)


def test_the_arithmetic_can_be_kept_and_told_again():
    credit = credited_minutes([stay("07:21", "08:50")], window("07:30", "08:30"))
    kept = json.loads(json.dumps([step.stored() for step in credit.steps]))
    assert told_again(kept) == credit.steps
    assert credit.steps[0].said(lambda text: text.replace("签到", "in")).startswith("in 07:21")


def test_duty_leaves_no_overtime_to_confirm():
    credit = credited_minutes(
        [stay("07:30", "08:50")], window("07:30", "08:30"), nature=Nature.DUTY
    )
    assert (credit.served_minutes, credit.overtime_minutes) == (60, 0)


def test_stays_are_told_in_order_and_apart_where_they_only_touch():
    credit = credited_minutes(
        [stay("08:00", "08:30"), stay("07:30", "08:00")], window("07:30", "08:30")
    )
    assert lines(credit) == [("stay", 30), ("stay", 30), ("result", 60)]
    assert credit.steps[0].sentence.startswith("签到 07:30")


def test_an_automatic_end_is_told_only_where_it_is_the_last():
    late_out = [stay("07:30", "08:40"), stay("07:50", None)]
    assert credited_minutes(late_out, window("07:30", "08:30")).steps[0].code == "stay"
    auto_last = [stay("07:30", "08:00"), stay("07:50", None)]
    assert credited_minutes(auto_last, window("07:30", "08:30")).steps[0].code == "auto_close"
