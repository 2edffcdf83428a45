"""Revoking a certificate (撤销证明): the issuer takes it back, with a reason that is read by whoever checks it."""

from datetime import datetime

from sqlalchemy import update

from volunteer.domain.access import Act, Actor, require, scope_of
from volunteer.domain.certificate import grouped
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import CertificateState
from volunteer.models.base import db
from volunteer.models.certificates import Certificate
from volunteer.operations.journal import note, tell


def revoke_certificate(
    actor: Actor, *, certificate_id: int, reason: str, at: datetime
) -> Certificate:
    """Revoke a certificate for a reason that its person and everybody who checks it reads.

    Raises Refused ``not_found``, ``not_yours``, ``reason_needed``, ``already_revoked``.
    """
    certificate = db.session.get(Certificate, certificate_id)
    if certificate is None:
        raise Refused("not_found", "没有找到这份证明。", status=404)
    if certificate.unit_id is not None:
        require(actor, Act.ISSUE_CERTIFICATES, unit_id=certificate.unit_id)
    else:
        require(actor, Act.ISSUE_CERTIFICATES)
        if not scope_of(actor, Act.ISSUE_CERTIFICATES).everything:
            raise Refused("not_yours", "没有找到这份证明。", "请从列表重新进入。", status=404)
    if len(reason.strip()) < 2:
        raise Refused(
            "reason_needed",
            "请写明撤销的原因。",
            "当事人和查验证明的人都会看到，请写清依据。",
            field="reason",
            status=422,
        )
    before = certificate.state
    done = db.session.execute(
        update(Certificate)
        .where(Certificate.id == certificate_id, Certificate.state != CertificateState.REVOKED)
        .values(
            state=CertificateState.REVOKED,
            ended_at=at,
            ended_by_id=actor.account_id,
            end_reason=reason.strip()[:200],
        )
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused("already_revoked", "这份证明已经撤销。", "请刷新页面。")
    db.session.refresh(certificate)
    _tell_revoked(actor, certificate, before, at)
    return certificate


def _tell_revoked(
    actor: Actor, certificate: Certificate, before: CertificateState, at: datetime
) -> None:
    number = grouped(certificate.number)
    note(
        actor,
        "revoke_certificate",
        certificate,
        f"撤销证明 {number}",
        at=at,
        unit_id=certificate.unit_id,
        before={"state": before.value},
        after={"state": certificate.state.value},
        reason=certificate.end_reason,
    )
    tell(
        topic="certificate",
        title="一份志愿服务记录证明被撤销",
        body=f"证明 {number} 已由出具单位撤销。原因：{certificate.end_reason}。如有异议可以申诉。",
        at=at,
        volunteer_id=certificate.volunteer_id,
        link=f"/me/certificates/{certificate.id}",
        dedupe=f"certificate-revoked:{certificate.id}",
    )
