"""A claim is judged by itself: by the plan, the seat, the code and the two clocks, never by its neighbours."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.domain.attendance import Gate, Stamp, grade_of, intervals_of
from volunteer.domain.deferred_item import digest_of_item, read_item
from volunteer.domain.offline import Claim, conflict_of, judge
from volunteer.domain.policy import STANDARD
from volunteer.domain.terms import (
    AssignmentState,
    DeferredConflict,
    DeferredProblem,
    DeferredState,
    FenceVerdict,
    Grade,
    ShiftState,
    StampKind,
    Way,
)
from volunteer.domain.timekeeping import Window

START = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
GATE = Gate(Window(START, START + timedelta(hours=1)), assignment=AssignmentState.ACCEPTED)
MINUTES = st.integers(-600, 4000)


def claim(minutes=0, delay=5, **more):
    at = START + timedelta(minutes=minutes)
    given_ = {"kind": StampKind.IN, "way": Way.ROTATING_CODE, **more}
    return Claim(claimed_at=at, received_at=at + timedelta(minutes=delay), **given_)


@pytest.mark.parametrize(
    ("delay", "state", "grade"),
    [
        (0, DeferredState.RECORDED, Grade.A),
        (30, DeferredState.RECORDED, Grade.A),
        (31, DeferredState.RECORDED, Grade.C),
        (24 * 60, DeferredState.RECORDED, Grade.C),
        (24 * 60 + 1, DeferredState.WAITING, Grade.C),
        (-3, DeferredState.WAITING, Grade.A),
    ],
)
def test_the_delay_decides_what_it_is_worth(delay, state, grade):
    ruling = judge(GATE, claim(delay=delay), STANDARD)
    assert (ruling.state, ruling.stamp.grade) == (state, grade)


@pytest.mark.parametrize(
    ("seconds", "fits"), [(-21, False), (-20, True), (0, True), (50, True), (51, False)]
)
def test_the_code_bears_out_the_time_or_not(seconds, fits):
    made = claim(shown_at=START - timedelta(seconds=seconds), shown_for=timedelta(seconds=10))
    ruling = judge(GATE, made, STANDARD)
    assert (ruling.problem is None) is fits
    if not fits:
        assert (ruling.problem, ruling.stamp.way) == (DeferredProblem.CODE_TIME, Way.ROLL_CALL)


@pytest.mark.parametrize(
    ("gate", "state", "problem"),
    [
        (Gate(GATE.window), DeferredState.WAITING, DeferredProblem.NOT_ASSIGNED),
        (
            Gate(GATE.window, ShiftState.SETTLED, AssignmentState.ACCEPTED),
            DeferredState.WAITING,
            DeferredProblem.SHIFT_SETTLED,
        ),
        (
            Gate(GATE.window, ShiftState.CANCELLED, AssignmentState.ACCEPTED),
            DeferredState.REFUSED,
            DeferredProblem.SHIFT_CANCELLED,
        ),
    ],
)
def test_what_stands_against_it(gate, state, problem):
    ruling = judge(gate, claim(), STANDARD)
    assert (ruling.state, ruling.problem) == (state, problem)


@given(
    minutes=MINUTES,
    delay=st.integers(-10, 5000),
    way=st.sampled_from([Way.ROTATING_CODE, Way.PERSONAL_CODE, Way.POSTER_CODE, Way.ROLL_CALL]),
    kind=st.sampled_from(list(StampKind)),
    others=st.lists(st.tuples(st.sampled_from(list(StampKind)), MINUTES), max_size=6),
    has_code=st.booleans(),
    is_clock_known=st.booleans(),
)
def test_no_stamp_beside_it_changes_the_ruling(
    minutes, delay, way, kind, others, has_code, is_clock_known
):
    made = claim(
        minutes, delay, way=way, kind=kind, has_code=has_code, is_clock_known=is_clock_known
    )
    stamps = tuple(Stamp(k, START + timedelta(minutes=m), Way.ROLL_CALL) for k, m in others)
    beside = Gate(GATE.window, GATE.shift_state, GATE.assignment, None, stamps, GATE.window, 9)
    ruling = judge(GATE, made, STANDARD)
    assert ruling == judge(beside, made, STANDARD)
    assert ruling.stamp.grade >= grade_of(way)
    if delay > 24 * 60:
        assert ruling.state is not DeferredState.RECORDED


@given(
    stamps=st.lists(
        st.builds(
            Stamp,
            st.sampled_from(list(StampKind)),
            st.integers(0, 90).map(lambda m: START + timedelta(minutes=m)),
            st.sampled_from([Way.ROTATING_CODE, Way.ROLL_CALL, Way.AUTO_CLOSE]),
            st.sampled_from(list(FenceVerdict)),
            st.sampled_from(list(Grade)),
        ),
        max_size=8,
    ),
    shuffled=st.randoms(use_true_random=False),
    is_marked=st.booleans(),
)
def test_stays_and_conflicts_do_not_depend_on_the_order(stamps, shuffled, is_marked):
    other = list(stamps)
    shuffled.shuffle(other)
    told = [
        (s.came.at, s.came.grade, s.went and (s.went.at, s.went.grade))
        for s in intervals_of(stamps)
    ]
    again = [
        (s.came.at, s.came.grade, s.went and (s.went.at, s.went.grade)) for s in intervals_of(other)
    ]
    assert told == again
    assert conflict_of(stamps, is_marked=is_marked) == conflict_of(other, is_marked=is_marked)


def stamp(kind, minutes, way=Way.ROLL_CALL):
    return Stamp(kind, START + timedelta(minutes=minutes), way)


@pytest.mark.parametrize(
    ("stamps", "marked", "conflict"),
    [
        ([], False, None),
        ([], True, None),
        ([stamp(StampKind.IN, 0), stamp(StampKind.OUT, 60)], False, None),
        ([stamp(StampKind.IN, 0), stamp(StampKind.IN, 3)], False, DeferredConflict.DUPLICATE),
        ([stamp(StampKind.OUT, 60)], False, DeferredConflict.ORDER),
        ([stamp(StampKind.IN, 0)], True, DeferredConflict.MARK),
        (
            [
                stamp(StampKind.IN, 0),
                stamp(StampKind.OUT, 40),
                stamp(StampKind.OUT, 60, Way.AUTO_CLOSE),
            ],
            False,
            None,
        ),
    ],
)
def test_what_does_not_fit_together(stamps, marked, conflict):
    assert conflict_of(stamps, is_marked=marked) == conflict


def test_the_machine_yields_to_a_person_whichever_comes_first():
    came = stamp(StampKind.IN, 0)
    auto = stamp(StampKind.OUT, 60, Way.AUTO_CLOSE)
    early, late = stamp(StampKind.OUT, 40), stamp(StampKind.OUT, 70)
    assert intervals_of([came, auto])[0].went == auto
    assert intervals_of([auto, early, came])[0].went == early
    assert intervals_of([late, came, auto])[0].went == late


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=6)
    ),
    max_leaves=12,
)


@given(raw=JSON)
def test_whatever_a_phone_sends_is_an_item_or_none(raw):
    assert read_item(raw) is None or isinstance(raw, dict)
    assert digest_of_item(raw) == digest_of_item(raw)


@given(
    change=st.dictionaries(
        st.sampled_from(
            [
                "nonce",
                "source",
                "act",
                "device_at",
                "offset",
                "shift",
                "person",
                "code",
                "digits",
                "fix",
            ]
        ),
        JSON,
        max_size=3,
    )
)
def test_an_item_with_anything_in_its_places_is_read_or_refused(change):
    item = {"nonce": "nonce-0001", "source": "own", "act": "in", "device_at": 1_780_000_000_000}
    found = read_item({**item, **change})
    if found is not None:
        assert found.claimed_at.tzinfo is not None
        assert found.shift_id is None or 0 < found.shift_id < 2**31
