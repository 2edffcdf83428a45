"""Signals of fraud (可疑线索): pure rules over plain records; what they find opens a case, never a verdict.

``look_at_shift`` is asked when a shift was settled, ``look_at_person`` for everybody who served on it,
``look_at_unit`` and ``look_at_plans`` once a day. Nothing here changes an hour.
"""

from collections.abc import Iterable

from volunteer.domain.policy import STANDARD, Policy
from volunteer.domain.signals import desk, onsite, person
from volunteer.domain.signals.rule import Rule, Sighting, together, weight
from volunteer.domain.signals.seen import PersonSeen, PlanSeen, ShiftSeen, UnitSeen
from volunteer.domain.terms import Signal

RULES: tuple[Rule, ...] = (*onsite.RULES, *person.RULES, *desk.UNIT_RULES, *desk.PLAN_RULES)
BY_CODE: dict[Signal, Rule] = {rule.code: rule for rule in RULES}


def look_at_shift(seen: ShiftSeen, policy: Policy = STANDARD) -> list[Sighting]:
    """Everything that one shift shows."""
    return [found for rule in onsite.RULES for found in rule.find(seen, policy)]


def look_at_person(seen: PersonSeen, policy: Policy = STANDARD) -> list[Sighting]:
    """Everything that one person's weeks show."""
    return [found for rule in person.RULES for found in rule.find(seen, policy)]


def look_at_unit(seen: UnitSeen, policy: Policy = STANDARD) -> list[Sighting]:
    """Everything that one unit's month shows."""
    return [found for rule in desk.UNIT_RULES for found in rule.find(seen, policy)]


def look_at_plans(plans: Iterable[PlanSeen], policy: Policy = STANDARD) -> list[Sighting]:
    """Shifts of the city whose planned length stands out among their kind."""
    known = tuple(plans)
    return [found for rule in desk.PLAN_RULES for found in rule.find(known, policy)]


__all__ = [
    "BY_CODE",
    "RULES",
    "Rule",
    "Sighting",
    "look_at_person",
    "look_at_plans",
    "look_at_shift",
    "look_at_unit",
    "together",
    "weight",
]
