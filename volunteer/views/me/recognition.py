"""My stars and honours (我的星级与表彰): where I stand, what is missing, what was decided and why."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from volunteer.domain.access import Act
from volunteer.domain.recognition import star_name
from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import now
from volunteer.operations.stars import object_to_star
from volunteer.queries.honours import honour_roll, honours_of
from volunteer.queries.stars import announced, my_stars
from volunteer.queries.targets import my_target
from volunteer.web.errors import sent_back
from volunteer.web.forms import BaseForm, text
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("recognition", __name__, url_prefix="/me/recognition")


class ObjectionForm(BaseForm):
    words = text(_l("您的意见和依据"), longest=200, required=False)


@blueprint.get("")
@allows(Act.OWN_HOURS)
def show() -> str:
    actor, at = current_actor(), now()
    return render_template(
        "me/recognition/show.html",
        stars=my_stars(actor, at=at),
        honours=honours_of(actor.volunteer_id or 0, at=at),
        target=my_target(actor, at=at),
        star_name=star_name,
    )


@blueprint.get("/honours")
@allows(Act.OWN_HOURS)
def roll() -> str:
    return render_template(
        "me/recognition/honours.html", rows=honour_roll(current_actor(), at=now())
    )


@blueprint.get("/announced")
@allows(Act.OWN_HOURS)
def announcements() -> str:
    return render_template(
        "me/recognition/announced.html",
        rows=announced(current_actor(), at=now()),
        form=ObjectionForm(formdata=None),
        star_name=star_name,
    )


@blueprint.post("/announced/<int:decision_id>/object")
@allows(Act.OWN_HOURS)
@commits
def object_to(decision_id: int) -> ResponseReturnValue:
    words = ObjectionForm().words.data or ""
    try:
        object_to_star(current_actor(), decision_id, words=words, at=now())
    except Refused as refused:
        if refused.status == 404:
            raise
        return sent_back(refused, url_for("recognition.announcements"))
    flash(_("意见已转给评定的人，谢谢您。"), "success")
    return redirect(url_for("recognition.announcements"))
