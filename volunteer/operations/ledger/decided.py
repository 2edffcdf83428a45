"""What a person said of a record (人的决定): nothing yet, that the one in doubt was there, or more than that.

Stamps that come late count a record anew only where nobody has decided on it. Minutes that wait since
settling are no decision: a rule named a doubt, and the newest evidence answers it or does not.
"""

from enum import Enum

from volunteer.domain.terms import Source
from volunteer.models.base import db
from volunteer.models.ledger import ServiceRecord
from volunteer.operations.ledger.counting import APPROVED, CONFIRMED, DOUBTED


class Decided(Enum):
    """How far a person has decided on a record."""

    NOTHING = "nothing"
    PRESENCE = "presence"  # a doubt was reviewed: the person was there
    RECORD = "record"  # corrected, refused, held by a case, or reviewed for other reasons


def decided_on(record: ServiceRecord) -> Decided:
    """How far a person has decided on a record, by its versions from this one back to the first."""
    found = Decided.NOTHING
    row: ServiceRecord | None = record
    while row is not None:
        if row.source is Source.CORRECTION:
            return Decided.RECORD
        words = [step["template"] for step in row.arithmetic if step["code"] == "review"]
        words = [said for said in words if said != DOUBTED]
        if not words:
            return found
        if words[-1] == CONFIRMED:
            return Decided.PRESENCE
        before = db.session.get(ServiceRecord, row.replaces_id) if row.replaces_id else None
        if before is None or words[-1] != APPROVED:
            return Decided.RECORD
        gone = [part for part in before.pending if part not in row.pending]
        if any(part["why"] != "unconfirmed" for part in gone):
            return Decided.RECORD
        found, row = Decided.PRESENCE, before
    return found
