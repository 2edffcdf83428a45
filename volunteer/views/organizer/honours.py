"""Honours at the desk (表彰): set up, give with a citation, take back."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from volunteer.domain.access import Act, may, scope_of
from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import local_date, now
from volunteer.operations.honours import (
    HonourFacts,
    found_honour,
    give_honour,
    withdraw_honour,
)
from volunteer.queries.choices import people_named, units_to_organize
from volunteer.queries.honours import award_for, awards_of, honour_for, honours_listed
from volunteer.web.errors import sent_back
from volunteer.web.forms import BaseForm, choice, choices, number, text
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("honours", __name__, url_prefix="/honours")


class HonourForm(BaseForm):
    title = text(_l("名称"), longest=60, description=_l("例如：优秀志愿者。"))
    year = number(_l("年度"), low=2000, high=2100)
    body = text(_l("授予单位"), longest=80)
    criteria = text(_l("条件"), longest=400, description=_l("所有人都看得到，写清楚凭什么授予。"))
    document = text(_l("文号"), longest=80, required=False)
    unit_id = choice(_l("哪一级的表彰"))

    def with_choices(self) -> "HonourForm":
        """Fill the list in."""
        actor = current_actor()
        whole = [("", _("全市"))] if scope_of(actor, Act.DECIDE_STARS).everything else []
        self.unit_id.choices = choices([*whole, *units_to_organize(actor)])
        return self


class AwardForm(BaseForm):
    who = text(_l("授予谁"), longest=40, description=_l("志愿者编号或姓名"))
    citation = text(_l("事迹"), longest=300)


class ReasonForm(BaseForm):
    reason = text(_l("原因"), longest=200, required=False)


@blueprint.get("")
@allows(Act.VIEW_HOURS)
def listing() -> str:
    return render_template(
        "organizer/recognition/honours.html", lines=honours_listed(current_actor())
    )


@blueprint.get("/new")
@allows(Act.DECIDE_STARS)
def new() -> str:
    form = HonourForm(formdata=None, data={"year": local_date(now()).year}).with_choices()
    return render_template("organizer/recognition/honour_form.html", form=form)


@blueprint.post("/new")
@allows(Act.DECIDE_STARS)
@commits
def save() -> ResponseReturnValue:
    form = HonourForm().with_choices()
    if form.validate_on_submit():
        facts = HonourFacts(
            title=form.title.data or "",
            year=form.year.data or 0,
            body=form.body.data or "",
            criteria=form.criteria.data or "",
            document=form.document.data or "",
            unit_id=form.unit_id.data,
        )
        try:
            row = found_honour(current_actor(), facts, at=now())
            flash(_("表彰已设立，可以授予了。"), "success")
            return redirect(url_for("honours.show", honour_id=row.id))
        except Refused as refused:
            if refused.status in (403, 404):
                raise
            form.absorb(refused)
    return render_template("organizer/recognition/honour_form.html", form=form), 422


def _page(honour_id: int, form: AwardForm | None = None) -> str:
    actor, at = current_actor(), now()
    honour = honour_for(actor, honour_id)
    everything = scope_of(actor, Act.DECIDE_STARS).everything
    gives = everything or (
        honour.unit_id is not None and may(actor, Act.DECIDE_STARS, unit_id=honour.unit_id)
    )
    return render_template(
        "organizer/recognition/honour.html",
        honour=honour,
        lines=awards_of(actor, honour_id, at=at),
        may_give=gives,
        form=form or AwardForm(formdata=None),
    )


@blueprint.get("/<int:honour_id>")
@allows(Act.VIEW_HOURS)
def show(honour_id: int) -> str:
    return _page(honour_id)


@blueprint.post("/<int:honour_id>/awards")
@allows(Act.DECIDE_STARS)
@commits
def give(honour_id: int) -> ResponseReturnValue:
    form, actor = AwardForm(), current_actor()
    honour_for(actor, honour_id, Act.DECIDE_STARS)
    if form.validate_on_submit():
        try:
            give_honour(
                actor,
                honour_id,
                _meant(form.who.data or ""),
                citation=form.citation.data or "",
                at=now(),
            )
            flash(_("已授予，本人会收到通知。"), "success")
            return redirect(url_for("honours.show", honour_id=honour_id))
        except Refused as refused:
            if refused.status in (403, 404):
                raise
            form.absorb(refused)
    return _page(honour_id, form), 422


def _meant(words: str) -> int:
    """The one person who is meant by a number or a name."""
    found = people_named(current_actor(), words)
    if not found:
        raise Refused(
            "nobody_found", _("没有找到这个人，请核对姓名或编号。"), field="who", status=422
        )
    if len(found) > 1:
        raise Refused("several", _("有几个同名的人，请改填编号。"), field="who", status=422)
    return found[0][0]


@blueprint.post("/awards/<int:award_id>/withdraw")
@allows(Act.DECIDE_STARS)
@commits
def withdraw(award_id: int) -> ResponseReturnValue:
    actor = current_actor()
    award = award_for(actor, award_id)
    try:
        withdraw_honour(actor, award_id, reason=ReasonForm().reason.data or "", at=now())
    except Refused as refused:
        if refused.status in (403, 404):
            raise
        return sent_back(refused, url_for("honours.show", honour_id=award.honour_id))
    flash(_("表彰已撤回，本人会收到通知，历史保留。"), "success")
    return redirect(url_for("honours.show", honour_id=award.honour_id))
