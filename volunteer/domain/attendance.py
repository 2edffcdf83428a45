"""Checking in and out (签到、签退): the one predicate that page, scan and roll-call all ask.

The window has two sides. The page asks the same :func:`decide` as the act, so they cannot
disagree. Presence is derived from stamps that are only ever added.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from volunteer.domain.place import NOWHERE, Whereabouts
from volunteer.domain.policy import STANDARD, Policy
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import (
    AssignmentState,
    Attendance,
    CancelCause,
    FenceVerdict,
    Grade,
    ShiftState,
    StampKind,
    Way,
)
from volunteer.domain.timekeeping import Window, clock_at, local_date, minutes_between
from volunteer.domain.words import N_, Values


@dataclass(frozen=True, slots=True)
class Stamp:
    """One check-in or check-out: when by the clock that counts, how, and where it was made.

    ``best`` is the strongest grade that it may have: what arrived late is worth less than its way.
    """

    kind: StampKind
    at: datetime
    way: Way
    fence: FenceVerdict = FenceVerdict.UNKNOWN
    best: Grade = Grade.A

    @property
    def grade(self) -> Grade:
        """Strength of this stamp as evidence."""
        return max(grade_of(self.way, self.fence), self.best)


@dataclass(frozen=True, slots=True)
class Interval:
    """One stay: from coming to going; still open when nobody went."""

    came: Stamp
    went: Stamp | None


@dataclass(frozen=True, slots=True)
class Gate:
    """All that must be known to judge a stamp of one person on one shift.

    ``elsewhere`` is the window of another shift on which the person stands checked in;
    ``pairs_today`` counts finished stays of the person in the same activity on the same day.
    """

    window: Window
    shift_state: ShiftState = ShiftState.PUBLISHED
    assignment: AssignmentState | None = None
    cancel_cause: CancelCause | None = None
    stamps: tuple[Stamp, ...] = ()
    elsewhere: Window | None = None
    pairs_today: int = 0
    takes_walk_ins: bool = False
    policy: Policy = STANDARD

    @property
    def opens_at(self) -> datetime:
        """When check-in opens."""
        return self.window.starts_at - timedelta(minutes=self.policy.opens_before_minutes)

    @property
    def in_closes_at(self) -> datetime:
        """When check-in closes."""
        return self.window.ends_at + timedelta(minutes=self.policy.check_in_closes_after_minutes)

    @property
    def out_closes_at(self) -> datetime:
        """When check-out closes and a forgotten one is closed at the planned end."""
        return self.window.ends_at + timedelta(minutes=self.policy.check_out_closes_after_minutes)

    @property
    def is_present(self) -> bool:
        """Whether the person stands checked in on this shift."""
        stays = intervals_of(self.stamps)
        return bool(stays) and stays[-1].went is None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A stamp that may be made, and what is to be written with it.

    ``overrode`` names the rules that a reason set aside; ``review`` what a leader should look at;
    ``accepts`` tells that coming answers a proposal that was still open.
    """

    stamp: Stamp
    late_minutes: int = 0
    early_minutes: int = 0
    whereabouts: Whereabouts = NOWHERE
    overrode: tuple[str, ...] = ()
    review: tuple[str, ...] = ()
    accepts: bool = False

    @property
    def is_forced(self) -> bool:
        """Whether it needed a reason to pass."""
        return bool(self.overrode)


#: Refusals that a leader may set aside with a reason; the others would make the record untrue.
FORCEABLE = frozenset(
    {"not_assigned", "declined", "assignment_cancelled", "too_late", "out_closed", "pairs_used"}
)

_GRADES = {
    Way.ROTATING_CODE: Grade.A,
    Way.PERSONAL_CODE: Grade.B,
    Way.POSTER_CODE: Grade.C,
    Way.PAPER_CARD: Grade.C,  # a code that never changes, brought by whoever holds it
    Way.LEADER_SELF: Grade.C,  # who holds the screen scans no code but the own
    Way.ROLL_CALL: Grade.D,
    Way.SYSTEM_FAILURE: Grade.D,
    Way.AUTO_CLOSE: Grade.D,
    Way.MAKE_UP: Grade.E,
}


def grade_of(way: Way, fence: FenceVerdict = FenceVerdict.UNKNOWN) -> Grade:
    """Return how strong a stamp is as evidence.

    A rotating code scanned by a phone that says it is elsewhere may have been relayed and
    counts no more than a poster. A phone that says nothing costs nobody a grade.
    """
    grade = _GRADES[way]
    return max(grade, Grade.C) if fence is FenceVerdict.OUTSIDE else grade


def weakest(grades: Iterable[Grade]) -> Grade | None:
    """Return the weakest link; nothing if there is no link."""
    return max(grades, default=None)


def intervals_of(stamps: Iterable[Stamp]) -> list[Interval]:
    """Pair stamps into stays, in whatever order they arrived.

    Of several check-ins in a row the first counts, of several check-outs in a row the last; a
    check-out before any check-in opens nothing and counts for nothing. The machine's check-out counts
    only where the person made none: a real one may arrive after it.
    """
    stays: list[Interval] = []
    in_order = sorted(stamps, key=lambda s: (s.at, s.kind, s.way, s.grade))
    for _, together in groupby(in_order, key=lambda s: s.at):
        was_open = bool(stays) and stays[-1].went is None
        # At one and the same instant a person who is there goes first and one who is not comes.
        for stamp in sorted(together, key=lambda s: (s.kind is StampKind.IN) is was_open):
            if stamp.kind is StampKind.OUT and stays:
                if stamp.way is not Way.AUTO_CLOSE or stays[-1].went is None:
                    stays[-1] = Interval(stays[-1].came, stamp)
            elif stamp.kind is StampKind.IN and not (stays and stays[-1].went is None):
                stays.append(Interval(stamp, None))
    return stays


def attendance_of(gate: Gate, at: datetime) -> Attendance:
    """Return where the person stands on this shift; absent only when the shift is over.

    Only a person who accepted can be absent: 《志愿服务条例》第二十二条 binds who agreed to serve.
    """
    stays = intervals_of(gate.stamps)
    if stays:
        went = stays[-1].went
        if went is None:
            return Attendance.PRESENT
        return Attendance.AUTO_CLOSED if went.way is Way.AUTO_CLOSE else Attendance.LEFT
    if gate.assignment is AssignmentState.CANCELLED or gate.shift_state is ShiftState.CANCELLED:
        return Attendance.EXCUSED
    if at < gate.in_closes_at:
        return Attendance.EXPECTED
    if gate.assignment is AssignmentState.ACCEPTED:
        return Attendance.ABSENT
    return Attendance.EXCUSED


def next_kind(gate: Gate) -> StampKind:
    """Return which stamp comes next for this person."""
    return StampKind.OUT if gate.is_present else StampKind.IN


def blockers(gate: Gate, kind: StampKind, at: datetime) -> list[Refused]:
    """Return every reason against a stamp at this instant, the gravest first; empty means yes."""
    reasons = _shift_blockers(gate)
    reasons += _in_blockers(gate, at) if kind is StampKind.IN else _out_blockers(gate, at)
    return reasons


def lone_blockers(gate: Gate, kind: StampKind, at: datetime) -> list[Refused]:
    """Return what stands against a stamp whatever other stamps there are: shift, seat and the two-sided window.

    What arrives in any order is judged by this, so that the order of arrival decides nothing.
    """
    alone = replace(gate, stamps=(), elsewhere=None, pairs_today=0)
    reasons = _shift_blockers(alone)
    if kind is StampKind.IN:
        return reasons + _in_blockers(alone, at)
    reasons += _seat_blockers(alone)
    if at < alone.opens_at:
        reasons.append(_too_early(alone, at))
    elif at >= alone.out_closes_at:
        reasons.append(_out_closed(alone))
    return reasons


def decide(
    gate: Gate,
    kind: StampKind,
    at: datetime,
    *,
    way: Way,
    whereabouts: Whereabouts = NOWHERE,
    forced_reason: str = "",
) -> Verdict:
    """Judge a stamp; the page calls this to show what is possible, the act to do it.

    With a ``forced_reason`` the rules in :data:`FORCEABLE` are set aside and named.

    Raises
    ------
    Refused
        The gravest of :func:`blockers`, with all of them as ``details``.
    """
    against = blockers(gate, kind, at)
    standing = [no for no in against if not (forced_reason.strip() and no.code in FORCEABLE)]
    if standing:
        standing[0].details = tuple(standing)
        raise standing[0]
    late = early = 0
    if kind is StampKind.IN and not intervals_of(gate.stamps):
        late = late_by(gate, at)
    elif kind is StampKind.OUT:
        early = max(0, minutes_between(at, gate.window.ends_at))
    return Verdict(
        stamp=Stamp(kind, at, way, whereabouts.verdict),
        late_minutes=late,
        early_minutes=early,
        whereabouts=whereabouts,
        overrode=tuple(no.code for no in against),
        review=doubts(way, whereabouts),
        accepts=kind is StampKind.IN and gate.assignment is AssignmentState.PROPOSED,
    )


def forgotten(gate: Gate, at: datetime) -> Stamp | None:
    """Return the check-out that closes a forgotten stay at the planned end, once it is due."""
    stays = intervals_of(gate.stamps)
    if not stays or stays[-1].went is not None or at < gate.out_closes_at:
        return None
    return closing(stays[-1], gate.window)


def closing(stay: Interval, window: Window) -> Stamp:
    """Return the automatic check-out of a stay: the planned end, never "now"."""
    return Stamp(StampKind.OUT, max(window.ends_at, stay.came.at), Way.AUTO_CLOSE)


def late_by(gate: Gate, at: datetime) -> int:
    """Return by how many minutes a first check-in at this instant is late, by the rule of the city."""
    after = minutes_between(gate.window.starts_at, at)
    return after if after > gate.policy.late_after_minutes else 0


def doubts(way: Way, whereabouts: Whereabouts) -> tuple[str, ...]:
    """Name what a leader should look at; a signal opens a question, never a verdict."""
    if whereabouts.verdict is FenceVerdict.OUTSIDE:
        return ("outside_fence",)
    if whereabouts.is_datum_doubtful:
        return ("datum_doubtful",)
    if way is Way.POSTER_CODE and whereabouts.verdict is not FenceVerdict.INSIDE:
        return ("poster_without_place",)
    if way is Way.SYSTEM_FAILURE:
        return ("system_failure",)
    return ()


def _no(code: str, sentence: str, hint: str, values: Values | None = None) -> Refused:
    return Refused(code, sentence, hint, values=values)


def _shift_blockers(gate: Gate) -> list[Refused]:
    if gate.shift_state is ShiftState.CANCELLED:
        hint = N_("取消不影响您的出勤记录，请留意后续通知。")
        return [_no("shift_cancelled", N_("本班次已取消。"), hint)]
    if gate.shift_state is ShiftState.PLANNED:
        return [_no("shift_not_open", N_("本班次尚未发布。"), N_("请等待组织者发布排班表。"))]
    if gate.shift_state is ShiftState.SETTLED:
        hint = N_("如记录有误，请在“我的时长”中提出更正。")
        return [_no("shift_settled", N_("本班次已结算，不能再签到或签退。"), hint)]
    return []


def _in_blockers(gate: Gate, at: datetime) -> list[Refused]:
    reasons = _seat_blockers(gate)
    if gate.is_present:
        came = intervals_of(gate.stamps)[-1].came.at
        sentence = N_("您已于 %(time)s 签到。")
        reasons.append(
            _no("already_in", sentence, N_("结束时请记得签退。"), {"time": clock_at(came)})
        )
    elif gate.pairs_today >= gate.policy.pairs_per_day:
        sentence = N_("同一活动一天最多签到 %(count)d 次。")
        values = {"count": gate.policy.pairs_per_day}
        reasons.append(_no("pairs_used", sentence, N_("请联系带队说明情况。"), values))
    if gate.elsewhere is not None and at < gate.elsewhere.ends_at:
        sentence = N_("您在另一班次（%(start)s 至 %(end)s）尚未签退。")
        values_at = {
            "start": clock_at(gate.elsewhere.starts_at),
            "end": clock_at(gate.elsewhere.ends_at),
        }
        reasons.append(
            _no("present_elsewhere", sentence, N_("请先在原班次签退，再到本班次签到。"), values_at)
        )
    if at < gate.opens_at:
        reasons.append(_too_early(gate, at))
    elif at >= gate.in_closes_at:
        sentence = N_("签到已于 %(time)s 结束。")
        hint = N_("如确已到岗，请带队登记并说明原因，或申请补录。")
        reasons.append(_no("too_late", sentence, hint, {"time": clock_at(gate.in_closes_at)}))
    return reasons


def _too_early(gate: Gate, at: datetime) -> Refused:
    start = gate.window.starts_at
    if local_date(start) != local_date(at):
        sentence = N_("这是 %(month)d 月 %(day)d 日 %(time)s 的班次，还不能签到。")
        on = local_date(start)
        values: Values = {"month": on.month, "day": on.day, "time": clock_at(start)}
        return _no("too_early", sentence, N_("请在当天到现场后再签到。"), values)
    left = -(-int((gate.opens_at - at).total_seconds()) // 60)
    sentence = N_("还有 %(minutes)d 分钟开放签到。")
    hint = N_("%(time)s 起可以签到。")
    return _no("too_early", sentence, hint, {"minutes": left, "time": clock_at(gate.opens_at)})


def _seat_blockers(gate: Gate) -> list[Refused]:
    if gate.assignment in (AssignmentState.PROPOSED, AssignmentState.ACCEPTED):
        return []
    if gate.assignment is None:
        if gate.takes_walk_ins or gate.stamps:
            return []
        hint = N_("如临时到场帮忙，请带队将您加入本班次。")
        return [_no("not_assigned", N_("您不在本班次的名单中。"), hint)]
    if gate.assignment is AssignmentState.CANCELLED:
        hint = N_("如仍需您到岗，请带队重新登记。")
        return [_no("assignment_cancelled", N_("您在本班次的派班已取消。"), hint)]
    hint = N_("如仍愿意到岗，请带队确认后登记。")
    return [_no("declined", N_("您没有接受本班次，岗位可能已由他人接替。"), hint)]


def _out_blockers(gate: Gate, at: datetime) -> list[Refused]:
    stays = intervals_of(gate.stamps)
    if not stays:
        return [_no("not_in", N_("您还没有签到，不能签退。"), N_("请先签到；如漏签，请联系带队。"))]
    went = stays[-1].went
    if went is not None:
        sentence = N_("您已于 %(time)s 签退。")
        hint = N_("如需更正，请联系带队或在“我的时长”中提出。")
        return [_no("already_out", sentence, hint, {"time": clock_at(went.at)})]
    if at < stays[-1].came.at:
        hint = N_("请核对手机时间，或请带队登记。")
        return [_no("out_before_in", N_("签退时间早于签到时间。"), hint)]
    return [_out_closed(gate)] if at >= gate.out_closes_at else []


def _out_closed(gate: Gate) -> Refused:
    sentence = N_("签退已于 %(time)s 截止，系统按计划结束时间自动签退。")
    hint = N_("如实际结束更晚，请带队确认或提出更正。")
    return _no("out_closed", sentence, hint, {"time": clock_at(gate.out_closes_at)})
