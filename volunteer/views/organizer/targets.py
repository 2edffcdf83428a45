"""Yearly targets at the desk (年度目标): units side by side, a unit's people, and what the unit asks for."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from volunteer.domain.access import Act
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Course
from volunteer.domain.timekeeping import now
from volunteer.operations.targets import MOST_PERSON_HOURS, MOST_UNIT_HOURS, set_unit_target
from volunteer.queries.targets import unit_targets, units_compared
from volunteer.web.forms import BaseForm, number, page_asked, term_or_none, text
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("targets", __name__, url_prefix="/targets")


class TargetForm(BaseForm):
    person_hours = number(
        _l("每人每年的目标（小时）"),
        low=0,
        high=MOST_PERSON_HOURS,
        required=False,
        description=_l("留空则用市里的统一目标；0 表示不设。"),
    )
    unit_hours = number(
        _l("全单位每年的目标（小时）"),
        low=0,
        high=MOST_UNIT_HOURS,
        required=False,
        description=_l("留空则按人数合计。"),
    )
    reason = text(_l("说明"), longest=200, required=False)


@blueprint.get("")
@allows(Act.VIEW_HOURS)
def overview() -> ResponseReturnValue:
    lines = units_compared(current_actor(), at=now())
    if len(lines) == 1:
        return redirect(url_for("targets.unit", unit_id=lines[0].unit.id))
    return render_template("organizer/recognition/targets.html", lines=lines, year=now().year)


def _page(unit_id: int, form: TargetForm | None = None) -> str:
    course = term_or_none(Course, request.args.get("course"))
    found = unit_targets(
        current_actor(), unit_id, at=now(), course=course, page=page_asked(request.args)
    )
    asked = found.asked
    known = {
        "person_hours": asked.per_person // 60 if asked.is_own else None,
        "unit_hours": None if asked.whole is None else asked.whole // 60,
    }
    return render_template(
        "organizer/recognition/unit_targets.html",
        found=found,
        course=course,
        courses=Course,
        form=form or TargetForm(formdata=None, data=known),
    )


@blueprint.get("/<int:unit_id>")
@allows(Act.VIEW_HOURS)
def unit(unit_id: int) -> str:
    return _page(unit_id)


@blueprint.post("/<int:unit_id>")
@allows(Act.SET_TARGETS)
@commits
def save(unit_id: int) -> ResponseReturnValue:
    form, actor = TargetForm(), current_actor()
    if form.validate_on_submit():
        try:
            set_unit_target(
                actor,
                unit_id,
                person_hours=form.person_hours.data,
                unit_hours=form.unit_hours.data,
                reason=form.reason.data or "",
                at=now(),
            )
            flash(_("今年的目标已保存。"), "success")
            return redirect(url_for("targets.unit", unit_id=unit_id))
        except Refused as refused:
            if refused.status in (403, 404):
                raise
            form.absorb(refused)
    return _page(unit_id, form), 422
