"""Putting hours right (申诉、补录): objections, make-up requests, what is said of them, and the own yes."""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.terms import (
    MakeUpCause,
    MakeUpState,
    TicketLevel,
    TicketState,
    TicketStep,
    TicketTopic,
)
from volunteer.models.base import Base, Coded, UtcDateTime


class Ticket(Base):
    """An objection (申诉) of a volunteer to a record, or to the want of one on a seat that was theirs.

    ``live_seat_id`` repeats the seat while the objection is open, so that the database admits one at a
    time. ``record_id`` is the version objected to, ``result_record_id`` the one that took its place.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        UniqueConstraint("live_seat_id"),
        CheckConstraint("wanted_out IS NULL OR wanted_out > wanted_in", name="wanted"),
        Index("ix_ticket_unit_state", "unit_id", "state"),
        Index("ix_ticket_state_due", "state", "due_on"),
        Index("ix_ticket_volunteer", "volunteer_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"))
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), index=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"))
    record_id: Mapped[int | None] = mapped_column(ForeignKey("service_record.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))  # who recorded, and answers first
    district_id: Mapped[int | None] = mapped_column(ForeignKey("district.id"))
    topic: Mapped[TicketTopic] = mapped_column(Coded(TicketTopic))
    words: Mapped[str] = mapped_column(String(400))
    wanted_in: Mapped[datetime | None] = mapped_column(UtcDateTime)
    wanted_out: Mapped[datetime | None] = mapped_column(UtcDateTime)
    evidence: Mapped[str] = mapped_column(String(400), default="")
    witnesses: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[TicketState] = mapped_column(Coded(TicketState), default=TicketState.OPEN)
    level: Mapped[TicketLevel] = mapped_column(Coded(TicketLevel))
    due_on: Mapped[date]
    appeal_until: Mapped[date | None]
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_by_id: Mapped[int | None]
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by_id: Mapped[int | None]
    answer: Mapped[str] = mapped_column(String(400), default="")
    result_record_id: Mapped[int | None] = mapped_column(ForeignKey("service_record.id"))
    live_seat_id: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)


class TicketEvent(Base):
    """One step in the story of an objection, in the words that its person reads."""

    __tablename__ = "ticket_event"
    __table_args__ = (Index("ix_ticket_event_ticket", "ticket_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_account_id: Mapped[int | None]
    by_name: Mapped[str] = mapped_column(String(100))
    event: Mapped[TicketStep] = mapped_column(Coded(TicketStep))
    words: Mapped[str] = mapped_column(String(400), default="")


class MakeUp(Base):
    """A request for make-up hours (补录): who asks, who saw it, who reviewed it, until when it is public.

    It becomes a record only after the register. ``month`` is the month that its unit's quota counts. Who
    served without a seat has no ``assignment_id`` until the hours are entered; the database admits one
    request under way for a person and shift.
    """

    __tablename__ = "make_up"
    __table_args__ = (
        UniqueConstraint("live_seat_id"),
        CheckConstraint("went_at > came_at", name="times"),
        Index("ix_make_up_unit_month", "unit_id", "month"),
        Index("ix_make_up_state_due", "state", "due_on"),
        Index("ix_make_up_volunteer", "volunteer_id", "id"),
        Index("ix_make_up_announced", "announced_until", "state"),
        Index(
            "uq_make_up_under_way",
            "shift_id",
            "volunteer_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"))
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignment.id"), index=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    district_id: Mapped[int | None] = mapped_column(ForeignKey("district.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    month: Mapped[date]
    came_at: Mapped[datetime] = mapped_column(UtcDateTime)
    went_at: Mapped[datetime] = mapped_column(UtcDateTime)
    minutes: Mapped[int]  # what the times would earn by the rules, before the cap of the day
    cause: Mapped[MakeUpCause] = mapped_column(Coded(MakeUpCause))
    words: Mapped[str] = mapped_column(String(400))
    evidence: Mapped[str] = mapped_column(String(400))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_by_id: Mapped[int | None]
    asked_by_volunteer_id: Mapped[int | None]
    endorsed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    endorsed_by_id: Mapped[int | None]  # the requester: the leader or the desk, never the person
    endorsed_by_volunteer_id: Mapped[int | None]
    witness_id: Mapped[int | None] = mapped_column(ForeignKey("volunteer.id"))
    witness_account_id: Mapped[int | None]
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reviewed_by_id: Mapped[int | None]
    reviewed_by_volunteer_id: Mapped[int | None]
    announced_on: Mapped[date | None]
    announced_until: Mapped[date | None]  # the last day of the register
    state: Mapped[MakeUpState] = mapped_column(Coded(MakeUpState), default=MakeUpState.ASKED)
    level: Mapped[TicketLevel] = mapped_column(Coded(TicketLevel))
    due_on: Mapped[date]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(400), default="")
    is_false: Mapped[bool] = mapped_column(default=False)  # proved untrue: takes the right away
    record_id: Mapped[int | None] = mapped_column(ForeignKey("service_record.id"))
    live_seat_id: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)


class MakeUpEvent(Base):
    """One step in the story of a make-up request."""

    __tablename__ = "make_up_event"
    __table_args__ = (Index("ix_make_up_event_make_up", "make_up_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    make_up_id: Mapped[int] = mapped_column(ForeignKey("make_up.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_account_id: Mapped[int | None]
    by_name: Mapped[str] = mapped_column(String(100))
    event: Mapped[TicketStep] = mapped_column(Coded(TicketStep))
    words: Mapped[str] = mapped_column(String(400), default="")


class MakeUpWord(Base):
    """What somebody of the same shift says (同班证明): saw the person there, or did not. Said once."""

    __tablename__ = "make_up_word"

    make_up_id: Mapped[int] = mapped_column(ForeignKey("make_up.id"), primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"), primary_key=True)
    account_id: Mapped[int | None]
    has_seen: Mapped[bool]
    words: Mapped[str] = mapped_column(String(200), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class RegisterObjection(Base):
    """An objection to what stands in the public register (公示异议). How to reach the person is encrypted."""

    __tablename__ = "register_objection"

    id: Mapped[int] = mapped_column(primary_key=True)
    make_up_id: Mapped[int] = mapped_column(ForeignKey("make_up.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_account_id: Mapped[int | None]
    contact_cipher: Mapped[bytes | None] = mapped_column(LargeBinary)
    words: Mapped[str] = mapped_column(String(400))


class RecordConfirmation(Base):
    """The person's own yes to a record (本人确认), by one tap in the recap of the month."""

    __tablename__ = "record_confirmation"

    record_id: Mapped[int] = mapped_column(ForeignKey("service_record.id"), primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
