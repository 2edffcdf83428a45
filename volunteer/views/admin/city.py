"""The first page of 城市管理: what is kept, what is missing, how the work behind the pages does."""

from flask import Blueprint, render_template

from volunteer.domain.access import Act
from volunteer.domain.timekeeping import now
from volunteer.queries.city import city_glance
from volunteer.web.guard import allows, current_actor

blueprint = Blueprint("city", __name__, url_prefix="/city")


@blueprint.get("/")
@allows(Act.MANAGE_UNITS, Act.VIEW_SETTINGS, Act.VIEW_AUDIT)
def overview() -> str:
    return render_template("admin/city.html", glance=city_glance(current_actor(), at=now()))
