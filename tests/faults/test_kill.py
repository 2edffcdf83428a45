"""F1: the served product is killed (SIGKILL) a hundred times in mid-write; nothing acknowledged is lost.

Four phones check in through the ordinary route and the desk settles finished shifts, each in an endless
loop, while the server is killed at a random moment and started again. A phone that got no answer asks again
with the nonce of its page. Afterwards the database is read: every acknowledged stamp is there once, nobody
is in twice, each stamp has its audit line and each audit line its stamp, each settled shift has all of its
records and entries or none, and the ledger is sound.
"""

import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest
from sqlalchemy import func, select

from tests.faults.conftest import opened
from tests.faults.crowd import Crowd, gather
from tests.faults.nursery import Nursery, nursery
from tests.faults.storm import Storm
from volunteer.domain.terms import ShiftState, StampKind
from volunteer.models.activities import Shift
from volunteer.models.attendance import CheckIn
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry
from volunteer.models.ledger import LedgerEntry, LedgerHead, ServiceRecord
from volunteer.queries.verification import verify_all

pytestmark = [pytest.mark.faults, pytest.mark.timeout(540)]

CYCLES = 100
PEOPLE = 9000
"""More than the fastest machine checks in between a hundred kills: a storm without taps is no storm."""
FINISHED = 400
SEED = 20261124
SLOWEST = 5.0
"""Seconds from a start to the first answer, in the middle, on a busy machine; an idle one needs half a second."""


def rage(storm: Storm, served: Nursery, kind: str, cycles: int) -> list[float]:
    """Start, let the clients write, kill; so many times. Returns the seconds from start to first answer."""
    chance = random.Random(SEED)
    waits = []
    for cycle in range(cycles):
        clients = storm.begin()
        began = time.monotonic()
        server = served.serve(kind)
        until = began + 30
        while storm.first_ack is None and time.monotonic() < until:
            time.sleep(0.002)
        assert storm.first_ack is not None, f"cycle {cycle}: {served.log.read_text()[-3000:]}"
        waits.append(storm.first_ack - began)
        if cycle % 5 == 4:
            _until_settled(storm)
        time.sleep(chance.random() * 0.15)
        served.end(server)
        storm.end(clients)
    return waits


def _until_settled(storm: Storm) -> None:
    """Let the desk, too, get an answer, so that kills come in all states of its work."""
    before, until = len(storm.settled), time.monotonic() + 4
    while storm.shifts and len(storm.settled) == before and time.monotonic() < until:
        time.sleep(0.002)


def lost_of(storm: Storm) -> list[str]:
    """Acknowledged nonces that the database does not know."""
    known = set(db.session.scalars(select(CheckIn.nonce)))
    return sorted(set(storm.acked) - known)


def _assert_whole(storm: Storm, crowd: Crowd) -> None:
    stamps = {row.nonce: row for row in db.session.scalars(select(CheckIn))}
    assert {nonce: str(stamps[nonce].id) for nonce in storm.acked} == storm.acked
    twice = db.session.execute(
        select(CheckIn.volunteer_id)
        .where(CheckIn.kind == StampKind.IN)
        .group_by(CheckIn.volunteer_id, CheckIn.shift_id)
        .having(func.count() > 1)
    ).all()
    assert twice == []
    lines = db.session.scalars(
        select(AuditEntry.subject_id).where(AuditEntry.act.in_(("check_in", "check_out")))
    ).all()
    assert sorted(lines) == sorted(row.id for row in stamps.values())  # type: ignore[type-var]
    _assert_settled_whole(storm, crowd)
    assert verify_all().is_sound
    head = db.session.scalars(select(LedgerHead)).one()
    assert head.seq == db.session.scalar(select(func.count()).select_from(LedgerEntry))


def _assert_settled_whole(storm: Storm, crowd: Crowd) -> None:
    """A finished shift of two people has two records, two entries and an audit line, or nothing at all."""
    shift_of = ServiceRecord.shift_id
    states = {row[0]: row[1] for row in db.session.execute(select(Shift.id, Shift.state))}
    records = Counter(db.session.scalars(select(shift_of)))
    entries = Counter(
        db.session.scalars(
            select(shift_of).join(LedgerEntry, LedgerEntry.record_id == ServiceRecord.id)
        )
    )
    lines = set(
        db.session.scalars(select(AuditEntry.subject_id).where(AuditEntry.act == "settle_shift"))
    )
    for shift in crowd.finished:
        done = states[shift] is ShiftState.SETTLED
        parts = (records[shift], entries[shift], shift in lines)
        assert parts == ((2, 2, True) if done else (0, 0, False)), shift
    assert set(storm.settled) <= {s for s in crowd.finished if states[s] is ShiftState.SETTLED}


def test_a_server_that_answers_before_it_has_committed_is_found_out(
    folder: Path, database: str, figure: Callable[[str], None]
) -> None:
    """The harness can fail: with answers 30 ms ahead of the work some acknowledged stamps are gone."""
    with opened(folder, database) as app:
        crowd = gather(app, people=600)
    with nursery(folder, database) as served:
        storm = Storm(crowd, served.port)
        calm = _left_in_peace(storm, served)
        rage(storm, served, "hasty", 5)
    with opened(folder, database):
        lost = lost_of(storm)
        assert not calm & set(lost), "a hasty server that nobody kills does its work in the end"
        figure(f"hasty server: {len(storm.acked)} acknowledged, {len(lost)} lost in 6 kills")
        assert lost


def _left_in_peace(storm: Storm, served: Nursery) -> set[str]:
    """Stamps that a hasty server acknowledged and had time to write; they are its only excuse."""
    clients = storm.begin()
    server = served.serve("hasty")
    until = time.monotonic() + 30
    while len(storm.acked) < 10 and time.monotonic() < until:
        time.sleep(0.01)
    storm.end(clients)
    time.sleep(3)
    served.end(server)
    return set(storm.acked)


def test_a_hundred_kills_in_mid_write_lose_nothing(
    folder: Path, database: str, figure: Callable[[str], None]
) -> None:
    with opened(folder, database) as app:
        crowd = gather(app, people=PEOPLE, finished=FINISHED)
    with nursery(folder, database) as served:
        storm = Storm(crowd, served.port)
        waits = rage(storm, served, "good", CYCLES)
    with opened(folder, database):
        figure(
            f"{CYCLES} kills, {len(storm.acked)} stamps acknowledged,"
            f" {len(storm.settled)} shifts settled, {storm.unanswered} requests cut off;"
            f" start to first answer {median(waits):.2f} s (median), {max(waits):.2f} s (most)"
        )
        assert storm.taps, "the crowd was too small: the last kills met no writes"
        assert storm.refused == []
        assert storm.unanswered >= CYCLES, "kills must hit requests that are under way"
        assert storm.settled
        assert lost_of(storm) == []
        _assert_whole(storm, crowd)
        assert median(waits) <= SLOWEST


def test_an_orderly_stop_under_load_loses_nothing_and_is_quick(
    folder: Path, database: str, figure: Callable[[str], None]
) -> None:
    """F14: SIGTERM, as at every deployment."""
    with opened(folder, database) as app:
        crowd = gather(app, people=800, finished=40)
    took = []
    with nursery(folder, database) as served:
        storm = Storm(crowd, served.port)
        for _ in range(6):
            clients = storm.begin()
            server = served.serve()
            until = time.monotonic() + 30
            while storm.first_ack is None and time.monotonic() < until:
                time.sleep(0.002)
            time.sleep(0.1)
            began = time.monotonic()
            served.end(server, signal.SIGTERM)
            took.append(time.monotonic() - began)
            storm.end(clients)
    with opened(folder, database):
        figure(
            f"{len(storm.acked)} stamps acknowledged, the slowest of 6 stops took {max(took):.1f} s"
        )
        assert storm.refused == []
        assert lost_of(storm) == []
        _assert_whole(storm, crowd)
        assert max(took) <= 8
