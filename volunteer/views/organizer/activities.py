"""Activities at the desk (活动): the list, one with its shifts, drawing up, publishing, ending."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from volunteer.domain.access import Act, may, require
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import ActivityState
from volunteer.domain.timekeeping import local_date, now, week_of
from volunteer.operations.activities import (
    cancel_activity,
    close_activity,
    copy_activity,
    draft_activity,
    edit_activity,
    proposal_for,
    publish_activity,
    what_is_missing,
)
from volunteer.queries.activities import (
    Wanted,
    activities_page,
    batches_of,
    facts_for,
    history_of,
    shifts_of_activity,
    weeks_of_activity,
)
from volunteer.queries.cancelling import effect_of_cancelling, live_shifts_of
from volunteer.queries.choices import kinds_to_choose, units_to_organize
from volunteer.queries.recording import recording_of
from volunteer.views.organizer.activity_form import (
    ActivityForm,
    PublishForm,
    ReasonForm,
    VersionForm,
    version_of,
)
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("activities", __name__)


def day_of(name: str) -> date | None:
    """A date from the address, or nothing where none or a wrong one stands."""
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _wanted() -> Wanted:
    state = request.args.get("state", "")
    return Wanted(
        words=request.args.get("q", "").strip()[:40],
        state=ActivityState[state.upper()] if state in set(ActivityState) else None,
        kind_id=request.args.get("kind", type=int),
        unit_id=request.args.get("unit", type=int),
        from_on=day_of("from"),
        until_on=day_of("until"),
        order=request.args.get("sort", "-starts"),
    )


@blueprint.get("/activities")
@allows(Act.VIEW_ACTIVITIES)
def listing() -> str:
    wanted = _wanted()
    at = now()
    return render_template(
        "organizer/activities/listing.html",
        found=activities_page(
            current_actor(), wanted, page=request.args.get("page", 1, type=int), at=at
        ),
        wanted=wanted,
        states=ActivityState,
        kinds=kinds_to_choose(),
        units=units_to_organize(current_actor()),
        today=local_date(at),
    )


@blueprint.get("/activities/new")
@allows(Act.MANAGE_ACTIVITIES)
def new() -> str:
    actor = current_actor()
    units = units_to_organize(actor)
    unit_id = request.args.get("unit", type=int) or (units[0][0] if units else 0)
    kind_id = request.args.get("kind", type=int)
    if kind_id is None:
        return render_template(
            "organizer/activities/choose_kind.html",
            kinds=kinds_to_choose(),
            units=units,
            unit_id=unit_id,
        )
    proposal = proposal_for(actor, kind_id=kind_id, unit_id=unit_id, on=local_date(now()))
    proposal["nature"] = proposal["nature"].value
    form = ActivityForm(formdata=None, data=proposal).with_choices()
    return render_template("organizer/activities/form.html", form=form, activity=None)


@blueprint.post("/activities")
@allows(Act.MANAGE_ACTIVITIES)
@commits
def create() -> ResponseReturnValue:
    form = ActivityForm().with_choices()
    if form.validate_on_submit():
        try:
            activity = draft_activity(current_actor(), form.particulars(), at=now())
            flash(_("草稿已保存。下一步：创建班次，然后发布。"), "success")
            return redirect(url_for("activities.show", activity_id=activity.id))
        except Refused as refused:
            if refused.status == 404:
                raise
            form.absorb(refused)
    return render_template("organizer/activities/form.html", form=form, activity=None), 422


@blueprint.get("/activities/<int:activity_id>")
@allows(Act.VIEW_ACTIVITIES)
def show(activity_id: int) -> ResponseReturnValue:
    return _page(activity_id)


def _page(
    activity_id: int, *, publishing: PublishForm | None = None, status: int = 200
) -> ResponseReturnValue:
    actor, at = current_actor(), now()
    facts = facts_for(actor, activity_id)
    activity = facts.activity
    weeks = weeks_of_activity(activity_id, at=at)
    monday = _monday_to_show([week.monday for week in weeks], local_date(at))
    is_draft = activity.state is ActivityState.DRAFT
    return render_template(
        "organizer/activities/show.html",
        facts=facts,
        activity=activity,
        weeks=weeks,
        monday=monday,
        shifts=shifts_of_activity(activity_id, first=monday, days=7) if monday else [],
        batches=batches_of(activity_id),
        missing=what_is_missing(actor, activity_id, at=at) if is_draft else [],
        effect=effect_of_cancelling(live_shifts_of(activity_id)),
        history=history_of("activity", activity_id),
        recording=recording_of(activity_id, at=at),
        may_manage=may(actor, Act.MANAGE_ACTIVITIES, unit_id=activity.unit_id),
        publishing=publishing or PublishForm(formdata=None, data={"version": activity.version}),
        ending=ReasonForm(formdata=None, data={"version": activity.version}),
        today=local_date(at),
        at=at,
    ), status


def _monday_to_show(mondays: list[date], today: date) -> date | None:
    """The week asked for, else this one or the next that has shifts, else the last."""
    asked = day_of("week")
    if asked is not None:
        return week_of(asked)
    ahead = [monday for monday in mondays if monday >= week_of(today)]
    return ahead[0] if ahead else mondays[-1] if mondays else None


@blueprint.get("/activities/<int:activity_id>/edit")
@allows(Act.MANAGE_ACTIVITIES)
def edit(activity_id: int) -> str:
    facts = facts_for(current_actor(), activity_id)
    require(current_actor(), Act.MANAGE_ACTIVITIES, unit_id=facts.activity.unit_id)
    form = ActivityForm(formdata=None, obj=facts.activity).with_choices(facts.activity)
    form.nature.data = facts.activity.nature.value
    form.joint_unit_ids.data = [unit_id for unit_id, _name in facts.joint_units]
    return render_template("organizer/activities/form.html", form=form, activity=facts.activity)


@blueprint.post("/activities/<int:activity_id>/edit")
@allows(Act.MANAGE_ACTIVITIES)
@commits
def save(activity_id: int) -> ResponseReturnValue:
    activity = facts_for(current_actor(), activity_id).activity
    form = ActivityForm().with_choices(activity)
    if form.validate_on_submit():
        try:
            changed = edit_activity(
                current_actor(), activity_id, form.particulars(), version=version_of(form), at=now()
            )
            flash(
                _("已保存：%(fields)s", fields="、".join(changed)) if changed else _("没有改动。"),
                "success",
            )
            return redirect(url_for("activities.show", activity_id=activity_id))
        except Refused as refused:
            if refused.status == 404:
                raise
            form.absorb(refused)
    return render_template("organizer/activities/form.html", form=form, activity=activity), 422


@blueprint.post("/activities/<int:activity_id>/copy")
@allows(Act.MANAGE_ACTIVITIES)
@commits
def copy(activity_id: int) -> Response:
    made = copy_activity(current_actor(), activity_id, at=now())
    flash(_("已复制为新的草稿，请核对日期后创建班次。"), "success")
    return redirect(url_for("activities.edit", activity_id=made.id))


@blueprint.post("/activities/<int:activity_id>/publish")
@allows(Act.MANAGE_ACTIVITIES)
@commits
def publish(activity_id: int) -> ResponseReturnValue:
    form = PublishForm()
    try:
        publish_activity(
            current_actor(),
            activity_id,
            version=version_of(form),
            lint_override=form.lint_override.data or "",
            at=now(),
        )
    except Refused as refused:
        if refused.status == 404:
            raise
        form.absorb(refused)
        return _page(activity_id, publishing=form, status=422)
    flash(_("活动已发布。下一步：安排人员并发布排班表。"), "success")
    return redirect(url_for("activities.show", activity_id=activity_id))


@blueprint.post("/activities/<int:activity_id>/cancel")
@allows(Act.MANAGE_ACTIVITIES)
@commits
def cancel(activity_id: int) -> Response:
    form = ReasonForm()
    done = cancel_activity(
        current_actor(),
        activity_id,
        reason=form.reason.data or "",
        version=version_of(form),
        at=now(),
    )
    words = _("活动已取消：%(shifts)s 个班次，已通知 %(people)s 人。")
    flash(words % {"shifts": done.shifts, "people": done.people}, "success")
    return redirect(url_for("activities.show", activity_id=activity_id))


@blueprint.post("/activities/<int:activity_id>/close")
@allows(Act.MANAGE_ACTIVITIES)
@commits
def close(activity_id: int) -> Response:
    close_activity(current_actor(), activity_id, version=version_of(VersionForm()), at=now())
    flash(_("活动已结束。"), "success")
    return redirect(url_for("activities.show", activity_id=activity_id))
