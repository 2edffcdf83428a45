"""Objections and make-up hours: the state machine under any sequence of steps, windows, deadlines, parties."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.refusals import refused
from volunteer.domain.policy import STANDARD, Policy
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Grade, TicketLevel, TicketState
from volunteer.domain.ticket import (
    Course,
    Party,
    announced_until,
    answered,
    appealed,
    barred_until,
    escalated,
    level_above,
    objection_closes_on,
    opened,
    require_new_party,
    require_not_barred,
    require_quota,
    require_times,
    require_window,
    vouches,
    withdrawn,
)
from volunteer.domain.timekeeping import Window, WorkCalendar, seed_calendar, workdays_left

CALENDAR = WorkCalendar(
    {}, {day.on: day.kind for year in (2025, 2026) for day in seed_calendar(year)}
)
RANK = list(TicketLevel)
MONDAY = date(2026, 11, 23)

steps = st.lists(
    st.tuples(
        st.sampled_from(["wait", "uphold", "refuse", "appeal", "withdraw"]), st.integers(0, 12)
    ),
    max_size=20,
)


def _do(case: Course, step: str, on: date) -> Course:
    if step == "wait":
        return escalated(case, on=on, calendar=CALENDAR, policy=STANDARD) or case
    if step == "appeal":
        return appealed(case, on=on, calendar=CALENDAR, policy=STANDARD)
    if step == "withdraw":
        return withdrawn(case)
    state = TicketState.UPHELD if step == "uphold" else TicketState.REFUSED
    return answered(case, state, on=on, policy=STANDARD)


@given(steps, st.booleans(), st.sampled_from(RANK), st.integers(0, 300))
def test_any_story_climbs_never_sinks_and_ends_for_good(story, has_district, level, start):
    on = date(2026, 1, 5) + timedelta(days=start)
    level = TicketLevel.CITY if level is TicketLevel.DISTRICT and not has_district else level
    case = opened(on=on, has_district=has_district, level=level, calendar=CALENDAR, policy=STANDARD)
    climbs = 0
    for step, days in story:
        on += timedelta(days=days)
        before = case
        try:
            case = _do(case, step, on)
        except Refused:
            continue
        assert RANK.index(case.level) >= RANK.index(before.level)
        assert has_district or case.level is not TicketLevel.DISTRICT
        climbs += case.level is not before.level
        if before.state in (TicketState.UPHELD, TicketState.WITHDRAWN):
            assert case == before, "what is over stays over"
        if case.level is not before.level:
            assert case.state is TicketState.ESCALATED
            assert case.due_on > on
            assert CALENDAR.is_workday(case.due_on)
        assert (case.appeal_until is None) or case.state is TicketState.REFUSED
    assert climbs <= (2 if has_district else 1)


@given(st.integers(0, 700))
def test_an_overdue_case_climbs_exactly_one_level_a_day(days):
    on = date(2025, 1, 2) + timedelta(days=days)
    case = opened(
        on=on, has_district=True, level=TicketLevel.UNIT, calendar=CALENDAR, policy=STANDARD
    )
    assert len(CALENDAR.workdays(on + timedelta(days=1), case.due_on)) == 5
    assert escalated(case, on=case.due_on, calendar=CALENDAR, policy=STANDARD) is None
    late = case.due_on + timedelta(days=1)
    up = escalated(case, on=late, calendar=CALENDAR, policy=STANDARD)
    assert up is not None
    assert up.level is TicketLevel.DISTRICT
    assert escalated(up, on=late, calendar=CALENDAR, policy=STANDARD) is None


def test_who_is_above_whom():
    assert level_above(TicketLevel.UNIT, has_district=True) is TicketLevel.DISTRICT
    assert level_above(TicketLevel.UNIT, has_district=False) is TicketLevel.CITY
    assert level_above(TicketLevel.DISTRICT, has_district=True) is TicketLevel.CITY
    assert level_above(TicketLevel.CITY, has_district=True) is None


def test_five_working_days_skip_the_national_day():
    case = opened(
        on=date(2026, 9, 30),
        has_district=True,
        level=TicketLevel.UNIT,
        calendar=CALENDAR,
        policy=STANDARD,
    )
    assert case.due_on == date(2026, 10, 13)  # 10 October is worked


def test_days_left_are_working_days_and_negative_when_over():
    friday, saturday, monday = date(2026, 11, 27), date(2026, 11, 28), date(2026, 11, 30)
    assert workdays_left(CALENDAR, friday, friday) == 0
    assert workdays_left(CALENDAR, friday, monday) == 1
    assert workdays_left(CALENDAR, saturday, friday) == -1
    assert workdays_left(CALENDAR, monday, friday) == -1
    assert workdays_left(CALENDAR, monday + timedelta(days=1), friday) == -2


@given(st.dates(date(2024, 1, 1), date(2030, 12, 31)))
def test_the_recap_opens_the_window_once_more(on):
    last = objection_closes_on(on, STANDARD)
    assert last >= on + timedelta(days=STANDARD.objection_days)
    assert (last.year, last.month) != (on.year, on.month)
    first = (on.replace(day=28) + timedelta(days=7)).replace(day=1)
    assert last >= first + timedelta(days=STANDARD.objection_days - 1)


def test_an_appeal_needs_a_refusal_a_level_above_and_to_be_in_time():
    case = opened(
        on=MONDAY, has_district=True, level=TicketLevel.UNIT, calendar=CALENDAR, policy=STANDARD
    )
    with refused("not_refused"):
        appealed(case, on=MONDAY, calendar=CALENDAR, policy=STANDARD)
    no = answered(case, TicketState.REFUSED, on=MONDAY, policy=STANDARD)
    assert no.may_appeal(MONDAY + timedelta(days=7))
    with refused("appeal_over"):
        appealed(no, on=MONDAY + timedelta(days=8), calendar=CALENDAR, policy=STANDARD)
    top = Course(TicketState.REFUSED, TicketLevel.CITY, MONDAY, True, MONDAY)
    with refused("no_level_above"):
        appealed(top, on=MONDAY, calendar=CALENDAR, policy=STANDARD)
    with refused("wrong_state"):
        answered(withdrawn(case), TicketState.UPHELD, on=MONDAY, policy=STANDARD)


numbers = st.none() | st.integers(1, 4)
party = st.builds(Party, numbers, numbers)


@given(party, st.lists(party, max_size=4))
def test_nobody_takes_two_parts(newcomer, before):
    shares = any(
        (newcomer.account_id is not None and newcomer.account_id == one.account_id)
        or (newcomer.volunteer_id is not None and newcomer.volunteer_id == one.volunteer_id)
        for one in before
    )
    if shares:
        with refused("same_person") as no:
            require_new_party(newcomer, before)
        assert no.value.status == 403
    else:
        require_new_party(newcomer, before)


def test_window_quota_and_bar_are_forbidden_not_only_refused():
    require_window(MONDAY, MONDAY + timedelta(days=7), STANDARD)
    with refused("out_of_window") as no:
        require_window(MONDAY, MONDAY + timedelta(days=8), STANDARD)
    assert no.value.status == 403
    require_quota(STANDARD.make_up_monthly_quota - 1, STANDARD)
    with refused("over_quota") as no:
        require_quota(STANDARD.make_up_monthly_quota, STANDARD)
    assert no.value.status == 403
    require_not_barred(None, 0, MONDAY, STANDARD)
    after = barred_until(MONDAY, STANDARD) + timedelta(days=1)
    require_not_barred(MONDAY, 6000, after, STANDARD)
    for earned, on in ((5999, after), (6000, after - timedelta(days=1))):
        with refused("barred") as no:
            require_not_barred(MONDAY, earned, on, STANDARD)
        assert no.value.status == 403


def _at(clock: int) -> datetime:
    return datetime(2026, 11, 23, clock, tzinfo=UTC)


def test_make_up_times_stay_within_the_plan():
    plan = Window(_at(1), _at(3))
    require_times(_at(1), _at(3), plan)
    with refused("out_before_in"):
        require_times(_at(2), _at(2), plan)
    for came, went in ((_at(0), _at(2)), (_at(2), _at(4))):
        with refused("outside_plan"):
            require_times(came, went, plan)


@pytest.mark.parametrize("grade", list(Grade))
def test_only_who_was_scanned_at_the_same_time_vouches(grade):
    claimed = Window(_at(2), _at(4))
    assert vouches(grade, Window(_at(3), _at(5)), claimed) is (grade in (Grade.A, Grade.B))
    assert not vouches(grade, Window(_at(4), _at(5)), claimed)


def test_the_register_is_open_for_five_working_days_after_the_first():
    assert announced_until(MONDAY, CALENDAR, STANDARD) == date(2026, 11, 30)
    assert announced_until(MONDAY, CALENDAR, Policy(make_up_publicity_workdays=0)) == MONDAY
