"""Scheduling runs (排班任务): which there are, how one stands, and what it found."""

import gzip
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from volunteer.domain.access import Act, Actor
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import DraftState, RunState
from volunteer.domain.words import N_
from volunteer.models.base import db
from volunteer.models.people import Account, Unit
from volunteer.models.places import District
from volunteer.models.rosters import Assignment, DraftRoster, SchedulingRun
from volunteer.queries.planning import PlanScope
from volunteer.queries.planning.scope import share_shifts
from volunteer.queries.planning.seats import LIVE as LIVE_SEATS
from volunteer.queries.scope import visible
from volunteer.scheduling.problem import Plan, Problem
from volunteer.scheduling.wire import (
    plan_from_json,
    plan_to_json,
    problem_from_json,
    problem_to_json,
)

LIVE = (RunState.QUEUED, RunState.RUNNING)


def packed_problem(problem: Problem) -> bytes:
    """Return the problem in the exchange format, gzip: what a run keeps for replay."""
    return gzip.compress(problem_to_json(problem).encode(), 6, mtime=0)


def packed_plan(plan: Plan) -> bytes:
    """Return the plan in the exchange format, gzip."""
    return gzip.compress(plan_to_json(plan).encode(), 6, mtime=0)


def problem_in(run: SchedulingRun) -> Problem | None:
    """Return the problem that the run solved, None before it was gathered."""
    return None if run.problem_gz is None else problem_from_json(gzip.decompress(run.problem_gz))


def plan_in(run: SchedulingRun) -> Plan | None:
    """Return the plan that the run found, None before."""
    return None if run.plan_gz is None else plan_from_json(gzip.decompress(run.plan_gz))


def scope_of_run(run: SchedulingRun | DraftRoster) -> PlanScope:
    """Return the scope of a run or of a draft."""
    return PlanScope(unit_id=run.unit_id, district_id=run.district_id)


def run_for(actor: Actor, run_id: int) -> SchedulingRun:
    """Return the run if the actor may see it.

    Raises
    ------
    Refused
        ``not_found`` (404).
    """
    run = db.session.scalar(
        visible(
            select(SchedulingRun).where(SchedulingRun.id == run_id),
            actor,
            Act.VIEW_PLANNING,
            unit=SchedulingRun.unit_id,
            district=SchedulingRun.district_id,
        )
    )
    if run is None:
        raise Refused(
            "not_found", N_("没有找到这个排班任务。"), N_("请从排班任务列表重新进入。"), status=404
        )
    return run


@dataclass(frozen=True, slots=True)
class RunRow:
    """One line of the list of runs."""

    id: int
    week_on: date
    scope: str
    state: RunState
    asked_by: str
    asked_at: Any
    people_count: int
    duty_count: int
    draft_id: int | None
    draft_state: DraftState | None


PER_PAGE = 25


def runs_page(actor: Actor, *, page: int = 1) -> tuple[list[RunRow], int]:
    """Return a page of the runs that the actor may see, newest first, and how many there are."""
    seen = visible(
        select(SchedulingRun.id),
        actor,
        Act.VIEW_PLANNING,
        unit=SchedulingRun.unit_id,
        district=SchedulingRun.district_id,
    )
    total = db.session.scalar(select(func.count()).select_from(seen.subquery())) or 0
    rows = db.session.execute(
        select(
            SchedulingRun.id,
            SchedulingRun.week_on,
            Unit.name.label("unit"),
            District.name.label("district"),
            SchedulingRun.state,
            Account.name.label("asked_by"),
            SchedulingRun.asked_at,
            SchedulingRun.people_count,
            SchedulingRun.duty_count,
            DraftRoster.id.label("draft_id"),
            DraftRoster.state.label("draft_state"),
        )
        .outerjoin(Unit, Unit.id == SchedulingRun.unit_id)
        .outerjoin(District, District.id == SchedulingRun.district_id)
        .outerjoin(Account, Account.id == SchedulingRun.asked_by_id)
        .outerjoin(DraftRoster, DraftRoster.run_id == SchedulingRun.id)
        .where(SchedulingRun.id.in_(seen))
        .order_by(SchedulingRun.id.desc())
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    )
    return [
        RunRow(
            id=row.id,
            week_on=row.week_on,
            scope=row.unit or row.district or "全市",
            state=row.state,
            asked_by=row.asked_by or "系统",
            asked_at=row.asked_at,
            people_count=row.people_count,
            duty_count=row.duty_count,
            draft_id=row.draft_id,
            draft_state=row.draft_state,
        )
        for row in rows
    ], total


def run_underway(week_on: date, scope: PlanScope) -> SchedulingRun | None:
    """Return a queued or running run of the week whose scope shares shifts with this one."""
    for run in db.session.scalars(
        select(SchedulingRun)
        .where(SchedulingRun.week_on == week_on, SchedulingRun.state.in_(LIVE))
        .order_by(SchedulingRun.id)
    ):
        if share_shifts(week_on, scope_of_run(run), scope):
            return run
    return None


def draft_of_run(run_id: int) -> DraftRoster | None:
    """Return the draft that the run left behind."""
    return db.session.scalar(select(DraftRoster).where(DraftRoster.run_id == run_id))


def base_of(shift_ids: list[int]) -> list[list[object]]:
    """Return the live seats on the shifts as [shift, volunteer, state], as a draft keeps them."""
    rows = db.session.execute(
        select(Assignment.shift_id, Assignment.volunteer_id, Assignment.state)
        .where(Assignment.shift_id.in_(shift_ids), Assignment.state.in_(LIVE_SEATS))
        .order_by(Assignment.shift_id, Assignment.volunteer_id)
    )
    return [[shift, volunteer, state.value] for shift, volunteer, state in rows]


STAGES = {
    "read": N_("正在读取班次和人员"),
    "greedy": N_("已排出一个可用的方案，正在改进"),
    "bound": N_("正在计算最少会缺多少人"),
    "coverage": N_("正在减少缺口"),
    "people": N_("缺口已尽量减少，正在让大家的负担更均衡"),
    "done": N_("计算完成"),
}
HEAD = 64
"""Coverage cost of one head missing on an ordinary shift: the unit in which gaps are told to people."""


@dataclass(frozen=True, slots=True)
class RunStanding:
    """How a run stands, for the page that watches it. Gaps are in heads of an ordinary shift."""

    stage: str
    is_live: bool
    is_stopping: bool
    seconds: float
    limit: int
    best: float | None
    bound: float | None
    gap: float | None
    people_cost: int | None
    curve: list[tuple[float, float, float | None]]
    burdens: list[tuple[float, float]]

    @property
    def is_settled_from_start(self) -> bool:
        """Whether the first plan already had the fewest gaps, so that only burdens are left to watch."""
        return len({(best, bound) for _at, best, bound in self.curve}) == 1


def _burdens(points: list[list[Any]]) -> list[tuple[float, float]]:
    """How unevenly people are burdened since the gaps are what they are now; the first counts as 100."""
    settled = [(float(p[0]), p[4]) for p in points if p[2] == points[-1][2] and p[4] is not None]
    if len(settled) < 2 or not settled[0][1]:
        return []
    return [(at, round(cost / settled[0][1] * 100, 1)) for at, cost in settled]


def standing_of(run: SchedulingRun, *, at: datetime) -> RunStanding:
    """Return how the run stands at this moment."""
    curve = [
        (float(seconds), round(cost / HEAD, 2), None if bound is None else round(bound / HEAD, 2))
        for seconds, _stage, cost, bound, _people in run.curve
    ]
    last = run.curve[-1] if run.curve else None
    is_live = run.state in LIVE
    seconds = curve[-1][0] if curve else 0.0
    if is_live and run.started_at is not None:
        seconds = max(seconds, (at - run.started_at).total_seconds())
    gap = None
    if last is not None and last[3] is not None:
        gap = 0.0 if last[2] == last[3] else (last[2] - last[3]) / max(1, last[2])
    return RunStanding(
        stage=_stage_words(run, last),
        is_live=is_live,
        is_stopping=is_live and run.is_cancel_wished,
        seconds=seconds,
        limit=run.seconds_limit,
        best=curve[-1][1] if curve else None,
        bound=curve[-1][2] if curve else None,
        gap=gap,
        people_cost=last[4] if last is not None else None,
        curve=curve,
        burdens=_burdens(run.curve),
    )


def _stage_words(run: SchedulingRun, last: list[Any] | None) -> str:
    if run.state is RunState.QUEUED:
        return N_("正在排队，马上开始")
    if run.state is RunState.RUNNING:
        return STAGES.get(last[1], N_("正在改进方案")) if last else STAGES["read"]
    return {
        RunState.FINISHED: STAGES["done"],
        RunState.CANCELLED: N_("已停止，保留了停止时最好的方案"),
        RunState.FAILED: N_("没有得出方案"),
    }[run.state]
