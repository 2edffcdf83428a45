"""Rooms by audience: ``me`` (the volunteer's phone), ``organizer`` (a unit's desk), ``admin`` (the city's).

Each room defines ``blueprint``; all of them are hung into the application.
"""

import pkgutil
from importlib import import_module

from flask import Blueprint

=======
ROOMS = (
    "signin",
    "admin.accounts",
    "organizer.home",
    "organizer.activities",
    "organizer.shifts",
    "organizer.shift_series",
    "organizer.shift_cancelling",
)


def blueprints() -> list[Blueprint]:
    """All blueprints, in the order of the table."""
    return [import_module(f"volunteer.views.{room}").blueprint for room in ROOMS]
