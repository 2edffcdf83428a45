"""Deferred stamps (离线记录): what a phone kept without a signal is judged when it arrives, each by itself.

A claim is judged by what is fixed - the plan, the seat, the code and the two clocks - and never by the
stamps beside it. So any order of arrival, and any repetition, gives the same record; what does not fit
together on one seat is found afterwards, kept, and put before a person.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from volunteer.domain.attendance import Gate, Stamp, late_by, lone_blockers
from volunteer.domain.place import NOWHERE, Whereabouts
from volunteer.domain.policy import Policy
from volunteer.domain.terms import (
    DeferredConflict,
    DeferredProblem,
    DeferredState,
    Grade,
    ShiftState,
    Signal,
    StampKind,
    Way,
)
from volunteer.domain.timekeeping import minutes_between

AHEAD = timedelta(minutes=2)
"""How far a phone's corrected clock may run ahead of the server."""
BEFORE_CODE = timedelta(seconds=20)
"""How far before its code a scan may seem to lie: the screen shows the code a little early."""
AFTER_CODE = timedelta(seconds=40)
"""How long after its step ended a code may still be claimed to have been seen."""
WORST_BY_CLAIM = Grade.C
"""The best that a stamp can be whose instant nobody but the phone vouches for any more."""

FINAL = frozenset({DeferredProblem.SHIFT_CANCELLED, DeferredProblem.SHIFT_NOT_OPEN})
"""Problems that no word of a person mends."""
UNWITNESSED = frozenset({DeferredProblem.NO_CODE, DeferredProblem.CODE_TIME})
"""Problems after which the stamp, if it is accepted, is the leader's word and no code's."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One act of a phone: what it claims to have done, when, and by what code.

    ``claimed_at`` is the phone's instant after its measured offset; ``shown_at`` and ``shown_for`` are
    when, by the server's clock, a changing code was on show and for how long; both are empty for a
    code that never changes. ``has_code`` is False where there is but the person's word.
    """

    kind: StampKind
    way: Way
    claimed_at: datetime
    received_at: datetime
    has_code: bool = True
    shown_at: datetime | None = None
    shown_for: timedelta = timedelta(0)
    is_clock_known: bool = True

    @property
    def delay(self) -> timedelta:
        """How long the claim was under way."""
        return self.received_at - self.claimed_at

    @property
    def fits_code(self) -> bool:
        """Whether the claimed instant and the instant of the code agree."""
        if self.shown_at is None:
            return True
        begin = self.shown_at - BEFORE_CODE
        return begin <= self.claimed_at <= self.shown_at + self.shown_for + AFTER_CODE


@dataclass(frozen=True, slots=True)
class Ruling:
    """What becomes of a claim: its state, why, and the stamp that it makes or would make."""

    state: DeferredState
    stamp: Stamp
    problems: tuple[DeferredProblem, ...] = ()
    signals: tuple[Signal, ...] = ()
    late_minutes: int = 0
    early_minutes: int = 0
    whereabouts: Whereabouts = NOWHERE

    @property
    def problem(self) -> DeferredProblem | None:
        """The gravest reason against it."""
        return self.problems[0] if self.problems else None


def judge(
    gate: Gate, claim: Claim, policy: Policy, *, whereabouts: Whereabouts = NOWHERE
) -> Ruling:
    """Judge one claim by itself; a late one waits for a person, a hopeless one is refused, none is dropped."""
    problems = _problems(gate, claim, policy)
    final = [problem for problem in problems if problem in FINAL]
    state = (
        DeferredState.REFUSED
        if final
        else DeferredState.WAITING
        if problems
        else DeferredState.RECORDED
    )
    is_fresh = claim.delay <= timedelta(minutes=policy.offline_fresh_minutes)
    best = Grade.A if is_fresh and claim.is_clock_known else WORST_BY_CLAIM
    way = Way.ROLL_CALL if UNWITNESSED & set(problems) else claim.way
    is_in = claim.kind is StampKind.IN
    return Ruling(
        state=state,
        stamp=Stamp(claim.kind, claim.claimed_at, way, whereabouts.verdict, best),
        problems=tuple([*final, *(p for p in problems if p not in FINAL)]),
        signals=_signals(claim, is_fresh=is_fresh),
        late_minutes=late_by(gate, claim.claimed_at) if is_in else 0,
        early_minutes=0
        if is_in
        else max(0, minutes_between(claim.claimed_at, gate.window.ends_at)),
        whereabouts=whereabouts,
    )


def _problems(gate: Gate, claim: Claim, policy: Policy) -> list[DeferredProblem]:
    found = []
    if claim.delay > timedelta(hours=policy.offline_review_hours):
        found.append(DeferredProblem.LATE)
    if claim.delay < -AHEAD:
        found.append(DeferredProblem.CLOCK_AHEAD)
    if not claim.has_code:
        found.append(DeferredProblem.NO_CODE)
    if not claim.fits_code:
        found.append(DeferredProblem.CODE_TIME)
    if gate.shift_state is ShiftState.SETTLED:
        found.append(DeferredProblem.SHIFT_SETTLED)
    against = lone_blockers(gate, claim.kind, claim.claimed_at)
    found += [DeferredProblem[no.code.upper()] for no in against if no.code != "shift_settled"]
    return found


def _signals(claim: Claim, *, is_fresh: bool) -> tuple[Signal, ...]:
    signals = [Signal.OFFLINE]
    if not is_fresh:
        signals.append(Signal.LATE_UPLOAD)
    if not claim.is_clock_known:
        signals.append(Signal.CLOCK_UNMEASURED)
    return tuple(signals)


def conflict_of(stamps: Iterable[Stamp], *, is_marked: bool) -> DeferredConflict | None:
    """Return what does not fit together among the stamps and the mark of one seat, the gravest first.

    ``is_marked`` tells that the newest mark of the seat is "absent" or "excused". The machine's own
    check-outs are left aside: a real one replaces them.
    """
    in_order = sorted(stamps, key=lambda s: (s.at, s.kind, s.way, s.grade))
    real = [stamp for stamp in in_order if stamp.way is not Way.AUTO_CLOSE]
    is_in = came = False
    found: set[DeferredConflict] = set()
    if is_marked and real:
        found.add(DeferredConflict.MARK)
    for stamp in real:
        comes = stamp.kind is StampKind.IN
        if not comes and not came:
            found.add(DeferredConflict.ORDER)
        elif comes is is_in:
            found.add(DeferredConflict.DUPLICATE)
        came, is_in = came or comes, comes
    return next((conflict for conflict in DeferredConflict if conflict in found), None)
