"""The journal (日志), read: how often something was done."""

from datetime import datetime

from sqlalchemy import func, select

from volunteer.models.base import db
from volunteer.models.journal import AuditEntry


def acts_since(account_id: int | None, act: str, *, since: datetime) -> int:
    """How often an account did this since then."""
    count = db.session.scalar(
        select(func.count())
        .select_from(AuditEntry)
        .where(AuditEntry.account_id == account_id, AuditEntry.act == act, AuditEntry.at >= since)
    )
    return count or 0
