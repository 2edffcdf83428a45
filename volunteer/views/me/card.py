"""My paper card (我的纸质卡): make it, print it, report it lost."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from volunteer.domain.access import Act
from volunteer.domain.timekeeping import now
from volunteer.operations.people.cards import issue_card, void_card
from volunteer.queries.people.card import card_for
from volunteer.views.card_paper import picture_of
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("my_card", __name__, url_prefix="/me/card")


@blueprint.get("")
@allows(Act.OWN_STAMPS)
def show() -> str:
    actor = current_actor()
    return render_template("me/card.html", card=card_for(actor, actor.volunteer_id or 0))


@blueprint.get("/paper")
@allows(Act.OWN_STAMPS)
def paper() -> str:
    actor = current_actor()
    card = card_for(actor, actor.volunteer_id or 0, is_needed=True)
    return render_template("people/card.html", card=card, picture=picture_of(card), made=now())


@blueprint.post("/issue")
@allows(Act.OWN_STAMPS)
@commits
def issue() -> Response:
    actor = current_actor()
    issue_card(actor, actor.volunteer_id or 0, at=now())
    flash(_("已制卡，以前的卡不能再用。"), "success")
    return redirect(url_for("my_card.show"))


@blueprint.post("/void")
@allows(Act.OWN_STAMPS)
@commits
def void() -> Response:
    actor = current_actor()
    void_card(actor, actor.volunteer_id or 0, at=now())
    flash(_("已挂失，这张卡不能再用。"), "success")
    return redirect(url_for("my_card.show"))
