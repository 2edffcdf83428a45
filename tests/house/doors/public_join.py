"""Doors of volunteer/views/public/join.py: the token in the address is the key."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.builders import City
from tests.house.doors import EVERYONE, Door
from volunteer.domain.terms import Role
from volunteer.models.base import db
from volunteer.models.people import Invitation, Unit
from volunteer.queries.accounts import digest_of


def things(city: City, unit: Unit) -> dict[str, Any]:
    """A link by which one may join the unit."""
    token = secrets.token_urlsafe(18)
    at = datetime.now(UTC)  # noqa: TID251 - the link must be live now
    db.session.add(
        Invitation(
            token_hash=digest_of(token),
            nonce=secrets.token_bytes(16),
            unit_id=unit.id,
            role=Role.VOLUNTEER,
            created_at=at,
            expires_at=at + timedelta(days=9),
            uses_left=9,
        )
    )
    return {"token": token}


DOORS = [
    Door("join.open_link", "/join/{token}", EVERYONE),
    Door("join.take_link", "/join/{token}", EVERYONE, "POST"),
]
