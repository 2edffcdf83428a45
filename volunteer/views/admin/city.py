"""The first page of 城市管理: what is kept, what is missing, how the work behind the pages does."""

from flask import Blueprint, render_template

from volunteer.domain.access import Act
from volunteer.domain.timekeeping import now
from volunteer.queries.city import city_glance
from volunteer.queries.make_ups import waiting_make_ups
from volunteer.queries.tickets import waiting_tickets
from volunteer.web.guard import allows, current_actor

blueprint = Blueprint("city", __name__, url_prefix="/city")


@blueprint.get("/")
@allows(Act.MANAGE_UNITS, Act.VIEW_SETTINGS, Act.VIEW_AUDIT)
def overview() -> str:
    actor, at = current_actor(), now()
    late = (waiting_tickets(actor, at=at)[1], waiting_make_ups(actor, at=at)[1])
    return render_template("admin/city.html", glance=city_glance(actor, at=at), late=late)
