"""Reading in bulk (批量读取): plain rows, of some people or of everybody.

A plan reads thousands of rows and makes none of them an object: what SQLAlchemy does for objects would cost more
than the database.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select

from volunteer.models.base import db

Among = Select[Any] | None
"""The volunteers whose rows are read; None for everybody, whom no row need be asked for one by one."""


def rows(statement: "Select[*tuple[Any, ...]]") -> Sequence[Any]:
    """Return the rows of a select of columns, after what was changed in this transaction."""
    db.session.flush()
    return db.session.connection().execute(statement).all()


def of(owner: Any, among: Among) -> list[ColumnElement[bool]]:
    """Return what holds for a row whose ``owner`` is one of the volunteers."""
    return [] if among is None else [owner.in_(among)]
