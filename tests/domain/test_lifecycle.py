import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.domain import lifecycle
from volunteer.domain.lifecycle import advance, followers, may_advance
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import ActivityState, AssignmentState, JobState, RunState, ShiftState


def test_every_state_has_its_row_and_stays_in_its_kind():
    for kind, table in lifecycle.TABLES.items():
        assert set(table) == set(kind)
        for current, nexts in table.items():
            assert all(type(state) is kind for state in nexts)
            assert current not in nexts


def test_every_state_but_the_first_can_be_reached():
    for kind, table in lifecycle.TABLES.items():
        first = next(iter(kind))
        seen, queue = {first}, [first]
        while queue:
            for state in table[queue.pop()] - seen:
                seen.add(state)
                queue.append(state)
        assert seen == set(kind), kind


@pytest.mark.parametrize(
    ("current", "new", "allowed"),
    [
        (ActivityState.DRAFT, ActivityState.PUBLISHED, True),
        (ActivityState.CLOSED, ActivityState.PUBLISHED, False),
        (ActivityState.CANCELLED, ActivityState.PUBLISHED, False),
        (ShiftState.PLANNED, ShiftState.SETTLED, False),
        (ShiftState.SETTLED, ShiftState.CANCELLED, False),
        (ShiftState.CANCELLED, ShiftState.PLANNED, True),
        (RunState.RUNNING, RunState.QUEUED, True),
        (RunState.FINISHED, RunState.RUNNING, False),
        (AssignmentState.PROPOSED, AssignmentState.DECLINED, True),
        (AssignmentState.DECLINED, AssignmentState.ACCEPTED, True),
        (AssignmentState.ACCEPTED, AssignmentState.PROPOSED, True),
        (AssignmentState.ACCEPTED, AssignmentState.DECLINED, False),
        (AssignmentState.CANCELLED, AssignmentState.ACCEPTED, False),
        (JobState.DONE, JobState.RUNNING, False),
    ],
)
def test_steps(current, new, allowed):
    assert may_advance(current, new) is allowed
    if allowed:
        assert advance(current, new) is new
    else:
        with pytest.raises(Refused) as no:
            advance(current, new)
        assert no.value.code == "wrong_state"
        assert current.label in no.value.sentence


def test_a_step_to_the_same_state_says_so():
    with pytest.raises(Refused) as no:
        advance(RunState.FINISHED, RunState.FINISHED)
    assert no.value.code == "already_so"


def test_states_of_two_kinds_do_not_mix():
    with pytest.raises(TypeError):
        advance(RunState.QUEUED, JobState.RUNNING)


@given(st.sampled_from([state for kind in lifecycle.TABLES for state in kind]))
def test_advance_agrees_with_followers(current):
    for new in type(current):
        if new in followers(current):
            assert advance(current, new) is new
        else:
            with pytest.raises(Refused):
                advance(current, new)
