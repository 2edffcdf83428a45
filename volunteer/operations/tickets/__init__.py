"""Objections (申诉): asked by a volunteer, answered by the unit, one level up when overdue or not accepted.

A correction is the ledger's own: the old entry is reversed, a new version and a new entry take its place.
A missing record is put right by make-up hours. Nobody answers an objection about the own hours.
"""

from volunteer.operations.tickets.ask import Said, object_to_missing, object_to_record
from volunteer.operations.tickets.decide import (
    refuse_ticket,
    uphold_missing,
    uphold_times,
    uphold_void,
)
from volunteer.operations.tickets.overdue import tend_ticket
from volunteer.operations.tickets.own import appeal_ticket, withdraw_ticket

__all__ = [
    "Said",
    "appeal_ticket",
    "object_to_missing",
    "object_to_record",
    "refuse_ticket",
    "tend_ticket",
    "uphold_missing",
    "uphold_times",
    "uphold_void",
    "withdraw_ticket",
]
