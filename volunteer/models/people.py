"""People (人员): units and their ties, volunteers, what they can and wish, and who may sign in."""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, validates

from volunteer.domain.naming import initials, sort_key
from volunteer.domain.terms import (
    AvailabilityLevel,
    ConsentPurpose,
    Role,
    Sex,
    UnitKind,
    UnitLevel,
    VolunteerState,
)
from volunteer.models.base import Base, Coded, UtcDateTime


class Unit(Base):
    """A unit (单位) in a tree; it organizes activities and sends people."""

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    full_name: Mapped[str] = mapped_column(String(120), default="")
    pinyin: Mapped[str] = mapped_column(String(120), default="", index=True)
    level: Mapped[UnitLevel] = mapped_column(Coded(UnitLevel))
    kind: Mapped[UnitKind] = mapped_column(Coded(UnitKind))
    district_id: Mapped[int | None] = mapped_column(ForeignKey("district.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    guiding_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    successor_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    credit_code: Mapped[str | None] = mapped_column(String(18), unique=True)
    staff_count: Mapped[int | None]
    contact_name: Mapped[str] = mapped_column(String(60), default="")
    contact_phone: Mapped[str] = mapped_column(String(30), default="")
    is_active: Mapped[bool] = mapped_column(default=True)


class Tie(Base):
    """A dated tie (联点) of a unit to a community. ``until_on`` is the last day, or open."""

    __tablename__ = "tie"
    __table_args__ = (
        CheckConstraint("until_on IS NULL OR until_on >= since_on", name="dates"),
        UniqueConstraint("unit_id", "community_id", "since_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    since_on: Mapped[date]
    until_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(String(200), default="")


class PointContract(Base):
    """A dated responsibility (责任单位) of a unit for a point."""

    __tablename__ = "point_contract"
    __table_args__ = (
        CheckConstraint("until_on IS NULL OR until_on >= since_on", name="dates"),
        UniqueConstraint("unit_id", "point_id", "since_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("check_point.id"), index=True)
    since_on: Mapped[date]
    until_on: Mapped[date | None]


class Skill(Base):
    """A qualification (资质) that can be asked for: 带队, 急救, 陪护培训 …"""

    __tablename__ = "skill"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    valid_months: Mapped[int | None]
    is_active: Mapped[bool] = mapped_column(default=True)


class Volunteer(Base):
    """A person who serves (志愿者). Phone and ID number are ciphertext beside a blind index.

    Phones are kept as E.164 and may be shared. A profile that turned out to be a second one of the same
    person names the one that was kept (``merged_into_id``); its hours stay where they were written.
    """

    __tablename__ = "volunteer"
    __table_args__ = (
        Index("ix_volunteer_unit_state", "unit_id", "state"),
        CheckConstraint("max_shifts_per_day BETWEEN 0 AND 6", name="shifts_per_day"),
        CheckConstraint("max_minutes_per_week >= 0", name="minutes_per_week"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(100), index=True)
    pinyin: Mapped[str] = mapped_column(String(100), default="", index=True)
    name_key: Mapped[str] = mapped_column(String(400), default="", index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    community_id: Mapped[int | None] = mapped_column(ForeignKey("community.id"))
    state: Mapped[VolunteerState] = mapped_column(
        Coded(VolunteerState), default=VolunteerState.ACTIVE
    )
    sex: Mapped[Sex | None] = mapped_column(Coded(Sex))
    birth_year: Mapped[int | None]
    phone_cipher: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    id_cipher: Mapped[bytes | None] = mapped_column(LargeBinary)
    id_index: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    home_lat: Mapped[float | None]
    home_lon: Mapped[float | None]
    max_minutes_per_week: Mapped[int] = mapped_column(default=240)
    max_shifts_per_day: Mapped[int] = mapped_column(default=1)
    national_number: Mapped[str | None] = mapped_column(String(64))
    has_guardian_consent: Mapped[bool] = mapped_column(default=False)
    guardian_name: Mapped[str] = mapped_column(String(100), default="")
    guardian_phone_cipher: Mapped[bytes | None] = mapped_column(LargeBinary)
    guardian_consent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_public: Mapped[bool] = mapped_column(default=False)
    prefers_large_type: Mapped[bool] = mapped_column(default=False)
    personal_secret: Mapped[bytes] = mapped_column(LargeBinary(32))
    card_issue: Mapped[int] = mapped_column(
        default=0
    )  # paper card: 0 none yet, below 0 reported lost
    joined_on: Mapped[date]
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # contact and login are gone
    nameless_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # after the years of records
    entered_by_id: Mapped[int | None]
    roll_import_id: Mapped[int | None] = mapped_column(ForeignKey("roll_import.id"), index=True)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("volunteer.id"), index=True)
    last_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(String(200), default="")
    version: Mapped[int] = mapped_column(default=1)

    @validates("name")
    def _read_name(self, _key: str, name: str) -> str:
        """Keep first letters (search) and reading (order) in step with the name, whoever writes it."""
        self.pinyin, self.name_key = initials(name)[:100], sort_key(name)[:400]
        return name


class Pause(Base):
    """A stretch in which a person does not serve (请假、公出、暂停): days inclusive, open without an end."""

    __tablename__ = "pause"
    __table_args__ = (
        CheckConstraint("until_on IS NULL OR until_on >= since_on", name="dates"),
        Index("ix_pause_volunteer_since", "volunteer_id", "since_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"))
    since_on: Mapped[date] = mapped_column(index=True)
    until_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(String(100))
    made_by_id: Mapped[int | None]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Qualification(Base):
    """A skill that someone confirmed for a volunteer, until ``expires_on`` (inclusive) or for ever."""

    __tablename__ = "qualification"
    __table_args__ = (UniqueConstraint("volunteer_id", "skill_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"))
    skill_id: Mapped[int] = mapped_column(ForeignKey("skill.id"), index=True)
    expires_on: Mapped[date | None]
    confirmed_by_id: Mapped[int | None]
    confirmed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Availability(Base):
    """A weekly window (可服务时间): weekday 0 is Monday; minutes of the day, half open."""

    __tablename__ = "availability"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint(
            "0 <= start_minute AND start_minute < end_minute AND end_minute <= 1440", name="window"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"), index=True)
    weekday: Mapped[int]
    start_minute: Mapped[int]
    end_minute: Mapped[int]
    level: Mapped[AvailabilityLevel] = mapped_column(Coded(AvailabilityLevel))


class AvailabilityException(Base):
    """A day on which the weekly windows do not hold, with its own window and level."""

    __tablename__ = "availability_exception"
    __table_args__ = (
        CheckConstraint(
            "0 <= start_minute AND start_minute < end_minute AND end_minute <= 1440", name="window"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"), index=True)
    on_date: Mapped[date] = mapped_column(index=True)
    start_minute: Mapped[int] = mapped_column(default=0)
    end_minute: Mapped[int] = mapped_column(default=1440)
    level: Mapped[AvailabilityLevel] = mapped_column(Coded(AvailabilityLevel))
    reason: Mapped[str] = mapped_column(String(100), default="")


class Apart(Base):
    """Two people who must not serve together (不同岗); private to organizers."""

    __tablename__ = "apart"
    __table_args__ = (
        UniqueConstraint("first_id", "second_id"),
        CheckConstraint("first_id < second_id", name="order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    first_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"))
    second_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))


class Consent(Base):
    """A receipt (同意书) per purpose and version; withdrawing sets ``withdrawn_at``."""

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"), index=True)
    purpose: Mapped[ConsentPurpose] = mapped_column(Coded(ConsentPurpose))
    text_version: Mapped[str] = mapped_column(String(20))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    given_by_id: Mapped[int | None]
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Account(Base):
    """A login (账号). ``session_version`` is raised to end every session at once."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(60), unique=True)
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    name: Mapped[str] = mapped_column(String(100))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    password_changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    must_change_password: Mapped[bool] = mapped_column(default=True)
    first_password_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    volunteer_id: Mapped[int | None] = mapped_column(ForeignKey("volunteer.id"), unique=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    session_version: Mapped[int] = mapped_column(default=1)
    is_disabled: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_signed_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WeChatBond(Base):
    """The WeChat of an account (微信绑定): where its messages go, until the person ends it.

    The openid is ciphertext and names the person within one official account only. ``lost_at`` is set
    when WeChat said that it cannot reach them: they do not follow the account.
    """

    __tablename__ = "wechat_bond"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    openid_cipher: Mapped[bytes] = mapped_column(LargeBinary)
    notice_version: Mapped[str] = mapped_column(String(20))
    bound_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lost_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RoleGrant(Base):
    """A role (角色) given to an account; ``reach`` is ``city``, ``district:3`` or ``unit:12``, once while live."""

    __tablename__ = "role_grant"
    __table_args__ = (
        Index(
            "uq_role_grant_live",
            "account_id",
            "role",
            "reach",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    role: Mapped[Role] = mapped_column(Coded(Role))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    district_id: Mapped[int | None] = mapped_column(ForeignKey("district.id"))
    reach: Mapped[str] = mapped_column(String(30))
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    granted_by_id: Mapped[int | None]
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DeviceSession(Base):
    """A signed-in device (登录设备). The cookie holds a token, the table its SHA-256.

    ``mark`` is the digest of a cookie that stays with the phone whoever signs in, so that one phone for
    several people can be told apart from several phones.
    """

    __tablename__ = "device_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    session_version: Mapped[int]
    mark: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    label: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Invitation(Base):
    """A link (邀请) that lets someone join a unit or claim an imported profile.

    The token is derived from ``nonce`` and the index key, so that the organizer can be shown the link
    again; the table alone, without the key, opens nothing.
    """

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    nonce: Mapped[bytes] = mapped_column(LargeBinary(16))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    volunteer_id: Mapped[int | None] = mapped_column(ForeignKey("volunteer.id"), index=True)
    role: Mapped[Role] = mapped_column(Coded(Role))
    created_by_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    uses_left: Mapped[int] = mapped_column(default=1)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SignInAttempt(Base):
    """A failed sign-in, counted per name and per address to slow down guessing."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index("ix_sign_in_attempt_subject_at", "subject", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class RollImport(Base):
    """An uploaded roll (花名册) between preview and confirmation; holds the judged rows, encrypted."""

    __tablename__ = "roll_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    file_name: Mapped[str] = mapped_column(String(200))
    rows_cipher: Mapped[bytes] = mapped_column(LargeBinary)
    row_count: Mapped[int]
    fault_count: Mapped[int]
    new_count: Mapped[int] = mapped_column(default=0)
    changed_count: Mapped[int] = mapped_column(default=0)
    created_by_id: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    discarded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
