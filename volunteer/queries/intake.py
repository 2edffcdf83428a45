"""What the express lane of check-in (签到受理) must know of several taps at once: one select, no row objects."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Dialect,
    Integer,
    LargeBinary,
    Select,
    and_,
    any_,
    bindparam,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from volunteer.domain.attendance import Gate
from volunteer.domain.place import LatLon
from volunteer.domain.policy import Policy
from volunteer.domain.terms import ConsentPurpose, StampKind
from volunteer.domain.timekeeping import Window, local_date
from volunteer.models.activities import Activity, Shift
from volunteer.models.attendance import CheckIn, StampCancellation
from volunteer.models.driven import Reading
from volunteer.models.people import Account, Consent, DeviceSession, Volunteer
from volunteer.models.places import CheckPoint, RuleVersion
from volunteer.models.rosters import Assignment
from volunteer.queries.accounts import is_session_open
from volunteer.queries.attendance import REMEMBERED, gate_of, stamp_of
from volunteer.queries.policy import policy_on

SAME_PHONE = timedelta(days=1)
"""How far back another person's stamp with the same phone matters."""


@dataclass(frozen=True, slots=True)
class Presence:
    """One person before one seat: the session that asks, the seat, the gate that judges.

    ``row`` has the columns of the select; ``made`` the number of stamps of each kind ever made on the seat;
    ``taps`` the stamps that the person's taps made lately, by nonce.
    """

    row: Any
    gate: Gate
    made: dict[StampKind, int]
    taps: dict[str, int]

    @property
    def place(self) -> LatLon | None:
        """Where the point lies, in WGS-84, if anybody entered it."""
        if self.row.lat is None or self.row.lon is None:
            return None
        return LatLon(self.row.lat, self.row.lon)

    def is_signed_in(self, at: datetime) -> bool:
        """Whether the session is live and its account may act: what the door asks, too."""
        row = self.row
        return is_session_open(
            (row.revoked_at, row.expires_at),
            (row.device_version, row.account_version),
            is_disabled=row.is_disabled,
            at=at,
        ) and not (row.must_change_password and row.has_password)


def _statement(*, many: bool) -> Select[Any]:
    """One row for each session, seat and stamp.

    Parameters ``tokens`` and ``shifts`` (lists if ``many``), ``since`` and ``same_phone``. Nothing is locked: on
    SQLite the writer has the whole database, elsewhere it looks again while it writes.
    """
    tokens: Any = bindparam("tokens", type_=ARRAY(LargeBinary) if many else LargeBinary)
    shifts: Any = bindparam("shifts", type_=ARRAY(Integer) if many else Integer)
    by_token = DeviceSession.token_hash == (any_(tokens) if many else tokens)
    other = aliased(Shift)
    return (
        select(*_who(), *_where(), *_stamps(other), *_rules())
        .select_from(DeviceSession)
        .join(Account, Account.id == DeviceSession.account_id)
        .join(Volunteer, Volunteer.id == Account.volunteer_id)
        .join(Assignment, Assignment.volunteer_id == Volunteer.id)
        .join(Shift, Shift.id == Assignment.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .join(CheckPoint, CheckPoint.id == Shift.point_id)
        .outerjoin(
            CheckIn,
            and_(
                CheckIn.volunteer_id == Volunteer.id,
                or_(CheckIn.shift_id == Shift.id, CheckIn.at >= bindparam("since")),
            ),
        )
        .outerjoin(StampCancellation, StampCancellation.stamp_id == CheckIn.id)
        .outerjoin(other, other.id == CheckIn.shift_id)
        .where(by_token, Assignment.shift_id == (any_(shifts) if many else shifts))
        .order_by(CheckIn.at, CheckIn.id)
    )


def _who() -> tuple[Any, ...]:
    located = exists().where(
        Consent.volunteer_id == Volunteer.id,
        Consent.purpose == ConsentPurpose.LOCATION,
        Consent.withdrawn_at.is_(None),
    )
    theirs, phone = aliased(CheckIn), aliased(DeviceSession)
    others = (theirs.volunteer_id != Volunteer.id, theirs.at >= bindparam("same_phone"))
    shared = or_(
        exists().where(theirs.device_id == DeviceSession.id, *others),
        exists().where(phone.mark == DeviceSession.mark, theirs.device_id == phone.id, *others),
    )
    return (
        DeviceSession.token_hash,
        DeviceSession.id.label("device_id"),
        DeviceSession.mark,
        DeviceSession.revoked_at,
        DeviceSession.expires_at,
        DeviceSession.session_version.label("device_version"),
        Account.session_version.label("account_version"),
        Account.id.label("account_id"),
        Account.name.label("actor_name"),
        Account.is_disabled,
        Account.must_change_password,
        Account.password_hash.is_not(None).label("has_password"),
        Volunteer.id.label("volunteer_id"),
        Volunteer.name.label("volunteer_name"),
        located.label("may_locate"),
        shared.label("shares_phone"),
    )


def _where() -> tuple[Any, ...]:
    return (
        Assignment.id.label("assignment_id"),
        Assignment.state.label("assignment_state"),
        Assignment.cancel_cause.label("seat_cause"),
        Shift.id.label("shift_id"),
        Shift.starts_at,
        Shift.ends_at,
        Shift.state.label("shift_state"),
        Shift.version.label("shift_version"),
        Shift.cancel_cause.label("shift_cause"),
        Shift.service_on,
        Shift.leader_id,
        Shift.activity_id,
        Activity.unit_id,
        CheckPoint.secret,
        CheckPoint.lat,
        CheckPoint.lon,
        CheckPoint.radius_metres,
    )


def _stamps(other: Any) -> tuple[Any, ...]:
    return (
        CheckIn.id.label("stamp_id"),
        CheckIn.shift_id.label("stamp_shift_id"),
        CheckIn.kind,
        CheckIn.at,
        CheckIn.way,
        CheckIn.grade,
        CheckIn.place_verdict,
        CheckIn.nonce,
        StampCancellation.stamp_id.label("taken_back"),
        other.starts_at.label("other_starts_at"),
        other.ends_at.label("other_ends_at"),
        other.activity_id.label("other_activity_id"),
        other.service_on.label("other_service_on"),
    )


def _rules() -> tuple[Any, ...]:
    """Rules are only ever made or withdrawn: these two numbers tell whether any changed."""
    made = select(func.max(RuleVersion.id)).scalar_subquery()
    withdrawn = select(func.count(RuleVersion.withdrawn_at)).scalar_subquery()
    return made.label("rules_made"), withdrawn.label("rules_withdrawn")


class Intake:
    """The select of one database, and the rules as they were last read there."""

    def __init__(self, dialect: Dialect) -> None:
        self.is_many = dialect.name != "sqlite"
        self._reading = Reading(_statement(many=self.is_many), dialect)
        self._policy: tuple[Any, Policy] | None = None

    def presences(
        self, connection: Connection, asked: Sequence[tuple[bytes, int]], *, at: datetime
    ) -> dict[tuple[bytes, int], Presence]:
        """Who stands behind each session digest, and their seat on the shift; who has none is left out.

        On SQLite they stay as they are until the commit; elsewhere the writer must look again.
        """
        wanted = set(asked)
        found: dict[tuple[bytes, int], list[Any]] = {}
        for row in self._rows(connection, wanted, at):
            key = (bytes(row.token_hash), row.shift_id)
            if key in wanted:
                found.setdefault(key, []).append(row)
        if not found:
            return {}
        one = next(iter(found.values()))[0]
        policy = self._rules_of(connection, one, at)
        return {key: _presence(rows, policy) for key, rows in found.items()}

    def _rows(
        self, connection: Connection, wanted: set[tuple[bytes, int]], at: datetime
    ) -> list[Any]:
        since = {"since": at - REMEMBERED, "same_phone": at - SAME_PHONE}
        cursor: Any = connection.connection.cursor()
        try:
            if not self.is_many:
                return [
                    row
                    for token, shift in wanted
                    for row in self._reading.rows(
                        cursor, {"tokens": token, "shifts": shift, **since}
                    )
                ]
            tokens, shifts = [token for token, _ in wanted], sorted({shift for _, shift in wanted})
            return self._reading.rows(cursor, {"tokens": tokens, "shifts": shifts, **since})
        finally:
            cursor.close()

    def _rules_of(self, connection: Connection, row: Any, at: datetime) -> Policy:
        known = (row.rules_made, row.rules_withdrawn, local_date(at))
        if self._policy is None or self._policy[0] != known:
            self._policy = (known, policy_on(local_date(at), connection))
        return self._policy[1]


def _presence(rows: list[Any], policy: Policy) -> Presence:
    first = rows[0]
    made: dict[StampKind, int] = {}
    here, elsewhere = [], []
    for row in rows:
        if row.stamp_id is None:
            continue
        if row.stamp_shift_id == first.shift_id:
            made[row.kind] = made.get(row.kind, 0) + 1
            if row.taken_back is None:
                here.append(stamp_of(row))
        elif row.taken_back is None:
            window = Window(row.other_starts_at, row.other_ends_at)
            is_same = (row.other_activity_id, row.other_service_on) == (
                first.activity_id,
                first.service_on,
            )
            elsewhere.append((row.stamp_shift_id, window, is_same, stamp_of(row)))
    gate = gate_of(
        window=Window(first.starts_at, first.ends_at),
        states=(first.shift_state, first.assignment_state),
        cause=first.shift_cause or first.seat_cause,
        here=here,
        elsewhere=elsewhere,
        policy=policy,
    )
    taps = {row.nonce: row.stamp_id for row in rows if row.stamp_id is not None}
    return Presence(first, gate, made, taps)
