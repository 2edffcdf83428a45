"""How to use the product (使用帮助): a short guide for each role, for desk and phone."""

from flask import Blueprint, render_template, request

from volunteer.domain.terms import Role
from volunteer.web.guard import actor_or_none, open_to_all
from volunteer.web.page import is_desk_person
from volunteer.web.words import told_later

blueprint = Blueprint("guide", __name__)

ORDER = ("volunteer", "leader", "organizer", "district_admin", "city_admin", "auditor")


@blueprint.get("/help")
@open_to_all
def help() -> str:
    """Open to all: whoever cannot sign in needs help, too."""
    actor = actor_or_none()
    mine = [role for role in ORDER if actor and Role[role.upper()] in actor.roles]
    asked = request.args.get("role", "")
    chosen = asked if asked in ORDER else (mine[-1] if mine else "volunteer")
    template = "guide/desk.html" if is_desk_person(actor) else "guide/phone.html"
    return render_template(template, roles=ORDER, labels=LABELS, chosen=chosen)


LABELS = {role: told_later(Role[role.upper()].label) for role in ORDER}
