"""The board of a week (排班看板): where people are missing, one shift with its seats, trouble to mend, one person's week."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from volunteer.domain.access import Act, holds, may
from volunteer.domain.terms import PinVerdict, ShiftState
from volunteer.domain.timekeeping import now
from volunteer.operations.rosters import (
    add_on_the_spot,
    offer_seat,
    pin_seat,
    release_seat,
    unpin_seat,
)
from volunteer.operations.rosters.live import SPOT_BEFORE
from volunteer.queries.choices import (
    districts_to_choose,
    kinds_to_choose,
    people_named,
    units_to_organize,
)
from volunteer.queries.planning.asking import scopes_to_choose
from volunteer.queries.rosters.board import (
    Wanted,
    board_of_week,
    pins_on,
    seats_on,
    shift_in_reach,
    week_holding,
)
from volunteer.queries.rosters.drafts import open_drafts
from volunteer.queries.rosters.people import (
    people_open_to,
    person_for,
    week_of_person,
    why_not,
)
from volunteer.queries.rosters.repair import candidates_for, shifts_in_trouble, why_short
from volunteer.queries.rosters.table import table_of_shift, table_of_week
from volunteer.queries.rosters.widest import widest_scope
from volunteer.queries.shifts import SEATED, ShiftLine
from volunteer.views.organizer.planning import page_number
from volunteer.views.organizer.week import asked_day, asked_week, days_of
from volunteer.web.forms import BaseForm, text
from volunteer.web.guard import allows, current_actor
from volunteer.web.words import label
from volunteer.web.work import commits

blueprint = Blueprint("rosters", __name__)


class ReasonForm(BaseForm):
    reason = text(_l("原因"), longest=200, description=_l("本人会看到这句话。"))


class PersonForm(BaseForm):
    name = text(_l("姓名或编号"), longest=60)


def wanted() -> Wanted:
    """How the board is narrowed in the address."""
    asked = request.args
    return Wanted(
        district_id=asked.get("district", type=int),
        kind_id=asked.get("kind", type=int),
        unit_id=asked.get("unit", type=int),
        only_short=asked.get("short") == "1",
        words=asked.get("q", "").strip()[:40],
    )


@blueprint.get("/rosters")
@allows(Act.VIEW_ROSTERS)
def board() -> str:
    actor, week_on, narrowed = current_actor(), asked_week(), wanted()
    found = board_of_week(actor, week_on, narrowed, page=page_number())
    return render_template(
        "organizer/rosters/board.html",
        board=found,
        seats=seats_on(found.shift_ids),
        wanted=narrowed,
        week_on=week_on,
        days=days_of(week_on, found.short_days),
        chosen=asked_day(week_on),
        drafts=open_drafts(actor, week_on) if holds(actor, Act.VIEW_PLANNING) else [],
        scopes=scopes_to_choose(actor, Act.MANAGE_ROSTERS) if holds(actor, Act.PLAN) else [],
        may_plan=holds(actor, Act.PLAN),
        may_export=holds(actor, Act.EXPORT),
        choices={
            "district": districts_to_choose(),
            "kind": [(kind.id, kind.name) for kind in kinds_to_choose()],
            "unit": units_to_organize(actor),
        },
    )


def _may_mend(line: ShiftLine) -> bool:
    return may(
        current_actor(),
        Act.MANAGE_ROSTERS,
        unit_id=line.unit_id,
        district_id=line.district_id,
    )


def _shift_context(shift_id: int) -> dict[str, Any]:
    line, at = shift_in_reach(current_actor(), shift_id), now()
    live = line.state is ShiftState.PUBLISHED and _may_mend(line)
    seats = seats_on([shift_id]).get(shift_id, [])
    return {
        "line": line,
        "week_on": week_holding(line),
        "seats": [seat for seat in seats if seat.state in SEATED],
        "fallen": [seat for seat in seats if seat.state not in SEATED],
        "pins": pins_on([shift_id]),
        "known": people_open_to(current_actor(), (seat.volunteer_id for seat in seats)),
        "may_mend": live and line.starts_at > at,
        "may_add": live and line.starts_at - SPOT_BEFORE <= at < line.ends_at,
        "may_pin": _may_mend(line) and line.starts_at > at,
        "releasing": ReasonForm(formdata=None),
        "adding": PersonForm(formdata=None),
    }


@blueprint.get("/rosters/shifts/<int:shift_id>")
@allows(Act.VIEW_ROSTERS)
def shift(shift_id: int) -> str:
    return render_template("organizer/rosters/shift.html", **_shift_context(shift_id))


@blueprint.get("/rosters/shifts/<int:shift_id>/candidates")
@allows(Act.MANAGE_ROSTERS)
def candidates(shift_id: int) -> str:
    context = _shift_context(shift_id)
    at = now()
    table = table_of_shift(current_actor(), context["line"], at=at, everybody=True)
    covers = [seat for seat in context["fallen"] if seat.state.value in ("declined", "cancelled")]
    found = candidates_for(table, shift_id, at=at)
    context["known"] = people_open_to(current_actor(), (one.volunteer_id for one in found))
    return render_template(
        "organizer/rosters/candidates.html",
        candidates=found,
        why=why_short(table, shift_id),
        covers=covers[0].id if covers else 0,
        **context,
    )


@blueprint.post("/rosters/shifts/<int:shift_id>/offer/<int:volunteer_id>")
@allows(Act.MANAGE_ROSTERS)
@commits
def offer(shift_id: int, volunteer_id: int) -> Response:
    offer_seat(
        current_actor(),
        shift_id=shift_id,
        volunteer_id=volunteer_id,
        covers_id=request.form.get("covers", 0, type=int) or None,
        force=request.form.get("force", ""),
        at=now(),
    )
    flash(_("已发出邀请，等本人答复。"), "success")
    return redirect(url_for("rosters.shift", shift_id=shift_id))


@blueprint.post("/rosters/shifts/<int:shift_id>/add")
@allows(Act.MANAGE_ROSTERS)
@commits
def add(shift_id: int) -> ResponseReturnValue:
    shift_in_reach(current_actor(), shift_id)
    form = PersonForm()
    found = people_named(current_actor(), form.name.data or "") if form.validate_on_submit() else []
    if len(found) != 1:
        context = {**_shift_context(shift_id), "adding": form, "namesakes": found}
        if form.name.data:
            words = (
                _("有 %(n)s 位同名，请填编号。", n=len(found)) if found else _("没有找到这个人。")
            )
            form.name.errors = [words]
        return render_template("organizer/rosters/shift.html", **context), 422
    add_on_the_spot(current_actor(), shift_id=shift_id, volunteer_id=found[0][0], at=now())
    flash(_("%(name)s 已加入这个班次。", name=found[0][2]), "success")
    return redirect(url_for("rosters.shift", shift_id=shift_id))


@blueprint.post("/rosters/shifts/<int:shift_id>/release/<int:volunteer_id>")
@allows(Act.MANAGE_ROSTERS)
@commits
def release(shift_id: int, volunteer_id: int) -> Response:
    reason = request.form.get("reason", "")
    release_seat(
        current_actor(), shift_id=shift_id, volunteer_id=volunteer_id, reason=reason, at=now()
    )
    flash(_("已取消派班并通知本人。"), "success")
    return redirect(url_for("rosters.candidates", shift_id=shift_id))


@blueprint.post("/rosters/shifts/<int:shift_id>/pin/<int:volunteer_id>")
@allows(Act.MANAGE_ROSTERS)
@commits
def pin(shift_id: int, volunteer_id: int) -> Response:
    verdict = request.form.get("verdict", "")
    seat: dict[str, Any] = {"shift_id": shift_id, "volunteer_id": volunteer_id, "at": now()}
    if verdict in ("must", "never"):
        made = pin_seat(current_actor(), verdict=PinVerdict[verdict.upper()], **seat)
        flash(_("已设为“%(verdict)s”，下次排班照此办理。", verdict=label(made.verdict)), "success")
    else:
        unpin_seat(current_actor(), **seat)
        flash(_("已解除。"), "success")
    draft_id = request.form.get("draft", 0, type=int)
    if draft_id:
        return redirect(url_for("drafts.shift", draft_id=draft_id, shift_id=shift_id))
    return redirect(url_for("rosters.shift", shift_id=shift_id))


@blueprint.get("/rosters/trouble")
@allows(Act.MANAGE_ROSTERS)
def trouble() -> str:
    found = shifts_in_trouble(current_actor(), at=now())
    return render_template("organizer/rosters/trouble.html", troubles=found)


@blueprint.get("/rosters/people/<int:volunteer_id>")
@allows(Act.VIEW_PEOPLE)
def person(volunteer_id: int) -> str:
    actor, week_on, at = current_actor(), asked_week(), now()
    who = person_for(actor, volunteer_id)
    scope = widest_scope(actor, who.unit_id)
    table = table_of_week(week_on, scope, at=at, also=[volunteer_id])
    return render_template(
        "organizer/rosters/person.html",
        who=who,
        week_on=week_on,
        seats=week_of_person(volunteer_id, week_on, table),
        why_not=why_not(table, volunteer_id),
    )
