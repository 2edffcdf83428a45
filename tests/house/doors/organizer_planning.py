"""Doors of volunteer/views/organizer/planning.py."""

from datetime import timedelta
from typing import Any

from tests.builders import MONDAY, NOW, City
from tests.house.doors import DESK, OFFICES, READERS, Door
from volunteer.models.base import db
from volunteer.models.people import Unit
from volunteer.models.rosters import SchedulingRun


def things(city: City, unit: Unit) -> dict[str, Any]:
    """A waiting run of the unit, whose problem is known."""
    run = SchedulingRun(
        week_on=MONDAY + timedelta(weeks=521),
        unit_id=unit.id,
        asked_by_id=1,
        asked_at=NOW,
        problem_gz=b"\x1f\x8b",
    )
    db.session.add(run)
    db.session.flush()
    return {"run": run.id}


OTHER = frozenset({"other_organizer"})
PROBLEM = "/planning/runs/{run}/problem.json.gz"

DOORS = [
    Door("planning.runs", "/planning", READERS | OTHER),
    Door("planning.ask", "/planning/new", DESK | OTHER),
    Door("planning.start", "/planning/new", DESK | OTHER, "POST"),
    Door("planning.show_run", "/planning/runs/{run}", READERS, strangers=OTHER),
    Door("planning.progress", "/planning/runs/{run}/progress", READERS, strangers=OTHER),
    Door("planning.stop", "/planning/runs/{run}/stop", DESK, "POST", strangers=OTHER),
    Door("planning.problem_file", PROBLEM, OFFICES),
]
