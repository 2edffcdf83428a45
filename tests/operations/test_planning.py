"""Asking for a run, carrying it out, stopping it."""

from datetime import date, timedelta
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
    a_unit,
    a_volunteer,
    an_activity,
    an_assignment,
    available,
)
from volunteer.domain.access import Actor
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import (
    AssignmentState,
    AvailabilityLevel,
    JobState,
    PinVerdict,
    RunState,
)
from volunteer.models.activities import Shift
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry, Job, Message
from volunteer.models.people import Account, AvailabilityException
from volunteer.models.rosters import DraftRoster, DraftSeat, Pin, SchedulingRun
from volunteer.operations.planning import (
    ask_for_run,
    fail_run,
    gather,
    keep_draft,
    keep_progress,
    solve,
    stop_run,
    tend_runs,
)
from volunteer.queries.accounts import actor_of
from volunteer.queries.planning import PlanScope
from volunteer.queries.runs import plan_in, problem_in, run_for, runs_page, standing_of
from volunteer.scheduling.problem import Plan
from volunteer.scheduling.verify import Judge

BEFORE = NOW - timedelta(days=3)


def actor(account: Account) -> Actor:
    return actor_of(account, at=NOW)


@pytest.fixture
def city(app: Flask) -> City:
    city = a_city()
    activity = an_activity(city.unit)
    for day in range(3):
        a_shift(activity, city.point, on=MONDAY + timedelta(days=day), is_open=False)
    for _ in range(3):
        available(a_volunteer(city.unit))
    db.session.commit()
    return city


def ask(account: Account, scope: PlanScope, **given: Any) -> SchedulingRun:
    values: dict[str, Any] = {"week_on": MONDAY, "seconds": 5, "at": BEFORE}
    return ask_for_run(actor(account), scope=scope, **{**values, **given})


def carry_out(run: SchedulingRun, *, cancel: bool = False) -> DraftRoster | None:
    gathered = gather(run.id, at=BEFORE)
    assert gathered is not None
    made = solve(gathered, workers=1, progress=lambda p: None, cancelled=lambda: cancel)
    return keep_draft(run.id, gathered.problem, made, points=[], at=BEFORE)


def test_a_run_is_asked_for_with_a_job_and_an_audit_line(city: City) -> None:
    run = ask(city.organizer, PlanScope(unit_id=city.unit.id))
    job = db.session.get_one(Job, run.job_id)
    assert (run.state, run.duty_count) == (RunState.QUEUED, 3)
    assert (job.task, job.arguments) == ("solve_run", {"run_id": run.id})
    line = db.session.scalars(select(AuditEntry)).one()
    assert (line.act, line.unit_id) == ("ask_for_run", city.unit.id)


@pytest.mark.parametrize(
    ("who", "scope", "code"),
    [
        ("organizer", "city", "not_yours"),
        ("organizer", "district", "not_yours"),
        ("organizer", "other_unit", "not_yours"),
        ("district_admin", "city", "not_yours"),
        ("auditor", "unit", "not_allowed"),
        ("volunteer_account", "unit", "not_allowed"),
    ],
)
def test_who_may_not_ask(city: City, who: str, scope: str, code: str) -> None:
    scopes = {
        "city": PlanScope(),
        "district": PlanScope(district_id=city.district.id),
        "unit": PlanScope(unit_id=city.unit.id),
        "other_unit": PlanScope(unit_id=city.other_unit.id),
    }
    with pytest.raises(Refused) as caught:
        ask(getattr(city, who), scopes[scope])
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"week_on": MONDAY + timedelta(days=1)}, "not_a_week"),
        ({"seconds": 4}, "seconds"),
        ({"seconds": 1801}, "seconds"),
        ({"week_on": MONDAY - timedelta(days=14)}, "past_week"),
        ({"week_on": MONDAY + timedelta(days=7)}, "nothing_to_plan"),
        ({"at": NOW + timedelta(days=3)}, "nothing_to_plan"),
    ],
)
def test_what_may_not_be_asked(city: City, given: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as caught:
        ask(city.city_admin, PlanScope(), **given)
    assert caught.value.code == code


def test_a_second_run_over_the_same_shifts_is_refused(city: City) -> None:
    ask(city.organizer, PlanScope(unit_id=city.unit.id))
    for scope in (
        PlanScope(unit_id=city.unit.id),
        PlanScope(district_id=city.district.id),
        PlanScope(),
    ):
        with pytest.raises(Refused) as caught:
            ask(city.city_admin, scope)
        assert caught.value.code == "run_underway"
    a_shift(an_activity(city.other_unit))
    assert ask(city.other_organizer, PlanScope(unit_id=city.other_unit.id)).id


def test_a_run_leaves_a_draft_with_its_problem_and_plan(city: City) -> None:
    shift = a_shift(an_activity(city.unit), city.point, on=MONDAY + timedelta(days=4))
    seat = an_assignment(shift, city.volunteer)
    run = ask(city.organizer, PlanScope(unit_id=city.unit.id))
    draft = carry_out(run)
    assert draft is not None
    assert run.state is RunState.FINISHED
    problem, plan = problem_in(run), plan_in(run)
    assert problem is not None
    assert plan is not None
    assert Judge(problem).violations(plan.assignments) == []
    seats = db.session.scalars(select(DraftSeat).where(DraftSeat.draft_id == draft.id)).all()
    assert len(seats) == len(plan.assignments) >= 8
    kept = [(s.shift_id, s.volunteer_id) for s in seats if s.source == "kept"]
    assert kept == [(shift.id, city.volunteer.id)]
    assert draft.base == [[shift.id, city.volunteer.id, AssignmentState.ACCEPTED.value]]
    assert seat.state is AssignmentState.ACCEPTED, "a draft changes nothing that was published"
    told = db.session.scalars(select(Message)).one()
    assert (told.account_id, told.topic) == (city.organizer.id, "planning")


def test_keeping_a_draft_twice_keeps_one(city: City) -> None:
    run = ask(city.organizer, PlanScope(unit_id=city.unit.id))
    gathered = gather(run.id, at=BEFORE)
    assert gathered is not None
    again = gather(run.id, at=BEFORE)
    assert again is not None, "the first worker died in between; another takes the run up"
    made = solve(again, workers=1, progress=lambda p: None, cancelled=lambda: False)
    assert keep_draft(run.id, again.problem, made, points=[], at=BEFORE) is not None
    assert keep_draft(run.id, gathered.problem, made, points=[], at=BEFORE) is None
    assert gather(run.id, at=BEFORE) is None
    assert db.session.scalar(select(func.count()).select_from(DraftRoster)) == 1


def test_pins_that_break_a_rule_end_the_run_with_their_names(city: City) -> None:
    shift = db.session.scalars(select(Shift).order_by(Shift.id)).first()
    assert shift is not None
    db.session.add(
        AvailabilityException(
            volunteer_id=city.volunteer.id,
            on_date=MONDAY,
            level=AvailabilityLevel.CANNOT,
        )
    )
    db.session.add(
        Pin(
            shift_id=shift.id,
            volunteer_id=city.volunteer.id,
            verdict=PinVerdict.MUST,
            by_id=1,
            at=NOW,
        )
    )
    run = ask(city.organizer, PlanScope(unit_id=city.unit.id))
    assert carry_out(run) is None
    assert run.state is RunState.FAILED
    plan = plan_in(run)
    assert isinstance(plan, Plan)
    assert plan.why[0].rule == "availability"
    assert db.session.scalar(select(func.count()).select_from(DraftRoster)) == 0


def test_a_waiting_run_stops_at_once(city: City) -> None:
    run = ask(city.organizer, PlanScope(unit_id=city.unit.id))
    stop_run(actor(city.organizer), run.id, at=NOW)
    assert run.state is RunState.CANCELLED
    assert db.session.get_one(Job, run.job_id).state is JobState.CANCELLED
    with pytest.raises(Refused) as caught:
        stop_run(actor(city.organizer), run.id, at=NOW)
    assert caught.value.code == "run_over"
    assert gather(run.id, at=BEFORE) is None


def test_a_stopped_run_keeps_the_best_so_far(city: City) -> None:
    run = ask(city.organizer, PlanScope(unit_id=city.unit.id))
    gathered = gather(run.id, at=BEFORE)
    assert gathered is not None
    assert not keep_progress(run.id, [[0.1, "greedy", 100, 0, 5]])
    stop_run(actor(city.organizer), run.id, at=NOW)
    assert keep_progress(run.id, [[0.6, "coverage", 90, 20, 5]]), "the wish to stop is heard"
    made = solve(gathered, workers=1, progress=lambda p: None, cancelled=lambda: True)
    draft = keep_draft(run.id, gathered.problem, made, points=[], at=BEFORE)
    assert draft is not None
    assert run.state is RunState.CANCELLED
    assert [point[2] for point in run.curve] == [100, 90]


def test_strangers_may_not_stop_or_see_it(city: City) -> None:
    run = ask(city.organizer, PlanScope(unit_id=city.unit.id))
    with pytest.raises(Refused) as caught:
        stop_run(actor(city.other_organizer), run.id, at=NOW)
    assert caught.value.status == 404
    with pytest.raises(Refused) as caught:
        run_for(actor(city.other_organizer), run.id)
    assert caught.value.code == "not_found"
    assert runs_page(actor(city.other_organizer)) == ([], 0)
    for account in (city.organizer, city.district_admin, city.city_admin, city.auditor):
        rows, total = runs_page(actor(account))
        assert total == 1
        assert (rows[0].id, rows[0].scope) == (run.id, city.unit.name)


def test_the_curve_is_bounded(city: City) -> None:
    run = ask(city.organizer, PlanScope(unit_id=city.unit.id))
    assert gather(run.id, at=BEFORE)
    for step in range(700):
        keep_progress(run.id, [[step / 2, "people", 10, 10, 1000 - step]])
    assert len(run.curve) <= 300
    assert run.curve[-1][0] == 349.5
    assert run.curve == sorted(run.curve)


def test_burdens_count_from_when_the_gaps_stood(city: City) -> None:
    run = ask(city.organizer, PlanScope(unit_id=city.unit.id))
    assert gather(run.id, at=BEFORE)
    keep_progress(run.id, [[0.1, "greedy", 160, 64, 900]])
    assert standing_of(run, at=NOW).burdens == []
    keep_progress(run.id, [[1.0, "people", 64, 64, 800], [2.0, "people", 64, 64, 200]])
    standing = standing_of(run, at=NOW)
    assert standing.burdens == [(1.0, 100.0), (2.0, 25.0)]
    assert not standing.is_settled_from_start
    run.curve = run.curve[1:]
    assert standing_of(run, at=NOW).is_settled_from_start


def test_runs_whose_job_was_given_up_are_closed(city: City) -> None:
    run = ask(city.organizer, PlanScope(unit_id=city.unit.id))
    assert gather(run.id, at=BEFORE)
    job = db.session.get_one(Job, run.job_id)
    assert tend_runs(at=NOW) == 0
    job.state, job.finished_at = JobState.FAILED, NOW
    db.session.flush()
    assert tend_runs(at=NOW + timedelta(minutes=5)) == 1
    assert run.state is RunState.FAILED
    fail_run(run.id, "again", at=NOW)
    assert "多次中断" in run.error


def test_a_unit_below_is_planned_with_it(city: City) -> None:
    inner = a_unit(parent_id=city.unit.id)
    a_shift(an_activity(inner), city.point, on=date(2026, 11, 28))
    run = ask(city.organizer, PlanScope(unit_id=city.unit.id))
    assert run.duty_count == 4


def test_a_run_that_only_refills_moves_nobody(city: City) -> None:
    first, second = db.session.scalars(select(Shift).order_by(Shift.id).limit(2))
    told = [a_volunteer(city.unit) for _ in range(4)]
    for who in told:
        available(who)
        an_assignment(first, who)
    ill = a_volunteer(city.unit)
    an_assignment(second, ill)
    db.session.add(
        AvailabilityException(
            volunteer_id=ill.id,
            on_date=second.service_on,
            level=AvailabilityLevel.CANNOT,
        )
    )
    run = ask(city.organizer, PlanScope(unit_id=city.unit.id), keeps_published=True)
    draft = carry_out(run)
    assert draft is not None
    rows = db.session.scalars(select(DraftSeat).where(DraftSeat.draft_id == draft.id))
    seats = {(seat.shift_id, seat.volunteer_id) for seat in rows}
    assert {(first.id, who.id) for who in told} <= seats
    assert (second.id, ill.id) not in seats, "who cannot come is not held"
