"""Places (地点): districts, streets, communities, grids, buildings, points, and the city's calendar."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.terms import DayKind, PointKind
from volunteer.models.base import Base, Coded, UtcDateTime


class District(Base):
    """A district (区)."""

    __tablename__ = "district"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    centre_lat: Mapped[float | None]
    centre_lon: Mapped[float | None]


class Street(Base):
    """A street office's area (街道、乡镇)."""

    __tablename__ = "street"
    __table_args__ = (UniqueConstraint("district_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(ForeignKey("district.id"))
    name: Mapped[str] = mapped_column(String(60))


class Community(Base):
    """A community (社区、村)."""

    __tablename__ = "community"
    __table_args__ = (UniqueConstraint("district_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(ForeignKey("district.id"), index=True)
    street_id: Mapped[int | None] = mapped_column(ForeignKey("street.id"))
    name: Mapped[str] = mapped_column(String(60))
    note: Mapped[str] = mapped_column(String(400), default="")


class GridArea(Base):
    """A grid (网格、片区) inside a community."""

    __tablename__ = "grid_area"
    __table_args__ = (UniqueConstraint("community_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))


class Building(Base):
    """A building (楼栋) that people are responsible for."""

    __tablename__ = "building"
    __table_args__ = (UniqueConstraint("community_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    grid_area_id: Mapped[int | None] = mapped_column(ForeignKey("grid_area.id"))
    name: Mapped[str] = mapped_column(String(60))


class CheckPoint(Base):
    """A point (签到点、点位): where people stand. Coordinates are kept in WGS-84, whatever was typed."""

    __tablename__ = "check_point"
    __table_args__ = (
        CheckConstraint("radius_metres BETWEEN 20 AND 5000", name="radius"),
        CheckConstraint("priority BETWEEN 1 AND 3", name="priority"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    pinyin: Mapped[str] = mapped_column(String(120), default="", index=True)  # initials of the name
    kind: Mapped[PointKind] = mapped_column(Coded(PointKind))
    district_id: Mapped[int] = mapped_column(ForeignKey("district.id"), index=True)
    community_id: Mapped[int | None] = mapped_column(ForeignKey("community.id"))
    address: Mapped[str] = mapped_column(String(200), default="")
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    entered_datum: Mapped[str] = mapped_column(String(10), default="wgs84")
    radius_metres: Mapped[int] = mapped_column(default=200)
    priority: Mapped[int] = mapped_column(default=3)
    safety_note: Mapped[str] = mapped_column(String(400), default="")
    police_team: Mapped[str] = mapped_column(String(60), default="")  # who directs on site
    secret: Mapped[bytes] = mapped_column(LargeBinary(32))
    retired_on: Mapped[date | None]


class CalendarDay(Base):
    """A day that differs from the weekday rule (节假日、调休上班); editable by admins."""

    __tablename__ = "calendar_day"

    on_date: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[DayKind] = mapped_column(Coded(DayKind))
    name: Mapped[str] = mapped_column(String(60), default="")
    source: Mapped[str] = mapped_column(String(20), default="library")
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CitySetting(Base):
    """A word of the installation that the city office may change (参数): its title, whom to call."""

    __tablename__ = "city_setting"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[object] = mapped_column(JSON)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by_id: Mapped[int | None]


class RuleVersion(Base):
    """A version of the city's rules in figures (时长规则版本), in force from ``effective_on`` on.

    ``figures`` are all that differ from the defaults, so that a version can be read by itself. A version
    is never edited: records name the one they were made by.
    """

    __tablename__ = "rule_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(String(20), unique=True)
    effective_on: Mapped[date] = mapped_column(index=True)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    why: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by_id: Mapped[int | None]
    made_by_name: Mapped[str] = mapped_column(String(100), default="")
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
