"""A draft at the desk (排班草案): the board to move people on, what publishing would change, load before and after."""

import json
from datetime import date
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import IntegerField

from volunteer.domain.access import Act, may, scope_of
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import DraftState
from volunteer.domain.timekeeping import now
from volunteer.operations.rosters import (
    Moved,
    discard_draft,
    move_seat,
    open_draft,
    place_seat,
    publish_roster,
    remove_seat,
    swap_seats,
    undo_move,
)
from volunteer.queries.planning import PlanScope
from volunteer.queries.planning.scope import scope_name
from volunteer.queries.rosters.board import pins_on, shift_in_reach, volunteer_in_reach
from volunteer.queries.rosters.draft_view import change_list, draft_page, load_of, prices_of
from volunteer.queries.rosters.drafts import (
    draft_for,
    last_move,
    names_of,
    open_drafts,
    scope_of_draft,
)
from volunteer.queries.rosters.judge import judge_everywhere
from volunteer.queries.rosters.repair import candidates_for, why_short
from volunteer.queries.rosters.swapping import partners_of
from volunteer.queries.rosters.table import shift_names, table_of_draft
from volunteer.views.organizer.planning import page_number
from volunteer.views.organizer.week import asked_day, asked_week, days_of
from volunteer.web.forms import BaseForm
from volunteer.web.guard import allows, current_actor
from volunteer.web.words import told
from volunteer.web.work import commits

blueprint = Blueprint("drafts", __name__)

ORDER = ("ok", "nice", "wanted", "hard")
MOST_TARGETS = 60
MOST_DRAFTS = 6


class VersionForm(BaseForm):
    version = IntegerField()


def _context(draft_id: int, **more: Any) -> dict[str, Any]:
    actor = current_actor()
    draft = draft_for(actor, draft_id)
    return {
        "draft": draft,
        "scope": scope_name(scope_of_draft(draft)),
        "may_edit": draft.state is DraftState.OPEN and _may_edit(scope_of_draft(draft)),
        **more,
    }


def _may_edit(scope: PlanScope) -> bool:
    actor = current_actor()
    if scope == PlanScope():
        return scope_of(actor, Act.MANAGE_ROSTERS).everything
    return may(actor, Act.MANAGE_ROSTERS, unit_id=scope.unit_id, district_id=scope.district_id)


def _board(draft_id: int, **more: Any) -> dict[str, Any]:
    context = _context(draft_id)
    draft = context["draft"]
    view = request.args.get("view", "")
    page = draft_page(current_actor(), draft, at=now(), view=view, page=page_number())
    return {
        **context,
        "page": page,
        "view": view,
        "days": days_of(draft.week_on, page.short_days),
        "chosen": asked_day(draft.week_on),
        "undoable": last_move(draft.id) is not None,
        "refusal": None,
        **more,
    }


@blueprint.get("/planning/drafts/<int:draft_id>")
@allows(Act.VIEW_PLANNING)
def show(draft_id: int) -> str:
    return render_template("organizer/drafts/show.html", **_board(draft_id))


@blueprint.get("/planning/drafts")
@allows(Act.VIEW_PLANNING)
def side_by_side() -> str:
    week_on = asked_week()
    drafts = open_drafts(current_actor(), week_on)[:MOST_DRAFTS]
    return render_template(
        "organizer/drafts/side_by_side.html",
        prices=prices_of(current_actor(), drafts, at=now()),
        scopes={draft.id: scope_name(scope_of_draft(draft)) for draft in drafts},
        week_on=week_on,
    )


@blueprint.post("/planning/drafts")
@allows(Act.MANAGE_ROSTERS)
@commits
def begin() -> Response:
    try:
        week_on = date.fromisoformat(request.form.get("week", ""))
        scope = PlanScope.of_key(request.form.get("scope", ""))
    except ValueError as error:
        raise Refused("bad_scope", _("请选择一周和一个范围。"), status=422) from error
    draft = open_draft(current_actor(), week_on=week_on, scope=scope, at=now())
    return redirect(url_for("drafts.show", draft_id=draft.id))


@blueprint.get("/planning/drafts/<int:draft_id>/review")
@allows(Act.MANAGE_ROSTERS)
def review(draft_id: int) -> Response:
    draft = draft_for(current_actor(), draft_id)
    volunteer_id, from_shift = _seat(request.args.get("seat", ""))
    table = table_of_draft(draft, at=now(), also=[volunteer_id])
    found = judge_everywhere(table, volunteer_id, away_from=from_shift or None)
    targets = {
        str(shift): {"level": verdict.level, "words": told(verdict.brief)}
        for shift, verdict in found.items()
    }
    return jsonify({"targets": targets})


def _seat(name: str) -> tuple[int, int]:
    """A seat is named volunteer-shift."""
    volunteer, _dash, shift = name.partition("-")
    if not volunteer.isdecimal() or (shift and not shift.isdecimal()):
        raise Refused("not_found", _("没有找到这个座位。"), status=404)
    return int(volunteer), int(shift or 0)


@blueprint.post("/planning/drafts/<int:draft_id>/move")
@allows(Act.MANAGE_ROSTERS)
@commits
def move(draft_id: int) -> ResponseReturnValue:
    volunteer_id, _shift = _seat(request.form.get("seat", ""))
    from_shift = request.form.get("from", 0, type=int)
    to_shift = request.form.get("to", 0, type=int)
    force = request.form.get("force", "")
    try:
        moved = _moved(draft_id, volunteer_id, from_shift, to_shift, force)
    except Refused as refused:
        if refused.status not in (409, 422):
            raise
        return _refused(draft_id, refused, volunteer_id, from_shift, to_shift)
    return _done(draft_id, moved)


def _moved(draft_id: int, volunteer_id: int, from_shift: int, to_shift: int, force: str) -> Moved:
    actor, at = current_actor(), now()
    if from_shift and to_shift:
        seat = (from_shift, volunteer_id)
        return move_seat(actor, draft_id, seat, to=to_shift, force=force, at=at)
    if to_shift:
        volunteer_in_reach(actor, volunteer_id, to_shift)
        return place_seat(
            actor, draft_id, shift_id=to_shift, volunteer_id=volunteer_id, force=force, at=at
        )
    return remove_seat(actor, draft_id, shift_id=from_shift, volunteer_id=volunteer_id, at=at)


def _is_htmx() -> bool:
    return "HX-Request" in request.headers


def _done(draft_id: int, moved: Moved) -> ResponseReturnValue:
    words = told(moved.words)
    if moved.verdict.said:
        words = _("%(done)s：%(effect)s", done=words, effect=told(moved.verdict.words))
    if not _is_htmx():
        flash(words, "success")
        return redirect(url_for("drafts.show", draft_id=draft_id))
    toast = {"text": words, "undo": {"url": url_for("drafts.undo", draft_id=draft_id)}}
    headers = {"HX-Trigger": json.dumps({"toast": toast})}
    return render_template("organizer/drafts/board.html", **_board(draft_id)), 200, headers


def _refused(
    draft_id: int, refused: Refused, volunteer_id: int, from_shift: int, to_shift: int
) -> ResponseReturnValue:
    named = names_of([volunteer_id])
    asked = {
        "refused": refused,
        "name": named[volunteer_id].name if volunteer_id in named else "",
        "seat": volunteer_id,
        "from": from_shift,
        "to": to_shift,
        "shift": shift_names([to_shift]).get(to_shift, ""),
        "can_force": refused.code == "breaks_rules" and bool(refused.hint),
    }
    template = "organizer/drafts/board.html" if _is_htmx() else "organizer/drafts/show.html"
    return render_template(template, **_board(draft_id, refusal=asked)), 422


@blueprint.post("/planning/drafts/<int:draft_id>/swap")
@allows(Act.MANAGE_ROSTERS)
@commits
def swap(draft_id: int) -> ResponseReturnValue:
    (one, here), (other, there) = (_seat(request.form.get(name, "")) for name in ("one", "other"))
    moved = swap_seats(current_actor(), draft_id, one=(here, one), other=(there, other), at=now())
    return _done(draft_id, moved)


@blueprint.post("/planning/drafts/<int:draft_id>/undo")
@allows(Act.MANAGE_ROSTERS)
@commits
def undo(draft_id: int) -> ResponseReturnValue:
    words = undo_move(current_actor(), draft_id, at=now())
    flash(_("已撤销上一步：%(who)s", who=words), "success")
    if _is_htmx():
        return "", 204, {"HX-Refresh": "true"}
    return redirect(url_for("drafts.show", draft_id=draft_id))


@blueprint.post("/planning/drafts/<int:draft_id>/discard")
@allows(Act.MANAGE_ROSTERS)
@commits
def discard(draft_id: int) -> Response:
    draft = discard_draft(current_actor(), draft_id, at=now())
    flash(_("草案已弃用，已发布的排班不变。"), "success")
    return redirect(url_for("rosters.board", week=draft.week_on))


@blueprint.get("/planning/drafts/<int:draft_id>/publish")
@allows(Act.VIEW_PLANNING)
def confirm(draft_id: int) -> str:
    context = _context(draft_id)
    changes = change_list(context["draft"], at=now())
    return render_template("organizer/drafts/publish.html", changes=changes, **context)


@blueprint.post("/planning/drafts/<int:draft_id>/publish")
@allows(Act.MANAGE_ROSTERS)
@commits
def publish(draft_id: int) -> Response:
    form = VersionForm()
    version = form.version.data if form.validate_on_submit() else 0
    done = publish_roster(current_actor(), draft_id, version=version or 0, at=now())
    flash(_("排班已发布，通知了 %(n)s 人。", n=done.told), "success")
    draft = draft_for(current_actor(), draft_id)
    return redirect(url_for("rosters.board", week=draft.week_on))


@blueprint.get("/planning/drafts/<int:draft_id>/load")
@allows(Act.VIEW_PLANNING)
def load(draft_id: int) -> str:
    context = _context(draft_id)
    found = load_of(context["draft"], at=now())
    return render_template("organizer/drafts/load.html", load=found, **context)


@blueprint.get("/planning/drafts/<int:draft_id>/shifts/<int:shift_id>")
@allows(Act.MANAGE_ROSTERS)
def shift(draft_id: int, shift_id: int) -> str:
    context = _context(draft_id)
    line = shift_in_reach(current_actor(), shift_id)
    table = table_of_draft(context["draft"], at=now(), everybody=True)
    return render_template(
        "organizer/drafts/shift.html",
        line=line,
        people=names_of(volunteer for at_shift, volunteer in table.seats if at_shift == shift_id),
        pins=pins_on([shift_id]),
        why=why_short(table, shift_id),
        candidates=candidates_for(table, shift_id, at=now()),
        **context,
    )


@blueprint.get("/planning/drafts/<int:draft_id>/people/<int:volunteer_id>")
@allows(Act.MANAGE_ROSTERS)
def person(draft_id: int, volunteer_id: int) -> str:
    context = _context(draft_id)
    from_shift = request.args.get("from", 0, type=int)
    table = table_of_draft(context["draft"], at=now(), also=[volunteer_id])
    held = sorted(s for s, v in table.seats if v == volunteer_id)
    if not held:
        volunteer_in_reach(current_actor(), volunteer_id, from_shift)
    found = judge_everywhere(table, volunteer_id, away_from=from_shift or None)
    targets = sorted(
        ((s, verdict) for s, verdict in found.items() if s not in held),
        key=lambda entry: (ORDER.index(entry[1].level), entry[1].coverage, entry[0]),
    )[:MOST_TARGETS]
    return render_template(
        "organizer/drafts/person.html",
        who=names_of([volunteer_id])[volunteer_id],
        from_shift=from_shift,
        names=shift_names({from_shift, *held, *(s for s, _verdict in targets)}),
        held=held,
        targets=targets,
        partners=partners_of(table, volunteer_id, from_shift),
        **context,
    )
