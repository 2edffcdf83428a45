"""Every endpoint has its guard, in one table; each role meets the answer that the table promises."""

import importlib
import pkgutil
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.builders import a_city, sign_in
from tests.house import doors as table
from tests.house.doors import ROLES, Door
from volunteer.models.base import db
from volunteer.web.guard import door_of

ROOMS = sorted(m.name for m in pkgutil.iter_modules([str(Path(table.__file__).parent)]))
MODULES = {room: importlib.import_module(f"tests.house.doors.{room}") for room in ROOMS}


def test_every_endpoint_and_method_stands_in_the_table(app: Flask) -> None:
    listed = {(door.endpoint, door.method) for module in MODULES.values() for door in module.DOORS}
    served = {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint != "static"
    }
    assert served - listed == set(), "endpoints without a line in tests/house/doors"
    assert listed - served == set(), "lines in tests/house/doors without an endpoint"


def test_every_view_declares_its_door(app: Flask) -> None:
    undeclared = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and door_of(rule.endpoint) is None
    ]
    assert undeclared == []


def test_an_open_door_says_why(app: Flask) -> None:
    silent = [
        name
        for name, view in app.view_functions.items()
        if getattr(view, "_door", None) == "open" and "Open to all" not in (view.__doc__ or "")
    ]
    assert silent == []


def _is_shut(response: TestResponse) -> str:
    if response.status_code in (401, 403, 404):
        return str(response.status_code)
    if response.status_code == 302 and "/sign-in" in response.headers["Location"]:
        return "sign-in"
    return "in"


def _ask(client: Any, door: Door, address: str) -> str:
    if door.method == "GET":
        return _is_shut(client.get(address))
    return _is_shut(client.open(address, method=door.method, data=door.form))


def _expected(door: Door, who: str) -> set[str]:
    if who in door.admits:
        return (
            {"in"}
            if door.endpoint not in ("signin.home", "signin.sign_out", "signin.end_all")
            else {"in", "sign-in"}
        )
    if who == "anonymous":
        return {"401", "sign-in"}
    if who in door.strangers:
        return {"404"}
    return {"403"}


@pytest.mark.parametrize("room", ROOMS)
def test_each_role_meets_the_answer_of_the_table(app: Flask, room: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    module = MODULES[room]
    city = a_city()
    clients: dict[str, Any] = {who: sign_in(app, getattr(city, who)) for who in ROLES}
    wrong = []
    for door in module.DOORS:
        for who in (*ROLES, "anonymous"):
            values = module.things(city, city.unit)
            db.session.commit()
            if who == "anonymous":
                client = app.test_client()
            elif door.endpoint.startswith("signin."):
                client = sign_in(app, getattr(city, who))  # these doors end sessions
            else:
                client = clients[who]
            got = _ask(client, door, door.address.format(**values))
            if got not in _expected(door, who):
                wrong.append(
                    f"{door.method} {door.endpoint} as {who}: {got}, not {_expected(door, who)}"
                )
    assert wrong == []
