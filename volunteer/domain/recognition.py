"""Recognition (激励): who decides which star level, from when minutes count, and when a decision holds.

Crossing a threshold makes a person eligible and nothing more: a grant is somebody's decision, published
inside the unit, 《志愿服务记录与证明出具办法（试行）》第十条.
"""

from datetime import date

from volunteer.domain.access import Act, Actor, may, scope_of
from volunteer.domain.policy import Policy
from volunteer.domain.terms import Role
from volunteer.domain.timekeeping import WorkCalendar
from volunteer.domain.words import N_

STAR_NAMES = (
    N_("没有星级"),
    N_("一星级志愿者"),
    N_("二星级志愿者"),
    N_("三星级志愿者"),
    N_("四星级志愿者"),
    N_("五星级志愿者"),
)


def star_name(level: int) -> str:
    """What a person of this level is called."""
    return STAR_NAMES[level] if level < len(STAR_NAMES) else f"{level} 星级志愿者"


def months_before(on: date, months: int) -> date:
    """The day so many months before, the last of its month where that one is shorter."""
    whole = on.year * 12 + on.month - 1 - months
    year, month = divmod(whole, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    longest = (following - date(year, month + 1, 1)).days
    return date(year, month + 1, min(on.day, longest))


def counted_since(on: date, policy: Policy) -> date | None:
    """The first day of service that counts towards a star on a day; None is all of life."""
    return months_before(on, policy.star_months) if policy.star_months else None


def registered_by(on: date, policy: Policy) -> date:
    """By which day a person must have joined to be looked at on a day."""
    return months_before(on, policy.star_registered_months)


def may_decide(actor: Actor, level: int, unit_id: int, policy: Policy) -> bool:
    """Whether the actor decides this level for a person of this unit.

    The city office decides every level, a district office and a unit up to what the rules leave them.
    """
    if not may(actor, Act.DECIDE_STARS, unit_id=unit_id):
        return False
    if scope_of(actor, Act.DECIDE_STARS).everything:
        return True
    offices = {g.role for g in actor.grants if unit_id in g.reach}
    highest = policy.star_district_until if Role.DISTRICT_ADMIN in offices else 0
    if Role.ORGANIZER in offices:
        highest = max(highest, policy.star_unit_until)
    return level <= highest


def public_until(on: date, policy: Policy, calendar: WorkCalendar) -> date:
    """The last day on which a decision of this day is published; it holds from the next day on.

    Without a period the day before, so that it holds at once.
    """
    days = policy.star_publicity_workdays
    return calendar.add_workdays(on, days) if days else date.fromordinal(on.toordinal() - 1)
