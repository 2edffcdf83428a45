"""The rules (排班规则): one class each, none knows another; this room only lists them.

``HARD`` in the order of the format, ``SEAT`` the five of "eligible" among them, ``COVERAGE`` the
first tier, ``PEOPLE`` the second.
"""

from volunteer.scheduling.rule import DutyRule, HardRule, PairRule, Rule, SeatRule, SoftRule
from volunteer.scheduling.rules.affinity import Distance, Wish
from volunteer.scheduling.rules.conflict import OnePlace, Rest
from volunteer.scheduling.rules.continuity import Dropped, Pins
from volunteer.scheduling.rules.coverage import Heads, Quota, Skill, Target
from volunteer.scheduling.rules.eligibility import Age, Availability, Banned, Qualification, Reach
from volunteer.scheduling.rules.fairness import Fairness, UnitOverload
from volunteer.scheduling.rules.seating import Apart, Seats
from volunteer.scheduling.rules.workload import Day, Total

SEAT: tuple[SeatRule, ...] = (Availability(), Age(), Qualification(), Banned(), Reach())
PAIR: tuple[PairRule, ...] = (OnePlace(), Rest())
HARD: tuple[HardRule, ...] = (*SEAT, *PAIR, Day(), Total(), Seats(), Apart(), Pins())
COVERAGE: tuple[DutyRule, ...] = (Heads(), Skill(), Quota(), Target(), Dropped(SEAT))
PEOPLE: tuple[SoftRule, ...] = (Fairness(), UnitOverload(), Wish(), Distance())
SOFT: tuple[SoftRule, ...] = (*COVERAGE, *PEOPLE)
BY_CODE: dict[str, Rule] = {rule.code: rule for rule in (*HARD, *SOFT)}

__all__ = ["BY_CODE", "COVERAGE", "HARD", "PAIR", "PEOPLE", "SEAT", "SOFT"]
