"""Star levels at the desk (星级评定): who is eligible, what is being published, what holds, what was withdrawn."""

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField
from wtforms.validators import Optional

from volunteer.domain.access import Act
from volunteer.domain.recognition import STAR_NAMES, star_name
from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import local_date, now
from volunteer.operations.stars import grant_stars, hold_stars, withdraw_star
from volunteer.queries.choices import units_to_organize
from volunteer.queries.policy import policy_on
from volunteer.queries.stars import Wanted, candidates, decision_for, decisions
from volunteer.web.errors import sent_back
from volunteer.web.forms import BaseForm, choice, choices, page_asked, pick, text
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("stars", __name__, url_prefix="/stars")

TABS = ("waiting", "held", "public", "granted", "withdrawn")


class FilterForm(BaseForm):
    """What narrows the list; sent as the address."""

    class Meta(BaseForm.Meta):
        csrf = False

    on = DateField(_l("计算截止日"), validators=[Optional()])
    unit_id = choice(_l("单位"))
    level = pick(
        _l("星级"), [(str(n), name) for n, name in enumerate(STAR_NAMES) if n], required=False
    )


class ReasonForm(BaseForm):
    reason = text(_l("原因"), longest=200, required=False)


def _asked() -> tuple[FilterForm, Wanted, str]:
    today = local_date(now())
    form = FilterForm(request.args)
    form.unit_id.choices = choices([("", _("全部")), *units_to_organize(current_actor())])
    form.validate()
    on = form.on.data
    tab = request.args.get("state", "waiting")
    wanted = Wanted(
        on=on if on and date(2000, 1, 1) <= on <= today else today,
        words=request.args.get("q", "").strip()[:40],
        unit_id=form.unit_id.data,
        level=int(form.level.data) if form.level.data and form.level.data.isdecimal() else None,
        held=tab == "held",
    )
    form.on.data = wanted.on
    return form, wanted, tab if tab in TABS else "waiting"


@blueprint.get("")
@allows(Act.VIEW_HOURS)
def listing() -> str:
    actor, at = current_actor(), now()
    form, wanted, tab = _asked()
    page = page_asked(request.args)
    if tab in ("waiting", "held"):
        found, past = candidates(actor, wanted, page=page), None
    else:
        found, past = None, decisions(actor, wanted, tab, at=at, page=page)
    return render_template(
        "organizer/recognition/stars.html",
        form=form,
        wanted=wanted,
        tab=tab,
        found=found,
        past=past,
        policy=policy_on(wanted.on),
        today=local_date(at),
        star_name=star_name,
        narrowed=bool(wanted.words or wanted.unit_id or wanted.level),
        all_ticked=request.args.get("all") == "1",
        plain=ReasonForm(formdata=None),
    )


def _ticked(arguments: Mapping[str, str]) -> dict[int, int]:
    """Who was ticked with the level that the page showed: boxes say ``number:level``."""
    levels: dict[int, int] = {}
    for word in request.form.getlist("person"):
        number, _colon, level = word.partition(":")
        if number.isdecimal() and level.isdecimal() and len(word) < 20:
            levels[int(number)] = int(level)
    return levels


@blueprint.post("/decide")
@allows(Act.DECIDE_STARS)
@commits
def decide() -> ResponseReturnValue:
    actor, at = current_actor(), now()
    levels = _ticked(request.form)
    is_held = request.form.get("verdict") == "held"
    try:
        as_of = date.fromisoformat(request.form.get("as_of", ""))
    except ValueError:
        as_of = local_date(at)
    try:
        if is_held:
            reason = ReasonForm().reason.data or ""
            made = hold_stars(actor, levels, reason=reason, as_of=as_of, at=at)
        else:
            made = grant_stars(actor, levels, as_of=as_of, at=at)
    except Refused as refused:
        if refused.status == 404:
            raise
        return sent_back(refused, url_for("stars.listing"))
    if is_held:
        flash(_("已暂缓 %(n)s 人，本人会看到原因。", n=len(made)), "success")
        return redirect(url_for("stars.listing", state="held"))
    flash(_("已评定 %(n)s 人，本人会收到通知。", n=len(made)), "success")
    return redirect(url_for("stars.listing", state="public"))


@blueprint.post("/<int:decision_id>/withdraw")
@allows(Act.DECIDE_STARS)
@commits
def withdraw(decision_id: int) -> ResponseReturnValue:
    actor = current_actor()
    decision_for(actor, decision_id)
    try:
        withdraw_star(actor, decision_id, reason=ReasonForm().reason.data or "", at=now())
    except Refused as refused:
        if refused.status == 404:
            raise
        return sent_back(refused, url_for("stars.listing", state="granted"))
    flash(_("星级已撤回，本人会收到通知，评定历史保留。"), "success")
    return redirect(url_for("stars.listing", state="withdrawn"))
