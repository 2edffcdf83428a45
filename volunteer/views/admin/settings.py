"""Settings of the city (参数): rules in figures with their versions, the city's name, whom to call."""

import re
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import BooleanField, Field, SelectField, StringField
from wtforms.validators import ValidationError

from volunteer.domain.access import Act
from volunteer.domain.figures import FIGURES, GROUPS, STEPS, Figure
from volunteer.domain.policy import STANDARD, Policy
from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import local_date, minutes_of, now
from volunteer.operations.policy import make_rules, set_words, withdraw_rules
from volunteer.queries.policy import policy_on, versions_made
from volunteer.queries.titles import city_words
from volunteer.web.errors import sent_back
from volunteer.web.forms import REQUIRED, BaseForm, choices, day, number, text
from volunteer.web.guard import allows, current_actor
from volunteer.web.page import forget_words
from volunteer.web.words import told_later
from volunteer.web.work import commits

blueprint = Blueprint("settings", __name__, url_prefix="/city/settings")


def _numbers(_form: Any, field: Field) -> None:
    if not re.fullmatch(r"\d+([,，、\s]+\d+)*", (field.data or "").strip()):
        raise ValidationError(_("请填写用逗号隔开的整数，例如 100，300，600。"))


def _slots(_form: Any, field: Field) -> None:
    try:
        read_slots(field.data or "")
    except ValueError as error:
        raise ValidationError(_("请每个时段写成 07:30-08:30，用空格隔开。")) from error


def read_slots(typed: str) -> tuple[tuple[str, str], ...]:
    """Pairs of clock times out of a text; raises ValueError where one is none."""
    slots = []
    for part in re.split(r"[\s,，、；;]+", typed.strip()):
        start, _dash, end = part.replace("—", "-").replace("–", "-").partition("-")
        minutes_of(start), minutes_of(end)
        slots.append((start.strip().replace("：", ":"), end.strip().replace("：", ":")))
    return tuple(slots)


def _field(figure: Figure) -> Any:
    words, unit = told_later(figure.label), told_later(figure.unit)
    if figure.unit:
        words = _l("%(label)s（%(unit)s）", label=words, unit=unit)
    if figure.kind == "number":
        why = _l(
            "%(low)s—%(high)s。%(why)s",
            low=figure.low,
            high=figure.high,
            why=told_later(figure.why),
        )
        return number(words, low=figure.low, high=figure.high, description=why)
    if figure.kind == "switch":
        return BooleanField(words, description=told_later(figure.why))
    if figure.kind == "step":
        steps = choices((str(value), _l("%(n)s 小时", n=shown)) for value, shown in STEPS)
        return SelectField(words, choices=steps, description=told_later(figure.why))
    check = _numbers if figure.kind == "numbers" else _slots
    return StringField(words, validators=[REQUIRED, check], description=told_later(figure.why))


class FiguresForm(BaseForm):
    effective_on = day(_l("从哪一天起生效"))
    why = text(
        _l("修改原因"),
        longest=200,
        description=_l("会写进版本记录，例如：市文明办 2026 年 12 号文。"),
    )


for _name, _figure in FIGURES.items():
    setattr(FiguresForm, _name, _field(_figure))


class WordsForm(BaseForm):
    city_name = text(_l("城市名称"), longest=40)
    support_phone = text(
        _l("求助电话"), longest=30, required=False, description=_l("显示在帮助页和出错页。")
    )


def _typed(policy: Policy) -> dict[str, Any]:
    """A policy as the form shows it."""
    values: dict[str, Any] = {name: getattr(policy, name) for name in FIGURES}
    values["star_hours"] = "，".join(str(hours) for hours in policy.star_hours)
    values["slots"] = " ".join(f"{start}-{end}" for start, end in policy.slots)
    values["hour_step_hundredths"] = str(policy.hour_step_hundredths)
    return values


def _read(form: FiguresForm) -> dict[str, Any]:
    """The figures as the policy keeps them."""
    values: dict[str, Any] = {name: form[name].data for name in FIGURES}
    values["star_hours"] = tuple(int(n) for n in re.findall(r"\d+", form["star_hours"].data))
    values["slots"] = read_slots(form["slots"].data)
    values["hour_step_hundredths"] = int(form["hour_step_hundredths"].data)
    return values


def _words_form() -> WordsForm:
    settings, known = current_app.config["SETTINGS"], city_words()
    return WordsForm(
        formdata=None,
        city_name=known.get("city_name", settings.city_name),
        support_phone=known.get("support_phone", settings.support_phone),
    )


def _overview(words: WordsForm | None = None) -> str:
    today = local_date(now())
    policy = policy_on(today)
    return render_template(
        "admin/settings.html",
        groups=GROUPS,
        shown=_typed(policy),
        standard=_typed(STANDARD),
        version=policy.rule_version,
        versions=versions_made(),
        figures=FIGURES,
        today=today,
        words=words or _words_form(),
    )


@blueprint.get("/")
@allows(Act.VIEW_SETTINGS)
def figures() -> str:
    return _overview()


@blueprint.get("/edit")
@allows(Act.MANAGE_SETTINGS)
def edit() -> str:
    today = local_date(now())
    form = FiguresForm(formdata=None, effective_on=today, **_typed(policy_on(today)))
    return render_template("admin/settings_form.html", form=form, groups=GROUPS)


@blueprint.post("/edit")
@allows(Act.MANAGE_SETTINGS)
@commits
def save() -> Response | tuple[str, int]:
    form = FiguresForm()
    if form.validate():
        try:
            made = make_rules(
                current_actor(),
                _read(form),
                effective_on=form.effective_on.data,
                why=form.why.data or "",
                at=now(),
            )
            flash(
                _("规则 %(v)s 已保存，从 %(day)s 起生效。", v=made.version, day=made.effective_on),
                "success",
            )
            return redirect(url_for("settings.figures"))
        except Refused as refused:
            if refused.status == 403:
                raise
            form.absorb(refused)
    return render_template("admin/settings_form.html", form=form, groups=GROUPS), 422


@blueprint.post("/versions/<int:version_id>/withdraw")
@allows(Act.MANAGE_SETTINGS)
@commits
def withdraw(version_id: int) -> Response:
    try:
        row = withdraw_rules(current_actor(), version_id, at=now())
    except Refused as refused:
        return sent_back(refused, url_for("settings.figures"))
    flash(_("规则 %(v)s 已撤回，不会生效。", v=row.version), "success")
    return redirect(url_for("settings.figures"))


@blueprint.post("/words")
@allows(Act.MANAGE_SETTINGS)
@commits
def words() -> Response | tuple[str, int]:
    form = WordsForm()
    if form.validate():
        try:
            set_words(
                current_actor(),
                city_name=form.city_name.data or "",
                support_phone=form.support_phone.data or "",
                at=now(),
            )
            forget_words()
            flash(_("已保存，各页面随即更新。"), "success")
            return redirect(url_for("settings.figures"))
        except Refused as refused:
            if refused.status == 403:
                raise
            form.absorb(refused)
    return _overview(form), 422
