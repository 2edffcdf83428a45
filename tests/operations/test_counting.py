"""When a stay began and ended, out of the stamps of a seat."""

from datetime import timedelta

from tests.builders import NOW
from volunteer.domain.attendance import Interval, Stamp
from volunteer.domain.terms import StampKind, Way
from volunteer.operations.ledger.counting import first_in, last_out


def _stay(begin: int, end: int | None) -> Interval:
    came = Stamp(StampKind.IN, NOW + timedelta(minutes=begin), Way.ROLL_CALL)
    if end is None:
        return Interval(came, None)
    return Interval(came, Stamp(StampKind.OUT, NOW + timedelta(minutes=end), Way.AUTO_CLOSE))


def test_somebody_left_when_the_last_stay_that_ended_did() -> None:
    """A stamp after the planned end opens a stay that nothing can close; what counted before has its end."""
    stays = [_stay(0, 30), _stay(47, None)]
    assert first_in(stays) == NOW
    assert last_out(stays) == NOW + timedelta(minutes=30)


def test_who_never_left_has_no_end() -> None:
    assert last_out([_stay(0, None)]) is None
    assert last_out([]) is None
