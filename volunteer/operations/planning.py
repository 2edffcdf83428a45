"""Planning (自动排班): ask for a run, carry it out in two short transactions, stop it.

``gather`` and ``keep_draft`` are the two transactions; ``solve`` between them holds none. Each is safe
to repeat: a run whose worker died is gathered anew, a run that has ended is left alone.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, insert, select, update

from volunteer.domain.access import Act, Actor, require, scope_of
from volunteer.domain.lifecycle import advance
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import DraftState, JobState, RunState
from volunteer.domain.timekeeping import beijing, week_of
from volunteer.domain.words import N_
from volunteer.models.activities import Shift
from volunteer.models.base import db
from volunteer.models.journal import Job
from volunteer.models.places import District
from volunteer.models.rosters import DraftRoster, DraftSeat, SchedulingRun
from volunteer.operations import journal
from volunteer.queries.planning import (
    PlanScope,
    holding_published,
    number_of,
    plannable,
    problem_of,
    scope_name,
)
from volunteer.queries.runs import (
    LIVE,
    base_of,
    packed_plan,
    packed_problem,
    run_underway,
    scope_of_run,
)
from volunteer.scheduling.explain import explained
from volunteer.scheduling.plan import Limits, Progress
from volunteer.scheduling.plan import plan as front_door
from volunteer.scheduling.problem import Plan, Problem

SHORTEST_SECONDS, LONGEST_SECONDS = 5, 1800
MOST_POINTS = 300
"""Points of the curve that are kept; beyond, every second of the older half is dropped."""

Point = list[float | int | str | None]
"""Seconds, stage, best coverage cost, proven bound, people cost."""


def require_scope(actor: Actor, act: Act, scope: PlanScope) -> None:
    """Pass if the actor may do this to the whole scope.

    Raises
    ------
    Refused
        ``not_allowed`` (403), ``not_yours`` (404).
    """
    if scope != PlanScope():
        require(actor, act, unit_id=scope.unit_id, district_id=scope.district_id)
        return
    require(actor, act)
    if not scope_of(actor, act).everything:
        raise Refused("not_yours", N_("没有找到您要的内容。"), N_("请从列表重新进入。"), status=404)


def ask_for_run(
    actor: Actor,
    *,
    week_on: date,
    scope: PlanScope,
    seconds: int,
    seed: int = 1,
    keeps_published: bool = False,
    at: datetime,
) -> SchedulingRun:
    """Ask for a plan of the week (its Monday) and scope; a job carries it out.

    ``keeps_published`` holds everybody where they were told to come and only refills gaps.

    Raises
    ------
    Refused
        ``not_allowed``, ``not_yours``; ``not_a_week``, ``seconds`` (a wrong value), ``past_week``,
        ``nothing_to_plan`` (no shift is ahead) and ``run_underway`` (one over the same shifts is
        queued or running).
    """
    require_scope(actor, Act.PLAN, scope)
    count = _askable(week_on, scope, seconds, at)
    _require_alone(week_on, scope)
    run = SchedulingRun(
        week_on=week_on,
        unit_id=scope.unit_id,
        district_id=scope.district_id,
        seconds_limit=seconds,
        seed=seed,
        keeps_published=keeps_published,
        asked_by_id=actor.account_id or 0,
        asked_at=at,
        duty_count=count,
    )
    db.session.add(run)
    db.session.flush()
    run.job_id = journal.enqueue("solve_run", {"run_id": run.id}, at=at).id
    journal.note(
        actor,
        "ask_for_run",
        run,
        f"要求自动排班：{week_on.isoformat()} 起一周，{scope_name(scope)}，{count} 个班次，限时 {seconds} 秒",
        at=at,
        unit_id=scope.unit_id,
        after={"seconds": seconds, "seed": seed, "refill": keeps_published, "shifts": count},
    )
    return run


def _require_alone(week_on: date, scope: PlanScope) -> None:
    """Pass if no run over the same shifts is queued or running."""
    # one mutex for all who ask, so that two cannot both find nothing under way (SQLite: BEGIN IMMEDIATE)
    db.session.execute(select(District.id).order_by(District.id).with_for_update()).all()
    other = run_underway(week_on, scope)
    if other is not None:
        raise Refused(
            "run_underway",
            N_("%(scope)s这一周的排班正在计算。"),
            N_("请等它完成，或先停止它再重新排班。"),
            values={"scope": scope_name(scope_of_run(other))},
        )


def _askable(week_on: date, scope: PlanScope, seconds: int, at: datetime) -> int:
    """Return how many shifts there are to plan; refuse what cannot be asked."""
    if week_on != week_of(week_on):
        raise Refused("not_a_week", N_("请选择一周的周一。"), field="week", status=422)
    if not SHORTEST_SECONDS <= seconds <= LONGEST_SECONDS:
        raise Refused(
            "seconds",
            N_("计算时间须在 %(low)s 至 %(high)s 秒之间。"),
            field="seconds",
            status=422,
            values={"low": SHORTEST_SECONDS, "high": LONGEST_SECONDS},
        )
    if beijing(week_on, 7 * 1440) <= at:
        raise Refused("past_week", N_("这一周已经结束，不能再排班。"), N_("请选择本周或以后的周。"))
    count = db.session.scalar(plannable(select(func.count(Shift.id)), week_on, scope, at))
    if not count:
        raise Refused(
            "nothing_to_plan",
            N_("这一周在所选范围内没有待排的班次。"),
            N_("请先在活动中创建班次并发布活动，或换一周、换一个范围。"),
        )
    return int(count)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a worker takes along into the long solve."""

    problem: Problem
    seconds: int
    seed: int


def gather(run_id: int, *, at: datetime) -> Gathered | None:
    """Start the run: read its problem and keep it for replay. None if there is nothing to do (any more).

    A run found running is one whose worker died; it is gathered anew, with the rows as they are now.
    """
    run = db.session.get(SchedulingRun, run_id, with_for_update=True)
    if run is None or run.state not in LIVE:
        return None
    if run.state is RunState.QUEUED:
        run.state = advance(run.state, RunState.RUNNING)
    problem = problem_of(run.week_on, scope_of_run(run), at=at)
    if run.keeps_published:
        problem = holding_published(problem)
    run.started_at = at
    run.problem_gz = packed_problem(problem)
    run.people_count, run.duty_count = len(problem.people), len(problem.duties)
    run.curve = []
    return Gathered(problem, run.seconds_limit, run.seed)


def solve(
    gathered: Gathered,
    *,
    workers: int,
    progress: Callable[[Progress], None],
    cancelled: Callable[[], bool],
) -> Plan:
    """Find the best plan within the limits. Long: call it outside any transaction."""
    limits = Limits(seconds=gathered.seconds, seed=gathered.seed, workers=workers)
    made = front_door(gathered.problem, limits=limits, progress=progress, cancelled=cancelled)
    return made if made.status == "refused" else explained(gathered.problem, made, remedies=20)


def keep_progress(run_id: int, points: list[Point]) -> bool:
    """Add points to the run's curve; return whether somebody wishes it to stop."""
    run = db.session.get(SchedulingRun, run_id, populate_existing=True)
    if run is None or run.state is not RunState.RUNNING:
        return True
    if points:
        curve = [*run.curve, *points]
        if len(curve) > MOST_POINTS:
            half = len(curve) // 2
            curve = curve[:half:2] + curve[half:]
        run.curve = curve
    return run.is_cancel_wished


def keep_draft(
    run_id: int, problem: Problem, plan: Plan, *, points: list[Point], at: datetime
) -> DraftRoster | None:
    """End the run: keep the plan and make the draft of it. None if the run has ended already.

    A refused plan (pins that break a hard rule) leaves no draft; the run tells which pins.
    """
    run = db.session.get(SchedulingRun, run_id, populate_existing=True, with_for_update=True)
    if run is None or run.state is not RunState.RUNNING:
        return None
    run.plan_gz = packed_plan(plan)
    run.finished_at = at
    run.curve = [*run.curve, *points]
    if plan.status == "refused":
        run.state = advance(run.state, RunState.FAILED)
        run.error = "锁定的安排互相冲突或违反硬性规则，请解除下列锁定后重新排班。"
        _tell_asker(run, "排班没有完成", run.error, at=at)
        return None
    run.state = advance(
        run.state, RunState.CANCELLED if run.is_cancel_wished else RunState.FINISHED
    )
    draft, count = _draft(run, problem, plan, at)
    missing = _missing(problem, plan)
    words = f"{count} 人次，" + (f"还缺 {missing} 人次" if missing else "没有缺口")
    journal.note(
        None,
        "keep_draft",
        draft,
        f"自动排班得出草案：{words}",
        at=at,
        unit_id=run.unit_id,
        after={"seats": count, "missing": missing, "status": plan.status},
    )
    _tell_asker(run, "排班草案已生成", f"{words}。请核对后发布。", at=at)
    return draft


def _draft(
    run: SchedulingRun, problem: Problem, plan: Plan, at: datetime
) -> tuple[DraftRoster, int]:
    draft = DraftRoster(
        run_id=run.id,
        week_on=run.week_on,
        unit_id=run.unit_id,
        district_id=run.district_id,
        state=DraftState.OPEN,
        created_at=at,
        base=base_of([number_of(duty.id) for duty in problem.duties]),
    )
    db.session.add(draft)
    db.session.flush()
    told = set(problem.published)
    seats = [
        {
            "draft_id": draft.id,
            "shift_id": number_of(duty),
            "volunteer_id": number_of(person),
            "source": "kept" if (person, duty) in told else "solver",
            "forced_reason": "",
        }
        for person, duty in plan.assignments
    ]
    if seats:
        db.session.execute(insert(DraftSeat), seats)
    return draft, len(seats)


def _missing(problem: Problem, plan: Plan) -> int:
    heads = Counter(duty for _, duty in plan.assignments)
    return sum(max(0, duty.min - heads[duty.id]) for duty in problem.duties)


def fail_run(run_id: int, sentence: str, *, at: datetime) -> None:
    """Write down that the run could not be carried out; a run that has ended is left alone."""
    run = db.session.get(SchedulingRun, run_id, populate_existing=True, with_for_update=True)
    if run is None or run.state not in LIVE:
        return
    run.state = advance(run.state, RunState.FAILED)
    run.finished_at = at
    run.error = sentence[:400]
    journal.note(None, "fail_run", run, f"自动排班未能完成：{sentence}", at=at, unit_id=run.unit_id)
    _tell_asker(run, "排班没有完成", sentence, at=at)


def _tell_asker(run: SchedulingRun, title: str, body: str, *, at: datetime) -> None:
    if run.asked_by_id:
        journal.tell(
            topic="planning",
            title=title,
            body=body,
            at=at,
            account_id=run.asked_by_id,
            link=f"/planning/runs/{run.id}",
            dedupe=f"run:{run.id}:{run.state.value}",
        )


def stop_run(actor: Actor, run_id: int, *, at: datetime) -> SchedulingRun:
    """Stop a run. One that waits ends at once; one at work keeps the best plan it has so far.

    Raises
    ------
    Refused
        ``not_found`` (404), ``not_allowed``, ``not_yours``, ``run_over`` when it has ended.
    """
    run = db.session.get(SchedulingRun, run_id, populate_existing=True, with_for_update=True)
    if run is None:
        raise Refused("not_found", N_("没有找到这个排班任务。"), status=404)
    require_scope(actor, Act.PLAN, scope_of_run(run))
    if run.state not in LIVE:
        raise Refused("run_over", N_("这个排班任务已经结束。"), N_("请刷新页面查看结果。"))
    if run.state is RunState.QUEUED:
        run.state = advance(run.state, RunState.CANCELLED)
        run.finished_at = at
        db.session.execute(
            update(Job)
            .where(Job.id == run.job_id, Job.state == JobState.QUEUED)
            .values(state=JobState.CANCELLED, finished_at=at)
        )
    run.is_cancel_wished = True
    journal.note(actor, "stop_run", run, "停止自动排班", at=at, unit_id=run.unit_id)
    return run


SILENT = timedelta(minutes=2)


def tend_runs(*, at: datetime) -> int:
    """Close the runs whose job was given up, so that nobody waits for them. Returns how many."""
    lost = db.session.scalars(
        select(SchedulingRun.id)
        .join(Job, Job.id == SchedulingRun.job_id)
        .where(
            SchedulingRun.state.in_(LIVE),
            Job.state.in_([JobState.FAILED, JobState.CANCELLED, JobState.DONE]),
            Job.finished_at < at - SILENT,
        )
    ).all()
    for run_id in lost:
        fail_run(run_id, "计算多次中断，已停止。请重新排班；如再次发生，请联系管理员。", at=at)
    return len(lost)
