"""Kept answers of forms (一次提交) and their end."""

from datetime import datetime

from sqlalchemy import delete

from volunteer.models.base import db
from volunteer.models.journal import KeptAnswer


def forget_answers(*, before: datetime) -> int:
    """Erase the answers kept before an instant; returns how many."""
    done = db.session.execute(delete(KeptAnswer).where(KeptAnswer.created_at < before))
    return int(done.rowcount)  # type: ignore[attr-defined]
