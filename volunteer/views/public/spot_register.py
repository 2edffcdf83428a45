"""The register of spot checks (抽查公示): digests before, secrets after, and what was found; open to everybody."""

from flask import Blueprint, Response, current_app, jsonify, render_template

from volunteer.domain.timekeeping import now
from volunteer.queries.trust.spots import register
from volunteer.web.files import attachment
from volunteer.web.guard import open_to_all

blueprint = Blueprint("spot_register", __name__)


@blueprint.get("/spot-checks")
@open_to_all
def days() -> str:
    """Open to all: results of spot checks are public (民政部令第67号第二十条); counts only, no names."""
    return render_template(
        "public/spots.html",
        lines=register(at=now()),
        city=current_app.config["SETTINGS"].city_name,
    )


@blueprint.get("/spot-checks.json")
@open_to_all
def days_file() -> Response:
    """Open to all: the same for a program that checks the draw."""
    days = [
        {
            "day": line.day.isoformat(),
            "commitment": line.commitment,
            "secret": line.secret,
            "percent": line.percent,
            "drawn": list(line.drawn),
            "done": line.done,
            "unrun": line.unrun,
        }
        for line in register(at=now())
    ]
    content = jsonify({"format": "volunteer-spot/1", "days": days}).data
    return attachment(content, "spot-checks.json", "application/json")
