"""What an item of a phone's queue is about (离线记录的归属): which seat, which way, and when its code was on show."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from volunteer.domain.access import Act, Actor, holds, may
from volunteer.domain.deferred_item import Item
from volunteer.domain.digits import STEP_SECONDS, is_shift_digits
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import DeferredAct, DeferredProblem, DeferredSource, StampKind, Way
from volunteer.domain.token import shown_at, shown_for
from volunteer.queries.attendance import Seat, seat_at
from volunteer.queries.deferred import owner_of_shift
from volunteer.queries.landing import (
    landing_of,
    person_of_code,
    person_of_digits,
    rotating_way,
    sealed_code,
    way_of_person_code,
)
from volunteer.queries.onsite import secrets_on

STEP = timedelta(seconds=STEP_SECONDS)


@dataclass(frozen=True, slots=True)
class Target:
    """The seat that an item means, in which way, and what its code says of the time."""

    seat: Seat
    kind: StampKind
    way: Way
    has_code: bool = True
    shown_at: datetime | None = None
    shown_for: timedelta = timedelta(0)
    fits_code: bool | None = None


class Hopeless(Exception):
    """Raised when an item means no seat, or none that this account may speak of."""

    def __init__(self, problem: DeferredProblem) -> None:
        self.problem = problem
        super().__init__(problem.value)


def target_of(actor: Actor, item: Item) -> Target:
    """Find what an item is about.

    Raises
    ------
    Hopeless
        With the problem: a code that is none, a duty that is not theirs, an act that makes no sense.
    """
    try:
        if item.source is DeferredSource.OWN:
            return _own(actor, item)
        return _on_site(actor, item)
    except Refused as refused:
        raise Hopeless(_PROBLEMS.get(refused.code, DeferredProblem.NO_DUTY)) from None


_PROBLEMS = {
    "bad_code": DeferredProblem.BAD_CODE,
    "wrong_digits": DeferredProblem.BAD_CODE,
    "old_card": DeferredProblem.BAD_CODE,
    "not_a_site_code": DeferredProblem.WRONG_CODE,
    "not_a_person": DeferredProblem.WRONG_CODE,
}


def _own(actor: Actor, item: Item) -> Target:
    """By the code on site; else the own word for a duty of one's own, with the figures as a hint for the leader.

    Typed figures prove nothing here: whoever may choose the instant can try them all.
    """
    if not holds(actor, Act.OWN_STAMPS) or actor.volunteer_id is None:
        raise Hopeless(DeferredProblem.NO_DUTY)
    if item.act is DeferredAct.ABSENT:
        raise Hopeless(DeferredProblem.MALFORMED)
    if item.code:
        return _by_code(actor.volunteer_id, item)
    if item.shift_id is None:
        raise Hopeless(DeferredProblem.NO_DUTY)
    seat = seat_at(item.shift_id, actor.volunteer_id, at=item.claimed_at)
    if seat.assignment is None:
        raise Hopeless(DeferredProblem.NO_DUTY)
    fits = _fits_digits(seat, item) if item.digits else None
    return Target(seat, _act_kind(item), rotating_way(seat), has_code=False, fits_code=fits)


def _by_code(volunteer_id: int, item: Item) -> Target:
    code = sealed_code(item.code)
    seen = shown_at(code)
    try:
        landing = landing_of(volunteer_id, item.code, at=item.claimed_at, seen_at=seen)
    except Refused as refused:
        if refused.code != "no_duty_here" or item.shift_id is None:
            raise
        seat = seat_at(item.shift_id, volunteer_id, at=item.claimed_at)
        if seat.point.id != code.subject or seat.assignment is None:
            raise Hopeless(DeferredProblem.NO_DUTY) from None
        return Target(seat, _act_kind(item), Way.POSTER_CODE)
    kind = code.stamp or _act_kind(item)  # a code for going does not serve for coming
    return Target(landing.seat, kind, landing.way, shown_at=seen, shown_for=shown_for(code))


def _fits_digits(seat: Seat, item: Item) -> bool:
    kind = _act_kind(item)
    return any(
        is_shift_digits(seat.point.secret, seat.shift.id, kind, item.digits, item.claimed_at + step)
        for step in (timedelta(0), STEP)
    )


def _on_site(actor: Actor, item: Item) -> Target:
    """The leader's roll, or a person's code that the leader scanned.

    The shift comes first: whoever does not run it learns nothing of its people.
    """
    is_roll = item.source is DeferredSource.ROLL
    if item.shift_id is None or (is_roll and item.person_id is None):
        raise Hopeless(DeferredProblem.MALFORMED)
    if not is_roll and item.act is DeferredAct.ABSENT:
        raise Hopeless(DeferredProblem.MALFORMED)
    if not runs_or_led(actor, item.shift_id):
        raise Hopeless(DeferredProblem.NO_DUTY)
    if not is_roll:
        return _scanned(actor, item, item.shift_id)
    seat = seat_at(item.shift_id, item.person_id or 0, at=item.claimed_at)
    is_own = actor.volunteer_id == seat.volunteer.id
    leads = seat.shift.leader_id == actor.volunteer_id
    if is_own and (not leads or item.act is DeferredAct.ABSENT):
        raise Hopeless(DeferredProblem.OWN_CASE)
    return Target(seat, _act_kind(item), Way.LEADER_SELF if is_own else Way.ROLL_CALL)


def _scanned(actor: Actor, item: Item, shift_id: int) -> Target:
    if item.code:
        code = sealed_code(item.code)
        seen, lasts = shown_at(code), shown_for(code)
        person = person_of_code(item.code, at=item.claimed_at, seen_at=seen)
        way = way_of_person_code(actor, item.code)
    else:
        seen, lasts, way = None, timedelta(0), Way.PERSONAL_CODE
        person = _by_figures(item, shift_id)
    if person == actor.volunteer_id:
        raise Hopeless(DeferredProblem.OWN_CASE)
    seat = seat_at(shift_id, person, at=item.claimed_at)
    return Target(seat, _act_kind(item), way, shown_at=seen, shown_for=lasts)


def _by_figures(item: Item, shift_id: int) -> int:
    secrets = secrets_on(shift_id)
    try:
        return person_of_digits(secrets, item.digits, at=item.claimed_at)
    except Refused:
        return person_of_digits(secrets, item.digits, at=item.claimed_at + STEP)


def _act_kind(item: Item) -> StampKind:
    return StampKind.OUT if item.act is DeferredAct.OUT else StampKind.IN


def runs_or_led(actor: Actor, shift_id: int) -> bool:
    """Whether the actor runs this shift, or led it, however long ago that was."""
    owner = owner_of_shift(shift_id)
    if owner is None:
        return False
    led = owner.leader_id is not None and owner.leader_id == actor.volunteer_id
    return led or may(actor, Act.RUN_ONSITE, unit_id=owner.unit_id, shift_id=shift_id)
