"""A volunteer's paper card at the desk (制卡): for who has no phone at hand."""

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

blueprint = Blueprint("person_card", __name__, url_prefix="/people")


@blueprint.get("/<int:volunteer_id>/card")
@allows(Act.MANAGE_PEOPLE)
def show(volunteer_id: int) -> str:
    card = card_for(current_actor(), volunteer_id)
    return render_template("organizer/people/card.html", card=card)


@blueprint.get("/<int:volunteer_id>/card/paper")
@allows(Act.MANAGE_PEOPLE)
def paper(volunteer_id: int) -> str:
    card = card_for(current_actor(), volunteer_id, is_needed=True)
    return render_template("people/card.html", card=card, picture=picture_of(card), made=now())


@blueprint.post("/<int:volunteer_id>/card/issue")
@allows(Act.MANAGE_PEOPLE)
@commits
def issue(volunteer_id: int) -> Response:
    card_for(current_actor(), volunteer_id)
    issue_card(current_actor(), volunteer_id, at=now())
    flash(_("已制卡，以前的卡不能再用。"), "success")
    return redirect(url_for("person_card.show", volunteer_id=volunteer_id))


@blueprint.post("/<int:volunteer_id>/card/void")
@allows(Act.MANAGE_PEOPLE)
@commits
def void(volunteer_id: int) -> Response:
    card_for(current_actor(), volunteer_id)
    void_card(current_actor(), volunteer_id, at=now())
    flash(_("已挂失，这张卡不能再用。"), "success")
    return redirect(url_for("person_card.show", volunteer_id=volunteer_id))
