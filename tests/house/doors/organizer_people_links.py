"""Doors of volunteer/views/organizer/people_links.py."""

import secrets
from datetime import timedelta
from typing import Any

from tests.builders import NOW, City, a_volunteer
from tests.house.doors import DESK, Door
from volunteer.domain.terms import Role, VolunteerState
from volunteer.models.base import db
from volunteer.models.people import Invitation, Unit
from volunteer.queries.accounts import digest_of

OTHERS = frozenset({"other_organizer"})


def things(city: City, unit: Unit) -> dict[str, Any]:
    """Somebody of the unit who waits, and a link."""
    link = Invitation(
        token_hash=digest_of(secrets.token_hex(8)),
        nonce=secrets.token_bytes(16),
        unit_id=unit.id,
        role=Role.VOLUNTEER,
        created_at=NOW,
        expires_at=NOW + timedelta(days=9),
    )
    db.session.add(link)
    db.session.flush()
    person = a_volunteer(unit, state=VolunteerState.AWAITING_CONSENT)
    return {"person": person.id, "link": link.id}


DOORS = [
    Door("people_links.links", "/people/links", DESK | OTHERS),
    Door("people_links.open_link", "/people/links", DESK | OTHERS, "POST"),
    Door("people_links.invite_all", "/people/links/all", DESK | OTHERS, "POST"),
    Door("people_links.sheet", "/people/links/sheet", DESK | OTHERS, "POST"),
    Door("people_links.invite", "/people/{person}/invite", DESK, "POST", strangers=OTHERS),
    Door("people_links.revoke", "/people/links/{link}/revoke", DESK, "POST", strangers=OTHERS),
]
