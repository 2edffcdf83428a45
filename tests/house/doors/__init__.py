"""The table of guards: every endpoint, who may enter, and what happens with another unit's object.

Each module of this folder covers one room of ``volunteer/views`` (same name, slashes as underscores) and
defines ``things(city, unit)`` - make the objects that the addresses name, owned by that unit - and
``DOORS``, one :class:`Door` for each endpoint and method. ``tests/house/test_doors.py`` walks the table
for every role, the own and the other unit's objects, and fails on an endpoint that is not in it.
"""

from dataclasses import dataclass, field

ROLES = (
    "city_admin",
    "district_admin",
    "organizer",
    "other_organizer",
    "auditor",
    "volunteer_account",
    "other_volunteer_account",
)
"""Accounts of tests.builders.City. ``organizer`` and ``volunteer_account`` belong to the unit under test,
``district_admin`` to its district; the ``other_`` ones belong to another unit in another district."""

EVERYONE = frozenset({*ROLES, "anonymous"})
SIGNED_IN = frozenset(ROLES)
DESK = frozenset({"city_admin", "district_admin", "organizer"})
READERS = DESK | {"auditor"}
OFFICES = frozenset({"city_admin", "district_admin"})
CITY = frozenset({"city_admin"})


@dataclass(frozen=True)
class Door:
    """One endpoint and method.

    ``address`` may hold ``{name}`` places filled from ``things``. ``admits`` are the accounts that get in
    to the *own* unit's object (any answer but 401, 403, 404 and a redirect to sign-in). ``strangers`` are
    those who hold the act but reach only other units: they get 404. All others get 403 (401 or a redirect
    to sign-in when anonymous). ``form`` is posted as it is.
    """

    endpoint: str
    address: str
    admits: frozenset[str]
    method: str = "GET"
    strangers: frozenset[str] = frozenset()
    form: dict[str, str] = field(default_factory=dict)
