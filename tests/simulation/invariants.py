"""What must hold at any moment, whatever happened: I1 to I8, read from the database and nothing else."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations

from sqlalchemy import select

from tests.simulation.scene import Scene
from volunteer.domain.attendance import intervals_of
from volunteer.domain.terms import (
    AssignmentState,
    DeferredState,
    EntryKind,
    Grade,
    MakeUpState,
    Nature,
    ShiftState,
    StampKind,
    Way,
)
from volunteer.models.activities import Shift
from volunteer.models.attendance import CheckIn, DeferredStamp, StampCancellation
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry
from volunteer.models.ledger import LedgerEntry, ServiceRecord
from volunteer.models.people import Account, Volunteer
from volunteer.models.rosters import Assignment
from volunteer.models.tickets import MakeUp, Ticket
from volunteer.operations.make_ups.story import parties
from volunteer.queries.attendance import stamp_of
from volunteer.queries.ledger import my_total
from volunteer.queries.people.person import profile_ids
from volunteer.queries.standings import By, StandingFilter, standing
from volunteer.queries.verification import verify_all

LIVE = (AssignmentState.PROPOSED, AssignmentState.ACCEPTED)
BY_HAND = (Way.ROLL_CALL, Way.PERSONAL_CODE, Way.SYSTEM_FAILURE)


class Broken(AssertionError):
    """An invariant does not hold."""


def check(scene: Scene, seals: list[bytes], *, is_last: bool) -> list[bytes]:
    """Check all, own pages and rankings only at the end of a life; ``seals`` are those that the ledger had before. Returns those of now.

    Raises Broken with the number of the invariant and what is wrong.
    """
    db.session.rollback()
    db.session.expire_all()
    for found in (
        *_acked_is_there(scene),
        *_one_session(),
        *_records_agree(),
        *(_pages_agree(scene) if is_last else ()),
        *_seats_fit(),
        *_no_minute_twice(),
        *_hours_have_an_origin(),
        *_nobody_in_own_case(),
    ):
        raise Broken(found)
    now = [bytes(s) for s in db.session.scalars(select(LedgerEntry.seal).order_by(LedgerEntry.seq))]
    if now[: len(seals)] != seals:
        raise Broken("I8 the ledger lost or changed what it had")
    if not verify_all().is_sound:
        raise Broken(f"I6 the ledger is not sound: {verify_all()}")
    db.session.rollback()
    return now


def _acked_is_there(scene: Scene) -> Iterator[str]:
    rows = {row.nonce: row for row in db.session.scalars(select(CheckIn))}
    for nonce, (number, kind, at) in scene.acked.items():
        row = rows.get(nonce)
        if row is None or (row.id, row.kind.value, row.at) != (number, kind, at):
            yield f"I1 the acknowledged stamp {nonce} is not as it was acknowledged"
    kept = {row.nonce: row for row in db.session.scalars(select(DeferredStamp))}
    for nonce, (number, received_at) in scene.brought.items():
        item = kept.get(nonce)
        if item is None or (item.id, item.received_at) != (number, received_at):
            yield f"I1 the item {nonce} of a phone is not as it was received"
        elif item.state in (DeferredState.RECORDED, DeferredState.ACCEPTED) and not (
            item.stamp_id or item.note_id
        ):
            yield f"I1 the item {nonce} was taken and left no stamp"


def _one_session() -> Iterator[str]:
    gone = set(db.session.scalars(select(StampCancellation.stamp_id)))
    kinds: dict[int, list[CheckIn]] = defaultdict(list)
    for row in db.session.scalars(select(CheckIn).order_by(CheckIn.id)):
        if row.id not in gone:
            kinds[row.assignment_id].append(row)
    for seat, stamps in kinds.items():
        stays = intervals_of(stamp_of(row) for row in stamps)
        if any(stay.went is None for stay in stays[:-1]):
            yield f"I2 seat {seat} is open twice"
        if any(stay.went is not None and stay.went.at < stay.came.at for stay in stays):
            yield f"I2 seat {seat}: out before in"
    pairs = Counter(
        tuple(r) for r in db.session.execute(select(Assignment.shift_id, Assignment.volunteer_id))
    )
    yield from (f"I2 two seats of {pair}" for pair, count in pairs.items() if count > 1)


def _records_agree() -> Iterator[str]:
    entries = list(db.session.scalars(select(LedgerEntry)))
    records = list(db.session.scalars(select(ServiceRecord)))
    replaced = {record.replaces_id for record in records}
    newest = [record for record in records if record.id not in replaced]
    owed: Counter[int] = Counter()
    for record in newest:
        said = record.served_minutes if record.nature is Nature.DUTY else record.credited_minutes
        owed[record.volunteer_id] += said
        lines = [e for e in entries if e.record_id == record.id and e.kind is EntryKind.CREDIT]
        if sum(e.minutes for e in lines) != said:
            yield f"I3 record {record.id} says {said}, the ledger {[e.minutes for e in lines]}"
    for person in {entry.volunteer_id for entry in entries}:
        net = sum(entry.minutes for entry in entries if entry.volunteer_id == person)
        if net != owed[person]:
            yield f"I3 the ledger adds up to {net} for {person}, the newest records to {owed[person]}"


def _pages_agree(scene: Scene) -> Iterator[str]:
    entries = list(db.session.scalars(select(LedgerEntry)))
    family = {row.id: row.merged_into_id or row.id for row in db.session.scalars(select(Volunteer))}
    sums: Counter[int] = Counter()
    for entry in entries:
        if entry.nature is Nature.VOLUNTEER:
            sums[family[entry.volunteer_id]] += entry.minutes
    for account in db.session.scalars(select(Account).where(Account.volunteer_id.is_not(None))):
        kept = account.volunteer_id
        if kept is None or account.is_disabled or family[kept] != kept:
            continue
        told = my_total(scene.actor(account.id)).minutes
        if told != sums[kept]:
            yield f"I3 the own page of {kept} says {told}, the ledger {sums[kept]}"
        if sorted(profile_ids(kept)) != sorted(k for k, v in family.items() if v == kept):
            yield f"I8 the profiles of {kept} are not together"
    yield from _rankings_agree(scene, sum(sums.values()))
    if any(sum(e.minutes for e in entries if e.volunteer_id == v) < 0 for v in family):
        yield "I3 somebody has less than nothing"


def _rankings_agree(scene: Scene, total: int) -> Iterator[str]:
    days = list(db.session.scalars(select(LedgerEntry.service_on)))
    if not days:
        return
    office = scene.actor(scene.cast.offices[1])
    for by in (By.UNIT, By.DISTRICT, By.KIND):
        told = standing(office, StandingFilter(first=min(days), last=max(days), by=by))
        rows = sum(row.tally.minutes for row in told.rows)
        if not rows == told.minutes == total:
            yield f"I3 the ranking by {by} says {rows} and {told.minutes}, the ledger {total}"


def _seats_fit() -> Iterator[str]:
    shifts = {row.id: row for row in db.session.scalars(select(Shift))}
    seats = [s for s in db.session.scalars(select(Assignment)) if s.state in LIVE]
    gone = set(db.session.scalars(select(StampCancellation.stamp_id)))
    stamps = [row for row in db.session.scalars(select(CheckIn)) if row.id not in gone]
    came = {row.assignment_id for row in stamps}
    forced = {row.assignment_id for row in stamps if row.is_forced}  # a fact, with a reason
    forced |= {seat.id for seat in seats if seat.source == "make_up"}  # found out afterwards
    heads = Counter(seat.shift_id for seat in seats if seat.id not in forced)
    for shift_id, count in heads.items():
        if count > shifts[shift_id].max_heads:
            yield f"I4 shift {shift_id} has {count} people on {shifts[shift_id].max_heads} seats"
    accepted: dict[int, list[Assignment]] = defaultdict(list)
    for seat in seats:
        if seat.state is AssignmentState.ACCEPTED:
            accepted[seat.volunteer_id].append(seat)
    for person, theirs in accepted.items():
        for one, other in combinations(theirs, 2):
            a, b = shifts[one.shift_id], shifts[other.shift_id]
            is_promise = (
                one.id not in came
                and other.id not in came  # who came somewhere was there
                and ShiftState.SETTLED not in (a.state, b.state)  # that time is over
            )
            if is_promise and a.starts_at < b.ends_at and b.starts_at < a.ends_at:
                yield f"I4 {person} is on shifts {a.id} and {b.id} at the same time"


def _no_minute_twice() -> Iterator[str]:
    """What counts for a person is never more than the time between the stamps, taken together."""
    family = {row.id: row.merged_into_id or row.id for row in db.session.scalars(select(Volunteer))}
    records = list(db.session.scalars(select(ServiceRecord).order_by(ServiceRecord.first_in_at)))
    replaced = {record.replaces_id for record in records}
    theirs: dict[int, list[ServiceRecord]] = defaultdict(list)
    for record in records:
        if record.id not in replaced and record.credited_minutes + record.pending_minutes:
            theirs[family[record.volunteer_id]].append(record)
    for person, rows in theirs.items():
        there, until = timedelta(), None
        for row in rows:
            if row.first_in_at is None or row.last_out_at is None:
                continue
            begins = row.first_in_at if until is None else max(row.first_in_at, until)
            there += max(row.last_out_at - begins, timedelta())
            until = row.last_out_at if until is None else max(until, row.last_out_at)
        counted = sum(row.credited_minutes + row.pending_minutes for row in rows)
        if counted > there.total_seconds() / 60 + 1:
            yield f"I4 {person} was there {there} and has {counted} minutes: counted twice"


def _hours_have_an_origin() -> Iterator[str]:
    lines = {
        (row.act, row.subject_id)
        for row in db.session.scalars(
            select(AuditEntry).where(
                AuditEntry.act.in_(
                    (
                        *("settle_shift", "restate_record", "enter_make_up", "recount_seat"),
                        *("check_in", "check_out", "auto_close", "deferred_stamp"),
                    )
                )
            )
        )
    }
    late = {row.nonce: row.id for row in db.session.scalars(select(DeferredStamp))}
    for record in db.session.scalars(select(ServiceRecord)):
        first = (
            ("settle_shift", record.shift_id),
            ("enter_make_up", record.id),
            ("recount_seat", record.id),
        )
        acts = first if record.version == 1 else (("restate_record", record.id),)
        if not any(act in lines for act in acts):
            yield f"I5 record {record.id} has no audit line {acts}"
        if not record.arithmetic or record.grade is None or record.source is None:
            yield f"I5 record {record.id} does not say where it comes from"
    for stamp in db.session.scalars(select(CheckIn)):
        names = ("check_in",) if stamp.kind is StampKind.IN else ("check_out", "auto_close")
        has_line = any((name, stamp.id) in lines for name in names)
        if not has_line and ("deferred_stamp", late.get(stamp.nonce)) not in lines:
            yield f"I5 stamp {stamp.id} has no audit line"
        if stamp.by_account_id is None and stamp.way is not Way.AUTO_CLOSE:
            yield f"I5 stamp {stamp.id} was made by nobody"


def _nobody_in_own_case() -> Iterator[str]:
    owner = {row.id: row.volunteer_id for row in db.session.scalars(select(Account))}
    for record in db.session.scalars(select(ServiceRecord).where(ServiceRecord.version > 1)):
        if owner.get(record.settled_by_id or 0) == record.volunteer_id:
            yield f"I7 {record.volunteer_id} decided on the own record {record.id}"
    decided = {
        row.nonce: row.decided_by_id
        for row in db.session.scalars(
            select(DeferredStamp).where(DeferredStamp.state == DeferredState.ACCEPTED)
        )
    }
    for stamp in db.session.scalars(select(CheckIn).where(CheckIn.way.in_(BY_HAND))):
        by = decided.get(stamp.nonce, stamp.by_account_id)
        if owner.get(by or 0) == stamp.volunteer_id:
            yield f"I7 {stamp.volunteer_id} vouched for the own stamp {stamp.id}"
    for item in db.session.scalars(select(DeferredStamp)):
        by = item.decided_by_id
        if by is not None and owner.get(by) == item.volunteer_id:
            yield f"I7 {item.volunteer_id} decided on the own item {item.id}"
    for ticket in db.session.scalars(select(Ticket)):
        if owner.get(ticket.answered_by_id or 0) == ticket.volunteer_id:
            yield f"I7 {ticket.volunteer_id} answered the own objection {ticket.id}"
    yield from _four_are_four()


def _four_are_four() -> Iterator[str]:
    """Who gains, who took it up, who saw it and who reviewed it are four people; what was entered is a record."""
    for row in db.session.scalars(select(MakeUp)):
        known = [one for one in parties(row, asker=False) if one.account_id or one.volunteer_id]
        if any(one.is_same(other) for one, other in combinations(known, 2)):
            yield f"I7 somebody had two parts in the request {row.id}"
        if row.state is not MakeUpState.POSTED:
            continue
        record = db.session.get(ServiceRecord, row.record_id)
        if len(known) != 4 or record is None or record.grade is not Grade.E:
            yield f"I5 the request {row.id} was entered without four people and a record of grade E"
