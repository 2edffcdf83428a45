from datetime import datetime, timedelta

import pytest

from volunteer.domain.attendance import Gate, Stamp
from volunteer.domain.duty import next_step
from volunteer.domain.terms import AssignmentState, NextStep, ShiftState, StampKind, Way
from volunteer.domain.timekeeping import Window, beijing, minutes_of

DAY = datetime(2026, 11, 23).date()  # noqa: DTZ001 - only its date is used
WINDOW = Window.of(DAY, "07:30", "08:30")


def at(text: str) -> datetime:
    return beijing(DAY, minutes_of(text))


def gate(state: AssignmentState | None, *stamps: Stamp, shift=ShiftState.PUBLISHED) -> Gate:
    return Gate(window=WINDOW, assignment=state, stamps=stamps, shift_state=shift)


CAME = Stamp(StampKind.IN, at("07:28"), Way.ROTATING_CODE)
WENT = Stamp(StampKind.OUT, at("08:31"), Way.ROTATING_CODE)
YES, OPEN = AssignmentState.ACCEPTED, AssignmentState.PROPOSED


@pytest.mark.parametrize(
    ("made", "moment", "step"),
    [
        (gate(OPEN), "06:00", NextStep.ANSWER),
        (gate(OPEN), "07:20", NextStep.CHECK_IN),
        (gate(YES), "05:29", NextStep.WAIT),
        (gate(YES), "05:30", NextStep.SET_OUT),
        (gate(YES), "07:20", NextStep.CHECK_IN),
        (gate(YES), "08:29", NextStep.CHECK_IN),
        (gate(YES), "08:30", NextStep.MISSED),
        (gate(YES, CAME), "08:00", NextStep.SERVE),
        (gate(YES, CAME), "08:25", NextStep.CHECK_OUT),
        (gate(YES, CAME), "08:59", NextStep.CHECK_OUT),
        (gate(YES, CAME), "09:00", NextStep.DONE),
        (gate(YES, CAME, WENT), "08:40", NextStep.DONE),
        (gate(YES, CAME, WENT, shift=ShiftState.SETTLED), "12:00", NextStep.SETTLED),
        (gate(YES, shift=ShiftState.CANCELLED), "06:00", NextStep.CALLED_OFF),
        (gate(AssignmentState.CANCELLED), "06:00", NextStep.CALLED_OFF),
        (gate(AssignmentState.DECLINED), "06:00", NextStep.DECLINED),
        (gate(None), "06:00", NextStep.DECLINED),
    ],
)
def test_there_is_one_thing_to_do_at_each_moment(made: Gate, moment: str, step: NextStep):
    assert next_step(made, at(moment)) is step


def test_every_minute_of_a_day_has_an_answer():
    for minute in range(0, 1440, 7):
        moment = beijing(DAY) + timedelta(minutes=minute)
        for state in (*AssignmentState, None):
            assert next_step(gate(state), moment) in NextStep
