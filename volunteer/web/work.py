"""The edge commits (提交): one request, one transaction."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import make_response

from volunteer.models.base import db, unit_of_work

__all__ = ["commits", "unit_of_work"]

View = TypeVar("View", bound=Callable[..., Any])


def commits(view: View) -> View:
    """Commit when the view answers below 400, else roll back. The guard opens it as a writer."""

    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
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
