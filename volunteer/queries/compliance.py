"""Compliance mode (合规模式), read: what is kept away now, and who let what in, when and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from volunteer.domain.compliance import GUARDS, Guard
from volunteer.models.base import db
from volunteer.models.places import CitySetting

KEY = "let_in"
"""The setting that holds what was let in: code to who, when, why. Nothing there: everything is kept away."""


@dataclass(frozen=True, slots=True)
class GuardLine:
    """One guard with its state; the rest is told where it was let in."""

    guard: Guard
    is_kept_away: bool
    since: datetime | None = None
    by: str = ""
    reason: str = ""


def let_in() -> dict[str, Any]:
    """What was let in, by code."""
    row = db.session.get(CitySetting, KEY)
    return dict(row.value) if row is not None and isinstance(row.value, dict) else {}


def is_kept_away(code: str) -> bool:
    """Whether compliance mode keeps this away now; it does unless the city office let it in."""
    return code not in let_in()


def guard_lines() -> list[GuardLine]:
    """All guards with their state."""
    known = let_in()
    return [
        GuardLine(
            guard,
            guard.code not in known,
            since=datetime.fromisoformat(known[guard.code]["at"]) if guard.code in known else None,
            by=known.get(guard.code, {}).get("by", ""),
            reason=known.get(guard.code, {}).get("reason", ""),
        )
        for guard in GUARDS
    ]
