"""Rooms by audience: ``me`` (the volunteer's phone), ``organizer`` (a unit's desk), ``admin`` (the city's).

Each room defines ``blueprint``; all of them are hung into the application.
"""

import pkgutil
from importlib import import_module

from flask import Blueprint


def blueprints() -> list[Blueprint]:
    """The blueprint of every room below this folder, in the order of their names."""
    rooms = sorted(module.name for module in pkgutil.walk_packages(__path__, f"{__name__}."))
    found = (getattr(import_module(room), "blueprint", None) for room in rooms)
    return [blueprint for blueprint in found if isinstance(blueprint, Blueprint)]
