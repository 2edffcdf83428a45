"""What every page knows (页面共用): who looks, where one can go, and static files by content."""

import hashlib
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, request, session, url_for
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from volunteer.domain.access import Act, Actor, holds
from volunteer.web.guard import actor_or_none
from volunteer.web.navigation import DESK, PHONE, SECTIONS, Place
from volunteer.web.words import label


@lru_cache(maxsize=512)
def _version(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:10]


def static_url(name: str) -> str:
    """The address of a static file with the digest of its content, so that it may be cached for ever."""
    path = Path(current_app.static_folder or "") / name
    return url_for("static", filename=name, v=_version(str(path)))


def _places(table: tuple[Place, ...], actor: Actor | None) -> list[dict[str, Any]]:
    if actor is None:
        return []
    shown = []
    for place in table:
        if place.acts and not any(holds(actor, act) for act in place.acts):
            continue
        if any(holds(actor, act) for act in place.unless):
            continue
        if place.endpoint not in current_app.view_functions:
            continue
        here = request.endpoint or ""
        shown.append(
            {
                "label": place.label,
                "href": url_for(place.endpoint),
                "icon": place.icon,
                "raised": place.raised,
                "active": here == place.endpoint or here.startswith(place.prefixes),
            }
        )
    return shown


WORDS_LIVE_SECONDS = 20.0
"""How long a process remembers the city's words; another process's change shows within it."""


def _city_words(app: Flask) -> dict[str, str]:
    """The city's name and the phone to call: the office's own, else those of the installation."""
    settings = app.config["SETTINGS"]
    kept = app.extensions.get("city_words")
    if kept is None or time.monotonic() > kept[0] + WORDS_LIVE_SECONDS:
        try:
            own = app.extensions["load_city_words"]()
        except SQLAlchemyError:  # the error page must be drawn while the database is away
            own = kept[1] if kept else {}
        kept = app.extensions["city_words"] = (time.monotonic(), own)
    return {
        "city_name": kept[1].get("city_name", settings.city_name),
        "support_phone": kept[1].get("support_phone", settings.support_phone),
    }


def forget_words() -> None:
    """Let the next page read the city's words anew."""
    current_app.extensions.pop("city_words", None)


def _links(actor: Actor | None) -> dict[str, str]:
    """Addresses that layouts offer, each only where its endpoint is served and may be used."""
    table = {
        "home": "signin.home",
        "sign_in": "signin.sign_in",
        "elder": "signin.toggle_elder",
        "help": "guide.help",
        "language": "signin.choose_language",
    }
    if actor is not None:
        table |= {
            "account": "signin.devices",
            "messages": "messages.listing",
            "sign_out": "signin.sign_out",
        }
        if is_desk_person(actor):
            table["search"] = "search.results"
    found = {name: url_for(end) for name, end in table.items() if end in current_app.view_functions}
    if actor is not None and actor.volunteer_id is not None and is_desk_person(actor):
        found["phone"] = url_for("signin.choose_surface", surface="phone")
        found["desk"] = url_for("signin.choose_surface", surface="desk")
    return found


def is_desk_person(actor: Actor | None) -> bool:
    """Whether the actor works at a desk (organizers, admins, auditors) and not only as a volunteer."""
    return actor is not None and holds(actor, Act.VIEW_ACTIVITIES)


def first_place(actor: Actor, *, phone: bool) -> str:
    """Where the actor starts: the first place of the phone or the desk that is open to them."""
    places = _places(PHONE if phone else DESK, actor)
    return str(places[0]["href"]) if places else url_for("signin.devices")


def install(app: Flask, *, load_words: Callable[[], dict[str, str]]) -> None:
    """Give the shared context to the templates; ``load_words`` reads the city's own words."""
    app.extensions["load_city_words"] = load_words

    @app.context_processor
    def _context() -> dict[str, Any]:
        actor = actor_or_none()
        return {
            "current_actor": actor,
            "role_labels": [label(role) for role in sorted(actor.roles)] if actor else [],
            "unit_name": getattr(current_user, "unit_name", ""),
            "links": _links(actor),
            "navigation": _places(DESK, actor),
            "tabs": _places(PHONE, actor),
            "sections": lambda: _places(SECTIONS, actor),
            "is_desk_person": is_desk_person(actor),
            "unread_count": getattr(current_user, "unread_count", 0),
            "elder": bool(session.get("elder", getattr(current_user, "prefers_large_type", False))),
            "request_id": g.get("request_id", ""),
            **_city_words(app),
            "static_url": static_url,
            "may_act": lambda act: actor is not None and holds(actor, Act[act.upper()]),
        }
