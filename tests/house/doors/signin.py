"""Doors of volunteer/views/signin.py."""

from typing import Any

from tests.builders import City
from tests.house.doors import EVERYONE, SIGNED_IN, Door
from volunteer.models.people import Unit


def things(city: City, unit: Unit) -> dict[str, Any]:
    """Nothing is named by these addresses but devices, which are each account's own."""
    return {"device": 999999}


DOORS = [
    Door("signin.home", "/", EVERYONE),
    Door("signin.sign_in", "/sign-in", EVERYONE),
    Door("signin.sign_in", "/sign-in", EVERYONE, "POST"),
    Door("signin.room", "/sign-in/room", EVERYONE),
    Door("signin.sign_out", "/sign-out", SIGNED_IN, "POST"),
    Door("signin.change_password", "/account/password", SIGNED_IN),
    Door("signin.change_password", "/account/password", SIGNED_IN, "POST"),
    Door("signin.devices", "/account/devices", SIGNED_IN),
    Door(
        "signin.end_device",
        "/account/devices/{device}/end",
        frozenset(),
        "POST",
        strangers=SIGNED_IN,
    ),
    Door("signin.end_all", "/account/devices/end-all", SIGNED_IN, "POST"),
    Door("signin.toggle_elder", "/account/elder", EVERYONE, "POST"),
    Door("signin.choose_surface", "/account/surface/phone", SIGNED_IN),
    Door("signin.choose_language", "/account/language", EVERYONE, "POST"),
]
