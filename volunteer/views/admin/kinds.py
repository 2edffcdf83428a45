"""Kinds of service and their defaults (服务类型)."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.validators import Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from volunteer.domain.access import Act
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Nature
from volunteer.domain.timekeeping import local_date, now
from volunteer.operations.kinds import KindParticulars, create_kind, edit_kind, use_kind
from volunteer.queries.choices import skills_to_choose
from volunteer.queries.kinds import kind_for, kinds_listed
from volunteer.queries.policy import policy_on
from volunteer.queries.seen import mark_of
from volunteer.web.forms import REQUIRED, BaseForm, choices, number, pick, text
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("kinds", __name__, url_prefix="/city/kinds")

HUES = (
    ("traffic", _l("蓝")),
    ("elderly", _l("玫红")),
    ("greenery", _l("绿")),
    ("net_cafe", _l("紫")),
    ("cleaning", _l("青")),
    ("hazard_waste", _l("土黄")),
    ("household", _l("棕")),
    ("street_patrol", _l("灰蓝")),
    ("posters", _l("堇紫")),
    ("parking_order", _l("湖蓝")),
    ("road_inspection", _l("橄榄")),
    ("12", _l("靛蓝")),
)
DAYS = (
    ("workdays", _l("工作日")),
    ("weekend", _l("周末")),
    ("saturday", _l("周六")),
    ("any", _l("不限")),
)


def _lines(label: str, help_text: str) -> TextAreaField:
    return TextAreaField(
        label,
        validators=[Optional(), Length(max=1000)],
        description=help_text,
        render_kw={"rows": 4},
    )


class KindForm(BaseForm):
    seen = HiddenField()
    name = text(_l("名称"), longest=60)
    hue = RadioField(_l("颜色"), choices=choices(HUES), validators=[REQUIRED], default="12")
    nature = RadioField(
        _l("活动性质"),
        choices=choices(Nature.choices()),
        validators=[REQUIRED],
        default="volunteer",
        description=_l("只有“志愿服务”计入志愿服务时长。"),
    )
    slots = TextAreaField(
        _l("时段"),
        validators=[REQUIRED, Length(max=200)],
        description=_l("每行一个，例如 07:30-08:30；最多 6 个。"),
        render_kw={"rows": 3},
    )
    days = pick(_l("适用的日子"), DAYS, default="any")
    min_heads = number(_l("最少人数"), low=0, high=500)
    target_heads = number(_l("目标人数"), low=0, high=500)
    max_heads = number(_l("最多人数"), low=1, high=500, default=6)
    needs_leader = BooleanField(_l("每班要有带队"))
    in_pairs = BooleanField(_l("两人一组"))
    min_age = number(_l("最小年龄"), low=8, high=100, default=18)
    max_age = number(_l("最大年龄"), low=8, high=120, default=70)
    is_dangerous = BooleanField(
        _l("有人身危险"), description=_l("发布前必须填写保险单号，不安排未成年人。")
    )
    required_skills = SelectMultipleField(
        _l("必备资质"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    kit = _lines(_l("携带物品"), _l("每行一件，显示在班次卡上，例如：红马甲。"))
    counters = _lines(_l("成果计数"), _l("每行一项，下岗时填写，例如：劝导闯红灯。"))
    safety_note = TextAreaField(
        _l("安全提示"), validators=[Optional(), Length(max=400)], render_kw={"rows": 3}
    )
    is_open = BooleanField(_l("附近志愿者也可以参加"), default=True)
    reach_metres = number(_l("附近的范围（米）"), low=100, high=50_000, default=4000)


def _offer(form: KindForm) -> None:
    skills = skills_to_choose()
    form.required_skills.choices = choices((skill.code, skill.name) for skill in skills)


def _split(typed: str | None) -> tuple[str, ...]:
    found = (line.strip()[:40] for line in (typed or "").splitlines())
    return tuple(dict.fromkeys(line for line in found if line))


def _slots(typed: str | None) -> tuple[tuple[str, str], ...]:
    pairs = []
    for line in _split(typed):
        start, _dash, end = line.replace("—", "-").replace("–", "-").partition("-")
        pairs.append((start.strip().replace("：", ":"), end.strip().replace("：", ":")))
    return tuple(pairs)


def _particulars(form: KindForm) -> KindParticulars:
    return KindParticulars(
        name=form.name.data or "",
        hue=form.hue.data,
        nature=Nature[str(form.nature.data).upper()],
        slots=_slots(form.slots.data),
        days=form.days.data,
        min_heads=form.min_heads.data or 0,
        target_heads=form.target_heads.data or 0,
        max_heads=form.max_heads.data or 0,
        needs_leader=form.needs_leader.data,
        in_pairs=form.in_pairs.data,
        min_age=form.min_age.data or 0,
        max_age=form.max_age.data or 0,
        is_dangerous=form.is_dangerous.data,
        required_skills=tuple(form.required_skills.data or ()),
        kit=_split(form.kit.data),
        counters=_split(form.counters.data),
        safety_note=form.safety_note.data or "",
        is_open=form.is_open.data,
        reach_metres=form.reach_metres.data or 4000,
    )


@blueprint.get("/")
@allows(Act.VIEW_KINDS)
def listing() -> str:
    return render_template("admin/kinds.html", kinds=kinds_listed())


@blueprint.get("/new")
@allows(Act.MANAGE_KINDS)
def new() -> str:
    policy = policy_on(local_date(now()))
    form = KindForm(
        formdata=None,
        min_heads=policy.heads_min,
        target_heads=policy.heads_target,
        slots="\n".join(f"{start}-{end}" for start, end in policy.slots),
    )
    _offer(form)
    return render_template("admin/kind_form.html", form=form, kind=None)


@blueprint.post("/new")
@allows(Act.MANAGE_KINDS)
@commits
def create() -> Response | tuple[str, int]:
    form = KindForm()
    _offer(form)
    if form.validate():
        try:
            kind = create_kind(current_actor(), _particulars(form), at=now())
            flash(_("服务类型已新增。"), "success")
            return redirect(url_for("kinds.show", kind_id=kind.id))
        except Refused as refused:
            if refused.status == 403:
                raise
            form.absorb(refused)
    return render_template("admin/kind_form.html", form=form, kind=None), 422


@blueprint.get("/<int:kind_id>")
@allows(Act.VIEW_KINDS)
def show(kind_id: int) -> str:
    kind = kind_for(kind_id)
    names = {skill.code: skill.name for skill in skills_to_choose()}
    needed = [names.get(code, code) for code in kind.required_skills]
    return render_template("admin/kind.html", kind=kind, days=dict(DAYS), needed=needed)


@blueprint.get("/<int:kind_id>/edit")
@allows(Act.MANAGE_KINDS)
def edit(kind_id: int) -> str:
    kind = kind_for(kind_id)
    form = KindForm(formdata=None, obj=kind, seen=mark_of(kind))
    form.hue.data = kind.hue.removeprefix("hue-")
    form.nature.data = kind.nature.value
    form.slots.data = "\n".join("-".join(slot) for slot in kind.slots)
    form.kit.data, form.counters.data = "\n".join(kind.kit), "\n".join(kind.counters)
    _offer(form)
    return render_template("admin/kind_form.html", form=form, kind=kind)


@blueprint.post("/<int:kind_id>/edit")
@allows(Act.MANAGE_KINDS)
@commits
def save(kind_id: int) -> Response | tuple[str, int]:
    kind, form = kind_for(kind_id), KindForm()
    _offer(form)
    if form.validate():
        try:
            edit_kind(
                current_actor(), kind_id, _particulars(form), seen=form.seen.data or "", at=now()
            )
            flash(_("已保存，从以后新建的活动和班次起生效。"), "success")
            return redirect(url_for("kinds.show", kind_id=kind_id))
        except Refused as refused:
            if refused.status == 403:
                raise
            form.absorb(refused)
    return render_template("admin/kind_form.html", form=form, kind=kind), 422


@blueprint.post("/<int:kind_id>/retire")
@allows(Act.MANAGE_KINDS)
@commits
def retire(kind_id: int) -> Response:
    use_kind(current_actor(), kind_id, is_active=False, at=now())
    flash(_("已停用，不能再用它新建活动；已有的活动不受影响。"), "success")
    return redirect(url_for("kinds.show", kind_id=kind_id))


@blueprint.post("/<int:kind_id>/return")
@allows(Act.MANAGE_KINDS)
@commits
def bring_back(kind_id: int) -> Response:
    use_kind(current_actor(), kind_id, is_active=True, at=now())
    flash(_("已恢复使用。"), "success")
    return redirect(url_for("kinds.show", kind_id=kind_id))
