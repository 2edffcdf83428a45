"""The express lane of check-in (签到受理): own taps on a rotating code, judged and written several at a time.

It asks the same gate and writes the same rows as :func:`stamp_by_code`, and takes only what is plain: a live
session, a fresh code, a seat on that very shift, a yes of the gate, nobody else on the phone. Whatever else
comes is answered with None and takes the ordinary way, which says no in words. It never commits: whoever
calls it commits all taps of a transaction together (成组提交).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import Connection, Dialect, Table, bindparam, update

from volunteer.domain.attendance import decide
from volunteer.domain.place import locate
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import AssignmentState, Way
from volunteer.domain.token import Code, read, verify
from volunteer.models.attendance import CheckIn
from volunteer.models.driven import Adding, typed_names
from volunteer.models.journal import AuditEntry
from volunteer.models.rosters import Assignment
from volunteer.models.trust import FixTrace
from volunteer.operations.attendance.stamping import Touch, Wanted, audit_words, stamp_values
from volunteer.operations.attendance.traces import trace_of
from volunteer.queries.accounts import digest_of
from volunteer.queries.intake import Intake, Presence

_STAMP = cast(Table, CheckIn.__table__)
_LINE = cast(Table, AuditEntry.__table__)
_SEAT = cast(Table, Assignment.__table__)
_TRACE = cast(Table, FixTrace.__table__)


@dataclass(frozen=True, slots=True)
class Tap:
    """One tap: the digest of the session that made it, the scanned code, and what the phone said."""

    token_hash: bytes
    code: Code
    touch: Touch
    at: datetime
    request_id: str = ""

    @property
    def key(self) -> tuple[bytes, int]:
        """Whose seat is meant."""
        return self.token_hash, self.code.subject


def tap_of(token: str, text: str, touch: Touch, *, at: datetime, request_id: str) -> Tap | None:
    """The tap of a session token on a scanned code, or None where the express lane has no place for it."""
    try:
        code = read(text)
    except Refused:
        return None
    if code.stamp is None or not 8 <= len(touch.nonce) <= 64:
        return None
    return Tap(digest_of(token), code, touch, at, request_id)


def keys_of(tap: Tap) -> tuple[object, ...]:
    """What two taps of one transaction must not share: session and nonce."""
    return tap.token_hash, tap.touch.nonce


class TapWriter:
    """Writes the stamps of taps, their audit lines and their yes, on one database."""

    def __init__(self, dialect: Dialect) -> None:
        self._intake = Intake(dialect)
        self._write = _written_one_by_one if dialect.name == "sqlite" else _written_together

    def __call__(self, connection: Connection, taps: Sequence[Tap]) -> list[int | None]:
        """Return the number of each tap's stamp; None stands for a tap that must take the ordinary way.

        The same nonce again gets the same number. Raises what the database raises, for instance when
        another process stamped one of the seats meanwhile.
        """
        at = max(tap.at for tap in taps)
        known = self._intake.presences(connection, [tap.key for tap in taps], at=at)
        numbers: dict[str, int] = {}
        fresh: list[Fresh] = []
        taken: set[int | bytes | None] = set()
        for tap in taps:
            seen = known.get(tap.key)
            if seen is None or not seen.is_signed_in(tap.at):
                continue
            if tap.touch.nonce in seen.taps:
                numbers[tap.touch.nonce] = seen.taps[tap.touch.nonce]
                continue
            same = {seen.row.volunteer_id, seen.row.mark and bytes(seen.row.mark)} - {None}
            made = None if same & taken else _judged(tap, seen)
            if made is not None:
                taken |= same
                fresh.append(made)
        if fresh:
            numbers.update(self._write(connection, fresh))
        return [numbers.get(tap.touch.nonce) for tap in taps]


@dataclass(frozen=True, slots=True)
class Fresh:
    """A stamp to be written: its columns, those of its audit line, whether it says yes to the seat, and as what
    the seat and its shift were seen."""

    stamp: dict[str, Any]
    line: dict[str, Any]
    says_yes: bool
    seen: dict[str, Any]
    trace: dict[str, Any] | None = None


def _judged(tap: Tap, seen: Presence) -> Fresh | None:
    row, kind = seen.row, tap.code.stamp
    if kind is None or row.shares_phone:
        return None
    if row.assignment_state not in (AssignmentState.PROPOSED, AssignmentState.ACCEPTED):
        return None
    way = Way.LEADER_SELF if row.leader_id == row.volunteer_id else Way.ROTATING_CODE
    touch = replace(tap.touch, device_id=row.device_id)
    fix = touch.fix if row.may_locate else None
    try:
        verify(tap.code, row.secret, tap.at)
        where = locate(fix, seen.place, row.radius_metres)
        verdict = decide(seen.gate, kind, tap.at, way=way, whereabouts=where)
    except Refused:
        return None
    values = stamp_values(Wanted(kind, way), verdict, touch, by=row.account_id, at=tap.at)
    stamp = {
        "assignment_id": row.assignment_id,
        "shift_id": row.shift_id,
        "volunteer_id": row.volunteer_id,
        "round": seen.made.get(kind, 0) + 1,
        "nonce": touch.nonce,
        **values,
    }
    seen_as = {
        "seat_state": row.assignment_state,
        "shift_state": row.shift_state,
        "shift_version": row.shift_version,
    }
    trace = trace_of(fix) if fix is not None and values["accuracy_metres"] is not None else None
    return Fresh(stamp, _line(tap, row, values), verdict.accepts, seen_as, trace)


def _line(tap: Tap, row: Any, values: dict[str, Any]) -> dict[str, Any]:
    return {
        "at": tap.at,
        "account_id": row.account_id,
        "actor_name": row.actor_name,
        "subject": "check_in",
        "unit_id": row.unit_id,
        "request_id": tap.request_id,
        **audit_words(row.volunteer_name, SimpleNamespace(**values)),
    }


STAMPED = (
    *("assignment_id", "shift_id", "volunteer_id", "kind", "round", "at", "received_at"),
    *("claimed_at", "way", "grade", "nonce", "late_minutes", "early_minutes", "place_verdict"),
    *("distance_bucket", "accuracy_metres", "is_forced", "signals", "by_account_id"),
    *("device_id", "reason"),
)
LINED = (
    *("at", "account_id", "actor_name", "act", "subject", "unit_id", "sentence", "after"),
    *("reason", "request_id"),
)


def _written_one_by_one(connection: Connection, fresh: Sequence[Fresh]) -> dict[str, int]:
    """SQLite: the database is in this process, so that each row costs only itself."""
    dialect = connection.dialect
    stamps, lines, traces = _adding(dialect)
    numbers: dict[str, int] = {}
    cursor: Any = connection.connection.cursor()
    try:
        for one in fresh:
            number = stamps.add(cursor, one.stamp)
            lines.add(cursor, {**one.line, "subject_id": number})
            if one.trace is not None:
                traces.add(cursor, {**one.trace, "stamp_id": number, "at": one.stamp["at"]})
            numbers[one.stamp["nonce"]] = number
    finally:
        cursor.close()
    _say_yes(connection, fresh)
    return numbers


@lru_cache(maxsize=4)
def _adding(dialect: Dialect) -> tuple[Adding, Adding, Adding]:
    return (
        Adding(_STAMP, STAMPED, dialect),
        Adding(_LINE, (*LINED, "subject_id"), dialect),
        Adding(_TRACE, ("stamp_id", "fix_print", "is_round", "at"), dialect),
    )


def _written_together(connection: Connection, fresh: Sequence[Fresh]) -> dict[str, int]:
    """PostgreSQL: one statement, which is the whole transaction: it locks, looks again, and writes all of it.

    A seat or shift that is no longer what was judged is left out, and its tap takes the ordinary way.
    """
    given = [
        {
            **one.stamp,
            **{f"line_{name}": value for name, value in one.line.items()},
            **one.seen,
            **(one.trace or {}),
            "says_yes": one.says_yes,
        }
        for one in fresh
    ]
    cursor: Any = connection.connection.cursor()
    try:
        cursor.execute(_together(connection.dialect), [json.dumps(given, default=_plain)])
        return dict(cursor.fetchall())
    finally:
        cursor.close()


def _plain(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value.isoformat())


@lru_cache(maxsize=4)
def _together(dialect: Dialect) -> str:
    columns, lines = ", ".join(STAMPED), ", ".join(LINED)
    told = ", ".join(f"given.line_{name}" for name in LINED)
    record = (
        f"{typed_names(_STAMP, STAMPED, dialect)}, {typed_names(_LINE, LINED, dialect, 'line_')}"
    )
    return f"""
        WITH given AS (
            SELECT * FROM json_to_recordset(%s::json) AS given({record},
            seat_state varchar, shift_state varchar, shift_version integer, says_yes boolean,
            fix_print varchar, is_round boolean)
        ), shifts AS (
            SELECT id, state, version FROM shift
            WHERE id IN (SELECT shift_id FROM given) ORDER BY id FOR SHARE
        ), seats AS (
            SELECT assignment.id FROM given JOIN shifts ON shifts.id = given.shift_id
            JOIN assignment ON assignment.id = given.assignment_id AND assignment.shift_id = shifts.id
            WHERE assignment.state = given.seat_state AND shifts.state = given.shift_state
            AND shifts.version = given.shift_version
            ORDER BY assignment.volunteer_id, assignment.shift_id FOR UPDATE OF assignment
        ), made AS (
            INSERT INTO check_in ({columns}) SELECT {columns} FROM given
            WHERE assignment_id IN (SELECT id FROM seats) RETURNING nonce, id
        ), told AS (
            INSERT INTO audit_entry ({lines}, subject_id)
            SELECT {told}, made.id FROM given JOIN made ON made.nonce = given.nonce
        ), traced AS (
            INSERT INTO fix_trace (stamp_id, fix_print, is_round, at)
            SELECT made.id, decode(given.fix_print, 'hex'), given.is_round, given.at
            FROM given JOIN made ON made.nonce = given.nonce WHERE given.fix_print IS NOT NULL
        ), yes AS (
            UPDATE assignment SET state = 'accepted', answered_at = given.at, version = version + 1
            FROM given JOIN made ON made.nonce = given.nonce
            WHERE assignment.id = given.assignment_id AND given.says_yes
        ) SELECT nonce, id FROM made
        """  # noqa: S608


def _say_yes(connection: Connection, fresh: Sequence[Fresh]) -> None:
    """Coming is a yes, as in the ordinary way."""
    said = [
        {"seat": one.stamp["assignment_id"], "at": one.stamp["at"]} for one in fresh if one.says_yes
    ]
    if said:
        connection.execute(
            update(_SEAT)
            .where(_SEAT.c.id == bindparam("seat"))
            .values(
                state=AssignmentState.ACCEPTED,
                answered_at=bindparam("at"),
                version=_SEAT.c.version + 1,
            ),
            said,
        )
