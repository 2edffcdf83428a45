"""The city's own rules in figures (时长规则): the defaults of the domain, with what the office changed."""

from dataclasses import fields, replace
from typing import Any

from sqlalchemy import select

from volunteer.domain.policy import STANDARD, Policy
from volunteer.models.base import db
from volunteer.models.places import CitySetting

NAMES = frozenset(field.name for field in fields(Policy))


def current_policy() -> Policy:
    """The rules that hold now; a figure that the office set wins over the default."""
    rows = db.session.execute(
        select(CitySetting.key, CitySetting.value).where(CitySetting.key.in_(sorted(NAMES)))
    )
    changed: dict[str, Any] = {key: _typed(value) for key, value in rows}
    return replace(STANDARD, **changed) if changed else STANDARD


def _typed(value: object) -> object:
    """JSON knows lists only; the policy is hashable."""
    if isinstance(value, list):
        return tuple(_typed(part) for part in value)
    return value
