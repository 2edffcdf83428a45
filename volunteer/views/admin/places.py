"""Points of the city (点位): list, edit, who answers for them, and their posters."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import FloatField, HiddenField, TextAreaField
from wtforms.validators import Length, Optional

from volunteer.domain.access import Act
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Datum, PointKind
from volunteer.domain.timekeeping import local_date, now
from volunteer.operations.points import (
    LINK,
    PointParticulars,
    Whereabouts,
    add_contract,
    create_point,
    edit_point,
    end_contract,
    renew_poster,
    retire_point,
    return_point,
)
from volunteer.queries.areas import communities_to_choose
from volunteer.queries.choices import districts_to_choose, units_to_invite
from volunteer.queries.points import (
    PointFilter,
    point_for,
    point_sheet,
    points_listed,
    poster_for,
)
from volunteer.queries.seen import mark_of
from volunteer.render import qr
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

blueprint = Blueprint("places", __name__, url_prefix="/city/points")

PRIORITIES = (("1", _l("最高")), ("2", _l("重点")), ("3", _l("普通")))
DATUMS = (
    (Datum.WGS84.value, _l("WGS-84（手机定位、卫星）")),
    (Datum.GCJ02.value, _l("GCJ-02（高德、腾讯地图）")),
    (LINK, _l("粘贴高德链接")),
)


class FilterForm(BaseForm):
    district_id = choice(_l("区"))
    kind = pick(_l("类型"), PointKind.choices(), required=False)
    unit_id = choice(_l("责任单位"))
    priority = pick(_l("优先级"), PRIORITIES, required=False)
    lack = pick(
        _l("待完善"),
        (("coordinates", _l("没有坐标")), ("unit", _l("没有责任单位"))),
        required=False,
    )
    state = pick(
        _l("状态"),
        (("used", _l("在用")), ("retired", _l("已停用")), ("all", _l("全部"))),
        required=False,
        default="used",
    )


class PointForm(BaseForm):
    seen = HiddenField()
    name = text(
        _l("点位名称"), longest=80, description=_l("志愿者看到的名字，例如：红旗路—宝庆中路口")
    )
    kind = pick(_l("类型"), PointKind.choices())
    district_id = choice(_l("区"), required=True)
    community_id = choice(_l("社区"))
    address = text(_l("地址"), longest=200, required=False)
    datum = pick(_l("坐标的来源"), DATUMS, default=Datum.WGS84.value)
    lat = FloatField(
        _l("纬度"),
        validators=[Optional()],
        render_kw={"inputmode": "decimal", "placeholder": "27.238"},
    )
    lon = FloatField(
        _l("经度"),
        validators=[Optional()],
        render_kw={"inputmode": "decimal", "placeholder": "111.468"},
    )
    link = text(
        _l("高德链接"),
        longest=600,
        required=False,
        description=_l(
            "在高德地图里找到位置，点“分享”，复制链接粘贴到这里，并把来源选为“粘贴高德链接”。"
        ),
    )
    radius_metres = number(
        _l("签到半径（米）"),
        low=20,
        high=5000,
        default=200,
        description=_l("定位在这个范围内算在点位上；不足 100 米按 100 米算。"),
    )
    priority = pick(_l("优先级"), PRIORITIES, default="3")
    police_team = text(_l("配合的交警中队"), longest=60, required=False)
    safety_note = TextAreaField(
        _l("安全提示"),
        validators=[Optional(), Length(max=400)],
        render_kw={"rows": 3},
        description=_l("显示在志愿者的班次卡上。"),
    )


class NewPointForm(PointForm):
    unit_id = choice(_l("责任单位"), description=_l("从今天起；以后可以更换，历史保留。"))


class ContractForm(BaseForm):
    unit_id = choice(_l("责任单位"), required=True)
    since_on = day(_l("开始日期"))
    until_on = day(_l("截止日期"), required=False)


class ReasonForm(BaseForm):
    reason = text(_l("原因"), longest=200, required=False)


def _offer(form: BaseForm) -> None:
    actor = current_actor()
    if "district_id" in form:
        form["district_id"].choices = choices([("", _("请选择")), *districts_to_choose()])
    if "community_id" in form:
        found = communities_to_choose(actor, Act.MANAGE_PLACES)
        form["community_id"].choices = choices([("", _("不属于某个社区")), *found])
    if "unit_id" in form:
        form["unit_id"].choices = choices([("", _("暂不指定")), *units_to_invite()])


def _particulars(form: PointForm) -> PointParticulars:
    where = Whereabouts(form.datum.data, form.lat.data, form.lon.data, form.link.data or "")
    return PointParticulars(
        name=form.name.data or "",
        kind=PointKind[str(form.kind.data).upper()],
        district_id=form.district_id.data or 0,
        community_id=form.community_id.data,
        address=form.address.data or "",
        radius_metres=form.radius_metres.data or 200,
        priority=int(form.priority.data),
        safety_note=(form.safety_note.data or "").strip(),
        police_team=form.police_team.data or "",
        where=where,
    )


@blueprint.get("/")
@allows(Act.VIEW_PLACES)
def listing() -> str:
    form = FilterForm(request.args, meta={"csrf": False})
    form.district_id.choices = choices([("", _("不限")), *districts_to_choose()])
    form.unit_id.choices = choices([("", _("不限")), *units_to_invite()])
    form.validate()
    wanted = PointFilter(
        words=request.args.get("q", "").strip(),
        district_id=form.district_id.data,
        kind=term_or_none(PointKind, form.kind.data),
        unit_id=form.unit_id.data,
        priority=int(form.priority.data) if form.priority.data in ("1", "2", "3") else None,
        lack=form.lack.data or "",
        state=form.state.data or "used",
    )
    found = points_listed(
        current_actor(), wanted, on=local_date(now()), page=page_asked(request.args)
    )
    return render_template(
        "admin/points.html", found=found, form=form, narrowed=wanted != PointFilter()
    )


@blueprint.get("/new")
@allows(Act.MANAGE_PLACES)
def new() -> str:
    form = NewPointForm(formdata=None, **request.args.to_dict())
    _offer(form)
    return render_template("admin/point_form.html", form=form, point=None)


@blueprint.post("/new")
@allows(Act.MANAGE_PLACES)
@commits
def create() -> Response | tuple[str, int]:
    form = NewPointForm()
    _offer(form)
    if form.validate():
        try:
            point = create_point(
                current_actor(), _particulars(form), unit_id=form.unit_id.data, at=now()
            )
            flash(_("点位已新增。"), "success")
            return redirect(url_for("places.show", point_id=point.id))
        except Refused as refused:
            if refused.status == 403:
                raise
            form.absorb(refused)
    return render_template("admin/point_form.html", form=form, point=None), 422


@blueprint.get("/<int:point_id>")
@allows(Act.VIEW_PLACES)
def show(point_id: int) -> str:
    return _sheet(point_id)


def _sheet(point_id: int, contract: ContractForm | None = None) -> str:
    at = now()
    sheet = point_sheet(current_actor(), point_id, on=local_date(at), at=at)
    contract = contract or ContractForm(formdata=None, since_on=local_date(at))
    _offer(contract)
    return render_template(
        "admin/point.html", sheet=sheet, contract=contract, reason=ReasonForm(formdata=None)
    )


@blueprint.get("/<int:point_id>/edit")
@allows(Act.MANAGE_PLACES)
def edit(point_id: int) -> str:
    point = point_for(current_actor(), point_id, act=Act.MANAGE_PLACES)
    form = PointForm(formdata=None, obj=point, seen=mark_of(point), datum=Datum.WGS84.value)
    form.priority.data = str(point.priority)
    form.kind.data = point.kind.value
    _offer(form)
    return render_template("admin/point_form.html", form=form, point=point)


@blueprint.post("/<int:point_id>/edit")
@allows(Act.MANAGE_PLACES)
@commits
def save(point_id: int) -> Response | tuple[str, int]:
    actor, form = current_actor(), PointForm()
    point = point_for(actor, point_id, act=Act.MANAGE_PLACES)
    _offer(form)
    if form.validate():
        try:
            edit_point(actor, point_id, _particulars(form), seen=form.seen.data or "", at=now())
            flash(_("点位已保存。"), "success")
            return redirect(url_for("places.show", point_id=point_id))
        except Refused as refused:
            if refused.status == 403:
                raise
            form.absorb(refused)
    return render_template("admin/point_form.html", form=form, point=point), 422


@blueprint.post("/<int:point_id>/retire")
@allows(Act.MANAGE_PLACES)
@commits
def retire(point_id: int) -> Response:
    reason = ReasonForm().reason.data or ""
    try:
        retire_point(current_actor(), point_id, reason=reason, at=now())
    except Refused as refused:
        return sent_back(refused, url_for("places.show", point_id=point_id))
    flash(_("点位已停用，历史记录保留；需要时可以恢复。"), "success")
    return redirect(url_for("places.show", point_id=point_id))


@blueprint.post("/<int:point_id>/return")
@allows(Act.MANAGE_PLACES)
@commits
def bring_back(point_id: int) -> Response:
    return_point(current_actor(), point_id, at=now())
    flash(_("点位已恢复使用。"), "success")
    return redirect(url_for("places.show", point_id=point_id))


@blueprint.post("/<int:point_id>/contracts")
@allows(Act.MANAGE_PLACES)
@commits
def contract(point_id: int) -> Response | tuple[str, int]:
    form = ContractForm()
    _offer(form)
    if form.validate():
        try:
            add_contract(
                current_actor(),
                point_id,
                unit_id=form.unit_id.data or 0,
                since_on=form.since_on.data,
                until_on=form.until_on.data,
                at=now(),
            )
            flash(_("责任单位已保存。"), "success")
            return redirect(url_for("places.show", point_id=point_id))
        except Refused as refused:
            if refused.status in (403, 404):
                raise
            form.absorb(refused)
    return _sheet(point_id, form), 422


@blueprint.post("/contracts/<int:contract_id>/end")
@allows(Act.MANAGE_PLACES)
@commits
def finish(contract_id: int) -> Response:
    ended = end_contract(current_actor(), contract_id, at=now())
    flash(_("责任已结束，历史保留。"), "success")
    return redirect(url_for("places.show", point_id=ended.point_id))


@blueprint.get("/<int:point_id>/poster")
@allows(Act.MANAGE_PLACES, Act.MANAGE_SHIFTS)
def poster(point_id: int) -> str:
    found = poster_for(current_actor(), point_id, on=local_date(now()))
    base = current_app.config["SETTINGS"].base_url
    address = base + url_for("scan.land", token=found.code)
    picture = qr.svg(address, title=_("%(name)s 的签到码", name=found.point.name), width=600)
    return render_template("admin/poster.html", poster=found, picture=picture, made=now())


@blueprint.post("/<int:point_id>/poster/renew")
@allows(Act.MANAGE_PLACES)
@commits
def renew(point_id: int) -> Response:
    renew_poster(current_actor(), point_id, reason=ReasonForm().reason.data or "", at=now())
    flash(_("固定码已更换，请重新打印海报并换下旧的。"), "success")
    return redirect(url_for("places.show", point_id=point_id))
