"""What a page was made from (版本标记): a short digest of a row, so that a stale form cannot overwrite it."""

import hashlib
from typing import Any

from sqlalchemy import inspect

from volunteer.domain.refusal import Refused


def mark_of(row: Any) -> str:
    """Return a digest of the row's columns; it changes with any of them."""
    mapper = inspect(type(row))
    values = [f"{column.key}={getattr(row, column.key)!r}" for column in mapper.column_attrs]
    return hashlib.sha256("\n".join(values).encode()).hexdigest()[:16]


def require_unchanged(row: Any, seen: str) -> None:
    """Pass if the row still is what the page showed.

    Raises Refused ``changed_meanwhile``.
    """
    if seen != mark_of(row):
        raise Refused(
            "changed_meanwhile",
            "这条内容刚刚被别人修改过。",
            "请刷新页面，查看最新内容后再操作。",
        )
