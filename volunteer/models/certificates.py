"""Certificates (志愿服务记录证明): frozen when issued, with the list of what they bear."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.terms import (
    CertificateDetail,
    CertificateLayout,
    CertificateSpan,
    CertificateState,
    DocumentShown,
)
from volunteer.models.base import Base, Coded, UtcDateTime


class Certificate(Base):
    """A certificate: ``statement`` is public and signed, ``content`` is all that is printed.

    Both are canonical JSON and never change; only the state moves on. ``basis`` is the digest of what was
    asked for and of the records found, so that a second tap on the same day gives the same certificate.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        CheckConstraint("last_on >= first_on", name="period"),
        CheckConstraint("minutes > 0", name="minutes"),
        Index("ix_certificate_volunteer_issued", "volunteer_id", "issued_at"),
        Index("ix_certificate_unit_issued", "unit_id", "issued_at"),
        Index("ix_certificate_basis", "basis"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    code: Mapped[str] = mapped_column(String(16))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))  # None: the city's bundle
    layout: Mapped[CertificateLayout] = mapped_column(Coded(CertificateLayout))
    span: Mapped[CertificateSpan] = mapped_column(Coded(CertificateSpan))
    detail: Mapped[CertificateDetail] = mapped_column(Coded(CertificateDetail))
    document_shown: Mapped[DocumentShown] = mapped_column(Coded(DocumentShown))
    document_cipher: Mapped[bytes | None] = mapped_column(LargeBinary)  # where all of it is printed
    first_on: Mapped[date]
    last_on: Mapped[date]
    minutes: Mapped[int]
    record_count: Mapped[int]
    statement: Mapped[str] = mapped_column(Text)
    content: Mapped[str] = mapped_column(Text)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    key: Mapped[str] = mapped_column(String(16))
    signature: Mapped[bytes] = mapped_column(LargeBinary(64))
    basis: Mapped[bytes] = mapped_column(LargeBinary(32))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    issued_by_id: Mapped[int | None]
    is_self_service: Mapped[bool] = mapped_column(default=False)
    state: Mapped[CertificateState] = mapped_column(
        Coded(CertificateState), default=CertificateState.VALID
    )
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by_id: Mapped[int | None]
    end_reason: Mapped[str] = mapped_column(String(200), default="")
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"))


class CertificateRecord(Base):
    """One record that a certificate bears, by its entry in the ledger. Never updated or deleted."""

    __tablename__ = "certificate_record"

    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), primary_key=True)
    record_id: Mapped[int] = mapped_column(
        ForeignKey("service_record.id"), primary_key=True, index=True
    )
    seq: Mapped[int]
    minutes: Mapped[int]
