"""Shifts in bulk (批量生成班次): dates by rule, times of day, points; and what each shift asks for.

A series says *when and where*; the terms say *how many, who, how*. Both are plain values, checked at
once so that a form can name every fault, and both go into the batch's record as they were wanted.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Term
from volunteer.domain.timekeeping import (
    DAY_MINUTES,
    WorkCalendar,
    beijing,
    clock_of,
    days_from,
    minutes_of,
)
from volunteer.domain.words import N_

MOST_SHIFTS = 2000
"""Shifts in one batch; more is a slip of the finger or belongs into several activities."""
MOST_DAYS = 366
"""Days from the first to the last: a long activity lasts at most one year."""
MOST_SLOTS = 4
SHORTEST_MINUTES = 15
LONGEST_MINUTES = 14 * 60


class DayRule(Term):
    """On which days of a stretch shifts are held (日期规则)."""

    EVERY = "every", N_("每天")
    WORKDAYS = "workdays", N_("工作日（含调休上班日）")
    RESTDAYS = "restdays", N_("休息日（周末与节假日）")
    WEEKDAYS = "weekdays", N_("指定星期")


#: What a kind of service proposes (``ActivityKind.days``), as a rule and its weekdays.
PROPOSED = {
    "workdays": (DayRule.WORKDAYS, frozenset[int]()),
    "weekend": (DayRule.RESTDAYS, frozenset[int]()),
    "saturday": (DayRule.WEEKDAYS, frozenset({5})),
    "any": (DayRule.EVERY, frozenset[int]()),
}


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A time of day in minutes since midnight, half open; an end beyond 1440 is on the next day."""

    start: int
    end: int

    @classmethod
    def of(cls, start: str, end: str) -> "Slot":
        """Read two clock times; an end that is not after the start is on the next day.

        Raises
        ------
        ValueError
            When one of them is no time of day.
        """
        first, last = minutes_of(start), minutes_of(end)
        return cls(first, last if last > first else last + DAY_MINUTES)

    @property
    def minutes(self) -> int:
        """Length in minutes."""
        return self.end - self.start

    @property
    def words(self) -> str:
        """07:30—08:30, as people write it."""
        tail = clock_of(self.end - DAY_MINUTES) if self.end > DAY_MINUTES else clock_of(self.end)
        return f"{clock_of(self.start)}—{'次日 ' if self.end > DAY_MINUTES else ''}{tail}"

    def holds(self, pause: "Slot") -> bool:
        """Whether a break lies inside, leaving time to serve."""
        inside = self.start <= pause.start and pause.end <= self.end
        return inside and pause.minutes < self.minutes

    def on(self, day: date) -> tuple[datetime, datetime]:
        """Return the two instants of this slot on a Beijing date."""
        return beijing(day, self.start), beijing(day, self.end)


@dataclass(frozen=True, slots=True)
class Series:
    """When and where: dates by rule, one to four slots a day, points, and corners of each point.

    ``weekdays`` counts Monday as 0 and is used by the rule 指定星期 only, where ``skips_holidays``
    leaves public holidays out. ``except_on`` are single days left out. ``pauses`` are breaks by the
    clock; each shift takes those that lie inside it.
    """

    first_on: date
    last_on: date
    rule: DayRule
    slots: tuple[Slot, ...]
    point_ids: tuple[int, ...]
    weekdays: frozenset[int] = frozenset()
    skips_holidays: bool = True
    except_on: frozenset[date] = frozenset()
    corners: tuple[str, ...] = ("",)
    pauses: tuple[Slot, ...] = ()

    def faults(self) -> Iterator[Refused]:
        """Everything that is wrong with it, each with its form field."""
        if self.last_on < self.first_on:
            yield _fault("dates_reversed", N_("结束日期早于开始日期。"), "last_on")
        elif (self.last_on - self.first_on).days >= MOST_DAYS:
            yield _fault("too_long", N_("起止日期最多相隔一年，请分成几次创建。"), "last_on")
        if self.rule is DayRule.WEEKDAYS and not self.weekdays:
            yield _fault("no_weekday", N_("请至少选择一个星期几。"), "weekdays")
        if not self.slots:
            yield _fault("no_slot", N_("请至少填写一个时段。"), "start_1")
        if not self.point_ids:
            yield _fault("no_point", N_("请至少选择一个点位。"), "point_ids")
        yield from self._slot_faults()

    def _slot_faults(self) -> Iterator[Refused]:
        ordered = sorted(self.slots)
        for slot in ordered:
            if not SHORTEST_MINUTES <= slot.minutes <= LONGEST_MINUTES:
                yield _fault(
                    "odd_length",
                    N_("时段 %(slot)s 的长度不合理，应在 15 分钟到 14 小时之间。"),
                    "start_1",
                    {"slot": slot.words},
                )
        for first, second in zip(ordered, ordered[1:], strict=False):
            if second.start < first.end:
                yield _fault(
                    "slots_overlap",
                    N_("时段 %(first)s 与 %(second)s 互相重叠。"),
                    "start_1",
                    {"first": first.words, "second": second.words},
                )
        for pause in self.pauses:
            if not any(slot.holds(pause) for slot in self.slots):
                yield _fault(
                    "pause_outside",
                    N_("休息时间 %(pause)s 不在任何一个时段之内。"),
                    "breaks",
                    {"pause": pause.words},
                )

    def breaks_of(self, slot: Slot) -> tuple[tuple[int, int], ...]:
        """The breaks of a shift in this slot, in minutes since its start."""
        inside = (pause for pause in sorted(self.pauses) if slot.holds(pause))
        return tuple((p.start - slot.start, p.end - slot.start) for p in inside)

    def dates(self, calendar: WorkCalendar) -> list[date]:
        """The days on which shifts are held, in order."""
        days = days_from(self.first_on, (self.last_on - self.first_on).days + 1)
        return [on for on in days if on not in self.except_on and self._holds(on, calendar)]

    def _holds(self, on: date, calendar: WorkCalendar) -> bool:
        if self.rule is DayRule.EVERY:
            return True
        is_workday = calendar.is_workday(on)
        if self.rule is DayRule.WORKDAYS:
            return is_workday
        if self.rule is DayRule.RESTDAYS:
            return not is_workday
        is_holiday = on.weekday() < 5 and not is_workday
        return on.weekday() in self.weekdays and not (self.skips_holidays and is_holiday)

    def count(self, calendar: WorkCalendar) -> int:
        """How many shifts this makes."""
        places = len(self.slots) * len(self.point_ids) * len(self.corners)
        return len(self.dates(calendar)) * places

    def laid_out(self, calendar: WorkCalendar) -> Iterator[tuple[date, Slot, int, str]]:
        """Every shift as (date, slot, point, corner), by time and then by point."""
        for on in self.dates(calendar):
            for slot in sorted(self.slots):
                for point_id in self.point_ids:
                    for corner in self.corners:
                        yield on, slot, point_id, corner

    def kept(self) -> dict[str, Any]:
        """The series as plain JSON, for the record of the batch."""
        return {
            "first_on": self.first_on.isoformat(),
            "last_on": self.last_on.isoformat(),
            "rule": self.rule.value,
            "weekdays": sorted(self.weekdays),
            "skips_holidays": self.skips_holidays,
            "except_on": sorted(on.isoformat() for on in self.except_on),
            "slots": [[clock_of(s.start), clock_of(s.end)] for s in sorted(self.slots)],
            "point_ids": list(self.point_ids),
            "corners": list(self.corners),
            "pauses": [[clock_of(p.start), clock_of(p.end)] for p in sorted(self.pauses)],
        }


@dataclass(frozen=True, slots=True)
class Terms:
    """What a shift asks for: heads, ages, skills, breaks, priority, openness; all of it is checked.

    ``breaks`` are (from, to) minutes since the start of the shift. ``skill_mix`` and ``quotas`` map a
    skill or unit to the least number of people. ``required_skills`` are codes that everyone must have.
    """

    min_heads: int
    target_heads: int
    max_heads: int
    min_age: int = 18
    max_age: int = 65
    priority: int = 3
    is_open: bool = True
    reach_metres: int = 4000
    leader_id: int | None = None
    breaks: tuple[tuple[int, int], ...] = ()
    required_skills: tuple[str, ...] = ()
    skill_mix: Mapping[int, int] = field(default_factory=dict)
    quotas: Mapping[int, int] = field(default_factory=dict)

    def faults(self, minutes: Iterable[int]) -> Iterator[Refused]:
        """Everything that is wrong with them for shifts of these lengths, each with its form field."""
        if not 0 <= self.min_heads <= self.target_heads <= self.max_heads:
            yield _fault("heads_order", N_("人数应当是：最少 ≤ 目标 ≤ 最多。"), "target_heads")
        if not 1 <= self.max_heads <= 200:
            yield _fault("heads_range", N_("最多人数应在 1 到 200 之间。"), "max_heads")
        if not 10 <= self.min_age <= self.max_age <= 90:
            yield _fault("ages", N_("年龄应在 10 到 90 岁之间，且最小不大于最大。"), "min_age")
        if not 1 <= self.priority <= 3:
            yield _fault("priority", N_("优先级只有 1、2、3。"), "priority")
        if self.is_open and not 200 <= self.reach_metres <= 50000:
            yield _fault("reach", N_("开放范围应在 200 米到 50 千米之间。"), "reach_metres")
        yield from self._mix_faults()
        yield from self._break_faults(min(minutes, default=0))

    def _mix_faults(self) -> Iterator[Refused]:
        if any(count < 1 for count in [*self.skill_mix.values(), *self.quotas.values()]):
            yield _fault("count_positive", N_("人数至少为 1。"), "quotas")
        if sum(self.quotas.values()) > self.max_heads:
            yield _fault("quota_total", N_("单位名额合计超过了最多人数。"), "quotas")
        if max(self.skill_mix.values(), default=0) > self.max_heads:
            yield _fault("mix_total", N_("资质要求的人数超过了最多人数。"), "skill_mix")

    def _break_faults(self, shortest: int) -> Iterator[Refused]:
        last = 0
        for start, end in sorted(self.breaks):
            if start < last or end <= start:
                yield _fault("breaks", N_("休息时间前后颠倒或互相重叠。"), "breaks")
                return
            last = end
        if last and last >= shortest:
            yield _fault("breaks_outside", N_("休息时间超出了班次。"), "breaks")

    def kept(self) -> dict[str, Any]:
        """The terms as plain JSON, for records and audit lines."""
        return {
            "min_heads": self.min_heads,
            "target_heads": self.target_heads,
            "max_heads": self.max_heads,
            "min_age": self.min_age,
            "max_age": self.max_age,
            "priority": self.priority,
            "is_open": self.is_open,
            "reach_metres": self.reach_metres,
            "leader_id": self.leader_id,
            "breaks": [list(pause) for pause in self.breaks],
            "required_skills": list(self.required_skills),
            "skill_mix": {str(k): v for k, v in self.skill_mix.items()},
            "quotas": {str(k): v for k, v in self.quotas.items()},
        }


def require_sound(faults: Iterable[Refused]) -> None:
    """Pass if nothing is wrong; else raise one refusal that carries all of them.

    Raises
    ------
    Refused
        ``not_sound`` (422) with every fault in ``details``; each names its field.
    """
    found = list(faults)
    if found:
        raise Refused(
            "not_sound",
            N_("有 %(count)s 处需要修改。"),
            status=422,
            field=found[0].field,
            details=found,
            values={"count": len(found)},
        )


def is_moved(before: tuple[datetime, datetime, int], after: tuple[datetime, datetime, int]) -> bool:
    """Whether people must confirm anew: another point, or either end moved by more than 15 minutes.

    Each is (start, end, point).
    """
    if before[2] != after[2]:
        return True
    most = timedelta(minutes=15)
    return abs(after[0] - before[0]) > most or abs(after[1] - before[1]) > most


def _fault(
    code: str, sentence: str, at_field: str, values: Mapping[str, object] | None = None
) -> Refused:
    return Refused(code, sentence, field=at_field, status=422, values=values)
