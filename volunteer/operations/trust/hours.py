"""Hours within a case (核查中的时长): held, given back, corrected - by a person, through the ledger's own reversals."""

from datetime import datetime

from sqlalchemy import select

from volunteer.domain.access import Actor
from volunteer.domain.terms import Nature
from volunteer.models.base import db
from volunteer.models.ledger import ServiceRecord
from volunteer.models.trust import TrustCase
from volunteer.operations.ledger.holding import hold_record, release_record, restore_record
from volunteer.operations.ledger.restate import Restated, void_record
from volunteer.queries.trust.cases import records_of_case


def _service(case: TrustCase) -> list[ServiceRecord]:
    return [one for one, _ in records_of_case(case) if one.nature is not Nature.DUTY]


def hold_all(actor: Actor, case: TrustCase, *, reason: str, at: datetime) -> list[Restated]:
    """Let the minutes of every record of a case wait; returns what was restated."""
    held = [
        hold_record(actor, record_id=record.id, case_id=case.id, reason=reason, at=at)
        for record in _service(case)
    ]
    return [one for one in held if one is not None]


def void_all(actor: Actor, case: TrustCase, *, reason: str, at: datetime) -> list[Restated]:
    """Take the minutes of every record of a case away; returns what was restated."""
    return [
        void_record(actor, record_id=record.id, reason=reason, at=at, case_id=case.id)
        for record in _service(case)
        if record.credited_minutes or record.pending_minutes or record.served_minutes
    ]


def give_back_all(actor: Actor, case: TrustCase, *, reason: str, at: datetime) -> list[Restated]:
    """Put back what a case held or took away; minutes that waited for others go on waiting."""
    done = []
    for record in _service(case):
        if any(part.get("case") == case.id for part in record.pending):
            done.append(
                release_record(actor, record_id=record.id, case_id=case.id, reason=reason, at=at)
            )
            continue
        before = _as_opened(record, case)
        if before is not None and record.credited_minutes < before.credited_minutes:
            done.append(
                restore_record(actor, record_id=record.id, as_in=before, reason=reason, at=at)
            )
    return [one for one in done if one is not None]


def _as_opened(record: ServiceRecord, case: TrustCase) -> ServiceRecord | None:
    """The version that counted when the case was opened."""
    return db.session.scalar(
        select(ServiceRecord)
        .where(
            ServiceRecord.assignment_id == record.assignment_id,
            ServiceRecord.settled_at <= case.opened_at,
        )
        .order_by(ServiceRecord.version.desc())
        .limit(1)
    )
