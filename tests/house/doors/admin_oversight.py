"""Doors of volunteer/views/admin/oversight.py."""

from typing import Any

from tests.builders import NOW, City
from tests.house.doors import CITY, OFFICES, Door
from volunteer.domain.terms import JobState, MessageState
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry, Job, Message
from volunteer.models.people import Unit

READ = OFFICES | {"auditor"}
DISTRICT = frozenset({"district_admin"})


def _line(unit: Unit) -> AuditEntry:
    entry = AuditEntry(
        at=NOW, actor_name="甲", act="x", subject="unit", unit_id=unit.id, sentence="做了一件事"
    )
    db.session.add(entry)
    db.session.flush()
    return entry


def things(city: City, unit: Unit) -> dict[str, Any]:
    """An audit line of the unit and of another, a failed job and a failed message."""
    job = Job(task="solve_run", arguments={}, state=JobState.FAILED, created_at=NOW, due_at=NOW)
    message = Message(
        topic="x", title="x", body="x", state=MessageState.FAILED, created_at=NOW, due_at=NOW
    )
    db.session.add_all([job, message])
    db.session.flush()
    return {
        "line": _line(unit).id,
        "stranger": _line(city.other_unit).id,
        "job": job.id,
        "message": message.id,
    }


DOORS = [
    Door("oversight.audit", "/city/oversight/", READ),
    Door("oversight.entry", "/city/oversight/{line}", READ),
    Door("oversight.entry", "/city/oversight/{stranger}", READ - DISTRICT, strangers=DISTRICT),
    Door("oversight.export", "/city/oversight/export/csv", READ, "POST"),
    Door("oversight.jobs", "/city/oversight/jobs", CITY | {"auditor"}),
    Door("oversight.retry", "/city/oversight/jobs/{job}/retry", CITY, "POST"),
    Door("oversight.messages", "/city/oversight/messages", CITY | {"auditor"}),
    Door("oversight.resend", "/city/oversight/messages/{message}/retry", CITY, "POST"),
    Door("oversight.exports", "/city/oversight/exports", READ),
]
