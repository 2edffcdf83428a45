"""Who is signed in (登录会话): Flask-Login over device sessions that the server can end at any moment."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, g, session
from flask_login import AnonymousUserMixin, LoginManager, UserMixin

from volunteer.domain.access import Actor
from volunteer.domain.timekeeping import now


@dataclass
class SignedIn(UserMixin):
    """The account behind the cookie; ``get_id`` is the device token, never the account number."""

    token: str
    actor: Actor
    device_id: int
    must_change_password: bool
    prefers_large_type: bool
    unread_count: int
    unit_name: str

    def get_id(self) -> str:
        """What the session cookie remembers."""
        return self.token


class Visitor(AnonymousUserMixin):
    """Nobody is signed in."""

    actor = None
    device_id = None
    must_change_password = False
    prefers_large_type = False
    unread_count = 0
    unit_name = ""


def install(app: Flask, *, load: Callable[..., Any]) -> None:
    """Load the account of each request lazily; ``load(token, at=…)`` is the query that knows it."""
    manager = LoginManager()
    manager.anonymous_user = Visitor
    manager.session_protection = None  # the device token is the protection; phones change address

    @manager.user_loader
    def _load(token: str) -> SignedIn | None:
        found = load(token, at=now())
        if found is None:
            session.pop("_user_id", None)
            return None
        g.device_id = found.device_id
        return SignedIn(
            token=token,
            actor=found.actor,
            device_id=found.device_id,
            must_change_password=found.must_change_password,
            prefers_large_type=found.prefers_large_type,
            unread_count=found.unread_count,
            unit_name=found.unit_name,
        )

    manager.init_app(app)
