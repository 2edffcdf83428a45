"""Alembic's environment: one connection given by the caller, batch mode for SQLite."""

from typing import Any, Literal

from alembic import context

from volunteer.models import Base
from volunteer.models.base import Coded, UtcDateTime


def _render(kind: str, thing: Any, autogen_context: Any) -> str | Literal[False]:
    if kind == "type" and isinstance(thing, Coded):
        return "sa.String(length=24)"
    if kind == "type" and isinstance(thing, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    render_item=_render,
    compare_type=False,
    transaction_per_migration=True,
)
if connection.dialect.name == "postgresql":
    connection.exec_driver_sql("SET lock_timeout = '10s'")
with context.begin_transaction():
    context.run_migrations()
