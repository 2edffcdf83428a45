"""The city's own rules in figures (时长规则): the defaults of the domain, with what the office changed."""

from dataclasses import fields, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from volunteer.domain.policy import STANDARD, Policy
from volunteer.models.base import db
from volunteer.models.places import RuleVersion

NAMES = frozenset(field.name for field in fields(Policy))


def policy_on(on: date, connection: Connection | None = None) -> Policy:
    """The rules that hold on a date: the newest version in force by then, over the defaults.

    Read through the session, or through the connection of a writer that has none.
    """
    return _newest(until=on, reader=connection)


def current_policy() -> Policy:
    """The newest rules that were made, in force or announced."""
    return _newest(until=None)


def _newest(*, until: date | None, reader: Connection | None = None) -> Policy:
    statement = select(RuleVersion.version, RuleVersion.figures).where(
        RuleVersion.withdrawn_at.is_(None)
    )
    if until is not None:
        statement = statement.where(RuleVersion.effective_on <= until)
    row = (
        (reader or db.session)
        .execute(
            statement.order_by(RuleVersion.effective_on.desc(), RuleVersion.id.desc()).limit(1)
        )
        .one_or_none()
    )
    if row is None:
        return STANDARD
    changed: dict[str, Any] = {
        name: _typed(value) for name, value in row[1].items() if name in NAMES
    }
    return replace(STANDARD, **{**changed, "rule_version": row[0]})


def _typed(value: object) -> object:
    """JSON knows lists only; the policy is hashable."""
    if isinstance(value, list):
        return tuple(_typed(part) for part in value)
    return value


def versions_made(*, most: int = 50) -> list[RuleVersion]:
    """The versions of the rules, newest first, withdrawn ones among them."""
    return list(
        db.session.scalars(
            select(RuleVersion)
            .order_by(RuleVersion.effective_on.desc(), RuleVersion.id.desc())
            .limit(most)
        )
    )


def figures_on(on: date) -> dict[str, Any]:
    """What differs from the defaults on a date."""
    policy = policy_on(on)
    return {
        name: getattr(policy, name)
        for name in sorted(NAMES - {"rule_version"})
        if getattr(policy, name) != getattr(STANDARD, name)
    }
