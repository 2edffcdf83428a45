"""Campaigns (创建周期) and inspections (检查) that make some points critical."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.models.base import Base, UtcDateTime


class Campaign(Base):
    """A campaign, e.g. 创文巩卫 2023."""

    __tablename__ = "campaign"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]


class Inspection(Base):
    """An inspection window (国检、省检、复审) inside a campaign; of one district, or of the whole city.

    Closed early, it ends on the day of closing; called off before it began, it keeps no key points.
    """

    __tablename__ = "inspection"
    __table_args__ = (CheckConstraint("ends_on >= starts_on", name="dates"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    badge: Mapped[str] = mapped_column(String(8), default="国检")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    district_id: Mapped[int | None] = mapped_column(ForeignKey("district.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class KeyPoint(Base):
    """A point that an inspection makes critical (迎检点位)."""

    __tablename__ = "key_point"

    inspection_id: Mapped[int] = mapped_column(ForeignKey("inspection.id"), primary_key=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("check_point.id"), primary_key=True)
