"""Objections and make-up hours (申诉、补录): windows, deadlines, who goes next, and who may not decide.

A volunteer who finds an error tells the unit that recorded, which verifies in time and amends:
《志愿服务记录与证明出具办法（试行）》第十三条. What is overdue or appealed goes one level up. Make-up hours
need two people beside the one who asks and the one who gains, and all four are different.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from volunteer.domain.lifecycle import advance
from volunteer.domain.policy import Policy
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import AssignmentState, Grade, MakeUpState, TicketLevel, TicketState
from volunteer.domain.timekeeping import Window, WorkCalendar
from volunteer.domain.words import N_

LIVE = (TicketState.OPEN, TicketState.ESCALATED)
"""States in which an objection waits for an answer."""
MAKE_UP_LIVE = (
    MakeUpState.ASKED,
    MakeUpState.WITNESS,
    MakeUpState.REVIEW,
    MakeUpState.ANNOUNCED,
    MakeUpState.CONTESTED,
)
"""States in which a make-up request is under way."""
CAME = (AssignmentState.ACCEPTED, AssignmentState.PROPOSED, AssignmentState.EXPIRED)
"""Seats of people who may have come: who said no, or was called off, did not hold the seat."""
_UP = {TicketLevel.UNIT: TicketLevel.DISTRICT, TicketLevel.DISTRICT: TicketLevel.CITY}
WITNESS_GRADES = (Grade.A, Grade.B)
"""Only who was scanned on site can say of somebody else that he was there."""


def level_above(level: TicketLevel, *, has_district: bool) -> TicketLevel | None:
    """Return who goes next after a level; a unit of the city has no district; nobody after the city."""
    above = _UP.get(level)
    if above is TicketLevel.DISTRICT and not has_district:
        return TicketLevel.CITY
    return above


def month_after(on: date) -> date:
    """Return the first day of the next month."""
    return (on.replace(day=1) + timedelta(days=32)).replace(day=1)


def objection_closes_on(recorded_on: date, policy: Policy) -> date:
    """Return the last day on which a record may be objected to.

    So many days after it was recorded; the recap of the month opens the same stretch once more, so
    that nobody is asked "is this right?" when it is too late to say no.
    """
    days = timedelta(days=policy.objection_days)
    return max(recorded_on + days, month_after(recorded_on) + days - timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Course:
    """Where an objection stands: its state, who has to answer, by when, until when one may appeal."""

    state: TicketState
    level: TicketLevel
    due_on: date
    has_district: bool
    appeal_until: date | None = None

    @property
    def is_live(self) -> bool:
        """Whether somebody still has to answer."""
        return self.state in LIVE

    def may_appeal(self, on: date) -> bool:
        """Whether the person may take a refusal one level up on this day."""
        return (
            self.state is TicketState.REFUSED
            and self.appeal_until is not None
            and on <= self.appeal_until
            and level_above(self.level, has_district=self.has_district) is not None
        )


def opened(
    *, on: date, has_district: bool, level: TicketLevel, calendar: WorkCalendar, policy: Policy
) -> Course:
    """Return a new objection, to be answered within the working days of the policy."""
    state = TicketState.OPEN if level is TicketLevel.UNIT else TicketState.ESCALATED
    due_on = calendar.add_workdays(on, policy.objection_answer_workdays)
    return Course(state, level, due_on, has_district)


def _one_up(case: Course, *, on: date, calendar: WorkCalendar, policy: Policy) -> Course:
    above = level_above(case.level, has_district=case.has_district)
    assert above is not None, "asked before"
    return replace(
        case,
        state=TicketState.ESCALATED,
        level=above,
        due_on=calendar.add_workdays(on, policy.objection_answer_workdays),
        appeal_until=None,
    )


def escalated(case: Course, *, on: date, calendar: WorkCalendar, policy: Policy) -> Course | None:
    """Return the case one level up if nobody answered in time, else nothing."""
    is_late = case.is_live and on > case.due_on
    if not is_late or level_above(case.level, has_district=case.has_district) is None:
        return None
    return _one_up(case, on=on, calendar=calendar, policy=policy)


def appealed(case: Course, *, on: date, calendar: WorkCalendar, policy: Policy) -> Course:
    """Return the case one level up because its person does not accept the refusal.

    Raises
    ------
    Refused
        ``not_refused``, ``no_level_above``, ``appeal_over``.
    """
    if case.state is not TicketState.REFUSED:
        raise Refused("not_refused", N_("只有“未采纳”的申诉可以请上级再看。"))
    if level_above(case.level, has_district=case.has_district) is None:
        raise Refused(
            "no_level_above",
            N_("市级已经答复，系统内没有更高一级。"),
            N_("如仍不认同，可以向民政部门反映。"),
        )
    if not case.may_appeal(on):
        raise Refused(
            "appeal_over",
            N_("请上级再看的期限已过。"),
            N_("如有新的证据，请联系记录单位。"),
        )
    return _one_up(case, on=on, calendar=calendar, policy=policy)


def answered(case: Course, state: TicketState, *, on: date, policy: Policy) -> Course:
    """Return the case with its answer, ``upheld`` or ``refused``.

    Raises
    ------
    Refused
        ``already_so``, ``wrong_state`` when somebody was quicker.
    """
    until = on + timedelta(days=policy.objection_days) if state is TicketState.REFUSED else None
    return replace(case, state=advance(case.state, state), appeal_until=until)


def withdrawn(case: Course) -> Course:
    """Return the case as its person took it back.

    Raises
    ------
    Refused
        ``already_so``, ``wrong_state``.
    """
    return replace(case, state=advance(case.state, TicketState.WITHDRAWN), appeal_until=None)


# ---- make-up hours ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody in a make-up request: a login, a volunteer, or both in one."""

    account_id: int | None = None
    volunteer_id: int | None = None

    def is_same(self, other: "Party") -> bool:
        """Whether both are one person."""
        return (self.account_id is not None and self.account_id == other.account_id) or (
            self.volunteer_id is not None and self.volunteer_id == other.volunteer_id
        )


def require_new_party(newcomer: Party, before: Iterable[Party]) -> None:
    """Pass if the person had no part in the request so far.

    Raises
    ------
    Refused
        ``same_person`` (403).
    """
    if any(newcomer.is_same(party) for party in before):
        raise Refused(
            "same_person",
            N_("申请人、证明人、审核人和受益人必须是不同的人。"),
            N_("请由没有参与过这件补录的人办理。"),
            status=403,
        )


def require_window(service_on: date, on: date, policy: Policy) -> None:
    """Pass if make-up hours may still be asked for.

    Raises
    ------
    Refused
        ``out_of_window`` (403).
    """
    last = service_on + timedelta(days=policy.make_up_days)
    if on > last:
        raise Refused(
            "out_of_window",
            N_("补录要在服务后 %(days)d 天内申请，已经过期。"),
            N_("如果记录有误或漏记，可以提出申诉，由记录单位核实。"),
            status=403,
            values={"days": policy.make_up_days},
        )


def require_quota(used: int, policy: Policy) -> None:
    """Pass if the unit has make-up requests left this month.

    Raises
    ------
    Refused
        ``over_quota`` (403).
    """
    if used >= policy.make_up_monthly_quota:
        raise Refused(
            "over_quota",
            N_("本单位这个月的补录名额（%(count)d 次）已经用完。"),
            N_("请提出申诉，由记录单位核实；或与上级管理员联系。"),
            status=403,
            values={"count": policy.make_up_monthly_quota},
        )


def barred_until(false_on: date, policy: Policy) -> date:
    """Return the day until which somebody whose make-up request was false may not ask again, at least."""
    return false_on + timedelta(days=policy.make_up_bar_days)


def require_not_barred(false_on: date | None, earned_since: int, on: date, policy: Policy) -> None:
    """Pass unless a false request took the right away: for so long, and until so much more was served.

    ``earned_since`` are the minutes credited for service after that day. The rule follows 重庆 暖青汇.

    Raises
    ------
    Refused
        ``barred`` (403).
    """
    if false_on is None:
        return
    until, hours = barred_until(false_on, policy), policy.make_up_bar_hours
    if on <= until or earned_since < hours * 60:
        raise Refused(
            "barred",
            N_("此前有补录被查实不属实，补录资格暂停。"),
            N_("满 %(days)d 天、并且新增服务满 %(hours)d 小时后恢复；正常签到不受影响。"),
            status=403,
            values={"days": policy.make_up_bar_days, "hours": hours},
        )


def require_age(birth_year: int | None, on: date, least: int, most: int) -> None:
    """Pass if somebody who was not on the list is of the age that the shift asks of those who are.

    Raises
    ------
    Refused
        ``wrong_age``.
    """
    if birth_year is not None and not least <= on.year - birth_year <= most:
        raise Refused(
            "wrong_age",
            N_("本班次要求 %(least)d—%(most)d 岁。"),
            N_("年龄不符的不能记入。如年份有误，请先更正资料。"),
            values={"least": least, "most": most},
        )


def require_times(came_at: datetime, went_at: datetime, plan: Window) -> None:
    """Pass if the times lie within the planned shift: make-up hours never exceed the plan.

    Raises
    ------
    Refused
        ``out_before_in``, ``outside_plan`` (422).
    """
    if went_at <= came_at:
        raise Refused("out_before_in", N_("离岗时间要晚于到岗时间。"), field="went", status=422)
    if came_at < plan.starts_at or went_at > plan.ends_at:
        raise Refused(
            "outside_plan",
            N_("补录的时间不能超出班次的计划时间。"),
            field="came",
            status=422,
        )


def vouches(grade: Grade, stay: Window, claimed: Window) -> bool:
    """Whether somebody with this record can say that another was there: scanned, and at the same time."""
    return grade in WITNESS_GRADES and stay.shared(claimed) is not None


def announced_until(on: date, calendar: WorkCalendar, policy: Policy) -> date:
    """Return the last day of the public register: so many working days after the day it begins."""
    return calendar.add_workdays(on, policy.make_up_publicity_workdays)
