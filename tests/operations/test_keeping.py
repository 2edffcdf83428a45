"""What is kept for a time is erased when it is over: not a day before, not a day late."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from tests.builders import (
    NOW,
    City,
    a_city,
    a_shift,
    a_volunteer,
    an_account,
    an_assignment,
    an_entry,
    sign_in,
)
from volunteer.domain import retention
from volunteer.domain.policy import STANDARD
from volunteer.domain.retention import BY_CODE, KEPT, cutoff
from volunteer.domain.terms import (
    Grade,
    JobState,
    MessageState,
    StampKind,
    VolunteerState,
    Way,
)
from volunteer.models.attendance import CheckIn
from volunteer.models.base import db
from volunteer.models.cipher import encrypt
from volunteer.models.journal import AuditEntry, Erasure, Job, Message
from volunteer.models.ledger import ExportLog, LedgerEntry, ServiceRecord
from volunteer.models.people import (
    Account,
    Consent,
    DeviceSession,
    RollImport,
    SignInAttempt,
    Volunteer,
)
from volunteer.models.rosters import SchedulingRun
from volunteer.models.trust import FixTrace
from volunteer.operations.keeping import ERASERS, erase_due, load_erasers
from volunteer.queries.accounts import actor_of
from volunteer.queries.keeping import keeping_page

MOMENT = timedelta(seconds=1)

load_erasers()


@pytest.fixture
def city(session) -> City:
    return a_city()


def count(table, *clauses) -> int:
    return db.session.scalar(select(func.count()).select_from(table).where(*clauses)) or 0


def line(code: str) -> datetime:
    return cutoff(BY_CODE[code], STANDARD, NOW)


def both_sides(code: str, make) -> None:
    """Make one row a second before the line and one on it; only the first is due."""
    make(line(code) - MOMENT)
    make(line(code))
    db.session.flush()
    assert erase_due(code, at=NOW) == 1
    assert erase_due(code, at=NOW) == 0
    assert erase_due(code, at=NOW + timedelta(days=1)) == 1


def test_every_kind_has_an_eraser():
    assert {keeping.code for keeping in KEPT} == set(ERASERS)


def test_r4_4_records_are_kept_ten_years_and_r8_5_raw_positions_thirty_days():
    assert line(retention.RECORDS) == datetime(2016, 11, 22, 16, tzinfo=UTC), (
        "2016-11-23 in Beijing"
    )
    assert line(retention.LOCATION) == NOW - timedelta(days=30)


def test_messages(city):
    def make(at):
        db.session.add(
            Message(volunteer_id=city.volunteer.id, topic="x", title="x", body="x", state=MessageState.SENT, created_at=at, due_at=at)
        )  # fmt: skip

    both_sides(retention.MESSAGES, make)
    assert count(Message) == 0


def test_ended_jobs_and_what_runs_keep_for_replay(city):
    def make(at):
        db.session.add(
            Job(
                task="x",
                arguments={},
                state=JobState.DONE,
                created_at=at,
                due_at=at,
                finished_at=at,
            )
        )

    both_sides(retention.JOBS, make)
    old = line(retention.JOBS) - timedelta(days=9)
    db.session.add(Job(task="x", arguments={}, state=JobState.QUEUED, created_at=old, due_at=old))
    run = SchedulingRun(week_on=old.date(), asked_by_id=1, asked_at=old, finished_at=old, problem_gz=b"names", plan_gz=b"plan")  # fmt: skip
    db.session.add(run)
    assert erase_due(retention.JOBS, at=NOW) == 1
    assert (run.problem_gz, run.plan_gz, count(Job)) == (None, None, 1), "a job that waits is kept"


def test_r8_5_what_is_left_of_positions(city):
    seat = an_assignment(a_shift(), city.volunteer)

    def make(at):
        kind = StampKind.IN if at < line(retention.LOCATION) else StampKind.OUT
        stamp = CheckIn(assignment_id=seat.id, shift_id=seat.shift_id, volunteer_id=seat.volunteer_id, kind=kind, at=at, received_at=at, way=Way.ROTATING_CODE, grade=Grade.A, nonce=at.isoformat())  # fmt: skip
        db.session.add(stamp)
        db.session.flush()
        db.session.add(FixTrace(stamp_id=stamp.id, fix_print=b"12345678", at=at))

    both_sides(retention.LOCATION, make)
    assert count(CheckIn) == 2, "the stamps stay"


def test_export_lines(city):
    def make(at):
        db.session.add(
            ExportLog(at=at, account_id=1, subject="x", filter_text="", file_name="x", row_count=1, digest="x")
        )  # fmt: skip

    both_sides(retention.EXPORTS, make)


def test_failed_sign_ins(city):
    both_sides(retention.ATTEMPTS, lambda at: db.session.add(SignInAttempt(subject="x", at=at)))


def test_unconfirmed_rolls(city):
    def make(at):
        db.session.add(
            RollImport(unit_id=city.unit.id, file_name="x", rows_cipher=encrypt('[{"name": "王芳"}]'), row_count=1, fault_count=0, created_by_id=1, created_at=at)
        )  # fmt: skip

    both_sides(retention.ROLLS, make)


def test_devices_are_emptied_and_stay_as_numbers_that_stamps_name(app, city):
    sign_in(app, city.organizer, at=NOW)
    seat = an_assignment(a_shift(), city.volunteer)

    def make(at):
        device = DeviceSession(account_id=city.volunteer_account.id, token_hash=at.isoformat().encode()[:32], session_version=1, label="华为手机", created_at=at - timedelta(days=9), last_seen_at=at, expires_at=NOW + timedelta(days=9), revoked_at=at)  # fmt: skip
        db.session.add(device)
        db.session.flush()
        kind = StampKind.IN if at < line(retention.SESSIONS) else StampKind.OUT
        db.session.add(
            CheckIn(assignment_id=seat.id, shift_id=seat.shift_id, volunteer_id=seat.volunteer_id, kind=kind, at=at, received_at=at, way=Way.ROTATING_CODE, grade=Grade.A, nonce=at.isoformat(), device_id=device.id)
        )  # fmt: skip

    both_sides(retention.SESSIONS, make)
    emptied = db.session.scalars(select(DeviceSession).where(DeviceSession.session_version == 0)).all()  # fmt: skip
    assert {(d.label, d.last_seen_at == d.created_at) for d in emptied} == {("", True)}
    assert count(DeviceSession) == 3, "the living one is untouched, stamps still name theirs"
    assert count(DeviceSession, DeviceSession.session_version == 1) == 1


def gone(city, left_at, **given) -> Volunteer:
    person = a_volunteer(city.unit, "李建军", state=VolunteerState.LEFT, left_at=left_at, id_cipher=encrypt("430502198506150011"), guardian_name="李四", **given)  # fmt: skip
    account = an_account(volunteer=person, password_hash="x")
    db.session.add(Message(volunteer_id=person.id, account_id=account.id, topic="x", title="x", body="x", created_at=NOW, due_at=NOW))  # fmt: skip
    db.session.flush()
    return person


def test_the_login_of_who_left_goes_after_the_days_of_return(city):
    last = line(retention.ACCOUNTS)
    early, late = gone(city, last - MOMENT), gone(city, last)
    assert erase_due(retention.ACCOUNTS, at=NOW) == 1
    account = db.session.scalars(select(Account).where(Account.volunteer_id == early.id)).one()
    assert (account.login, account.password_hash, account.name) == (f"closed-{account.id}", None, "已清除姓名")  # fmt: skip
    assert (early.name, early.phone_cipher, early.guardian_name) == ("李建军", None, "")
    assert early.id_cipher is not None, "certificates of ten years need it"
    assert late.phone_cipher is not None
    assert count(Message, Message.volunteer_id == early.id) == 0
    assert count(Message, Message.volunteer_id == late.id) == 1
    assert count(AuditEntry, AuditEntry.act == "erase_account") == 1
    assert erase_due(retention.ACCOUNTS, at=NOW) == 0


def test_r4_4_names_go_when_the_last_service_is_ten_years_past_and_the_record_stays(city):
    left = datetime(2015, 1, 1, tzinfo=UTC)
    due, served, lately, here = (
        gone(city, left),
        gone(city, left),
        gone(city, NOW - timedelta(days=3650)),
        a_volunteer(city.unit, "在册"),
    )
    an_entry(due, 60, on=date(2016, 11, 22))
    an_entry(served, 60, on=date(2016, 11, 23))
    an_entry(here, 60, on=date(2010, 1, 1))
    twice = gone(city, left)
    second = a_volunteer(city.unit, "李建军", merged_into_id=twice.id, state=VolunteerState.LEFT)
    an_entry(second, 60, on=date(2020, 1, 1))
    db.session.add(Consent(volunteer_id=due.id, purpose="account", text_version="1", given_at=left))
    before = count(ServiceRecord), count(LedgerEntry), db.session.scalar(select(func.sum(LedgerEntry.minutes)))  # fmt: skip
    assert erase_due(retention.RECORDS, at=NOW) == 1
    assert (due.name, due.id_cipher, due.id_index, due.birth_year) == (
        "已清除姓名",
        None,
        None,
        None,
    )
    assert count(Consent, Consent.volunteer_id == due.id) == 0
    assert {p.name for p in (served, lately, twice, second)} == {"李建军"}
    assert here.name == "在册"
    after = count(ServiceRecord), count(LedgerEntry), db.session.scalar(select(func.sum(LedgerEntry.minutes)))  # fmt: skip
    assert after == before
    assert erase_due(retention.RECORDS, at=NOW + timedelta(days=1)) == 1, "a day later the other"
    assert served.name == "已清除姓名"


def test_the_report_says_what_was_erased_when_and_by_which_rule(city):
    db.session.add(SignInAttempt(subject="x", at=NOW - timedelta(days=2)))
    erase_due(retention.ATTEMPTS, at=NOW)
    erase_due(retention.MESSAGES, at=NOW)
    erase_due(retention.MESSAGES, at=NOW + timedelta(hours=1))
    assert count(Erasure) == 2, "an empty look is written once a day"
    found = keeping_page(actor_of(city.auditor, at=NOW), at=NOW + timedelta(days=2))
    [(run, kind)] = found.runs
    assert (kind.code, run.count, run.rule_version, run.cutoff_at) == (retention.ATTEMPTS, 1, STANDARD.rule_version, NOW - timedelta(days=1))  # fmt: skip
    by_code = {one.keeping.code: one for one in found.lines}
    assert (by_code["attempts"].total, by_code["attempts"].is_late) == (1, True)
    assert by_code["jobs"].last_at is None
