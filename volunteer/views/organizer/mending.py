"""Ways to mend a published week (补位方案): refill only beside the best with a few people moved."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from volunteer.domain.access import Act
from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import now, week_of
from volunteer.operations.planning import require_scope
from volunteer.operations.rosters.mending import draft_of_way
from volunteer.queries.planning import PlanScope
from volunteer.queries.planning.asking import scopes_to_choose
from volunteer.queries.rosters.mending import MOST_MOVES, ways_to_mend
from volunteer.views.organizer.week import asked_week
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("mending", __name__)

MOVES = (1, 3, 5, 10, MOST_MOVES)


def _moves(asked: str) -> int:
    return min(MOST_MOVES, int(asked)) if asked.isdecimal() and len(asked) < 5 else 5


def _scope(key: str) -> PlanScope:
    try:
        return PlanScope.of_key(key)
    except ValueError as error:
        raise Refused("bad_scope", _("请选择一周和一个范围。"), status=422) from error


@blueprint.get("/rosters/mend")
@allows(Act.MANAGE_ROSTERS)
def ways() -> str:
    actor, week_on = current_actor(), asked_week()
    scopes = scopes_to_choose(actor, Act.MANAGE_ROSTERS)
    key, moves = request.args.get("scope", ""), _moves(request.args.get("moves", ""))
    found = None
    if key:
        require_scope(actor, Act.MANAGE_ROSTERS, _scope(key))
        found = ways_to_mend(week_on, _scope(key), moves=moves, at=now())
    return render_template(
        "organizer/rosters/mend.html",
        week_on=week_on,
        scopes=scopes,
        key=key,
        moves=moves,
        choices=MOVES,
        found=found,
    )


@blueprint.post("/rosters/mend")
@allows(Act.MANAGE_ROSTERS)
@commits
def take() -> Response:
    asked = request.form
    try:
        week_on = week_of(date.fromisoformat(asked.get("week", "")))
    except (ValueError, OverflowError) as error:
        raise Refused("bad_scope", _("请选择一周和一个范围。"), status=422) from error
    draft = draft_of_way(
        current_actor(),
        week_on=week_on,
        scope=_scope(asked.get("scope", "")),
        moves=_moves(asked.get("moves", "")),
        kind=asked.get("kind", ""),
        at=now(),
    )
    flash(_("已生成草案，核对后再发布；现在还没有通知任何人。"), "success")
    return redirect(url_for("drafts.show", draft_id=draft.id))
