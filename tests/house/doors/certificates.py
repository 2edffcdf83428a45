"""Doors of volunteer/views/me/certificates.py, organizer/certificates.py and verification.py."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from tests.builders import City
from tests.house.doors import DESK, EVERYONE, READERS, Door
from tests.records import a_record
from volunteer.domain.access import Actor, Grant
from volunteer.domain.terms import Role
from volunteer.domain.timekeeping import local_date, now
from volunteer.models.base import db
from volunteer.models.certificates import Certificate
from volunteer.models.ledger import ServiceRecord
from volunteer.models.people import Unit
from volunteer.operations.certificates import Wanted, issue_for

ME = frozenset({"volunteer_account"})
STRANGER = frozenset({"other_volunteer_account"})
OTHER = frozenset({"other_organizer"})


def things(city: City, unit: Unit) -> dict[str, Any]:
    """A certificate of the unit about its volunteer, new for every visitor; both people have records."""
    at = now()
    count = db.session.scalar(select(func.count()).select_from(ServiceRecord)) or 0
    on = local_date(at) - timedelta(days=2 + count)
    a_record(unit, city.volunteer, on=on)
    if not count:
        a_record(city.other_unit, city.other_volunteer, on=on)
    desk = Actor(account_id=None, name="系统", grants=(Grant(Role.CITY_ADMIN),))
    number = db.session.scalar(select(func.count()).select_from(Certificate)) or 0
    made = issue_for(
        desk,
        volunteer_id=city.volunteer.id,
        wanted=Wanted(unit.id, purpose=f"第{number}次"),
        city="邵阳市",
        at=at,
    )
    return {
        "id": made.id,
        "number": made.number,
        "unit": unit.id,
        "volunteer": city.volunteer.id,
    }


DOORS = [
    Door("certificates.listing", "/me/certificates", ME | STRANGER),
    Door("certificates.new", "/me/certificates/new", ME | STRANGER),
    Door("certificates.create", "/me/certificates", ME | STRANGER, "POST"),
    Door("certificates.show", "/me/certificates/{id}", ME, strangers=STRANGER),
    Door(
        "certificates.download",
        "/me/certificates/{id}/certificate.pdf",
        ME,
        strangers=STRANGER,
    ),
    Door("certificates.announcements", "/me/certificates/announced", ME | STRANGER),
    Door("unit_certificates.listing", "/certificates", READERS | OTHER),
    Door("unit_certificates.choose", "/certificates/new?q=王", DESK | OTHER),
    Door("unit_certificates.new", "/certificates/new/{volunteer}", DESK, strangers=OTHER),
    Door(
        "unit_certificates.create",
        "/certificates/new/{volunteer}",
        DESK,
        "POST",
        strangers=OTHER,
    ),
    Door("unit_certificates.show", "/certificates/{id}", READERS, strangers=OTHER),
    Door(
        "unit_certificates.revoke",
        "/certificates/{id}/revoke",
        DESK,
        "POST",
        strangers=OTHER,
        form={"reason": "记录有误"},
    ),
    Door(
        "unit_certificates.download",
        "/certificates/{id}/certificate.pdf",
        DESK,
        strangers=OTHER,
    ),
    Door("verification.ask", "/v", EVERYONE),
    Door("verification.check", "/v/{number}", EVERYONE),
    Door("verification.proof", "/v/{number}/proof.json", EVERYONE),
    Door("verification.roots", "/ledger/roots", EVERYONE),
    Door("verification.roots_file", "/ledger/roots.json", EVERYONE),
]
