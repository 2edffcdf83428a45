"""Which state may follow which (状态流转), in one table for every thing that has a state."""

from collections.abc import Mapping
from typing import TypeVar

from volunteer.domain.refusal import Refused
from volunteer.domain.terms import (
    ActivityState,
    AssignmentState,
    Attendance,
    CaseState,
    CertificateState,
    DraftState,
    JobState,
    MakeUpState,
    MessageState,
    RecordState,
    RunState,
    ShiftState,
    SpotState,
    Term,
    TicketState,
    VolunteerState,
)
from volunteer.domain.words import N_

State = TypeVar("State", bound=Term)
Table = Mapping[Term, frozenset[Term]]


def _to(*states: Term) -> frozenset[Term]:
    return frozenset(states)


ACTIVITY: Table = {
    ActivityState.DRAFT: _to(ActivityState.PUBLISHED, ActivityState.CANCELLED),
    ActivityState.PUBLISHED: _to(ActivityState.CANCELLED, ActivityState.CLOSED),
    ActivityState.CANCELLED: _to(),
    ActivityState.CLOSED: _to(),
}
# A shift called off for rain may be set up again: it returns to planning, people are asked anew.
SHIFT: Table = {
    ShiftState.PLANNED: _to(ShiftState.PUBLISHED, ShiftState.CANCELLED),
    ShiftState.PUBLISHED: _to(ShiftState.CANCELLED, ShiftState.SETTLED),
    ShiftState.CANCELLED: _to(ShiftState.PLANNED),
    ShiftState.SETTLED: _to(),
}
# Running returns to queued when its worker fell silent and the run is taken up again.
RUN: Table = {
    RunState.QUEUED: _to(RunState.RUNNING, RunState.CANCELLED, RunState.FAILED),
    RunState.RUNNING: _to(RunState.FINISHED, RunState.CANCELLED, RunState.FAILED, RunState.QUEUED),
    RunState.FINISHED: _to(),
    RunState.CANCELLED: _to(),
    RunState.FAILED: _to(),
}
DRAFT: Table = {
    DraftState.OPEN: _to(DraftState.PUBLISHED, DraftState.DISCARDED),
    DraftState.PUBLISHED: _to(),
    DraftState.DISCARDED: _to(),
}
# A person may change a no into a yes while the seat is open; a cancelled seat is offered anew. An
# accepted seat is proposed again when its shift moves to another time or point: a yes covers what was told.
ASSIGNMENT: Table = {
    AssignmentState.PROPOSED: _to(
        AssignmentState.ACCEPTED,
        AssignmentState.DECLINED,
        AssignmentState.EXPIRED,
        AssignmentState.CANCELLED,
    ),
    AssignmentState.ACCEPTED: _to(AssignmentState.CANCELLED, AssignmentState.PROPOSED),
    AssignmentState.DECLINED: _to(AssignmentState.ACCEPTED, AssignmentState.PROPOSED),
    AssignmentState.EXPIRED: _to(AssignmentState.ACCEPTED, AssignmentState.PROPOSED),
    AssignmentState.CANCELLED: _to(AssignmentState.PROPOSED),
}
# Every mark made on site can be taken back: a wrong tap must not cost anyone the day.
ATTENDANCE: Table = {
    Attendance.EXPECTED: _to(Attendance.PRESENT, Attendance.ABSENT, Attendance.EXCUSED),
    Attendance.PRESENT: _to(Attendance.LEFT, Attendance.AUTO_CLOSED, Attendance.EXPECTED),
    Attendance.LEFT: _to(Attendance.PRESENT),
    Attendance.AUTO_CLOSED: _to(Attendance.LEFT),
    Attendance.ABSENT: _to(Attendance.EXPECTED, Attendance.EXCUSED, Attendance.PRESENT),
    Attendance.EXCUSED: _to(Attendance.EXPECTED, Attendance.ABSENT, Attendance.PRESENT),
}
JOB: Table = {
    JobState.QUEUED: _to(JobState.RUNNING, JobState.CANCELLED),
    JobState.RUNNING: _to(JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.QUEUED),
    JobState.DONE: _to(),
    JobState.FAILED: _to(JobState.QUEUED),
    JobState.CANCELLED: _to(),
}
MESSAGE: Table = {
    MessageState.QUEUED: _to(MessageState.SENT, MessageState.SKIPPED, MessageState.FAILED),
    MessageState.SENT: _to(),
    MessageState.SKIPPED: _to(),
    MessageState.FAILED: _to(MessageState.QUEUED),
}
# A record is never edited: a correction closes it and a new one takes its place.
RECORD: Table = {
    RecordState.PENDING: _to(RecordState.EFFECTIVE, RecordState.REJECTED),
    RecordState.EFFECTIVE: _to(RecordState.CORRECTED),
    RecordState.CORRECTED: _to(),
    RecordState.REJECTED: _to(),
}
TICKET: Table = {
    TicketState.OPEN: _to(
        TicketState.ESCALATED, TicketState.UPHELD, TicketState.REFUSED, TicketState.WITHDRAWN
    ),
    TicketState.ESCALATED: _to(TicketState.UPHELD, TicketState.REFUSED, TicketState.WITHDRAWN),
    TicketState.UPHELD: _to(),
    TicketState.REFUSED: _to(TicketState.ESCALATED),
    TicketState.WITHDRAWN: _to(),
}
# What is contested in the public register is looked at again: it goes on, or ends. A person may take a
# request back until it is posted; a posted one is a record, and records are put right by correction.
MAKE_UP: Table = {
    MakeUpState.ASKED: _to(MakeUpState.WITNESS, MakeUpState.REFUSED, MakeUpState.WITHDRAWN),
    MakeUpState.WITNESS: _to(
        MakeUpState.REVIEW, MakeUpState.REFUSED, MakeUpState.WITHDRAWN, MakeUpState.LAPSED
    ),
    MakeUpState.REVIEW: _to(MakeUpState.ANNOUNCED, MakeUpState.REFUSED, MakeUpState.WITHDRAWN),
    MakeUpState.ANNOUNCED: _to(
        MakeUpState.CONTESTED, MakeUpState.POSTED, MakeUpState.REFUSED, MakeUpState.WITHDRAWN
    ),
    MakeUpState.CONTESTED: _to(MakeUpState.ANNOUNCED, MakeUpState.REFUSED, MakeUpState.WITHDRAWN),
    MakeUpState.POSTED: _to(),
    MakeUpState.REFUSED: _to(),
    MakeUpState.WITHDRAWN: _to(),
    MakeUpState.LAPSED: _to(),
}
# A case is decided only after the person was asked; whoever is cleared stays cleared of that evidence.
CASE: Table = {
    CaseState.OPEN: _to(CaseState.ASKED, CaseState.CLEARED),
    CaseState.ASKED: _to(
        CaseState.ANSWERED, CaseState.HELD, CaseState.CLEARED, CaseState.CORRECTED
    ),
    CaseState.ANSWERED: _to(CaseState.HELD, CaseState.CLEARED, CaseState.CORRECTED),
    CaseState.HELD: _to(CaseState.CLEARED, CaseState.CORRECTED, CaseState.APPEALED),
    CaseState.CORRECTED: _to(CaseState.APPEALED, CaseState.CLOSED),
    CaseState.APPEALED: _to(CaseState.CLEARED, CaseState.CLOSED),
    CaseState.CLEARED: _to(),
    CaseState.CLOSED: _to(),
}
SPOT: Table = {
    SpotState.OPEN: _to(SpotState.DONE, SpotState.UNRUN),
    SpotState.DONE: _to(),
    SpotState.UNRUN: _to(),
}
CERTIFICATE: Table = {
    CertificateState.VALID: _to(CertificateState.SUPERSEDED, CertificateState.REVOKED),
    CertificateState.SUPERSEDED: _to(CertificateState.REVOKED),
    CertificateState.REVOKED: _to(),
}
VOLUNTEER: Table = {
    VolunteerState.AWAITING_CONSENT: _to(VolunteerState.ACTIVE, VolunteerState.LEFT),
    VolunteerState.ACTIVE: _to(VolunteerState.PAUSED, VolunteerState.LEFT),
    VolunteerState.PAUSED: _to(VolunteerState.ACTIVE, VolunteerState.LEFT),
    VolunteerState.LEFT: _to(VolunteerState.AWAITING_CONSENT),
}

TABLES: Mapping[type[Term], Table] = {
    ActivityState: ACTIVITY,
    ShiftState: SHIFT,
    RunState: RUN,
    DraftState: DRAFT,
    AssignmentState: ASSIGNMENT,
    Attendance: ATTENDANCE,
    JobState: JOB,
    MessageState: MESSAGE,
    RecordState: RECORD,
    TicketState: TICKET,
    MakeUpState: MAKE_UP,
    CertificateState: CERTIFICATE,
    CaseState: CASE,
    SpotState: SPOT,
    VolunteerState: VOLUNTEER,
}


def followers(current: Term) -> frozenset[Term]:
    """States that may follow ``current``; empty where the story ends."""
    return TABLES[type(current)][current]


def may_advance(current: State, new: State) -> bool:
    """Whether ``new`` may follow ``current``; a state never follows itself."""
    return new in followers(current)


def advance(current: State, new: State) -> State:
    """Return ``new`` if it may follow ``current``.

    Raises
    ------
    Refused
        ``already_so`` when it is so already, ``wrong_state`` when the step is not allowed.
    """
    if type(current) is not type(new):
        raise TypeError(f"{new!r} is no state of a {type(current).__name__}")
    if current is new:
        raise Refused(
            "already_so",
            N_("现在已经是“%(state)s”，无需再次操作。"),
            N_("请刷新页面查看最新状态。"),
            values={"state": current.label},
        )
    if not may_advance(current, new):
        raise Refused(
            "wrong_state",
            N_("当前状态是“%(state)s”，不能变为“%(new)s”。"),
            N_("可能已有他人先行处理，请刷新页面后再试。"),
            values={"state": current.label, "new": new.label},
        )
    return new
