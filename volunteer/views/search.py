"""Finding people, units, points and activities from anywhere (全站查找)."""

from flask import Blueprint, render_template, request

from volunteer.domain.access import Act
from volunteer.queries.search import found_for
from volunteer.web.guard import allows, current_actor

blueprint = Blueprint("search", __name__)


@blueprint.get("/search")
@allows(Act.VIEW_ACTIVITIES)
def results() -> str:
    words = request.args.get("q", "").strip()
    found = found_for(current_actor(), words)
    return render_template("admin/search.html", words=words, found=found)
