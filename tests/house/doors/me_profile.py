"""Doors of volunteer/views/me/profile.py: everybody's own, so nobody is a stranger."""

from typing import Any

from tests.builders import City
from tests.house.doors import Door
from volunteer.models.people import Unit

VOLUNTEERS = frozenset({"volunteer_account", "other_volunteer_account"})


def things(city: City, unit: Unit) -> dict[str, Any]:
    """An exception that is nobody's."""
    return {"exception": 999999}


def _get(endpoint: str, path: str) -> Door:
    return Door(f"profile.{endpoint}", f"/me/profile{path}", VOLUNTEERS)


def _post(endpoint: str, path: str, **form: str) -> Door:
    return Door(f"profile.{endpoint}", f"/me/profile{path}", VOLUNTEERS, "POST", form=form)


DOORS = [
    _get("show", ""),
    _get("contact", "/contact"),
    _post("save_contact", "/contact"),
    _get("home", "/home"),
    _post("save_home", "/home"),
    _post("save_position", "/home/position"),
    _post("drop_home", "/home/forget"),
    _get("availability", "/availability"),
    _get("one_day", "/availability/3"),
    _post("save_day", "/availability/3", early="can"),
    _post("add_exception", "/availability/except"),
    Door(
        "profile.remove_exception",
        "/me/profile/availability/except/{exception}/drop",
        frozenset(),
        "POST",
        strangers=VOLUNTEERS,
    ),
    _post("save_limits", "/limits"),
    _get("wishes", "/wishes"),
    _post("save_wishes", "/wishes"),
    _get("consents", "/consents"),
    _post("agree", "/consents/photo/give"),
    _post("withdraw", "/consents/photo/withdraw"),
    _post("large_type", "/large-type"),
    _post("copy_json", "/copy.json"),
    _post("copy_xlsx", "/copy.xlsx"),
    _get("leaving", "/leave"),
    _post("leave", "/leave"),
]
