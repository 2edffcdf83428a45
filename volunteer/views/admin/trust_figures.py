"""Trust in figures (核查概况): how many cases of which signal, where they stand, which units carry them out."""

from flask import Blueprint, render_template

from volunteer.domain.access import Act
from volunteer.domain.timekeeping import now
from volunteer.queries.trust.figures import trust_figures
from volunteer.queries.trust.spots import register
from volunteer.web.guard import allows, current_actor

blueprint = Blueprint("trust_figures", __name__, url_prefix="/city/oversight")


@blueprint.get("/trust")
@allows(Act.VIEW_AUDIT)
def overview() -> str:
    at = now()
    figures = trust_figures(current_actor(), at=at)
    return render_template("admin/trust.html", figures=figures, days=register(at=at, days=14))
