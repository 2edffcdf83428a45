"""From stays to minutes (认定时长): clipped to the plan, breaks out, no cliff, every step told.

Time is what was actually spent on the service: 《志愿服务记录与证明出具办法（试行）》第七条.
The way there and back is not service. Seconds are dropped at both ends, so that the arithmetic
works out with the times a person sees. Whoever serves a part is credited that part.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from volunteer.domain.attendance import Interval, Stamp, closing, weakest
from volunteer.domain.policy import STANDARD, Policy
from volunteer.domain.terms import Grade, Nature, ReviewTier, Way
from volunteer.domain.timekeeping import Window, clock_at, merged, minutes_between, whole_minute
from volunteer.domain.words import N_, Translate, Values, fill, say

StepCode = Literal[
    "stay",
    "auto_close",
    "absent",
    "elsewhere",
    "early",
    "overtime",
    "break",
    "late_edit",
    "nature",
    "day_cap",
    "review",
    "result",
]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the arithmetic: what it did, by how many minutes, and in words.

    All steps but the last add up to the last one, the result.
    """

    code: StepCode
    minutes: int
    template: str
    values: Values

    @property
    def sentence(self) -> str:
        """The line in Chinese."""
        return fill(self.template, self.values)

    def said(self, translate: Translate) -> str:
        """Return the line in another language, given the catalogue's ``gettext``."""
        return say(self.template, self.values, translate)

    def stored(self) -> dict[str, Any]:
        """Return the line as plain values, to be kept with the record for ever."""
        return {
            "code": self.code,
            "minutes": self.minutes,
            "template": self.template,
            "values": dict(self.values),
        }


@dataclass(frozen=True, slots=True)
class Credit:
    """What one person earned on one shift, and how that came about.

    ``attended_minutes`` is the time on site, ``credited_minutes`` what becomes volunteer service,
    ``served_minutes`` the same before the nature of the activity is asked (值守时长 of a duty),
    ``overtime_minutes`` waits for the leader's word.
    """

    nature: Nature
    attended_minutes: int
    served_minutes: int
    credited_minutes: int
    overtime_minutes: int
    grade: Grade | None
    steps: tuple[Step, ...]
    rule_version: str


@dataclass(frozen=True, slots=True)
class Share:
    """How minutes of one day divide: at once, after review, or beyond what a day can hold."""

    effective: int
    unit_review: int
    city_review: int
    beyond_day: int

    @property
    def tier(self) -> ReviewTier:
        """The highest review that the minutes need."""
        if self.city_review:
            return ReviewTier.CITY
        return ReviewTier.UNIT if self.unit_review else ReviewTier.NONE


def told_again(steps: Iterable[Mapping[str, Any]]) -> tuple[Step, ...]:
    """Rebuild steps that were stored with a record, the other way of :meth:`Step.stored`."""
    return tuple(Step(s["code"], s["minutes"], s["template"], s["values"]) for s in steps)


def earns(nature: Nature, policy: Policy = STANDARD) -> bool:
    """Whether minutes of this nature are volunteer service; office duty never is.

    《志愿服务记录与证明出具办法（试行）》第十九条 forbids recording what is no volunteer service;
    training is recorded apart (第八条) unless the local rule counts it.
    """
    return nature is Nature.VOLUNTEER or (nature is Nature.TRAINING and policy.training_counts)


def credited_minutes(
    intervals: Sequence[Interval],
    window: Window,
    breaks: Iterable[Window] = (),
    policy: Policy = STANDARD,
    nature: Nature = Nature.VOLUNTEER,
    *,
    elsewhere: Iterable[Window] = (),
) -> Credit:
    """Count what stays on a shift earn; a stay never closed ends at the planned end.

    ``elsewhere`` is time that counts for the person already, on other shifts: no minute counts twice.
    """
    stays = [(stay.came, stay.went or closing(stay, window)) for stay in intervals]
    presence = _presence(stays)
    spans = [Window(p.start, p.end) for p in presence if p.start < p.end]
    plan = window.widened(
        before=policy.early_allowance_minutes, after=policy.overrun_allowance_minutes
    )
    steps = [_stay_step(part) for part in presence]
    attended = sum(span.minutes for span in spans)
    spans, twice = _clear_of(spans, elsewhere)
    steps += [_elsewhere_step(part) for part in twice]
    early = sum(max(0, minutes_between(s.starts_at, min(s.ends_at, plan.starts_at))) for s in spans)
    over = sum(max(0, minutes_between(max(s.starts_at, plan.ends_at), s.ends_at)) for s in spans)
    steps += _outside_steps(early, over, window)
    served = sum(span.minutes for span in spans) - early - over
    rests = _break_steps(spans, plan, breaks)
    served += sum(step.minutes for step in rests)
    steps += rests
    credited = served if earns(nature, policy) else 0
    if credited != served:
        steps.append(_nature_step(served, nature))
    if not steps:
        steps.append(Step("absent", 0, N_("没有到岗记录"), {}))
    steps.append(Step("result", credited, N_("认定 %(minutes)d 分钟"), {"minutes": credited}))
    return Credit(
        nature=nature,
        attended_minutes=attended,
        served_minutes=served,
        credited_minutes=credited,
        overtime_minutes=over if earns(nature, policy) else 0,
        grade=weakest(stamp.grade for stay in stays for stamp in stay),
        steps=tuple(steps),
        rule_version=policy.rule_version,
    )


def share_of_day(already: int, minutes: int, policy: Policy = STANDARD) -> Share:
    """Divide ``minutes`` that join ``already`` recorded ones of the same person and Beijing day.

    Counted over all activities: up to 8 h at once, up to 12 h after the parent unit's review,
    above after the city's, never more than a day has. The tiers follow the practice of 广东 i志愿.
    """
    if already < 0 or minutes < 0:
        raise ValueError("minutes are never negative")
    end = already + minutes

    def between(low: int, high: int) -> int:
        return max(0, min(end, high) - max(already, low))

    return Share(
        effective=between(0, policy.auto_cap_minutes),
        unit_review=between(policy.auto_cap_minutes, policy.unit_review_cap_minutes),
        city_review=between(policy.unit_review_cap_minutes, policy.day_cap_minutes),
        beyond_day=between(policy.day_cap_minutes, max(end, policy.day_cap_minutes)),
    )


@dataclass(frozen=True, slots=True)
class _Presence:
    start: datetime
    end: datetime
    is_auto: bool


def _presence(stays: Iterable[tuple[Stamp, Stamp]]) -> list[_Presence]:
    """Join stays that overlap, so that no minute is counted twice."""
    out: list[_Presence] = []
    for came, went in sorted(stays, key=lambda stay: stay[0].at):
        start, end = whole_minute(came.at), whole_minute(max(went.at, came.at))
        is_auto = went.way is Way.AUTO_CLOSE
        if out and start < out[-1].end:
            last = out[-1]
            is_auto = is_auto if end > last.end else last.is_auto
            out[-1] = _Presence(last.start, max(last.end, end), is_auto)
        else:
            out.append(_Presence(start, end, is_auto))
    return out


def _clear_of(
    spans: Sequence[Window], elsewhere: Iterable[Window]
) -> tuple[list[Window], list[Window]]:
    """Cut out of the spans what counts elsewhere; returns what is left and what was cut out."""
    left, twice = list(spans), []
    for other in merged(elsewhere):
        rest: list[Window] = []
        for span in left:
            shared = span.shared(other)
            if shared is None:
                rest.append(span)
                continue
            twice.append(shared)
            if span.starts_at < shared.starts_at:
                rest.append(Window(span.starts_at, shared.starts_at))
            if shared.ends_at < span.ends_at:
                rest.append(Window(shared.ends_at, span.ends_at))
        left = rest
    return left, twice


def _elsewhere_step(part: Window) -> Step:
    words = N_("%(start)s 至 %(end)s 已计在另一班次，扣除 %(minutes)d 分钟")
    values = {
        "start": clock_at(part.starts_at),
        "end": clock_at(part.ends_at),
        "minutes": part.minutes,
    }
    return Step("elsewhere", -part.minutes, words, values)


def _stay_step(part: _Presence) -> Step:
    minutes = minutes_between(part.start, part.end)
    values = {"in": clock_at(part.start), "out": clock_at(part.end), "minutes": minutes}
    if part.is_auto:
        words = N_("签到 %(in)s，未签退，按计划 %(out)s 结束，在岗 %(minutes)d 分钟")
        return Step("auto_close", minutes, words, values)
    return Step("stay", minutes, N_("签到 %(in)s，签退 %(out)s，在岗 %(minutes)d 分钟"), values)


def _outside_steps(early: int, over: int, window: Window) -> list[Step]:
    steps = [_early_step(early, window)] if early else []
    return [*steps, _overtime_step(over, window)] if over else steps


def _early_step(minutes: int, window: Window) -> Step:
    words = N_("计划 %(start)s 开始，提前到岗 %(minutes)d 分钟不计")
    return Step("early", -minutes, words, {"start": clock_at(window.starts_at), "minutes": minutes})


def _overtime_step(minutes: int, window: Window) -> Step:
    words = N_("计划 %(end)s 结束，超出 %(minutes)d 分钟，待带队确认")
    return Step("overtime", -minutes, words, {"end": clock_at(window.ends_at), "minutes": minutes})


def _break_steps(spans: Iterable[Window], plan: Window, breaks: Iterable[Window]) -> list[Step]:
    """One step for each break that somebody was there for."""
    inside = [part for span in spans if (part := span.shared(plan)) is not None]
    found = []
    for pause in merged(breaks):
        minutes = sum(p.minutes for s in inside if (p := s.shared(pause)) is not None)
        if minutes:
            found.append(_break_step(minutes, pause))
    return found


def _break_step(minutes: int, pause: Window) -> Step:
    words = N_("休息 %(start)s 至 %(end)s，扣除 %(minutes)d 分钟")
    values = {
        "start": clock_at(pause.starts_at),
        "end": clock_at(pause.ends_at),
        "minutes": minutes,
    }
    return Step("break", -minutes, words, values)


def _nature_step(minutes: int, nature: Nature) -> Step:
    words = N_("活动性质为“%(nature)s”，%(minutes)d 分钟不计入志愿服务时长")
    return Step("nature", -minutes, words, {"nature": nature.label, "minutes": minutes})
