"""Recognition (激励): decisions about star levels and honours, added one after the other and never changed."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.terms import AwardVerdict
from volunteer.models.base import Base, Coded, UtcDateTime


class StarDecision(Base):
    """A decision about a star level (星级评定): granted, held back, or a grant withdrawn. Append only.

    ``minutes`` are what counted on ``as_of`` by the rule named, read from the ledger as far as ``ledger_seq``.
    A grant holds from the day after ``public_until``, unless a later row is ``about`` it.
    """

    __tablename__ = "star_decision"
    __table_args__ = (
        UniqueConstraint("about_id"),
        CheckConstraint("level BETWEEN 1 AND 20", name="level"),
        Index("ix_star_decision_volunteer", "volunteer_id", "level"),
        Index("ix_star_decision_unit", "unit_id", "decided_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))  # the person's unit at the time
    level: Mapped[int]
    verdict: Mapped[AwardVerdict] = mapped_column(Coded(AwardVerdict))
    as_of: Mapped[date]
    minutes: Mapped[int]
    rule_version: Mapped[str] = mapped_column(String(20))
    ledger_seq: Mapped[int]
    public_until: Mapped[date | None]
    about_id: Mapped[int | None] = mapped_column(ForeignKey("star_decision.id"))
    reason: Mapped[str] = mapped_column(String(200), default="")
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None]
    decided_by_name: Mapped[str] = mapped_column(String(100), default="")


class UnitTarget(Base):
    """What a unit asks for in a year (年度目标); the newest row holds, None falls back to the city's figure."""

    __tablename__ = "unit_target"
    __table_args__ = (
        CheckConstraint("person_minutes IS NULL OR person_minutes >= 0", name="person"),
        CheckConstraint("unit_minutes IS NULL OR unit_minutes >= 0", name="whole"),
        Index("ix_unit_target_unit_year", "unit_id", "year"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    person_minutes: Mapped[int | None]
    unit_minutes: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(200), default="")
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by_id: Mapped[int | None]
    set_by_name: Mapped[str] = mapped_column(String(100), default="")


class Honour(Base):
    """An honour (表彰) of a year, with the criteria that all may read; without a unit it is the city's."""

    __tablename__ = "honour"
    __table_args__ = (Index("ix_honour_year", "year"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(60))
    year: Mapped[int]
    body: Mapped[str] = mapped_column(String(80))
    criteria: Mapped[str] = mapped_column(String(400))
    document: Mapped[str] = mapped_column(String(80), default="")
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by_id: Mapped[int | None]
    made_by_name: Mapped[str] = mapped_column(String(100), default="")


class Award(Base):
    """An honour given to a person, or taken back (授予、撤回), with the citation. Append only."""

    __tablename__ = "award"
    __table_args__ = (
        UniqueConstraint("about_id"),
        Index("ix_award_honour", "honour_id"),
        Index("ix_award_volunteer", "volunteer_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    honour_id: Mapped[int] = mapped_column(ForeignKey("honour.id"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))  # the person's unit at the time
    verdict: Mapped[AwardVerdict] = mapped_column(Coded(AwardVerdict))
    citation: Mapped[str] = mapped_column(String(300))
    public_until: Mapped[date | None]
    about_id: Mapped[int | None] = mapped_column(ForeignKey("award.id"))
    reason: Mapped[str] = mapped_column(String(200), default="")
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None]
    decided_by_name: Mapped[str] = mapped_column(String(100), default="")
