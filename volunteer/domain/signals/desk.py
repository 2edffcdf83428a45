"""Signals of a unit's desk (单位线索): reviews without reading, deals with oneself, bulges, plans too long.

In this field fraud sits in the back office, not at the scanner, so the desk is looked at as hard as the street.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import pairwise
from statistics import median

from volunteer.domain.policy import Policy
from volunteer.domain.signals.rule import Rule, Sighting
from volunteer.domain.signals.seen import ActivitySeen, PlanSeen, ReviewSeen, UnitSeen
from volunteer.domain.terms import CaseSubject, Signal
from volunteer.domain.words import N_

LAST_DAYS = 3
FEW_REVIEWS = 5
FEW_STAMPS = 20
FEW_PLANS = 8
SPREAD = 1.4826
"""Makes the median deviation comparable with a standard deviation."""
LEAST_SPREAD = 10.0
"""Minutes: kinds whose shifts are all alike must not flag a quarter of an hour."""


def _fast_reviews(seen: UnitSeen, policy: Policy) -> Iterator[Sighting]:
    """Several decisions on minutes in a row, each faster than its page can be read."""
    by_account: dict[int, list[ReviewSeen]] = {}
    for review in sorted(seen.reviews, key=lambda one: (one.at, one.id)):
        by_account.setdefault(review.account_id, []).append(review)
    for account_id, reviews in by_account.items():
        run = _longest_run(reviews, policy.review_seconds)
        if len(run) < FEW_REVIEWS:
            continue
        yield Sighting(
            Signal.FAST_REVIEWS,
            CaseSubject.UNIT,
            seen.id,
            min(85, 55 + 3 * (len(run) - FEW_REVIEWS)),
            N_("同一账号连续办理 %(times)d 件，每件不到 %(seconds)d 秒"),
            {"times": len(run), "seconds": policy.review_seconds, "account": account_id},
            f"fast_reviews:{run[0].id}",
        )


def _longest_run(reviews: list[ReviewSeen], seconds: int) -> list[ReviewSeen]:
    best: list[ReviewSeen] = []
    run = reviews[:1]
    for before, after in pairwise(reviews):
        quick = (after.at - before.at).total_seconds() < seconds
        run = [*run, after] if quick else [after]
        if len(run) > len(best):
            best = run
    return best


def _self_dealing(seen: UnitSeen, policy: Policy) -> Iterator[Sighting]:
    """An activity for one person, or whose minutes go to those who made and recorded it by hand (threat T10).

    Two different attendees are asked for, or a leader from another unit who saw it.
    """
    for activity in seen.activities:
        if not activity.minutes or activity.leader_from_elsewhere:
            continue
        by_hand = activity.by_hand_minutes / activity.minutes
        own = activity.own_minutes / activity.minutes
        score = 0
        if len(activity.people) < 2:
            score = 60 if by_hand >= 0.5 or own >= 0.5 else 20
        elif own >= 0.5 and by_hand >= 0.5:
            score = 60
        elif by_hand >= 0.9 and own > 0 and len(activity.people) <= 3:
            score = 52
        if score:
            yield Sighting(
                Signal.SELF_DEALING,
                CaseSubject.UNIT,
                seen.id,
                score,
                N_("“%(title)s”只有 %(people)d 人，手工登记占 %(hand)d%%，经办人自己占 %(own)d%%"),
                {
                    "title": activity.title,
                    "people": len(activity.people),
                    "hand": round(100 * by_hand),
                    "own": round(100 * own),
                },
                f"self_dealing:{activity.id}",
                activity_id=activity.id,
            )


def is_late(activity: ActivitySeen) -> bool:
    """Whether an activity was published only after its first shift had begun."""
    return activity.published_at is None or activity.published_at > activity.first_starts_at


def _late_notice(seen: UnitSeen, policy: Policy) -> Iterator[Sighting]:
    """Published after it began (threat T10): only what was announced can have been joined."""
    for activity in seen.activities:
        if activity.minutes and is_late(activity):
            yield Sighting(
                Signal.LATE_NOTICE,
                CaseSubject.UNIT,
                seen.id,
                60,
                N_("“%(title)s”在第一个班次开始以后才发布"),
                {"title": activity.title},
                f"late_notice:{activity.id}",
                activity_id=activity.id,
            )


def _month_end(seen: UnitSeen, policy: Policy) -> Iterator[Sighting]:
    """The last three days of a month far above the rest, mostly by hand: hours made up for a report.

    Service on a Saturday for a festival is scanned; hours that are invented are typed.
    """
    if (seen.last + timedelta(days=1)).day != 1:
        return
    cut = seen.last - timedelta(days=LAST_DAYS - 1)
    late = {day: n for day, n in seen.minutes_by_day.items() if day >= cut}
    early = [n for day, n in seen.minutes_by_day.items() if day < cut]
    total = sum(late.values())
    if total < 600 or not early:
        return
    usual = sum(early) / max(1, (cut - seen.first).days)
    times = total / LAST_DAYS / max(usual, 30.0)
    hand = sum(n for day, n in seen.by_hand_by_day.items() if day >= cut) / total
    if times < policy.month_end_times or hand < 0.4:
        return
    yield Sighting(
        Signal.MONTH_END,
        CaseSubject.UNIT,
        seen.id,
        min(85, 52 + round(5 * (times - policy.month_end_times)) + round(20 * (hand - 0.4))),
        N_("月末三天的时长是平日的 %(times)s 倍，其中 %(hand)d%% 为手工登记"),
        {"times": f"{times:.1f}", "hand": round(100 * hand)},
        f"month_end:{seen.id}:{seen.last:%Y-%m}",
    )


def _by_hand(seen: UnitSeen, policy: Policy) -> Iterator[Sighting]:
    """Most stamps by the leader's word or forced past the rules: a typed roll is the weakest evidence."""
    if seen.stamps < FEW_STAMPS:
        return
    percent = round(100 * max(seen.by_hand, seen.forced) / seen.stamps)
    if percent < policy.by_hand_percent:
        return
    yield Sighting(
        Signal.BY_HAND,
        CaseSubject.UNIT,
        seen.id,
        min(75, 50 + (percent - policy.by_hand_percent) // 2),
        N_("本月 %(stamps)d 次签到签退中 %(percent)d%% 为手工登记，强制登记 %(forced)d 次"),
        {"stamps": seen.stamps, "percent": percent, "forced": seen.forced},
        f"by_hand:{seen.id}:{seen.last:%Y-%m}",
    )


def _long_plan(plans: Iterable[PlanSeen], policy: Policy) -> Iterator[Sighting]:
    """Planned lengths far above those of the same kind (threat T13), by a robust z-score over the whole city.

    A plan that people truly stayed for is long work; one that they scanned out of long before is inflated.
    """
    by_kind: dict[int, list[PlanSeen]] = {}
    for plan in plans:
        by_kind.setdefault(plan.kind_id, []).append(plan)
    for known in by_kind.values():
        if len(known) < FEW_PLANS:
            continue
        middle = median(plan.minutes for plan in known)
        spread = SPREAD * median(abs(plan.minutes - middle) for plan in known)
        for plan in known:
            z = (plan.minutes - middle) / max(spread, LEAST_SPREAD)
            if z * 10 < policy.long_plan_tenths or plan.minutes < 1.5 * middle:
                continue
            short = plan.stayed < 0.6 * plan.minutes
            yield Sighting(
                Signal.LONG_PLAN,
                CaseSubject.SHIFT,
                plan.shift_id,
                75 if short else 55,
                N_(
                    "计划 %(minutes)d 分钟，同类一般为 %(usual)d 分钟，实际在岗多为 %(stayed)d 分钟"
                ),
                {"minutes": plan.minutes, "usual": round(middle), "stayed": plan.stayed},
                f"long_plan:{plan.shift_id}",
                plan.shift_id,
            )


UNIT_RULES = (
    Rule(
        Signal.FAST_REVIEWS,
        CaseSubject.UNIT,
        N_("事先在纸上核对过，再集中录入。"),
        _fast_reviews,
        ("review_seconds",),
    ),
    Rule(
        Signal.SELF_DEALING,
        CaseSubject.UNIT,
        N_("小单位人手少，组织者本人也参加服务。"),
        _self_dealing,
    ),
    Rule(
        Signal.LATE_NOTICE,
        CaseSubject.UNIT,
        N_("突发任务（抢险、寻人）来不及先发布。"),
        _late_notice,
    ),
    Rule(
        Signal.MONTH_END,
        CaseSubject.UNIT,
        N_("月末恰逢节日或大型活动，或统一补登纸质签到表。"),
        _month_end,
        ("month_end_times",),
    ),
    Rule(
        Signal.BY_HAND,
        CaseSubject.UNIT,
        N_("点位没有信号，或老年志愿者多，不用手机。"),
        _by_hand,
        ("by_hand_percent",),
    ),
)
PLAN_RULES = (
    Rule(
        Signal.LONG_PLAN,
        CaseSubject.SHIFT,
        N_("活动本身就长，例如全天的大型活动或驻站值守。"),
        _long_plan,
        ("long_plan_tenths",),
    ),
)
