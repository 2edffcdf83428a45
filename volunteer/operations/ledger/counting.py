"""Counting (认定): what one seat earned, with the arithmetic, the cap of the day, and what waits for whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from volunteer.domain.attendance import Interval
from volunteer.domain.credit import Credit, Step, credited_minutes, share_of_day
from volunteer.domain.policy import Policy
from volunteer.domain.terms import Nature, ReviewTier, Signal, Source, Way
from volunteer.domain.timekeeping import Window, clock_at, local_date
from volunteer.domain.words import N_
from volunteer.models.activities import Shift

ASKS_FROM = 15
"""Minutes of overtime from which somebody is asked; fewer are told and not counted."""
DOUBTED = N_("%(doubt)s，%(minutes)d 分钟待确认")
APPROVED = N_("复核通过，加记 %(minutes)d 分钟")
CONFIRMED = N_("此前已复核确认本人在场，不再待确认")
"""Lines of the arithmetic by which a later counting knows what was said of a record."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What goes into a record: minutes that count now, that wait, and how it came about."""

    credit: Credit
    credited: int
    pending: list[dict[str, Any]]
    arithmetic: list[dict[str, Any]]

    @property
    def pending_minutes(self) -> int:
        """All minutes that wait for a review."""
        return sum(part["minutes"] for part in self.pending)

    @property
    def entry_minutes(self) -> int:
        """What is posted: service as it counts, office duty as it was served (值守时长)."""
        if self.credit.nature is Nature.DUTY:
            return self.credit.served_minutes
        return self.credited


def breaks_of(shift: Shift) -> list[Window]:
    """The unpaid breaks of a shift; stored as minutes from its start."""
    return [
        Window(
            shift.starts_at + timedelta(minutes=int(first)),
            shift.starts_at + timedelta(minutes=int(last)),
        )
        for first, last in shift.breaks
    ]


def count(
    shift: Shift,
    nature: Nature,
    stays: Sequence[Interval],
    policy: Policy,
    *,
    already: int,
    elsewhere: Sequence[Window] = (),
) -> Counted:
    """Count the stays of one person on one shift.

    ``already`` are the day's other recorded minutes, ``elsewhere`` the times at which the person has hours
    of other shifts (:func:`volunteer.queries.taken.hours_elsewhere`).
    """
    window = Window(shift.starts_at, shift.ends_at)
    credit = credited_minutes(stays, window, breaks_of(shift), policy, nature, elsewhere=elsewhere)
    share = share_of_day(already, credit.credited_minutes, policy)
    pending = [
        {"why": "day_cap", "tier": tier.value, "minutes": minutes}
        for tier, minutes in (
            (ReviewTier.UNIT, share.unit_review),
            (ReviewTier.CITY, share.city_review),
        )
        if minutes
    ]
    if credit.overtime_minutes >= ASKS_FROM:
        tier = share_of_day(already + credit.credited_minutes, credit.overtime_minutes, policy).tier
        tier = ReviewTier.UNIT if tier is ReviewTier.NONE else tier
        pending.append({"why": "overtime", "tier": tier.value, "minutes": credit.overtime_minutes})
    steps = [_overtime_told(step) for step in credit.steps[:-1]]
    cut = credit.credited_minutes - share.effective
    if cut:
        steps.append(
            Step(
                "day_cap",
                -cut,
                N_("当天累计超过 %(hours)d 小时，%(minutes)d 分钟待复核"),
                {"hours": policy.auto_cap_minutes // 60, "minutes": cut},
            )
        )
    steps.append(result_step(share.effective))
    return Counted(credit, share.effective, pending, [step.stored() for step in steps])


def unconfirmed(sums: Counted, doubts: Sequence[Signal]) -> Counted:
    """The same, all minutes that would count waiting for somebody's word: a doubt is named, nothing is removed."""
    if not doubts or not sums.credited:
        return sums
    part = {
        "why": "unconfirmed",
        "tier": ReviewTier.UNIT.value,
        "minutes": sums.credited,
        "doubts": [doubt.value for doubt in doubts],
    }
    values = {"doubt": doubts[0].label, "minutes": sums.credited}
    step = Step("review", -sums.credited, DOUBTED, values)
    arithmetic = [*sums.arithmetic[:-1], step.stored(), result_step(0).stored()]
    return Counted(sums.credit, 0, [*sums.pending, part], arithmetic)


def confirmed(sums: Counted) -> Counted:
    """The same, with a line that says that somebody confirmed the person's presence before; minutes stay."""
    step = Step("review", 0, CONFIRMED, {})
    arithmetic = [*sums.arithmetic[:-1], step.stored(), sums.arithmetic[-1]]
    return Counted(sums.credit, sums.credited, sums.pending, arithmetic)


def with_late_edit(sums: Counted, edited_at: datetime | None) -> Counted:
    """The same, with a line that says that the plan was changed after it had begun; minutes stay."""
    if edited_at is None:
        return sums
    words = N_("班次或活动在开始后被修改过（%(day)s %(time)s）")
    values = {"day": local_date(edited_at).isoformat(), "time": clock_at(edited_at)}
    step = Step("late_edit", 0, words, values)
    arithmetic = [*sums.arithmetic[:-1], step.stored(), sums.arithmetic[-1]]
    return Counted(sums.credit, sums.credited, sums.pending, arithmetic)


def result_step(minutes: int) -> Step:
    """The last line of an arithmetic."""
    return Step("result", minutes, N_("认定 %(minutes)d 分钟"), {"minutes": minutes})


def _overtime_told(step: Step) -> Step:
    if step.code == "overtime" and -step.minutes < ASKS_FROM:
        words = N_("计划 %(end)s 结束，超出 %(minutes)d 分钟不计")
        return Step("overtime", step.minutes, words, step.values)
    return step


_BY_HAND = {Way.ROLL_CALL, Way.SYSTEM_FAILURE}


def source_of(stays: Sequence[Interval]) -> Source:
    """Where the minutes come from: the weakest of the stamps that people made."""
    stamps = [s for stay in stays for s in (stay.came, stay.went) if s is not None]
    made = [s for s in stamps if s.way is not Way.AUTO_CLOSE]
    if any(s.way is Way.MAKE_UP for s in made):
        return Source.MAKE_UP
    if not made or any(s.way in _BY_HAND for s in made):
        return Source.ORGANIZER_MANUAL
    return Source.QR_GEO if all(s.fence == "inside" for s in made) else Source.QR


def first_in(stays: Sequence[Interval]) -> datetime | None:
    """When the first stay began."""
    return stays[0].came.at if stays else None


def last_out(stays: Sequence[Interval]) -> datetime | None:
    """When the last stay that ended did; one that is still open counts for nothing and ends nothing."""
    ended = [stay.went.at for stay in stays if stay.went is not None]
    return ended[-1] if ended else None
