"""Counting the statements that a piece of work sends to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from volunteer.models.base import db


@contextmanager
def count_queries() -> Iterator[list[str]]:
    """Collect every statement sent while inside (BEGIN aside); ``len`` is the count."""
    sent: list[str] = []

    def _note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", _note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", _note)
