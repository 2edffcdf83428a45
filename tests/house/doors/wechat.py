"""Doors of volunteer/views/wechat.py."""

from typing import Any

from tests.builders import City
from tests.house.doors import SIGNED_IN, Door
from volunteer.models.people import Unit


def things(city: City, unit: Unit) -> dict[str, Any]:
    """Nothing is named by these addresses: the account is the own one."""
    return {}


DOORS = [
    Door("wechat.show", "/account/wechat", SIGNED_IN),
    Door("wechat.begin", "/account/wechat/begin", SIGNED_IN),
    Door("wechat.arrive", "/account/wechat/back", SIGNED_IN),
    Door("wechat.end", "/account/wechat/end", SIGNED_IN, "POST"),
]
