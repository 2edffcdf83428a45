"""Make-up hours of who served without being on the list: the same way, and what must differ."""

from typing import Any

import pytest
from sqlalchemy import func, select

from tests.builders import (
    MONDAY,
    a_point,
    a_shift,
    a_volunteer,
    an_account,
    an_activity,
    an_assignment,
)
from tests.operations.test_make_ups import AT, CLAIM, Case
from tests.operations.test_tickets import on_day, topics
from tests.refusals import refused
from volunteer.domain.terms import (
    AssignmentState,
    CancelCause,
    Grade,
    MakeUpState,
    ShiftState,
    Source,
    VolunteerState,
)
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry
from volunteer.models.ledger import ServiceRecord
from volunteer.models.rosters import Assignment
from volunteer.models.tickets import MakeUp
from volunteer.operations.make_ups import ask_for, ask_own, endorse_make_up, tend_make_up
from volunteer.queries.chain import verify_ledger
from volunteer.queries.ledger import total_of
from volunteer.queries.make_up_chances import chance_of, helped_shifts, people_without_record
from volunteer.queries.make_ups import make_up_story, witness_requests
from volunteer.queries.register import public_entry
from volunteer.queries.verification import verify_all

KNOWN = "临时来帮忙，是我安排在北口的"


class Helper(Case):
    """The settled shift, and Zhao Min of another unit who helped and was never on its list."""

    def __init__(self) -> None:
        super().__init__()
        self.helper = a_volunteer(self.city.other_unit, "赵敏")
        self.helper_account = an_account(volunteer=self.helper)
        db.session.commit()

    @property
    def me(self) -> Any:
        return self.actor(self.helper_account)

    def another_shift(self, unit: Any = None) -> Any:
        """A second settled shift at the same time elsewhere."""
        made = a_shift(
            an_activity(unit or self.city.unit),
            a_point(self.city.district),
            state=ShiftState.SETTLED,
            settled_at=AT,
        )
        db.session.commit()
        return made

    def taken_up(self, row: MakeUp) -> MakeUp:
        endorse_make_up(self.lead, make_up_id=row.id, words=KNOWN, at=AT)
        db.session.commit()
        return row


@pytest.fixture
def case(app: Any) -> Helper:
    return Helper()


def test_the_whole_way_without_a_seat(case: Helper) -> None:
    found = helped_shifts(case.me, MONDAY)
    assert [line.shift.id for line in found] == [case.shift.id]
    chance = chance_of(case.me, case.shift.id, at=AT)
    assert (chance.is_listed, chance.is_open, chance.seat_id) == (False, True, None)
    row = case.ask()
    assert (row.state, row.minutes, row.assignment_id) == (MakeUpState.ASKED, 60, None)
    case.taken_up(row)
    assert make_up_story(case.lead, row.id, at=AT).events[0].words == KNOWN
    assert [line.is_listed for line in witness_requests(case.person, at=AT)] == [False]
    case.approve(case.seen(row))
    assert not public_entry(row.id).is_listed
    assert db.session.scalar(_seat(case)) is None, "no seat before the register ran out"
    assert case.tend(row, on_day(8)) == "posted"
    seat = db.session.scalar(_seat(case))
    assert seat is not None
    assert (seat.state, seat.source, seat.unit_id) == (
        AssignmentState.ACCEPTED,
        "make_up",
        case.city.other_unit.id,
    )
    record = db.session.get(ServiceRecord, row.record_id)
    assert record is not None
    assert (record.grade, record.source, record.credited_minutes) == (Grade.E, Source.MAKE_UP, 60)
    assert (record.unit_id, record.recording_unit_id) == (
        case.city.other_unit.id,
        case.city.unit.id,
    )
    assert row.assignment_id == seat.id == record.assignment_id
    assert total_of(case.helper.id).minutes == 60
    assert verify_ledger().is_sound
    assert verify_all().record_ids == ()
    line = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "seat_afterwards")).one()
    assert line.subject_id == seat.id
    assert "补录已记入时长" in topics(case.helper_account)
    assert helped_shifts(case.me, MONDAY) == [], "there is a record now"
    with refused("has_record"):
        case.ask(at=on_day(1))


def _seat(case: Helper) -> Any:
    return select(Assignment).where(
        Assignment.shift_id == case.shift.id, Assignment.volunteer_id == case.helper.id
    )


def test_who_takes_it_up_says_how_they_know(case: Helper) -> None:
    row = case.ask()
    with refused("words_needed"):
        endorse_make_up(case.lead, make_up_id=row.id, words="是", at=AT)
    db.session.rollback()
    assert db.session.get(MakeUp, row.id).state is MakeUpState.ASKED  # type: ignore[union-attr]
    case.taken_up(row)
    assert row.state is MakeUpState.WITNESS


def test_nobody_asks_for_somebody_who_was_not_on_the_list(case: Helper) -> None:
    """The hours of a person who agreed to nothing are the hours that are sold."""
    assert case.helper.id not in dict(people_without_record(case.organizer, case.shift.id))
    for act in (
        lambda: ask_for(
            case.organizer,
            shift_id=case.shift.id,
            volunteer_id=case.helper.id,
            claim=CLAIM,
            at=AT,
        ),
        lambda: chance_of(case.organizer, case.shift.id, volunteer_id=case.helper.id, at=AT),
    ):
        with refused("not_found"):
            act()


def test_one_request_at_a_time(case: Helper) -> None:
    row = case.ask()
    assert chance_of(case.me, case.shift.id, at=AT).live_id == row.id
    with refused("already_asked"):
        case.ask()
    db.session.rollback()
    count = db.session.scalar(select(func.count()).select_from(MakeUp))
    assert count == 1


def test_age_profile_and_settling_are_asked_as_of_a_seat(case: Helper) -> None:
    case.helper.birth_year = MONDAY.year - 15
    with refused("wrong_age"):
        case.ask()
    db.session.rollback()
    case.helper.state = VolunteerState.AWAITING_CONSENT
    with refused("not_active"):
        case.ask()
    db.session.rollback()
    case.shift.state = ShiftState.PUBLISHED
    db.session.flush()
    for act in (
        lambda: ask_own(case.me, shift_id=case.shift.id, claim=CLAIM, at=AT),
        lambda: chance_of(case.me, case.shift.id, at=AT),
    ):
        with refused("not_found"):
            act()
    assert helped_shifts(case.me, MONDAY) == []


def test_the_window_and_the_quota_hold(case: Helper) -> None:
    with refused("out_of_window") as no:
        case.ask(at=on_day(20))
    assert no.value.status == 403


def test_two_at_once_elsewhere_do_not_pass(case: Helper) -> None:
    """A request without a seat is seen by the next one at the same time."""
    row = case.ask()
    other = case.another_shift()
    with refused("overlaps"):
        ask_own(case.me, shift_id=other.id, claim=CLAIM, at=AT)
    assert row.state is MakeUpState.ASKED


def test_who_had_declined_and_came_all_the_same_gets_the_seat_back(case: Helper) -> None:
    seat = an_assignment(case.shift, case.helper, AssignmentState.CANCELLED)
    seat.cancel_cause = CancelCause.BY_PERSON
    db.session.commit()
    row = case.approve(case.seen(case.taken_up(case.ask())))
    assert row.assignment_id is None
    assert tend_make_up(row.id, at=on_day(8)) == "posted"
    db.session.commit()
    assert (seat.state, seat.source, seat.cancel_cause) == (
        AssignmentState.ACCEPTED,
        "make_up",
        None,
    )
    assert total_of(case.helper.id).minutes == 60


def test_a_day_is_searched_by_place_and_unit_and_the_own_unit_comes_first(case: Helper) -> None:
    other = case.another_shift(unit=case.city.other_unit)
    db.session.commit()
    assert [line.shift.id for line in helped_shifts(case.me, MONDAY)] == [
        other.id,
        case.shift.id,
    ]
    only = helped_shifts(case.me, MONDAY, q=case.city.unit.name)
    assert [line.shift.id for line in only] == [case.shift.id]
    assert helped_shifts(case.me, MONDAY, q="没有这个点位") == []
