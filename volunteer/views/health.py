"""Health (运行状况): one address for a monitor; it says what works and nothing else."""

from datetime import timedelta

from flask import Blueprint, Response, current_app, jsonify

from volunteer.domain.timekeeping import now
from volunteer.queries.health import health
from volunteer.web.copies import are_late
from volunteer.web.guard import open_to_all

blueprint = Blueprint("health", __name__)

COPY_AFTER = timedelta(hours=30)
"""The nightly copy may be so old."""


@blueprint.get("/health")
@open_to_all
def check() -> tuple[Response, int]:
    """Open to all: a monitor has no account. No figure, no version, no name: only ok or failed."""
    at = now()
    found = health(at=at)
    said = {"database": found.database, "jobs": found.jobs}
    late = are_late(current_app.config["SETTINGS"], at=at, allowed=COPY_AFTER)
    if late is not None:
        said["backup"] = not late
    words = {name: "ok" if works else "failed" for name, works in said.items()}
    return jsonify(words), 200 if all(said.values()) else 503
