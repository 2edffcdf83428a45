"""Builders of decisions about stars and honours."""

from datetime import date, timedelta
from typing import Any

from volunteer.domain.terms import AwardVerdict
from volunteer.domain.timekeeping import local_date, now
from volunteer.models.base import db
from volunteer.models.people import Volunteer
from volunteer.models.recognition import StarDecision


def a_grant(person: Volunteer, *, level: int = 1, **given: Any) -> StarDecision:
    """A grant of a star to a person, being published for five days."""
    at = given.pop("at", None) or now()
    until: date = given.pop("public_until", None) or local_date(at) + timedelta(days=5)
    row = StarDecision(
        **{
            "volunteer_id": person.id,
            "unit_id": person.unit_id,
            "level": level,
            "verdict": AwardVerdict.GRANTED,
            "as_of": local_date(at),
            "minutes": 6000,
            "rule_version": "2026.1",
            "ledger_seq": 0,
            "public_until": until,
            "decided_at": at,
            "decided_by_name": "李建国",
            **given,
        }
    )
    db.session.add(row)
    db.session.flush()
    return row
