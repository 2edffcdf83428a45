"""Automatic planning at the desk (自动排班): ask for a run, watch it, stop it, take its problem away."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as WerkzeugResponse
from wtforms import IntegerField, RadioField, SelectField
from wtforms.validators import NumberRange

from volunteer.domain.access import Act, holds
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import RunState
from volunteer.domain.timekeeping import local_date, now, week_of
from volunteer.operations.planning import ask_for_run, require_scope, stop_run
from volunteer.queries.planning import PlanScope
from volunteer.queries.planning.asking import outlook, scopes_to_choose, weeks_to_choose
from volunteer.queries.planning.scope import scope_name
from volunteer.queries.rosters.explained import failure_words, short_lines
from volunteer.queries.runs import (
    PER_PAGE,
    draft_of_run,
    run_for,
    runs_page,
    scope_of_run,
    standing_of,
)
from volunteer.web.files import attachment
from volunteer.web.filters import week as week_words
from volunteer.web.forms import REQUIRED, BaseForm, choices
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("planning", __name__)

SPEEDS = (
    (20, _l("快：20 秒，先看大概")),
    (60, _l("好：1 分钟")),
    (300, _l("更好：5 分钟，人多时用")),
)


class AskForm(BaseForm):
    week = SelectField(_l("哪一周"), validators=[REQUIRED])
    scope = SelectField(_l("排哪些班次"), validators=[REQUIRED])
    seconds = RadioField(_l("算多久"), coerce=int, default=60, choices=choices(SPEEDS))
    mode = RadioField(
        _l("已发布的座位"),
        default="free",
        choices=choices((("free", _l("可以调整，求总体最好")), ("hold", _l("都不动，只补缺口")))),
    )
    seed = IntegerField(
        _l("方案编号"),
        default=1,
        validators=[NumberRange(0, 9999, message=_l("请填 0 至 9999。"))],
        description=_l("同样的条件和编号会得到同样的方案；换一个编号可另得一个方案。"),
    )

    def fill(self, today: date) -> "AskForm":
        """Fill in what can be chosen."""
        self.week.choices = choices((w.isoformat(), week_words(w)) for w in weeks_to_choose(today))
        self.scope.choices = choices(scopes_to_choose(current_actor()))
        return self


def _scope(key: str) -> PlanScope:
    try:
        return PlanScope.of_key(key)
    except ValueError as error:
        raise Refused("not_found", _("没有这个范围。"), status=404) from error


def page_number() -> int:
    """The page of a list asked for in the address."""
    return max(1, request.args.get("page", 1, type=int))


@blueprint.get("/planning")
@allows(Act.VIEW_PLANNING)
def runs() -> str:
    rows, total = runs_page(current_actor(), page=page_number())
    return render_template(
        "organizer/planning/runs.html",
        rows=rows,
        total=total,
        page=page_number(),
        pages=-(-total // PER_PAGE),
        may_plan=holds(current_actor(), Act.PLAN),
    )


@blueprint.get("/planning/new")
@allows(Act.PLAN)
def ask() -> str:
    today = local_date(now())
    chosen = {
        "week": request.args.get("week") or _next_week(today),
        "scope": request.args.get("scope"),
        "mode": request.args.get("mode"),
    }
    form = AskForm(formdata=None, data={k: v for k, v in chosen.items() if v}).fill(today)
    return _ask_page(form)


def _next_week(today: date) -> str:
    return (week_of(today) + timedelta(days=7)).isoformat()


def _ask_page(form: AskForm) -> str:
    first = next(iter(form.scope.choices or []), None)
    scope = str(form.scope.data or (first.value if first is not None else ""))
    found = None
    if scope:
        require_scope(current_actor(), Act.PLAN, _scope(scope))
        found = outlook(date.fromisoformat(str(form.week.data)), _scope(scope), at=now())
    return render_template("organizer/planning/ask.html", form=form, outlook=found)


@blueprint.post("/planning/new")
@allows(Act.PLAN)
@commits
def start() -> ResponseReturnValue:
    form = AskForm().fill(local_date(now()))
    if form.validate_on_submit():
        try:
            run = ask_for_run(
                current_actor(),
                week_on=date.fromisoformat(form.week.data),
                scope=_scope(form.scope.data),
                seconds=form.seconds.data,
                seed=form.seed.data,
                keeps_published=form.mode.data == "hold",
                at=now(),
            )
            return redirect(url_for("planning.show_run", run_id=run.id))
        except Refused as refused:
            form.absorb(refused)
    if form.week.errors or form.scope.errors:
        return render_template("organizer/planning/ask.html", form=form, outlook=None), 422
    return _ask_page(form), 422


@blueprint.get("/planning/runs/<int:run_id>")
@allows(Act.VIEW_PLANNING)
def show_run(run_id: int) -> str:
    return render_template("organizer/planning/run.html", **_run_context(run_id))


@blueprint.get("/planning/runs/<int:run_id>/progress")
@allows(Act.VIEW_PLANNING)
def progress(run_id: int) -> ResponseReturnValue:
    context = _run_context(run_id)
    answer = render_template("organizer/planning/progress.html", **context)
    # a run that has ended shows its draft: the whole page is new
    headers = {} if context["standing"].is_live else {"HX-Refresh": "true"}
    return answer, 200, headers


def _run_context(run_id: int) -> dict[str, Any]:
    run = run_for(current_actor(), run_id)
    ended = run.state not in (RunState.QUEUED, RunState.RUNNING)
    draft = draft_of_run(run.id) if ended else None
    short = short_lines(run) if ended else []
    return {
        "run": run,
        "standing": standing_of(run, at=now()),
        "scope": scope_name(scope_of_run(run)),
        "draft": draft,
        "short": short,
        "missing": sum(line.missing for line in short),
        "failures": failure_words(run) if run.state is RunState.FAILED else [],
        "may_plan": holds(current_actor(), Act.PLAN),
        "may_take": run.problem_gz is not None and holds(current_actor(), Act.MANAGE_UNITS),
    }


@blueprint.post("/planning/runs/<int:run_id>/stop")
@allows(Act.PLAN)
@commits
def stop(run_id: int) -> WerkzeugResponse:
    run_for(current_actor(), run_id)
    stop_run(current_actor(), run_id, at=now())
    flash(_("正在停止，保留目前最好的方案。"), "success")
    return redirect(url_for("planning.show_run", run_id=run_id))


@blueprint.get("/planning/runs/<int:run_id>/problem.json.gz")
@allows(Act.MANAGE_UNITS)
def problem_file(run_id: int) -> ResponseReturnValue:
    run = run_for(current_actor(), run_id)
    if run.problem_gz is None:
        raise Refused("not_found", _("这个任务还没有读取数据。"), status=404)
    return attachment(run.problem_gz, f"run-{run.id}.problem.json.gz", "application/gzip")
