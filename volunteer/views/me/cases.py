"""My cases (需要我说明的记录): what was seen, in plain words; answer, and appeal against a decision."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import Length

from volunteer.domain.access import Act
from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import local_date, now
from volunteer.operations.trust import answer_case, appeal_case
from volunteer.queries.trust.cases import my_case, my_cases
from volunteer.web.forms import BaseForm
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("my_cases", __name__, url_prefix="/me/cases")


class WordsForm(BaseForm):
    words = TextAreaField(_l("您的说明"), validators=[Length(max=2000)], render_kw={"rows": 5})


@blueprint.get("")
@allows(Act.OWN_CASES)
def listing() -> str:
    return render_template("me/cases/listing.html", lines=my_cases(current_actor()))


@blueprint.get("/<int:case_id>")
@allows(Act.OWN_CASES)
def show(case_id: int) -> ResponseReturnValue:
    return _page(case_id, WordsForm(formdata=None))


def _page(case_id: int, form: WordsForm, status: int = 200) -> ResponseReturnValue:
    story = my_case(current_actor(), case_id)
    page = render_template("me/cases/show.html", story=story, form=form, today=local_date(now()))
    return page, status


def _refused(case_id: int, form: WordsForm, refused: Refused) -> ResponseReturnValue:
    if refused.status in (403, 404):
        raise refused
    refused.field = "words" if refused.field in ("answer", "appeal") else None
    form.absorb(refused)
    return _page(case_id, form, 422)


@blueprint.post("/<int:case_id>/answer")
@allows(Act.OWN_CASES)
@commits
def answer(case_id: int) -> ResponseReturnValue:
    my_case(current_actor(), case_id)
    form = WordsForm()
    form.validate()
    try:
        answer_case(current_actor(), case_id=case_id, words=form.words.data or "", at=now())
    except Refused as refused:
        return _refused(case_id, form, refused)
    flash(_("已提交，谢谢您的说明。有了结果会通知您。"), "success")
    return redirect(url_for("my_cases.show", case_id=case_id))


@blueprint.post("/<int:case_id>/appeal")
@allows(Act.OWN_CASES)
@commits
def appeal(case_id: int) -> ResponseReturnValue:
    my_case(current_actor(), case_id)
    form = WordsForm()
    form.validate()
    try:
        appeal_case(current_actor(), case_id=case_id, words=form.words.data or "", at=now())
    except Refused as refused:
        return _refused(case_id, form, refused)
    flash(_("申诉已提交，由上级另一位经办人办理。"), "success")
    return redirect(url_for("my_cases.show", case_id=case_id))
