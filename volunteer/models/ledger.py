"""The ledger (时长台账): service records and sealed entries that are never edited."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    DDL,
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    event,
)
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.terms import EntryKind, Grade, Nature, Source
from volunteer.models.base import Base, Coded, UtcDateTime


class ServiceRecord(Base):
    """A service record (志愿服务记录): who, what, where, when, credited; one version is never changed.

    The seven items of 《志愿服务记录与证明出具办法（试行）》第七条 are all here and not null. A correction
    writes a new version that names the one it replaces.
    """

    __tablename__ = "service_record"
    __table_args__ = (
        UniqueConstraint("assignment_id", "version"),
        CheckConstraint("credited_minutes >= 0", name="credited"),
        CheckConstraint("attended_minutes >= 0", name="attended"),
        Index("ix_service_record_volunteer_on", "volunteer_id", "service_on"),
        Index("ix_service_record_unit_on", "unit_id", "service_on"),
        Index("ix_service_record_on", "service_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    version: Mapped[int] = mapped_column(default=1)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("service_record.id"), index=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))  # the person's unit at the time
    recording_unit_id: Mapped[int] = mapped_column(
        ForeignKey("unit.id")
    )  # who organized, records, certifies
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), index=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"), index=True)
    kind_id: Mapped[int] = mapped_column(ForeignKey("activity_kind.id"))
    district_id: Mapped[int] = mapped_column(ForeignKey("district.id"))
    nature: Mapped[Nature] = mapped_column(Coded(Nature))
    service_on: Mapped[date]
    place: Mapped[str] = mapped_column(String(120))
    content: Mapped[str] = mapped_column(String(200))
    person_in_charge: Mapped[str] = mapped_column(String(60))
    first_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_out_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attended_minutes: Mapped[int]
    served_minutes: Mapped[int]  # before the nature is asked: 值守时长 of a duty
    credited_minutes: Mapped[int]  # volunteer service that counts now
    pending_minutes: Mapped[int] = mapped_column(default=0)
    pending: Mapped[list[Any]] = mapped_column(JSON, default=list)  # [{why, tier, minutes}]
    late_minutes: Mapped[int] = mapped_column(default=0)
    early_minutes: Mapped[int] = mapped_column(default=0)
    is_auto_closed: Mapped[bool] = mapped_column(default=False)
    grade: Mapped[Grade] = mapped_column(Coded(Grade))
    source: Mapped[Source] = mapped_column(Coded(Source))
    rule_version: Mapped[str] = mapped_column(String(20))
    arithmetic: Mapped[list[Any]] = mapped_column(JSON)
    settled_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_by_id: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(200), default="")


class LedgerEntry(Base):
    """An entry (时长流水): signed minutes, sealed by the hash of the one before. Never updated or deleted.

    A credit has positive minutes, a reversal the negative of the entry that it takes back.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        UniqueConstraint("seq"),
        UniqueConstraint("reverses_id"),
        Index("ix_ledger_entry_volunteer_on", "volunteer_id", "service_on"),
        Index("ix_ledger_entry_on_unit", "service_on", "unit_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int]
    kind: Mapped[EntryKind] = mapped_column(Coded(EntryKind))
    record_id: Mapped[int] = mapped_column(ForeignKey("service_record.id"), index=True)
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_entry.id"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    district_id: Mapped[int] = mapped_column(ForeignKey("district.id"))
    kind_id: Mapped[int] = mapped_column(ForeignKey("activity_kind.id"))
    nature: Mapped[Nature] = mapped_column(Coded(Nature))
    service_on: Mapped[date]
    minutes: Mapped[int]
    source: Mapped[Source] = mapped_column(Coded(Source))
    grade: Mapped[Grade] = mapped_column(Coded(Grade))
    posted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    posted_by_id: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(200), default="")
    previous_seal: Mapped[bytes] = mapped_column(LargeBinary(32))
    seal: Mapped[bytes] = mapped_column(LargeBinary(32))


class LedgerHead(Base):
    """The end of the chain: one row, locked while entries are appended."""

    __tablename__ = "ledger_head"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int]
    seal: Mapped[bytes] = mapped_column(LargeBinary(32))


class PersonMonth(Base):
    """What a person has in a month with one unit, district and kind (个人月汇总), kept with the entries.

    Four views of each figure: see :mod:`volunteer.domain.totals`. ``visits`` are days with minutes left after
    reversals, ``times`` credits less reversals.
    """

    __tablename__ = "person_month"
    __table_args__: Any = {"sqlite_with_rowid": False}

    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(primary_key=True)
    kind_id: Mapped[int] = mapped_column(primary_key=True)
    minutes: Mapped[int]
    minutes_training: Mapped[int]
    minutes_proven: Mapped[int]
    minutes_proven_training: Mapped[int]
    visits: Mapped[int]
    visits_training: Mapped[int]
    visits_proven: Mapped[int]
    visits_proven_training: Mapped[int]
    times: Mapped[int]
    times_training: Mapped[int]


class OwnerTotal(Base):
    """What a unit, district, kind, grade or the city has in a day, month, quarter or year (汇总).

    Kept with the entries, in four views. ``visits`` are person-days, ``people`` are counted for months and longer;
    a grade has minutes only.
    """

    __tablename__ = "owner_total"
    __table_args__: Any = (
        Index("ix_owner_total_span", "owner", "span", "starts_on"),
        {"sqlite_with_rowid": False},
    )

    owner: Mapped[str] = mapped_column(String(10), primary_key=True)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    span: Mapped[str] = mapped_column(String(10), primary_key=True)
    starts_on: Mapped[date] = mapped_column(primary_key=True)
    minutes: Mapped[int]
    minutes_training: Mapped[int]
    minutes_proven: Mapped[int]
    minutes_proven_training: Mapped[int]
    visits: Mapped[int]
    visits_training: Mapped[int]
    visits_proven: Mapped[int]
    visits_proven_training: Mapped[int]
    people: Mapped[int]
    people_training: Mapped[int]
    people_proven: Mapped[int]
    people_proven_training: Mapped[int]


class LedgerRoot(Base):
    """The signed root of a day (当日根值) over the entries ``first_seq`` to ``last_seq``. Never changed.

    ``blocks`` are the digests of every 256 leaves, so that a proof reads one block and not the day.
    """

    __tablename__ = "ledger_root"

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(unique=True)
    first_seq: Mapped[int]
    last_seq: Mapped[int] = mapped_column(index=True)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    blocks: Mapped[bytes] = mapped_column(LargeBinary)
    head: Mapped[bytes] = mapped_column(LargeBinary(32))
    previous: Mapped[bytes] = mapped_column(LargeBinary(32))
    sealed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    key: Mapped[str] = mapped_column(String(16))
    signature: Mapped[bytes] = mapped_column(LargeBinary(64))


class SigningKey(Base):
    """A public key (公钥) that roots and certificates were signed with, so that old ones stay checkable."""

    __tablename__ = "signing_key"

    fingerprint: Mapped[str] = mapped_column(String(16), primary_key=True)
    public: Mapped[bytes] = mapped_column(LargeBinary(32))
    first_used_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ExportLog(Base):
    """An export (导出记录): who took what, when, with which filter, and the digest of the file."""

    __tablename__ = "export_log"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    account_id: Mapped[int]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    subject: Mapped[str] = mapped_column(String(80))
    filter_text: Mapped[str] = mapped_column(String(400))
    file_name: Mapped[str] = mapped_column(String(120))
    row_count: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    ledger_seq: Mapped[int] = mapped_column(default=0)


APPEND_ONLY = (
    "ledger_entry",
    "ledger_root",
    "service_record",
    "certificate_record",
    "star_decision",
    "award",
    "breach_entry",
    "check_in",
    "audit_entry",
    "case_event",
    "case_evidence",
)

_SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb_upper} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append only'); END
"""
_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append only', TG_TABLE_NAME; END $$
"""
_POSTGRES = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION refuse_change()
"""


def append_only_statements(dialect: str) -> list[str]:
    """SQL that makes the tables of the record append only, for ``sqlite`` or ``postgresql``."""
    if dialect == "sqlite":
        return [
            _SQLITE.format(table=table, verb=verb, verb_upper=verb.upper())
            for table in APPEND_ONLY
            for verb in ("update", "delete")
        ]
    return [_POSTGRES_FUNCTION, *(_POSTGRES.format(table=table) for table in APPEND_ONLY)]


def _guard_created(target: Any, connection: Any, **_: Any) -> None:
    for statement in append_only_statements(connection.dialect.name):
        connection.execute(DDL(statement.replace("%", "%%")))


event.listen(Base.metadata, "after_create", _guard_created)
