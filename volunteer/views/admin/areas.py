"""Areas of the city (区划): districts, streets, communities, grids, buildings."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import FloatField, HiddenField, TextAreaField
from wtforms.validators import Length, Optional

from volunteer.domain.access import Act, may, scope_of
from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import now
from volunteer.operations.areas import create_areas, delete_area, edit_area
from volunteer.queries.areas import (
    AreaLevel,
    area_for,
    community_sheet,
    district_sheet,
    districts_listed,
    hanging_on,
    streets_of,
)
from volunteer.queries.choices import districts_to_choose
from volunteer.queries.seen import mark_of
from volunteer.web.errors import sent_back
from volunteer.web.forms import REQUIRED, BaseForm, choice, choices, text
from volunteer.web.guard import allows, current_actor
from volunteer.web.words import label
from volunteer.web.work import commits

blueprint = Blueprint("areas", __name__, url_prefix="/city/areas")


class NewForm(BaseForm):
    names = TextAreaField(
        _l("名称，每行一个"),
        validators=[REQUIRED, Length(max=4000)],
        render_kw={"rows": 3},
    )
    street_id = choice(_l("所属街道"))
    grid_area_id = choice(_l("所属网格"))


class EditForm(BaseForm):
    seen = HiddenField()
    name = text(_l("名称"), longest=60)
    district_id = choice(_l("所属区"))
    street_id = choice(_l("所属街道"))
    grid_area_id = choice(_l("所属网格"))
    centre_lat = FloatField(_l("中心纬度（WGS-84）"), validators=[Optional()])
    centre_lon = FloatField(_l("中心经度（WGS-84）"), validators=[Optional()])
    note = text(_l("备注"), longest=400, required=False)


FIELDS = {
    AreaLevel.DISTRICT: ("name", "centre_lat", "centre_lon"),
    AreaLevel.STREET: ("name", "district_id"),
    AreaLevel.COMMUNITY: ("name", "district_id", "street_id", "note"),
    AreaLevel.GRID: ("name",),
    AreaLevel.BUILDING: ("name", "grid_area_id"),
}


def _level(word: str) -> AreaLevel:
    if word not in list(AreaLevel):
        abort(404)
    return AreaLevel[word.upper()]


def _home_of(level: AreaLevel, area: Any) -> str:
    """The page on which an area of this level is listed."""
    if level is AreaLevel.DISTRICT:
        return url_for("areas.listing")
    if level in (AreaLevel.STREET, AreaLevel.COMMUNITY):
        return url_for("areas.district", district_id=area.district_id)
    return url_for("areas.community", community_id=area.community_id)


@blueprint.get("/")
@allows(Act.VIEW_PLACES)
def listing() -> str:
    return _listing(NewForm(formdata=None))


def _listing(form: NewForm) -> str:
    may_add = scope_of(current_actor(), Act.MANAGE_PLACES).everything
    return render_template(
        "admin/areas.html", districts=districts_listed(), form=form, may_add=may_add
    )


@blueprint.get("/districts/<int:district_id>")
@allows(Act.VIEW_PLACES)
def district(district_id: int) -> str:
    return _district(district_id, NewForm(formdata=None))


def _district(district_id: int, form: NewForm, wrong: AreaLevel | None = None) -> str:
    actor = current_actor()
    sheet = district_sheet(actor, district_id)
    form.street_id.choices = choices([("", _("不指定")), *streets_of(district_id)])
    may_keep = may(actor, Act.MANAGE_PLACES, district_id=district_id)
    empty = NewForm(formdata=None)
    empty.street_id.choices = form.street_id.choices
    forms = {
        level.value: form if level is wrong else empty
        for level in (AreaLevel.STREET, AreaLevel.COMMUNITY)
    }
    return render_template("admin/district.html", sheet=sheet, forms=forms, may_keep=may_keep)


@blueprint.get("/communities/<int:community_id>")
@allows(Act.VIEW_PLACES)
def community(community_id: int) -> str:
    return _community(community_id, NewForm(formdata=None))


def _community(community_id: int, form: NewForm, wrong: AreaLevel | None = None) -> str:
    actor = current_actor()
    sheet = community_sheet(actor, community_id)
    empty = NewForm(formdata=None)
    for one in (form, empty):
        one.grid_area_id.choices = choices(
            [("", _("不指定")), *((grid.id, grid.name) for grid, _count in sheet.grids)]
        )
    forms = {
        level.value: form if level is wrong else empty
        for level in (AreaLevel.GRID, AreaLevel.BUILDING)
    }
    may_keep = may(actor, Act.MANAGE_PLACES, district_id=sheet.community.district_id)
    return render_template("admin/community.html", sheet=sheet, forms=forms, may_keep=may_keep)


PARENT = {
    AreaLevel.STREET: "district_id",
    AreaLevel.COMMUNITY: "district_id",
    AreaLevel.GRID: "community_id",
    AreaLevel.BUILDING: "community_id",
}


@blueprint.post("/<level>/new", defaults={"parent_id": 0})
@blueprint.post("/<level>/new/<int:parent_id>")
@allows(Act.MANAGE_PLACES)
@commits
def create(level: str, parent_id: int) -> Response | tuple[str, int]:
    kind, form = _level(level), NewForm()
    form.street_id.choices = choices([(form.street_id.data or "", "")])
    form.grid_area_id.choices = choices([(form.grid_area_id.data or "", "")])
    values: dict[str, Any] = {PARENT[kind]: parent_id} if kind in PARENT else {}
    if kind is AreaLevel.COMMUNITY:
        values["street_id"] = form.street_id.data
    if kind is AreaLevel.BUILDING:
        values["grid_area_id"] = form.grid_area_id.data
    try:
        made = create_areas(current_actor(), kind, form.names.data or "", values, at=now())
    except Refused as refused:
        if refused.status in (403, 404):
            raise
        form.absorb(refused)
        return _around(kind, parent_id, form), 422
    flash(_("已新增 %(n)s 个%(what)s。", n=len(made), what=label(kind)), "success")
    return redirect(_home_of(kind, made[0]))


def _around(level: AreaLevel, parent_id: int, form: NewForm) -> str:
    """The page on which areas of this level are added, with what was typed."""
    if level is AreaLevel.DISTRICT:
        return _listing(form)
    if level in (AreaLevel.STREET, AreaLevel.COMMUNITY):
        return _district(parent_id, form, level)
    return _community(parent_id, form, level)


def _offer(form: EditForm, level: AreaLevel, area: Any) -> None:
    """Keep only the fields of this level, with their choices."""
    for name in ("district_id", "street_id", "grid_area_id", "centre_lat", "centre_lon", "note"):
        if name not in FIELDS[level]:
            del form[name]
    if "district_id" in form:
        form["district_id"].choices = choices(districts_to_choose())
    if "street_id" in form:
        form["street_id"].choices = choices([("", _("不指定")), *streets_of(area.district_id)])
    if "grid_area_id" in form:
        sheet = community_sheet(current_actor(), area.community_id)
        grids = [(grid.id, grid.name) for grid, _count in sheet.grids]
        form["grid_area_id"].choices = choices([("", _("不指定")), *grids])


def _page(level: AreaLevel, area: Any, form: EditForm) -> str:
    return render_template(
        "admin/area_form.html",
        level=level,
        area=area,
        form=form,
        back=_home_of(level, area),
        things=hanging_on(level, area.id),
    )


@blueprint.get("/<level>/<int:area_id>/edit")
@allows(Act.MANAGE_PLACES)
def edit(level: str, area_id: int) -> str:
    kind = _level(level)
    area = area_for(current_actor(), kind, area_id, act=Act.MANAGE_PLACES)
    form = EditForm(formdata=None, obj=area, seen=mark_of(area))
    _offer(form, kind, area)
    return _page(kind, area, form)


@blueprint.post("/<level>/<int:area_id>/edit")
@allows(Act.MANAGE_PLACES)
@commits
def save(level: str, area_id: int) -> Response | tuple[str, int]:
    kind, actor = _level(level), current_actor()
    area = area_for(actor, kind, area_id, act=Act.MANAGE_PLACES)
    form = EditForm()
    _offer(form, kind, area)
    if form.validate():
        values = {name: form[name].data for name in FIELDS[kind]}
        if "note" in values:
            values["note"] = values["note"] or ""
        try:
            area = edit_area(actor, kind, area_id, values, seen=form.seen.data or "", at=now())
            flash(_("已保存。"), "success")
            return redirect(_home_of(kind, area))
        except Refused as refused:
            if refused.status in (403, 404):
                raise
            form.absorb(refused)
    return _page(kind, area, form), 422


@blueprint.post("/<level>/<int:area_id>/delete")
@allows(Act.MANAGE_PLACES)
@commits
def delete(level: str, area_id: int) -> Response:
    kind, actor = _level(level), current_actor()
    area = area_for(actor, kind, area_id, act=Act.MANAGE_PLACES)
    back = _home_of(kind, area)
    try:
        name = delete_area(actor, kind, area_id, at=now())
    except Refused as refused:
        return sent_back(refused, back)
    flash(_("已删除%(what)s“%(name)s”。", what=label(kind), name=name), "success")
    return redirect(back)
