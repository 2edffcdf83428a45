"""Certificates that were issued (已出具的证明): the person's own, the unit's with search, and one by its number."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import aliased

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.certificate import ALPHABET, digest_of, read_number
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import CertificateState
from volunteer.domain.timekeeping import beijing
from volunteer.models import signer
from volunteer.models.base import db
from volunteer.models.certificates import Certificate, CertificateRecord
from volunteer.models.cipher import decrypt
from volunteer.models.ledger import LedgerEntry, ServiceRecord
from volunteer.models.people import Unit, Volunteer
from volunteer.queries.roots import signing_keys
from volunteer.queries.scope import visible

PAGE = 25
MOST_OWN = 100
CORRECTED = "所载记录有更正"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a certificate stands now. A broken one was changed behind the product's back."""

    state: CertificateState
    is_broken: bool
    since: datetime | None
    reason: str

    @property
    def is_good(self) -> bool:
        """Whether it may be relied on."""
        return self.state is CertificateState.VALID and not self.is_broken

    @property
    def told(self) -> str:
        """What strangers read of the reason: a revocation is written for them, a correction's words are not."""
        return CORRECTED if self.state is CertificateState.SUPERSEDED else self.reason


@dataclass(frozen=True, slots=True)
class IssuedRow:
    """One line of a list of certificates."""

    certificate: Certificate
    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class IssuedPage:
    """One page of certificates."""

    rows: list[IssuedRow]
    total: int
    page: int
    pages: int


def content(certificate: Certificate, *, for_person: bool) -> dict[str, Any]:
    """All that is printed; the full document number, where it was chosen, for the person alone."""
    known: dict[str, Any] = json.loads(certificate.content)
    if for_person and certificate.document_cipher is not None:
        known["document"] = decrypt(certificate.document_cipher)
    return known


def statement(certificate: Certificate) -> dict[str, Any]:
    """The signed part that strangers may read."""
    known: dict[str, Any] = json.loads(certificate.statement)
    return known


def standing_of(certificate: Certificate) -> Standing:
    """The state as stored, sharpened by what the ledger says: a corrected record ends it in any case."""
    state, since, reason = certificate.state, certificate.ended_at, certificate.end_reason
    if state is CertificateState.VALID and _has_corrected_records(certificate.id):
        state, reason = CertificateState.SUPERSEDED, CORRECTED
    return Standing(state, not is_intact(certificate), since, reason)


def _has_corrected_records(certificate_id: int) -> bool:
    later, credit, reversal = aliased(ServiceRecord), aliased(LedgerEntry), aliased(LedgerEntry)
    c = CertificateRecord
    return bool(
        db.session.scalar(
            select(
                exists().where(
                    c.certificate_id == certificate_id,
                    or_(
                        exists(select(later.id).where(later.replaces_id == c.record_id)),
                        exists(
                            select(reversal.id)
                            .join(credit, reversal.reverses_id == credit.id)
                            .where(credit.seq == c.seq)
                        ),
                    ),
                )
            )
        )
    )


def is_intact(certificate: Certificate) -> bool:
    """Whether the row is what was signed: statement, content, figures and signature fit one another."""
    public = signing_keys().get(certificate.key)
    if public is None:
        return False
    text = certificate.statement.encode()
    if not signer.is_signed(text, bytes(certificate.signature), public):
        return False
    said = statement(certificate)
    return (
        bytes(certificate.digest) == digest_of(certificate.statement)
        and said["content"] == digest_of(certificate.content).hex()
        and said["number"] == certificate.number
        and said["minutes"] == certificate.minutes
        and said["key"] == certificate.key
    )


def certificate_by_number(typed: str) -> Certificate:
    """The certificate of a number as typed or scanned; open to whoever has it in hand.

    Raises Refused ``certificate_number_shape``, ``certificate_unknown`` (404).
    """
    found = db.session.scalar(select(Certificate).where(Certificate.number == read_number(typed)))
    if found is None:
        raise Refused(
            "certificate_unknown",
            "没有这个编号的证明。",
            "请逐位核对，或扫描证明上的二维码。查不到的证明请勿采信。",
            status=404,
        )
    return found


def _rows() -> Any:
    return (
        select(Certificate, Volunteer.name, Unit.name)
        .join(Volunteer, Volunteer.id == Certificate.volunteer_id)
        .outerjoin(Unit, Unit.id == Certificate.unit_id)
    )


def my_certificates(actor: Actor) -> list[IssuedRow]:
    """The actor's own certificates, the newest first."""
    require(actor, Act.OWN_CERTIFICATES)
    found = db.session.execute(
        _rows()
        .where(Certificate.volunteer_id == actor.volunteer_id)
        .order_by(Certificate.issued_at.desc(), Certificate.id.desc())
        .limit(MOST_OWN)
    )
    return [IssuedRow(row[0], row[1], row[2] or "") for row in found]


def my_certificate(actor: Actor, certificate_id: int) -> Certificate:
    """One of the actor's own. Raises Refused ``not_found`` (404)."""
    require(actor, Act.OWN_CERTIFICATES)
    found = db.session.get(Certificate, certificate_id)
    if found is None or found.volunteer_id != actor.volunteer_id:
        raise _not_found()
    return found


def issued_certificate(actor: Actor, certificate_id: int) -> IssuedRow:
    """One that the actor's units issued. Raises Refused ``not_found`` (404)."""
    statement = visible(
        _rows().where(Certificate.id == certificate_id),
        actor,
        Act.VIEW_HOURS,
        unit=Certificate.unit_id,
    )
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise _not_found()
    return IssuedRow(row[0], row[1], row[2] or "")


def _not_found() -> Refused:
    return Refused("not_found", "没有找到这份证明。", "请从列表重新进入。", status=404)


def issued_page(
    actor: Actor, *, words: str = "", state: CertificateState | None = None, page: int = 1
) -> IssuedPage:
    """What the actor's units issued, the newest first; searched by name, initials or number."""
    found = visible(_rows(), actor, Act.VIEW_HOURS, unit=Certificate.unit_id)
    if state is not None:
        found = found.where(Certificate.state == state)
    if words.strip():
        found = found.where(_matches(words.strip()))
    total = (
        db.session.scalar(found.with_only_columns(func.count(), maintain_column_froms=True)) or 0
    )
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    rows = db.session.execute(
        found.order_by(Certificate.issued_at.desc(), Certificate.id.desc())
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return IssuedPage([IssuedRow(row[0], row[1], row[2] or "") for row in rows], total, page, pages)


def _matches(words: str) -> Any:
    plain = words.replace("-", "").replace(" ", "").upper()
    clauses = [
        Volunteer.name.contains(words, autoescape=True),
        Volunteer.pinyin.startswith(words.lower(), autoescape=True),
    ]
    if len(plain) >= 4 and all(letter in ALPHABET for letter in plain):
        clauses.append(Certificate.number.startswith(plain, autoescape=True))
    return or_(*clauses)


def announced(actor: Actor, *, days: int, today: date) -> list[IssuedRow]:
    """What was issued to people of the actor's unit in the last days, for its members (公示, 民发〔2015〕149号).

    Valid ones only; the page masks the names.
    """
    require(actor, Act.OWN_CERTIFICATES)
    since = beijing(today - timedelta(days=days))
    found = db.session.execute(
        _rows()
        .where(
            Volunteer.unit_id == actor.unit_id,
            Certificate.issued_at >= since,
            Certificate.state == CertificateState.VALID,
        )
        .order_by(Certificate.issued_at.desc(), Certificate.id.desc())
        .limit(MOST_OWN)
    )
    return [IssuedRow(row[0], row[1], row[2] or "") for row in found]
