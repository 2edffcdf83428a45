"""Units of the city (单位): the tree, ties, and closing with a successor."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import HiddenField

from volunteer.domain.access import Act
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import UnitKind, UnitLevel
from volunteer.domain.timekeeping import local_date, now
from volunteer.operations.closing import close_unit, reopen_unit
from volunteer.operations.ties import add_tie, end_tie
from volunteer.operations.units import (
    UnitParticulars,
    create_unit,
    edit_unit,
    unit_to_keep,
)
from volunteer.queries.areas import communities_to_choose
from volunteer.queries.choices import districts_to_choose
from volunteer.queries.seen import mark_of
from volunteer.queries.units import UnitFilter, unit_sheet, units_listed, units_to_link
from volunteer.web.errors import sent_back
from volunteer.web.forms import (
    BaseForm,
    choice,
    choices,
    day,
    number,
    page_asked,
    pick,
    term_or_none,
    text,
)
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("units", __name__, url_prefix="/city/units")


class FilterForm(BaseForm):
    district_id = choice(_l("区"))
    level = pick(_l("层级"), UnitLevel.choices(), required=False)
    kind = pick(_l("性质"), UnitKind.choices(), required=False)
    lack = pick(
        _l("待完善"),
        (("organizer", _l("没有组织者")), ("people", _l("没有志愿者"))),
        required=False,
    )
    state = pick(
        _l("状态"),
        (("active", _l("在用")), ("closed", _l("已停用")), ("all", _l("全部"))),
        required=False,
        default="active",
    )


class UnitForm(BaseForm):
    seen = HiddenField()
    name = text(_l("简称"), longest=80, description=_l("各处显示的名字，例如：市医保局"))
    full_name = text(_l("全称"), longest=120, required=False)
    level = pick(_l("层级"), UnitLevel.choices())
    kind = pick(_l("性质"), UnitKind.choices(), default="agency")
    district_id = choice(_l("所在的区"))
    parent_id = choice(
        _l("上级单位"), description=_l("上级的组织者也能管理这个单位的活动和志愿者。")
    )
    guiding_unit_id = choice(_l("指导单位"), description=_l("单位内志愿服务队必选。"))
    credit_code = text(
        _l("统一社会信用代码"),
        longest=30,
        required=False,
        description=_l("18 位，自动核对校验位。"),
    )
    staff_count = number(_l("在编人数"), low=0, high=1_000_000, required=False)
    contact_name = text(_l("联系人"), longest=60, required=False)
    contact_phone = text(
        _l("联系电话"), longest=30, required=False, description=_l("固定电话请带区号。")
    )


class TieForm(BaseForm):
    community_id = choice(_l("社区"), required=True)
    since_on = day(_l("开始日期"))
    until_on = day(_l("截止日期"), required=False)


class CloseForm(BaseForm):
    successor_id = choice(
        _l("承接单位"), description=_l("志愿者、联点和责任点位会转到这个单位；不选则全部结束。")
    )
    reason = text(_l("原因"), longest=200, required=False)


def _offer(form: BaseForm, *, besides: int | None = None) -> None:
    if "district_id" in form:
        form["district_id"].choices = choices([("", _("全市，不分区")), *districts_to_choose()])
    links = [("", _("无")), *units_to_link(besides=besides)]
    for name in ("parent_id", "guiding_unit_id", "successor_id"):
        if name in form:
            form[name].choices = choices(links)
    if "community_id" in form:
        found = communities_to_choose(current_actor(), Act.VIEW_PLACES)
        form["community_id"].choices = choices([("", _("请选择")), *found])


def _particulars(form: UnitForm) -> UnitParticulars:
    return UnitParticulars(
        name=form.name.data or "",
        full_name=form.full_name.data or "",
        level=UnitLevel[str(form.level.data).upper()],
        kind=UnitKind[str(form.kind.data).upper()],
        district_id=form.district_id.data,
        parent_id=form.parent_id.data,
        guiding_unit_id=form.guiding_unit_id.data,
        credit_code=form.credit_code.data or "",
        staff_count=form.staff_count.data,
        contact_name=form.contact_name.data or "",
        contact_phone=form.contact_phone.data or "",
    )


@blueprint.get("/")
@allows(Act.VIEW_UNITS)
def listing() -> str:
    form = FilterForm(request.args, meta={"csrf": False})
    form.district_id.choices = choices([("", _("不限")), *districts_to_choose()])
    form.validate()
    wanted = UnitFilter(
        words=request.args.get("q", "").strip(),
        district_id=form.district_id.data,
        level=term_or_none(UnitLevel, form.level.data),
        kind=term_or_none(UnitKind, form.kind.data),
        lack=form.lack.data or "",
        state=form.state.data or "active",
    )
    found = units_listed(
        current_actor(), wanted, on=local_date(now()), page=page_asked(request.args)
    )
    return render_template(
        "admin/units.html", found=found, form=form, narrowed=wanted != UnitFilter()
    )


@blueprint.get("/new")
@allows(Act.MANAGE_UNITS)
def new() -> str:
    form = UnitForm(formdata=None, parent_id=request.args.get("parent", type=int))
    _offer(form)
    return render_template("admin/unit_form.html", form=form, unit=None)


@blueprint.post("/new")
@allows(Act.MANAGE_UNITS)
@commits
def create() -> Response | tuple[str, int]:
    form = UnitForm()
    _offer(form)
    if form.validate():
        try:
            unit = create_unit(current_actor(), _particulars(form), at=now())
            flash(_("单位已新增，接下来可以开通组织者账号。"), "success")
            return redirect(url_for("units.show", unit_id=unit.id))
        except Refused as refused:
            if refused.status == 403:
                raise
            form.absorb(refused)
    return render_template("admin/unit_form.html", form=form, unit=None), 422


@blueprint.get("/<int:unit_id>")
@allows(Act.VIEW_UNITS)
def show(unit_id: int) -> str:
    return _sheet(unit_id)


def _sheet(unit_id: int, tie: TieForm | None = None, close: CloseForm | None = None) -> str:
    at = now()
    sheet = unit_sheet(current_actor(), unit_id, on=local_date(at), at=at)
    tie = tie or TieForm(formdata=None, since_on=local_date(at))
    close = close or CloseForm(formdata=None)
    _offer(tie)
    _offer(close, besides=unit_id)
    return render_template("admin/unit.html", sheet=sheet, tie=tie, close=close)


@blueprint.get("/<int:unit_id>/edit")
@allows(Act.MANAGE_UNITS)
def edit(unit_id: int) -> str:
    unit = unit_to_keep(current_actor(), unit_id)
    form = UnitForm(formdata=None, obj=unit, seen=mark_of(unit))
    form.level.data, form.kind.data = unit.level.value, unit.kind.value
    _offer(form, besides=unit_id)
    return render_template("admin/unit_form.html", form=form, unit=unit)


@blueprint.post("/<int:unit_id>/edit")
@allows(Act.MANAGE_UNITS)
@commits
def save(unit_id: int) -> Response | tuple[str, int]:
    actor, form = current_actor(), UnitForm()
    unit = unit_to_keep(actor, unit_id)
    _offer(form, besides=unit_id)
    if form.validate():
        try:
            edit_unit(actor, unit_id, _particulars(form), seen=form.seen.data or "", at=now())
            flash(_("单位资料已保存。"), "success")
            return redirect(url_for("units.show", unit_id=unit_id))
        except Refused as refused:
            if refused.status == 403:
                raise
            form.absorb(refused)
    return render_template("admin/unit_form.html", form=form, unit=unit), 422


@blueprint.post("/<int:unit_id>/ties")
@allows(Act.MANAGE_UNITS)
@commits
def tie(unit_id: int) -> Response | tuple[str, int]:
    form = TieForm()
    _offer(form)
    if form.validate():
        try:
            add_tie(
                current_actor(),
                unit_id,
                community_id=form.community_id.data or 0,
                since_on=form.since_on.data,
                until_on=form.until_on.data,
                at=now(),
            )
            flash(_("联点已保存。"), "success")
            return redirect(url_for("units.show", unit_id=unit_id))
        except Refused as refused:
            if refused.status in (403, 404):
                raise
            form.absorb(refused)
    return _sheet(unit_id, tie=form), 422


@blueprint.post("/ties/<int:tie_id>/end")
@allows(Act.MANAGE_UNITS)
@commits
def untie(tie_id: int) -> Response:
    ended = end_tie(current_actor(), tie_id, at=now())
    flash(_("联点已结束，历史保留。"), "success")
    return redirect(url_for("units.show", unit_id=ended.unit_id))


@blueprint.post("/<int:unit_id>/close")
@allows(Act.MANAGE_UNITS)
@commits
def close(unit_id: int) -> Response:
    form = CloseForm()
    _offer(form, besides=unit_id)
    try:
        done = close_unit(
            current_actor(),
            unit_id,
            successor_id=form.successor_id.data,
            reason=form.reason.data or "",
            at=now(),
        )
    except Refused as refused:
        return sent_back(refused, url_for("units.show", unit_id=unit_id))
    flash(
        _(
            "单位已停用：转走 %(moved)s 位志愿者，处理联点 %(ties)s 项、责任点位 %(points)s 项，收回 %(roles)s 项组织者角色。",
            moved=done.moved,
            ties=done.ties,
            points=done.points,
            roles=done.roles,
        ),
        "success",
    )
    return redirect(url_for("units.show", unit_id=unit_id))


@blueprint.post("/<int:unit_id>/reopen")
@allows(Act.MANAGE_UNITS)
@commits
def reopen(unit_id: int) -> Response:
    reopen_unit(current_actor(), unit_id, at=now())
    flash(_("单位已恢复使用；组织者、联点和责任点位请重新指定。"), "success")
    return redirect(url_for("units.show", unit_id=unit_id))
