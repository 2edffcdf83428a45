"""Superseding (证明失效): a certificate does not outlive the records that it bears."""

from datetime import datetime

from sqlalchemy import select

from volunteer.domain.access import Actor
from volunteer.domain.certificate import grouped
from volunteer.domain.terms import CertificateState
from volunteer.models.base import db
from volunteer.models.certificates import Certificate, CertificateRecord
from volunteer.operations.journal import note, tell


def supersede_with(actor: Actor, record_id: int, *, reason: str, at: datetime) -> list[Certificate]:
    """End every valid certificate that bears a record which has just been restated; its person is told.

    Called by the correction itself, in its transaction, so that no certificate outlives its records.
    """
    found = list(
        db.session.scalars(
            select(Certificate)
            .join(CertificateRecord, CertificateRecord.certificate_id == Certificate.id)
            .where(
                CertificateRecord.record_id == record_id,
                Certificate.state == CertificateState.VALID,
            )
            .order_by(Certificate.id)
        )
    )
    for certificate in found:
        certificate.state = CertificateState.SUPERSEDED
        certificate.ended_at, certificate.ended_by_id = at, actor.account_id
        certificate.end_reason = f"所载记录有更正：{reason}"[:200]
        number = grouped(certificate.number)
        note(
            actor,
            "supersede_certificate",
            certificate,
            f"证明 {number} 因所载记录更正而失效",
            at=at,
            unit_id=certificate.unit_id,
            before={"state": CertificateState.VALID.value},
            after={"state": CertificateState.SUPERSEDED.value, "record": record_id},
            reason=reason,
        )
        tell(
            topic="certificate",
            title="一份志愿服务记录证明已失效",
            body=f"证明 {number} 所载的一条记录有更正，它已不能再使用。您可以按更正后的记录重新出具，免费。",
            at=at,
            volunteer_id=certificate.volunteer_id,
            link=f"/me/certificates/{certificate.id}",
            dedupe=f"certificate-superseded:{certificate.id}",
        )
    return found
