"""Changing a row (修改): only what differs is written, and what differs is what the audit line tells."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import select

from volunteer.models.base import db
from volunteer.queries.seen import require_unchanged


def put(row: Any, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set the values that differ and return them before and after, ready for the journal."""
    before, after = {}, {}
    for name, value in values.items():
        old = getattr(row, name)
        if old != value:
            before[name], after[name] = told(old), told(value)
            setattr(row, name, value)
    return before, after


def told(value: Any) -> Any:
    """A value as JSON keeps it: days and instants in ISO form, words of the lexicon by their value."""
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [told(part) for part in value]
    return value


def hold(row: Any, seen: str | None = None) -> None:
    """Lock the row for this act and read it anew; with ``seen`` pass only if the page showed this.

    Raises Refused ``changed_meanwhile``.
    """
    model = type(row)
    db.session.execute(
        select(model)
        .where(model.id == row.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if seen is not None:
        require_unchanged(row, seen)
