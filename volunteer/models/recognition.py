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
