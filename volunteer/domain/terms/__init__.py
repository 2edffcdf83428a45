"""The lexicon (术语): every closed set of words of the field, with its Chinese label.

The value is what the database stores; the label is what a person reads. Base terms follow
MZ/T 148 《志愿服务基本术语》 and 《志愿服务记录与证明出具办法（试行）》. docs/glossary.md says
what each one means.
"""

from volunteer.domain.terms.activities import (
    ActivityState,
    AssignmentState,
    AvailabilityLevel,
    AvailabilityScope,
    CancelCause,
    DraftState,
    InspectionKind,
    Nature,
    PinVerdict,
    RunState,
    ShiftState,
)
from volunteer.domain.terms.hours import (
    Attendance,
    CertificateState,
    ChainFault,
    EntryKind,
    Grade,
    NextStep,
    RecordState,
    ReviewTier,
    Signal,
    Source,
    StampKind,
    StandingBasis,
    TicketState,
    Way,
)
from volunteer.domain.terms.people import (
    AccountState,
    ConsentPurpose,
    DocumentKind,
    Role,
    Sex,
    UnitKind,
    UnitLevel,
    VolunteerState,
)
from volunteer.domain.terms.places import Datum, DayKind, DistanceBucket, FenceVerdict, PointKind
from volunteer.domain.terms.system import Channel, JobState, MessageState
from volunteer.domain.terms.word import Term

__all__ = [
    "AccountState",
    "ActivityState",
    "AssignmentState",
    "Attendance",
    "AvailabilityLevel",
    "AvailabilityScope",
    "CancelCause",
    "CertificateState",
    "ChainFault",
    "Channel",
    "ConsentPurpose",
    "Datum",
    "DayKind",
    "DistanceBucket",
    "DocumentKind",
    "DraftState",
    "EntryKind",
    "FenceVerdict",
    "Grade",
    "InspectionKind",
    "JobState",
    "MessageState",
    "Nature",
    "NextStep",
    "PinVerdict",
    "PointKind",
    "RecordState",
    "ReviewTier",
    "Role",
    "RunState",
    "Sex",
    "ShiftState",
    "Signal",
    "Source",
    "StampKind",
    "StandingBasis",
    "Term",
    "TicketState",
    "UnitKind",
    "UnitLevel",
    "VolunteerState",
    "Way",
]
