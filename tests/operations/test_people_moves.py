"""Moving and merging: nothing of the record is rewritten, nothing of the old access remains."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.builders import (
    MONDAY,
    NOW,
    City,
    a_city,
    a_shift,
    a_skill,
    a_unit,
    a_volunteer,
    an_account,
    an_activity,
    an_assignment,
    available,
    sign_in,
)
from tests.records import a_record
from tests.refusals import refused
from volunteer.domain.terms import AssignmentState, Grade, Role, StampKind, VolunteerState, Way
from volunteer.domain.timekeeping import beijing
from volunteer.models.attendance import CheckIn
from volunteer.models.base import db
from volunteer.models.cipher import blind, encrypt
from volunteer.models.people import Account, Availability, Qualification, RoleGrant
from volunteer.operations.ledger import void_record
from volunteer.operations.people.merge import merge_volunteers
from volunteer.operations.people.moves import move_volunteer
from volunteer.operations.people.skills import confirm_skill
from volunteer.queries.accounts import actor_of
from volunteer.queries.people.person import profile_ids


@pytest.fixture
def city(app: Flask) -> City:
    return a_city()


def test_a_person_moves_within_reach_and_the_seats_follow(city: City) -> None:
    below = a_unit("医保分局", parent_id=city.unit.id)
    seat = an_assignment(
        a_shift(an_activity(city.unit), on=MONDAY + timedelta(days=2)), city.volunteer
    )
    organizer = actor_of(city.organizer, at=NOW)
    move_volunteer(organizer, city.volunteer.id, unit_id=below.id, reason="分局成立", at=NOW)
    assert city.volunteer.unit_id == below.id
    assert seat.unit_id == below.id
    assert city.volunteer_account.unit_id == below.id
    with refused("same_unit"):
        move_volunteer(organizer, city.volunteer.id, unit_id=below.id, reason="", at=NOW)
    with refused("beyond_reach"):
        move_volunteer(organizer, city.volunteer.id, unit_id=city.other_unit.id, reason="", at=NOW)
    with refused("no_unit"):
        move_volunteer(organizer, city.volunteer.id, unit_id=99999, reason="", at=NOW)


def test_roles_of_the_old_unit_end_with_the_move(city: City) -> None:
    staff = a_volunteer(city.unit, "组织者本人")
    account = an_account(Role.ORGANIZER, unit=city.unit, volunteer=staff)
    admin = actor_of(city.city_admin, at=NOW)
    move_volunteer(admin, staff.id, unit_id=city.other_unit.id, reason="调动", at=NOW)
    live = db.session.scalars(
        select(RoleGrant).where(RoleGrant.account_id == account.id, RoleGrant.revoked_at.is_(None))
    ).all()
    assert live == []
    assert actor_of(account, at=NOW).roles == {Role.VOLUNTEER}


def test_an_old_session_loses_the_old_unit_at_its_next_request(app: Flask, city: City) -> None:
    staff = a_volunteer(city.unit, "组织者本人")
    account = an_account(Role.ORGANIZER, unit=city.unit, volunteer=staff)
    browser = sign_in(app, account)
    assert browser.get(f"/people/{city.volunteer.id}").status_code == 200
    move_volunteer(
        actor_of(city.city_admin, at=NOW),
        staff.id,
        unit_id=city.other_unit.id,
        reason="调动",
        at=NOW,
    )
    db.session.commit()
    assert browser.get(f"/people/{city.volunteer.id}").status_code == 403


def test_an_organizer_cannot_move_somebody_of_a_higher_role(city: City) -> None:
    chief = a_volunteer(city.unit, "市级管理员")
    an_account(Role.CITY_ADMIN, volunteer=chief)
    below = a_unit("医保分局", parent_id=city.unit.id)
    with refused("outranks_you"):
        move_volunteer(
            actor_of(city.organizer, at=NOW), chief.id, unit_id=below.id, reason="", at=NOW
        )


@pytest.fixture
def twin(city: City):
    """A second profile of the volunteer, with a number, a skill, a week, a login and seats of its own."""
    twin = a_volunteer(city.unit, "王芳", birth_year=None)
    twin.id_cipher, twin.id_index = encrypt("430502198506150011"), blind("id", "430502198506150011")
    available(twin, 0)
    confirm_skill(
        actor_of(city.organizer, at=NOW),
        twin.id,
        skill_id=a_skill("first_aid", "急救").id,
        expires_on=None,
        at=NOW,
    )
    an_account(volunteer=twin)
    db.session.flush()
    return twin


def test_merging_keeps_all_that_both_knew(city: City, twin) -> None:
    activity = an_activity(city.unit)
    morning = a_shift(activity, city.point, on=MONDAY + timedelta(days=3))
    later = a_shift(activity, city.point, on=MONDAY + timedelta(days=4))
    an_assignment(morning, city.volunteer)
    double = an_assignment(morning, twin)
    free = an_assignment(later, twin)
    past = an_assignment(a_shift(activity, city.point, on=MONDAY - timedelta(days=9)), twin)
    kept = merge_volunteers(
        actor_of(city.organizer, at=NOW),
        city.volunteer.id,
        twin.id,
        reason="同一人两次登记",
        at=NOW,
    )
    db.session.flush()
    for row in (double, free, past, twin):
        db.session.refresh(row)
    assert kept.id_index == blind("id", "430502198506150011")
    assert twin.id_index is None
    assert twin.merged_into_id == kept.id
    assert twin.state is VolunteerState.LEFT
    assert double.state is AssignmentState.CANCELLED
    assert (free.volunteer_id, free.state) == (kept.id, AssignmentState.ACCEPTED)
    assert past.volunteer_id == twin.id, "what was stays where it was"
    assert db.session.scalar(select(Qualification.volunteer_id)) == kept.id
    assert db.session.scalar(select(Availability.volunteer_id)) == kept.id
    assert db.session.scalars(
        select(Account.is_disabled).where(Account.volunteer_id == twin.id)
    ).one()
    assert sorted(profile_ids(kept.id)) == sorted([kept.id, twin.id])


def test_a_login_moves_to_a_profile_without_one(city: City, twin) -> None:
    paper = a_volunteer(city.unit, "王芳", phone="19907391234")
    merge_volunteers(
        actor_of(city.organizer, at=NOW), paper.id, twin.id, reason="同一人两次登记", at=NOW
    )
    db.session.flush()
    account = db.session.scalars(select(Account).where(Account.volunteer_id == paper.id)).one()
    assert not account.is_disabled
    assert account.phone_index == paper.phone_index


def test_a_chain_of_merges_leads_to_one_profile(city: City, twin) -> None:
    third = a_volunteer(city.unit, "王芳三")
    organizer = actor_of(city.organizer, at=NOW)
    merge_volunteers(organizer, twin.id, third.id, reason="同一人重复登记", at=NOW)
    merge_volunteers(organizer, city.volunteer.id, twin.id, reason="同一人重复登记", at=NOW)
    db.session.flush()
    assert len(profile_ids(city.volunteer.id)) == 3
    with refused("merged_away"):
        merge_volunteers(organizer, third.id, city.volunteer.id, reason="再来一次", at=NOW)


def test_two_people_are_not_merged(city: City, twin) -> None:
    organizer = actor_of(city.organizer, at=NOW)
    city.volunteer.id_index = blind("id", "430503199001010022")
    city.volunteer.id_cipher = encrypt("430503199001010022")
    with refused("different_people"):
        merge_volunteers(organizer, city.volunteer.id, twin.id, reason="看着像", at=NOW)
    with refused("same_person"):
        merge_volunteers(organizer, twin.id, twin.id, reason="看着像", at=NOW)
    with refused("reason_missing"):
        merge_volunteers(organizer, twin.id, city.volunteer.id, reason=" ", at=NOW)
    with refused("not_yours"):
        merge_volunteers(organizer, twin.id, city.other_volunteer.id, reason="看着像", at=NOW)
    assert db.session.scalar(select(func.count()).select_from(Qualification)) == 1


def _came(seat: Any, at: Any) -> None:
    db.session.add(
        CheckIn(
            assignment_id=seat.id,
            shift_id=seat.shift_id,
            volunteer_id=seat.volunteer_id,
            kind=StampKind.IN,
            at=at,
            received_at=at,
            way=Way.ROLL_CALL,
            grade=Grade.D,
            nonce=f"came-{seat.id}",
        )
    )
    db.session.flush()


def test_hours_at_one_time_are_looked_into_before_merging(city: City, twin) -> None:
    """One person is not in two places: one of the two records is somebody else's, or none's."""
    organizer = actor_of(city.organizer, at=NOW)
    a_record(city.unit, city.volunteer, on=MONDAY - timedelta(days=3), minutes=60)
    double = a_record(city.unit, twin, on=MONDAY - timedelta(days=3), minutes=30)
    with refused("at_one_time") as no:
        merge_volunteers(organizer, city.volunteer.id, twin.id, reason="同一人", at=NOW)
    assert no.value.values["day"] == "11月20日"
    assert twin.merged_into_id is None
    void_record(organizer, record_id=double.id, reason="不是本人", at=NOW)
    merge_volunteers(organizer, city.volunteer.id, twin.id, reason="同一人", at=NOW)
    assert twin.merged_into_id == city.volunteer.id


def test_hours_one_after_the_other_stand_in_nobodys_way(city: City, twin) -> None:
    third = a_volunteer(city.unit, "王芳三")
    organizer = actor_of(city.organizer, at=NOW)
    early = MONDAY - timedelta(days=3)
    a_record(city.unit, city.volunteer, on=early, minutes=60)
    after = beijing(early, 8 * 60 + 30)
    a_record(city.unit, twin, on=early, first_in_at=after, last_out_at=after + timedelta(hours=1))
    merge_volunteers(organizer, city.volunteer.id, twin.id, reason="同一人", at=NOW)
    a_record(city.unit, third, on=early, first_in_at=after, last_out_at=after + timedelta(hours=1))
    with refused("at_one_time"):  # with the hours of the profile that was merged before
        merge_volunteers(organizer, city.volunteer.id, third.id, reason="同一人", at=NOW)


def test_who_is_on_duty_at_one_time_is_not_merged_before_it_is_settled(city: City, twin) -> None:
    shift = a_shift(an_activity(city.unit), city.point, on=MONDAY - timedelta(days=1))
    for person in (city.volunteer, twin):
        seat = an_assignment(shift, person)
        _came(seat, shift.starts_at)
    with refused("at_one_time"):
        merge_volunteers(
            actor_of(city.organizer, at=NOW), city.volunteer.id, twin.id, reason="同一人", at=NOW
        )
