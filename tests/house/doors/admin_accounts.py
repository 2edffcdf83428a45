"""Doors of volunteer/views/admin/accounts.py."""

from typing import Any

from tests.builders import NOW, City, an_account
from tests.house.doors import OFFICES, Door
from volunteer.domain.terms import Role
from volunteer.models.base import db
from volunteer.models.people import RoleGrant, Unit

READ = OFFICES | {"auditor"}


def things(city: City, unit: Unit) -> dict[str, Any]:
    """An organizer of the unit, with the role that can be taken back."""
    account = an_account(Role.ORGANIZER, unit=unit)
    grant = db.session.query(RoleGrant).filter_by(account_id=account.id).one()
    stranger = an_account(Role.ORGANIZER, unit=city.other_unit, created_at=NOW)
    return {"account": account.id, "grant": grant.id, "stranger": stranger.id}


def _post(endpoint: str, address: str, **form: str) -> Door:
    return Door(f"accounts.{endpoint}", f"/city/accounts/{address}", OFFICES, "POST", form=form)


DOORS = [
    Door("accounts.listing", "/city/accounts/", READ),
    Door("accounts.new", "/city/accounts/new", OFFICES),
    _post("create", "new"),
    Door("accounts.show", "/city/accounts/{account}", READ),
    Door(
        "accounts.show",
        "/city/accounts/{stranger}",
        READ - {"district_admin"},
        strangers=frozenset({"district_admin"}),
    ),
    _post("edit", "{account}/edit", name="新名字"),
    _post("grant", "{account}/roles", role="organizer"),
    _post("revoke", "roles/{grant}/revoke"),
    _post("disable", "{account}/disable"),
    Door(
        "accounts.disable",
        "/city/accounts/{stranger}/disable",
        frozenset({"city_admin"}),
        "POST",
        strangers=frozenset({"district_admin"}),
    ),
    _post("enable", "{account}/enable"),
    _post("end_sessions", "{account}/end-sessions"),
    _post("password", "{account}/password"),
]
