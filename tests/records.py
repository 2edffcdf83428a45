"""Builders of service records with their ledger entries, as settling a shift would write them."""

from datetime import date, datetime, timedelta
from typing import Any

from tests.builders import a_kind, a_point, a_shift, an_activity, an_assignment
from volunteer.domain.terms import Grade, Nature, Source
from volunteer.domain.timekeeping import beijing
from volunteer.models.base import db
from volunteer.models.ledger import ServiceRecord
from volunteer.models.people import Unit, Volunteer
from volunteer.operations.ledger import post
from volunteer.operations.ledger.posting import entry_of


def a_record(
    unit: Unit,
    volunteer: Volunteer,
    *,
    on: date,
    minutes: int = 60,
    grade: str = "A",
    nature: Nature = Nature.VOLUNTEER,
    posted_at: datetime | None = None,
    **given: Any,
) -> ServiceRecord:
    """A settled record of ``minutes`` that ``unit`` recorded, posted two hours after the service."""
    activity = an_activity(unit, nature=nature, kind_id=given.pop("kind_id", None) or a_kind().id)
    point = a_point()
    shift = a_shift(activity, point, on=on, start="07:30", end="09:30")
    seat = an_assignment(shift, volunteer)
    at = posted_at or beijing(on, 11 * 60)
    record = ServiceRecord(
        **{
            "assignment_id": seat.id,
            "volunteer_id": volunteer.id,
            "unit_id": volunteer.unit_id,
            "recording_unit_id": unit.id,
            "activity_id": activity.id,
            "shift_id": shift.id,
            "kind_id": activity.kind_id,
            "district_id": point.district_id,
            "nature": nature,
            "service_on": on,
            "place": point.name,
            "content": activity.content,
            "person_in_charge": activity.person_in_charge,
            "first_in_at": shift.starts_at,
            "last_out_at": shift.starts_at + timedelta(minutes=minutes),
            "attended_minutes": minutes,
            "served_minutes": minutes,
            "credited_minutes": minutes if nature is not Nature.DUTY else 0,
            "grade": Grade[grade],
            "source": Source.QR,
            "rule_version": "2026.1",
            "arithmetic": [
                {
                    "code": "stay",
                    "minutes": minutes,
                    "template": "在岗 %(minutes)d 分钟",
                    "values": {"minutes": minutes},
                },
                {"code": "result", "minutes": minutes, "template": "认定", "values": {}},
            ],
            "settled_at": at,
            "settled_by_id": None,
            **given,
        }
    )
    db.session.add(record)
    db.session.flush()
    post([entry_of(record, minutes, at=at, by=None)])
    return record
