"""The bridge from rows to a scheduling problem: every rule of the translation."""

import itertools
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from tests.builders import (
    MONDAY,
    NOW,
    a_community,
    a_district,
    a_kind,
    a_point,
    a_shift,
    a_skill,
    a_tie,
    a_unit,
    a_volunteer,
    an_activity,
    an_assignment,
    available,
)
from tests.counting import count_queries
from volunteer.domain.terms import (
    ActivityState,
    AssignmentState,
    AvailabilityLevel,
    CancelCause,
    ConsentPurpose,
    EntryKind,
    Grade,
    Nature,
    PinVerdict,
    ShiftState,
    Source,
    VolunteerState,
)
from volunteer.models import campaigns, people, rosters
from volunteer.models.activities import JointUnit, ShiftQuota, ShiftSkill, Wish
from volunteer.models.base import db
from volunteer.models.ledger import LedgerEntry, ServiceRecord
from volunteer.queries.planning import PlanScope, people_in_reach, problem_of
from volunteer.scheduling.plan import Limits, plan
from volunteer.scheduling.problem import Duty, Person, Problem
from volunteer.scheduling.verify import Judge
from volunteer.scheduling.wire import problem_from_json, problem_to_json

BEFORE = NOW - timedelta(days=3)
CITY = PlanScope()
DAY = 1440


def keep(row: Any) -> Any:
    db.session.add(row)
    db.session.flush()
    return row


def read(scope: PlanScope = CITY, *, at: datetime = BEFORE, **extra: Any) -> Problem:
    problem = problem_of(MONDAY, scope, at=at, **extra)
    assert problem_from_json(problem_to_json(problem)) == problem, "fits the exchange format"
    return problem


def test_who_is_in_reach_is_who_is_in_the_problem(app: Flask) -> None:
    here, there = a_unit(), a_unit()
    a_shift(an_activity(here))
    adults = [a_volunteer(here), a_volunteer(there), a_volunteer(here)]
    minor = a_volunteer(here, birth_year=2012)
    a_volunteer(here, state=VolunteerState.LEFT)
    for scope in (CITY, PlanScope(unit_id=here.id)):
        found = people_in_reach(MONDAY, scope, at=BEFORE)
        assert {f"v{v}": f"u{u}" for v, u in found.items()} == {
            p.id: p.unit for p in read(scope).people
        }
        assert minor.id not in found
    assert set(people_in_reach(MONDAY, CITY, at=BEFORE)) == {one.id for one in adults}


def person(problem: Problem, volunteer: people.Volunteer) -> Person:
    return next(p for p in problem.people if p.id == f"v{volunteer.id}")


def ids(problem: Problem) -> set[str]:
    return {p.id for p in problem.people}


def duty(problem: Problem, shift: Any) -> Duty:
    return next(d for d in problem.duties if d.id == f"s{shift.id}")


def shuts(problem: Problem, volunteer: people.Volunteer, shift: Any) -> list[str]:
    return Judge(problem).shut_out(person(problem, volunteer), duty(problem, shift))


def test_a_shift_becomes_a_duty(app: Flask) -> None:
    shift = a_shift(on=MONDAY + timedelta(days=2), start="17:30", end="18:30", priority=2)
    found = duty(read(), shift)
    assert (found.start, found.end) == (2 * DAY + 1050, 2 * DAY + 1110)
    assert (found.min, found.target, found.max, found.priority) == (2, 3, 4, 2)
    assert (found.min_age, found.max_age, found.open, found.reach) == (18, 65, True, 4000)
    assert found.site == f"p{shift.point_id}"


@pytest.mark.parametrize("state", [ShiftState.CANCELLED, ShiftState.SETTLED])
def test_settled_and_cancelled_shifts_are_left_out(app: Flask, state: ShiftState) -> None:
    a_shift(state=state)
    planned = a_shift(state=ShiftState.PLANNED)
    assert [d.id for d in read().duties] == [f"s{planned.id}"]


def test_shifts_of_unpublished_activities_other_weeks_and_the_past_are_left_out(app: Flask) -> None:
    a_shift(an_activity(state=ActivityState.DRAFT))
    a_shift(on=MONDAY - timedelta(days=1))
    a_shift(on=MONDAY + timedelta(days=7))
    begun = a_shift(start="07:30", end="08:30")
    ahead = a_shift(on=MONDAY + timedelta(days=6))
    assert [d.id for d in read(at=begun.starts_at).duties] == [f"s{ahead.id}"]


def test_a_key_point_is_critical_on_the_days_of_its_inspection_only(app: Flask) -> None:
    point = a_point()
    campaign = keep(campaigns.Campaign(name="创文", starts_on=MONDAY, ends_on=MONDAY))
    inspection = keep(
        campaigns.Inspection(
            campaign_id=campaign.id,
            name="国检",
            starts_on=MONDAY + timedelta(days=1),
            ends_on=MONDAY + timedelta(days=2),
        )
    )
    keep(campaigns.KeyPoint(inspection_id=inspection.id, point_id=point.id))
    shifts = [a_shift(point=point, on=MONDAY + timedelta(days=d)) for d in range(4)]
    elsewhere = a_shift(on=MONDAY + timedelta(days=1))
    problem = read()
    assert [duty(problem, s).priority for s in (*shifts, elsewhere)] == [3, 1, 1, 3, 3]


def test_paused_people_and_those_without_consent_are_left_out(app: Flask) -> None:
    a_shift()
    active = a_volunteer()
    for state in set(VolunteerState) - {VolunteerState.ACTIVE}:
        a_volunteer(state=state)
    withdrawn, renewed = a_volunteer(), a_volunteer()
    for who, ends in ((withdrawn, [NOW]), (renewed, [NOW, None])):
        for end in ends:
            keep(
                people.Consent(
                    volunteer_id=who.id,
                    purpose=ConsentPurpose.ACCOUNT,
                    text_version="1",
                    given_at=NOW,
                    withdrawn_at=end,
                )
            )
    keep(
        people.Consent(
            volunteer_id=active.id,
            purpose=ConsentPurpose.LOCATION,
            text_version="1",
            given_at=NOW,
            withdrawn_at=NOW,
        )
    )
    assert ids(read()) == {f"v{active.id}", f"v{renewed.id}"}


def test_ages_are_those_reached_in_the_year(app: Flask) -> None:
    a_shift()
    elder, unsaid = a_volunteer(birth_year=1960), a_volunteer(birth_year=None)
    assert person(read(), elder).age == 66
    assert person(read(), unsaid).age == 30


def test_minors_need_a_guardian_and_an_activity_that_takes_them(app: Flask) -> None:
    closed = a_shift(min_age=14)
    welcoming = a_shift(an_activity(allows_minors=True), min_age=14)
    a_volunteer(birth_year=2011)
    minor = a_volunteer(birth_year=2011, has_guardian_consent=True)
    problem = read()
    assert ids(problem) == {f"v{minor.id}"}
    assert "age" in shuts(problem, minor, closed)
    assert "age" not in shuts(problem, minor, welcoming)


def test_weekly_windows_exceptions_and_cannot(app: Flask) -> None:
    a_shift()
    who = a_volunteer()
    available(who, 0, 1, 2, start="07:00", end="09:00")
    available(who, 0, start="09:00", end="10:00")
    weekly = people.Availability(
        volunteer_id=who.id,
        weekday=0,
        start_minute=450,
        end_minute=480,
        level=AvailabilityLevel.CANNOT,
    )
    keep(weekly)
    for day, start, end, level in (
        (1, 0, 1440, AvailabilityLevel.CANNOT),
        (2, 1200, 1260, AvailabilityLevel.CAN),
        (3, 480, 500, AvailabilityLevel.CANNOT),
    ):
        keep(
            people.AvailabilityException(
                volunteer_id=who.id,
                on_date=MONDAY + timedelta(days=day),
                start_minute=start,
                end_minute=end,
                level=level,
            )
        )
    windows = person(read(), who).available
    assert windows == (
        (420, 450),
        (480, 600),  # two windows that touch are one
        (2 * DAY + 1200, 2 * DAY + 1260),  # this date had its own windows
        (7 * DAY + 420, 7 * DAY + 450),
        (7 * DAY + 480, 7 * DAY + 600),
    )


def test_a_pause_takes_its_days_away_and_an_ended_one_does_not(app: Flask) -> None:
    a_shift()
    who = a_volunteer()
    available(who, start="07:00", end="09:00")
    keep(
        people.AvailabilityException(
            volunteer_id=who.id,
            on_date=MONDAY + timedelta(days=1),
            start_minute=600,
            end_minute=700,
            level=AvailabilityLevel.CAN,
        )
    )
    for since, until, ended in ((-3, 1, None), (6, None, None), (2, 9, NOW)):
        keep(
            people.Pause(
                volunteer_id=who.id,
                since_on=MONDAY + timedelta(days=since),
                until_on=None if until is None else MONDAY + timedelta(days=until),
                reason="公出",
                made_at=NOW,
                ended_at=ended,
            )
        )
    days = sorted({start // DAY for start, _ in person(read(), who).available})
    assert days == [2, 3, 4, 5]


def test_who_said_nothing_is_asked_by_day(app: Flask) -> None:
    a_shift()
    who = a_volunteer()
    windows = person(read(), who).available
    assert windows[0] == (420, 1260)
    assert len(windows) == 8


def test_rather_not_is_available_but_disliked_at_that_time_alone(app: Flask) -> None:
    kind = a_kind()
    activity = an_activity(kind_id=kind.id)
    early = a_shift(activity, start="07:30", end="08:30")
    late = a_shift(activity, start="17:30", end="18:30")
    shy, keen, other = a_volunteer(), a_volunteer(), a_volunteer()
    for who in (shy, keen, other):
        available(who)
    keep(
        people.AvailabilityException(
            volunteer_id=shy.id,
            on_date=MONDAY,
            start_minute=0,
            end_minute=720,
            level=AvailabilityLevel.RATHER_NOT,
        )
    )
    keep(
        people.AvailabilityException(
            volunteer_id=shy.id,
            on_date=MONDAY,
            start_minute=720,
            end_minute=1200,
            level=AvailabilityLevel.CAN,
        )
    )
    keep(Wish(volunteer_id=keen.id, kind_id=kind.id, cost=0))
    problem = read()
    assert shuts(problem, shy, early) == []
    wishes = {
        (who.id, shift.id): person(problem, who).wishes.get(duty(problem, shift).activity, 1)
        for who, shift in itertools.product((shy, keen, other), (early, late))
    }
    assert wishes == {
        (shy.id, early.id): 3,
        (shy.id, late.id): 1,
        (keen.id, early.id): 0,
        (keen.id, late.id): 0,
        (other.id, early.id): 1,
        (other.id, late.id): 1,
    }


def test_skills_count_on_the_day_of_the_shift(app: Flask) -> None:
    skill = a_skill("first_aid", "急救")
    unit = a_unit()
    monday = a_shift(required_skills=["first_aid"])
    thursday = a_shift(on=MONDAY + timedelta(days=3), required_skills=["first_aid"])
    keep(ShiftSkill(shift_id=thursday.id, skill_id=skill.id, count=2))
    gone, expiring, lasting = (a_volunteer(unit) for _ in range(3))
    for who, expires in (
        (gone, MONDAY - timedelta(days=1)),
        (expiring, MONDAY + timedelta(days=2)),
        (lasting, None),
    ):
        keep(
            people.Qualification(
                volunteer_id=who.id, skill_id=skill.id, expires_on=expires, confirmed_at=NOW
            )
        )
    problem = read()
    lacks = {
        (who.id, shift.id): "qualification" in shuts(problem, who, shift)
        for who, shift in itertools.product((gone, expiring, lasting), (monday, thursday))
    }
    assert lacks == {
        (gone.id, monday.id): True,
        (gone.id, thursday.id): True,
        (expiring.id, monday.id): False,
        (expiring.id, thursday.id): True,
        (lasting.id, monday.id): False,
        (lasting.id, thursday.id): False,
    }
    ((asked, count),) = duty(problem, thursday).at_least
    assert count == 2
    assert asked in person(problem, lasting).skills
    assert asked not in person(problem, expiring).skills


def test_organizer_joint_contract_tie_and_quota_units_are_tied_on_their_days(app: Flask) -> None:
    community = a_community()
    point = a_point(community_id=community.id)
    roles = [a_unit() for _ in range(7)]
    own, joint, contract, tie, quota, ended, stranger = roles
    child = a_unit(parent_id=own.id)
    crew = {unit.id: a_volunteer(unit) for unit in (*roles, child)}
    activity = an_activity(own)
    shift = a_shift(activity, point, is_open=False)
    keep(JointUnit(activity_id=activity.id, unit_id=joint.id))
    keep(people.PointContract(unit_id=contract.id, point_id=point.id, since_on=MONDAY))
    keep(
        people.PointContract(
            unit_id=ended.id,
            point_id=point.id,
            since_on=MONDAY - timedelta(days=9),
            until_on=MONDAY - timedelta(days=1),
        )
    )
    a_tie(tie, community)
    keep(ShiftQuota(shift_id=shift.id, unit_id=quota.id, count=1))
    problem = read()
    reached = {u for u, who in crew.items() if "reach" not in shuts(problem, who, shift)}
    assert reached == {own.id, joint.id, contract.id, tie.id, quota.id, child.id}
    assert duty(problem, shift).quotas == ((f"u{quota.id}", 1),)


def test_places_are_metres_from_the_middle_of_the_city(app: Flask) -> None:
    a_district()  # in the middle
    shift = a_shift(point=a_point(a_district(), lat=27.233 + 0.01, lon=111.468))
    nowhere = a_shift(point=a_point(a_district(), lat=None, lon=None))
    who = a_volunteer(home_lat=27.233, home_lon=111.468)
    homeless = a_volunteer()
    problem = read()
    sites = {site.id: (site.x, site.y) for site in problem.sites}
    x, y = sites[f"p{shift.point_id}"]
    assert abs(x) <= 1
    assert abs(y - 1112) <= 1
    assert sites[f"p{nowhere.point_id}"] == (0, 0)
    assert person(problem, who).home == (0, 0)
    assert person(problem, homeless).home is None


def test_units_have_a_fair_share_by_size(app: Flask) -> None:
    big, small = a_unit(), a_unit()
    for unit in (big, big, big, small):
        a_volunteer(unit)
    a_shift(target_heads=4, max_heads=4)
    shares = {unit.id: unit.fair_minutes for unit in read().units}
    assert (shares[f"u{big.id}"], shares[f"u{small.id}"]) == (180, 60)
    some = read(only=[a_volunteer(small).id])
    assert {u.id: u.fair_minutes for u in some.units}[f"u{big.id}"] == 144, "all people are counted"


def test_served_minutes_are_those_of_the_ledger_in_ninety_days(app: Flask) -> None:
    shift = a_shift()
    who = a_volunteer()
    past = a_shift(on=MONDAY - timedelta(days=20), state=ShiftState.SETTLED)
    seat = an_assignment(past, who)
    for seq, (days, minutes) in enumerate(((20, 60), (20, -15), (91, 500), (0, 700)), start=1):
        entry_of(seat, seq, MONDAY - timedelta(days=days), minutes)
    assert person(read(), who).served_minutes == 45
    assert shift.id


def entry_of(seat: rosters.Assignment, seq: int, on: date, minutes: int) -> None:
    shift = db.session.get_one(type(a_shift()), seat.shift_id)
    activity = db.session.get_one(type(an_activity()), shift.activity_id)
    record = keep(
        ServiceRecord(
            assignment_id=seat.id,
            version=seq,
            volunteer_id=seat.volunteer_id,
            unit_id=seat.unit_id,
            recording_unit_id=activity.unit_id,
            activity_id=activity.id,
            shift_id=shift.id,
            kind_id=activity.kind_id,
            district_id=a_district().id,
            nature=Nature.VOLUNTEER,
            service_on=on,
            place="路口",
            content="劝导",
            person_in_charge="李主任",
            attended_minutes=60,
            served_minutes=60,
            credited_minutes=60,
            grade=Grade.A,
            source=Source.QR,
            rule_version="1",
            arithmetic=[],
            settled_at=NOW,
        )
    )
    keep(
        LedgerEntry(
            seq=seq,
            kind=EntryKind.CREDIT,
            record_id=record.id,
            volunteer_id=seat.volunteer_id,
            unit_id=seat.unit_id,
            district_id=record.district_id,
            kind_id=activity.kind_id,
            nature=Nature.VOLUNTEER,
            service_on=on,
            minutes=minutes,
            source=Source.QR,
            grade=Grade.A,
            posted_at=NOW,
            previous_seal=bytes(32),
            seal=bytes(32),
        )
    )


def test_live_seats_are_published_and_refusals_are_bans(app: Flask) -> None:
    shift = a_shift()
    who = {}
    for state in AssignmentState:
        who[state] = a_volunteer()
        an_assignment(shift, who[state], state)
    on_leave, replaced = a_volunteer(), a_volunteer()
    an_assignment(shift, on_leave, AssignmentState.CANCELLED, cancel_cause=CancelCause.BY_PERSON)
    an_assignment(shift, replaced, AssignmentState.CANCELLED, cancel_cause=CancelCause.REPLACED)
    problem = read()
    assert {v for v, _ in problem.published} == {
        f"v{who[AssignmentState.PROPOSED].id}",
        f"v{who[AssignmentState.ACCEPTED].id}",
    }
    assert {v for v, _ in problem.bans} == {
        f"v{who[AssignmentState.DECLINED].id}",
        f"v{on_leave.id}",
    }


def test_a_shift_once_accepted_counts_as_free_time_unless_the_person_cannot(app: Flask) -> None:
    shift = a_shift()
    said, ill = a_volunteer(), a_volunteer()
    for who in (said, ill):
        available(who, 4)
        an_assignment(shift, who)
    keep(
        people.AvailabilityException(
            volunteer_id=ill.id, on_date=MONDAY, level=AvailabilityLevel.CANNOT
        )
    )
    problem = read()
    assert shuts(problem, said, shift) == []
    assert shuts(problem, ill, shift) == ["availability"]


def test_pins_bans_and_apart_pairs_come_along(app: Flask) -> None:
    shift = a_shift()
    must, never, refused = a_volunteer(), a_volunteer(), a_volunteer()
    an_assignment(shift, refused, AssignmentState.DECLINED)
    for who, verdict in (
        (must, PinVerdict.MUST),
        (never, PinVerdict.NEVER),
        (refused, PinVerdict.MUST),
    ):
        keep(rosters.Pin(shift_id=shift.id, volunteer_id=who.id, verdict=verdict, by_id=1, at=NOW))
    keep(people.Apart(first_id=must.id, second_id=never.id, unit_id=must.unit_id))
    gone = a_volunteer(state=VolunteerState.PAUSED)
    keep(people.Apart(first_id=must.id, second_id=gone.id, unit_id=must.unit_id))
    problem = read()
    assert problem.pins == ((f"v{must.id}", f"s{shift.id}"),), "a no is stronger than an old pin"
    assert {v for v, _ in problem.bans} == {f"v{never.id}", f"v{refused.id}"}
    assert problem.apart == ((f"v{must.id}", f"v{never.id}"),)


def test_the_unit_scope_holds_its_shifts_and_people(app: Flask) -> None:
    own, other = a_unit(), a_unit()
    child = a_unit(parent_id=own.id)
    mine, inner = a_volunteer(own), a_volunteer(child)
    guest, stranger = a_volunteer(other), a_volunteer(other)
    shifts = [a_shift(an_activity(own)), a_shift(an_activity(child))]
    a_shift(an_activity(other))
    an_assignment(shifts[0], guest)
    problem = read(PlanScope(unit_id=own.id))
    assert {d.id for d in problem.duties} == {f"s{s.id}" for s in shifts}
    assert ids(problem) == {f"v{v.id}" for v in (mine, inner, guest)}, "a seated guest counts"
    assert f"v{stranger.id}" not in ids(problem)


def test_the_district_scope_holds_points_of_the_district(app: Flask) -> None:
    here, there = a_district(), a_district()
    local, city, away = a_unit(district_id=here.id), a_unit(), a_unit(district_id=there.id)
    crew = [a_volunteer(u) for u in (local, city, away)]
    shift = a_shift(an_activity(city), a_point(here))
    a_shift(point=a_point(there))
    problem = read(PlanScope(district_id=here.id))
    assert [d.id for d in problem.duties] == [f"s{shift.id}"]
    assert ids(problem) == {f"v{crew[0].id}", f"v{crew[1].id}"}


def test_seats_outside_the_plan_cut_time_day_and_minutes(app: Flask) -> None:
    own, other = a_unit(), a_unit()
    near, far = a_point(), a_point(lat=27.30)  # about 7 km
    taken = a_shift(an_activity(other), near, start="08:00", end="09:00")
    activity = an_activity(own)
    same_hour = a_shift(activity, near, start="08:30", end="09:30")
    next_here = a_shift(activity, near, start="09:00", end="10:00")
    next_far = a_shift(activity, far, start="09:20", end="10:00")
    later_far = a_shift(activity, far, start="10:30", end="11:00")
    tuesday = a_shift(activity, near, on=MONDAY + timedelta(days=1))
    busy = a_volunteer(own, max_minutes_per_week=300)
    once = a_volunteer(own, max_shifts_per_day=1)
    for who in (busy, once):
        available(who, start="00:00", end="24:00")
        an_assignment(taken, who)
    problem = read(PlanScope(unit_id=own.id))
    assert person(problem, busy).max_minutes == 240
    free = [
        s
        for s in (same_hour, next_here, next_far, later_far, tuesday)
        if shuts(problem, busy, s) == []
    ]
    assert free == [later_far, tuesday], "one window is cut, up to the shift out of reach"
    assert [s for s in (next_here, later_far, tuesday) if shuts(problem, once, s) == []] == [
        tuesday
    ]


def test_a_late_seat_of_the_day_before_leaves_time_to_rest(app: Flask) -> None:
    own = a_unit()
    night = a_shift(
        an_activity(a_unit()), on=MONDAY - timedelta(days=1), start="21:00", end="23:30"
    )
    morning = a_shift(an_activity(own), start="07:30", end="08:30")
    evening = a_shift(an_activity(own), start="17:30", end="18:30")
    who = a_volunteer(own)
    an_assignment(night, who)
    problem = read(PlanScope(unit_id=own.id))
    assert shuts(problem, who, morning) == ["availability"]
    assert shuts(problem, who, evening) == []
    assert person(problem, who).max_minutes == 600, "the minutes belong to the week before"


def test_the_bridge_asks_a_fixed_number_of_statements_and_the_plan_is_sound(app: Flask) -> None:
    unit = a_unit()
    activity, point = an_activity(unit), a_point()
    counts = []
    for size in (10, 60):
        for _ in range(size):
            available(a_volunteer(unit))
        for day, hour in itertools.product(range(5), range(8, 8 + size // 10)):
            a_shift(
                activity,
                point,
                on=MONDAY + timedelta(days=day),
                start=f"{hour:02d}:00",
                end=f"{hour + 1:02d}:00",
                corner=str(size),
            )
        db.session.flush()
        with count_queries() as count:
            problem = read(PlanScope(unit_id=unit.id))
        counts.append(len(count))
        made = plan(problem, limits=Limits(seconds=0))
        assert Judge(problem).violations(made.assignments) == []
        assert made.assignments
    assert counts[0] == counts[1]
    assert counts[0] <= 24
