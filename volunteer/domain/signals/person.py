"""Signals of one person over weeks (个人线索): fixes that never move, roads too fast, hours on top of hours."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from volunteer.domain.place import metres_between
from volunteer.domain.policy import Policy
from volunteer.domain.signals.rule import Rule, Sighting
from volunteer.domain.signals.seen import PersonSeen, StampSeen, StaySeen
from volunteer.domain.terms import CaseSubject, Nature, Signal
from volunteer.domain.timekeeping import clock_at, local_date
from volunteer.domain.words import N_

APART = timedelta(minutes=10)
"""Two equal fixes nearer in time than this may be one that the phone remembered."""
NEAR_METRES = 2_000
"""Roads shorter than this say nothing: points lie close, clocks are rough."""
TOWN_KMH = 60
SHARED_MINUTES = 10


def _same_fix(seen: PersonSeen, policy: Policy) -> Iterator[Sighting]:
    """The same coordinates to the last figure at different times (threat T5).

    A real receiver wanders by metres even at rest; most programs that fake a place repeat one.
    """
    equal: dict[bytes, list[StampSeen]] = {}
    for stamp in seen.stamps:
        if not stamp.fix_print:
            continue
        known = equal.setdefault(stamp.fix_print, [])
        if all(abs(stamp.at - other.at) >= APART for other in known):
            known.append(stamp)
    for fix_print, stamps in equal.items():
        if len(stamps) < 2:
            continue
        yield Sighting(
            Signal.SAME_FIX,
            CaseSubject.PERSON,
            seen.id,
            30 if len(stamps) == 2 else min(85, 45 + 10 * (len(stamps) - 2)),
            N_("%(times)d 次签到签退的定位分毫不差（%(first)s 起）"),
            {"times": len(stamps), "first": _day(stamps[0])},
            f"same_fix:{seen.id}:{fix_print.hex()}",
            stamps[-1].shift_id,
            tuple(stamp.id for stamp in stamps),
        )


def _round_fix(seen: PersonSeen, policy: Policy) -> Iterator[Sighting]:
    """Coordinates and accuracy typed by a hand, not measured (threat T5): weak alone, so it needs company."""
    located = [stamp for stamp in seen.stamps if stamp.fix_print]
    flat = [stamp for stamp in located if stamp.is_round]
    if len(flat) < 3 or 2 * len(flat) < len(located):
        return
    yield Sighting(
        Signal.ROUND_FIX,
        CaseSubject.PERSON,
        seen.id,
        35 if len(flat) < 6 else 52,
        N_("%(times)d 次定位的坐标和精度都是整齐的数字"),
        {"times": len(flat)},
        f"round_fix:{seen.id}:{local_date(flat[-1].at):%Y-%m}",
        flat[-1].shift_id,
        tuple(stamp.id for stamp in flat[-6:]),
    )


def _travel(seen: PersonSeen, policy: Policy) -> Iterator[Sighting]:
    """Two points with too little time between them (threat T12): perhaps two people stamped."""
    placed = [s for s in seen.stamps if s.place is not None and s.is_own]
    for before, after in pairwise(sorted(placed, key=lambda one: (one.at, one.id))):
        if before.shift_id == after.shift_id or before.place is None or after.place is None:
            continue
        metres = metres_between(before.place, after.place) - before.radius - after.radius
        seconds = max(1.0, (after.at - before.at).total_seconds())
        kmh = metres / seconds * 3.6
        if metres < NEAR_METRES or kmh < TOWN_KMH:
            continue
        yield Sighting(
            Signal.TRAVEL,
            CaseSubject.PERSON,
            seen.id,
            75 if kmh >= policy.travel_kmh else 40,
            N_("%(day)s %(first)s 与 %(second)s 的两次签到相距 %(km)s 公里，来不及赶到"),
            {
                "day": _day(before),
                "first": clock_at(before.at),
                "second": clock_at(after.at),
                "km": f"{metres / 1000:.1f}",
            },
            f"travel:{before.id}:{after.id}",
            after.shift_id,
            (before.id, after.id),
        )


def _double_time(seen: PersonSeen, policy: Policy) -> Iterator[Sighting]:
    """Recorded service inside the time of a duty, a training or another service (threat T12).

    《志愿服务记录与证明出具办法（试行）》第十九条: office duty is no volunteer service.
    """
    ordered = sorted(seen.stays, key=lambda stay: (stay.window.starts_at, stay.record_id))
    for place, stay in enumerate(ordered):
        for other in ordered[place + 1 :]:
            if other.window.starts_at >= stay.window.ends_at:
                break
            shared = stay.window.shared(other.window)
            service = Nature.VOLUNTEER in (stay.nature, other.nature)
            if shared is None or shared.minutes < SHARED_MINUTES or not service:
                continue
            yield _double(seen, stay, other, shared.minutes)


def _double(seen: PersonSeen, stay: StaySeen, other: StaySeen, minutes: int) -> Sighting:
    if other.nature is Nature.VOLUNTEER:
        stay, other = other, stay
    low, high = sorted((stay.record_id, other.record_id))
    return Sighting(
        Signal.DOUBLE_TIME,
        CaseSubject.PERSON,
        seen.id,
        60 if minutes < 30 else 75,
        N_("%(day)s 的志愿服务与另一项“%(nature)s”重叠 %(minutes)d 分钟"),
        {
            "day": local_date(stay.window.starts_at).isoformat(),
            "nature": other.nature.label,
            "minutes": minutes,
        },
        f"double_time:{low}:{high}",
        stay.shift_id,
        (),
        (stay.record_id, other.record_id),
    )


def _long_month(seen: PersonSeen, policy: Policy) -> Iterator[Sighting]:
    """More hours in a month than a person with a job can serve (hours that are sold pile up on one name)."""
    minutes = sum(stay.minutes for stay in seen.stays if stay.nature is Nature.VOLUNTEER)
    hours = minutes // 60
    if hours < policy.month_hours:
        return
    last = max(seen.stays, key=lambda stay: stay.window.starts_at)
    month = local_date(last.window.starts_at)
    yield Sighting(
        Signal.LONG_MONTH,
        CaseSubject.PERSON,
        seen.id,
        min(80, 52 + (hours - policy.month_hours) // 5),
        N_("%(days)d 天内记录了 %(hours)d 小时志愿服务"),
        {"days": policy.look_back_days, "hours": hours},
        f"long_month:{seen.id}:{month:%Y-%m}",
        last.shift_id,
        (),
        tuple(stay.record_id for stay in seen.stays[-8:]),
    )


def _day(stamp: StampSeen) -> str:
    return local_date(stamp.at).isoformat()


RULES = (
    Rule(
        Signal.SAME_FIX,
        CaseSubject.PERSON,
        N_("手机用室内网络定位，或返回了缓存的上一次定位。"),
        _same_fix,
        ("look_back_days",),
    ),
    Rule(
        Signal.ROUND_FIX,
        CaseSubject.PERSON,
        N_("某些旧手机只给出粗略的整数。"),
        _round_fix,
        ("look_back_days",),
    ),
    Rule(
        Signal.TRAVEL,
        CaseSubject.PERSON,
        N_("点位坐标登记错了，或前一个班次提前结束、乘车赶来。"),
        _travel,
        ("travel_kmh", "look_back_days"),
    ),
    Rule(
        Signal.DOUBLE_TIME,
        CaseSubject.PERSON,
        N_("更正时间时填错了，或值守中途被抽去参加活动。"),
        _double_time,
        ("look_back_days",),
    ),
    Rule(
        Signal.LONG_MONTH,
        CaseSubject.PERSON,
        N_("退休的骨干志愿者，或驻点时间长的岗位。"),
        _long_month,
        ("month_hours", "look_back_days"),
    ),
)
