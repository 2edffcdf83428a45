"""What to do about a duty now (下一步): answer, set out, check in, serve, check out; one answer for each moment."""

from datetime import datetime, timedelta

from volunteer.domain.attendance import Gate, blockers, intervals_of
from volunteer.domain.terms import AssignmentState, NextStep, ShiftState, StampKind

SET_OUT = timedelta(hours=2)
"""From when on a duty is today's business: time to get ready and leave for it."""
NEARLY_OVER = timedelta(minutes=5)


def next_step(gate: Gate, at: datetime) -> NextStep:
    """Return what the person should do about this duty at this instant."""
    if gate.shift_state is ShiftState.CANCELLED or gate.assignment is AssignmentState.CANCELLED:
        return NextStep.CALLED_OFF
    if gate.shift_state is ShiftState.SETTLED:
        return NextStep.SETTLED
    if gate.is_present:
        return _leaving(gate, at)
    if intervals_of(gate.stamps):
        return NextStep.DONE
    if gate.assignment is AssignmentState.PROPOSED:
        return NextStep.ANSWER if at < gate.opens_at else _arriving(gate, at)
    if gate.assignment is AssignmentState.ACCEPTED:
        return _arriving(gate, at)
    return NextStep.DECLINED


def _leaving(gate: Gate, at: datetime) -> NextStep:
    if at >= gate.out_closes_at:
        return NextStep.DONE
    return NextStep.CHECK_OUT if at >= gate.window.ends_at - NEARLY_OVER else NextStep.SERVE


def _arriving(gate: Gate, at: datetime) -> NextStep:
    if not blockers(gate, StampKind.IN, at):
        return NextStep.CHECK_IN
    if at >= gate.in_closes_at:
        return NextStep.MISSED
    return NextStep.SET_OUT if at >= gate.window.starts_at - SET_OUT else NextStep.WAIT
