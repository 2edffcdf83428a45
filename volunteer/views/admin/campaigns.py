"""Campaigns and inspections (创建周期、迎检): windows, key points, the inspection mode."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import BooleanField, HiddenField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from volunteer.domain.access import Act, scope_of
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import InspectionKind, PointKind
from volunteer.domain.timekeeping import local_date, now
from volunteer.operations.campaigns import (
    InspectionParticulars,
    add_points,
    bolster,
    close_inspection,
    drop_point,
    edit_inspection,
    keep_campaign,
    open_inspection,
)
from volunteer.queries.campaigns import (
    Bolster,
    bolster_preview,
    campaign_for,
    campaigns_listed,
    inspection_for,
    inspection_sheet,
    points_to_add,
)
from volunteer.queries.choices import districts_to_choose
from volunteer.queries.points import PointFilter, points_listed
from volunteer.queries.seen import mark_of
from volunteer.web.errors import sent_back
from volunteer.web.forms import BaseForm, choice, choices, day, number, pick, text
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("campaigns", __name__, url_prefix="/city/campaigns")


class CampaignForm(BaseForm):
    name = text(_l("名称"), longest=80, description=_l("例如：创文巩卫 2026"))
    starts_on = day(_l("开始日期"))
    ends_on = day(_l("结束日期"))


class InspectionForm(BaseForm):
    seen = HiddenField()
    name = text(_l("名称"), longest=80, description=_l("例如：2026 年国检实地测评"))
    kind = pick(_l("级别"), InspectionKind.choices())
    district_id = choice(_l("范围"))
    starts_on = day(_l("开始日期"))
    ends_on = day(_l("结束日期"))


class PointsForm(BaseForm):
    kinds = SelectMultipleField(
        _l("点位类型"),
        choices=choices(PointKind.choices()),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    district_id = choice(_l("区"))
    priority = pick(_l("只要"), (("1", _l("最高优先的")), ("2", _l("重点以上的"))), required=False)


class BolsterForm(BaseForm):
    least_heads = number(_l("每班最少人数"), low=1, high=50, default=4)
    reserves = number(
        _l("候补人数"), low=0, high=20, default=1, description=_l("加在目标人数之上。")
    )
    earlier_minutes = number(_l("提前开始（分钟）"), low=0, high=240, default=0)
    later_minutes = number(
        _l("延后结束（分钟）"),
        low=0,
        high=240,
        default=0,
        description=_l("检查组常在 08:30—09:30 到场，平时的班次 08:30 已结束。"),
    )
    wants_leader = BooleanField(_l("列出没有带队的班次"), default=True)


TEMPLATES = (
    (_l("常规加强：每班 4 人，候补 1 人"), {"least_heads": 4, "reserves": 1}),
    (
        _l("早晚延长：前后各 30 分钟，每班 4 人，候补 1 人"),
        {"least_heads": 4, "reserves": 1, "earlier_minutes": 30, "later_minutes": 30},
    ),
    (
        _l("全力迎检：延后 60 分钟，每班 6 人，候补 2 人"),
        {"least_heads": 6, "reserves": 2, "later_minutes": 60},
    ),
)


def _offer(form: InspectionForm) -> None:
    citywide = scope_of(current_actor(), Act.MANAGE_CAMPAIGNS).everything
    whole = [("", _("全市"))] if citywide else []
    form.district_id.choices = choices([*whole, *districts_to_choose()])


def _particulars(form: InspectionForm) -> InspectionParticulars:
    return InspectionParticulars(
        name=form.name.data or "",
        kind=InspectionKind[str(form.kind.data).upper()],
        starts_on=form.starts_on.data,
        ends_on=form.ends_on.data,
        district_id=form.district_id.data,
    )


def _bolster(form: BolsterForm) -> Bolster:
    return Bolster(
        form.least_heads.data or 1,
        form.reserves.data or 0,
        form.earlier_minutes.data or 0,
        form.later_minutes.data or 0,
        bool(form.wants_leader.data),
    )


@blueprint.get("/")
@allows(Act.VIEW_CAMPAIGNS)
def listing() -> str:
    found = campaigns_listed(on=local_date(now()))
    citywide = scope_of(current_actor(), Act.MANAGE_CAMPAIGNS).everything
    return render_template("admin/campaigns.html", found=found, citywide=citywide)


@blueprint.get("/new", defaults={"campaign_id": None})
@blueprint.get("/<int:campaign_id>/edit")
@allows(Act.MANAGE_CAMPAIGNS)
def edit(campaign_id: int | None) -> str:
    campaign = campaign_for(campaign_id) if campaign_id else None
    form = CampaignForm(formdata=None, obj=campaign)
    return render_template("admin/campaign_form.html", form=form, campaign=campaign)


@blueprint.post("/new", defaults={"campaign_id": None})
@blueprint.post("/<int:campaign_id>/edit")
@allows(Act.MANAGE_CAMPAIGNS)
@commits
def save(campaign_id: int | None) -> Response | tuple[str, int]:
    form = CampaignForm()
    if form.validate():
        try:
            keep_campaign(
                current_actor(),
                campaign_id,
                name=form.name.data or "",
                starts_on=form.starts_on.data,
                ends_on=form.ends_on.data,
                at=now(),
            )
            flash(_("创建周期已保存。"), "success")
            return redirect(url_for("campaigns.listing"))
        except Refused as refused:
            if refused.status in (403, 404):
                raise
            form.absorb(refused)
    campaign = campaign_for(campaign_id) if campaign_id else None
    return render_template("admin/campaign_form.html", form=form, campaign=campaign), 422


@blueprint.get("/<int:campaign_id>/inspections/new")
@allows(Act.MANAGE_CAMPAIGNS)
def new_inspection(campaign_id: int) -> str:
    campaign = campaign_for(campaign_id)
    form = InspectionForm(formdata=None)
    _offer(form)
    return render_template("admin/inspection_form.html", form=form, campaign=campaign, known=None)


@blueprint.post("/<int:campaign_id>/inspections/new")
@allows(Act.MANAGE_CAMPAIGNS)
@commits
def create_inspection(campaign_id: int) -> Response | tuple[str, int]:
    campaign, form = campaign_for(campaign_id), InspectionForm()
    _offer(form)
    if form.validate():
        try:
            made = open_inspection(current_actor(), campaign_id, _particulars(form), at=now())
            flash(_("检查已新建，接下来选择迎检点位。"), "success")
            return redirect(url_for("campaigns.points", inspection_id=made.id))
        except Refused as refused:
            if refused.status in (403, 404):
                raise
            form.absorb(refused)
    page = render_template("admin/inspection_form.html", form=form, campaign=campaign, known=None)
    return page, 422


@blueprint.get("/inspections/<int:inspection_id>")
@allows(Act.VIEW_CAMPAIGNS)
def inspection(inspection_id: int) -> str:
    sheet = inspection_sheet(current_actor(), inspection_id, on=local_date(now()))
    return render_template("admin/inspection.html", sheet=sheet)


@blueprint.get("/inspections/<int:inspection_id>/edit")
@allows(Act.MANAGE_CAMPAIGNS)
def change(inspection_id: int) -> str:
    known = inspection_for(inspection_id)
    form = InspectionForm(formdata=None, obj=known, seen=mark_of(known))
    form.kind.data = next((k.value for k in InspectionKind if k.label == known.badge), "")
    _offer(form)
    campaign = campaign_for(known.campaign_id)
    return render_template("admin/inspection_form.html", form=form, campaign=campaign, known=known)


@blueprint.post("/inspections/<int:inspection_id>/edit")
@allows(Act.MANAGE_CAMPAIGNS)
@commits
def save_inspection(inspection_id: int) -> Response | tuple[str, int]:
    known, form = inspection_for(inspection_id), InspectionForm()
    _offer(form)
    if form.validate():
        try:
            edit_inspection(
                current_actor(),
                inspection_id,
                _particulars(form),
                seen=form.seen.data or "",
                at=now(),
            )
            flash(_("检查已保存。"), "success")
            return redirect(url_for("campaigns.inspection", inspection_id=inspection_id))
        except Refused as refused:
            if refused.status in (403, 404):
                raise
            form.absorb(refused)
    campaign = campaign_for(known.campaign_id)
    page = render_template("admin/inspection_form.html", form=form, campaign=campaign, known=known)
    return page, 422


@blueprint.get("/inspections/<int:inspection_id>/points")
@allows(Act.MANAGE_CAMPAIGNS)
def points(inspection_id: int) -> str:
    known = inspection_for(inspection_id)
    form = PointsForm(request.args, meta={"csrf": False})
    form.district_id.choices = choices([("", _("不限")), *districts_to_choose()])
    form.validate()
    kinds = [PointKind[word.upper()] for word in form.kinds.data or [] if word in list(PointKind)]
    words = request.args.get("q", "").strip()
    named = []
    if words:
        wanted = PointFilter(words=words, district_id=form.district_id.data)
        named = [row.id for row in points_listed(current_actor(), wanted, on=known.starts_on).rows]
    priority = int(form.priority.data) if form.priority.data in ("1", "2") else None
    adding = points_to_add(
        known, kinds=kinds, district_id=form.district_id.data, priority=priority, point_ids=named
    )
    asked = bool(kinds or words)
    return render_template(
        "admin/inspection_points.html", known=known, form=form, adding=adding, asked=asked
    )


@blueprint.post("/inspections/<int:inspection_id>/points")
@allows(Act.MANAGE_CAMPAIGNS)
@commits
def add(inspection_id: int) -> Response:
    ids = [int(one) for one in request.form.getlist("point_id") if one.isdigit()]
    back = url_for("campaigns.inspection", inspection_id=inspection_id)
    try:
        count = add_points(current_actor(), inspection_id, ids, at=now())
    except Refused as refused:
        return sent_back(refused, back)
    flash(_("已新增 %(n)s 个迎检点位，检查期间的班次按最高优先排班。", n=count), "success")
    return redirect(back)


@blueprint.post("/inspections/<int:inspection_id>/points/<int:point_id>/drop")
@allows(Act.MANAGE_CAMPAIGNS)
@commits
def drop(inspection_id: int, point_id: int) -> Response:
    back = url_for("campaigns.inspection", inspection_id=inspection_id)
    try:
        lowered = drop_point(current_actor(), inspection_id, point_id, at=now())
    except Refused as refused:
        return sent_back(refused, back)
    flash(_("已去掉这个点位，%(n)s 个班次恢复原来的优先级。", n=lowered), "success")
    return redirect(back)


@blueprint.post("/inspections/<int:inspection_id>/close")
@allows(Act.MANAGE_CAMPAIGNS)
@commits
def close(inspection_id: int) -> Response:
    reason = request.form.get("reason", "").strip()
    lowered = close_inspection(current_actor(), inspection_id, reason=reason, at=now())
    flash(_("检查已结束，以后的班次恢复原来的优先级（其中改写 %(n)s 个）。", n=lowered), "success")
    return redirect(url_for("campaigns.inspection", inspection_id=inspection_id))


def _strengthen(inspection_id: int, form: BolsterForm, refused: tuple[object, ...] = ()) -> str:
    known = inspection_for(inspection_id)
    preview = bolster_preview(current_actor(), known, _bolster(form), at=now())
    return render_template(
        "admin/bolster.html",
        known=known,
        form=form,
        preview=preview,
        templates=TEMPLATES,
        refused=refused,
    )


@blueprint.get("/inspections/<int:inspection_id>/bolster")
@allows(Act.MANAGE_CAMPAIGNS)
def strengthen(inspection_id: int) -> str | tuple[str, int]:
    form = BolsterForm(request.args if request.args else None, meta={"csrf": False})
    if request.args and not form.validate():
        empty = BolsterForm(formdata=None, meta={"csrf": False})
        for name, field in form._fields.items():
            empty[name].errors = field.errors
        return _strengthen(inspection_id, empty), 422
    return _strengthen(inspection_id, form)


@blueprint.post("/inspections/<int:inspection_id>/bolster")
@allows(Act.MANAGE_CAMPAIGNS)
@commits
def apply(inspection_id: int) -> Response | str | tuple[str, int]:
    form = BolsterForm()
    if not form.validate():
        return _strengthen(inspection_id, BolsterForm(formdata=None)), 422
    back = url_for("campaigns.strengthen", inspection_id=inspection_id)
    try:
        done = bolster(current_actor(), inspection_id, _bolster(form), at=now())
    except Refused as refused:
        return sent_back(refused, back)
    flash(
        _(
            "已加强 %(n)s 个班次，通知 %(told)s 人次，其中 %(asked)s 人次要重新确认；%(no)s 个未能加强。",
            n=done.changed,
            told=done.told,
            asked=done.asked_anew,
            no=len(done.refused),
        ),
        "success" if not done.refused else "warning",
    )
    if done.refused:
        return _strengthen(inspection_id, form, done.refused)
    return redirect(url_for("campaigns.inspection", inspection_id=inspection_id))
