"""The edge commits (提交): one request, one transaction."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import make_response

from volunteer.models.base import db, unit_of_work
from volunteer.web import once

__all__ = ["commits", "unit_of_work"]

View = TypeVar("View", bound=Callable[..., Any])


def commits(view: View) -> View:
    """Commit when the view answers below 400, else roll back. The guard opens it as a writer.

    A form that carries a key acts once, however often it is sent (:mod:`volunteer.web.once`).
    """

    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            key = once.key_sent()
            if key:
                return once.answer_once(key, lambda: make_response(view(*args, **kwargs)))
            response = make_response(view(*args, **kwargs))
            if response.status_code < 400:
                db.session.commit()
            else:
                db.session.rollback()
        except BaseException:
            db.session.rollback()
            raise
        return response

    wrapper._commits = True  # type: ignore[attr-defined]
    return wrapper  # type: ignore[return-value]
