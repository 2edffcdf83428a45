"""The door (门禁): every endpoint says who may enter; one that says nothing is shut.

``@allows(Act.X)`` asks for an act, ``@signed_in`` for any account, ``@open_to_all`` for nothing. The desk
(operations) and the shelf (queries) check the object itself.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from volunteer.domain.access import Act, Actor, holds
from volunteer.models.base import _writing

View = TypeVar("View", bound=Callable[..., Any])

OPEN = "open"
SIGNED_IN = "signed_in"


def allows(*acts: Act) -> Callable[[View], View]:
    """Admit actors who may do at least one of the acts somewhere."""

    def mark(view: View) -> View:
        view._door = acts  # type: ignore[attr-defined]
        return view

    return mark


def signed_in(view: View) -> View:
    """Admit any signed-in account."""
    view._door = SIGNED_IN  # type: ignore[attr-defined]
    return view


def open_to_all(view: View) -> View:
    """Admit everyone; say in the docstring of the view why."""
    view._door = OPEN  # type: ignore[attr-defined]
    return view


def express(lane: Callable[..., Response | None]) -> Callable[[View], View]:
    """Ask ``lane`` before the door: it has a door of its own, and answers or leaves it to the view.

    For the one act that a whole city does in the same minute. CSRF was checked before.
    """

    def mark(view: View) -> View:
        view._lane = lane  # type: ignore[attr-defined]
        return view

    return mark


def current_actor() -> Actor:
    """The signed-in actor. Only behind a door; aborts with 401 otherwise."""
    actor: Actor | None = getattr(current_user, "actor", None)
    if actor is None:
        abort(401)
    return actor


def actor_or_none() -> Actor | None:
    """The actor, or None for a visitor."""
    return getattr(current_user, "actor", None)


def door_of(endpoint: str) -> object:
    """The door of an endpoint: OPEN, SIGNED_IN, a tuple of acts, or None where none was declared."""
    return getattr(current_app.view_functions[endpoint], "_door", None)


def _check_door() -> Response | None:
    if request.endpoint is None:  # no such address: the error page will say so
        return None
    if request.endpoint == "static":
        return None
    view = current_app.view_functions[request.endpoint]
    lane = getattr(view, "_lane", None)
    if lane is not None and (answer := lane(**(request.view_args or {}))) is not None:
        return answer
    g.write_token = _writing.set(True) if getattr(view, "_commits", False) else None
    door = getattr(view, "_door", None)
    if door is None:
        abort(403)
    if door == OPEN:
        return None
    actor = actor_or_none()
    if actor is None:
        if request.headers.get("HX-Request") or request.method != "GET":
            abort(401)
        return redirect(url_for("signin.sign_in", next=request.full_path.rstrip("?")))
    if current_user.must_change_password and request.endpoint not in (
        "signin.change_password",
        "signin.sign_out",
    ):
        return redirect(url_for("signin.change_password"))
    if door != SIGNED_IN and not any(holds(actor, act) for act in door):
        abort(403)
    return None


def _leave(_error: BaseException | None = None) -> None:
    token = g.pop("write_token", None)
    if token is not None:
        _writing.reset(token)


def install(app: Flask) -> None:
    """Stand at the door of every request."""
    app.before_request(_check_door)
    app.teardown_request(_leave)
