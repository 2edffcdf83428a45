"""Skills that can be asked for (资质), and how long they hold."""

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import BooleanField

from volunteer.domain.access import Act
from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import local_date, now
from volunteer.operations.kinds import keep_skill
from volunteer.queries.kinds import skill_for, skills_listed
from volunteer.web.forms import BaseForm, number, text
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("skills", __name__, url_prefix="/city/skills")
SOON = timedelta(days=60)


class SkillForm(BaseForm):
    name = text(_l("资质名称"), longest=60)
    valid_months = number(
        _l("有效期（个月）"), low=1, high=240, required=False, description=_l("不填表示长期有效。")
    )
    is_active = BooleanField(_l("在用"), default=True)


@blueprint.get("/")
@allows(Act.VIEW_KINDS)
def listing() -> str:
    return _listing(SkillForm(formdata=None, is_active=True))


def _listing(form: SkillForm) -> str:
    today = local_date(now())
    rows = skills_listed(on=today, soon=today + SOON)
    return render_template("admin/skills.html", skills=rows, form=form)


@blueprint.post("/")
@allows(Act.MANAGE_KINDS)
@commits
def create() -> Response | tuple[str, int]:
    form = SkillForm()
    if form.validate():
        try:
            _keep(None, form, is_active=True)
            flash(_("资质已新增，组织者可以在志愿者资料里确认。"), "success")
            return redirect(url_for("skills.listing"))
        except Refused as refused:
            if refused.status == 403:
                raise
            form.absorb(refused)
    return _listing(form), 422


def _keep(skill_id: int | None, form: SkillForm, *, is_active: bool) -> None:
    keep_skill(
        current_actor(),
        skill_id,
        name=form.name.data or "",
        valid_months=form.valid_months.data,
        is_active=is_active,
        at=now(),
    )


@blueprint.get("/<int:skill_id>/edit")
@allows(Act.MANAGE_KINDS)
def edit(skill_id: int) -> str:
    skill = skill_for(skill_id)
    form = SkillForm(formdata=None, obj=skill)
    return render_template("admin/skill_form.html", form=form, skill=skill)


@blueprint.post("/<int:skill_id>/edit")
@allows(Act.MANAGE_KINDS)
@commits
def save(skill_id: int) -> Response | tuple[str, int]:
    skill, form = skill_for(skill_id), SkillForm()
    if form.validate():
        try:
            _keep(skill_id, form, is_active=bool(form.is_active.data))
            flash(_("资质已保存；已经确认过的有效期不变。"), "success")
            return redirect(url_for("skills.listing"))
        except Refused as refused:
            if refused.status == 403:
                raise
            form.absorb(refused)
    return render_template("admin/skill_form.html", form=form, skill=skill), 422
