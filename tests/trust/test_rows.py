"""T1-T17: one test for each threat to the honesty of hours; docs/verification.md names them."""

import json
import random
import secrets
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from tests.builders import (
    MONDAY,
    NOW,
    a_shift,
    a_volunteer,
    an_activity,
    an_assignment,
)
from tests.operations.test_attendance import clock
from tests.records import a_record
from tests.refusals import refused
from tests.trust.scenes import AWAY, HERE, Street
from volunteer.domain.attendance import Interval, Stamp
from volunteer.domain.credit import credited_minutes
from volunteer.domain.law import missing_for_publication
from volunteer.domain.place import Fix, LatLon, from_plane, locate, wgs84_to_gcj02
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import (
    ActivityState,
    AssignmentState,
    CancelCause,
    Datum,
    FenceVerdict,
    Grade,
    ShiftState,
    StampKind,
    TicketTopic,
    Way,
)
from volunteer.domain.timekeeping import Window, local_date
from volunteer.domain.token import poster_code, read, rotating_code, spot_code, verify
from volunteer.models.attendance import CheckIn
from volunteer.models.base import db
from volunteer.models.journal import Message
from volunteer.models.ledger import LedgerEntry, ServiceRecord
from volunteer.models.people import Volunteer
from volunteer.models.trust import FixTrace
from volunteer.operations.activities.publish import plan_of, publish_activity
from volunteer.operations.attendance import close_forgotten, force_stamp
from volunteer.operations.attendance.stamping import Wanted
from volunteer.operations.attendance.traces import forget_traces, is_round
from volunteer.operations.certificates import Wanted as WantedCertificate
from volunteer.operations.certificates import issue_for, revoke_certificate
from volunteer.operations.ledger import approve_pending, correct_record, settle_shift
from volunteer.operations.people.merge import merge_volunteers
from volunteer.operations.sealing import seal_due
from volunteer.operations.shifts.edit import Change, edit_shift
from volunteer.operations.tickets import Said, object_to_record, uphold_void
from volunteer.operations.trust import look_at_settled, vouch_for
from volunteer.queries.certificates.proof import proof_of
from volunteer.queries.chain import verify_ledger
from volunteer.queries.ledger import total_of
from volunteer.queries.onsite import people_present
from volunteer.queries.people.person import profile_ids
from volunteer.queries.roots import ledger_as_of
from volunteer.queries.shifts import terms_of

SECRET = bytes(range(32))
ROOT = Path(__file__).parents[2]


@pytest.fixture
def street(app: Any) -> Street:
    return Street()


def accepts(code: str, at: Any, kind: StampKind | None = None) -> bool:
    """Whether a code would be believed at an instant, as the kind it says."""
    try:
        read_code = verify(read(code), SECRET, at)
    except Refused:
        return False
    return kind is None or read_code.stamp is kind


# T1


def test_t1_a_code_older_than_thirty_seconds_is_refused_always() -> None:
    for second in range(20):
        made = clock("07:30") + timedelta(seconds=second)
        code = rotating_code(SECRET, 7, StampKind.IN, made)
        assert accepts(code, made)
        assert not any(accepts(code, made + timedelta(seconds=age)) for age in range(30, 700))
        assert not any(accepts(code, made - timedelta(seconds=age)) for age in range(30, 100))


@pytest.mark.slow
def test_t1_of_a_million_flipped_codes_none_is_accepted() -> None:
    rng, at = random.Random(1), clock("07:30")
    codes = [rotating_code(SECRET, n, StampKind.IN, at).encode() for n in range(1, 60)]
    codes += [spot_code(SECRET, n, at).encode() for n in range(1, 5)]
    codes.append(poster_code(SECRET, 9).encode())
    assert all(accepts(code.decode(), at) for code in codes), "the harness accepts what is true"
    accepted = 0
    for n in range(1_000_000):
        code = bytearray(codes[n % len(codes)])
        code[rng.randrange(len(code))] ^= 1 << rng.randrange(7)
        accepted += accepts(code.decode("latin-1"), at)
    assert accepted == 0


def test_t1_in_out_spot_and_poster_are_not_interchangeable() -> None:
    at = clock("07:30")
    codes = {
        "i": rotating_code(SECRET, 7, StampKind.IN, at),
        "o": rotating_code(SECRET, 7, StampKind.OUT, at),
        "s": spot_code(SECRET, 7, at),
        "p": poster_code(SECRET, 7),
    }
    for letter, code in codes.items():
        assert accepts(code, at)
        for other in set(codes) - {letter}:
            assert not accepts(other + code[1:], at), f"{letter} passes for {other}"


# T2, T3


def test_t2_a_code_relayed_over_kilometres_is_not_credited_until_confirmed(street: Street) -> None:
    account = street.city.volunteer_account
    street.may_be_located(street.city.volunteer)
    row = street.stamp(account, clock("07:28"), fix=street.fix(AWAY))
    assert (row.place_verdict, row.grade) == (FenceVerdict.OUTSIDE, Grade.C)
    street.stamp(account, clock("08:31"), StampKind.OUT, fix=street.fix(AWAY, 18.1))
    street.settled()
    record = street.record_of(street.city.volunteer)
    assert (record.credited_minutes, record.pending_minutes) == (0, 60)
    assert total_of(street.city.volunteer.id).minutes == 0
    (case,) = look_at_settled(street.shift.id, at=clock("09:10"))
    assert case.volunteer_id == street.city.volunteer.id
    approve_pending(street.desk, record_id=record.id, at=clock("10:00"), reason="监控看到本人")
    assert total_of(street.city.volunteer.id).minutes == 60


def test_t2_from_inside_the_fence_nothing_waits(street: Street) -> None:
    account = street.city.volunteer_account
    street.may_be_located(street.city.volunteer)
    street.stamp(account, clock("07:28"), fix=street.fix(HERE))
    street.stamp(account, clock("08:31"), StampKind.OUT, fix=street.fix(HERE, 18.1))
    street.settled()
    assert street.record_of(street.city.volunteer).credited_minutes == 60
    assert look_at_settled(street.shift.id, at=clock("09:10")) == []


def test_t3_the_second_person_on_a_phone_waits_and_the_first_does_not(street: Street) -> None:
    street.share_a_phone()
    street.settled()
    first, second = street.record_of(street.city.volunteer), street.record_of(street.friend)
    assert (first.credited_minutes, first.pending_minutes) == (60, 0)
    assert (second.credited_minutes, second.pending_minutes) == (0, 60)
    assert second.pending[0]["doubts"] == ["shared_device"]


def test_t3_the_leader_confirms_who_shares_a_phone(street: Street) -> None:
    street.share_a_phone()
    vouch_for(
        street.lead,
        shift_id=street.shift.id,
        volunteer_id=street.friend.id,
        reason="夫妻共用一部手机，两人都在",
        at=clock("08:00"),
    )
    street.settled()
    assert street.record_of(street.friend).credited_minutes == 60
    assert look_at_settled(street.shift.id, at=clock("09:10")) == []


def test_t3_two_accounts_on_two_phones_share_nothing(street: Street) -> None:
    for account in (street.city.volunteer_account, street.friend_account):
        phone = street.phone(account)
        row = street.stamp(account, clock("07:28"), device_id=phone)
        assert row.signals == []


# T4

CENTRE = LatLon(27.2377, 111.4683)
DISTANCES = (0, 40, 120, 190, 210, 240, 290, 380, 430, 480, 900, 3000, 9000)
EXPECTED = {
    5: "IIIIOOOOOOOOO",
    65: "IIIIIIOOOOOOO",
    250: "IIIIIIIIUOOOO",
    600: "UUUUUUUUUUUUU",
}
"""Radius 200 m: inside to 200 m and the accuracy (at most 200), outside beyond 200 m and the whole accuracy."""
POINTS = [
    (distance, accuracy, "IUO".index(verdict))
    for accuracy, row in EXPECTED.items()
    for distance, verdict in zip(DISTANCES, row, strict=True)
]
VERDICTS = (FenceVerdict.INSIDE, FenceVerdict.UNKNOWN, FenceVerdict.OUTSIDE)


@pytest.mark.parametrize(("distance", "accuracy", "verdict"), POINTS)
def test_t4_each_place_has_its_verdict_in_both_datums(
    distance: int, accuracy: int, verdict: int
) -> None:
    assert len(POINTS) >= 50
    true = from_plane((distance * 0.6, distance * 0.8), CENTRE)
    for fix in (
        Fix(true, accuracy),
        Fix(wgs84_to_gcj02(true), accuracy, Datum.GCJ02),
    ):
        assert locate(fix, CENTRE, 200).verdict is VERDICTS[verdict]


def test_t4_forgetting_the_datum_is_caught() -> None:
    wrong = Fix(wgs84_to_gcj02(CENTRE), 20, Datum.WGS84)
    assert locate(wrong, CENTRE, 200).verdict is FenceVerdict.OUTSIDE


# T5


def test_t5_what_is_kept_of_a_fix_tells_copies_apart_and_is_forgotten(street: Street) -> None:
    account = street.city.volunteer_account
    street.may_be_located(street.city.volunteer)
    street.stamp(account, clock("07:28"), fix=street.fix())
    street.stamp(account, clock("08:31"), StampKind.OUT, fix=street.fix())
    first, second = db.session.scalars(select(FixTrace).order_by(FixTrace.stamp_id))
    assert bytes(first.fix_print) == bytes(second.fix_print)
    assert not first.is_round
    assert "27.2377" not in str(first.__dict__)
    assert is_round(Fix(LatLon(27.2377, 111.4683), 10))
    assert not is_round(Fix(LatLon(27.23771834, 111.46830217), 13.41))
    assert forget_traces(before=clock("07:00")) == 0
    assert forget_traces(before=clock("09:00")) == 2


def test_t5_one_fix_at_each_end_is_kept_as_a_verdict_with_its_accuracy(street: Street) -> None:
    account = street.city.volunteer_account
    street.may_be_located(street.city.volunteer)
    came = street.stamp(account, clock("07:28"), fix=street.fix(HERE))
    went = street.stamp(account, clock("08:31"), StampKind.OUT, fix=street.fix(AWAY, 18.1))
    assert (came.place_verdict, came.accuracy_metres) == (FenceVerdict.INSIDE, 17)
    assert (went.place_verdict, went.accuracy_metres) == (FenceVerdict.OUTSIDE, 18)
    friend = street.stamp(street.friend_account, clock("07:29"))
    assert (friend.place_verdict, friend.accuracy_metres) == (FenceVerdict.UNKNOWN, None)
    assert friend.grade is Grade.A, "who gives no position loses no grade"


def test_t5_without_consent_nothing_is_kept(street: Street) -> None:
    street.stamp(street.city.volunteer_account, clock("07:28"), fix=street.fix())
    assert db.session.scalars(select(FixTrace)).all() == []


# T6


def test_t6_no_session_stays_open_and_hours_never_exceed_the_plan(street: Street) -> None:
    rng = random.Random(6)
    for n in range(12):
        person = a_volunteer(street.city.unit)
        seat = an_assignment(street.shift, person)
        came = clock("07:25") + timedelta(minutes=rng.randrange(0, 60))
        db.session.add(
            CheckIn(
                assignment_id=seat.id,
                shift_id=street.shift.id,
                volunteer_id=person.id,
                kind=StampKind.IN,
                at=came,
                received_at=came,
                way=Way.ROTATING_CODE,
                grade=Grade.A,
                nonce=f"forgot-check-out-{n}",
            )
        )
    db.session.commit()
    closed = close_forgotten(street.shift.id, at=clock("09:00"))
    assert len(closed) == 12
    assert people_present(street.shift.id) == []
    street.settled()
    for record in db.session.scalars(select(ServiceRecord)):
        assert record.credited_minutes <= 60
        assert record.is_auto_closed


# T8


def test_t8_everybody_hears_of_each_credit(street: Street) -> None:
    for account in (street.city.volunteer_account, street.friend_account):
        street.stamp(account, clock("07:28"))
        street.stamp(account, clock("08:31"), StampKind.OUT)
    done = street.settled()
    told = db.session.scalars(select(Message).where(Message.topic == "record")).all()
    assert {m.volunteer_id for m in told} == {r.volunteer_id for r in done.records}
    assert len(told) == len(done.records) == 2
    assert all(f"/me/record/{r.id}" in {m.link for m in told} for r in done.records)


def test_t8_what_was_not_mine_is_taken_back(street: Street) -> None:
    street.stamp(street.city.volunteer_account, clock("07:28"))
    street.stamp(street.city.volunteer_account, clock("08:31"), StampKind.OUT)
    (record,) = street.settled().records
    said = Said(TicketTopic.NOT_MINE, "那天我没有去，手机借给了同事")
    ticket = object_to_record(street.person, record_id=record.id, said=said, at=clock("10:00"))
    db.session.commit()
    uphold_void(
        street.desk,
        ticket_id=ticket.id,
        version=ticket.version,
        answer="确认是别人代签",
        at=clock("11:00"),
    )
    assert total_of(street.city.volunteer.id).minutes == 0
    assert verify_ledger().is_sound


# T10


def test_t10_an_activity_is_not_published_after_it_began(street: Street) -> None:
    activity = an_activity(street.city.unit, state=ActivityState.DRAFT, published_at=None)
    a_shift(activity, street.city.point, start="05:00", end="06:00", state=ShiftState.PLANNED)
    found = missing_for_publication(plan_of(activity), clock("05:30"))
    assert "already_begun" in {one.code for one in found}
    with refused("not_publishable"):
        publish_activity(street.desk, activity.id, version=1, at=clock("05:30"))


def test_t10_a_shift_is_not_moved_into_the_past_and_an_edit_after_the_start_is_on_the_record(
    street: Street,
) -> None:
    shift = street.shift
    as_is = Change(shift.starts_at, shift.ends_at, shift.point_id, shift.corner, terms_of(shift))
    back = Change(clock("05:00"), clock("06:00"), shift.point_id, shift.corner, terms_of(shift))
    with refused("in_the_past"):
        edit_shift(street.desk, shift.id, back, version=1, at=clock("07:00"))
    longer = Change(as_is.starts_at, clock("09:30"), shift.point_id, "", as_is.terms)
    edit_shift(street.desk, shift.id, longer, version=1, at=clock("07:40"))
    db.session.commit()
    for kind, said in ((StampKind.IN, "07:45"), (StampKind.OUT, "09:30")):
        force_stamp(
            street.lead,
            shift_id=shift.id,
            volunteer_id=street.city.volunteer.id,
            wanted=Wanted(kind, Way.ROLL_CALL, "手机没电", clock(said)),
            touch=street.touch(),
            at=clock("09:40"),
        )
    street.settled("09:50")
    record = street.record_of(street.city.volunteer)
    assert [step["code"] for step in record.arithmetic if step["code"] == "late_edit"]
    assert sum(s["minutes"] for s in record.arithmetic[:-1]) == record.arithmetic[-1]["minutes"]


# T11


def test_t11_a_row_changed_behind_the_product_is_named(street: Street) -> None:
    for n in range(5):
        a_record(street.city.unit, street.city.volunteer, on=MONDAY - timedelta(days=n + 1))
    db.session.commit()
    assert verify_ledger().is_sound
    with pytest.raises(Exception, match="append only"):
        db.session.execute(text("UPDATE ledger_entry SET minutes = 600 WHERE seq = 3"))
    db.session.rollback()
    if db.session.get_bind().dialect.name == "sqlite":
        db.session.execute(text("DROP TRIGGER ledger_entry_no_update"))
    else:
        db.session.execute(text("ALTER TABLE ledger_entry DISABLE TRIGGER ALL"))
    db.session.execute(text("UPDATE ledger_entry SET minutes = 600 WHERE seq = 3"))
    report = verify_ledger()
    assert not report.is_sound
    assert 3 in {fault.seq for fault in report.faults}


# T12


def test_t12_no_minute_is_ever_credited_twice() -> None:
    rng = random.Random(12)
    for _ in range(400):
        taken: list[Window] = []
        total = 0
        for _ in range(4):
            start = clock("07:00") + timedelta(minutes=rng.randrange(0, 300))
            plan = Window(start, start + timedelta(minutes=rng.randrange(15, 240)))
            came = plan.starts_at + timedelta(minutes=rng.randrange(-20, 30))
            went = came + timedelta(minutes=rng.randrange(1, 260))
            stay = Interval(
                Stamp(StampKind.IN, came, Way.ROLL_CALL), Stamp(StampKind.OUT, went, Way.ROLL_CALL)
            )
            credit = credited_minutes([stay], plan, elsewhere=taken)
            total += credit.credited_minutes
            assert sum(s.minutes for s in credit.steps[:-1]) == credit.steps[-1].minutes
            span = Window(came, went).shared(plan)
            if span is not None:
                taken.append(span)
        covered = {
            minute
            for window in taken
            for minute in range(
                int(window.starts_at.timestamp()) // 60, int(window.ends_at.timestamp()) // 60
            )
        }
        assert total == len(covered)


def test_t12_overlapping_activities_are_credited_once_and_not_corrected_into_each_other(
    street: Street,
) -> None:
    other = a_shift(
        an_activity(street.city.unit), street.city.point, start="08:00", end="09:00", corner="东"
    )
    an_assignment(other, street.city.volunteer)
    db.session.commit()
    person = street.city.volunteer.id
    for shift, came, went in ((street.shift, "07:30", "08:30"), (other, "08:00", "09:00")):
        for kind, said in ((StampKind.IN, came), (StampKind.OUT, went)):
            force_stamp(
                street.desk,
                shift_id=shift.id,
                volunteer_id=person,
                wanted=Wanted(kind, Way.ROLL_CALL, "补登纸质签到表", clock(said)),
                touch=street.touch(),
                at=clock("09:20"),
            )
    db.session.commit()
    for shift in (street.shift, other):
        settle_shift(street.desk, shift_id=shift.id, at=clock("10:00"))
    db.session.commit()
    assert total_of(person).minutes == 90
    late = db.session.scalars(select(ServiceRecord).where(ServiceRecord.shift_id == other.id)).one()
    correct_record(
        street.desk,
        record_id=late.id,
        came_at=clock("08:10"),
        went_at=clock("09:00"),
        reason="再改一次",
        at=clock("10:30"),
    )
    assert total_of(person).minutes == 90


# T14


def register_twice(twin: Volunteer, mark: bytes) -> None:
    with db.session.begin_nested():
        twin.id_index = mark
        db.session.flush()


def test_t14_one_number_is_one_person_and_merging_keeps_the_sum(street: Street) -> None:
    twin = a_volunteer(street.city.unit, "王芳")
    a_record(street.city.unit, street.city.volunteer, on=MONDAY - timedelta(days=3), minutes=50)
    a_record(street.city.unit, twin, on=MONDAY - timedelta(days=2), minutes=70)
    db.session.commit()
    mark = secrets.token_bytes(32)
    street.city.volunteer.id_index = mark
    db.session.flush()
    with pytest.raises(IntegrityError):
        register_twice(twin, mark)
    db.session.refresh(twin)
    both = total_of(street.city.volunteer.id).minutes + total_of(twin.id).minutes
    merge_volunteers(street.desk, street.city.volunteer.id, twin.id, reason="重复登记", at=NOW)
    assert set(profile_ids(street.city.volunteer.id)) == {street.city.volunteer.id, twin.id}
    assert total_of(street.city.volunteer.id).minutes == both == 120


# T15


@pytest.fixture
def paper(street: Street, tmp_path: Path) -> tuple[Path, str, int]:
    a_record(street.city.unit, street.city.volunteer, on=MONDAY - timedelta(days=9))
    db.session.commit()
    seal_due(at=NOW)
    made = issue_for(
        street.desk,
        volunteer_id=street.city.volunteer.id,
        wanted=WantedCertificate(street.city.unit.id),
        city="邵阳市",
        at=NOW,
    )
    db.session.commit()
    path = tmp_path / "proof.json"
    path.write_text(proof_of(made, at=NOW), encoding="utf-8")
    return path, made.key, made.id


def check(path: Path, key: str) -> int:
    """The exit status of the program that checks a proof without the server."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "verify_certificate.py"), str(path), "--key", key],
        capture_output=True,
        timeout=60,
        check=False,
    )
    return done.returncode


def test_t15_any_flipped_bit_makes_a_certificate_invalid(
    paper: tuple[Path, str, int], tmp_path: Path
) -> None:
    path, key, _ = paper
    assert check(path, key) == 0
    whole = path.read_bytes()
    rng, flipped = random.Random(15), tmp_path / "flipped.json"
    for _ in range(40):
        forged = bytearray(whole)
        forged[rng.randrange(len(forged))] ^= 1 << rng.randrange(8)
        flipped.write_bytes(forged)
        assert check(flipped, key) != 0


def test_t15_a_revoked_certificate_shows_as_revoked(
    paper: tuple[Path, str, int], street: Street
) -> None:
    _, _, number = paper
    ended = revoke_certificate(street.desk, certificate_id=number, reason="记录有误", at=NOW)
    state = json.loads(proof_of(ended, at=NOW))["body"]["state"]
    assert state["state"] == "revoked"


# T16


def test_t16_a_past_day_reads_the_same_for_ever(street: Street) -> None:
    day = local_date(NOW) - timedelta(days=2)
    record = a_record(
        street.city.unit,
        street.city.volunteer,
        on=day,
        posted_at=NOW - timedelta(days=2),
    )
    db.session.commit()
    seal_due(at=NOW)
    before = b"".join(ledger_as_of(day))
    correct_record(
        street.desk,
        record_id=record.id,
        came_at=record.first_in_at + timedelta(minutes=5),
        went_at=record.last_out_at,
        reason="事后更正",
        at=NOW,
    )
    street.city.volunteer.unit_id = street.city.other_unit.id  # the person moves: hours stay
    db.session.commit()
    assert b"".join(ledger_as_of(day)) == before
    newest = street.record_of(street.city.volunteer)
    assert newest.unit_id == street.city.unit.id


# T17


@pytest.mark.parametrize("state", ["cancelled", "declined", "shift"])
def test_t17_who_was_cancelled_earns_nothing(street: Street, state: str) -> None:
    if state == "shift":
        street.shift.state, street.shift.cancel_cause = ShiftState.CANCELLED, CancelCause.WEATHER
    else:
        street.seat.state = AssignmentState[state.upper()]
    db.session.commit()
    code = {"cancelled": "assignment_cancelled", "declined": "declined", "shift": "shift_cancelled"}
    with refused(code[state]):
        street.stamp(street.city.volunteer_account, clock("07:28"))
    db.session.rollback()
    if state != "shift":
        street.settled()
    assert db.session.scalars(select(LedgerEntry)).all() == []
