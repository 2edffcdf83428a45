"""Weeks that were lived (历史): solved, published, answered, served, settled and now and then corrected.

Rosters, settling and corrections go through the product's own operations; only the stamps of the past are
written as they would have been, since nobody stood there.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from volunteer.demo.behaviour import Habits
from volunteer.domain.access import SYSTEM, Actor
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import (
    AssignmentState,
    CancelCause,
    JobState,
    PointKind,
    ShiftState,
)
from volunteer.domain.timekeeping import beijing
from volunteer.models.activities import Activity, Shift
from volunteer.models.attendance import AttendanceNote, CheckIn
from volunteer.models.base import db, unit_of_work
from volunteer.models.journal import Job, Message
from volunteer.models.ledger import ServiceRecord
from volunteer.models.places import CheckPoint
from volunteer.models.rosters import Assignment, DraftRoster, SchedulingRun
from volunteer.operations.ledger import correct_record, settle_shift
from volunteer.operations.planning import ask_for_run, gather, keep_draft
from volunteer.operations.rosters import publish_roster
from volunteer.operations.shifts import cancel_shifts
from volunteer.queries.planning import PlanScope
from volunteer.queries.runs import packed_problem
from volunteer.scheduling.plan import Limits, Progress, plan
from volunteer.scheduling.problem import Problem

TURN_SHARE = 0.3
DECLINES = ("单位临时有会", "身体不舒服", "家里老人住院", "孩子生病", "已外出办事")


@dataclass(frozen=True, slots=True)
class Clock:
    """The week told and the instant until which it was lived."""

    monday: date
    until: datetime


def roster_week(
    actor: Actor, monday: date, *, at: datetime, seconds: int, seed: int
) -> DraftRoster:
    """Ask for a run over the city's week, solve it and keep the draft, as the offices would.

    With ``seconds`` 0 the first sound plan is taken, which is the same on every machine. In a lived week
    only those whose turn it was could be asked (``TURN_SHARE`` of the people); the run keeps that problem.
    """
    with unit_of_work():
        run = ask_for_run(
            actor, week_on=monday, scope=PlanScope(), seconds=max(5, seconds), seed=seed, at=at
        )
        run_id, job_id = run.id, run.job_id
        db.session.execute(
            update(Job)
            .where(Job.id == job_id)
            .values(state=JobState.DONE, attempts=1, finished_at=at)
        )
    with unit_of_work():
        gathered = gather(run_id, at=at)
        assert gathered is not None, "the run was asked for a moment ago"
        problem = gathered.problem if seconds else _turn(gathered.problem, f"turn {seed} {monday}")
        kept = db.session.get(SchedulingRun, run_id)
        assert kept is not None
        kept.problem_gz, kept.people_count = packed_problem(problem), len(problem.people)
    points: list[Any] = []

    def note_point(event: Progress) -> None:
        points.append(
            [
                round(event.seconds, 2),
                event.stage,
                event.coverage,
                event.bound_coverage,
                event.people,
            ]
        )

    made = plan(problem, limits=Limits(seconds=seconds, seed=seed, workers=1), progress=note_point)
    with unit_of_work():
        draft = keep_draft(run_id, problem, made, points=points[-40:], at=at)
    assert draft is not None, "nobody else works on this run"
    return draft


def _turn(problem: Problem, seed: str) -> Problem:
    rng = random.Random(seed)
    people = tuple(person for person in problem.people if rng.random() < TURN_SHARE)
    here = {person.id for person in people}
    return replace(
        problem,
        people=people,
        apart=tuple(pair for pair in problem.apart if here.issuperset(pair)),
        bans=tuple(pair for pair in problem.bans if pair[0] in here),
        pins=tuple(pair for pair in problem.pins if pair[0] in here),
        published=tuple(pair for pair in problem.published if pair[0] in here),
    )


def publish_week(actor: Actor, draft: DraftRoster, *, at: datetime) -> None:
    """Publish a draft; the messages of the past count as sent and read."""
    with unit_of_work():
        publish_roster(actor, draft.id, version=draft.version, at=at)


def _shifts(first: date, last: date, states: Iterable[ShiftState]) -> list[Shift]:
    return list(
        db.session.scalars(
            select(Shift)
            .where(Shift.service_on.between(first, last), Shift.state.in_(list(states)))
            .order_by(Shift.starts_at, Shift.id)
        )
    )


def answer(clock: Clock, rng: random.Random, *, quiet_share: float) -> None:
    """People accept, a few decline, some have not answered yet (``quiet_share`` of what lies ahead)."""
    shifts = {
        s.id: s
        for s in _shifts(clock.monday, clock.monday + timedelta(days=6), [ShiftState.PUBLISHED])
    }
    seats = db.session.scalars(
        select(Assignment)
        .where(Assignment.shift_id.in_(shifts), Assignment.state == AssignmentState.PROPOSED)
        .order_by(Assignment.id)
    )
    with unit_of_work():
        for seat in list(seats):
            seat = db.session.merge(seat)
            shift = shifts[seat.shift_id]
            ahead = shift.starts_at > clock.until
            if ahead and rng.random() < quiet_share:
                continue
            answered = min(clock.until, seat.told_at + timedelta(minutes=rng.randint(4, 40 * 60)))
            seat.answered_at = min(answered, shift.starts_at - timedelta(minutes=20))
            declines = rng.random() < 0.025
            seat.state = AssignmentState.DECLINED if declines else AssignmentState.ACCEPTED
            seat.answer_reason = rng.choice(DECLINES) if declines else ""
            seat.version += 1


def rain_off(day: date, *, at: datetime) -> int:
    """Call a day's outdoor shifts off for rain, an hour before the first; returns how many."""
    indoor = select(CheckPoint.id).where(
        CheckPoint.kind.in_([PointKind.CARE_HOME, PointKind.NET_CAFE])
    )
    inside = set(db.session.scalars(indoor))
    outdoor = [s.id for s in _shifts(day, day, [ShiftState.PUBLISHED]) if s.point_id not in inside]
    with unit_of_work():
        done = cancel_shifts(
            SYSTEM,
            outdoor,
            cause=CancelCause.WEATHER,
            reason="暴雨黄色预警，户外班次全部取消",
            at=at,
        )
    return done.shifts


def attend(clock: Clock, first: date, last: date, habits: Habits) -> int:
    """Write the stamps of the days as people made them, up to the instant told; returns how many."""
    shifts = [
        s
        for s in _shifts(first, last, [ShiftState.PUBLISHED])
        if s.starts_at - timedelta(minutes=10) < clock.until
    ]
    by_shift: dict[int, list[Assignment]] = {}
    seats = select(Assignment).where(
        Assignment.shift_id.in_([s.id for s in shifts]),
        Assignment.state == AssignmentState.ACCEPTED,
    )
    for seat in db.session.scalars(seats.order_by(Assignment.id)):
        by_shift.setdefault(seat.shift_id, []).append(seat)
    stamps: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    for shift in shifts:
        made, said = habits.of_shift(shift, by_shift.get(shift.id, []), clock.until)
        stamps += made
        notes += said
    with unit_of_work():
        if stamps:
            db.session.execute(insert(CheckIn), stamps)
        if notes:
            db.session.execute(insert(AttendanceNote), notes)
    return len(stamps)


def settle(until: datetime, first: date, last: date) -> int:
    """Settle every shift of the days that was over for two hours; returns how many."""
    done = 0
    for shift in _shifts(first, last, [ShiftState.PUBLISHED]):
        at = shift.ends_at + timedelta(hours=2)
        if at > until:
            continue
        with unit_of_work():
            settle_shift(SYSTEM, shift_id=shift.id, at=at)
        done += 1
    return done


def correct_some(actor: Actor, first: date, last: date, rng: random.Random, *, count: int) -> int:
    """Correct a few records whose times were wrong, each two days after the service."""
    found = db.session.execute(
        select(ServiceRecord.id, Shift.starts_at, Shift.ends_at)
        .join(Shift, Shift.id == ServiceRecord.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .where(ServiceRecord.service_on.between(first, last), ServiceRecord.is_auto_closed)
        .order_by(ServiceRecord.id)
    ).all()
    done = 0
    for record_id, starts_at, ends_at in rng.sample(found, min(count, len(found))):
        try:
            with unit_of_work():
                correct_record(
                    actor,
                    record_id=record_id,
                    came_at=starts_at,
                    went_at=ends_at - timedelta(minutes=rng.choice((5, 10, 15))),
                    reason="带队核对现场照片，实际离岗时间早于计划结束",
                    at=ends_at + timedelta(days=2),
                )
        except Refused:
            continue
        done += 1
    return done


def quiet_messages(before: datetime) -> None:
    """What was told in the past has been sent and read."""
    with unit_of_work():
        db.session.execute(
            update(Message)
            .where(Message.created_at < before)
            .values(state="sent", sent_at=Message.created_at, read_at=Message.created_at)
        )


def day_start(on: date, hour: int, minute: int = 0) -> datetime:
    """An instant of a Beijing day."""
    return beijing(on, hour * 60 + minute)
